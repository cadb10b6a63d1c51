"""Review step by step, in one go and all year round: by the programme file alone."""

from datetime import date, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from guildhall.foundation import clock
from guildhall.foundation.errors import NotHere, OutOfStep
from guildhall.foundation.organisations.models import Appointment
from guildhall.foundation.programmes.models import Application, Entry, Notice, Placement, Round, StepResult, StepSheet
from guildhall.foundation.programmes.moves import applications, applying, notices, reviewing, rolling, rounds
from guildhall.foundation.programmes.rules.reviewing import QuorumMissing, SheetsOut
from guildhall.foundation.programmes.states import RoundState, State
from tests.foundation.programmes import calling

pytestmark = pytest.mark.django_db
WORDS = {"zh": "步骤", "en": "Step"}
PANEL = {
    "key": "panel", "label": {"zh": "评审会", "en": "Panel"}, "method": "panel", "weight": 1, "experts": 3, "cut": {"top": 3},
    "criteria": [{"key": "use", "label": {"zh": "效益", "en": "Use"}, "points": 60},
                 {"key": "art", "label": {"zh": "技艺", "en": "Craft"}, "points": 40}],
}  # fmt: skip
BALLOT = {"key": "vote", "label": {"zh": "表决", "en": "Ballot"}, "method": "ballot", "experts": 3}
CLASSES = {
    "kind": "classes",
    "reserve": 1,
    "classes": [{"name": {"zh": "一等", "en": "First"}, "seats": 1, "sum_fen": 2_000_000}],
}


@pytest.fixture(autouse=True)
def autumn(city, forward):
    Appointment.objects.update(starts=date(2024, 1, 1))
    forward(datetime(2024, 9, 2, 9, tzinfo=ZoneInfo("Asia/Shanghai")))


def accepted(of, city, n):
    sent = calling.submitted(of, city.units[n], city.unit_officers[n])
    return applications.accept(sent.pk, by=city.officer, key=uuid4())


def mark(sheet, value):
    body = {"use": value, "art": value}
    reviewing.submit_sheet(sheet.pk, body, by=sheet.reviewer, key=uuid4())


@pytest.fixture
def reviewed(city, tmp_path):
    """Four units under review by a panel, then a ballot."""
    of = calling.called(city, tmp_path, levels=[], review=[PANEL, BALLOT], selection=CLASSES)
    rows = [accepted(of, city, n) for n in range(4)]
    rounds.close_round(of.pk, by=city.officer, key=uuid4())
    rounds.start_review(of.pk, by=city.officer, key=uuid4())
    return of, rows


def test_a_panel_and_a_ballot_choose_and_nobody_knows_before_the_release(reviewed, city):
    of, rows = reviewed
    drawn = reviewing.draw(of.pk, 0, by=city.officer, key=uuid4())
    assert len(drawn.seed) == 32
    sheets = StepSheet.objects.filter(step=0)
    assert sheets.count() == 12
    with pytest.raises(SheetsOut):
        reviewing.close_step(of.pk, 0, by=city.officer, key=uuid4())
    for sheet in sheets.select_related("reviewer"):
        mark(sheet, str(90 - 5 * rows.index(sheet.application)))
    assert reviewing.close_step(of.pk, 0, by=city.officer, key=uuid4()) == 3
    assert [str(one.score) for one in StepResult.objects.order_by("pk")] == [
        "90.000000",
        "85.000000",
        "80.000000",
        "75.000000",
    ]
    reviewing.draw(of.pk, 1, by=city.officer, key=uuid4())
    with pytest.raises(QuorumMissing):
        reviewing.close_step(of.pk, 1, by=city.officer, key=uuid4())
    for sheet in StepSheet.objects.filter(step=1).select_related("reviewer"):
        reviewing.submit_sheet(sheet.pk, {"vote": "for"}, by=sheet.reviewer, key=uuid4())
    assert reviewing.close_step(of.pk, 1, by=city.officer, key=uuid4()) == 3
    rounds.propose_result(of.pk, by=city.officer, key=uuid4())
    rounds.decide(of.pk, by=city.leader, key=uuid4())
    states = [Application.objects.get(pk=row.pk).state for row in rows]
    assert states == [State.PROPOSED, *[State.NOT_SELECTED] * 3]
    assert {
        Application.objects.select_related("round__union").get(pk=row.pk).told_as(city.unit_officers[n])
        for n, row in enumerate(rows)
    } == {"评审中"}
    assert Placement.objects.get(application=rows[1]).reserve == 1
    rounds.release(of.pk, by=city.officer, key=uuid4())
    notice = notices.publish(of.pk, by=city.officer, key=uuid4())
    assert [line["sum_fen"] for line in notice.body["lines"]] == [2_000_000]


def test_a_vote_is_the_voters_own(reviewed, city):
    _of, rows = reviewed
    StepSheet.objects.create(application=rows[0], step=0, reviewer=city.expert, secret=True)
    assert not StepSheet.objects.visible_to(city.officer).exists()
    with pytest.raises(NotHere):
        reviewing.submit_sheet(StepSheet.objects.get().pk, {}, by=city.experts[1], key=uuid4())


def test_a_rolling_programme_gives_each_its_own_way(city, tmp_path, forward, monkeypatch):
    calling_source = calling.SOURCE.replace("subject: units", "subject: units\nrolling: true")
    monkeypatch.setattr(calling, "SOURCE", calling_source)
    of = calling.called(city, tmp_path, levels=[])
    first, second = accepted(of, city, 0), accepted(of, city, 5)
    reviewing.assign(
        of.pk, 0, {first.pk: [city.officer.pk], second.pk: [city.officer.pk]}, by=city.officer, key=uuid4()
    )
    for row, verdict in ((first, "pass"), (second, "fail")):
        sheet = StepSheet.objects.get(application=row)
        reviewing.submit_sheet(sheet.pk, {"verdict": verdict}, note="看过材料", by=city.officer, key=uuid4())
        rolling.close_own_step(row.pk, by=city.officer, key=uuid4())
        rolling.decide_one(row.pk, by=city.leader, key=uuid4())
        rolling.release_one(row.pk, by=city.officer, key=uuid4())
    assert Application.objects.get(pk=first.pk).state == State.IN_NOTICE
    assert Application.objects.get(pk=second.pk).state == State.NOT_SELECTED
    assert Notice.objects.get().application_id == first.pk
    forward(clock.now() + timedelta(days=20))
    assert notices.end_due_notices() == 1
    assert Entry.objects.get().application_id == first.pk
    rounds.close_round(of.pk, by=city.officer, key=uuid4())
    rolling.finish_rolling(of.pk, note="全年办结", by=city.officer, key=uuid4())
    assert Round.objects.get(pk=of.pk).state == RoundState.FINISHED
    with pytest.raises(OutOfStep):
        applying.recall(first.pk, by=city.unit_officer, key=uuid4())
