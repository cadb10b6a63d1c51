"""Every list asks the database as often for 60 rows as for 3, and at most 12 times; with all its columns shown.

The lists are found in the code: one without a line below fails.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver, reverse

from guildhall.foundation.ledger.models import Account
from guildhall.foundation.organisations.models import UnitFile
from guildhall.foundation.organisations.states import Role
from guildhall.foundation.programmes.models import Round
from guildhall.foundation.screens.lists import ListPage
from tests.contract.listed import House

FEW, MANY, MOST = 3, 60, 12
pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Seen:
    """A page, who opens it, what fills it, and what stands once in the page for each row."""

    name: str
    who: Role
    fill: Callable[[House, int], object]
    of: Callable[[], Any] | None = None
    """Reads the object in its address."""
    mark: str = '<th scope="row"'
    drawn: int = MANY
    """How many of the many rows one page shows."""


def first_round() -> int:
    return Round.objects.order_by("pk")[0].pk


OFFICER, FINANCE = Role.FEDERATION_OFFICER, Role.FINANCE_OFFICER
LISTS = {
    "guildhall.web.views.demonstration.Outbox": Seen("web:outbox", OFFICER, House.deliveries),
    "guildhall.reform.pilots.views.PilotList": Seen("pilots:pilots", OFFICER, House.designations),
    "guildhall.reform.assessment.views.progress.ProgressList":
        Seen("assessment:progress", OFFICER, House.sheets, first_round),
    "guildhall.reform.assessment.views.attendance.AttendanceList":
        Seen("assessment:attendance", OFFICER, House.sign_ins, first_round),
    "guildhall.reform.assessment.views.drawing.GroupList":
        Seen("assessment:groups", OFFICER, House.entrants, first_round),
    "guildhall.reform.assessment.views.conflicts.DerivedList":
        Seen("assessment:derived", OFFICER, House.entrants, first_round),
    "guildhall.reform.assessment.views.conflicts.ConflictList":
        Seen("assessment:conflict_list", OFFICER, House.conflicts, first_round),
    "guildhall.reform.assessment.views.results.ResultList":
        Seen("assessment:results", OFFICER, House.results, first_round),
    "guildhall.foundation.documents.views.papers.DocumentList": Seen("documents:index", OFFICER, House.documents),
    "guildhall.foundation.records.views.RecordList": Seen("records:index", Role.AUDITOR, House.decisions),
    "guildhall.foundation.records.views.AccessList": Seen("records:access", Role.AUDITOR, House.decisions),
    "guildhall.foundation.programmes.views.payouts.Payouts": Seen("money:payouts", FINANCE, House.payouts),
    "guildhall.foundation.programmes.views.payouts.Received": Seen("money:received", Role.UNIT_OFFICER, House.payouts),
    "guildhall.foundation.programmes.views.bank.Batches": Seen("money:batches", FINANCE, House.batches),
    "guildhall.foundation.programmes.views.bank.Returns": Seen("money:returns", FINANCE, House.returns),
    "guildhall.foundation.programmes.views.trace.Accounts": Seen("money:accounts", FINANCE, House.accounts),
    "guildhall.foundation.programmes.views.trace.Transfers": Seen("money:transfers", FINANCE, House.transfers),
    "guildhall.foundation.programmes.views.funds.Budget": Seen("money:budget", FINANCE, House.budget),
    "guildhall.foundation.programmes.views.payees.Payees": Seen("money:payees", FINANCE, House.payees),
    "guildhall.foundation.programmes.views.rounds.Rounds": Seen("rounds:index", OFFICER, House.own_applications),
    "guildhall.foundation.programmes.views.applications.Applications":
        Seen("rounds:applications", OFFICER, House.entrants, first_round),
    "guildhall.foundation.programmes.views.applications.ApplicationsTold":
        Seen("rounds:applications", Role.DISTRICT_OFFICER, House.applications, first_round),
    "guildhall.foundation.programmes.views.endorsing.Awaiting":
        Seen("rounds:endorsing", Role.DISTRICT_OFFICER, House.awaiting),
    "guildhall.foundation.programmes.views.objections.Objections": Seen("objections:index", OFFICER, House.objections),
    "guildhall.foundation.organisations.views.units.UnitList": Seen("organisations:units", OFFICER, House.units),
    "guildhall.foundation.organisations.views.people.PeopleList":
        Seen("organisations:people", OFFICER, House.appointments),
    "guildhall.reform.assessment.views.earlier.EarlierList": Seen("assessment:earlier", OFFICER, House.earlier),
    "guildhall.foundation.organisations.views.log_ins.LogInList": Seen("organisations:log_ins", OFFICER, House.units),
}  # fmt: skip
BESIDE = (
    Seen("assessment:sheets", Role.EXPERT, House.own_sheets, mark='class="gh-pick-row"'),
    Seen("web:messages", OFFICER, House.messages, mark="P2024-001", drawn=50),
    Seen("web:notices", OFFICER, House.notices, mark="批的公示"),
    Seen("notices:index", OFFICER, House.notices, mark="批的公示"),
    Seen("organisations:unit_file", OFFICER, House.file, lambda: UnitFile.objects.latest("pk").pk, drawn=25),
    Seen("money:account", FINANCE, House.transfers, lambda: Account.objects.order_by("pk")[0].pk, drawn=50),
)
"""Pages of rows that are no `ListPage`."""


def lists() -> dict[str, type[ListPage]]:
    """The product's lists by path; what a view makes of one for a single request is not counted."""
    assert get_resolver().url_patterns  # Every view is imported.
    found, left = {}, [ListPage]
    while left:
        left += (one := left.pop()).__subclasses__()
        if one.__module__.startswith("guildhall.") and getattr(sys.modules[one.__module__], one.__name__, 0) is one:
            found[f"{one.__module__}.{one.__name__}"] = one
    del found[f"{ListPage.__module__}.ListPage"]
    return found


