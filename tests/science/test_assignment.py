import numpy as np
import pytest

from guildhall.science import assignment
from guildhall.science.assignment import assign, deal_groups, linked, unlinked_views
from guildhall.science.errors import Infeasible
from guildhall.science.permitted import Permitted

IntArray = assignment.IntArray
SEED = 0x9E3779B97F4A7C15F39CC0605CEDC834  # 128 bits


def groups_of(units: int, groups: int = 3) -> IntArray:
    return deal_groups(np.random.default_rng(units).integers(0, 10_000, units), 7, groups)


def classes_of(units: int) -> list[IntArray]:
    """Nine districts, and companies of two to five units for some."""
    chance = np.random.default_rng(units)
    company = np.where(chance.random(units) < 0.3, chance.integers(0, max(1, units // 10), units), -1)
    return [chance.integers(0, 9, units), company]


def check_rules(pairs: IntArray, group: IntArray, m: int, classes: list[IntArray], conflicts: IntArray) -> None:
    """Each rule of the assignment, one by one."""
    units = group.size
    assessor, unit = pairs.T
    assert np.bincount(assessor, minlength=units).tolist() == [m] * units
    assert np.bincount(unit, minlength=units).tolist() == [m] * units
    assert not np.any(group[assessor] == group[unit])
    for label in classes:
        assert not np.any((label[assessor] == label[unit]) & (label[assessor] >= 0))
    key, reverse = assessor * units + unit, unit * units + assessor
    assert np.unique(key).size == key.size
    assert not np.isin(reverse, key).any()
    barred = np.concatenate((conflicts[:, 0] * units + conflicts[:, 1], conflicts[:, 1] * units + conflicts[:, 0]))
    assert not np.isin(key, barred).any()
    assert np.all(np.diff(key) > 0)


def loads(pairs: IntArray, group: IntArray) -> IntArray:
    """How many reviews each unit gives to each group but its own."""
    count = int(group.max()) + 1
    table = np.bincount(pairs[:, 0] * count + group[pairs[:, 1]], minlength=group.size * count).reshape(-1, count)
    return table[np.arange(count) != group[:, None]]


@pytest.mark.parametrize(
    ("units", "groups", "m"), [(225, 3, 8), (225, 3, 5), (226, 3, 8), (227, 4, 6), (60, 2, 6), (20_000, 3, 8)]
)
def test_every_rule_holds(units: int, groups: int, m: int) -> None:
    group, classes = groups_of(units, groups), classes_of(units)
    conflicts = np.random.default_rng(1).integers(0, units, (3 * units, 2))
    pairs = assign(group, m, SEED, classes=classes, conflicts=conflicts)

    check_rules(pairs, group, m, classes, conflicts[conflicts[:, 0] != conflicts[:, 1]])
    assert unlinked_views(group, pairs[:, 0], pairs[:, 1]) == []
    slack = int(units % groups > 0)
    assert loads(pairs, group).min() >= m // (groups - 1) - slack
    assert loads(pairs, group).max() <= -(-m // (groups - 1)) + slack


def test_the_same_seed_gives_the_same_assignment_and_another_seed_another() -> None:
    group, classes = groups_of(225), classes_of(225)
    first = assign(group, 8, SEED, classes=classes)

    assert np.array_equal(first, assign(group, 8, SEED, classes=classes))
    assert np.isin(first @ [225, 1], assign(group, 8, SEED + 1, classes=classes) @ [225, 1]).mean() < 0.15


def test_a_pair_pinned_as_allowed_wins_over_its_conflict_but_not_over_the_group() -> None:
    group = np.array([0, 1, 2, 0])
    permitted = Permitted.of(
        group, [np.zeros(4, dtype=np.int64)], np.array([[1, 2]]), np.array([[1, 0], [0, 3], [2, 2]])
    )

    assert permitted.pairs(np.array([0, 1, 1, 0, 2]), np.array([1, 0, 2, 3, 2])).tolist() == [
        True,
        True,
        False,
        False,
        False,
    ]
    assert permitted.partners().tolist() == [1, 1, 0, 0]


def test_partners_are_counted_as_the_relation_says() -> None:
    chance = np.random.default_rng(5)
    group, classes = groups_of(40), [chance.integers(-1, 4, 40), chance.integers(-1, 6, 40)]
    permitted = Permitted.of(group, classes, chance.integers(0, 40, (60, 2)), chance.integers(0, 40, (60, 2)))
    one, other = np.divmod(np.arange(1600), 40)

    assert permitted.partners().tolist() == permitted.pairs(one, other).reshape(40, 40).sum(axis=1).tolist()


def failed(group: IntArray, m: int, classes: list[IntArray]) -> list[dict[str, object]]:
    with pytest.raises(Infeasible) as refused:
        assign(group, m, SEED, classes=classes)
    assert refused.value.code == "assignment.impossible"
    conditions = refused.value.facts["conditions"]
    assert isinstance(conditions, list)
    return conditions


def test_a_unit_with_too_few_partners_is_named() -> None:
    group = np.arange(24) % 3
    district = np.where((group > 0) & (np.arange(24) < 12), 5, -1)
    district[0] = 5

    named = [one for one in failed(group, 6, [district]) if one["condition"] == "partners"]
    assert named == [{"condition": "partners", "units": [0, 1, 2, 4, 5, 7, 8, 10, 11], "needed": 12, "least": 8}]


def test_a_class_of_more_than_half_is_named() -> None:
    district = np.where(np.arange(24) < 13, 4, -1)

    assert {"condition": "class-half", "kind": "class 1", "label": 4, "size": 13, "units": 24} in failed(
        np.arange(24) % 3, 3, [district]
    )


def test_a_class_with_too_few_units_outside_is_named() -> None:
    names = {(one["condition"], one.get("kind")) for one in failed(np.arange(12) % 3, 5, [])}

    assert names == {("partners", None), ("class-rest", "group")}


@pytest.mark.parametrize(("units", "m"), [(31, 3), (20, 6)])
def test_two_groups_must_be_equal_and_m_at_most_a_quarter(units: int, m: int) -> None:
    named = [one for one in failed(np.arange(units) % 2, m, []) if one["condition"] == "two-groups"]

    assert named == [
        {"condition": "two-groups", "sizes": [-(-units // 2), units // 2], "reviews": m, "most": units // 4}
    ]


def test_every_allowed_pair_can_be_used_up() -> None:
    """12 units in three groups: 8 partners each, of whom 4 are reviewed and 4 review."""
    group = np.arange(12) % 3

    check_rules(assign(group, 4, SEED), group, 4, [], np.empty((0, 2), dtype=np.int64))


def test_an_exact_search_refuses_what_no_condition_names() -> None:
    """Every unit has 2m = 2 partners or more, but units 0 and 1 both need units 2 and 3, who are also all that 4 has."""
    group = np.array([0, 0, 1, 1, 0, 2, 2, 2, 1])
    one, other = np.triu_indices(9, k=1)
    kept = {
        (0, 2),
        (0, 3),
        (1, 2),
        (1, 3),
        (2, 4),
        (3, 4),
        (5, 8),
        (6, 8),
        (7, 8),
        (4, 5),
        (4, 6),
        (4, 7),
        (2, 5),
        (3, 6),
        (2, 7),
    }
    barred = np.array([pair for pair in zip(one.tolist(), other.tolist(), strict=True) if pair not in kept])

    with pytest.raises(Infeasible) as refused:
        assign(group, 1, SEED, conflicts=barred)

    assert refused.value.code == "assignment.none-exists"


def test_classes_that_split_the_round_in_two_leave_its_views_unlinked() -> None:
    """Two classes of half the units each: assessors of one only ever see the other."""
    group = groups_of(60)

    with pytest.raises(Infeasible) as refused:
        assign(group, 4, SEED, classes=[np.arange(60) % 2])

    assert (refused.value.code, refused.value.facts) == ("assignment.unlinked", {"groups": [0, 1, 2]})


def test_linked_means_reached_through_shared_assessors() -> None:
    assessor, unit = np.array([7, 7, 8, 8]), np.array([0, 1, 1, 2])

    assert linked(assessor, unit, np.array([0, 2]))
    assert not linked(assessor, unit, np.array([0, 3]))
    assert linked(assessor, unit, np.array([3]))


def test_groups_are_cross_sections_of_the_prior() -> None:
    prior = np.random.default_rng(2).integers(0, 50, 226)
    group = deal_groups(prior, 11, 3)

    assert sorted(np.bincount(group).tolist()) == [75, 75, 76]
    order = np.argsort(-prior, kind="stable")
    for block in range(0, 225, 3):
        assert sorted(group[order[block : block + 3]].tolist()) == [0, 1, 2]
    assert np.array_equal(group, deal_groups(prior, 11, 3))
    assert not np.array_equal(group, deal_groups(prior, 12, 3))


def test_fewer_units_than_groups_are_refused() -> None:
    with pytest.raises(Infeasible) as refused:
        deal_groups([1, 2], 0, 3)

    assert refused.value.code == "groups.too-few"


def test_a_seed_of_more_than_128_bits_is_refused() -> None:
    with pytest.raises(ValueError, match="128 bits"):
        deal_groups([1, 2, 3], 1 << 128)
