"""What time it is for business, and how days are counted."""

import time as monotonic
from datetime import date, datetime, time, timedelta
from typing import ClassVar
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from guildhall.foundation.clock.models import BusinessTime, CalendarDay
from guildhall.foundation.errors import Refusal

SHANGHAI = ZoneInfo("Asia/Shanghai")
CLOSING = time(17, 30)
"""When an office day ends: a period given in days ends at this hour of its last day."""
FRESH_SECONDS = 1.0


class YearWithoutTable(Refusal):
    """A deadline reaches into a year whose working days nobody has entered; it is not guessed."""

    code = "clock.year-without-table"
    message = _("%(year)d 年的工作日表还没有录入，不能推算期限。请先在“工作日”页录入国务院办公厅的放假安排。")


class _Offset:
    """The demonstration's offset, read at most once a second by this process."""

    value: ClassVar[timedelta] = timedelta()
    read_at: ClassVar[float] = float("-inf")


def forget() -> None:
    """Read the offset anew at the next call: the clock was just set, or another test began."""
    _Offset.read_at = float("-inf")


def now() -> datetime:
    """The time of business, in Asia/Shanghai. A deadline binds by it even if the worker that acts on it is late."""
    real = timezone.now().astimezone(SHANGHAI)
    if not settings.DEMO:
        return real
    if monotonic.monotonic() - _Offset.read_at > FRESH_SECONDS:
        _Offset.value = BusinessTime.objects.values_list("offset", flat=True).first() or timedelta()
        _Offset.read_at = monotonic.monotonic()
    return real + _Offset.value


def today() -> date:
    """The date of business."""
    return now().date()


def end_of_day(day: date) -> datetime:
    """The moment a period ends whose last day is `day`: 17:30 in Asia/Shanghai."""
    return datetime.combine(day, CLOSING, SHANGHAI)


def _table(first: date, last: date) -> dict[date, bool]:
    """Each day from `first` to `last` and whether it works; raises `YearWithoutTable` for a gap."""
    table = dict(CalendarDay.objects.filter(day__range=(first, last)).values_list("day", "works"))
    missing = next((day for day in _days(first, last) if day not in table), None)
    if missing:
        raise YearWithoutTable(year=missing.year)
    return table


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def is_working(day: date) -> bool:
    """Whether `day` is a working day by the table. Raises `YearWithoutTable`."""
    return _table(day, day)[day]


def add_working_days(day: date, n: int, *, count_first: bool = False) -> date:
    """The last of `n` working days from `day` (n ≥ 1); `day` itself counts only where the rule says so.

    Raises `YearWithoutTable` where the count runs into a year without a table.
    """
    if n < 1:
        raise ValueError("n must be at least 1")
    first = day if count_first else day + timedelta(days=1)
    left, span = n, n + 16  # The longest holiday is 8 days; a longer count simply reads on.
    while True:
        last = first + timedelta(days=span)
        known = dict(CalendarDay.objects.filter(day__range=(first, last)).values_list("day", "works"))
        for one in _days(first, last):
            if one not in known:
                raise YearWithoutTable(year=one.year)
            left -= known[one]
            if left == 0:
                return one
        first = last + timedelta(days=1)


def days_of_notice(published: date, n: int, *, working: bool, count_first: bool = False) -> date:
    """The last day of a notice of `n` days, working or calendar; the day of publication counts only by rule."""
    if working:
        return add_working_days(published, n, count_first=count_first)
    return published + timedelta(days=n - 1 if count_first else n)


def working_days_between(first: date, last: date) -> int:
    """How many working days lie after `first` up to and including `last`; 0 where `last` is past."""
    if last <= first:
        return 0
    return sum(_table(first + timedelta(days=1), last).values())
