"""Exact Dollar Partition, impartial *in probability*: an alternative to fixed seats, offered under that label only.

Which group is rounded up depends on all shares, so with the draw known, a unit's reports can change its own group's
seats; over the draw its chance stays the same. The seed must therefore be committed before reports open (Aziz, Lev,
Mattei, Rosenschein, Walsh 2019, "Strategyproof peer selection using randomization, partitioning, and apportionment").
"""

from fractions import Fraction
from typing import Final

import numpy as np
from numpy.typing import NDArray

from guildhall.science.calibration import Reviews
from guildhall.science.draws import Draws

IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

LABEL: Final = "impartial in probability"


def exact_dollar_partition(group: IntArray, reviews: Reviews, seats: int, seed: int, lot: IntArray) -> BoolArray:
    """Which of n units are chosen (n). `reviews`: assessor and unit both index units; `lot` (n) breaks ties.

    Each unit divides one dollar among the units of other groups in proportion to its scores (a unit without a score
    above 0 divides it alike). A group's quota is its share of all dollars times `seats`, rounded up or down by one
    draw whose mean is the quota; each group then seats its best units by dollars received. Exactly `seats` are chosen,
    unless a quota passes its group's size, and the rest stay idle. Raises `ValueError` for reviews within a group, or
    seats outside 0..n.
    """
    units = group.size
    if not 0 <= seats <= units or np.any(group[reviews.assessor] == group[reviews.unit]):
        raise ValueError("needs 0 ≤ seats ≤ units, and no review within a group")
    dollars = _dollars(group, reviews)
    groups = int(group.max()) + 1
    quotas = [
        seats * sum((dollars[unit] for unit in np.flatnonzero(group == own)), Fraction(0)) / units
        for own in range(groups)
    ]
    chosen = np.zeros(units, dtype=np.bool_)
    for own, count in enumerate(round_by_lot(quotas, seed)):
        members = np.flatnonzero(group == own).tolist()
        members.sort(key=lambda unit: (-dollars[unit], lot[unit]))
        chosen[members[:count]] = True
    return chosen


def round_by_lot(quotas: list[Fraction], seed: int) -> list[int]:
    """Each quota rounded up or down so that the total is kept and each mean is the quota: systematic sampling of the
    quotas laid end to end in random order (Madow 1949). `quotas` must sum to an integer."""
    draws = Draws(seed)
    start = Fraction(int(draws.words(1)[0]), 1 << 64)
    counts, reached = [0] * len(quotas), Fraction(0)
    for own in draws.order(len(quotas)).tolist():
        before = _ticks(reached, start)
        reached += quotas[own]
        counts[own] = _ticks(reached, start) - before
    return counts


def _ticks(reached: Fraction, start: Fraction) -> int:
    """How many of the points start, start + 1, … lie below `reached`."""
    return -((start - reached) // 1)


def _dollars(group: IntArray, reviews: Reviews) -> list[Fraction]:
    units = group.size
    sizes = np.bincount(group).tolist()
    given = np.zeros(units, dtype=np.int64)
    np.add.at(given, reviews.assessor, reviews.score)
    silent = np.bincount(group[given == 0], minlength=len(sizes)).tolist()
    alike = [Fraction(count, units - size) for count, size in zip(silent, sizes, strict=True)]
    every = sum(alike, Fraction(0))
    dollars = [every - alike[own] for own in group.tolist()]
    for assessor, unit, score in zip(
        reviews.assessor.tolist(), reviews.unit.tolist(), reviews.score.tolist(), strict=True
    ):
        if given[assessor]:
            dollars[unit] += Fraction(score, int(given[assessor]))
    return dollars
