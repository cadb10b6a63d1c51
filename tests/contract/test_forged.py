"""Ids that a page did not offer, in paths, forms, batches, exports and query strings: 404, and nothing is written."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from django.urls import reverse

from guildhall.foundation.organisations.moves import check_file
from guildhall.foundation.programmes.models import Evidence
from guildhall.reform.assessment.models import Result, Review, Sheet
from tests.contract import matrix
from tests.contract.addresses import FILLED, file
from tests.contract.affairs import PDF, Affairs, fresh
from tests.contract.test_access import written
from tests.foundation.organisations.workbook import line, workbook

NOBODY = 987_654_321
Case = Callable[[Affairs], tuple[str, tuple[Any, ...], dict[str, Any]]]


def filled(name: str, one: Affairs, **forged: Any) -> dict[str, Any]:
    """What the address takes, but for what is forged."""
    return FILLED[name](one) | forged


def others_sheet(one: Affairs) -> Sheet:
    """The sheet of the sixth unit, in the round that is scored."""
    found = Sheet.objects.filter(step__round=one.rounds["scoring"], entrant__application__unit=one.city.next_unit)
    return found.get()


def sheet_elsewhere(one: Affairs) -> Sheet:
    """The same assessor's sheet in another round."""
    own = one.city.unit
    return Sheet.objects.get(step__round=one.rounds["scored"], entrant__application__unit=own)


def own_review(one: Affairs) -> Review:
    return Review.objects.filter(sheet=one.sheets["peers"]).earliest("pk")


def others_review(one: Affairs) -> Review:
    return Review.objects.filter(sheet=others_sheet(one)).earliest("pk")


def next_application(one: Affairs, stage: str = "open") -> Any:
    return one.rounds[stage].applications.get(unit=one.city.next_unit)


def next_evidence(one: Affairs) -> Evidence:
    """A piece of the neighbour's, in the same round."""
    known = one.evidence
    assert known is not None
    return Evidence.objects.create(
        application=next_application(one), indicator=known.indicator, title="别家的", attachment=known.attachment
    )


MARK = {"item": "leadership", "value": "80", "reason": ""}
POSTS: dict[str, tuple[str, Case]] = {
    "a neighbour's scorer": ("unit'", lambda one: (
        "organisations:scorer", (one.city.unit.pk,), filled("organisations:scorer", one))),
    "a neighbour's password": ("unit'", lambda one: (
        "organisations:person_password", (one.city.assessor.pk,), {})),
    "a neighbour's account": ("unit'", lambda one: (
        "money:propose_payee", (one.city.unit.pk,), filled("money:propose_payee", one))),
    "a neighbour's application": ("unit'", lambda one: (
        "rounds:withdraw", (one.application("open").pk,), filled("rounds:withdraw", one))),
    "evidence to a neighbour's application": ("unit", lambda one: (
        "rounds:evidence_add", (next_application(one).pk,), filled("rounds:evidence_add", one))),
    "a neighbour's evidence under one's own application": ("unit", lambda one: (
        "rounds:evidence_drop", (one.application("open").pk, next_evidence(one).pk), {})),
    "a conflict with a unit of no round": ("unit", lambda one: (
        "assessment:declarations", (one.rounds["open"].pk,), filled("assessment:declarations", one, other=NOBODY))),
    "another's review under one's own sheet": ("scorer", lambda one: (
        "assessment:save", (one.sheets["peers"].pk, others_review(one).pk), MARK)),
    "another's review kept under one's own sheet": ("scorer", lambda one: (
        "assessment:keep", (one.sheets["peers"].pk, others_review(one).pk), MARK)),
    "another's sheet": ("scorer", lambda one: (
        "assessment:save", (others_sheet(one).pk, others_review(one).pk), MARK)),
    "another's sheet with one's own review": ("scorer", lambda one: (
        "assessment:save", (others_sheet(one).pk, own_review(one).pk), MARK)),
    "another's sheet submitted": ("scorer", lambda one: ("assessment:submit", (others_sheet(one).pk,), {})),
    "a panel's sheet": ("scorer", lambda one: ("assessment:submit", (one.sheets["panel"].pk,), {})),
    "an office at no union": ("officer", lambda one: (
        "organisations:person_appoint", (one.city.assessor.pk,),
        filled("organisations:person_appoint", one, union=NOBODY))),
    "a stand-in for no office": ("officer", lambda one: (
        "organisations:person_appoint", (one.city.assessor.pk,),
        filled("organisations:person_appoint", one, stands_in_for=NOBODY))),
    "a unit above which nobody is": ("officer", lambda one: (
        "organisations:unit_new", (), filled("organisations:unit_new", one, above=NOBODY))),
    "a unit below another unit": ("officer", lambda one: (
        "organisations:unit_new", (), filled("organisations:unit_new", one, above=one.city.next_unit.union_id))),
    "a unit moved nowhere": ("officer", lambda one: (
        "organisations:unit_move", (one.city.unit.pk,), {"to": NOBODY})),
    "a colleague's import": ("officer", lambda one: (
        "organisations:unit_file", (colleagues_file(one).pk,), {"expected": 1})),
    "a round of no programme": ("officer", lambda one: (
        "rounds:plan", (), filled("rounds:plan", one, programme=NOBODY))),
    "a pin on a unit of no round": ("officer", lambda one: (
        "assessment:pin", (one.rounds["open"].pk,), filled("assessment:pin", one, second=NOBODY))),
    "a substitute from nowhere": ("officer", lambda one: (
        "assessment:substitute", (one.rounds["scoring"].pk, one.sheets["peers"].entrant_id),
        filled("assessment:substitute", one, stand_in=NOBODY))),
    "an absent assessor of another round": ("officer", lambda one: (
        "assessment:absent", (one.rounds["scored"].pk,), {"pk": one.sheets["peers"].pk})),
    "a reminder into another round": ("officer", lambda one: (
        "assessment:remind", (one.rounds["scoring"].pk,), {"pk": sheet_elsewhere(one).pk})),
    "an objection to another notice's item": ("visitor", lambda one: (
        "objections:file", (one.rounds["notice"].notice.pk,),
        filled("objections:file", one, item=one.application("paid").pk))),
    "a list of no round": ("officer", lambda one: ("money:draw", (NOBODY,), {})),
    "a return to no batch": ("finance", lambda one: (
        "money:upload", (NOBODY,), {"file": file("回单.csv", "流水号,状态,银行流水号,原因,金额\n".encode())})),
    "evidence to nothing": ("officer", lambda one: (
        "rounds:evidence_add", (NOBODY,), {"indicator": "talks", "file": file("a.pdf", PDF)})),
}  # fmt: skip
"""Who sends what; each is like one that would be taken, but for one id."""


