"""The assessment meeting: its sessions planned, the speaking order drawn once, changes told, and calling it off."""

import secrets
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from guildhall.foundation import clock
from guildhall.foundation.errors import NotHere, OutOfStep, Refusal
from guildhall.foundation.messages.moves import tell
from guildhall.foundation.organisations.models import User, holders
from guildhall.foundation.organisations.rules import require
from guildhall.foundation.organisations.states import Right
from guildhall.foundation.programmes.models import Application
from guildhall.foundation.programmes.rules import need_reason
from guildhall.foundation.programmes.states import RoundState
from guildhall.foundation.records.moves import made, record
from guildhall.reform.assessment.models import Meeting, Session, SignIn, Slot, Step
from guildhall.reform.assessment.rules import (
    MeetingTooShort,
    SessionBegun,
    Span,
    against_spans,
    dealt,
    hours,
    next_meeting_state,
    speaking_order,
)
from guildhall.reform.assessment.states import MeetingMove, MeetingState, StepState

BEFORE_SCORING = (StepState.PLANNED, StepState.ASSIGNED)
PLANNABLE = (RoundState.OPEN, RoundState.CLOSED, RoundState.REVIEWING)
TOLD_APART = 3
"""Up to so many changed sessions are told one by one; of more, that the agenda is a new one."""


class SessionsKept(Refusal):
    """A fixed meeting keeps its sessions: the units are dealt to them."""

    code = "assessment.sessions-kept"
    message = _("考核会已定，%(n)d 场都排了单位，只能改时间和地点，不能增减场次。")
    status = 422


def _step(round_pk: int, by: User) -> Step:
    step = Step.objects.visible_to(by).hold(round_pk)
    require(by, Right.RUN_ROUNDS, at=step.round.union)
    return step


def _unscored(step: Step, move: MeetingMove) -> None:
    """A meeting is planned and fixed before the first mark can exist: the order cannot follow from one."""
    if step.round.state not in PLANNABLE:
        raise OutOfStep(state=RoundState(step.round.state).label, move=move.label)
    if step.state not in BEFORE_SCORING:
        raise OutOfStep(state=StepState(step.state).label, move=move.label)


def _meeting(step: Step) -> Meeting:
    """The step's meeting; the step is held. Raises `NotHere`."""
    found = Meeting.objects.filter(step=step).first()
    if found is None:
        raise NotHere
    found.step = step
    return found


@transaction.atomic
def plan(round_pk: int, spans: Sequence[Span], *, place: str, minutes: int, by: User, key: UUID) -> Meeting:
    """Plan the meeting's sessions, in the order of their times; planned again, they replace the earlier ones.

    Raises `OutOfStep` once scoring has started, `SessionsCross`, `SessionTooShort`, `SessionOutside`, `NoSessions`.
    """
    step = _step(round_pk, by)
    if made(MeetingMove.PLAN, stream=step.round.stream, subject=f"round:{round_pk}", key=key):
        return _meeting(step)
    _unscored(step, MeetingMove.PLAN)
    in_order = sorted(spans, key=lambda span: span.starts_at)
    of = step.round
    against_spans(in_order, minutes=minutes, opens=of.scoring_opens_at, closes=of.scoring_closes_at)
    meeting = Meeting.objects.filter(step=step).first() or Meeting(step=step)
    meeting.state = next_meeting_state(meeting.state, MeetingMove.PLAN)
    if meeting.pk and SignIn.objects.filter(session__meeting=meeting).exists():
        raise SessionBegun(n=1)
    meeting.place, meeting.minutes, meeting.reason = place, minutes, ""
    meeting.save()
    meeting.sessions.all().delete()
    Session.objects.bulk_create(
        Session(meeting=meeting, number=n, starts_at=one.starts_at, ends_at=one.ends_at, place=one.place)
        for n, one in enumerate(in_order, 1)
    )
    content = {"place": place, "minutes": minutes, "sessions": _told(in_order)}
    record(MeetingMove.PLAN, stream=of.stream, subject=f"round:{round_pk}", by=by, content=content, key=key)
    return meeting


def _told(spans: Sequence[Span]) -> list[list[str]]:
    return [[one.starts_at.isoformat(), one.ends_at.isoformat(), one.place] for one in spans]


