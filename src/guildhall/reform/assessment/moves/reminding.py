"""Reminders to those who have not submitted: asked for by the officer, or due three and one working days before."""

from collections.abc import Collection
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from guildhall.foundation import clock
from guildhall.foundation.errors import BadInput, NotHere, OutOfStep
from guildhall.foundation.messages.moves import tell
from guildhall.foundation.organisations.models import User, holders
from guildhall.foundation.organisations.rules import require
from guildhall.foundation.organisations.states import Right
from guildhall.foundation.programmes.moves.reminders import due_in
from guildhall.foundation.programmes.states import RoundState
from guildhall.foundation.records.moves import made, record
from guildhall.reform.assessment.models import Sheet, Step
from guildhall.reform.assessment.moves.scoring import running
from guildhall.reform.assessment.states import SheetState, StepState


def _markers(sheets: Collection[Sheet]) -> list[User]:
    """Who can submit these sheets: assessors and deputies of the units, and the experts."""
    unions = [sheet.entrant.application.union_id for sheet in sheets if sheet.entrant]
    experts = [sheet.expert_id for sheet in sheets if sheet.expert_id]
    return [*holders(Right.SCORE, unions), *User.objects.filter(pk__in=experts, is_active=True)]


def _tell(step: Step, sheets: Collection[Sheet], once: str) -> int:
    until = step.round.scoring_closes_at.astimezone(clock.now().tzinfo)
    facts = {"round": step.round.title, "until": f"{until.month}月{until.day}日 {until:%H:%M}"}
    return tell("assessment.reminder", _markers(sheets), url="/assessment/sheets/", once=once, **facts)


@transaction.atomic
def remind(round_pk: int, sheets: Collection[int], *, by: User, key: UUID) -> int:
    """Remind the assessors of these sheets, each person once a day; returns how many were told.

    Raises `NotHere` where an id is no sheet of this round, `OutOfStep` unless it is being scored.
    """
    step = Step.objects.visible_to(by).hold(round_pk)
    require(by, Right.RUN_ROUNDS, at=step.round.union)
    subject = f"round:{round_pk}"
    if earlier := made("remind", stream=step.round.stream, subject=subject, key=key):
        return int(earlier.body["told"])
    running(step, _("提醒"))
    if step.state != StepState.SCORING or clock.now() > step.round.scoring_closes_at:
        raise OutOfStep(state=StepState(step.state).label, move=_("提醒"))
    if not sheets:
        raise BadInput(what=_("请先选要提醒的互评人。"))
    rows = list(step.sheets.filter(pk__in=sheets).select_related("entrant__application"))
    if len(rows) != len(set(sheets)):
        raise NotHere
    waiting = [row for row in rows if row.state != SheetState.SUBMITTED]
    told = _tell(step, waiting, f"asked:{round_pk}:{clock.today()}")
    content = {"told": told, "sheets": [row.pk for row in waiting]}
    record("remind", stream=step.round.stream, subject=subject, by=by, content=content, key=key)
    return told


@transaction.atomic
def remind_due(round_pk: int) -> int:
    """Three working days before the deadline, and again one, remind all who have not submitted. Safe twice."""
    step = Step.objects.hold(round_pk)
    closes = step.round.scoring_closes_at
    days = due_in(closes)
    if step.state != StepState.SCORING or step.round.state != RoundState.REVIEWING or days is None:
        return 0
    waiting = list(step.sheets.exclude(state=SheetState.SUBMITTED).select_related("entrant__application"))
    return _tell(step, waiting, f"reminder:{round_pk}:{closes:%Y%m%d%H%M}:{days}")
