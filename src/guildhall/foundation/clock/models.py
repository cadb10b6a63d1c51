"""The demonstration's own time, which days work, and what both say now."""

import time as monotonic
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, ClassVar, Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from guildhall.foundation.clock.rules import SHANGHAI, count, nth

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

FRESH_SECONDS = 1.0


class BusinessTime(models.Model):
    """How far the time of business stands ahead of (or behind) the real one; one row, and none in production."""

    only = models.BooleanField(primary_key=True, default=True)
    offset = models.DurationField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(only=True), name="business_time_one_row")]


class CalendarDayQuerySet(models.QuerySet["CalendarDay"]):
    """Days of the table."""

    def visible_to(self, user: "AnonymousUser | models.Model") -> Self:
        """Everyone may read which days work; deadlines follow from them."""
        return self.all()

    def between(self, first: date, last: date) -> dict[date, bool]:
        """Whether each known day from `first` to `last` works."""
        return dict(self.filter(day__range=(first, last)).values_list("day", "works"))


class CalendarDay(models.Model):
    """Whether a day works, by the State Council's yearly arrangement or an officer's correction.

    A year that has no row is unknown, and unknown is refused. A year is entered as a whole or not at all.
    """

    day = models.DateField(_("日期"), primary_key=True)
    works = models.BooleanField(_("上班"))
    source = models.CharField(_("依据"), max_length=80)

    objects = CalendarDayQuerySet.as_manager()

    class Meta:
        ordering = ("day",)


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


def is_working(day: date) -> bool:
    """Whether `day` is a working day by the table. Raises `YearWithoutTable`."""
    return count(CalendarDay.objects.between(day, day), day, day) == 1


def add_working_days(day: date, n: int, *, count_first: bool = False) -> date:
    """The last of `n` working days from `day` (n ≥ 1); `day` itself counts only where the rule says so.

    Raises `YearWithoutTable` where the count runs into a year without a table.
    """
    if n < 1:
        raise ValueError("n must be at least 1")
    first = day if count_first else day + timedelta(days=1)
    while True:
        last = first + timedelta(days=n * 7 // 5 + 16)  # Weekends and the longest holiday; a longer count reads on.
        found, n = nth(CalendarDay.objects.between(first, last), first, last, n)
        if found:
            return found
        first = last + timedelta(days=1)


def days_of_notice(published: date, n: int, *, working: bool, count_first: bool = False) -> date:
    """The last day of a notice of `n` days, working or calendar; the day of publication counts only by rule."""
    if working:
        return add_working_days(published, n, count_first=count_first)
    return published + timedelta(days=n - 1 if count_first else n)


def known_days(first: date, last: date) -> dict[date, bool]:
    """Whether each known day from `first` to `last` works: read once where many deadlines are counted."""
    return CalendarDay.objects.between(first, last)


def working_days_between(first: date, last: date, known: dict[date, bool] | None = None) -> int:
    """How many working days lie after `first` up to and including `last`; 0 where `last` is past.

    `known` are the `known_days` that the caller has read.
    """
    if last <= first:
        return 0
    return count(known_days(first, last) if known is None else known, first + timedelta(days=1), last)
