"""What a step comes to: decided elsewhere, or reckoned from the sheets; its cut, and its end."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from guildhall.foundation import clock
from guildhall.foundation.errors import BadInput, OutOfStep
from guildhall.foundation.organisations.models import User
from guildhall.foundation.programmes.models import Application, Round, StepResult, StepSheet
from guildhall.foundation.programmes.moves.reviewing.asking import at_step, in_review, not_ended, running, step_of
from guildhall.foundation.programmes.rules import computed_score, need_reason
from guildhall.foundation.programmes.rules.reviewing import (
    NobodyAssigned,
    SheetsOut,
    counted,
    marked,
    panel_score,
)
from guildhall.foundation.programmes.rules.selection import Candidate, go_on, in_order
from guildhall.foundation.programmes.schema import ReviewStep
from guildhall.foundation.programmes.states import SheetState, State
from guildhall.foundation.records.moves import Entry, made, record, record_many
from guildhall.science.marking import in_points


@transaction.atomic
def record_external(
    pk: int, *, passed: bool, number: str, dated: Any, note: str = "", by: User, key: UUID
) -> StepResult:
    """Enter what was decided elsewhere, with its number and date. Raises `OutOfStep`."""
    application = Application.objects.visible_to(by).hold(pk)
    of = running(application.round_id, by)
    if earlier := made("external", stream=of.stream, subject=application.subject, key=key):
        return StepResult.objects.get(pk=earlier.body["result"])
    in_review(of)
    not_ended(of, application.step)
    step = step_of(of, application.step)
    if application.state != State.REVIEWING or step.method != "external":
        raise OutOfStep(state=application.told_as(by), move=_("登记结果"))
    if dated > clock.today():
        raise BadInput(what=_("日期还没有到。"))
    working = {"number": need_reason(number, 2)[:80], "dated": dated.isoformat(), "note": note.strip()[:400]}
    result, _new = StepResult.objects.update_or_create(
        application=application, step=application.step,
        defaults={"passed": passed, "working": working, "at": clock.now()},
    )  # fmt: skip
    content = {"result": result.pk, "passed": passed, **working}
    record("external", stream=of.stream, subject=application.subject, by=by, content=content, key=key)
    return result


def outcomes(of: Round, place: int, rows: Sequence[Application]) -> dict[int, StepResult]:
    """What a step comes to for these applications, unsaved. Raises `SheetsOut`, `NobodyAssigned`, `QuorumMissing`."""
    step, at = step_of(of, place), clock.now()
    if step.method == "external":
        known = {one.application_id: one for one in StepResult.objects.filter(application__in=rows, step=place)}
        _all_judged(rows, known)
        return known
    if step.method == "computed":
        found = {}
        for row in rows:
            score, workings = computed_score(of.rules, row.facts)
            working = [{"key": one.key, "points": str(one.points), "reading": one.reading} for one in workings]
            found[row.pk] = StepResult(
                application=row, step=place, score=in_points(score), passed=True, working={"indicators": working}, at=at
            )
        return found
    sheets: dict[int, list[StepSheet]] = {}
    asked = StepSheet.objects.filter(application__in=rows, step=place).exclude(state=SheetState.REPLACED)
    for sheet in asked.select_related("reviewer__person", "application__unit").order_by("pk"):
        sheets.setdefault(sheet.application_id, []).append(sheet)
    _all_judged(rows, sheets)
    out = [sheet for held in sheets.values() for sheet in held if sheet.state == SheetState.OPEN]
    if out and step.method != "ballot":
        names = "、".join(dict.fromkeys(str(sheet.reviewer) for sheet in out[:8]))
        raise SheetsOut(n=len(out), names=names)
    return {row.pk: _outcome(step, place, row, sheets[row.pk]) for row in rows}


def _all_judged(rows: Sequence[Application], known: Mapping[int, object]) -> None:
    if missing := [row.unit.name for row in rows if row.pk not in known]:
        raise NobodyAssigned(n=len(missing), units="、".join(missing[:5]))


def _outcome(step: ReviewStep, place: int, row: Application, sheets: list[StepSheet]) -> StepResult:
    result = StepResult(application=row, step=place, passed=True, at=clock.now())
    if step.method == "panel":
        scores = [marked(step, sheet.body) for sheet in sheets]
        result.score = in_points(panel_score(step, scores))
        result.working = {"sheets": [str(in_points(one)) for one in sorted(scores)]}
    elif step.method == "ballot":
        votes = [sheet.body["vote"] for sheet in sheets if sheet.state == SheetState.SUBMITTED]
        result.passed, result.working = counted(step, row.unit.name, votes, len(sheets))
    else:
        result.passed = all(sheet.verdict for sheet in sheets)
        result.working = {"notes": [sheet.note for sheet in sheets if sheet.note]}
        labels = {item.key: item.label.model_dump() for item in step.items}
        lines = [(labels[key], line) for sheet in sheets for key, line in sheet.body.items() if key in labels]
        result.working["rectify"] = [
            {"label": label, "text": line["text"]} for label, line in lines if line["mark"] == "rectify"
        ]
    return result


def as_candidate(row: Application, result: StepResult, group: str = "") -> Candidate:
    """An application in a step, for its cut."""
    score = int(result.score * 1_000_000) if result.score is not None else None
    return Candidate(row.pk, score, row.submitted_at or clock.now(), result.passed, group=group)


@transaction.atomic
def close_step(round_pk: int, place: int, *, by: User, key: UUID) -> int:
    """End a step for all that stand in it: scores are reckoned, the cut is made; returns how many go on.

    Those that are cut stay pending until the release. Raises `SheetsOut`, `NobodyAssigned`, `QuorumMissing`.
    """
    of = running(round_pk, by)
    subject = f"step:{place}"
    if earlier := made("close_step", stream=of.stream, subject=subject, key=key):
        return int(earlier.body["on"])
    if of.programme.file.rolling:
        raise OutOfStep(state=_("常年受理"), move=_("整批结束"))
    in_review(of)
    not_ended(of, place)
    rows = at_step(of, place)
    if not rows:
        raise OutOfStep(state=_("没有申报在这一步"), move=_("结束这一步"))
    on = finish_step(of, place, rows)
    content = {"step": place, "on": len(on), "of": len(rows)}
    record("close_step", stream=of.stream, subject=subject, by=by, content=content, key=key)
    record_many(
        of.stream,
        [Entry(act="step_result", subject=row.subject, content={"step": place, "on": row.pk in on}) for row in rows],
        by=by,
    )
    return len(on)


def foreseen(of: Round, place: int, rows: list[Application]) -> list[dict[str, Any]]:
    """What ending the step would bring, the best first, with the place; nothing is kept. Raises as `outcomes`."""
    step, results = step_of(of, place), outcomes(of, place, rows)
    on, candidates, _ranks = _cut(step, rows, results)
    named = {row.pk: row for row in rows}
    order = in_order([one for one in candidates if one.passed]) + [one for one in candidates if not one.passed]
    scores = [one.score for one in order]
    return [
        {
            "unit": named[one.pk].unit.name, "score": results[one.pk].score, "on": one.pk in on, "passed": one.passed,
            "tie": step.scores and scores.count(one.score) > 1, "submitted_at": one.submitted_at,
        }
        for one in order
    ]  # fmt: skip


def _cut(
    step: ReviewStep, rows: Sequence[Application], results: Mapping[int, StepResult]
) -> tuple[set[int], list[Candidate], dict[int, int]]:
    """Who goes on, everybody as the cut reads them, and the places."""
    groups = {row.pk: str(row.facts.get(step.cut.by, "")) if step.cut.by else "" for row in rows}
    candidates = [as_candidate(row, results[row.pk], groups[row.pk]) for row in rows]
    ranks = {one.pk: n for n, one in enumerate(in_order([one for one in candidates if one.passed]), 1)}
    return go_on(step.cut, candidates), candidates, ranks


def finish_step(of: Round, place: int, rows: list[Application]) -> set[int]:
    """Reckon and keep what a step came to; those that go on stand in the next one."""
    step = step_of(of, place)
    results = outcomes(of, place, rows)
    on, _candidates, ranks = _cut(step, rows, results)
    for row in rows:
        result = results[row.pk]
        result.rank = ranks.get(row.pk) if step.scores else None
        result.passed = row.pk in on
    fresh = [one for one in results.values() if one.pk is None]
    StepResult.objects.bulk_create(fresh)
    StepResult.objects.bulk_update([one for one in results.values() if one not in fresh], ["rank", "passed"])
    of.applications.filter(pk__in=on).update(step=place + 1)
    return on
