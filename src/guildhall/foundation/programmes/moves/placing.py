"""Who is chosen, where the cycle reviews step by step: placements, the decision, and the register's entry.

These are the cycle's own hooks: a domain with a register of its own registers `confer` and `result` under its key.
"""

from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from guildhall.foundation import clock
from guildhall.foundation.errors import OutOfStep, Refusal
from guildhall.foundation.programmes import registry
from guildhall.foundation.programmes.models import Application, Entry, Placement, Round, StepResult, ended_steps
from guildhall.foundation.programmes.rules import computed_score, digest_of
from guildhall.foundation.programmes.rules.reviewing import joined
from guildhall.foundation.programmes.rules.selection import Candidate, Placed, placed_anew, select
from guildhall.foundation.programmes.states import State
from guildhall.science.marking import in_points

JUDGED = (State.REVIEWING, State.PROPOSED, State.NOT_SELECTED, State.IN_NOTICE, State.HELD, State.CONFERRED)


class StepsLeft(Refusal):
    """A result is asked for while a step is not ended."""

    code = "programmes.steps-left"
    message = _("还有 %(n)d 件申报停在“%(step)s”，先结束这一步。")


class NobodyChosen(Refusal):
    """A round in which nothing was reviewed has no result."""

    code = "programmes.nobody-chosen"
    message = _("没有一件申报进入评审，没有结果可以报请审定。")


def candidates(of: Round, rows: list[Application]) -> list[Candidate]:
    """The applications as the selection reads them: the joined score, and the scores that decide a tie."""
    rules = of.rules
    scores: dict[int, dict[int, int]] = {row.pk: {} for row in rows}
    for result in StepResult.objects.filter(application__in=rows, score__isnull=False):
        assert result.score is not None
        scores[result.application_id][result.step] = int(result.score * 1_000_000)
    places = {step.key: n for n, step in enumerate(rules.review)}
    asks = rules.selection.asks if rules.selection else None
    return [
        Candidate(
            row.pk, joined(rules.review, scores[row.pk]), row.submitted_at or clock.now(),
            passed=row.step >= len(rules.review),
            asks_fen=int(Decimal(row.facts.get(asks) or 0) * 100) if asks else 0,
            ties=tuple(scores[row.pk].get(places[key], 0) for key in (rules.selection.ties if rules.selection else ())),
        )
        for row in rows
    ]  # fmt: skip


def reckon(of: Round, rows: list[Application]) -> list[Placed]:
    """The outcome of these applications by the round's selection."""
    assert of.rules.selection is not None
    return select(of.rules.selection, candidates(of, rows))


def against_steps(of: Round) -> Refusal | None:
    """Why the round has no whole result yet, or None: the first step not yet ended in which an application stands."""
    ended = ended_steps(of)
    for place, step in enumerate(of.rules.review):
        here = of.applications.filter(state=State.REVIEWING, step=place)
        if place not in ended and (n := here.count()):
            return StepsLeft(n=n, step=step.label.zh)
    return None if of.applications.filter(state__in=JUDGED).exists() else NobodyChosen()


def ready(of: Round) -> dict[str, Any]:
    """Lay the result out and say by which digest it is known. Raises `StepsLeft`, `NobodyChosen`."""
    if refusal := against_steps(of):
        raise refusal
    rows = list(of.applications.filter(state=State.REVIEWING).order_by("pk"))
    placed = reckon(of, rows)
    return {"digest": digest_of([[one.pk, one.rank, one.chosen, one.place, one.sum_fen] for one in placed])}


def chosen(of: Round) -> set[int]:
    """The applications that the result chooses."""
    rows = list(of.applications.filter(state=State.REVIEWING).order_by("pk"))
    return {one.pk for one in reckon(of, rows) if one.chosen}


