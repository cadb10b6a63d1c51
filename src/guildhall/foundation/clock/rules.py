"""How days are counted, on a table that the caller brings: no database, no time of its own."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from guildhall.foundation.errors import Refusal

SHANGHAI = ZoneInfo("Asia/Shanghai")
CLOSING = time(17, 30)
"""When an office day ends: a period given in days ends at this hour of its last day."""


class YearWithoutTable(Refusal):
    """A deadline reaches into a year whose working days nobody has entered; it is not guessed."""

    code = "clock.year-without-table"
    message = _("%(year)d 年的工作日表还没有录入，不能推算期限。请先在“工作日”页录入国务院办公厅的放假安排。")


def days(first: date, last: date) -> list[date]:
    """Each day from `first` to `last`, both in it."""
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def end_of_day(day: date) -> datetime:
    """The moment a period ends whose last day is `day`: 17:30 in Asia/Shanghai."""
    return datetime.combine(day, CLOSING, SHANGHAI)


def count(table: Mapping[date, bool], first: date, last: date) -> int:
    """How many days from `first` to `last` work. Raises `YearWithoutTable` for a day the table does not hold."""
    try:
        return sum(table[day] for day in days(first, last))
    except KeyError as gap:
        raise YearWithoutTable(year=gap.args[0].year) from None


def nth(table: Mapping[date, bool], first: date, last: date, n: int) -> tuple[date | None, int]:
    """The `n`th working day from `first`; None, and how many are still to count, where `last` comes before it.

    Raises `YearWithoutTable` for a day on the way that the table does not hold.
    """
    for day in days(first, last):
        if day not in table:
            raise YearWithoutTable(year=day.year)
        n -= table[day]
        if n == 0:
            return day, 0
    return None, n