def colleagues_file(one: Affairs) -> Any:
    """An import that another officer of the same office began."""
    return check_file("同事.xlsx", workbook(line(96)), by=fresh(one.city.second_officer), key=uuid4())


@pytest.mark.parametrize("name", POSTS)
def test_a_forged_id_is_not_here_and_writes_nothing(affairs: Affairs, name: str) -> None:
    who, case = POSTS[name]
    address, args, data = case(affairs)
    before = written()
    with transaction.atomic():
        response = affairs.client(who).post(reverse(address, args=args), {"key": str(uuid4()), **data})
    assert (response.status_code, written() - before) == (404, 0)


READS: dict[str, tuple[str, Callable[[Affairs], str]]] = {
    "a result under another round": ("officer", lambda one: reverse("assessment:result", args=[
        one.rounds["decided"].pk, Result.objects.get(application=one.application("notice")).pk])),
    "a neighbour's result": ("unit'", lambda one: reverse("assessment:result", args=[
        one.rounds["notice"].pk, Result.objects.get(application=one.application("notice")).pk])),
    "another application's evidence on one's sheet": ("scorer", lambda one: reverse("assessment:evidence", args=[
        one.sheets["peers"].pk, own_review(one).pk, next_evidence(one).pk])),
    "another's review under one's own sheet": ("scorer", lambda one: reverse("assessment:materials", args=[
        one.sheets["peers"].pk, others_review(one).pk])),
    "a neighbour's evidence": ("unit", lambda one: reverse("rounds:evidence", args=[next_evidence(one).pk])),
    "a colleague's import": ("officer", lambda one: reverse("organisations:unit_file", args=[colleagues_file(one).pk])),
    "a colleague's errors": (
        "officer", lambda one: reverse("organisations:unit_file_errors", args=[colleagues_file(one).pk])),
    "a neighbour's account": ("unit'", lambda one: reverse("money:payee", args=[one.things["0"].pk])),
}  # fmt: skip


@pytest.mark.parametrize("name", READS)
def test_a_forged_address_is_not_here(affairs: Affairs, name: str) -> None:
    who, url = READS[name]
    response = affairs.client(who).get(url(affairs))
    matrix.said(response)
    assert response.status_code == 404


LISTS = ("organisations:units", "pilots:pilots", "rounds:applications", "assessment:results")


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("who", ["district'", "unit'"])
def test_a_neighbours_id_in_a_query_or_an_export_brings_nothing_of_the_neighbours(
    affairs: Affairs, name: str, who: str
) -> None:
    """The neighbour's district as a filter, its name as a search, alone and as a workbook; its own rows are there."""
    args = (
        [affairs.rounds["notice"].pk]
        if ":" in name and name.split(":", maxsplit=1)[0] in ("rounds", "assessment")
        else []
    )
    own, other = affairs.city.next_unit, affairs.city.unit
    page = reverse(name, args=args)
    asked = {
        query: affairs.client(who).get(f"{page}?{query}")
        for query in (
            f"district={affairs.city.kundulun.pk}", f"district={affairs.city.kundulun.pk}&export=xlsx", "export=xlsx",
            "export=xlsx&sort=-name&page=2", f"q={other.code}&export=xlsx",
        )
    }  # fmt: skip
    said = {query: matrix.said(response) for query, response in asked.items()}
    assert {response.status_code for response in asked.values()} <= {200, 404}
    assert [query for query, text in said.items() if other.name in text] == []
    assert own.name in said["export=xlsx"]
