"""One unit's result, argued: every number can be recomputed by hand from a short list (science of mutual assessment,
"Explainable exactly").

    M_j = μ + Σ_r w_rj (x_rj − μ + s_r) / (Σ_r w_rj + λ_θ)
"""

from dataclasses import dataclass, replace

import numpy as np

from guildhall.science.calibration import Calibration, calibrate
from guildhall.science.marking import POINT
from guildhall.science.outcome import NO_LEVEL, Ladder, rank_with
from guildhall.science.result import Result


@dataclass(frozen=True)
class OneMore:
    """What one point more on one review would have meant: the view solved again with that score + 1, all other data,
    seats and finals as they are. `merit` in micro-points, `final` in pico-points, `tier` an index or None."""

    merit: int
    final: int
    rank: int
    tier: int | None


@dataclass(frozen=True)
class ReviewLine:
    """One review by an unnamed assessor. `given` in micro-points; `correction` (the assessor's severity), `corrected`
    and `weight` exact floats, in points but for the weight; `contribution` in micro-points: the contributions and the
    view's mean sum to the merit exactly, rounding shared out by largest remainder. `one_more` is None for a mark of
    the panel."""

    given: int
    correction: float
    corrected: float
    weight: float
    contribution: int
    one_more: OneMore | None


@dataclass(frozen=True)
class NextTier:
    """The tier above in the unit's own group, and the pico-points to its last seated unit (which lots may decide)."""

    tier: int
    gap: int


@dataclass(frozen=True)
class Explanation:
    """A unit's sheet. Scores in micro-points: `mean` μ of the view, `average` the weighted mean of the corrected
    scores, `pull` towards the mean (average + pull = merit). Parts in pico-points: `computed_part` + `panel_part` +
    `bonus_part` + `peers_part` = `final`. `set_aside`: reviews received from flat sheets, which count for nothing.
    `panel_lines` and `panel_mean` argue a calibrated panel's score in the same way; empty and None otherwise."""

    number: int
    lines: tuple[ReviewLine, ...]
    set_aside: int
    panel_lines: tuple[ReviewLine, ...]
    panel_mean: int | None
    mean: int
    average: int
    pull: int
    merit: int
    computed_part: int
    panel_part: int
    bonus_part: int
    peers_part: int
    final: int
    rank: int
    tier: int | None
    next_tier: NextTier | None


def explain(result: Result, number: int) -> Explanation:
    """The explanation of the unit with this number. Raises `KeyError` for an unknown number."""
    published, outcome = result.published, result.outcome
    place = _place(result, number)
    row = published.units[place]
    view = outcome.views[row.group]
    mean, merit = _whole(view.mean * POINT), int(outcome.merit[place])
    weights = published.weights
    lines = _lines(view, place, merit - mean)
    lines = tuple(
        replace(line, one_more=more) for line, more in zip(lines, _ones_more(result, view, place), strict=True)
    )
    panel_view, panel = result.panel_view, int(result.panel[place])
    panel_mean = None if panel_view is None else _whole(panel_view.mean * POINT)
    weight = sum(line.weight for line in lines)
    average = _whole(sum(line.weight * line.corrected for line in lines) / weight * POINT) if lines else mean
    tier = int(result.tiers.level[place])
    return Explanation(
        number=number,
        lines=lines,
        set_aside=int(np.count_nonzero(published.reviews.unit == place)) - len(lines),
        panel_lines=() if panel_view is None or panel_mean is None else _lines(panel_view, place, panel - panel_mean),
        panel_mean=panel_mean,
        mean=mean,
        average=average,
        pull=merit - average,
        merit=merit,
        computed_part=weights.computed * row.computed,
        panel_part=weights.panel * panel,
        bonus_part=POINT * row.bonus,
        peers_part=weights.peers * merit,
        final=int(outcome.final[place]),
        rank=int(outcome.rank[place]),
        tier=None if tier == NO_LEVEL else tier,
        next_tier=_next_tier(result, place),
    )


def merit_from(view: Calibration, lines: tuple[ReviewLine, ...]) -> float:
    """The merit in points by the first identity, from the printed list alone."""
    weight = sum(line.weight for line in lines)
    return view.mean + sum(line.weight * (line.corrected - view.mean) for line in lines) / (
        weight + view.model.lambda_merit
    )


def _whole(value: float) -> int:
    return int(np.floor(value + 0.5))


def _place(result: Result, number: int) -> int:
    for place, unit in enumerate(result.published.units):
        if unit.number == number:
            return place
    raise KeyError(number)


def _lines(view: Calibration, place: int, total: int) -> tuple[ReviewLine, ...]:
    """The reviews of one unit in a view; their contributions sum to `total` micro-points."""
    mine = np.flatnonzero(view.view.unit == place)
    given = view.view.score[mine]
    severity = view.severity[np.searchsorted(view.assessors, view.view.assessor[mine])]
    weight = view.weight[mine]
    corrected = given / POINT + severity
    shares = weight * (corrected - view.mean) / (float(weight.sum()) + view.model.lambda_merit) * POINT
    contributions = _summing(shares.tolist(), total)
    return tuple(
        ReviewLine(
            given=int(given[line]),
            correction=float(severity[line]),
            corrected=float(corrected[line]),
            weight=float(weight[line]),
            contribution=contributions[line],
            one_more=None,
        )
        for line in range(mine.size)
    )


def _summing(shares: list[float], total: int) -> list[int]:
    """Integers next to `shares` that sum to `total`, which lies within rounding of their sum: largest remainder."""
    whole = [int(np.floor(share)) for share in shares]
    order = sorted(range(len(shares)), key=lambda row: whole[row] - shares[row])
    for turn in range(abs(total - sum(whole)) if shares else 0):
        whole[order[turn % len(order)]] += 1 if total > sum(whole) else -1
    return whole


def _ones_more(result: Result, view: Calibration, place: int) -> list[OneMore]:
    return [_one_more(result, view, place, int(review)) for review in np.flatnonzero(view.view.unit == place)]


def _one_more(result: Result, view: Calibration, place: int, review: int) -> OneMore:
    score = view.view.score.copy()
    score[review] += POINT
    again = calibrate(replace(view.view, score=score), result.units.group.size, view.model)
    merit = int(again.merit[place])
    final = result.rules.peers * merit + int(result.units.untouched[place])
    if not result.units.ranked[place]:
        return OneMore(merit, final, 0, None)
    rank = rank_with(result.units, result.outcome.final, place, final)
    return OneMore(merit, final, rank, _tier_of(result.tiers, int(result.units.group[place]), rank))


def _tier_of(ladder: Ladder, group: int, rank: int) -> int | None:
    reached = int(np.count_nonzero(ladder.seats[:, group] < rank))
    return reached if reached < ladder.seats.shape[0] else None


def _next_tier(result: Result, place: int) -> NextTier | None:
    """The nearest better tier that has a seat in the unit's group, and how far its last seated unit is ahead."""
    if not result.units.ranked[place]:
        return None
    own = result.outcome.rank[place]
    mates = np.flatnonzero((result.units.group == result.units.group[place]) & (result.outcome.rank > 0))
    better = mates[(result.tiers.level[mates] != NO_LEVEL) & (result.outcome.rank[mates] < own)]
    level = int(result.tiers.level[place])
    better = better[result.tiers.level[better] != level]
    if not better.size:
        return None
    last = int(better[np.argmax(result.outcome.rank[better])])
    gap = int(result.outcome.final[last]) - int(result.outcome.final[place])
    return NextTier(tier=int(result.tiers.level[last]), gap=gap)
