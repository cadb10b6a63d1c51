"""The cycle's decisions as plain functions: what a set-up may say, what facts earn, when a period ends."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from itertools import pairwise

from django.utils.translation import gettext_lazy as _

from guildhall.foundation import clock
from guildhall.foundation.errors import BadInput, OutOfStep, Refusal
from guildhall.foundation.programmes.schema import Band, FactField, Indicator, Period, Setup
from guildhall.foundation.programmes.states import AFTER, ROUND_AFTER, Move, RoundMove, RoundState, State
from guildhall.foundation.records.rules import canonical as canonical_json
from guildhall.foundation.records.rules import plain, sm3
from guildhall.science.marking import micro, scaled

HUNDRED = Decimal(100)


class PointsOff(Refusal):
    """The indicators' points do not sum to 100, or an area's leaves not to the area's."""

    code = "programmes.points-off"
    message = _("%(where)s的分值合计是 %(sum)s，应当是 %(due)s。")
    status = 422


class WeightsOff(Refusal):
    """The weights of the three scores do not sum to 100 %."""

    code = "programmes.weights-off"
    message = _("三项得分的权重合计是 %(sum)s%%，应当是 100%%。")
    status = 422


class StepWeightsOff(Refusal):
    """The weights of the steps that give a score do not sum to 100 %."""

    code = "programmes.step-weights-off"
    message = _("评审各步得分的权重合计是 %(sum)s%%，应当是 100%%。")
    status = 422


class OverFund(Refusal):
    """The tiers would cost more than the fund holds."""

    code = "programmes.over-fund"
    message = _("各档合计 %(cost)s 元，超出奖补资金 %(fund)s 元，差 %(gap)s 元。请减少名额或降低标准。")
    status = 422


class TooManySeats(Refusal):
    """More seats than units."""

    code = "programmes.too-many-seats"
    message = _("各档名额合计 %(seats)d 个，参加的单位只有 %(units)d 家。")
    status = 422


class TiersOutOfOrder(Refusal):
    """A lower tier pays more than a higher one, or a sum is no multiple of the policy's step."""

    code = "programmes.tiers-out-of-order"
    message = _("“%(tier)s”的标准要低于上一档，并且是 %(step)s 元的整数倍。")
    status = 422


class DatesCross(Refusal):
    """A date lies before one that must come first."""

    code = "programmes.dates-cross"
    message = _("“%(later)s”（%(later_at)s）要晚于“%(earlier)s”（%(earlier_at)s）。")
    status = 422


class FactOutOfRange(Refusal):
    """A reported fact that cannot be: no number, below 0 or beyond its limit."""

    code = "programmes.fact-out-of-range"
    message = _("“%(label)s”要填 0 到 %(most)s 之间的%(kind)s，现在是“%(value)s”。")
    status = 422


class FactMissing(Refusal):
    """A fact the form asks for was not reported."""

    code = "programmes.fact-missing"
    message = _("还没有填“%(label)s”。")
    status = 422


def yuan(fen: int) -> str:
    """A sum in a refusal's sentence: yuan with thousands, fen only where they matter."""
    return f"{fen // 100:,}" if fen % 100 == 0 else f"{Decimal(fen) / 100:,.2f}"


def against_setup(setup: Setup, units: int | None = None) -> list[Refusal]:
    """Every reason why a round may not open with this set-up; empty where it may.

    `units` is how many are eligible; None leaves the seats unchecked against them.
    """
    found: list[Refusal] = []
    total = sum((area.points for area in setup.indicators), Decimal())
    if setup.indicators and total != HUNDRED:
        found.append(PointsOff(where=_("全部指标"), sum=total, due=HUNDRED))
    for area in setup.indicators:
        points = sum((leaf.points for leaf in area.of), Decimal())
        if points != area.points:
            found.append(PointsOff(where=f"“{area.label.zh}”", sum=points, due=area.points))
    weights = setup.weights
    if setup.stepwise:
        scoring = [step.weight for step in setup.review if step.scores]
        if scoring and sum(scoring) != 1:
            found.append(StepWeightsOff(sum=(sum(scoring, Decimal()) * 100).normalize()))
        return found
    joined = weights.computed + weights.panel + weights.peers
    if joined != 1:
        found.append(WeightsOff(sum=(joined * 100).normalize()))
    return found + against_tiers(setup, units)


def against_tiers(setup: Setup, units: int | None) -> list[Refusal]:
    """Why these tiers cannot be paid from the fund: too dear, too many seats, or out of order.

    225 units at a floor of 5,000 yuan need 1,125,000, more than a million: the gap is named.
    """
    found: list[Refusal] = []
    outcome = setup.outcome
    cost = sum(tier.seats * tier.sum_fen for tier in outcome.tiers)
    if cost > outcome.fund_fen:
        gap = cost - outcome.fund_fen
        found.append(OverFund(cost=yuan(cost), fund=yuan(outcome.fund_fen), gap=yuan(gap)))
    seats = sum(tier.seats for tier in outcome.tiers)
    if units is not None and seats > units:
        found.append(TooManySeats(seats=seats, units=units))
    above = None
    for tier in outcome.tiers:
        if tier.sum_fen % outcome.step_fen or (above is not None and tier.sum_fen >= above):
            found.append(TiersOutOfOrder(tier=tier.name.zh, step=yuan(outcome.step_fen)))
        above = tier.sum_fen
    return found


