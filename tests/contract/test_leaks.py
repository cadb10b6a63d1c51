"""Before the release nobody outside learns who reviewed whom, what came out, or that it is decided: not from a page, a
count, an order, a time, a search, an export or a published file.

The same pages are asked for twice, the second time in a world where the secret is another one. They must be equal.
"""

import re
from collections.abc import Callable
from datetime import timedelta
from unittest import mock
from uuid import uuid4

import pytest
from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from guildhall.foundation.programmes.models import Round
from guildhall.foundation.programmes.moves import rounds
from guildhall.reform.assessment.models import Mark, Result, Review, Sheet, Step
from tests.contract import addresses, matrix
from tests.contract.affairs import AFTER_SCORING, Affairs, fresh

CHANGING = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|(?=[a-z0-9]*[A-Z])[A-Za-z0-9]{64}|\b[0-9A-F]{6}\b"
)
"""Keys, tokens and a request's number: new in each answer."""
Differs = Callable[..., list[str]]
NOW = timezone.now()
UNRELEASED = tuple(stage for stage in AFTER_SCORING if stage in {"scored", "computed", "proposed"})
OUTSIDE = ("visitor", "unit", "scorer", "expert", "district")
INSIDE = ("officer", "leader")
LISTS = (
    "web:messages", "pilots:pilots", "rounds:index", "objections:index", "organisations:units", "organisations:scorers",
    "money:received", "money:payouts", "money:accounts", "records:index",
)  # fmt: skip
QUERIES = {
    "rounds:applications": ("export=xlsx", "sort=-state", "state=proposed"),
    "rounds:index": ("export=xlsx", "sort=told", "state=decided"),
    "assessment:results": ("export=xlsx", "sort=rank"),
    "assessment:groups": ("export=xlsx",),
    "assessment:progress": ("export=xlsx", "sort=-done"),
    "records:index": ("export=xlsx",),
    "organisations:units": ("export=xlsx",),
}
OF_A_ROUND = (
    "rounds:page", "rounds:records", "rounds:notice", "rounds:objections", "rounds:applications",
    "assessment:public", "assessment:file", "assessment:outcome", "assessment:results", "assessment:analysis",
    "assessment:progress", "assessment:groups", "assessment:drawing", "assessment:freezing", "assessment:declarations",
    "assessment:conflicts",
)  # fmt: skip


def walk(affairs: Affairs) -> list[str]:
    """Every address that could say something of the rounds whose results are not released, with its queries."""
    found = [reverse(name) for name in ("web:front", "web:notices", "web:workbench", "assessment:sheets", *LISTS)]
    for name in LISTS:
        found += [f"{reverse(name)}?{query}" for query in QUERIES.get(name, ())]
    for stage in UNRELEASED:
        of = affairs.rounds[stage]
        for name in OF_A_ROUND:
            url = reverse(name, args=[of.pk])
            found += [url, *(f"{url}?{query}" for query in QUERIES.get(name, ()))]
        application = affairs.application(stage)
        found.append(reverse("rounds:application", args=[application.pk]))
        if result := Result.objects.filter(application=application).first():
            found.append(reverse("assessment:result", args=[of.pk, result.pk]))
        sheet = Sheet.objects.get(step__round=of, entrant__application=application)
        found += [reverse(f"assessment:{name}", args=[sheet.pk]) for name in ("sheet", "check")]
    return [*found, *{addresses.url(affairs, row.name) for row in matrix.rows() if row.name.startswith("pilots:pilot")}]


def read(affairs: Affairs, who: str, urls: list[str]) -> dict[str, tuple[int, str]]:
    """What one person is answered everywhere, without what is new in each answer."""
    found = {}
    for url in urls:
        with transaction.atomic():
            response = affairs.client(who).get(url)
            text = matrix.said(response) + response.headers.get("Location", "")
            transaction.set_rollback(True)
        found[url] = (response.status_code, CHANGING.sub("·", text))
    return found


@pytest.fixture(scope="module")
def before(standing: Affairs) -> Callable[[str], dict[str, tuple[int, str]]]:
    """What somebody is answered in the world as it is; asked once a person."""
    known: dict[str, dict[str, tuple[int, str]]] = {}

    def asked(who: str) -> dict[str, tuple[int, str]]:
        if who not in known:
            known[who] = read(standing, who, walk(standing))
        return known[who]

    return asked


@pytest.fixture
def differs(affairs: Affairs, before: Callable[[str], dict[str, tuple[int, str]]]) -> Callable[..., list[str]]:
    """Who is answered otherwise, and where, once the secret is another one; what is done takes three hours."""

    def compared(everybody: tuple[str, ...], change: Callable[[Affairs], None]) -> list[str]:
        urls, at = walk(affairs), NOW
        with mock.patch("django.utils.timezone.now", return_value=at):
            known = {who: before(who) for who in everybody}
            with mock.patch("django.utils.timezone.now", return_value=at + timedelta(hours=3)):
                change(affairs)
            after = {who: read(affairs, who, urls) for who in everybody}
        return [f"{who} {url}" for who in everybody for url in urls if known[who][url] != after[who][url]]

    return compared


