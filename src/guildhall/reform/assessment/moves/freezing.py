"""Freezing what was given, and computing the result from it: the same file, the same answer, every time."""

import json
from collections import Counter
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from guildhall.foundation import clock
from guildhall.foundation.errors import OutOfStep, Refusal
from guildhall.foundation.organisations.models import User
from guildhall.foundation.organisations.rules import require
from guildhall.foundation.organisations.states import Right
from guildhall.foundation.programmes.models import Application, Round
from guildhall.foundation.programmes.moves.applications import freeze as freeze_applications
from guildhall.foundation.programmes.rules import need_reason
from guildhall.foundation.programmes.states import State
from guildhall.foundation.records.moves import made, record
from guildhall.foundation.records.rules import sm3
from guildhall.reform.assessment.models import Entrant, Result, Sheet, Step
from guildhall.reform.assessment.moves.scoring import lock_due, marks_of, reopen_extended, running
from guildhall.reform.assessment.rules import Row, complete, derived, next_step_state, published_file, review_score
from guildhall.reform.assessment.states import ResultState, SheetKind, SheetState, StepMove, StepState
from guildhall.science.draws import draw_lots
from guildhall.science.marking import in_points
from guildhall.science.published import compute as compute_file
from guildhall.science.published import parse
from guildhall.science.result import Result as Computed


class StillScoring(Refusal):
    """Before the deadline, with sheets that are not submitted, there is nothing to freeze."""

    code = "assessment.still-scoring"
    message = _("评分到 %(closes)s 截止，还有 %(n)d 份没有提交，现在不能封存。")


class TooFewReviews(Refusal):
    """Units with fewer reviews than the rule asks, and no reason given to go on."""

    code = "assessment.too-few-reviews"
    message = _("%(units)s 收到的评分不足 %(fewest)d 份。请延长全体评分时间，或写明理由后继续。")
    status = 422


class NotComputed(Refusal):
    """The result is asked for before it is computed."""

    code = "assessment.not-computed"
    message = _("结果还没有测算出来。")


COUNTED = (SheetState.SUBMITTED, SheetState.LOCKED)


def _given(step: Step) -> tuple[dict[str, int], list[tuple[str, int, int]], list[tuple[str, int, int]]]:
    """Assessors with their groups, and each counted (id, unit's number, score) of peers and of the panel."""
    setup = step.round.rules
    assessors: dict[str, int] = {}
    peers: list[tuple[str, int, int]] = []
    panel: list[tuple[str, int, int]] = []
    sheets = Sheet.objects.filter(step=step, state__in=COUNTED).select_related("entrant")
    for sheet in sheets.prefetch_related("reviews__marks", "reviews__entrant").order_by("public_id"):
        rows = [(review.entrant.number, marks_of(review)) for review in sheet.reviews.all()]
        scores = [
            (sheet.public_id, number, review_score(setup, marks)) for number, marks in rows if complete(setup, marks)
        ]
        if sheet.kind == SheetKind.PANEL:
            panel += scores
        elif sheet.entrant is not None and scores:
            assessors[sheet.public_id] = sheet.entrant.group
            peers += scores
    return assessors, sorted(peers), sorted(panel)


def short_units(step: Step) -> list[Entrant]:
    """The entrants still in the round that would have fewer counted reviews than the rule asks.

    A sheet whose scores are all one, or that has one score alone, is set aside by the computation and counts for none.
    """
    _assessors, peers, _panel = _given(step)
    scores: dict[str, set[int]] = {}
    for assessor, _number, score in peers:
        scores.setdefault(assessor, set()).add(score)
    counted = Counter(number for assessor, number, _score in peers if len(scores[assessor]) > 1)
    fewest = step.round.rules.peers.fewest
    rows = step.entrants.filter(application__state=State.REVIEWING).select_related("application__unit")
    return [row for row in rows if counted[row.number] < fewest]


def file_of(step: Step) -> str:
    """The published file as the science writes it: canonical text, checked by its own reader."""
    assessors, peers, panel = _given(step)
    entrants = list(step.entrants.select_related("application").order_by("number"))
    setup = step.round.rules
    rows = [Row(row.number, row.group, row.lot, row.computed, row.bonus) for row in entrants]
    withdrawn = [row.number for row in entrants if row.application.state != State.REVIEWING]
    lots = draw_lots(setup.peers.groups, derived(step.group_seed, "group-lots")).tolist()
    whole = published_file(
        setup, rows, group_lots=lots, withdrawn=withdrawn, assessors=assessors, reviews=peers, panel=panel
    )
    return parse(whole).to_json()


