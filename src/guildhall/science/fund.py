"""Whether tiers fit a fund, and the sliding scale that shares a fund between a floor and a ceiling.

All sums are integers in fen. A fund that cannot be shared as asked is refused with the gap named, never stretched.
"""

from bisect import bisect_left
from collections.abc import Sequence
from fractions import Fraction

from guildhall.science.errors import Infeasible


def tiers_remainder(tiers: Sequence[tuple[int, int]], fund: int, units: int) -> int:
    """What is left of `fund` in fen once every seat is paid. `tiers`: (seats, sum in fen) of each.

    The total Σ seats × sum is known before a round opens and no report can change it. Raises `Infeasible`:
    "tiers.over-units" with `missing` units, "tiers.over-fund" with the `gap` in fen.
    """
    seats = sum(count for count, _ in tiers)
    cost = sum(count * each for count, each in tiers)
    if seats > units:
        facts = {"seats": seats, "units": units, "missing": seats - units}
        raise Infeasible("tiers.over-units", f"{seats} seats for {units} units", **facts)
    if cost > fund:
        message = f"the tiers need {cost} fen, {cost - fund} more than the fund of {fund}"
        raise Infeasible("tiers.over-fund", message, cost=cost, fund=fund, gap=cost - fund)
    return fund - cost


def apportion(
    scores: Sequence[int], *, fund: int, floor: int, ceiling: int, step: int = 1, lots: Sequence[int] | None = None
) -> list[int]:
    """A share of `fund` for each score: in proportion to it, but never under `floor` nor over `ceiling`.

    `scores`: exact integers ≥ 0 of any unit. `fund`, `floor`, `ceiling` in fen, all multiples of `step` (1, or the
    policy's 10,000 fen). Shares sum to `fund` exactly, a better score never gets less, and what rounding leaves over
    goes step by step to the largest remainders, ties to the smaller lot (default: the order given). Where the fund is
    more than positive scores may take, scores of 0 share the rest alike.

    Raises `Infeasible`: "fund.steps" with the `odd` sums, "fund.floor" or "fund.ceiling" with the `gap` in fen.
    """
    _check(scores, fund, floor, ceiling, step)
    low, high, total = floor // step, ceiling // step, fund // step
    exact = _between(scores, low, high, total)
    shares = [share.numerator // share.denominator for share in exact]
    drawn = range(len(scores)) if lots is None else lots
    turn = sorted(range(len(scores)), key=lambda row: (shares[row] - exact[row], drawn[row]))
    for row in turn[: total - sum(shares)]:
        shares[row] += 1
    return [share * step for share in shares]


def _check(scores: Sequence[int], fund: int, floor: int, ceiling: int, step: int) -> None:
    if step < 1 or not 0 <= floor <= ceiling or any(score < 0 for score in scores):
        raise ValueError("needs step ≥ 1, 0 ≤ floor ≤ ceiling and no negative score")
    if odd := {
        name: value % step for name, value in (("fund", fund), ("floor", floor), ("ceiling", ceiling)) if value % step
    }:
        raise Infeasible("fund.steps", f"not multiples of {step} fen: {', '.join(odd)}", step=step, odd=odd)
    least, most = floor * len(scores), ceiling * len(scores)
    if least > fund:
        message = f"the floor for {len(scores)} needs {least} fen, {least - fund} more than the fund"
        raise Infeasible("fund.floor", message, needed=least, fund=fund, gap=least - fund)
    if most < fund:
        message = f"the ceiling for {len(scores)} takes {most} fen, {fund - most} less than the fund"
        raise Infeasible("fund.ceiling", message, most=most, fund=fund, gap=fund - most)


def _between(scores: Sequence[int], low: int, high: int, total: int) -> list[Fraction]:
    """Exact shares clamp(κ · score, low, high) that sum to `total`; κ is found among the points where a share meets
    a bound, and then solved in between."""
    positive = [score for score in scores if score]
    nil = len(scores) - len(positive)
    if total >= high * len(positive) + low * nil:
        rest = Fraction(total - high * len(positive), nil) if nil else Fraction(high)
        return [Fraction(high) if score else rest for score in scores]

    def spent(rate: Fraction) -> int:
        """Σ of the shares at a rate, times its denominator."""
        top, bottom = rate.numerator, rate.denominator
        return sum(min(max(top * score, low * bottom), high * bottom) for score in scores)

    rates = sorted({Fraction(bound, score) for score in set(positive) for bound in (low, high)})
    place = bisect_left(rates, True, key=lambda rate: spent(rate) >= total * rate.denominator)
    upper = rates[place]
    lower = rates[place - 1] if place else Fraction(0)
    moving = [score for score in positive if upper * score > low and lower * score < high]
    held = low * sum(upper * score <= low for score in scores) + high * sum(lower * score >= high for score in positive)
    rate = Fraction(total - held, sum(moving)) if moving else upper
    return [min(max(rate * score, Fraction(low)), Fraction(high)) for score in scores]
