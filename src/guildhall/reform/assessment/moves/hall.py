"""In the hall: sessions opened and closed, the clock of the speakers, and who signs in."""

from datetime import timedelta
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from guildhall.foundation import clock
from guildhall.foundation.clock.rules import YearWithoutTable
from guildhall.foundation.errors import BadInput, NoRight, NotHere, OutOfStep
from guildhall.foundation.messages.moves import tell
from guildhall.foundation.organisations.models import User
from guildhall.foundation.organisations.rules import require
from guildhall.foundation.organisations.states import Right
from guildhall.foundation.programmes.models import Application
from guildhall.foundation.programmes.rules import need_reason
from guildhall.foundation.programmes.states import RoundState
from guildhall.foundation.records.moves import CLOCK, Clock, made, record
from guildhall.reform.assessment.models import LEFT, Meeting, Session, SignIn, Slot
from guildhall.reform.assessment.moves.meeting import agenda_url, experts_of, speakers_of
from guildhall.reform.assessment.rules import (
    EARLY,
    HallMoved,
    SessionNotYet,
    against_code,
    against_pass,
    next_meeting_state,
    pass_at,
)
from guildhall.reform.assessment.states import MeetingMove, MeetingState, SignInWay, Turn

OVERRUN = timedelta(minutes=60)
"""A session that nobody closed is closed so long after its time."""


def _held(pk: int, by: User | Clock, move: str) -> Session:
    """The session and its meeting, held by whom runs the round, while the meeting stands."""
    if isinstance(by, Clock):
        session = Session.objects.hold(pk)
    else:
        session = Session.objects.visible_to(by).hold(pk)
        require(by, Right.RUN_ROUNDS, at=session.meeting.step.round.union)
    return session


def _stands(session: Session, move: object) -> None:
    of = session.meeting.step.round
    if of.state != RoundState.REVIEWING:
        raise OutOfStep(state=RoundState(of.state).label, move=move)
    if session.meeting.state != MeetingState.FIXED:
        raise OutOfStep(state=MeetingState(session.meeting.state).label, move=move)


@transaction.atomic
def open_session(pk: int, *, by: User | Clock, key: UUID) -> Session:
    """Open a session: from now on its units can be marked. The officer, half an hour early at most; or its time.

    Sessions before it are over with it. Raises `SessionNotYet`, `OutOfStep`.
    """
    session = _held(pk, by, "open")
    of = session.meeting.step.round
    if made("open_session", stream=of.stream, subject=f"session:{pk}", key=key):
        return session
    _stands(session, _("开放这一场"))
    if session.opened_at:
        raise OutOfStep(state=_("已开放"), move=_("开放这一场"))
    early = timedelta() if isinstance(by, Clock) else EARLY
    if clock.now() < session.starts_at - early:
        since = (session.starts_at - early).astimezone(clock.now().tzinfo)
        raise SessionNotYet(n=session.number, **{"from": f"{since:%Y-%m-%d %H:%M}"})
    for earlier in session.meeting.sessions.filter(number__lt=session.number, closed_at=None):
        _close(earlier, by, session.meeting)
    session.opened_at = clock.now()
    session.save(update_fields=["opened_at"])
    content = {"n": session.number}
    record("open_session", stream=of.stream, subject=f"session:{pk}", by=by, content=content, key=key)
    return session


@transaction.atomic
def close_session(pk: int, *, by: User | Clock, key: UUID) -> Session:
    """Close a session in the hall; with the last one the meeting is held. Marking goes on to the deadline."""
    session = _held(pk, by, "close")
    of = session.meeting.step.round
    if made("close_session", stream=of.stream, subject=f"session:{pk}", key=key):
        return session
    _stands(session, _("结束这一场"))
    if not session.running:
        raise OutOfStep(state=_("已结束") if session.over else _("未开放"), move=_("结束这一场"))
    _close(session, by, session.meeting, key)
    return session


