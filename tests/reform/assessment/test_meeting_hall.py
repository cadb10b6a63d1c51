"""The hall: sessions that open and close, the clock, who came, and the pages."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import transaction
from django.urls import reverse

from guildhall.foundation import clock
from guildhall.foundation.errors import NoRight, OutOfStep
from guildhall.foundation.messages.models import Message
from guildhall.foundation.programmes.moves.applications import withdraw
from guildhall.foundation.records.models import Decision
from guildhall.foundation.screens import todo
from guildhall.reform.assessment.models import Meeting, Session, SignIn
from guildhall.reform.assessment.moves import clockwork, drawing, hall, meeting
from guildhall.reform.assessment.rules import (
    CodeOver,
    HallMoved,
    SessionNotYet,
    code_at,
    speaking_order,
)
from guildhall.reform.assessment.states import MeetingState, StepState, Turn
from tests.contract.matrix import said
from tests.reform.assessment.hall import comes, fixed, planned, session

pytestmark = pytest.mark.django_db


def url(name, *args):
    return reverse(f"assessment:{name}", args=args)


def acts(town):
    return list(Decision.objects.filter(stream__name=town.round.stream).order_by("pk").values_list("act", flat=True))


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
