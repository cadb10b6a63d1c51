"""Setting the demonstration's time forward, and entering a year's working days."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

import chinese_calendar
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from guildhall.foundation.clock.models import BusinessTime, CalendarDay, forget, now
from guildhall.foundation.clock.rules import YearWithoutTable
from guildhall.foundation.errors import Refusal


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


@transaction.atomic
def enter_year(year: int, corrections: Mapping[date, bool] | None = None) -> None:
    """Enter a year's working days from `chinesecalendar`, then an officer's corrections on top.

    Raises `YearWithoutTable` where the package does not know the year: then each day comes from the officer.
    """
    first = date(year, 1, 1)
    days = [first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days)]
    try:
        works = {day: chinese_calendar.is_workday(day) for day in days}
    except NotImplementedError:
        raise YearWithoutTable(year=year) from None
    corrected = dict(corrections or {})
    source = {day: "更正" if day in corrected else "国务院办公厅" for day in days}
    rows = [CalendarDay(day=day, works=corrected.get(day, works[day]), source=source[day]) for day in days]
    CalendarDay.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["day"], update_fields=["works", "source"]
    )
