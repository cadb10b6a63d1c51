"""The meeting by its moves: planned, drawn once, changed and called off; scoring that opens by session."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import transaction
from django.urls import reverse

from guildhall.foundation import clock
from guildhall.foundation.errors import NoRight, NotHere, OutOfStep
from guildhall.foundation.messages.models import Message
from guildhall.foundation.programmes.moves.applications import withdraw
from guildhall.foundation.records.models import Decision
from guildhall.foundation.screens import todo
from guildhall.reform.assessment.models import Mark, Meeting, Review, Session, Sheet, SignIn, Slot
from guildhall.reform.assessment.moves import clockwork, drawing, hall, meeting, scoring
from guildhall.reform.assessment.rules import (
    CodeOver,
    HallMoved,
    MeetingTooShort,
    SessionBegun,
    SessionNotOpen,
    SessionNotYet,
    SheetIncomplete,
    Span,
    code_at,
    speaking_order,
)
from guildhall.reform.assessment.states import MeetingState, StepState, Turn
from tests.contract.matrix import said
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


# In the hall ----------------------------------------------------------------------------------------------------------


def opened(town, n=1):
    fixed(town)
    drawing.start(town.round.pk, by=town.officer, key=uuid4())
    comes(town, n, minutes=10)
    return hall.open_session(session(town, n).pk, by=town.officer, key=uuid4())


def test_a_session_is_opened_half_an_hour_early_at_most_and_once(drawn):
    fixed(drawn)
    first = comes(drawn, 1, minutes=31)
    with pytest.raises(SessionNotYet):
        hall.open_session(first.pk, by=drawn.officer, key=uuid4())
    comes(drawn, 1, minutes=29)
    with pytest.raises(NoRight):
        hall.open_session(first.pk, by=drawn.unit_officer(0), key=uuid4())
    key = uuid4()
    for _ in range(2):
        hall.open_session(first.pk, by=drawn.officer, key=key)
    with pytest.raises(OutOfStep):
        hall.open_session(first.pk, by=drawn.officer, key=uuid4())


def test_the_clock_opens_closes_reminds_and_ends_the_meeting_and_is_safe_twice(drawn):
    fixed(drawn)
    comes(drawn, 1)
    for _ in range(2):
        clockwork.fall_due()
    assert session(drawn, 1).opened_at
    assert not session(drawn, 2).opened_at
    comes(drawn, 2)
    clockwork.fall_due()
    assert session(drawn, 1).closed_at  # The second one is on.
    Session.objects.filter(number=2).update(
        ends_at=clock.now() - timedelta(minutes=61), starts_at=clock.now() - timedelta(hours=3)
    )
    for _ in range(2):
        clockwork.fall_due()
    assert Meeting.objects.get().state == MeetingState.HELD
    assert [act for act in acts(drawn) if "session" in act] == [
        "open_session",
        "close_session",
        "open_session",
        "close_session",
    ]


def test_speakers_are_reminded_the_working_day_before_and_once(drawn):
    fixed(drawn)
    far = clock.now() + timedelta(days=8)
    Session.objects.filter(number=2).update(starts_at=far, ends_at=far + timedelta(hours=1))
    Session.objects.filter(number=1).update(starts_at=clock.now() + timedelta(hours=2))
    for _ in range(2):
        hall.fall_due()
    assert Message.objects.filter(template="assessment.session_soon").count() == 6 * 3 + 4


def test_the_halls_clock_stands_on_the_server_and_two_screens_press_once(drawn):
    one = opened(drawn)
    pk, by = one.pk, drawn.officer
    order = list(one.slots.order_by("place"))
    state = hall.turn(pk, Turn.START, turns=0, by=by)
    assert (state.current, state.turns) == (order[0], 1)
    with pytest.raises(HallMoved):
        hall.turn(pk, Turn.NEXT, turns=0, by=by)
    Session.objects.filter(pk=pk).update(turn_started_at=clock.now() - timedelta(seconds=100))
    state = hall.turn(pk, Turn.PAUSE, turns=1, by=by)
    assert state.turn_started_at is None
    assert 375 <= state.left <= 380
    state = hall.turn(pk, Turn.NEXT, turns=2, by=by)
    assert (state.current, state.left) == (order[1], 480)
    state = hall.turn(pk, Turn.ABSENT, turns=3, by=by)
    assert state.current == order[2]
    state = hall.turn(pk, Turn.BACK, turns=4, by=by)
    assert state.current == order[1]
    closed = hall.close_session(pk, by=by, key=uuid4())
    assert closed.closed_at
    body = Decision.objects.get(act="close_session").body
    assert (body["spoke"], body["absent"], body["signed_in"]) == ([order[0].order], [], 0)
    with pytest.raises(OutOfStep):
        hall.turn(pk, Turn.START, turns=closed.turns, by=by)


def test_a_unit_that_left_is_passed_over(drawn):
    one = opened(drawn)
    order = list(one.slots.order_by("place").select_related("application"))
    withdraw(order[1].application_id, reason="企业已经停产", by=drawn.officer, key=uuid4())
    hall.turn(one.pk, Turn.START, turns=0, by=drawn.officer)
    assert hall.turn(one.pk, Turn.NEXT, turns=1, by=drawn.officer).current == order[2]


@pytest.mark.django_db(transaction=True)
def test_two_screens_press_next_at_once_and_one_is_told(drawn, beside):
    one = opened(drawn)
    with transaction.atomic():
        hall.turn(one.pk, Turn.NEXT, turns=0, by=drawn.officer)
        other = beside(hall.turn, one.pk, Turn.NEXT, turns=0, by=drawn.officer)
        other.until_blocked()
    with pytest.raises(HallMoved):
        other.result()


# Signing in -----------------------------------------------------------------------------------------------------------


def test_a_fresh_code_signs_a_called_person_in_once(drawn, as_user):
    fixed(drawn)
    one = comes(drawn, 1, minutes=40)
    way = url("session_here", one.pk)
    client = as_user(drawn.assessor(3))
    page = client.get(way, {"code": code_at(one.pk, clock.now())})
    assert drawn.units[3].name in page.text
    given = page.context["pass"]
    for _ in range(2):
        assert client.post(way, {"pass": given}).status_code == 302
    signed = SignIn.objects.get()
    assert (signed.user, signed.application.unit, signed.way) == (drawn.assessor(3), drawn.units[3], "qr")
    assert "已签到" in client.get(way).text
    stale = code_at(one.pk, clock.now() - timedelta(minutes=3))
    assert as_user(drawn.who("专家0")).get(way, {"code": stale}).status_code == 409
    assert as_user(drawn.who("专家0")).post(way, {"pass": given}).status_code == 409
    assert as_user(drawn.who("财务")).get(way, {"code": code_at(one.pk, clock.now())}).status_code == 403
    assert SignIn.objects.count() == 1


def test_nobody_signs_in_before_the_doors_open_or_after_the_end(drawn):
    fixed(drawn)
    one = comes(drawn, 1, minutes=61)
    by = drawn.assessor(3)
    with pytest.raises(OutOfStep):
        hall.scan(one.pk, code_at(one.pk, clock.now()), by=by)
    comes(drawn, 1)
    _session, given = hall.scan(one.pk, code_at(one.pk, clock.now()), by=by)
    hall.close_session(one.pk, by=drawn.officer, key=uuid4())
    with pytest.raises(OutOfStep):
        hall.sign_in(one.pk, given, by=by)
    with pytest.raises(OutOfStep):
        hall.sign_in_by_hand(
            one.pk, application=drawn.entrant(0).application_id, reason="没有带手机", by=drawn.officer, key=uuid4()
        )


def test_a_pass_of_another_is_worth_nothing(drawn):
    fixed(drawn)
    one = comes(drawn, 1)
    _session, given = hall.scan(one.pk, code_at(one.pk, clock.now()), by=drawn.assessor(3))
    with pytest.raises(CodeOver):
        hall.sign_in(one.pk, given, by=drawn.assessor(4))


def test_the_desk_signs_in_with_a_reason_and_the_list_is_the_officers(drawn, as_user):
    fixed(drawn)
    one = comes(drawn, 1)
    client = as_user(drawn.officer)
    own = drawn.entrant(2).application_id
    sent = {"key": str(uuid4()), "who": f"unit-{own}", "reason": "没有带手机来"}
    assert client.post(url("session_desk", one.pk), sent | {"reason": ""}).status_code == 422
    for _ in range(2):
        assert client.post(url("session_desk", one.pk), sent).status_code == 302
    assert (
        client.post(url("session_desk", one.pk), sent | {"who": "unit-999999", "key": str(uuid4())}).status_code == 404
    )
    expert = drawn.who("专家1").pk
    sent = {"key": str(uuid4()), "who": f"expert-{expert}", "reason": "没有带手机来"}
    assert client.post(url("session_desk", one.pk), sent).status_code == 302
    assert sorted(SignIn.objects.values_list("application", "user"), key=str) == sorted(
        [(own, None), (None, expert)], key=str
    )
    page = client.get(url("attendance", drawn.round.pk)).text
    assert drawn.units[2].name in page
    assert drawn.units[2].name in said(client.get(url("attendance", drawn.round.pk) + "?export=xlsx"))
    for who in ("主席2", "审计"):
        assert as_user(drawn.who(who)).get(url("attendance", drawn.round.pk)).status_code == 403
    assert acts(drawn).count("sign_in") == 2


# Pages and the workbench ----------------------------------------------------------------------------------------------


def test_the_officer_lays_out_changes_and_fixes_by_pages(drawn, as_user):
    client, pk = as_user(drawn.officer), drawn.round.pk
    assert client.get(url("meeting", pk)).headers["Location"] == url("meeting_plan", pk)
    assert "这一轮书面评分" in client.get(url("meeting_plan", pk)).text
    day = (clock.now() + timedelta(days=1)).date()
    layout = {"key": str(uuid4()), "place": "二楼", "minutes": "8", "first_day": f"{day}", "morning_from": "09:00",
              "morning_until": "10:00", "afternoon_from": "", "afternoon_until": ""}  # fmt: skip
    assert client.post(url("meeting_layout", pk), layout).status_code == 302
    assert Session.objects.count() == 2  # Seven an hour, twelve units.
    at = Session.objects.first().starts_at.astimezone(clock.now().tzinfo)
    row = {"s1-day": f"{at:%Y-%m-%d}", "s1-starts": "09:00", "s1-ends": "09:30", "s1-place": ""}
    sent = {"key": str(uuid4()), "place": "二楼", "minutes": "8", **row}
    assert client.post(url("meeting_plan", pk), sent).status_code == 302
    page = client.get(url("meeting_plan", pk)).text
    assert "还有 9 家排不下" in page
    assert "抽签定会</button>" not in page
    crossing = row | {"s2-day": f"{at:%Y-%m-%d}", "s2-starts": "09:15", "s2-ends": "12:00", "s2-place": "三楼"}
    refused = client.post(url("meeting_plan", pk), {**sent, **crossing, "key": str(uuid4())})
    assert refused.status_code == 422
    assert "时间重叠" in refused.text
    assert "三楼" in refused.text
    half = row | {"s2-day": f"{at:%Y-%m-%d}", "s2-starts": "", "s2-ends": "", "s2-place": ""}
    assert client.post(url("meeting_plan", pk), {**sent, **half, "key": str(uuid4())}).status_code == 422
    sound = crossing | {"s2-starts": "09:30"}
    assert client.post(url("meeting_plan", pk), {**sent, **sound, "key": str(uuid4())}).status_code == 302
    assert client.post(url("meeting_fix", pk), {"key": str(uuid4())}).status_code == 302
    assert client.get(url("meeting", pk)).status_code == 200
    assert client.get(url("meeting_plan", pk)).status_code == 200
    off = {"key": str(uuid4()), "reason": "会场停电检修"}
    assert client.post(url("meeting_call_off", pk), off).status_code == 302
    assert Meeting.objects.get().state == MeetingState.CALLED_OFF


def test_those_who_are_called_read_who_speaks_when_and_nothing_else(drawn, as_user):
    pk = drawn.round.pk
    planned(drawn)
    for who in ("主席0", "互评人0", "专家0"):
        assert as_user(drawn.who(who)).get(url("meeting", pk)).status_code == 404
    meeting.fix(pk, by=drawn.officer, key=uuid4())
    numbers = {row.application.unit.name: row for row in drawn.step.entrants.select_related("application__unit")}
    for who in ("主席0", "互评人0", "替补0", "专家0", "审计", "沈怀山"):
        client = as_user(drawn.who(who))
        page = client.get(url("meeting", pk)).text
        assert all(name in page for name in numbers)
        assert client.get(url("meeting_print", pk)).status_code == 200
        told = client.get(url("meeting_order", pk)).json()
        assert [row[2] for row in told["order"]] == speaking_order(told["seed"], told["from"])
        assert "组</" not in page
        for name in ("hall", "hall_now", "session_code", "session_desk", "session_sheet"):
            assert client.get(url(name, session(drawn, 1).pk)).status_code == 403
    assert as_user(None).get(url("meeting", pk)).status_code == 302


def test_the_hall_answers_scripts_and_plain_forms_alike(drawn, as_user):
    one = opened(drawn)
    client = as_user(drawn.officer)
    quiet = {"HTTP_ACCEPT": "application/json"}
    answer = client.post(url("turn", one.pk), {"act": "start", "turns": "0"}, **quiet).json()
    assert (answer["turns"], answer["running"], answer["current"]["order"]) == (1, True, one.slots.first().order)
    assert client.get(url("hall_now", one.pk)).json()["turns"] == 1
    late = client.post(url("turn", one.pk), {"act": "next", "turns": "0"}, **quiet)
    assert (late.status_code, late.json()["code"]) == (409, "assessment.hall-moved")
    assert client.post(url("turn", one.pk), {"act": "next", "turns": "1"}).status_code == 302
    for wrong in ({"act": "stop", "turns": "2"}, {"act": "next", "turns": "x"}):
        assert client.post(url("turn", one.pk), wrong).status_code == 422
    for name in ("hall", "session_code", "session_desk", "session_sheet"):
        assert client.get(url(name, one.pk)).status_code == 200


def test_the_workbench_says_when_to_open_and_when_to_speak(drawn):
    planned(drawn)
    assert "抽签定考核会" in [str(one.title) for one in todo.waiting(drawn.officer)]
    meeting.fix(drawn.round.pk, by=drawn.officer, key=uuid4())
    for who in ("主席0", "互评人0"):
        assert any("前后发言" in str(one.title) for one in todo.waiting(drawn.who(who)))
    assert any("请到会" in str(one.title) for one in todo.waiting(drawn.who("专家0")))
    assert not any("开放" in str(one.title) for one in todo.waiting(drawn.officer))
    comes(drawn, 1, minutes=10)
    assert any("现在开放第 1 场" in str(one.title) for one in todo.waiting(drawn.officer))


def test_pages_keep_their_count_of_queries(drawn, as_user, django_assert_max_num_queries):
    fixed(drawn)
    one = comes(drawn, 1)
    assert drawn.step.state == StepState.ASSIGNED
    client, pk = as_user(drawn.officer), drawn.round.pk
    for address in (
        url("meeting", pk),
        url("meeting_print", pk),
        url("session_sheet", one.pk),
        url("hall_now", one.pk),
    ):
        client.get(address)
        with django_assert_max_num_queries(22):
            assert client.get(address).status_code == 200
