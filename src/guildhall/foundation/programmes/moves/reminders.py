"""Reminders three working days and one before a deadline; each is sent once, however often the clock asks."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from guildhall.foundation import clock
from guildhall.foundation.clock.rules import YearWithoutTable
from guildhall.foundation.messages.moves import tell
from guildhall.foundation.organisations.models import User, holders
from guildhall.foundation.organisations.states import Right
from guildhall.foundation.programmes.models import ClearanceRequest, Objection, Round
from guildhall.foundation.programmes.states import ObjectionState, RoundState, State

BEFORE = (3, 1)


def due_in(deadline: datetime) -> int | None:
    """3 or 1 where so many working days, or fewer, are left and that reminder's turn has come; else None."""
    if deadline <= clock.now():
        return None
    try:
        left = clock.working_days_between(clock.today(), deadline.astimezone(clock.now().tzinfo).date())
    except YearWithoutTable:
        return None
    return next((days for days in reversed(BEFORE) if left <= days), None)


def remind() -> int:
    """Send the reminders that are due: a unit's materials, objections and departments' opinions that wait for an answer."""
    sent = 0
    for of in Round.objects.filter(state=RoundState.OPEN):
        ends = clock.end_of_day(of.closes_on)
        unions = of.applications.filter(state=State.CHECKING).values_list("union_id", flat=True)
        sent += _send("programmes.evidence_due", f"evidence:{of.pk}", ends, holders(Right.SPEAK_FOR_UNIT, unions), of)
    waiting = Objection.objects.filter(state=ObjectionState.OPEN).select_related("notice__round__union")
    for objection in waiting:
        of, ends = objection.notice.round, objection.answer_by
        officers = holders(Right.RUN_ROUNDS, of.union.lineage)
        url = f"/objections/{objection.pk}/"
        sent += _send("programmes.answer_due", f"answer:{objection.pk}", ends, officers, of, url)
    open_ones = ClearanceRequest.objects.filter(submitted_at=None, revoked_at=None, due_on__gte=clock.today())
    for letter in open_ones.select_related("round__union", "round__programme"):
        of, ends = letter.round, clock.end_of_day(letter.due_on)
        officers, url = holders(Right.RUN_ROUNDS, of.union.lineage), f"/rounds/{of.pk}/clearances/"
        sent += _send("programmes.clearance_due", f"clearance:{letter.pk}", ends, officers, of, url)
    return sent


@transaction.atomic
def _send(template: str, what: str, deadline: datetime, to: Iterable[User], of: Round, url: str = "") -> int:
    days = due_in(deadline)
    if days is None:
        return 0
    here = deadline.astimezone(clock.now().tzinfo)
    until = f"{here.month}月{here.day}日 {here:%H:%M}"
    return tell(template, to, url=url or f"/rounds/{of.pk}/", once=f"{what}:{days}", round=of.title, until=until)