def against_dates(dates: Sequence[tuple[str, date | datetime]]) -> list[Refusal]:
    """Each pair of neighbours that stands the wrong way round; the dates come named, in the order they must have.

    Two days may be the same one, two moments may not.
    """
    found: list[Refusal] = []
    for (earlier, a), (later, b) in pairwise(dates):
        first = a if isinstance(a, datetime) or not isinstance(b, datetime) else clock.end_of_day(a)
        second = b if isinstance(b, datetime) or not isinstance(a, datetime) else clock.end_of_day(b)
        moments = isinstance(a, datetime) and isinstance(b, datetime)
        if second < first or (moments and second == first):
            found.append(DatesCross(earlier=earlier, later=later, earlier_at=f"{a:%Y-%m-%d}", later_at=f"{b:%Y-%m-%d}"))
    return found


def next_state(state: str, move: Move) -> State:
    """Where an application goes by this move; raises `OutOfStep` where the table has no such move."""
    try:
        return AFTER[state, move]
    except KeyError:
        raise OutOfStep(state=State(state).label, move=move.label) from None


def next_round_state(state: str, move: RoundMove) -> RoundState:
    """Where a round goes by this move; raises `OutOfStep` where the table has no such move."""
    try:
        return ROUND_AFTER[state, move]
    except KeyError:
        raise OutOfStep(state=RoundState(state).label, move=move.label) from None


def read_fact(field: FactField, value: object) -> str:
    """A reported number as the exact string it is kept as. Raises `FactMissing`, `FactOutOfRange`."""
    written = unicodedata.normalize("NFKC", str(value if value is not None else "")).strip().replace(",", "")
    if not written:
        raise FactMissing(label=field.label.zh)
    kind = _("整数") if field.whole else _("数")
    wrong = FactOutOfRange(label=field.label.zh, most=field.most, kind=kind, value=written[:40])
    try:
        number = Decimal(written)
    except InvalidOperation:
        raise wrong from None
    if not number.is_finite() or not 0 <= number <= field.most:
        raise wrong
    if number != number.quantize(Decimal(1) if field.whole else Decimal("0.0001")):
        raise wrong
    return f"{number.normalize():f}"


@dataclass(frozen=True)
class Working:
    """How one computed indicator came to its points: shown on the unit's page, and it adds up."""

    key: str
    label: str
    points: Decimal
    most: Decimal
    reading: str
    """What was read and reached, e.g. `820 ÷ 1000 = 0.82`."""


def _band(bands: Sequence[Band], value: Fraction) -> Decimal:
    return next((band.points for band in bands if value >= Fraction(band.at)), Decimal())


def measured(leaf: Indicator, facts: Mapping[str, str]) -> Working:
    """A computed indicator's points from the facts, exactly, rounded half up to 10⁻⁴.

    A ratio over 0 counts as 0: nothing can be covered where nobody is.
    """
    measure = leaf.measure
    if measure is None:
        raise ValueError(f"{leaf.key} is not computed")
    read = [Fraction(facts[key]) for key in measure.facts()]
    value = read[0] if measure.value else (read[0] / read[1] if read[1] else Fraction())
    if measure.bands:
        points = _band(measure.bands, value)
    else:
        exact = min(value, Fraction(1)) * Fraction(leaf.points)
        points = Decimal(int(exact * 10_000 + Fraction(1, 2))) / 10_000
    reading = " ÷ ".join(facts[key] for key in measure.facts())
    if measure.ratio:
        reading += f" = {float(value):.4g}"
    return Working(leaf.key, leaf.label.zh, points, leaf.points, reading)


def computed_score(setup: Setup, facts: Mapping[str, str]) -> tuple[int, list[Working]]:
    """The computed score, 0 – 100 in millionths, scaled by its own points; and each indicator's working."""
    workings = [measured(leaf, facts) for leaf in setup.leaves("computed")]
    if not workings:
        return 0, []
    got = sum((working.points for working in workings), Decimal())
    return scaled(got, sum((working.most for working in workings), Decimal())), workings


def bonus_points(setup: Setup, facts: Mapping[str, str]) -> int:
    """The bonus in millionths of a point: of each kind the highest band reached, the whole capped."""
    points = sum((_band(bonus.bands, Fraction(facts[bonus.fact])) for bonus in setup.bonus), Decimal())
    return micro(f"{min(points, setup.bonus_cap)}")


def vetoed(setup: Setup, facts: Mapping[str, str]) -> str | None:
    """The clause that bars the application, or None."""
    return next((veto.clause for veto in setup.vetoes if Fraction(facts[veto.fact]) > 0), None)


def counted_days(published: date, period: Period) -> list[date]:
    """The days of a notice that count, first to last."""
    last = clock.days_of_notice(
        published, period.days, working=period.count == "working", count_first=period.count_first
    )
    first = published.toordinal() + (0 if period.count_first else 1)
    days = [date.fromordinal(n) for n in range(first, last.toordinal() + 1)]
    return [day for day in days if period.count == "calendar" or clock.is_working(day)]


def need_reason(reason: str, fewest: int = 5, *, most: int = 4000) -> str:
    """The reason, trimmed; raises `BadInput` where it says too little to be on record, or more than its place holds."""
    said = reason.strip()
    if len(said) > most:
        raise BadInput(what=_("最多 %(n)d 个字，现在 %(now)d 个。") % {"n": most, "now": len(said)})
    if len(said) < fewest:
        raise BadInput(what=_("请写明理由，至少 %(n)d 个字。") % {"n": fewest})
    return said


def digest_of(body: object) -> str:
    """The SM3 digest of a JSON value in its one canonical text: what a frozen copy is known by."""
    return sm3(canonical_json(plain(body)).encode())
