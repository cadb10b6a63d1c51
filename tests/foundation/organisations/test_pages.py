"""The pages of units, people, scorers and working days."""

import re
from datetime import date
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from guildhall.foundation import clock
from guildhall.foundation.clock.models import CalendarDay
from guildhall.foundation.organisations import moves
from guildhall.foundation.organisations.models import Appointment, FormerUnit, Unit, UnitFile, User
from tests.city import code
from tests.foundation.organisations.workbook import line, workbook

MANAGERS = ("organisations:unit_new", "organisations:unit_import", "organisations:unit_template", "organisations:people",
            "organisations:person_new", "organisations:union_new")  # fmt: skip


def text(response) -> str:
    return response.content.decode()


def test_the_units_are_those_of_the_readers_scope(city):
    assert city.secret in text(city.ask("GET", "organisations:units", as_="district"))
    assert city.secret not in text(city.ask("GET", "organisations:units", as_="next_district"))
    own = text(city.ask("GET", "organisations:units", as_="unit_officer"))
    assert city.secret in own
    assert not any(unit.name in own for unit in city.units[1:])
    assert city.industry_unit.name in text(city.ask("GET", "organisations:units", as_="industry_officer"))
    export = city.ask("GET", "organisations:units", as_="next_district", data={"export": "xlsx"})
    assert city.secret.encode() not in b"".join(export.streaming_content)


def test_the_list_filters_sorts_and_finds_former_names(city):
    found = text(city.ask("GET", "organisations:units", as_="officer", data={"district": city.jiuyuan.pk}))
    assert city.next_unit.name in found
    assert city.secret not in found
    moves.rename_unit(city.unit.pk, name="云鹿磁材", code=city.unit.code, reason="文", by=city.officer, key=uuid4())
    found = text(city.ask("GET", "organisations:units", as_="officer", data={"q": "云鹿稀土"}))
    assert "云鹿磁材" in found
    assert "找到 1 家" in found
    falling = text(city.ask("GET", "organisations:units", as_="officer", data={"sort": "-headcount"}))
    assert falling.index(city.units[11].name) < falling.index(city.units[1].name)
    assert "1,266" in falling  # The sum of the whole selection.


@pytest.mark.parametrize(("who", "status"), [
    ("visitor", 302), ("officer", 200), ("leader", 200), ("auditor", 200), ("district", 200), ("unit_officer", 200),
    ("next_district", 404), ("next_unit_officer", 404), ("industry_officer", 404), ("assessor", 404), ("expert", 404),
])  # fmt: skip
def test_a_units_page_opens_for_those_above_it(city, who, status):
    response = city.ask("GET", "organisations:unit", as_=who, args=(city.unit.pk,))
    assert response.status_code == status
    assert (city.unit.code in text(response)) == (status == 200)
    if status == 200:
        assert ("更名" in text(response)) == (who == "officer")


@pytest.mark.parametrize(
    "who", ["leader", "finance", "auditor", "district", "industry_officer", "unit_officer", "assessor", "expert"]
)
def test_only_the_officer_opens_what_changes_things(city, who):
    for name in MANAGERS:
        assert city.ask("GET", name, as_=who).status_code == 403
    for act in ("edit", "rename", "merge", "close", "move"):
        for verb in ("GET", "POST"):
            assert city.ask(verb, f"organisations:unit_{act}", as_=who, args=(city.unit.pk,)).status_code in (403, 404)
    for name, pk in (("person", city.leader.pk), ("person_edit", city.leader.pk), ("person_appoint", city.leader.pk),
                     ("appointment_end", city.leader.appointments.get().pk)):  # fmt: skip
        assert city.ask("GET", f"organisations:{name}", as_=who, args=(pk,)).status_code == 403


def facts(city, **changes):
    return {
        "name": "德盛印务", "code": code(90), "above": city.kundulun.pk, "kind": "enterprise", "ownership": "private",
        "trade": "印刷", "headcount": 50, "workers": 20, "district": city.kundulun.pk, **changes,
    }  # fmt: skip


def test_an_officer_registers_changes_renames_merges_closes_and_moves(city):
    response = city.ask("POST", "organisations:unit_new", as_="officer", data=facts(city), follow=True)
    unit = Unit.objects.get(code=code(90))
    assert "已登记“德盛印务”" in text(response)
    change = {name: value for name, value in facts(city, headcount=60).items() if name not in ("name", "code", "above")}
    ask = {"as_": "officer", "args": (unit.pk,), "follow": True}
    for name, data in (
        ("edit", {**change, "parent_company": city.unit.code}),
        ("rename", {"name": "德盛文印", "code": code(90), "reason": "通知 3"}),
        ("move", {"to": city.jiuyuan.pk}),
        ("merge", {"into": city.next_unit.code, "reason": "批复 7"}),
    ):
        response = city.ask("POST", f"organisations:unit_{name}", data=data, **ask)
        assert response.status_code == 200, name
        assert "gh-errs" not in text(response), name
    unit.refresh_from_db()
    assert (unit.headcount, unit.name, unit.state, unit.parent_company) == (60, "德盛文印", "merged", city.unit)
    assert "并入“石门数控刀具”" in text(response)
    city.ask("POST", "organisations:unit_close", as_="officer", args=(city.unit.pk,), data={"reason": "注销"})
    assert Unit.objects.get(pk=city.unit.pk).state == "closed"