@transaction.atomic
def freeze(round_pk: int, *, reason: str = "", by: User, key: UUID) -> Step:
    """Close the scoring for good: reviews, exclusions and parameters stand under one digest from now on.

    Units with too few reviews are named, and the officer extends the time for all or goes on with a reason. Raises
    `StillScoring`, `TooFewReviews`, `OutOfStep`.
    """
    lock_due(round_pk)
    reopen_extended(round_pk)
    step = Step.objects.visible_to(by).hold(round_pk)
    require(by, Right.RUN_ROUNDS, at=step.round.union)
    if made(StepMove.FREEZE, stream=step.round.stream, subject=f"round:{round_pk}", key=key):
        return step
    running(step, StepMove.FREEZE.label)
    step.state = next_step_state(step.state, StepMove.FREEZE)
    if n := step.sheets.filter(state=SheetState.OPEN).count():
        closes = step.round.scoring_closes_at.astimezone(clock.now().tzinfo)
        raise StillScoring(closes=f"{closes:%Y-%m-%d %H:%M}", n=n)
    staying = step.round.applications.select_for_update(of=("self",)).filter(state=State.REVIEWING)
    list(staying.order_by("pk").values_list("pk"))  # No unit leaves beside the freeze: it waits, and is refused.
    short = short_units(step)
    if short and not reason.strip():
        names = "、".join(row.application.unit.name for row in short[:5])
        raise TooFewReviews(units=names, fewest=step.round.rules.peers.fewest)
    step.short_reason = need_reason(reason) if short else ""
    step.published_file = file_of(step)
    step.file_digest = sm3(step.published_file.encode())
    step.frozen_at = clock.now()
    step.save()
    content = {"file": step.file_digest, "short": [row.number for row in short]}
    record(
        StepMove.FREEZE, stream=step.round.stream, subject=f"round:{round_pk}", by=by, content=content, key=key,
        note=step.short_reason,
    )  # fmt: skip
    return step


@transaction.atomic
def compute(round_pk: int, *, by: User, key: UUID) -> Step:
    """Compute the result from the frozen file, and enter it in the register; nobody but those who run the round sees
    it until it is released. Raises `OutOfStep` before the freeze, and once it is computed."""
    step = Step.objects.visible_to(by).hold(round_pk)
    require(by, Right.RUN_ROUNDS, at=step.round.union)
    if made(StepMove.COMPUTE, stream=step.round.stream, subject=f"round:{round_pk}", key=key):
        return step
    running(step, StepMove.COMPUTE.label)
    step.state = next_step_state(step.state, StepMove.COMPUTE)
    found = compute_file(parse(step.published_file))
    text = found.to_json()
    step.outcome, step.outcome_digest = json.loads(text), sm3(text.encode())
    step.save()
    _register(step, found)
    content = {"file": step.file_digest, "outcome": step.outcome_digest}
    record(StepMove.COMPUTE, stream=step.round.stream, subject=f"round:{round_pk}", by=by, content=content, key=key)
    return step


def _register(step: Step, found: Computed) -> None:
    """One result a ranked unit, from the exact numbers of the computation."""
    rows = {row["number"]: row for row in (step.outcome or {})["units"]}
    sums, outcome = found.sums(), found.outcome
    place = {unit.number: n for n, unit in enumerate(found.published.units)}
    results = []
    for entrant in step.entrants.select_related("application"):
        n = place[entrant.number]
        if outcome.rank[n] == 0:
            continue
        tier, grade = int(found.tiers.level[n]), int(found.grades.level[n])
        last = len(found.published.grades) - 1
        results.append(
            Result(
                application=entrant.application,
                group=entrant.group,
                rank=int(outcome.rank[n]),
                final=_pico(int(outcome.final[n])),
                peers=in_points(int(outcome.merit[n])),
                panel=in_points(int(found.panel[n])),
                computed=in_points(entrant.computed),
                bonus=in_points(entrant.bonus),
                tier=tier if tier >= 0 else None,
                sum_fen=int(sums[n]),
                grade=(grade if grade >= 0 else last) if last >= 0 else None,
                row=rows[entrant.number],
            )
        )
    Result.objects.bulk_create(results)


def _pico(value: int) -> Decimal:
    return Decimal(value).scaleb(-12)


def recomputed(step: Step) -> bool:
    """Whether computing the frozen file again gives the recorded outcome, to the last byte."""
    return sm3(compute_file(parse(step.published_file)).to_json().encode()) == step.outcome_digest


def ready(of: Round) -> dict[str, Any]:
    """What the decision rests on; raises `NotComputed`. Registered with the cycle."""
    step = Step.objects.get(round=of)
    if step.state != StepState.COMPUTED:
        raise NotComputed
    return {"file": step.file_digest, "outcome": step.outcome_digest}


def decided(of: Round) -> None:
    """Freeze once more what was judged, under the decision. Registered with the cycle."""
    rows = of.applications.filter(state=State.PROPOSED).prefetch_related("evidence__attachment")
    freeze_applications(list(rows), "decided")


def fixed(of: Round) -> bool:
    """Whether the freeze has come: no application leaves after it. Registered with the cycle."""
    return Step.objects.filter(round=of, state__in=(StepState.FROZEN, StepState.COMPUTED)).exists()


def opened(of: Round) -> None:
    """Lay out the step of a round that opens. Registered with the cycle."""
    until = clock.add_working_days(clock.today(), of.rules.peers.declare_days)
    Step.objects.create(round=of, declare_until=min(until, of.closes_on))


def confer(application: Application) -> Result:
    """Enter the result as confirmed, at the end of the notice. Registered with the cycle."""
    result = Result.objects.select_for_update(of=("self",)).get(application=application)
    if result.state != ResultState.COMPUTED:
        raise OutOfStep(state=ResultState(result.state).label, move=_("确认"))
    result.state, result.conferred_at = ResultState.CONFERRED, clock.now()
    result.save(update_fields=["state", "conferred_at"])
    return result


def told(application: Application) -> dict[str, Any]:
    """What the notice and the payout say of an application. Registered with the cycle."""
    result = application.result
    setup = application.round.rules
    return {
        "group": result.group,
        "rank": result.rank,
        "tier": result.tier,
        "tier_name": setup.outcome.tiers[result.tier].name.zh if result.tier is not None else "",
        "sum_fen": result.sum_fen,
        "grade": setup.outcome.grades[result.grade].name.zh if result.grade is not None else "",
    }
