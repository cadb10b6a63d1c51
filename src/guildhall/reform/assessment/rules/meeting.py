"""The meeting's decisions as plain functions: sessions that hold all units, the speaking order by lot, the code on the screen.

Nothing here reads a mark, a score, a group or who reviews whom.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise

from django.core.signing import BadSignature, Signer
from django.utils.translation import gettext_lazy as _

from guildhall.foundation.errors import OutOfStep, Refusal
from guildhall.reform.assessment.rules.peers import derived
from guildhall.reform.assessment.states import MEETING_AFTER, MeetingMove, MeetingState
from guildhall.science.draws import Draws

MINUTES = 8
MOST_MINUTES = 60
MOST_SESSIONS = 60
EARLY = timedelta(minutes=30)
"""How long before its time an officer may open a session."""
DOORS = timedelta(minutes=60)
"""How long before its time people may sign in."""
CODE_SECONDS = 60
"""How long a code stands on the screen; the one before it is taken too, for whoever is just scanning."""
PASS_SECONDS = 300
"""How long whoever scanned it has to confirm."""


class SessionsCross(Refusal):
    """Two sessions at the same time."""

    code = "assessment.sessions-cross"
    message = _("第 %(first)d 场和第 %(second)d 场的时间重叠。")
    status = 422


class SessionTooShort(Refusal):
    """A session in which not even one unit could speak."""

    code = "assessment.session-too-short"
    message = _("第 %(n)d 场不够 %(units)d 家发言，每家 %(minutes)d 分钟。请改结束时间。")
    status = 422


class SessionOutside(Refusal):
    """A session outside the time in which marks are taken."""

    code = "assessment.session-outside"
    message = _("第 %(n)d 场要在评分期内：%(opens)s 到 %(closes)s。")
    status = 422


class NoSessions(Refusal):
    """A meeting without a session, or with too many."""

    code = "assessment.no-sessions"
    message = _("请至少排一场，最多 %(most)d 场。")
    status = 422


class MeetingTooShort(Refusal):
    """The sessions together don't hold all units."""

    code = "assessment.meeting-too-short"
    message = _("%(units)d 家每家 %(minutes)d 分钟，要 %(hours)s 小时；排好的场次只够 %(room)d 家，还差 %(left)d 家。")


class SessionNotOpen(Refusal):
    """A mark for a unit whose session has not opened."""

    code = "assessment.session-not-open"
    message = _("这家单位在第 %(n)d 场发言，%(starts)s 开放评分。")


class SessionBegun(Refusal):
    """A session that has opened stays as it was."""

    code = "assessment.session-begun"
    message = _("第 %(n)d 场已经开放，不能再改。")


class SessionNotYet(Refusal):
    """An officer opens a session half an hour early at most."""

    code = "assessment.session-not-yet"
    message = _("第 %(n)d 场 %(from)s 起才能开放。")


class CodeOver(Refusal):
    """A code that was scanned too late, or is none of ours."""

    code = "assessment.code-over"
    message = _("二维码每分钟换一次，这一枚已经过时。请再扫一次屏幕上的。")


class HallMoved(Refusal):
    """Another screen has pressed since this one was shown."""

    code = "assessment.hall-moved"
    message = _("另一块屏幕刚刚按过。请看现在轮到谁，再按。")


