"""Seats of each level for each group, and third-party seats (science of mutual assessment, "Fixed before anything is
scored" and "Third-party seats"). Levels are counted best first; all numbers are units."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from guildhall.science.errors import Infeasible

IntArray = NDArray[np.int64]


def group_quotas(seats: Sequence[int], sizes: Sequence[int], lots: Sequence[int]) -> IntArray:
    """(levels, groups) seats of each level for each group, before transfers: seats · size / n by largest remainder.

    `seats`: of each level, best first. `sizes`: units of each group. `lots`: the groups' lots, all different. Ties go
    in the order of lots, each level starting after the group where the last extra seats stopped. A group whose units
    are all seated is passed over. Raises `Infeasible` ("seats.over-units") for more seats than units.
    """
    units = sum(sizes)
    if sum(seats) > units or min(seats, default=0) < 0:
        raise Infeasible("seats.over-units", f"{sum(seats)} seats for {units} units", seats=sum(seats), units=units)
    circle = [int(group) for group in np.argsort(np.asarray(lots), kind="stable")]
    room = list(sizes)
    quotas = []
    for level in seats:
        quota = [min(level * size // units, left) for size, left in zip(sizes, room, strict=True)]
        remainders = [level * size % units for size in sizes]
        extra = level - sum(quota)
        while extra:
            turn = sorted(
                circle, key=lambda group: -remainders[group]
            )  # A stable sort: ties stay in the circle's order.
            given = [group for group in turn if quota[group] < room[group]][:extra]
            for group in given:
                quota[group] += 1
            extra -= len(given)
            circle = _after(circle, given[-1])
        room = [left - taken for left, taken in zip(room, quota, strict=True)]
        quotas.append(quota)
    return np.array(quotas, dtype=np.int64).reshape(len(quotas), len(room))


def transfer_caps(quotas: IntArray, sizes: Sequence[int]) -> list[int]:
    """The most seats that may move between two groups at each cumulative level, fixed beforehand.

    `quotas`: (levels, groups) from `group_quotas`. inc_t is the smallest group's increment of level t, the last one
    being units without a level; cap_t = max(0, min(⌊inc_t / (C − 1)⌋ − cap_{t−1}, ⌊inc_{t+1} / (C − 1)⌋)), so that
    levels stay nested and no group gets more seats than units, whatever is moved.
    """
    levels, groups = quotas.shape
    left = np.asarray(sizes, dtype=np.int64) - quotas.sum(axis=0)
    smallest = [int(step.min()) // (groups - 1) for step in (*quotas, left)]
    caps: list[int] = []
    for level in range(levels):
        before = caps[-1] if caps else 0
        caps.append(max(0, min(smallest[level] - before, smallest[level + 1])))
    return caps


def moved_seats(
    cumulative: IntArray, caps: Sequence[int], pair: tuple[int, int], group_of_ranked: IntArray
) -> IntArray:
    """(levels) seats that move from the pair's second group to its first; negative the other way.

    `cumulative`: (levels, groups) base seats up to each level. `group_of_ranked`: the groups of the pair's units,
    best first, ranked together in the view without both groups' reports. dev = (first group's units among the best
    K_tc + K_td) − K_tc; sign(dev) · min(cap_t, ⌊2|dev| / 3⌋) seats move.
    """
    first, second = pair
    moved = []
    for level, cap in enumerate(caps):
        best = int(cumulative[level, first] + cumulative[level, second])
        deviation = int(np.count_nonzero(group_of_ranked[:best] == first)) - int(cumulative[level, first])
        size = min(cap, 2 * abs(deviation) // 3)
        moved.append(size if deviation > 0 else -size)
    return np.array(moved, dtype=np.int64)


def _after(circle: list[int], last: int) -> list[int]:
    start = circle.index(last) + 1
    return circle[start:] + circle[:start]
