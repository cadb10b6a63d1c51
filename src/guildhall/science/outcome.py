"""The outcome of a round: each group ranked in the view without its own reports, seats moved by third parties
(science of mutual assessment, "The rule" and "What is guaranteed, and why").

Impartial: whatever a unit reports, its row and every row of its group stay the same to the last bit, because its
reports are never read on the way there. Never over: seats moved are t_cd = −t_dc, so each level keeps its number.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Final

import numpy as np
from numpy.typing import NDArray

from guildhall.science.calibration import DENSE_LIMIT, Calibration, Model, Reviews, calibrate, standard_errors
from guildhall.science.errors import Infeasible
from guildhall.science.seats import group_quotas, moved_seats, transfer_caps

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

NO_LEVEL: Final = -1


@dataclass(frozen=True)
class Units:
    """The n units that are ranked. `untouched` is a·e in pico-points, the weighted sum of all that no review by a
    unit touches; `ranked` is False for a unit that withdrew: its row is gone, seats stay."""

    group: IntArray
    lot: IntArray
    untouched: IntArray
    ranked: BoolArray


@dataclass(frozen=True)
class Rules:
    """What is fixed before scoring. `peers`: weight of the merit, in millionths. `ladders`: seats of each level, best
    first, one ladder of award tiers and one of grades, say. `group_lots`: one a group."""

    peers: int
    ladders: tuple[tuple[int, ...], ...]
    group_lots: tuple[int, ...]
    model: Model = field(default_factory=Model)
    transfers: bool = True


@dataclass(frozen=True)
class Ladder:
    """Seats of one ladder, (levels, groups) each: `base` and `seats` are cumulative, before and after transfers.
    `moved[pair]` are the (levels) seats from the second group of a pair to the first; `level` (n) is each unit's,
    0 the best, `NO_LEVEL` for none."""

    base: IntArray
    caps: tuple[int, ...]
    moved: dict[tuple[int, int], IntArray]
    seats: IntArray
    level: IntArray


@dataclass(frozen=True)
class Outcome:
    """By unit (n): `merit` in micro-points and `final` in pico-points, in the view of the unit's own group; `rank`
    within the group from 1, 0 for a unit that is not ranked; `error` in points, and `interval` (n, 2) of ranks, where
    standard errors were computed. `views` holds one calibration a group."""

    merit: IntArray
    final: IntArray
    rank: IntArray
    error: FloatArray | None
    interval: IntArray | None
    ladders: tuple[Ladder, ...]
    views: tuple[Calibration, ...]


def view_without(reviews: Reviews, group_of_assessor: IntArray, left_out: Sequence[int]) -> Reviews:
    """The reviews by assessors of all groups but `left_out`, filtered before any arithmetic."""
    return reviews.where(~np.isin(group_of_assessor[reviews.assessor], np.asarray(left_out)))


def decide(units: Units, reviews: Reviews, group_of_assessor: IntArray, rules: Rules) -> Outcome:
    """The whole outcome. `reviews` sorted, `group_of_assessor` indexed by its `assessor`.

    Raises `Infeasible` for more seats than units, or for transfers among fewer than three groups. Ranks and levels
    compare integers alone: final score, then `untouched`, then the smaller lot.
    """
    groups = len(rules.group_lots)
    if rules.transfers and groups < 3:
        raise Infeasible("transfers.need-three-groups", "third-party seats need three groups", groups=groups)
    compared = reviews.compared()
    views = tuple(_calibrated(compared, group_of_assessor, (own,), units, rules) for own in range(groups))
    merit = np.stack([view.merit for view in views])[units.group, np.arange(units.group.size)]
    final = final_scores(units, merit, rules)
    rank = np.zeros(units.group.size, dtype=np.int64)
    for own in range(groups):
        members = np.flatnonzero((units.group == own) & units.ranked)
        rank[best_first(units, final, members)] = np.arange(1, members.size + 1)
    orders = _third_party_orders(compared, group_of_assessor, units, rules) if rules.transfers else {}
    error = _errors(units, views)
    return Outcome(
        merit=merit,
        final=final,
        rank=rank,
        error=error,
        interval=None if error is None else _intervals(units, final, error, rules),
        ladders=tuple(_ladder(seats, units, rank, orders, rules) for seats in rules.ladders),
        views=views,
    )


def final_scores(units: Units, merit: IntArray, rules: Rules) -> IntArray:
    """F = (1 − a)·M + a·e in pico-points, exact (n)."""
    return rules.peers * merit + units.untouched


def best_first(units: Units, final: IntArray, members: IntArray) -> IntArray:
    """`members` (unit indices) by final score; ties: higher e, then the smaller lot."""
    return members[np.lexsort((units.lot[members], -units.untouched[members], -final[members]))]


def rank_with(units: Units, final: IntArray, unit: int, score: int) -> int:
    """The rank in its group that `unit` would have with `score` pico-points, all others at `final` as they are."""
    others = np.flatnonzero((units.group == units.group[unit]) & units.ranked)
    others = others[others != unit]
    own, lot = units.untouched[unit], units.lot[unit]
    level = final[others] == score
    ahead = final[others] > score
    ahead |= level & (units.untouched[others] > own)
    ahead |= level & (units.untouched[others] == own) & (units.lot[others] < lot)
    return int(np.count_nonzero(ahead)) + 1


def _calibrated(
    compared: Reviews, group_of_assessor: IntArray, left_out: Sequence[int], units: Units, rules: Rules
) -> Calibration:
    return calibrate(view_without(compared, group_of_assessor, left_out), units.group.size, rules.model)


def _third_party_orders(
    compared: Reviews, group_of_assessor: IntArray, units: Units, rules: Rules
) -> dict[tuple[int, int], IntArray]:
    """For each pair of groups, the groups of their units, best first, in the view without both groups' reports."""
    orders = {}
    for pair in combinations(range(len(rules.group_lots)), 2):
        merit = _calibrated(compared, group_of_assessor, pair, units, rules).merit
        members = np.flatnonzero(np.isin(units.group, pair) & units.ranked)
        orders[pair] = units.group[best_first(units, final_scores(units, merit, rules), members)]
    return orders


