"""What leaves the house: handed over in turn, and one that cannot go stops no other."""

from typing import Any

import pytest
from django.core import mail
from django.utils.translation import gettext_lazy as _

from guildhall.foundation.messages.models import Delivery
from guildhall.foundation.messages.moves import deliver, tell
from guildhall.foundation.messages.rules import TEMPLATES, Template
from guildhall.foundation.organisations.states import Role
from tests.foundation.offices import holder

pytestmark = pytest.mark.django_db


@pytest.fixture
def told(settings, monkeypatch) -> Any:
    """`told(text, …)` tells somebody with an address each text in turn; mail goes out."""
    settings.EMAIL_ADAPTER = True
    monkeypatch.setitem(TEMPLATES, "test.said", Template(_("%(reason)s")))
    user = holder(Role.LEADER)
    user.person.email = "leader@example.org"
    user.person.save()

    def tell_each(*texts: str) -> None:
        for text in texts:
            tell("test.said", [user], reason=text)

    return tell_each


def test_a_reason_of_two_lines_is_sent_with_a_subject_of_one(told):
    told("第一行\r\n第二行")

    assert deliver() == 1
    assert (mail.outbox[0].subject, mail.outbox[0].body) == ("第一行 第二行", "第一行\r\n第二行")


def test_what_waits_longest_goes_first(told):
    told("先", "后")

    assert deliver(limit=1) == 1
    assert [one.subject for one in mail.outbox] == ["先"]


def test_one_that_the_adapter_cannot_take_says_why_and_stops_no_other(told):
    told("一", "二")
    first = Delivery.objects.order_by("pk").first()
    first.address = "leader\n@example.org"
    first.save()

    assert deliver() == 1
    first.refresh_from_db()
    assert (first.state, bool(first.error)) == (Delivery.State.FAILED, True)
    assert [one.subject for one in mail.outbox] == ["二"]