@transaction.atomic
def place(of: Round, rows: list[Application]) -> list[Placement]:
    """Keep where each came in; asked again before the decision it is laid out anew."""
    found = {one.pk: one for one in candidates(of, rows)}
    Placement.objects.filter(application__in=rows).delete()
    return Placement.objects.bulk_create(
        Placement(
            application_id=one.pk, rank=one.rank, chosen=one.chosen, place=one.place, reserve=one.reserve,
            sum_fen=one.sum_fen, score=_points(found[one.pk].score),
        )
        for one in reckon(of, rows)
    )  # fmt: skip


def _points(score: int | None) -> Decimal | None:
    return in_points(score) if score is not None else None


def fixed(of: Round) -> bool:
    """Whether the result lies before the leader: no application leaves after that."""
    return of.proposed_at is not None


def nothing(of: Round) -> None:
    """The cycle lays out nothing of its own at the opening, and freezes nothing beside the snapshots."""


def told(application: Application) -> dict[str, Any]:
    """What the notice and the payout say of an application."""
    placement = getattr(application, "placement", None)
    selection = application.round.rules.selection
    name = ""
    if placement and placement.place is not None and selection:
        name = selection.classes[placement.place].name.zh
    return {
        "group": 0, "rank": placement.rank if placement else None, "tier": name or None, "tier_name": name,
        "sum_fen": placement.sum_fen if placement else 0, "grade": "",
    }  # fmt: skip


def corrected(application: Application, facts: dict[str, Any]) -> dict[str, Any]:
    """The result with these facts, everybody else standing as released: computed steps are reckoned anew.

    A sum that the form asks for (first come, pro rata) is taken as corrected, never above what was released.
    """
    of, selection = application.round, application.round.rules.selection
    assert selection is not None
    placement = application.placement
    said = told(application)
    scores = {one.step: int(one.score * 1_000_000) for one in application.step_results.all() if one.score is not None}
    for n, step in enumerate(of.rules.review):
        if step.method == "computed" and n in scores:
            scores[n] = computed_score(of.rules, facts)[0]
    if selection.asks:
        said["sum_fen"] = min(placement.sum_fen, int(Decimal(facts.get(selection.asks) or 0) * 100))
    before, after = int((placement.score or 0) * 1_000_000), joined(of.rules.review, scores) or 0
    if selection.kind == "classes":
        rest = Placement.objects.filter(application__round=of, rank__isnull=False).exclude(pk=placement.pk)
        others = [((int((one.score or 0) * 1_000_000),), one.place) for one in rest]
        place = placed_anew(placement.place, before=(before,), after=(after,), others=others)
        found = selection.classes[place] if place is not None else None
        name = found.name.zh if found else ""
        said |= {"tier": name or None, "tier_name": name, "sum_fen": found.sum_fen if found else 0}
        said["rank"] = 1 + sum(key > (after,) for key, _place in others)
    return said | {"final": str(in_points(after))}


def confer(application: Application) -> Entry:
    """Enter what was conferred in the register of entries."""
    if hasattr(application, "entry"):
        raise OutOfStep(state=State(application.state).label, move=_("命名"))
    said, of = told(application) | (application.corrected or {}).get("result", {}), application.round
    return Entry.objects.create(
        application=application, programme=of.programme, unit=application.unit, year=of.year, title=said["tier_name"],
        sum_fen=said["sum_fen"], conferred_at=clock.now(),
    )  # fmt: skip


def named(of: Round) -> QuerySet[Application]:
    """Those whom the decision would name, with their units: what the rules are held against before it."""
    return of.applications.filter(pk__in=chosen(of)).select_related("unit").order_by("pk")


def register() -> None:
    """The cycle's own hooks; called once when Django is ready."""
    own = registry.STEPWISE
    registry.OPENED[own] = registry.DECIDED[own] = nothing
    registry.FIXED[own], registry.READY[own] = fixed, ready
    registry.CHOSEN[own] = named
    registry.CONFER[own], registry.RESULT[own], registry.CORRECTED[own] = confer, told, corrected