@dataclass(frozen=True)
class Span:
    """One session as it is planned."""

    starts_at: datetime
    ends_at: datetime
    place: str = ""

    @property
    def minutes(self) -> int:
        """How long it is, whole minutes."""
        return int((self.ends_at - self.starts_at).total_seconds() // 60)

    def room(self, minutes: int) -> int:
        """How many units can speak in it."""
        return max(self.minutes, 0) // minutes


def next_meeting_state(state: str, move: MeetingMove) -> MeetingState:
    """Where the meeting goes by this move; raises `OutOfStep` where the table has no such move."""
    try:
        return MEETING_AFTER[state, move]
    except KeyError:
        raise OutOfStep(state=MeetingState(state).label, move=move.label) from None


def hours(units: int, minutes: int) -> str:
    """How long so many units speak, in hours to one decimal, rounded up: 225 × 8 minutes are 30."""
    tenths = -(-units * minutes * 10 // 60)
    return f"{tenths // 10}" if tenths % 10 == 0 else f"{tenths / 10:.1f}"


def against_spans(
    spans: Sequence[Span], *, minutes: int, opens: datetime, closes: datetime, least: Sequence[int] = ()
) -> None:
    """Raises a refusal unless the sessions, in their order of time, hold at least one unit each (or as many as `least`
    says), lie within the time of scoring, and don't cross."""
    if not 0 < len(spans) <= MOST_SESSIONS:
        raise NoSessions(most=MOST_SESSIONS)
    zone = spans[0].starts_at.tzinfo
    for n, span in enumerate(spans, 1):
        units = max(least[n - 1], 1) if least else 1
        if span.room(minutes) < units:
            raise SessionTooShort(n=n, minutes=minutes, units=units)
        if not opens <= span.starts_at < span.ends_at <= closes:
            bounds = [f"{one.astimezone(zone):%Y-%m-%d %H:%M}" for one in (opens, closes)]
            raise SessionOutside(n=n, opens=bounds[0], closes=bounds[1])
    for n, (one, other) in enumerate(pairwise(spans), 1):
        if other.starts_at < one.ends_at:
            raise SessionsCross(first=n, second=n + 1)


def speaking_order(seed: str, codes: Iterable[str]) -> list[str]:
    """The units in the order in which they speak: their credit codes sorted as text, then drawn by the published seed.

    It reads the codes and nothing else: no number of the published file, which would tell which number is which unit.
    """
    row = sorted(codes)
    return [row[n] for n in Draws(derived(seed, "speaking")).order(len(row)).tolist()]


def dealt(units: int, rooms: Sequence[int]) -> list[int]:
    """How many units speak in each session: all sessions alike in share of their room, the earlier ones first.

    The sums are those of the cumulative shares rounded up, so none is over its room. Needs units ≤ Σ rooms.
    """
    total, upto, found = sum(rooms), 0, []
    for room in rooms:
        before = -(-units * upto // total)
        upto += room
        found.append(min(-(-units * upto // total), units) - before)
    return found


def lay_out(
    days: Sequence[date], halves: Sequence[tuple[time, time]], *, units: int, minutes: int, closes: datetime
) -> list[Span]:
    """Sessions by half days until all units fit; fewer where the days or the time of scoring do not reach."""
    found: list[Span] = []
    left = units
    for day in days:
        for since, until in halves:
            span = Span(datetime.combine(day, since, closes.tzinfo), datetime.combine(day, until, closes.tzinfo))
            room = span.room(minutes)
            if left <= 0 or not room or span.ends_at > closes or len(found) == MOST_SESSIONS:
                continue
            found.append(span)
            left -= room
    return found


# The code on the screen -----------------------------------------------------------------------------------------------


def code_at(session: int, now: datetime) -> str:
    """The code that stands on the session's screen at this time."""
    return Signer(salt="assessment.meeting.code").sign(f"{session}:{int(now.timestamp()) // CODE_SECONDS}")


def against_code(code: str, session: int, now: datetime) -> None:
    """Raises `CodeOver` unless the code is this session's, of this minute or the one before."""
    _fresh(Signer(salt="assessment.meeting.code"), code, str(session), int(now.timestamp()) // CODE_SECONDS, 1)


def pass_at(session: int, user: int, now: datetime) -> str:
    """What a person who scanned a fresh code confirms with."""
    return Signer(salt="assessment.meeting.pass").sign(f"{session}-{user}:{int(now.timestamp())}")


def against_pass(given: str, session: int, user: int, now: datetime) -> None:
    """Raises `CodeOver` unless this person scanned this session's code within the last minutes."""
    signer = Signer(salt="assessment.meeting.pass")
    _fresh(signer, given, f"{session}-{user}", int(now.timestamp()), PASS_SECONDS)


def _fresh(signer: Signer, given: str, whose: str, now: int, most: int) -> None:
    try:
        said, _colon, at = signer.unsign(given).rpartition(":")
    except BadSignature:
        raise CodeOver from None
    if said != whose or not 0 <= now - int(at) <= most:
        raise CodeOver


# The clock of the hall ------------------------------------------------------------------------------------------------


def seconds_left(minutes: int, used: int, started: datetime | None, now: datetime) -> int:
    """What a speaker has left; negative once it is over."""
    running = int((now - started).total_seconds()) if started else 0
    return minutes * 60 - used - running