def _spans(meeting: Meeting) -> list[Span]:
    return [Span(one.starts_at, one.ends_at, one.place) for one in meeting.sessions.order_by("number")]


@transaction.atomic
def fix(round_pk: int, *, by: User, key: UUID) -> Meeting:
    """Draw the speaking order by lot, deal the units to the sessions, and call everybody.

    The seed is drawn once and never again, even where the meeting is called off and planned anew; the order reads the
    units' credit codes alone. Raises `OutOfStep`, `MeetingTooShort`, and what `plan` raises where the dates moved.
    """
    step = _step(round_pk, by)
    if made(MeetingMove.FIX, stream=step.round.stream, subject=f"round:{round_pk}", key=key):
        return _meeting(step)
    _unscored(step, MeetingMove.FIX)
    if step.round.state != RoundState.REVIEWING:
        raise OutOfStep(state=RoundState(step.round.state).label, move=MeetingMove.FIX.label)
    meeting, of = _meeting(step), step.round
    meeting.state = next_meeting_state(meeting.state, MeetingMove.FIX)
    spans = _spans(meeting)
    against_spans(spans, minutes=meeting.minutes, opens=of.scoring_opens_at, closes=of.scoring_closes_at)
    rooms = [span.room(meeting.minutes) for span in spans]
    units = {row.unit.code: row for row in meeting.speakers().select_related("unit")}
    if len(units) > sum(rooms):
        facts = {"units": len(units), "minutes": meeting.minutes, "n": len(spans), "room": sum(rooms)}
        raise MeetingTooShort(hours=hours(len(units), meeting.minutes), left=len(units) - sum(rooms), **facts)
    if not meeting.seed:
        meeting.seed, meeting.drawn_from, meeting.drawn_at = secrets.token_hex(16), sorted(units), clock.now()
    meeting.save()
    order = [code for code in speaking_order(meeting.seed, meeting.drawn_from) if code in units]
    order += sorted(units.keys() - set(order))  # A code that changed since the drawing speaks last.
    sizes = dealt(len(order), rooms)
    _deal(meeting, [units[code] for code in order], sizes)
    content = {"seed": meeting.seed, "from": meeting.drawn_from, "order": order, "sizes": sizes}
    record(MeetingMove.FIX, stream=of.stream, subject=f"round:{round_pk}", by=by, content=content, key=key)
    _call(meeting)
    return meeting


def _deal(meeting: Meeting, order: Sequence[Application], sizes: Sequence[int]) -> None:
    sessions = list(meeting.sessions.order_by("number"))
    places = [(session, place) for session, size in zip(sessions, sizes, strict=True) for place in range(size)]
    Slot.objects.bulk_create(
        Slot(meeting=meeting, session=session, application=row, order=n, place=place)
        for n, (row, (session, place)) in enumerate(zip(order, places, strict=True), 1)
    )


def _said(session: Session) -> dict[str, Any]:
    at = session.starts_at.astimezone(clock.now().tzinfo)
    return {"when": f"{at.month}月{at.day}日 {at:%H:%M}", "place": session.where, "n": session.number}


def agenda_url(meeting: Meeting) -> str:
    """The meeting's own page."""
    return f"/assessment/rounds/{meeting.step.round_id}/meeting/"


def speakers_of(session: Session) -> list[User]:
    """Those who speak and score for the units of a session."""
    unions = list(session.slots.values_list("application__union", flat=True))
    return [*holders(Right.SPEAK_FOR_UNIT, unions), *holders(Right.SCORE, unions)]


def experts_of(meeting: Meeting) -> list[User]:
    """The experts in office, who are called to the whole meeting."""
    return list(holders(Right.JUDGE, [meeting.step.round.union_id]))


def _call(meeting: Meeting) -> None:
    """Tell each session's units when they speak, and the experts when it begins; all are called to every session."""
    sessions = list(meeting.sessions.order_by("number"))
    facts: dict[str, Any] = {"round": meeting.step.round.title, "url": agenda_url(meeting)}
    for session in sessions:
        session.meeting = meeting
        tell("assessment.meeting", speakers_of(session), **facts, **_said(session))
    begin = _said(sessions[0]) | {"n": len(sessions)}
    tell("assessment.meeting_experts", experts_of(meeting), **facts, **begin)


