"""Step by step: who moves up for an item that an objection struck out, and that the fund is never overspent for it."""

from datetime import date, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from guildhall.foundation.organisations.models import Appointment
from guildhall.foundation.programmes.models import Application, Entry, Notice, PayoutRow, Round, StepSheet
from guildhall.foundation.programmes.moves import (
    applications,
    bank,
    correcting,
    notices,
    objections,
    payouts,
    reviewing,
    rounds,
)
from guildhall.foundation.programmes.moves.results import result_of
from guildhall.foundation.programmes.rules import NothingReady
from guildhall.foundation.programmes.states import RoundState, RowState, State, Waits
from tests.foundation.programmes import calling
from tests.foundation.programmes.purse import YUAN, make, money
from tests.foundation.programmes.test_stepwise import CLASSES, PANEL

pytestmark = pytest.mark.django_db
ANSWER = "核对原件，所报效益不实，移出名单。"


def noticed(city, tmp_path, *, refill):
    """Three units judged by a panel: one place, one in reserve, in notice."""
    of = calling.called(
        city, tmp_path, levels=[], review=[PANEL], selection=CLASSES, objection={"named": True, "refill": refill}
    )
    rows = [calling.submitted(of, city.units[n], city.unit_officers[n]) for n in range(3)]
    for row in rows:
        applications.accept(row.pk, by=city.officer, key=uuid4())
    rounds.close_round(of.pk, by=city.officer, key=uuid4())
    rounds.start_review(of.pk, by=city.officer, key=uuid4())
    reviewing.draw(of.pk, 0, by=city.officer, key=uuid4())
    for sheet in StepSheet.objects.filter(step=0).select_related("reviewer"):
        value = str(90 - 5 * rows.index(sheet.application))
        reviewing.submit_sheet(sheet.pk, {"use": value, "art": value}, by=sheet.reviewer, key=uuid4())
    reviewing.close_step(of.pk, 0, by=city.officer, key=uuid4())
    rounds.propose_result(of.pk, by=city.officer, key=uuid4())
    rounds.decide(of.pk, by=city.leader, key=uuid4())
    rounds.release(of.pk, by=city.officer, key=uuid4())
    notices.publish(of.pk, by=city.officer, key=uuid4())
    return Round.objects.get(pk=of.pk), rows


def struck(city, of, row):
    objection = objections.file_objection(
        of.notice.pk, application_pk=row.pk, text="所报效益没有依据，请核对原件。", name="职工", contact="信箱", by=None,
        key=uuid4(),
    )  # fmt: skip
    objections.uphold(objection.pk, answer=ANSWER, clause="第九条", by=city.officer, key=uuid4())


@pytest.fixture(autouse=True)
def autumn(request, forward):
    if "city" in request.fixturenames:
        request.getfixturevalue("city")
        Appointment.objects.update(starts=date(2024, 1, 1))
        forward(datetime(2024, 9, 2, 9, tzinfo=ZoneInfo("Asia/Shanghai")))


def test_the_next_moves_up_in_the_place_of_the_one_removed(city, tmp_path, forward):
    of, rows = noticed(city, tmp_path, refill=True)
    first = Notice.objects.get()
    struck(city, of, rows[0])
    forward(first.ends_at + timedelta(hours=1))
    notices.end_due_notices()
    assert Round.objects.get(pk=of.pk).state == RoundState.IN_NOTICE

    second = correcting.publish_again(of.pk, by=city.officer, key=uuid4())
    assert [(line["application"], line["change"]) for line in second.body["changes"]] == [
        (rows[0].pk, "removed"), (rows[1].pk, "moved_up"),
    ]  # fmt: skip
    assert second.changed == [rows[1].pk]
    up = Application.objects.select_related("round__programme", "placement").get(pk=rows[1].pk)
    assert (up.state, result_of(up)["tier"], result_of(up)["sum_fen"]) == (State.IN_NOTICE, "一等", 2_000_000)
    assert Application.objects.get(pk=rows[2].pk).state == State.NOT_SELECTED

    assert notices.end_due_notices() == 0
    forward(second.ends_at + timedelta(hours=1))
    assert notices.end_due_notices() == 1
    assert (Entry.objects.get().application_id, Entry.objects.get().sum_fen) == (rows[1].pk, 2_000_000)
    assert Round.objects.get(pk=of.pk).state == RoundState.FINISHED


def test_nobody_moves_up_where_the_version_does_not_say_so(city, tmp_path):
    of, rows = noticed(city, tmp_path, refill=False)
    struck(city, of, rows[0])
    second = correcting.publish_again(of.pk, by=city.officer, key=uuid4())
    assert [line["change"] for line in second.body["changes"]] == ["removed"]
    assert Application.objects.get(pk=rows[1].pk).state == State.NOT_SELECTED


def gained(purse, place, fen):
    """One unit gets more than was released to it, as after a correction."""
    row = Application.objects.get(round=purse.round, unit=purse.units[place])
    before = {"sum_fen": int(row.facts["sum_fen"])}
    row.corrected = {"result": {"sum_fen": fen}, "facts": {}, "clause": "第九条", "before": before, "released": before}
    row.save()


def test_those_who_gained_wait_for_an_added_budget_and_nobody_else():
    purse = make(3, fund=35_000 * YUAN)
    gained(purse, 2, 10_000 * YUAN)
    payout = purse.prepared()
    rows = {row.unit_id: row for row in payout.rows.all()}
    assert rows[purse.units[2].pk].state == RowState.WAITING
    assert rows[purse.units[2].pk].waits == Waits.NO_FUNDS
    assert {rows[purse.units[place].pk].state for place in (0, 1)} == {RowState.READY}
    payouts.approve(payout.pk, digest=payout.digest, by=purse.leader, key=uuid4())
    bank.send(payout.pk, by=purse.first, key=uuid4())

    late = purse.drawn()
    with pytest.raises(NothingReady):
        payouts.prepare(late.pk, by=purse.first, key=uuid4())
    purse.credit(5_000 * YUAN)
    payouts.prepare(late.pk, by=purse.first, key=uuid4())
    paid = PayoutRow.objects.get(payout=late)
    assert (paid.state, paid.sum_fen) == (RowState.READY, 10_000 * YUAN)
    fresh = payouts.Payout.objects.get(pk=late.pk)
    payouts.approve(late.pk, digest=fresh.digest, by=purse.leader, key=uuid4())
    assert all(posted >= reserved for owner, (posted, reserved, _in) in money().items() if owner.startswith("fund"))


def test_where_the_fund_reaches_nobody_waits():
    purse = make(3, fund=40_000 * YUAN)
    gained(purse, 2, 10_000 * YUAN)
    assert {row.state for row in purse.prepared().rows.all()} == {RowState.READY}
