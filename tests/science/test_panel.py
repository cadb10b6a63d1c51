import numpy as np
import pytest

from guildhall.science.assignment import deal_groups, linked
from guildhall.science.errors import Infeasible
from guildhall.science.panel import assign_panel


def test_each_unit_has_k_experts_and_loads_are_alike_in_all_and_in_each_group() -> None:
    group = deal_groups(range(226), 3, 3)
    pairs = assign_panel(group, experts=15, k=3, seed=5)

    assert np.bincount(pairs[:, 1]).tolist() == [3] * 226
    assert np.unique(pairs, axis=0).shape == (678, 2)
    assert np.ptp(np.bincount(pairs[:, 0])) <= 1
    for own in range(3):
        assert np.ptp(np.bincount(pairs[group[pairs[:, 1]] == own, 0], minlength=15)) <= 1
    assert linked(pairs[:, 0], pairs[:, 1], np.arange(226))


def test_the_same_seed_gives_the_same_panel() -> None:
    group = np.arange(30) % 3

    assert np.array_equal(assign_panel(group, 6, 2, 1), assign_panel(group, 6, 2, 1))
    assert not np.array_equal(assign_panel(group, 6, 2, 1), assign_panel(group, 6, 2, 2))


def test_all_experts_may_mark_all_units() -> None:
    assert len(assign_panel(np.arange(9) % 3, experts=5, k=5, seed=0)) == 45


def test_forbidden_pairs_are_never_dealt() -> None:
    forbidden = np.array([[expert, unit] for unit in range(30) for expert in range(unit % 3, 15, 2)])
    pairs = assign_panel(np.arange(30) % 3, 15, 3, 4, forbidden)

    assert not np.isin(pairs @ [100, 1], forbidden @ [100, 1]).any()


def test_units_with_too_few_experts_left_are_named() -> None:
    with pytest.raises(Infeasible) as refused:
        assign_panel(np.arange(9) % 3, 3, 3, 0, np.array([[1, 4]]))

    assert (refused.value.code, refused.value.facts["units"]) == ("panel.too-few-experts", [4])


def test_one_mark_each_never_links_two_experts() -> None:
    with pytest.raises(Infeasible) as refused:
        assign_panel(np.arange(9) % 3, experts=2, k=1, seed=0)

    assert refused.value.code == "panel.unlinked"
