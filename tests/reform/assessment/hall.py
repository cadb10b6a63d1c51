"""A meeting for the town: its sessions, fixed, and brought to where a test begins."""

from datetime import timedelta
from uuid import uuid4

from guildhall.foundation import clock
from guildhall.reform.assessment.models import Meeting, Session
from guildhall.reform.assessment.moves import meeting
from guildhall.reform.assessment.rules import Span

PLACE = "市总二楼会议室"


def spans(*hours: float, long: float = 0.9) -> list[Span]:
    """Sessions so many hours from now; six units of eight minutes fit into one."""
    now = clock.now().replace(microsecond=0)
    return [Span(now + timedelta(hours=one), now + timedelta(hours=one + long)) for one in hours]


def planned(town, sessions=None, minutes=8) -> Meeting:
    """Two sessions tomorrow and the day after, six units each."""
    return meeting.plan(
        town.round.pk, sessions or spans(24, 48), place=PLACE, minutes=minutes, by=town.officer, key=uuid4()
    )


def fixed(town) -> Meeting:
    planned(town)
    return meeting.fix(town.round.pk, by=town.officer, key=uuid4())


def session(town, n: int) -> Session:
    return Session.objects.select_related("meeting__step__round").get(meeting__step=town.step, number=n)


def comes(town, n: int, minutes: int = 0) -> Session:
    """The session's time has come; `minutes` before (or after, negative)."""
    one = session(town, n)
    starts = clock.now() + timedelta(minutes=minutes)
    Session.objects.filter(pk=one.pk).update(starts_at=starts, ends_at=starts + timedelta(minutes=54))
    return session(town, n)