def other_reviewers(affairs: Affairs) -> None:
    """Each sheet's units go to the next one's assessor, but for the scorer's and the expert's own."""
    for stage in UNRELEASED:
        step = Step.objects.get(round=affairs.rounds[stage])
        own = {affairs.city.unit.pk}
        peers = step.sheets.filter(kind="peers").exclude(entrant__application__unit__in=own)
        panel = step.sheets.filter(kind="panel").exclude(expert=affairs.people["expert"])
        for sheets in (list(peers.order_by("pk")), list(panel.order_by("pk"))):
            turned = dict(zip(sheets, [*sheets[1:], sheets[0]], strict=True))
            Review.objects.filter(sheet__in=sheets).update(position=F("position") + 100, version=F("version") + 1)
            _hand_on({old.pk: new.pk for old, new in turned.items()})
        others = step.sheets.exclude(pk__in=[one.pk for one in _own_sheets(affairs, stage)])
        others.filter(state="submitted").update(submitted_at=timezone.now() - timedelta(hours=3))


def _hand_on(turned: dict[int, int]) -> None:
    rows = list(Review.objects.filter(sheet__in=turned).order_by("pk"))
    marks = {row.pk: list(row.marks.all()) for row in rows}
    Review.objects.filter(pk__in=marks).delete()
    for row in rows:
        old, row.pk, row.sheet_id = row.pk, None, turned[row.sheet_id]
        row.save()
        Mark.objects.bulk_create(
            Mark(review=row, indicator=one.indicator, value=one.value, reason=one.reason) for one in marks[old]
        )


def other_results(affairs: Affairs) -> None:
    """Every unreleased result becomes another unit's, with other scores; so do the marks and the files."""
    for stage in UNRELEASED:
        rows = list(Result.objects.filter(application__round=affairs.rounds[stage]).order_by("pk"))
        said = [(row.rank, row.group, row.tier, row.sum_fen, row.grade, row.row) for row in rows]
        for row, (rank, group, tier, sum_fen, grade, whole) in zip(rows, [*said[1:], *said[:1]], strict=True):
            row.rank, row.group, row.tier, row.sum_fen, row.grade, row.row = rank, group, tier, sum_fen, grade, whole
            row.final, row.peers, row.panel = row.final - 1, row.peers - 1, row.panel - 1
            row.save()
        Mark.objects.filter(review__sheet__step__round=affairs.rounds[stage]).exclude(
            review__sheet__in=[one.pk for one in _own_sheets(affairs, stage)]
        ).update(value=F("value") - 1)


def _own_sheets(affairs: Affairs, stage: str) -> list[Sheet]:
    sheets = Sheet.objects.filter(step__round=affairs.rounds[stage])
    return [
        *sheets.filter(entrant__application__unit=affairs.city.unit),
        *sheets.filter(expert=affairs.people["expert"]),
    ]


def decided(affairs: Affairs) -> None:
    """What is computed is put before the leader, and decided."""
    officer, leader = fresh(affairs.city.officer), fresh(affairs.city.leader)
    rounds.propose_result(affairs.rounds["computed"].pk, by=officer, key=uuid4())
    for stage in ("computed", "proposed"):
        rounds.decide(affairs.rounds[stage].pk, by=leader, key=uuid4())


def test_nobody_but_the_auditor_learns_who_reviewed_whom(differs: Differs) -> None:
    """Not even those who run and decide the round; an assessor knows its own sheet, no more."""
    assert differs(("unit", "scorer", "expert", *INSIDE), other_reviewers) == []


def test_nobody_outside_learns_a_result(differs: Differs) -> None:
    assert differs(OUTSIDE, other_results) == []


def test_nobody_outside_learns_that_it_is_decided(differs: Differs) -> None:
    assert differs(OUTSIDE, decided) == []


@pytest.mark.parametrize("change", [other_results, decided], ids=lambda one: one.__name__)
def test_those_inside_do_see_it(differs: Differs, change: Callable[[Affairs], None]) -> None:
    """The walk passes the pages on which it would show."""
    assert {line.split()[0] for line in differs(INSIDE, change)} == set(INSIDE)


def test_the_leader_sees_nothing_before_he_is_asked(affairs: Affairs) -> None:
    """Computed and not yet proposed is the officer's alone."""
    of = affairs.rounds["computed"]
    result = Result.objects.get(application=affairs.application("computed"))
    urls = [reverse(f"assessment:{name}", args=[of.pk]) for name in ("results", "analysis", "file", "outcome")]
    urls += [reverse("assessment:result", args=[of.pk, result.pk]), reverse("rounds:decide", args=[of.pk])]
    assert {status for status, _said in read(affairs, "leader", urls).values()} <= {403, 404, 409}
    assert Round.objects.get(pk=of.pk).proposed_at is None


@pytest.mark.parametrize("stage", ["notice"])
def test_after_the_release_a_unit_sees_its_reviews_unnamed(affairs: Affairs, stage: str) -> None:
    """What it was given, not by whom: no other unit's name and no assessor's stands on its page."""
    result = Result.objects.get(application=affairs.application(stage))
    url = reverse("assessment:result", args=[affairs.rounds[stage].pk, result.pk])
    _status, said = read(affairs, "unit", [url])[url]
    others = [unit.name for unit in affairs.city.units[1:]] + [str(user) for user in affairs.city.assessors[1:]]
    assert [name for name in others if name in said] == []
    ids = Sheet.objects.filter(step__round=affairs.rounds[stage]).values_list("public_id", flat=True)
    assert [one for one in ids if one in said] == []
