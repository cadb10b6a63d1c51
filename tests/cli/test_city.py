"""The demonstration city: the real shape, and a finished round that anyone can recompute."""

import json
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

import pytest
from django.db import transaction
from django.db.models import Sum

from guildhall.cli import city
from guildhall.foundation.clock import models as clock_models
from guildhall.foundation.ledger.models import Account
from guildhall.foundation.organisations.models import Unit
from guildhall.foundation.programmes.models import Fund, PayoutRow, Round
from guildhall.foundation.programmes.states import RoundState
from guildhall.foundation.records.verify import verify
from guildhall.reform.assessment.models import Result, Sheet, Step
from guildhall.reform.assessment.states import SheetKind, StepState
from guildhall.reform.pilots.models import Designation
from guildhall.science.published import assess


@pytest.fixture(scope="module")
def built(django_db_setup, django_db_blocker) -> Iterator[None]:
    """The whole city, once for this file, rolled back after it."""
    from django.conf import settings

    settings.DEMO, before = True, settings.DEMO
    with django_db_blocker.unblock(), transaction.atomic():
        city.load()
        yield
        transaction.set_rollback(True)
    settings.DEMO = before
    clock_models.forget()


@pytest.fixture(autouse=True)
def unblocked(built, django_db_blocker) -> Iterator[None]:
    with django_db_blocker.unblock():
        yield


def finished() -> Round:
    return Round.objects.get(year=2023)


def test_the_register_has_the_real_totals():
    levels = Counter(Designation.objects.values_list("level", flat=True))

    assert Unit.objects.count() == 225
    assert levels == {"municipal": 151, "district": 75}
    assert Designation.objects.values("unit").distinct().count() == 225


def test_2023_is_finished_and_2024_is_being_scored():
    assert finished().state == RoundState.FINISHED
    assert Step.objects.get(round__year=2024).state == StepState.SCORING
    assert Sheet.objects.filter(step__round__year=2024, kind=SheetKind.PEERS).count() == 225


def test_the_published_file_gives_the_published_result():
    step = Step.objects.get(round=finished())

    outcome = json.loads(assess(step.published_file))

    assert outcome == step.outcome
    by_number = {row["number"]: row for row in outcome["units"]}
    for result in Result.objects.filter(application__round=finished()).select_related("application__entrant"):
        row = by_number[result.application.entrant.number]
        assert Decimal(row["merit"]) == result.peers
        assert (row["rank"], row["sum"]) == (result.rank, result.sum_fen)


def test_the_published_file_names_nobody():
    text = Step.objects.get(round=finished()).published_file

    assert not any(name in text for name in Unit.objects.values_list("name", flat=True))
    assert not any(code in text for code in Unit.objects.values_list("code", flat=True))


def test_what_was_paid_agrees_to_the_fen():
    paid = PayoutRow.objects.filter(payout__round=finished(), state="paid").aggregate(fen=Sum("sum_fen"))["fen"]
    due = Result.objects.filter(application__round=finished(), state="conferred").aggregate(fen=Sum("sum_fen"))["fen"]
    carried = Fund.objects.get(year=2024).account.posted

    assert paid == due
    assert paid + carried == 100_000_000
    assert Fund.objects.get(year=2023).account.posted == 0
    assert Account.objects.aggregate(fen=Sum("posted"))["fen"] == 0


def test_the_records_verify():
    assert verify() == []
