"""The meeting by its moves: planned, drawn once, changed and called off; scoring that opens by session."""

from uuid import uuid4

import pytest
from django.db import transaction
from django.urls import reverse

from guildhall.foundation.errors import NoRight, NotHere, OutOfStep
from guildhall.foundation.messages.models import Message
from guildhall.foundation.records.models import Decision
from guildhall.reform.assessment.models import Mark, Meeting, Review, Sheet, Slot
from guildhall.reform.assessment.moves import drawing, hall, meeting, scoring
from guildhall.reform.assessment.rules import (
    MeetingTooShort,
    SessionBegun,
    SessionNotOpen,
    SheetIncomplete,
    Span,
    speaking_order,
)
from tests.reform.assessment.hall import comes, fixed, planned, session, spans
from tests.reform.assessment.town import LEAVES, mark

pytestmark = pytest.mark.django_db


def url(name, *args):
    return reverse(f"assessment:{name}", args=args)


def acts(town):
    return list(Decision.objects.filter(stream__name=town.round.stream).order_by("pk").values_list("act", flat=True))


# Planning and drawing -------------------------------------------------------------------------------------------------


def test_the_order_is_drawn_once_by_a_public_seed_and_everybody_is_called(drawn):
    made = fixed(drawn)
    slots = list(Slot.objects.select_related("application__unit", "session"))
    order = [slot.application.unit.code for slot in slots]
    assert order == speaking_order(made.seed, sorted(unit.code for unit in drawn.units))
    assert [slot.session.number for slot in slots] == [1] * 6 + [2] * 6
    assert [slot.order for slot in slots] == list(range(1, 13))
    told = Message.objects.filter(template="assessment.meeting")
    assert told.count() == 36  # A chair, an assessor and a deputy for each unit.
    assert Message.objects.filter(template="assessment.meeting_experts").count() == 4
    with pytest.raises(OutOfStep):
        meeting.fix(drawn.round.pk, by=drawn.officer, key=uuid4())


def test_the_same_submission_draws_once_and_the_record_can_be_drawn_again(drawn):
    planned(drawn)
    key = uuid4()
    first = meeting.fix(drawn.round.pk, by=drawn.officer, key=key)
    assert meeting.fix(drawn.round.pk, by=drawn.officer, key=key).seed == first.seed
    entry = Decision.objects.get(act="fix_meeting")
    assert entry.body["order"] == speaking_order(entry.body["seed"], entry.body["from"])
    assert acts(drawn).count("fix_meeting") == 1


def test_called_off_and_planned_anew_the_lot_stays(drawn):
    before = [slot.application_id for slot in fixed(drawn).slots.all()]
    meeting.call_off(drawn.round.pk, reason="会场停电检修", by=drawn.officer, key=uuid4())
    assert Message.objects.filter(template="assessment.meeting_called_off").count() == 40
    planned(drawn, spans(30, 60, 90))
    again = meeting.fix(drawn.round.pk, by=drawn.officer, key=uuid4())
    assert [slot.application_id for slot in again.slots.all()] == before
    assert [one.slots.count() for one in again.sessions.all()] == [4, 4, 4]


def test_the_order_follows_from_no_score_group_or_number(drawn):
    made = fixed(drawn)
    drawing.recall(drawn.round.pk, by=drawn.officer, key=uuid4())
    before = list(made.slots.values_list("application", "session"))
    drawing.draw(drawn.round.pk, by=drawn.officer, key=uuid4())  # Other groups, numbers and reviewers.
    assert list(made.slots.values_list("application", "session")) == before


def test_sessions_that_hold_too_few_are_planned_but_not_fixed(drawn):
    planned(drawn, spans(24))
    with pytest.raises(MeetingTooShort) as refusal:
        meeting.fix(drawn.round.pk, by=drawn.officer, key=uuid4())
    assert refusal.value.facts == {"units": 12, "minutes": 8, "hours": "1.6", "n": 1, "room": 6, "left": 6}
    assert not Slot.objects.exists()
    assert not Meeting.objects.get().seed


def test_a_meeting_is_fixed_before_scoring_and_by_the_officer_alone(drawn):
    planned(drawn)
    with pytest.raises(NotHere):
        meeting.fix(drawn.round.pk, by=drawn.assessor(0), key=uuid4())
    with pytest.raises(NoRight):
        meeting.fix(drawn.round.pk, by=drawn.unit_officer(0), key=uuid4())
    drawing.start(drawn.round.pk, by=drawn.officer, key=uuid4())
    for move in (planned, fixed):
        with pytest.raises(OutOfStep):
            move(drawn)
    with pytest.raises(OutOfStep):
        meeting.fix(drawn.round.pk, by=drawn.officer, key=uuid4())


def test_days_of_a_fixed_meeting_change_and_the_order_does_not(drawn):
    made = fixed(drawn)
    before = list(made.slots.values_list("order", "application", "session"))
    first = session(drawn, 1)
    kept = Span(first.starts_at, first.ends_at)
    moved = spans(72)
    meeting.change(drawn.round.pk, [kept, *moved], place=made.place, by=drawn.officer, key=uuid4())
    assert session(drawn, 2).starts_at == moved[0].starts_at
    assert list(made.slots.values_list("order", "application", "session")) == before
    assert Message.objects.filter(template="assessment.session_changed").count() == 40
    with pytest.raises(meeting.SessionsKept):
        meeting.change(drawn.round.pk, [kept], place=made.place, by=drawn.officer, key=uuid4())
    comes(drawn, 1)
    with pytest.raises(SessionBegun):
        meeting.change(drawn.round.pk, spans(50, 90), place=made.place, by=drawn.officer, key=uuid4())