@transaction.atomic
def change(round_pk: int, spans: Sequence[Span], *, place: str, by: User, key: UUID) -> Meeting:
    """Move sessions of a fixed meeting in time or place, those that have not begun; the order stays, all are told.

    Raises `OutOfStep`, `SessionsKept`, `SessionBegun`, and what `plan` raises.
    """
    step = _step(round_pk, by)
    if made(MeetingMove.CHANGE, stream=step.round.stream, subject=f"round:{round_pk}", key=key):
        return _meeting(step)
    meeting, of = _meeting(step), step.round
    meeting.state = next_meeting_state(meeting.state, MeetingMove.CHANGE)
    if of.state != RoundState.REVIEWING or step.state not in (*BEFORE_SCORING, StepState.SCORING):
        raise OutOfStep(state=RoundState(of.state).label, move=MeetingMove.CHANGE.label)
    sessions = list(meeting.sessions.select_for_update().order_by("number"))
    in_order = sorted(spans, key=lambda span: span.starts_at)
    if len(in_order) != len(sessions):
        raise SessionsKept(n=len(sessions))
    sizes = [session.slots.count() for session in sessions]  # A handful.
    against_spans(
        in_order, minutes=meeting.minutes, opens=of.scoring_opens_at, closes=of.scoring_closes_at, least=sizes
    )
    moved = _moved(meeting, sessions, in_order, place)
    meeting.place = place
    meeting.save()
    Session.objects.bulk_update(moved, ["starts_at", "ends_at", "place", "reminded_at"])
    content = {"place": place, "sessions": _told(in_order)}
    record(MeetingMove.CHANGE, stream=of.stream, subject=f"round:{round_pk}", by=by, content=content, key=key)
    _tell_changed(meeting, moved)
    return meeting


def _moved(meeting: Meeting, sessions: list[Session], spans: Sequence[Span], place: str) -> list[Session]:
    """The sessions that are not as they were, set to what is now planned."""
    found = []
    for session, span in zip(sessions, spans, strict=True):
        same = (session.starts_at, session.ends_at, session.place) == (span.starts_at, span.ends_at, span.place)
        elsewhere = not session.place and meeting.place != place
        if same and (not elsewhere or session.begun):
            continue
        if session.begun or span.starts_at <= clock.now():
            raise SessionBegun(n=session.number)
        session.starts_at, session.ends_at, session.place = span.starts_at, span.ends_at, span.place
        session.reminded_at = None
        found.append(session)
    return found


def called(meeting: Meeting) -> list[User]:
    """Everybody who is called: who speaks and scores for a unit, and the experts."""
    unions = list(meeting.slots.values_list("application__union", flat=True))
    return [*holders(Right.SPEAK_FOR_UNIT, unions), *holders(Right.SCORE, unions), *experts_of(meeting)]


def _tell_changed(meeting: Meeting, moved: list[Session]) -> None:
    people = called(meeting)
    facts: dict[str, Any] = {"round": meeting.step.round.title, "url": agenda_url(meeting)}
    if len(moved) > TOLD_APART:
        tell("assessment.meeting_changed", people, **facts)
        return
    for session in moved:
        session.meeting = meeting
        tell("assessment.session_changed", people, **facts, **_said(session))


@transaction.atomic
def call_off(round_pk: int, *, reason: str, by: User, key: UUID) -> Meeting:
    """Give the meeting up: the assessment is done in writing, every unit can be marked while scoring runs."""
    step = _step(round_pk, by)
    if made(MeetingMove.CALL_OFF, stream=step.round.stream, subject=f"round:{round_pk}", key=key):
        return _meeting(step)
    meeting = _meeting(step)
    was = meeting.state
    meeting.state = next_meeting_state(was, MeetingMove.CALL_OFF)
    meeting.reason = need_reason(reason)
    meeting.save(update_fields=["state", "reason"])
    record(MeetingMove.CALL_OFF, stream=step.round.stream, subject=f"round:{round_pk}", by=by, key=key,
           note=meeting.reason)  # fmt: skip
    if was == MeetingState.FIXED:
        facts = {"round": step.round.title, "reason": meeting.reason}
        tell("assessment.meeting_called_off", called(meeting), url=agenda_url(meeting), **facts)
    return meeting
