"""Objections: filed by anyone with a name, answered with effect on one item and on no other."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from guildhall.foundation import clock
from guildhall.foundation.errors import KeyReused, NotHere, OutOfStep
from guildhall.foundation.messages.models import Message
from guildhall.foundation.programmes.models import Application, Notice, Objection, Round
from guildhall.foundation.programmes.moves import notices, objections, reminders
from guildhall.foundation.programmes.moves.objections import NoticeEnded
from guildhall.foundation.programmes.states import ObjectionState, RoundState, State
from tests.foundation.programmes.test_applications import PNG

TEXT = "申报的竞赛人数与台账不一致，台账只有六百人。"
ANSWER = "已查阅竞赛签到表，人数与申报一致。"


@pytest.fixture
def notice(city, of, order):
    return order.published(city, of)


def sent(row=None, **more):
    return {"item": str(row.pk) if row else "", "name": "王秀兰", "contact": "13900000000", "text": TEXT, **more}


def filed(notice, row=None, by=None):
    return objections.file_objection(
        notice.pk, application_pk=row and row.pk, text=TEXT, name="王秀兰", contact="139", by=by, key=uuid4()
    )


def first(notice):
    return notice.round.applications.order_by("pk").first()


def states(notice):
    return dict(notice.round.applications.values_list("pk", "state"))


def test_the_public_files_and_asks_by_receipt(city, notice):
    client, row = city.client("visitor"), first(notice)
    upload = SimpleUploadedFile("照片.png", PNG)
    data = {**sent(row), "attachment": upload, "key": str(uuid4())}

    response = client.post(f"/objections/file/{notice.pk}/", data)
    thanks = client.get(response["Location"])
    objection = Objection.objects.get()
    asked = client.post("/objections/receipt/", {"receipt": objection.receipt.lower()})

    assert objection.receipt in thanks.text
    assert "待答复" in asked.text
    assert "王秀兰" not in asked.text
    assert objection.attachment.uploaded_by is None
    assert states(notice)[row.pk] == State.HELD


def test_a_nameless_objection_is_refused_and_kept_on_the_page(city, notice):
    response = city.ask("POST", "objections:file", as_="visitor", args=(notice.pk,), data=sent(name=""))

    assert response.status_code == 422
    assert response.context["form"]["text"].value() == TEXT
    assert not Objection.objects.exists()
    assert State.HELD not in states(notice).values()


def test_a_unit_finds_its_name_filled_in_and_its_own_objections_alone(city, notice):
    form = city.ask("GET", "objections:file", as_="unit_officer", args=(notice.pk,)).context["form"]
    mine, other = filed(notice, by=city.unit_officer), filed(notice, by=city.next_unit_officer)

    assert "主席0" in form["name"].value()
    assert city.ask("GET", "objections:page", as_="unit_officer", args=(mine.pk,)).status_code == 200
    assert city.ask("GET", "objections:page", as_="unit_officer", args=(other.pk,)).status_code == 404
    assert other.receipt not in city.ask("GET", "objections:index", as_="unit_officer").text


def test_who_objected_is_told_to_those_who_answer_alone(city, notice):
    objection = filed(notice, first(notice))

    for who in ("unit_officer", "district", "finance", "auditor", "expert"):
        assert city.ask("GET", "objections:page", as_=who, args=(objection.pk,)).status_code == 404, who
    assert "王秀兰" in city.ask("GET", "objections:page", as_="leader", args=(objection.pk,)).text
    assert "不采纳" not in city.ask("GET", "objections:page", as_="leader", args=(objection.pk,)).text


def test_dismissed_the_item_goes_on_and_upheld_it_alone_is_struck(city, notice):
    row, second = notice.round.applications.order_by("pk")[:2]
    one, two = filed(notice, row), filed(notice, second)
    before = notice.body

    kept = city.ask("POST", "objections:dismiss", as_="officer", args=(one.pk,), data={"answer": ANSWER})
    struck = city.ask(
        "POST", "objections:uphold", as_="officer", args=(two.pk,), data={"answer": ANSWER, "clause": "第十二条"}
    )

    found = states(notice)
    assert (kept.status_code, struck.status_code) == (302, 302)
    assert (found.pop(row.pk), found.pop(second.pk)) == (State.IN_NOTICE, State.REFUSED)
    assert set(found.values()) == {State.IN_NOTICE}
    assert Notice.objects.get(pk=notice.pk).body == before
    assert Message.objects.filter(template="programmes.struck").exists()


def test_an_item_with_two_objections_stays_held_until_both_are_answered(city, notice):
    row = first(notice)
    one, two = filed(notice, row), filed(notice, row)

    objections.dismiss(one.pk, answer=ANSWER, by=city.officer, key=uuid4())
    assert states(notice)[row.pk] == State.HELD
    objections.dismiss(two.pk, answer=ANSWER, by=city.officer, key=uuid4())
    assert states(notice)[row.pk] == State.IN_NOTICE


def test_a_held_item_waits_past_the_end_and_then_is_conferred(city, notice, forward):
    row = first(notice)
    objection = filed(notice, row)
    forward(notice.ends_at + timedelta(minutes=1))

    assert notices.end_due_notices() == 11
    assert Round.objects.get().state == RoundState.IN_NOTICE
    objections.dismiss(objection.pk, answer=ANSWER, by=city.officer, key=uuid4())
    assert notices.end_due_notices() == 1
    assert Round.objects.get().state == RoundState.FINISHED
    with pytest.raises(NoticeEnded):
        filed(notice, row)


def test_an_upheld_last_item_still_finishes_the_round(city, notice, forward):
    objection = filed(notice, first(notice))
    forward(notice.ends_at + timedelta(minutes=1))
    notices.end_due_notices()

    objections.uphold(objection.pk, answer=ANSWER, clause="第十二条", by=city.officer, key=uuid4())
    notices.end_due_notices()

    assert Round.objects.get().state == RoundState.FINISHED


def test_an_open_objection_to_the_whole_list_holds_the_end_up(city, notice, forward):
    objection = filed(notice)
    forward(notice.ends_at + timedelta(minutes=1))
    assert notices.end_due_notices() == 12
    assert Round.objects.get().state == RoundState.IN_NOTICE

    objections.dismiss(objection.pk, answer=ANSWER, by=city.officer, key=uuid4())
    notices.end_due_notices()
    assert Round.objects.get().state == RoundState.FINISHED


def test_an_item_of_another_round_is_not_there(city, notice, order):
    with pytest.raises(NotHere):
        objections.file_objection(
            notice.pk, application_pk=first(notice).pk + 999, text=TEXT, name="王", contact="1", by=None, key=uuid4()
        )
    response = city.ask("POST", "objections:file", as_="visitor", args=(notice.pk,), data={**sent(), "item": "99999"})

    assert response.status_code == 404
    assert not Objection.objects.exists()


def test_one_address_cannot_flood(city, notice):
    statuses = [
        city.ask("POST", "objections:file", as_="visitor", args=(notice.pk,), data=sent()).status_code for _ in range(8)
    ]

    assert statuses == [302] * 6 + [429] * 2
    assert Objection.objects.count() == 6


def test_the_officer_is_reminded_three_days_and_one_before_and_once_each(city, notice):
    objection = filed(notice, first(notice))

    assert reminders.remind() == 0
    Objection.objects.filter(pk=objection.pk).update(answer_by=clock.now() + timedelta(hours=1))
    reminders.remind()
    reminders.remind()

    told = Message.objects.filter(template="programmes.answer_due", to=city.officer)
    assert told.count() == 1


def test_an_answer_needs_words(city, notice):
    objection = filed(notice, first(notice))

    response = city.ask(
        "POST", "objections:uphold", as_="officer", args=(objection.pk,), data={"answer": "是", "clause": ""}
    )

    assert response.status_code == 422
    assert sorted(response.context["form"].errors) == ["answer", "clause"]
    assert Objection.objects.get().state == ObjectionState.OPEN


@pytest.mark.django_db(transaction=True)
def test_two_answers_at_once_are_one(city, of, order, beside):
    notice = order.published(city, of)
    objection = filed(notice, first(notice))

    with transaction.atomic():
        objections.dismiss(objection.pk, answer=ANSWER, by=city.officer, key=uuid4())
        other = beside(
            objections.uphold,
            objection.pk,
            answer=ANSWER,
            clause="第十二条",
            by=order.fresh(city.second_officer),
            key=uuid4(),
        )
        other.until_blocked()

    with pytest.raises(OutOfStep):
        other.result()
    assert Application.objects.get(pk=objection.application_id).state == State.IN_NOTICE


@pytest.mark.django_db(transaction=True)
def test_two_leaders_at_once_decide_once(city, of, order, beside):
    from guildhall.foundation.programmes.moves import rounds

    order.proposed(city, of)
    with transaction.atomic():
        rounds.decide(of.pk, by=order.fresh(city.leader), key=uuid4())
        other = beside(rounds.decide, of.pk, by=order.fresh(city.stand_in), key=uuid4())
        other.until_blocked()

    with pytest.raises(OutOfStep):
        other.result()


def test_a_submission_of_another_item_under_a_used_key_is_refused(notice):
    key, rows = uuid4(), list(notice.round.applications.order_by("pk")[:2])
    facts = {"text": TEXT, "name": "王秀兰", "contact": "139", "by": None, "key": key}
    one = objections.file_objection(notice.pk, application_pk=rows[0].pk, **facts)
    assert objections.file_objection(notice.pk, application_pk=rows[0].pk, **facts) == one
    with pytest.raises(KeyReused):
        objections.file_objection(notice.pk, application_pk=rows[1].pk, **facts)
    assert Objection.objects.count() == 1


def test_what_an_objection_tells_of_leads_to_its_page(city, notice):
    objection = filed(notice, first(notice), by=city.unit_officer)
    objections.dismiss(objection.pk, answer=ANSWER, by=city.officer, key=uuid4())
    told = Message.objects.filter(template__in=("programmes.objection", "programmes.answered"))
    assert set(told.values_list("url", flat=True)) == {f"/objections/{objection.pk}/"}


@pytest.mark.django_db(transaction=True)
def test_one_submission_twice_at_once_has_one_receipt(city, of, order, beside):
    notice, key = order.published(city, of), uuid4()
    facts = {"application_pk": None, "text": TEXT, "name": "王秀兰", "contact": "139", "by": None, "key": key}
    with transaction.atomic():
        one = objections.file_objection(notice.pk, **facts)
        other = beside(objections.file_objection, notice.pk, **facts)
        other.until_blocked()
    assert other.result().receipt == one.receipt


def test_what_was_written_stays_where_the_material_is_refused(city, notice):
    data = sent(attachment=SimpleUploadedFile("照片.jpg", b"no picture at all"))

    response = city.ask("POST", "objections:file", as_="visitor", args=(notice.pk,), data=data)

    assert response.status_code == 422
    assert data["text"] in response.text
    assert not Objection.objects.exists()


def test_an_answer_that_comes_too_late_is_kept_on_the_page(city, notice):
    objection = filed(notice)
    objections.dismiss(objection.pk, answer=ANSWER, by=city.officer, key=uuid4())

    response = city.ask(
        "POST",
        "objections:uphold",
        as_="second_officer",
        args=(objection.pk,),
        data={"answer": ANSWER, "clause": "第十二条"},
    )

    assert response.status_code == 422
    assert Objection.objects.get(pk=objection.pk).state == "dismissed"


def test_a_round_that_cannot_be_does_not_narrow_the_list(city, notice):
    assert city.client("officer").get(f"/objections/?round={'9' * 5_000}").status_code == 200