def _close(session: Session, by: User | Clock, meeting: Meeting, key: UUID | None = None) -> None:
    """Write down who spoke and how many came; end the meeting with its last session."""
    now, stream = clock.now(), meeting.step.round.stream
    session.opened_at, session.closed_at = session.opened_at or session.starts_at, now
    session.turn_started_at, session.current, session.turn_used = None, None, 0
    session.turns += 1
    session.save()
    turns = list(session.slots.values_list("order", "present"))
    content = {
        "n": session.number, "spoke": [n for n, came in turns if came], "absent": [n for n, came in turns if came is False],
        "signed_in": session.sign_ins.count(),
    }  # fmt: skip
    record("close_session", stream=stream, subject=f"session:{session.pk}", by=by, content=content, key=key)
    if not meeting.sessions.filter(closed_at=None).exists():
        meeting.state = next_meeting_state(meeting.state, MeetingMove.END)
        meeting.save(update_fields=["state"])
        record(MeetingMove.END, stream=stream, subject=f"round:{meeting.step.round_id}", by=by)


# The clock of the speakers --------------------------------------------------------------------------------------------


@transaction.atomic
def turn(pk: int, act: Turn, *, turns: int, by: User) -> Session:
    """Start, pause, go on to the next speaker or back. `turns` is what the screen was shown with: of two screens that
    press at once one is told that the other has pressed. Who spoke is recorded when the session closes.

    Raises `HallMoved`, `OutOfStep`.
    """
    session = _held(pk, by, "turn")
    _stands(session, act.label)
    if not session.running:
        raise OutOfStep(state=_("已结束") if session.over else _("未开放"), move=act.label)
    if turns != session.turns:
        raise HallMoved
    slots = list(session.slots.exclude(application__state__in=LEFT).order_by("place"))
    ACTS[act](session, slots)
    session.turns += 1
    session.save(update_fields=["current", "turn_started_at", "turn_used", "turns"])
    return session


def _put(session: Session, slot: Slot | None) -> None:
    session.current, session.turn_started_at, session.turn_used = slot, None, 0


def _mark(slot: Slot | None, present: bool | None) -> None:
    if slot is not None and slot.present is not present:
        slot.present = present
        slot.save(update_fields=["present"])


def _start(session: Session, slots: list[Slot]) -> None:
    if session.current is None:
        _put(session, following(session, slots))
    if session.current is not None and session.turn_started_at is None:
        session.turn_started_at = clock.now()
        _mark(session.current, present=True)


def _pause(session: Session, slots: list[Slot]) -> None:
    if session.turn_started_at is not None:
        session.turn_used += max(int((clock.now() - session.turn_started_at).total_seconds()), 0)
        session.turn_started_at = None


def _next(session: Session, slots: list[Slot]) -> None:
    _mark(session.current, present=True)
    _put(session, following(session, slots))


def _absent(session: Session, slots: list[Slot]) -> None:
    _mark(session.current, present=False)
    _put(session, following(session, slots))


def _back(session: Session, slots: list[Slot]) -> None:
    here = session.current.place if session.current else len(slots) + session.slots.count()
    before = [slot for slot in slots if slot.place < here]
    if before:
        for slot in (session.current, before[-1]):  # Both are still to speak.
            _mark(slot, present=None)
        _put(session, before[-1])


ACTS: dict[Turn, Any] = {
    Turn.START: _start,
    Turn.PAUSE: _pause,
    Turn.NEXT: _next,
    Turn.ABSENT: _absent,
    Turn.BACK: _back,
}


def following(session: Session, slots: list[Slot]) -> Slot | None:
    """Who speaks after the current one; with none up, the first whose turn has not come. None after the last."""
    if session.current is not None:
        place = session.current.place
        return next((slot for slot in slots if slot.place > place), None)
    return next((slot for slot in slots if slot.present is None), None)


# Signing in -----------------------------------------------------------------------------------------------------------


def comes_for(session: Session, user: User) -> Application | None:
    """The unit of the round for which this person comes; None for an expert. Raises `NoRight` for whoever is not called."""
    of = session.meeting.step.round
    unions = {*user.unions_with(Right.SCORE), *user.unions_with(Right.SPEAK_FOR_UNIT)}
    own = of.applications.filter(union__in=unions).exclude(state__in=LEFT).order_by("pk").first()
    if own is None and not user.may(Right.JUDGE, of.union):
        raise NoRight
    return own


def scan(pk: int, code: str, *, by: User) -> tuple[Session, str]:
    """The session whose code was scanned, and what this person confirms with. Writes nothing.

    Raises `NotHere`, `NoRight`, `CodeOver`, `OutOfStep` while nobody may sign in.
    """
    session = Session.objects.visible_to(by).pick(pk)
    comes_for(session, by)
    _open_doors(session)
    against_code(code, pk, clock.now())
    return session, pass_at(pk, by.pk, clock.now())


