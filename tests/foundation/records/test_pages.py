"""The auditor's pages: who may read which entry, and that each look is recorded."""

from uuid import uuid4

import pytest
from django.db import transaction
from django.urls import reverse

from guildhall.foundation.records.models import Decision
from guildhall.foundation.records.moves import record

pytestmark = pytest.mark.django_db


@pytest.fixture
def sealed(city) -> Decision:
    with transaction.atomic():
        return record(
            "secret", stream="round:1", subject="sheet:1", by=city.officer, content={"who": "甲评乙"}, sealed=True
        )


@pytest.mark.parametrize(("who", "sees"), [("auditor", True), ("officer", False), ("leader", False)])
def test_a_sealed_entry_is_listed_for_the_auditor_alone(city, sealed, who, sees):
    response = city.ask("GET", "records:index", as_=who)

    assert response.status_code == 200
    assert (f"/records/{sealed.pk}/" in response.text) == sees


def test_a_sealed_content_stays_closed_until_a_reason_is_given(city, sealed):
    assert "甲评乙" not in city.ask("GET", "records:entry", as_="auditor", args=(sealed.pk,)).text
    without = city.ask("POST", "records:look", as_="auditor", args=(sealed.pk,), data={"reason": ""})
    assert "甲评乙" not in without.text
    assert without.status_code == 422
    assert not Decision.objects.filter(act="look").exists()

    opened = city.ask("POST", "records:look", as_="auditor", args=(sealed.pk,), data={"reason": "复核异议"})

    assert "甲评乙" in opened.text
    look = Decision.objects.get(act="look")
    assert (look.actor, look.note) == (city.auditor, "复核异议")
    assert "复核异议" in city.ask("GET", "records:access", as_="auditor").text


def test_the_same_look_twice_is_recorded_once(city, sealed):
    key = str(uuid4())
    for _ in range(2):
        city.ask("POST", "records:look", as_="auditor", args=(sealed.pk,), data={"reason": "复核异议", "key": key})

    assert Decision.objects.filter(act="look").count() == 1


def test_an_officer_opens_no_sealed_content(city, sealed):
    data = {"reason": "想看"}

    assert city.ask("POST", "records:look", as_="officer", args=(sealed.pk,), data=data).status_code == 403
    assert city.ask("GET", "records:entry", as_="officer", args=(sealed.pk,)).status_code == 404
    assert not Decision.objects.filter(act="look").exists()


def test_verification_says_what_it_found_and_compares_a_printed_seal(city):
    city.ask("POST", "records:verification", as_="auditor")
    page = city.ask("GET", "records:verification", as_="auditor")
    wrong = city.ask("POST", "records:compare", as_="auditor", data={"seal": "9:2024-01-01:" + "a" * 64})

    assert "记录链完整" in page.text
    assert "缺少封签" in wrong.text
    assert city.ask("GET", "records:verification", as_="officer").status_code == 403


def test_the_list_says_in_words_what_was_done_to_what(city):
    with transaction.atomic():
        record("office.end", stream="organisations", subject="appointment:7", by=city.officer)
        record("plan", stream="programme:drawn", subject="drawn:2024", by=city.officer)

    page = city.ask("GET", "records:index", as_="leader").text

    assert "免职" in page
    assert "任职 7" in page
    assert "组织和人员 #" in page
    assert "office.end" not in page
    assert "drawn:2024" in page  # Nobody named it.


@pytest.mark.parametrize("name", ["index", "access"])
def test_an_entry_is_found_by_its_hash_its_actor_and_its_chain(city, sealed, name):
    if name == "access":
        city.ask("POST", "records:look", as_="auditor", args=(sealed.pk,), data={"reason": "复核异议"})
    entry = Decision.objects.order_by("-pk").first()

    for word in (entry.hash[:12], entry.actor_name, entry.stream.name, "%00"):
        page = city.client("auditor").get(f"{reverse(f'records:{name}')}?q={word}")
        assert page.status_code == 200
        assert f"/records/{entry.pk}/" in page.text, word
