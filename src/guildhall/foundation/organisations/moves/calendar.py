"""Working days: the clock keeps the table and knows no offices, so who may change it is asked here."""

from datetime import date
from uuid import UUID

from django.db import transaction

from guildhall.foundation.clock import moves as clock
from guildhall.foundation.organisations.models import Union, User
from guildhall.foundation.organisations.moves.submissions import done, earlier
from guildhall.foundation.organisations.rules.offices import require
from guildhall.foundation.organisations.states import Right, UnionKind


def _runs(by: User) -> None:
    require(by, Right.RUN_ROUNDS, at=Union.objects.get(kind=UnionKind.FEDERATION))


@transaction.atomic
def enter_year(year: int, *, by: User, key: UUID) -> None:
    """Enter a year's working days from the published arrangement. Raises `YearUnknown`, `YearEntered`."""
    _runs(by)
    body = {"year": year}
    if earlier("calendar.year", key, by, body) is None:
        clock.enter_year(year)
        done("calendar.year", year, subject=f"year:{year}", by=by, key=key, body=body)


@transaction.atomic
def correct_day(day: date, *, works: bool, source: str, by: User, key: UUID) -> None:
    """Let a day work or rest, by a document. Deadlines already announced stay. Raises `YearWithoutTable`."""
    _runs(by)
    body = {"day": day, "works": works, "source": source}
    if earlier("calendar.day", key, by, body) is None:
        clock.correct_day(day, works=works, source=source)
        done("calendar.day", day.toordinal(), subject=f"day:{day}", by=by, key=key, body=body)
