"""The wizard and the levels on screen."""

from datetime import date, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse

from guildhall.foundation import clock
from guildhall.foundation.organisations.models import Appointment
from guildhall.foundation.programmes.models import Application, Draft
from guildhall.foundation.programmes.states import State
from tests.foundation.programmes import calling

pytestmark = pytest.mark.django_db


@pytest.fixture
def of(city, tmp_path, forward):
    """Called for in the autumn of 2024."""
    Appointment.objects.update(starts=date(2024, 1, 1))
    forward(datetime(2024, 9, 2, 9, tzinfo=ZoneInfo("Asia/Shanghai")))
    return calling.called(city, tmp_path)


def typed(**changes):
    return {
        "project": "焊接机器人改造", "staff": "120", "asked": "80,000", "kind": "skill", "term_0": "2024-01-01",
        "term_1": "2024-12-31", "items-0-item": "机器人", "items-0-sum": "60000", "items-1-item": "", "items-1-sum": "",
        "remark": "", "base": "1", "key": str(uuid4()), "go": "next", **changes,
    }  # fmt: skip


def started(city, of):
    answer = city.ask("POST", "rounds:apply", as_="unit_officer", args=(of.pk,), data={"unit": city.unit.pk})
    assert answer.status_code == 302
    return Application.objects.get(unit=city.unit)


def test_a_draft_begins_with_what_the_register_says(city, of):
    page = city.ask("GET", "rounds:apply", as_="unit_officer", args=(of.pk,))
    assert "开始申报" in page.text
    draft = started(city, of)
    assert draft.facts == {"staff": str(city.unit.headcount)}
    form = city.ask("GET", "rounds:form", as_="unit_officer", args=(draft.pk, 1)).text
    assert "来自单位名册" in form


def test_a_step_keeps_what_is_wrong_and_says_so_beside_it(city, of):
    draft = started(city, of)
    answer = city.ask(
        "POST", "rounds:form", as_="unit_officer", args=(draft.pk, 1), data=typed(asked="很多", project="")
    )
    assert answer.status_code == 422
    assert "要填金额" in answer.text
    assert "还没有填“项目名称”" in answer.text
    draft.refresh_from_db()
    assert draft.facts["asked"] == "很多"


def test_a_whole_form_is_checked_and_submitted_once(city, of):
    draft = started(city, of)
    answer = city.ask("POST", "rounds:form", as_="unit_officer", args=(draft.pk, 1), data=typed())
    assert answer.url == reverse("rounds:form_check", args=[draft.pk])
    check = city.ask("GET", "rounds:form_check", as_="unit_officer", args=(draft.pk,)).text
    assert "机器人，60000" in check
    key = str(uuid4())
    for _ in range(2):
        city.ask("POST", "rounds:submit", as_="unit_officer", args=(draft.pk,), data={"key": key})
    draft.refresh_from_db()
    assert (draft.state, draft.submissions) == (State.AWAITING, 1)
    page = city.ask("GET", "rounds:application", as_="unit_officer", args=(draft.pk,)).text
    assert "现在由" in page
    assert "登记公示" in page


def test_an_incomplete_form_is_refused_with_its_places(city, of):
    draft = started(city, of)
    answer = city.ask("POST", "rounds:submit", as_="unit_officer", args=(draft.pk,))
    assert answer.status_code == 422
    assert "要改" in answer.text
    assert Application.objects.get(pk=draft.pk).state == State.DRAFT


def test_autosave_answers_with_the_time_and_the_version(city, of):
    draft = started(city, of)
    answer = city.ask("POST", "rounds:form", as_="unit_officer", args=(draft.pk, 1), data=typed(autosave="1"))
    assert answer.status_code == 200
    assert answer.json()["said"].startswith("已保存")
    assert Draft.objects.get(application=draft).facts["project"] == "焊接机器人改造"


def test_the_level_returns_and_the_unit_sees_what_is_asked(city, of, forward):
    sent = calling.submitted(of, city.unit, city.unit_officer)
    calling.noticed(sent, city.unit_officer)
    forward(clock.now() + timedelta(days=9))
    calling.endorsed(sent, city.unit_officer)
    listed = city.ask("GET", "rounds:endorsing", as_="district").text
    assert city.unit.name in listed
    assert city.unit.name not in city.ask("GET", "rounds:endorsing", as_="next_district").text
    data = {"places": ["project"], "text": "项目名称写具体些", "due_on": clock.today() + timedelta(days=2)}
    answer = city.ask("POST", "rounds:return", as_="district", args=(sent.pk,), data=data)
    assert answer.status_code == 302
    page = city.ask("GET", "rounds:form", as_="unit_officer", args=(sent.pk, 1)).text
    assert "请补正：项目名称写具体些" in page
    city.ask("POST", "rounds:form", as_="unit_officer", args=(sent.pk, 1), data=typed(project="三号线焊接机器人改造"))
    assert (
        "已改，原来是：焊接机器人改造" in city.ask("GET", "rounds:form_check", as_="unit_officer", args=(sent.pk,)).text
    )
    city.ask("POST", "rounds:submit", as_="unit_officer", args=(sent.pk,))
    assert Application.objects.get(pk=sent.pk).level == 1


def test_the_district_ranks_on_its_page(city, of, forward):
    sent = calling.submitted(of, city.unit, city.unit_officer)
    calling.noticed(sent, city.unit_officer)
    forward(clock.now() + timedelta(days=9))
    calling.endorsed(sent, city.unit_officer)
    assert city.ask("GET", "rounds:rank", as_="district", args=(of.pk, 1)).status_code == 200
    data = {f"place-{sent.pk}": "2", f"text-{sent.pk}": "同意推荐。"}
    assert city.ask("POST", "rounds:rank", as_="district", args=(of.pk, 1), data=data).status_code == 422
    data[f"place-{sent.pk}"] = "1"
    assert city.ask("POST", "rounds:rank", as_="district", args=(of.pk, 1), data=data).status_code == 302
    assert Application.objects.get(pk=sent.pk).state == State.CHECKING


@pytest.mark.parametrize(
    "name", ["rounds:endorse", "rounds:return", "rounds:decline", "rounds:submit", "rounds:recall"]
)
def test_the_next_district_finds_nothing(city, of, name):
    sent = calling.submitted(of, city.unit, city.unit_officer)
    assert city.ask("POST", name, as_="next_district", args=(sent.pk,)).status_code == 404
    assert Application.objects.get(pk=sent.pk).state == State.AWAITING


def test_the_print_is_a_pdf(city, of):
    draft = started(city, of)
    answer = city.ask("GET", "rounds:print", as_="unit_officer", args=(draft.pk,))
    assert answer.content.startswith(b"%PDF")


def test_the_federation_sets_quotas_and_extends_for_all(city, of):
    page = city.ask("GET", "rounds:level", as_="second_officer", args=(of.pk, 1))
    assert page.status_code == 200
    data = {f"places-{city.kundulun.pk}": "5", f"places-{city.jiuyuan.pk}": "", f"places-{city.industry.pk}": "1"}
    assert city.ask("POST", "rounds:level", as_="second_officer", args=(of.pk, 1), data=data).status_code == 302
    assert list(of.quotas.filter(level=1).order_by("union_id").values_list("places", flat=True)) == [5, None, 1]
    data = {"until": "2024-12-20T17:30", "reason": "国庆放假顺延"}
    assert city.ask("POST", "rounds:extend_level", as_="second_officer", args=(of.pk, 1), data=data).status_code == 302