@pytest.mark.django_db(transaction=True)
def test_two_officers_draw_at_once_and_it_is_drawn_once(drawn, beside):
    planned(drawn)
    with transaction.atomic():
        first = meeting.fix(drawn.round.pk, by=drawn.officer, key=uuid4())
        other = beside(meeting.fix, drawn.round.pk, by=drawn.officer, key=uuid4())
        other.until_blocked()
    with pytest.raises(OutOfStep):
        other.result()
    assert Meeting.objects.get().seed == first.seed
    assert Slot.objects.count() == 12


# Scoring by session ---------------------------------------------------------------------------------------------------


def one_of(town, n):
    """A sheet and a review on it of a unit that speaks in session n."""
    review = Review.objects.filter(entrant__application__slot__session__number=n).select_related("sheet").first()
    return review.sheet, review


def test_a_unit_is_marked_once_its_session_has_opened_and_the_sheet_goes_in_whole(drawn):
    fixed(drawn)
    drawing.start(drawn.round.pk, by=drawn.officer, key=uuid4())
    sheet, early = one_of(drawn, 1)
    late = Review.objects.filter(sheet__kind="peers", entrant__application__slot__session__number=2).first()
    for review in (early, late):
        with pytest.raises(SessionNotOpen):
            scoring.save_marks(review.sheet_id, review.pk, {"talks": (70, "")}, by=drawn.marker(review.sheet))
    assert not Mark.objects.exists()
    comes(drawn, 1)  # Its time alone opens it, whoever is late.
    scoring.save_marks(sheet.pk, early.pk, {"talks": (70, "")}, by=drawn.marker(sheet))
    with pytest.raises(SessionNotOpen):
        scoring.save_marks(late.sheet_id, late.pk, {"talks": (70, "")}, by=drawn.marker(late.sheet))
    mixed = Sheet.objects.filter(pk=late.sheet_id).get()
    for review in mixed.reviews.exclude(entrant__application__slot__session__number=2):
        scoring.save_marks(mixed.pk, review.pk, dict.fromkeys(LEAVES, (70, "")), by=drawn.marker(mixed))
    with pytest.raises(SheetIncomplete):
        scoring.submit(mixed.pk, by=drawn.marker(mixed), key=uuid4())
    comes(drawn, 2, minutes=20)
    hall.open_session(session(drawn, 2).pk, by=drawn.officer, key=uuid4())  # The officer opens it early.
    mark(drawn, mixed)
    assert scoring.submit(mixed.pk, by=drawn.marker(mixed), key=uuid4()).state == "submitted"


def test_in_writing_nothing_waits(scoring):
    from guildhall.reform.assessment.moves import scoring as marking

    sheet = scoring.sheet(0)
    mark(scoring, sheet)
    assert marking.submit(sheet.pk, by=scoring.assessor(0), key=uuid4()).state == "submitted"


@pytest.mark.parametrize("way", ["planned", "called_off"])
def test_a_meeting_that_is_not_fixed_keeps_nobody_from_marking(drawn, way):
    if way == "planned":
        planned(drawn)
    else:
        fixed(drawn)
        meeting.call_off(drawn.round.pk, reason="会场停电检修", by=drawn.officer, key=uuid4())
    drawing.start(drawn.round.pk, by=drawn.officer, key=uuid4())
    mark(drawn, drawn.sheet(0))
    assert Mark.objects.count() == 3 * len(LEAVES)


def test_the_sheet_says_when_each_unit_opens_and_sends_nobody_to_a_closed_one(drawn, as_user):
    fixed(drawn)
    drawing.start(drawn.round.pk, by=drawn.officer, key=uuid4())
    sheet = drawn.sheet(0)
    client = as_user(drawn.assessor(0))
    page = client.get(url("sheet", sheet.pk)).text
    assert page.count(" 开放</span>") == 3
    review = sheet.reviews.first()
    assert client.get(url("score", sheet.pk, review.pk)).headers["Location"] == url("sheet", sheet.pk)
    sent = {"item": "talks", "value": "70", "reason": ""}
    for name in ("save", "keep"):
        assert client.post(url(name, sheet.pk, review.pk), sent).status_code == 409
    assert client.get(url("materials", sheet.pk, review.pk)).status_code == 200
    for n in (1, 2):
        comes(drawn, n)
    assert client.get(url("score", sheet.pk, review.pk)).status_code == 200
    assert "开放</span>" not in client.get(url("sheet", sheet.pk)).text


def test_while_the_meeting_runs_nobody_reads_how_many_an_assessor_has_marked(drawn, as_user):
    fixed(drawn)
    drawing.start(drawn.round.pk, by=drawn.officer, key=uuid4())
    comes(drawn, 1)
    client, pk = as_user(drawn.officer), drawn.round.pk
    page = client.get(url("progress", pk)).text
    assert "已评（家）" not in page
    assert "会看出谁评谁" in page
    assert "已评（家）" not in client.get(url("progress", pk) + "?sort=-done&state=part").text
    meeting.call_off(pk, reason="会场停电检修", by=drawn.officer, key=uuid4())
    assert "已评（家）" in client.get(url("progress", pk)).text