def test_a_wrong_form_keeps_what_was_filled_in_and_writes_nothing(city):
    response = city.ask(
        "POST", "organisations:unit_new", as_="officer", data=facts(city, code=code(90)[:-1], trade="印刷包装")
    )
    assert response.status_code == 422
    assert "有 17 位，应为 18 位" in text(response)
    assert "印刷包装" in text(response)
    taken = city.ask("POST", "organisations:unit_new", as_="officer", data=facts(city, code=city.unit.code))
    assert taken.status_code == 422
    assert "已经登记在“云鹿稀土永磁”" in text(taken)
    assert Unit.objects.count() == 12


def test_sent_twice_done_once(city):
    data = facts(city, key=str(uuid4()))
    for _ in range(2):
        city.ask("POST", "organisations:unit_new", as_="officer", data=data)
    assert Unit.objects.count() == 13
    stale = city.ask("POST", "organisations:unit_new", as_="officer", data=facts(city, key="", code=code(91)))
    assert stale.status_code == 422


@pytest.mark.parametrize(
    "forged", [{"above": 999_999}, {"district": 999_999}, {"above": "unit"}, {"district": "industry"}]
)
def test_a_forged_id_in_a_form_is_not_here(city, forged):
    places = {"unit": city.unit.union_id, "industry": city.industry.pk}
    data = facts(city, **{name: places.get(value, value) for name, value in forged.items()})
    assert city.ask("POST", "organisations:unit_new", as_="officer", data=data).status_code == 404
    assert Unit.objects.count() == 12


def test_a_unit_names_its_scorers_on_its_page(city):
    page = text(city.ask("GET", "organisations:scorers", as_="unit_officer"))
    assert "互评人0" in page
    assert "互评人5" not in page
    data = {"role": "assessor", "name": "丁一", "phone": "13800000001"}
    response = city.ask(
        "POST", "organisations:scorer", as_="unit_officer", args=(city.unit.pk,), data=data, follow=True
    )
    assert "丁一的用户名是" in text(response)
    assert "丁一的用户名是" not in text(city.ask("GET", "organisations:scorers", as_="unit_officer"))
    wrong = city.ask(
        "POST", "organisations:scorer", as_="unit_officer", args=(city.unit.pk,), data={**data, "phone": "12"}
    )
    assert wrong.status_code == 422
    assert "手机号是 11 位数字" in text(wrong)


@pytest.mark.parametrize(("who", "status"), [
    ("next_unit_officer", 404), ("officer", 403), ("district", 403), ("assessor", 403), ("visitor", 302),
])  # fmt: skip
def test_nobody_names_the_scorers_of_another_unit(city, who, status):
    before = Appointment.objects.count()
    data = {"role": "assessor", "name": "丁一", "phone": "13800000001"}
    assert city.ask("POST", "organisations:scorer", as_=who, args=(city.unit.pk,), data=data).status_code == status
    assert Appointment.objects.count() == before


def test_an_office_is_no_scorers_seat_by_the_form(city):
    data = {"role": "federation_officer", "name": "丁一", "phone": "13800000001"}
    response = city.ask("POST", "organisations:scorer", as_="unit_officer", args=(city.unit.pk,), data=data)
    assert response.status_code == 422
    assert not User.objects.filter(person__name="丁一").exists()


def test_a_person_is_entered_appointed_and_leaves(city):
    response = city.ask(
        "POST", "organisations:person_new", as_="officer", follow=True,
        data={"name": "新干部", "phone": "0472-1", "username": "xin.ganbu"},
    )  # fmt: skip
    password = re.search(r"密码是 ([a-z0-9-]{14})", text(response))[1]
    user = User.objects.get(username="xin.ganbu")
    assert user.check_password(password)
    moves.choose_password(user, "maple-bridge-77")  # Nothing else is reached before.
    data = {"role": "district_officer", "union": city.kundulun.pk, "starts": "2024-01-01"}
    ask = {"as_": "officer", "args": (user.pk,), "follow": True}
    assert "已任命新干部" in text(city.ask("POST", "organisations:person_appoint", data=data, **ask))
    assert city.secret in text(city.ask("GET", "organisations:units", as_=user))
    office = user.appointments.get()
    city.ask("POST", "organisations:appointment_end", as_="officer", args=(office.pk,), data={"on": "2024-02-01"})
    assert city.ask("GET", "organisations:units", as_=user).status_code == 403
    city.ask("POST", "organisations:person_edit", data={"name": "新干事", "phone": "0472-2"}, **ask)
    fresh = text(city.ask("POST", "organisations:person_password", **ask))
    assert "新密码是" in fresh
    assert password not in fresh


