import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guildhall.science.errors import Infeasible
from guildhall.science.seats import group_quotas, moved_seats, transfer_caps


def test_225_units_in_three_groups() -> None:
    quotas = group_quotas([10, 30, 100], [75, 75, 75], [1, 2, 3])

    assert quotas.T.tolist() == [[4, 10, 33], [3, 10, 34], [3, 10, 33]]
    assert transfer_caps(quotas, [75, 75, 75]) == [1, 4, 12]


def test_extra_seats_go_by_the_groups_lots_and_go_on_where_they_stopped() -> None:
    assert group_quotas([1, 1, 1, 2], [4, 4, 4], [3, 1, 2]).tolist() == [[0, 1, 0], [0, 0, 1], [1, 0, 0], [0, 1, 1]]


def test_a_larger_remainder_comes_before_any_lot() -> None:
    assert group_quotas([10], [76, 75, 75], [3, 1, 2]).tolist() == [[4, 3, 3]]


def test_a_group_never_gets_more_seats_than_it_has_units() -> None:
    """Group 0 has the largest remainder at every level, yet only two units."""
    assert group_quotas([1, 1, 1, 1], [2, 1, 1], [1, 2, 3]).sum(axis=0).tolist() == [2, 1, 1]


def test_more_seats_than_units_are_refused() -> None:
    with pytest.raises(Infeasible) as refused:
        group_quotas([3, 3], [3, 2], [1, 2])

    assert (refused.value.code, refused.value.facts) == ("seats.over-units", {"seats": 6, "units": 5})


@st.composite
def rounds(draw: st.DrawFn) -> tuple[list[int], list[int]]:
    sizes = draw(st.lists(st.integers(1, 40), min_size=3, max_size=6))
    left, seats = sum(sizes), []
    for _ in range(draw(st.integers(1, 4))):
        seats.append(draw(st.integers(0, left)))
        left -= seats[-1]
    return seats, sizes


@given(rounds(), st.randoms(use_true_random=False))
def test_whatever_third_parties_say_levels_keep_their_number_and_stay_nested(
    it: tuple[list[int], list[int]], chance: object
) -> None:
    seats, sizes = it
    groups = len(sizes)
    quotas = group_quotas(seats, sizes, range(1, groups + 1))
    base, caps = np.cumsum(quotas, axis=0), transfer_caps(quotas, sizes)
    after = base.copy()
    for first in range(groups):
        for second in range(first + 1, groups):
            order = [first] * sizes[first] + [second] * sizes[second]
            chance.shuffle(order) if chance.random() < 0.5 else chance.random() < 0.5 and order.reverse()  # type: ignore[attr-defined]
            moved = moved_seats(base, caps, (first, second), np.array(order))
            after[:, first] += moved
            after[:, second] -= moved

    assert quotas.sum(axis=1).tolist() == seats
    assert after.sum(axis=1).tolist() == np.cumsum(seats).tolist()
    assert np.all(np.diff(np.vstack((np.zeros(groups, dtype=int), after, sizes)), axis=0) >= 0)


def test_two_thirds_of_the_deviation_move_up_to_the_cap() -> None:
    base = np.array([[3, 3]])
    order = np.array([0, 0, 0, 0, 0, 1, 1, 1])  # Five of group 0 among the best six: two more than its three.

    assert moved_seats(base, [5], (0, 1), order).tolist() == [1]
    assert moved_seats(base, [5], (0, 1), 1 - order).tolist() == [-1]
    assert moved_seats(base, [0], (0, 1), order).tolist() == [0]
