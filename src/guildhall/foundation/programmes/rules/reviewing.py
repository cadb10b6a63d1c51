"""Sheets, votes and the drawing of experts, as plain functions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext_lazy as _

from guildhall.foundation.errors import Refusal
from guildhall.foundation.programmes.schema import ReviewStep
from guildhall.science.draws import Draws
from guildhall.science.marking import mean_score, sheet_score

FEWEST_TO_DROP = 5
"""Sheets from which the highest and the lowest may be left out."""


class SheetUnfinished(Refusal):
    """A sheet is submitted with something missing or out of range; the place is named."""

    code = "programmes.sheet-unfinished"
    message = _("“%(label)s”%(why)s")
    status = 422


class QuorumMissing(Refusal):
    """Fewer votes than the rule asks for; nothing is counted."""

    code = "programmes.quorum-missing"
    message = _("%(unit)s到票 %(cast)d 张，不足应到 %(voters)d 张的 %(share)s，投票无效。")


class SheetsOut(Refusal):
    """A step is closed while sheets are out."""

    code = "programmes.sheets-out"
    message = _("还有 %(n)d 份评审表没有提交：%(names)s。请催办或换人，再结束这一步。")


class NobodyAssigned(Refusal):
    """A step is closed for an application that nobody was asked to judge."""

    code = "programmes.nobody-assigned"
    message = _("%(n)d 件申报没有安排评审人：%(units)s。")


class PoolTooSmall(Refusal):
    """An application has fewer experts without a conflict than the step asks for."""

    code = "programmes.pool-too-small"
    message = _("%(unit)s只有 %(n)d 位没有利害关系的专家，要 %(needed)d 位。请补充专家，或改由人工安排。")


@dataclass(frozen=True)
class Expert:
    """One of the pool: where employed (the unit and its companies), and the field."""

    pk: int
    employers: frozenset[int]
    field: str = ""


@dataclass(frozen=True)
class Judged:
    """An application to be judged: its unit and the companies it belongs to, and its field."""

    pk: int
    name: str
    units: frozenset[int]
    field: str = ""


def draw_experts(pool: Sequence[Expert], rows: Sequence[Judged], each: int, seed: int) -> dict[int, list[int]]:
    """For each application `each` experts of its field without a conflict, evenly: the same seed draws the same.

    Applications come in seeded order; each takes the least burdened experts, in an order of its own drawn from the seed.
    Where fewer experts of the field are free than needed, others follow. Raises `PoolTooSmall`.
    """
    draws, load, found = Draws(seed), dict.fromkeys((one.pk for one in pool), 0), {}
    known, ordered = sorted(pool, key=lambda one: one.pk), sorted(rows, key=lambda one: one.pk)
    for n in draws.order(len(ordered)):
        row = ordered[int(n)]
        turn = {known[int(place)].pk: k for k, place in enumerate(draws.order(len(known)))}
        free = [one for one in known if not one.employers & row.units]
        if len(free) < each:
            raise PoolTooSmall(unit=row.name, n=len(free), needed=each)
        far = {one.pk: bool(row.field) and one.field != row.field for one in free}
        chosen = sorted(free, key=lambda one: (far[one.pk], load[one.pk], turn[one.pk]))[:each]
        for one in chosen:
            load[one.pk] += 1
        found[row.pk] = sorted(one.pk for one in chosen)
    return found


def read_marks(step: ReviewStep, body: Mapping[str, object]) -> dict[str, str]:
    """A panel's sheet: each criterion marked 0 – 100, at most two places. Raises `SheetUnfinished`."""
    found = {}
    for one in step.criteria:
        try:
            mark = Decimal(str(body.get(one.key, "")).strip())
        except InvalidOperation:
            raise SheetUnfinished(label=one.label.zh, why=_("还没有打分。")) from None
        if not mark.is_finite() or not 0 <= mark <= 100 or mark != mark.quantize(Decimal("0.01")):
            raise SheetUnfinished(label=one.label.zh, why=_("要打 0 到 100 之间的分，最多两位小数。"))
        found[one.key] = f"{mark.normalize():f}"
    return found


def read_items(step: ReviewStep, body: Mapping[str, object]) -> dict[str, Any]:
    """A checklist: each item passed or to be rectified, a rectification with its words. Raises `SheetUnfinished`."""
    found: dict[str, Any] = {}
    for one in step.items:
        said = body.get(one.key)
        line = said if isinstance(said, Mapping) else {"mark": said}
        mark, text = str(line.get("mark") or ""), str(line.get("text") or "").strip()
        if mark not in ("pass", "rectify"):
            raise SheetUnfinished(label=one.label.zh, why=_("还没有勾选合格或整改。"))
        if mark == "rectify" and len(text) < 2:
            raise SheetUnfinished(label=one.label.zh, why=_("要整改的，请写明改什么。"))
        found[one.key] = {"mark": mark, "text": text[:400]}
    return found


def read_vote(body: Mapping[str, object]) -> dict[str, str]:
    """A vote: for, against or abstaining. Raises `SheetUnfinished`."""
    vote = str(body.get("vote") or "")
    if vote not in ("for", "against", "abstain"):
        raise SheetUnfinished(label=str(_("表决")), why=_("还没有选。"))
    return {"vote": vote}


def marked(step: ReviewStep, marks: Mapping[str, str]) -> int:
    """A sheet's score in micro-points: its marks weighed by the criteria's points."""
    return sheet_score([Decimal(marks[one.key]) for one in step.criteria], [one.points for one in step.criteria])


def panel_score(step: ReviewStep, scores: Sequence[int]) -> int:
    """The panel's score in micro-points: the mean, without one highest and one lowest where the version says so."""
    return mean_score(scores, drop_extremes=step.drop == "extremes" and len(scores) >= FEWEST_TO_DROP)


def counted(step: ReviewStep, unit: str, votes: Sequence[str], voters: int) -> tuple[bool, dict[str, int]]:
    """Whether a ballot carries, and its count: the quorum of those entitled, the majority of those who voted.

    Raises `QuorumMissing`.
    """
    count = {kind: votes.count(kind) for kind in ("for", "against", "abstain")} | {"voters": voters}
    if Fraction(len(votes)) < Fraction(step.quorum) * voters:
        raise QuorumMissing(unit=unit, cast=len(votes), voters=voters, share=f"{step.quorum * 100:f}%")
    return Fraction(count["for"]) > Fraction(step.majority) * len(votes), count


def joined(steps: Sequence[ReviewStep], scores: Mapping[int, int]) -> int | None:
    """The final score in micro-points: the scoring steps' scores by their weights; None where no step scores."""
    weighed = [(step.weight, scores[n]) for n, step in enumerate(steps) if step.scores and n in scores]
    if not weighed:
        return None
    exact = sum((Fraction(weight) * score for weight, score in weighed), Fraction())
    return (2 * exact.numerator + exact.denominator) // (2 * exact.denominator)