def test_what_speaks_against_an_appointment_stands_on_the_form(city):
    data = {"role": "leader", "union": city.federation.pk, "starts": "2024-01-01"}
    response = city.ask("POST", "organisations:person_appoint", as_="officer", args=(city.auditor.pk,), data=data)
    assert response.status_code == 422
    assert "审计员不能同时担任别的职务" in text(response)
    forged = {**data, "union": 999_999}
    assert (
        city.ask("POST", "organisations:person_appoint", as_="officer", args=(city.expert.pk,), data=forged).status_code
        == 404
    )


def upload(city, content, name="单位.xlsx", who="officer"):
    return city.ask("POST", "organisations:unit_import", as_=who, data={"file": SimpleUploadedFile(name, content)})


def test_a_file_is_shown_before_it_is_written(city):
    response = upload(city, workbook(line(50), line(51, 职工人数="多"), line(52)))
    file = UnitFile.objects.get()
    page = text(city.client("officer").get(response.url))
    assert "2 行没有问题，1 行有错，还没有写入。" in page
    assert "写入 2 行" in page
    assert "不是数字。请只填人数，例 120。" in page
    assert Unit.objects.count() == 12
    assert city.ask("GET", "organisations:unit_file_errors", as_="officer", args=(file.pk,)).status_code == 200
    wrong = city.ask("POST", "organisations:unit_file", as_="officer", args=(file.pk,), data={"expected": 3})
    assert wrong.status_code == 422
    assert "请看过新的结果再写入" in text(wrong)
    done = city.ask(
        "POST", "organisations:unit_file", as_="officer", args=(file.pk,), data={"expected": 2}, follow=True
    )
    assert "新增 2 家，改 0 家" in text(done)
    assert Unit.objects.count() == 14
    again = city.ask(
        "GET", upload(city, workbook(line(50), line(52))).url and "organisations:unit_import", as_="officer"
    )
    assert "已写入" in text(again)
    assert Unit.objects.count() == 14


def test_a_bad_file_says_why_and_another_ones_file_is_not_here(city):
    for content, name, why in (
        (b"not a workbook", "a.xlsx", "不是 Excel 工作簿"), (b"x", "a.txt", "这里收"), (workbook(), "a.xlsx", "只有表头"),
    ):  # fmt: skip
        response = upload(city, content, name)
        assert response.status_code == 422
        assert why in text(response)
    upload(city, workbook(line(50)))
    file = UnitFile.objects.get()
    for who in ("second_officer", "leader", "district"):
        for name in ("unit_file", "unit_file_errors"):
            assert city.ask("GET", f"organisations:{name}", as_=who, args=(file.pk,)).status_code == 404
        assert (
            city.ask("POST", "organisations:unit_file", as_=who, args=(file.pk,), data={"expected": 1}).status_code
            == 404
        )
    assert Unit.objects.count() == 12


def test_what_a_file_says_is_text_on_the_page(city):
    response = upload(city, workbook(line(50, 行业="<script>alert(1)</script>")))
    page = text(city.client("officer").get(response.url + "?show=new"))
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_working_days_are_read_by_all_and_changed_by_officers(city):
    assert "2024-09-29" in text(city.ask("GET", "organisations:working_days", as_="assessor", data={"year": 2024}))
    data = {"day": "2024-10-08", "works": "0", "source": "市政府通知"}
    for who in ("assessor", "leader", "district"):
        assert city.ask("POST", "organisations:working_days", as_=who, data=data).status_code == 403
    assert CalendarDay.objects.get(day=date(2024, 10, 8)).works
    assert city.ask("POST", "organisations:working_days", as_="officer", data=data).status_code == 302
    assert not CalendarDay.objects.get(day=date(2024, 10, 8)).works
    response = city.ask("POST", "organisations:working_days", as_="officer", data={"year": 2090})
    assert response.status_code == 422
    assert "2090 年的放假安排还没有公布" in text(response)


def test_pages_that_only_take_a_post(city):
    assert city.ask("GET", "organisations:person_password", as_="officer", args=(city.leader.pk,)).status_code == 405
    assert city.ask("GET", "organisations:scorer", as_="unit_officer", args=(city.unit.pk,)).status_code == 405


def test_a_district_or_industry_union_is_registered(city):
    data = {"name": "东河区总工会", "short": "东河区", "kind": "district"}
    city.ask("POST", "organisations:union_new", as_="officer", data=data)
    assert city.federation.children.get(short="东河区").lineage[0] == city.federation.pk
    assert not FormerUnit.objects.exists()


def test_a_year_that_no_table_has_shows_the_present_one(city):
    page = city.client("officer").get(f"/working-days/?year={'9' * 5_000}")
    assert (page.status_code, page.context["year"]) == (200, clock.today().year)