def test_no_list_is_left_out():
    assert set(lists()) == set(LISTS)


@pytest.mark.parametrize("path", LISTS, ids=lambda path: path.removeprefix("guildhall."))
def test_a_list_asks_as_often_for_sixty_rows_as_for_three(path):
    seen, keys = LISTS[path], [column.key for column in lists()[path].columns]
    count = counting(seen)

    few = count(FEW, keys)
    many = count(MANY, keys)

    assert few["list"] == many["list"] == path
    assert (few["rows"], many["rows"]) == (FEW, MANY)
    assert many["queries"] == few["queries"] <= MOST, "\n".join(many["asked"])


@pytest.mark.parametrize("seen", BESIDE, ids=lambda seen: seen.name)
def test_so_does_every_other_page_of_rows(seen):
    count = counting(seen)

    few, many = count(FEW), count(MANY)

    assert (few["rows"], many["rows"]) == (FEW, seen.drawn)
    assert many["queries"] == few["queries"] <= MOST, "\n".join(many["asked"])


def counting(seen: Seen) -> Callable[..., dict[str, Any]]:
    """Fills the house up to `n` rows and says what the page drew and asked."""
    house, client = House.found(seen.who), Client()
    client.force_login(house.asker)

    def count(n: int, columns: list[str] | None = None) -> dict[str, Any]:
        seen.fill(house, n)
        url = reverse(seen.name, args=[seen.of()] if seen.of else [])
        if columns:
            client.get(url, {"columns": columns})
        client.get(url)  # What a process reads once is read.
        with CaptureQueriesContext(connection) as asked:
            page = client.get(url, {"size": 100})
        assert page.status_code == 200
        listed = page.context["view"].page if columns else None
        body = page.text.partition('id="gh-list"')[2] if columns else page.text
        return {
            "queries": len(asked), "asked": [one["sql"] for one in asked],
            "list": listed and f"{listed.__module__}.{listed.__name__}",
            "rows": body.partition("<tfoot>")[0].count(seen.mark),
        }  # fmt: skip

    return count