def _ladder(
    seats: tuple[int, ...], units: Units, rank: IntArray, orders: dict[tuple[int, int], IntArray], rules: Rules
) -> Ladder:
    sizes = np.bincount(units.group, minlength=len(rules.group_lots)).tolist()
    quotas = group_quotas(seats, sizes, rules.group_lots)
    base = np.cumsum(quotas, axis=0)
    caps = transfer_caps(quotas, sizes)
    moved = {pair: moved_seats(base, caps, pair, order) for pair, order in orders.items()}
    after = base.copy()
    for (first, second), step in moved.items():
        after[:, first] += step
        after[:, second] -= step
    reached = np.count_nonzero(after[:, units.group] < rank, axis=0)  # levels whose seats end before this rank
    level = np.where(units.ranked & (reached < len(seats)), reached, NO_LEVEL)
    return Ladder(base=base, caps=tuple(caps), moved=moved, seats=after, level=level)


def _errors(units: Units, views: Sequence[Calibration]) -> FloatArray | None:
    """Each unit's standard error in its own group's view, in points; None above `DENSE_LIMIT` units."""
    if units.group.size > DENSE_LIMIT:
        return None
    errors = np.stack([standard_errors(view)[0] for view in views])
    return np.asarray(errors[units.group, np.arange(units.group.size)], dtype=np.float64)


def _intervals(units: Units, final: IntArray, error: FloatArray, rules: Rules) -> IntArray:
    """(n, 2) best and worst rank with F ± 2(1 − a)·SE, all others as they are; zeros for a unit that is not ranked."""
    spread = rules.peers * np.floor(2e6 * error + 0.5).astype(np.int64)
    interval = np.zeros((final.size, 2), dtype=np.int64)
    for unit in np.flatnonzero(units.ranked).tolist():
        score, reach = int(final[unit]), int(spread[unit])
        interval[unit] = rank_with(units, final, unit, score + reach), rank_with(units, final, unit, score - reach)
    return interval