def _open_doors(session: Session) -> None:
    _stands(session, _("签到"))
    if not session.takes_sign_ins:
        raise OutOfStep(state=_("已结束") if session.over else _("未开放签到"), move=_("签到"))


@transaction.atomic
def sign_in(pk: int, given: str, *, by: User) -> SignIn:
    """Sign in by the code on the screen; a second time changes nothing. Raises as `scan`."""
    session = Session.objects.visible_to(by).hold(pk)
    own = comes_for(session, by)
    if found := session.sign_ins.filter(user=by).first():
        return found
    _open_doors(session)
    against_pass(given, pk, by.pk, clock.now())
    return SignIn.objects.create(session=session, application=own, user=by, at=clock.now(), way=SignInWay.QR, by=by)


@transaction.atomic
def sign_in_by_hand(
    pk: int, *, application: int | None = None, expert: int | None = None, reason: str, by: User, key: UUID
) -> SignIn:
    """The desk signs a unit or an expert in, with its reason. Raises `NotHere` where neither is called, `OutOfStep`."""
    session = _held(pk, by, "desk")
    of = session.meeting.step.round
    if earlier := made("sign_in", stream=of.stream, subject=f"session:{pk}", key=key):
        return SignIn.objects.get(pk=earlier.body["sign_in"])
    _open_doors(session)
    if (application is None) == (expert is None):
        raise BadInput(what=_("请选一家单位或一位专家。"))
    row = of.applications.exclude(state__in=LEFT).filter(pk=application).first() if application else None
    known = {user.pk: user for user in experts_of(session.meeting)}
    person = known.get(expert) if expert else None
    if row is None and person is None:
        raise NotHere
    already = session.sign_ins.filter(Q(user=person) if person else Q(application=row)).first()
    if already is not None:
        return already
    made_now = SignIn.objects.create(
        session=session, application=row, user=person, at=clock.now(), way=SignInWay.DESK, by=by,
        reason=need_reason(reason),
    )  # fmt: skip
    content = {"sign_in": made_now.pk, "unit": row.unit_id if row else None, "expert": person.pk if person else None}
    record("sign_in", stream=of.stream, subject=f"session:{pk}", by=by, content=content, key=key, note=made_now.reason)
    return made_now


# By itself ------------------------------------------------------------------------------------------------------------


def fall_due() -> None:
    """Open what is to open, close what nobody closed, remind whoever speaks within a working day. Safe twice."""
    now = clock.now()
    standing = Session.objects.filter(
        meeting__state=MeetingState.FIXED, meeting__step__round__state=RoundState.REVIEWING
    ).order_by("starts_at")
    for pk, at in standing.filter(opened_at=None, starts_at__lte=now).values_list("pk", "starts_at"):
        open_session(pk, by=CLOCK, key=uuid5(NAMESPACE_URL, f"open:{pk}:{at}"))
    late = standing.filter(opened_at__isnull=False, closed_at=None, ends_at__lte=now - OVERRUN)
    for pk, at in late.values_list("pk", "ends_at"):
        close_session(pk, by=CLOCK, key=uuid5(NAMESPACE_URL, f"close:{pk}:{at}"))
    waiting = standing.filter(opened_at=None, reminded_at=None, starts_at__lte=now + timedelta(days=20))
    for pk in waiting.values_list("pk", flat=True):
        remind(pk)


@transaction.atomic
def remind(pk: int) -> int:
    """One working day before a session, remind its speakers, and before the first one the experts; returns how many."""
    session = Session.objects.hold(pk)
    here = session.starts_at.astimezone(clock.now().tzinfo)
    try:
        days = clock.working_days_between(clock.today(), here.date())
    except YearWithoutTable:
        days = (here.date() - clock.today()).days
    if session.reminded_at or session.opened_at or days > 1:
        return 0
    session.reminded_at = clock.now()
    session.save(update_fields=["reminded_at"])
    people = speakers_of(session) + (experts_of(session.meeting) if session.number == 1 else [])
    return tell(
        "assessment.session_soon", people, url=agenda_url(session.meeting), round=session.meeting.step.round.title,
        n=session.number, when=f"{here.month}月{here.day}日 {here:%H:%M}", place=session.where,
    )  # fmt: skip
