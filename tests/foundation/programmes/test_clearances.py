"""Departments' opinions: a letter with a link of its own, answered in parts, submitted as a whole, corrected by another."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.urls import reverse

from guildhall.foundation import clock
from guildhall.foundation.errors import BadInput, NoRight, NotHere, OutOfStep
from guildhall.foundation.messages.models import Message
from guildhall.foundation.programmes.models import Clearance, ClearanceRequest, Round
from guildhall.foundation.programmes.moves import applications, clearances, reminders
from guildhall.foundation.programmes.moves.checks import CheckFailed
from guildhall.foundation.programmes.moves.clearances import Binds, NobodyToAsk, Unanswered
from guildhall.foundation.programmes.states import State
from guildhall.foundation.records.models import Decision
from tests.foundation.programmes.test_checks import of_unit, round_with

DEPARTMENTS = [
    {"key": "safety", "label": {"zh": "市应急管理局", "en": "Emergency bureau"}},
    {"key": "tax", "label": {"zh": "市税务局", "en": "Tax bureau"}, "binding": False},
]
RULES = [
    {"clause": "第九条", "holds": {"clearance": "safety"}},
    {"clause": "第十条", "holds": {"clearance": "tax"}},
]


@pytest.fixture
def of(city, order, tmp_path):
    """A round that asks two departments, one of which does not bind."""
    cache.clear()
    found = round_with(city, order, tmp_path, clearances=DEPARTMENTS, conditions=RULES)
    order.opened(city, found)
    return Round.objects.get(pk=found.pk)


def asked(city, of, department="safety", days=5, **more):
    return clearances.ask(of.pk, department, clock.today() + timedelta(days=days), by=city.officer, key=uuid4(), **more)


def all_clear(of, *, but=(), text="安全生产许可证已过期"):
    rows = of.applications.filter(state=State.CHECKING)
    return {row.pk: ("objects", text) if row.unit in but else ("clear", "") for row in rows}


def answered(city, of, department="safety", but=(), **more):
    _letter, token = asked(city, of, department, **more)
    return clearances.submit(token, all_clear(of, but=but), signed="王科长", dated=clock.today(), key=uuid4())


def accepted(city, of, unit):
    return applications.accept(of_unit(of, unit).pk, by=city.officer, key=uuid4()).state


def test_a_rule_waits_for_the_answer_and_then_holds(city, of):
    with pytest.raises(CheckFailed, match=r"第九条.*还没有发函.*要征求市应急管理局意见"):
        accepted(city, of, city.unit)
    _letter, token = asked(city, of)
    with pytest.raises(CheckFailed, match="等市应急管理局答复"):
        accepted(city, of, city.unit)
    clearances.submit(token, all_clear(of), signed="王科长", dated=clock.today(), key=uuid4())
    answered(city, of, "tax")

    assert accepted(city, of, city.unit) == State.REVIEWING


def test_an_objection_bars_with_its_clause(city, of):
    answered(city, of, but=[city.unit])
    answered(city, of, "tax")

    with pytest.raises(CheckFailed, match=r"第九条.*市应急管理局有意见"):
        accepted(city, of, city.unit)
    assert accepted(city, of, city.next_unit) == State.REVIEWING


def test_an_objection_bars_also_where_no_rule_asks_for_it(city, order, tmp_path):
    found = round_with(city, order, tmp_path, clearances=DEPARTMENTS)
    order.opened(city, found)
    of = Round.objects.get(pk=found.pk)
    answered(city, of, but=[city.unit])

    with pytest.raises(CheckFailed, match="征求市应急管理局意见"):
        accepted(city, of, city.unit)
    assert accepted(city, of, city.next_unit) == State.REVIEWING


def test_only_what_does_not_bind_is_set_aside_and_only_with_a_reason(city, of):
    answered(city, of, but=[city.unit])
    answered(city, of, "tax", but=[city.unit])
    safety, tax = (
        Clearance.objects.get(request__department=key, application__unit=city.unit) for key in ("safety", "tax")
    )
    with pytest.raises(Binds, match="市应急管理局"):
        clearances.set_aside(safety.pk, reason="已经整改到位", by=city.officer, key=uuid4())
    with pytest.raises(BadInput):
        clearances.set_aside(tax.pk, reason=" ", by=city.officer, key=uuid4())
    with pytest.raises(NoRight):
        clearances.set_aside(tax.pk, reason="已经补缴税款", by=city.leader, key=uuid4())
    with pytest.raises(NotHere):
        clearances.set_aside(tax.pk, reason="已经补缴税款", by=city.district, key=uuid4())
    clearances.set_aside(tax.pk, reason="已经补缴税款", by=city.officer, key=uuid4())

    answered(city, of, again=True)
    assert accepted(city, of, city.unit) == State.REVIEWING
    assert Decision.objects.filter(act="clearance_set_aside").count() == 1


def test_a_second_letter_corrects_the_first_and_until_it_is_answered_the_first_counts(city, of):
    answered(city, of, but=[city.unit])
    answered(city, of, "tax")
    _letter, token = asked(city, of, again=True)
    with pytest.raises(CheckFailed, match="市应急管理局有意见"):
        accepted(city, of, city.unit)
    clearances.submit(token, all_clear(of), signed="王科长", dated=clock.today(), key=uuid4())

    assert accepted(city, of, city.unit) == State.REVIEWING


def test_a_letter_asks_those_not_asked_before(city, of):
    first, _token = asked(city, of)
    assert first.clearances.count() == 12
    with pytest.raises(NobodyToAsk):
        asked(city, of)
    clearances.revoke(first.pk, reason="发错了部门", by=city.officer, key=uuid4())
    second, _token = asked(city, of)

    assert (second.number, second.clearances.count()) == (2, 12)


def test_the_token_is_kept_nowhere_and_told_once(city, of):
    key, due = uuid4(), clock.today()
    letter, token = clearances.ask(of.pk, "safety", due, by=city.officer, key=key)
    again, nothing = clearances.ask(of.pk, "safety", due, by=city.officer, key=key)
    secret = token.rpartition(":")[0]

    assert (again.pk, nothing) == (letter.pk, "")
    assert secret not in str(ClearanceRequest.objects.values().get())
    assert not [row for row in Decision.objects.all() if secret in str(row.body)]


def test_a_link_that_is_forged_revoked_or_run_out_opens_nothing(city, of, forward):
    letter, token = asked(city, of)
    other = clearances.SIGNER.sign("x" * 32)
    for wrong in (token[:-1] + ("A" if token[-1] != "A" else "B"), other, "nonsense"):
        with pytest.raises(NotHere):
            clearances.by_token(wrong)
    assert clearances.by_token(token).pk == letter.pk
    forward(clock.now() + timedelta(days=12))
    assert clearances.by_token(token).pk == letter.pk  # Its grace lasts seven days.
    forward(clock.now() + timedelta(days=1))
    with pytest.raises(NotHere):
        clearances.by_token(token)


def test_a_revoked_link_opens_nothing(city, of):
    letter, token = asked(city, of)
    clearances.revoke(letter.pk, reason="发错了部门", by=city.officer, key=uuid4())
    for act in (
        lambda: clearances.by_token(token),
        lambda: clearances.save_part(token, all_clear(of)),
        lambda: clearances.submit(token, all_clear(of), signed="王", dated=clock.today(), key=uuid4()),
    ):
        with pytest.raises(NotHere):
            act()


def test_parts_are_kept_and_count_for_nothing_until_the_whole_is_submitted(city, of):
    _letter, token = asked(city, of)
    first = of_unit(of, city.unit).pk
    clearances.save_part(token, {first: ("objects", "许可证过期了")}, signed="王科长")
    assert not Clearance.objects.exclude(state="asked").exists()
    with pytest.raises(Unanswered, match="11 家"):
        clearances.submit(token, {first: ("clear", "")}, signed="王科长", dated=clock.today(), key=uuid4())
    with pytest.raises(BadInput, match="事实和依据"):
        clearances.submit(
            token, all_clear(of, but=[city.unit], text="不"), signed="王", dated=clock.today(), key=uuid4()
        )
    with pytest.raises(BadInput, match="答复人"):
        clearances.submit(token, all_clear(of), signed=" ", dated=clock.today(), key=uuid4())
    with pytest.raises(NotHere):
        clearances.save_part(token, {999_999: ("clear", "")})
    key = uuid4()
    clearances.submit(token, all_clear(of), signed="王科长", dated=clock.today(), key=key)
    clearances.submit(token, all_clear(of), signed="王科长", dated=clock.today(), key=key)

    assert Clearance.objects.filter(state="clear", signed="王科长").count() == 12
    assert Decision.objects.filter(act="clearance_answer").count() == 1
    with pytest.raises(OutOfStep):
        clearances.submit(token, all_clear(of), signed="王科长", dated=clock.today(), key=uuid4())


def fields(of, state="clear", **more):
    rows = of.applications.values_list("pk", flat=True)
    return {f"state_{pk}": state for pk in rows} | {f"text_{pk}": "" for pk in rows} | more


def test_the_letter_shows_its_link_once_and_the_department_answers_by_it(city, of):
    client = city.client("officer")
    sent = client.post(reverse("rounds:clearances", args=[of.pk]),
                       {"department": "safety", "due": clock.today().isoformat(), "key": str(uuid4())})  # fmt: skip
    first, second = client.get(sent["Location"]), client.get(sent["Location"])
    link = first.context["link"]
    assert link in first.text
    assert second.context["link"] == ""
    page = city.client(None).get(link)
    assert city.unit.name in page.text
    half = city.client(None).post(
        link, fields(of, signed="王科长", save="1", key=str(uuid4())) | {f"state_{of_unit(of, city.unit).pk}": ""}
    )
    early = city.client(None).post(link, fields(of, "", submit="1", signed="王科长", key=str(uuid4())))
    whole = city.client(None).post(
        link, fields(of, submit="1", signed="王科长", dated=clock.today().isoformat(), key=str(uuid4()))
    )
    done = city.client(None).get(link)

    assert (half.status_code, early.status_code, whole.status_code) == (302, 422, 302)
    assert "还有 12 家没有选意见" in early.text
    assert "已经答复" in done.text
    assert Clearance.objects.filter(state="clear").count() == 12


def test_the_overview_says_who_answered_and_what_is_open(city, of):
    answered(city, of, but=[city.unit])
    asked(city, of, "tax")
    page = city.ask("GET", "rounds:clearances", as_="officer", args=(of.pk,))

    for words in ("市应急管理局", "已答复", "市税务局", "待答复", "安全生产许可证已过期", city.unit.name):
        assert words in page.text
    assert city.ask("GET", "rounds:clearances", as_="leader", args=(of.pk,)).status_code == 403
    assert city.ask("GET", "rounds:clearances", as_="unit_officer", args=(of.pk,)).status_code == 403


def test_the_applicant_is_not_told_what_a_department_said(city, of):
    answered(city, of, but=[city.unit])
    row = of_unit(of, city.unit)

    assert "市应急管理局" in city.ask("GET", "rounds:application", as_="officer", args=(row.pk,)).text
    assert "市应急管理局" not in city.ask("GET", "rounds:application", as_="unit_officer", args=(row.pk,)).text


def test_links_are_not_opened_by_the_hundred(city, of, monkeypatch):
    from guildhall.foundation.programmes.views import clearances as pages

    monkeypatch.setattr(pages, "OPENED_AN_HOUR", 3)
    url = reverse("clearances:answer", args=["guess"])
    statuses = [city.client(None).get(url).status_code for _n in range(5)]
    assert statuses == [404, 404, 404, 429, 429]


def test_the_officer_is_reminded_of_a_letter_that_waits(city, of, forward):
    asked(city, of, days=10)
    reminders.remind()
    assert not Message.objects.filter(template="programmes.clearance_due").exists()
    forward(clock.now() + timedelta(days=9))
    reminders.remind()
    reminders.remind()
    assert Message.objects.filter(template="programmes.clearance_due", to=city.officer).count() == 1
