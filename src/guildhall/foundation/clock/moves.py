"""Setting the demonstration's time forward, and entering a year's working days."""

from datetime import date, datetime, timedelta

import chinese_calendar
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from guildhall.foundation.clock.models import BusinessTime, CalendarDay, forget, now
from guildhall.foundation.clock.rules import YearWithoutTable
from guildhall.foundation.errors import Refusal

PUBLISHED = "国务院办公厅"


class NeverBack(Refusal):
    """The time of business only goes forward."""

    code = "clock.never-back"
    message = _("业务时间只能往后拨。现在是 %(now)s。")


class RealTimeRules(Refusal):
    """Outside the demonstration the time of business is the real time."""

    code = "clock.real-time"
    message = _("正式系统的业务时间就是当前时间，不能拨动。")


@transaction.atomic
def start_demonstration(at: datetime) -> None:
    """Let the demonstration's time start at `at`, once; a later start goes on where the time stands."""
    BusinessTime.objects.get_or_create(defaults={"offset": at - timezone.now()})
    transaction.on_commit(forget)


@transaction.atomic
def set_forward(to: datetime) -> None:
    """Set the demonstration's time of business to `to`. The caller checks the right and records the act.

    Raises `NeverBack`, and `RealTimeRules` outside the demonstration.
    """
    if not settings.DEMO:
        raise RealTimeRules
    row = BusinessTime.objects.select_for_update().get()
    forget()
    current = now()
    if to < current:
        raise NeverBack(now=current.strftime("%Y-%m-%d %H:%M"))
    row.offset = to - timezone.now()
    row.save(update_fields=["offset"])
    forget()
    transaction.on_commit(forget)


class YearUnknown(Refusal):
    """A year whose arrangement the installed table does not hold: it is not guessed."""

    code = "clock.year-unknown"
    message = _("%(year)d 年的放假安排还没有公布，或系统还没有更新，不能录入。")


class YearEntered(Refusal):
    """A year that stands in the table; single days are corrected."""

    code = "clock.year-entered"
    message = _("%(year)d 年的工作日表已经录入。个别日子有变，请更正那一天。")


@transaction.atomic
def enter_year(year: int) -> None:
    """Enter a year's working days from `chinesecalendar`. The caller checks the right and records the act.

    Raises `YearUnknown`, `YearEntered`.
    """
    first = date(year, 1, 1)
    days = [first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days)]
    if CalendarDay.objects.filter(day__year=year).exists():
        raise YearEntered(year=year)
    try:
        rows = [CalendarDay(day=day, works=chinese_calendar.is_workday(day), source=PUBLISHED) for day in days]
    except NotImplementedError:
        raise YearUnknown(year=year) from None
    CalendarDay.objects.bulk_create(rows)


@transaction.atomic
def correct_day(day: date, *, works: bool, source: str) -> None:
    """Let one day work or rest, by a document. Raises `YearWithoutTable`."""
    row = CalendarDay.objects.select_for_update().filter(day=day).first()
    if row is None:
        raise YearWithoutTable(year=day.year)
    row.works, row.source = works, source
    row.save(update_fields=["works", "source"])
