"""Log-ins for many units: from a file or reset, made by the worker, shown once, kept only hashed."""

import base64
import io
import re
import time
from datetime import date, timedelta
from uuid import uuid4

import openpyxl
import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from guildhall.foundation import clock
from guildhall.foundation.errors import KeyReused, NoRight, NotHere, OutOfStep
from guildhall.foundation.organisations import moves
from guildhall.foundation.organisations.models import Appointment, LogInLine, LogInSheet, Person, Unit, User
from guildhall.foundation.organisations.moves import log_ins
from guildhall.foundation.organisations.moves.imports import MovedOn, NothingToWrite
from guildhall.foundation.organisations.rules.log_ins import (
    BY_KEY,
    Lapsed,
    NobodyPicked,
    OwnPassword,
    ShownOnce,
    StillMaking,
)
from guildhall.foundation.organisations.rules.offices import ResetElsewhere
from guildhall.foundation.organisations.rules.sheets import BadFile
from guildhall.foundation.organisations.rules.verdicts import Row, Verdict, counts
from guildhall.foundation.organisations.rules.workbooks import marked
from guildhall.foundation.organisations.states import Role
from guildhall.foundation.records.models import Decision
from guildhall.foundation.records.verify import verify
from tests.city import code
from tests.foundation.organisations.workbook import workbook

HEADS = ("统一社会信用代码", "单位名称", "主席姓名", "手机或电话", "任职起")


def settle(city, *numbers):
    """New units of 昆都仑 without an officer."""
    return [
        moves.register_unit(
            name=f"新厂{n}", code=code(n), kind="enterprise", ownership="private", trade="制造", headcount=10,
            above=city.kundulun, district=city.kundulun, by=city.officer, key=uuid4(),
        )
        for n in numbers
    ]  # fmt: skip


def line(n, **changes):
    row = dict(zip(HEADS, (code(n), f"新厂{n}", f"主席新{n}", f"1380000{n:04d}", "2024-03-01"), strict=True))
    return list({**row, **changes}.values())


def check(city, *rows, by=None, heads=HEADS):
    with transaction.atomic():
        content = workbook(*rows, heads=heads)
        return moves.check_log_ins("主席.xlsx", content, by=by or city.officer, key=uuid4())


def rows(city, *lines) -> list[Row]:
    return log_ins.checked(check(city, *lines), city.officer).rows


def issue(city, sheet, expected, key=None):
    with transaction.atomic():
        return moves.issue_log_ins(sheet.pk, expected=expected, by=city.officer, key=key or uuid4())


def show(city, sheet, by=None):
    with transaction.atomic():
        return moves.show_log_ins(sheet.pk, by=by or city.officer, key=uuid4())


def test_a_file_becomes_accounts_offices_and_passwords_told_once(city):
    first, second = settle(city, 50, 51)
    sheet = issue(city, check(city, line(50), line(51, 任职起=date(2024, 5, 2))), 2)
    offices = Appointment.objects.filter(role=Role.UNIT_OFFICER, union__in=[first.union_id, second.union_id])
    assert [(o.user.person.name, o.starts, o.user.person.employer) for o in offices.order_by("pk")] == [
        ("主席新50", date(2024, 3, 1), first), ("主席新51", date(2024, 5, 2), second),
    ]  # fmt: skip
    user = offices.earliest("pk").user
    assert user.must_change_password
    assert not user.has_usable_password()
    with pytest.raises(StillMaking):
        show(city, sheet)
    assert log_ins.make_passwords() == 2
    slips = show(city, sheet)
    assert [(slip.unit, slip.name) for slip in slips] == [("新厂50", "主席新50"), ("新厂51", "主席新51")]
    assert all(User.objects.get(username=slip.username).check_password(slip.password) for slip in slips)
    with pytest.raises(ShownOnce):
        show(city, sheet)
    assert set(LogInLine.objects.values_list("password", flat=True)) == {""}


def test_nothing_of_it_can_be_read_in_the_database_at_any_time(city):
    """Sealed until shown, hashed after; the file's names and numbers are sealed and go with the writing."""
    settle(city, 50)

    def stored() -> str:
        found = []
        with connection.cursor() as cursor:
            for table in (
                "organisations_loginsheet",
                "organisations_loginline",
                "organisations_user",
                "records_content",
            ):
                cursor.execute(f"SELECT t::text FROM {table} t")  # noqa: S608  Names of ours.
                found += [row[0] for row in cursor.fetchall()]
        return "\n".join(found)

    sheet = check(city, line(50))
    assert "13800000050" not in stored()
    issue(city, sheet, 1)
    assert LogInSheet.objects.get(pk=sheet.pk).content == ""
    log_ins.make_passwords()
    password = LogInLine.objects.get().password
    assert len(password) == 14
    assert password not in stored()
    show(city, sheet)
    assert password not in stored()


def test_each_row_has_its_verdict_and_a_unit_that_has_an_officer_is_said_not_doubled(city):
    settle(city, 50, 51, 52, 53, 54)
    moves.close_unit(Unit.objects.get(code=code(54)).pk, reason="注销", by=city.officer, key=uuid4())
    known = Person.objects.create(name="老会计", phone="13911110000", employer=Unit.objects.get(code=code(52)))
    User.objects.create_user("laokuaiji", "x", known)
    found = rows(
        city, line(50), [city.unit.code, city.unit.name, "后来的", "13800009999", "2024-03-01"],
        line(52, 主席姓名="老会计", 手机或电话="13911110000"),
        line(53, 主席姓名="主席新50", 手机或电话="13800000050"), line(54), line(60), line(51, 单位名称="别的厂"),
    )  # fmt: skip
    assert [row.verdict.value for row in found] == ["new", "same", "changed", "changed", "wrong", "wrong", "wrong"]
    assert "主席0" in found[1].note
    assert "laokuaiji" in found[2].note
    assert "第 2 行" in found[3].note
    assert [list(row.wrong) for row in found[4:]] == [["code"], ["code"], ["unit"]]


def test_one_person_in_two_lines_is_one_account_with_two_offices(city):
    settle(city, 50, 51)
    sheet = issue(city, check(city, line(50), line(51, 主席姓名="主席新50", 手机或电话="13800000050")), 2)
    user = LogInLine.objects.get(sheet=sheet).user
    assert user.appointments.filter(role=Role.UNIT_OFFICER).count() == 2


@pytest.mark.parametrize(("changes", "field", "cause"), [
    ({"主席姓名": ""}, "name", "没有填"),
    ({"主席姓名": "@cmd()"}, "name", "以 @ 开头，像公式"),
    ({"手机或电话": "打他电话"}, "phone", "不是电话号码"),
    ({"任职起": "去年"}, "starts", "不是日期"),
    ({"任职起": "2024-02-30"}, "starts", "不是日期"),
    ({"任职起": "1024-02-03"}, "starts", "年份不对"),
    ({"统一社会信用代码": code(50)[:-1]}, "code", "有 17 位，应为 18 位"),
])  # fmt: skip
def test_a_wrong_cell_is_marked_with_its_cause(city, changes, field, cause):
    settle(city, 50)
    row = rows(city, line(50, **changes))[0]
    assert {key: wrong.cause for key, wrong in row.wrong.items()} == {field: cause}
    sheet = openpyxl.load_workbook(io.BytesIO(marked([row], list(BY_KEY), BY_KEY))).active
    red = [cell for cell in sheet[2] if cell.fill.fgColor.rgb.endswith("FBD5D5")]
    assert [cell.comment.text.partition("。")[0] for cell in red] == [cause]


@pytest.mark.parametrize("said", ["2024-03-01", "2024/3/1", "2024.3.1", "2024年3月1日", "20240301", date(2024, 3, 1)])
def test_a_day_is_read_as_people_write_it(city, said):
    settle(city, 50)
    assert rows(city, line(50, 任职起=said))[0].values["starts"] == date(2024, 3, 1)


def test_a_file_written_twice_or_overtaken_gives_nothing_twice(city):
    settle(city, 50)
    first, second, third, key = check(city, line(50)), check(city, line(50)), check(city, line(50)), uuid4()
    for _ in range(2):
        issue(city, first, 1, key)
    with pytest.raises(OutOfStep):
        issue(city, first, 1)
    with pytest.raises(NothingToWrite):
        issue(city, second, 1)
    settle(city, 51)
    with pytest.raises(MovedOn):
        issue(city, check(city, line(51)), 2)
    with pytest.raises(KeyReused):
        issue(city, third, 1, key)
    assert Person.objects.filter(name="主席新50").count() == 1


def test_a_lost_file_is_nobody_elses(city):
    settle(city, 50)
    sheet = check(city, line(50))
    for by in (city.second_officer, city.leader, city.unit_officer):
        with pytest.raises(NotHere), transaction.atomic():
            moves.issue_log_ins(sheet.pk, expected=1, by=by, key=uuid4())
        with pytest.raises(NotHere):
            show(city, sheet, by=by)
    for by in (city.leader, city.district, city.unit_officer, city.finance):
        with pytest.raises(NoRight):
            check(city, line(50), by=by)
        with pytest.raises(NoRight), transaction.atomic():
            moves.reset_log_ins([city.unit_officer.pk], by=by, key=uuid4())
    with pytest.raises(BadFile):
        moves.check_log_ins("x.xlsx", b"no", by=city.officer, key=uuid4())


def test_two_hundred_units_take_seconds_and_few_statements(city):
    settle(city, *range(100, 325))
    sheet = check(city, *(line(n) for n in range(100, 325)))
    begun = time.monotonic()
    with CaptureQueriesContext(connection) as asked:
        issue(city, sheet, 225)
    assert len(asked) < 60
    while log_ins._make_some():
        if LogInLine.objects.exclude(made_at=None).count() == log_ins.AT_ONCE:
            page = city.ask("GET", "organisations:log_in_sheet", as_="officer", args=(sheet.pk,)).content.decode()
            assert "已生成 10 / 225 个密码" in page
            assert 'hx-trigger="every 2s"' in page
    assert time.monotonic() - begun < 90
    assert len(show(city, sheet)) == 225


def test_many_are_reset_at_once_and_whoever_is_signed_in_is_out(city):
    users = city.unit_officers[:3]
    client = city.client(users[0])
    assert client.get("/workbench/").status_code == 200
    key = uuid4()
    sheet = moves.reset_log_ins([user.pk for user in users], by=city.officer, key=key)
    assert moves.reset_log_ins([user.pk for user in users], by=city.officer, key=key) == sheet
    assert "/sign-in/" in client.get("/workbench/")["Location"]
    assert not User.objects.get(pk=users[0].pk).check_password("tram-lamp-42")
    assert log_ins.make_passwords() == 3
    slips = {slip.name: slip for slip in show(city, sheet)}
    assert slips["主席0"].unit == city.unit.name
    assert User.objects.get(pk=users[0].pk).check_password(slips["主席0"].password)


def test_a_reset_touches_nobody_who_approves_pays_or_audits_nor_oneself(city):
    for name in ("leader", "stand_in", "finance", "auditor"):
        with pytest.raises(ResetElsewhere), transaction.atomic():
            moves.reset_log_ins([city.unit_officer.pk, city.who(name).pk], by=city.officer, key=uuid4())
    with pytest.raises(OwnPassword), transaction.atomic():
        moves.reset_log_ins([city.officer.pk], by=city.officer, key=uuid4())
    with pytest.raises(NotHere), transaction.atomic():
        moves.reset_log_ins([city.unit_officer.pk, 10**9], by=city.officer, key=uuid4())
    with pytest.raises(NobodyPicked), transaction.atomic():
        moves.reset_log_ins([], by=city.officer, key=uuid4())
    assert User.objects.get(pk=city.unit_officer.pk).check_password("tram-lamp-42")


def test_a_later_reset_takes_the_password_off_the_earlier_sheet(city):
    """Neither shown, nor made after the newer one."""
    pks = [user.pk for user in city.unit_officers[:2]]
    sheet = moves.reset_log_ins(pks, by=city.officer, key=uuid4())
    alone = moves.reset_password(pks[0], by=city.officer, key=uuid4())
    log_ins.make_passwords()
    assert User.objects.get(pk=pks[0]).check_password(alone)
    assert {slip.name: bool(slip.password) for slip in show(city, sheet)} == {"主席0": False, "主席1": True}


def test_a_second_reset_of_all_voids_the_first_sheet(city):
    first = moves.reset_log_ins([city.unit_officer.pk], by=city.officer, key=uuid4())
    log_ins.make_passwords()
    second = moves.reset_log_ins([city.unit_officer.pk], by=city.officer, key=uuid4())
    log_ins.make_passwords()
    with pytest.raises(Lapsed), transaction.atomic():
        show(city, first)
    assert User.objects.get(pk=city.unit_officer.pk).check_password(show(city, second)[0].password)


def test_what_nobody_fetches_lapses(city, monkeypatch):
    sheet = moves.reset_log_ins([city.unit_officer.pk], by=city.officer, key=uuid4())
    log_ins.make_passwords()
    later = clock.now() + timedelta(hours=25)
    monkeypatch.setattr(clock, "now", lambda: later)
    log_ins.make_passwords()
    assert LogInLine.objects.get().password == ""
    with pytest.raises(Lapsed):
        show(city, sheet)


def test_the_record_tells_who_got_what_without_numbers_or_passwords(city):
    settle(city, 50)
    sheet = issue(city, check(city, line(50)), 1)
    log_ins.make_passwords()
    show(city, sheet)
    told = list(Decision.objects.told().filter(act__startswith="log-ins").order_by("pk"))
    assert [one.act for one in told] == ["log-ins.check", "log-ins.issue", "log-ins.show"]
    assert told[1].body["given"][0]["name"] == "主席新50"
    assert "1380000" not in str([one.body for one in told])
    assert verify() == []


def page(response):
    return re.sub(r"\s+", " ", response.content.decode())


def test_the_way_through_the_pages(city):
    """Template of the units without a log-in, filled in, checked, written, fetched once; the sheet holds what signs in."""
    settle(city, 50, 51)
    shown = page(city.ask("GET", "organisations:log_ins", as_="officer", data={"stands": "none"}))
    assert "新厂50" in shown
    assert city.unit.name not in shown
    ask = {"as_": "officer", "data": {"stands": "none", "district": city.kundulun.pk}}
    sheet = openpyxl.load_workbook(io.BytesIO(whole(city.ask("GET", "organisations:log_in_template", **ask)))).active
    assert [row[0].value for row in sheet.iter_rows(min_row=2)] == [code(50), code(51)]
    for number, row in enumerate(sheet.iter_rows(min_row=2)):
        row[2].value, row[3].value, row[4].value = f"主席{number}新", 13800000000 + number, date(2024, 3, 1)
    out = io.BytesIO()
    sheet.parent.save(out)
    out.name = "主席.xlsx"
    out.seek(0)
    made = city.ask("POST", "organisations:log_in_import", as_="officer", data={"file": out})
    pk = LogInSheet.objects.get().pk
    assert made["Location"].endswith(f"/{pk}/")
    assert "写入 2 行" in page(city.ask("GET", "organisations:log_in_sheet", as_="officer", args=(pk,)))
    city.ask("POST", "organisations:log_in_sheet", as_="officer", args=(pk,), data={"expected": 2})
    assert "已生成 0 / 2" in page(city.ask("GET", "organisations:log_in_sheet", as_="officer", args=(pk,)))
    log_ins.make_passwords()
    assert "取单位的一次性密码" in page(city.ask("GET", "web:workbench", as_="officer"))
    answer = city.ask("POST", "organisations:log_in_passwords", as_="officer", args=(pk,))
    told = page(answer)
    assert "no-store" in answer["Cache-Control"]
    file = base64.b64decode(re.search(r"base64,([A-Za-z0-9+/=]+)", told)[1])
    cells = list(openpyxl.load_workbook(io.BytesIO(file)).active.values)
    assert [row[2] for row in cells[1:]] == ["主席0新", "主席1新"]
    assert all(User.objects.get(username=row[3]).check_password(row[4]) for row in cells[1:])
    assert all(row[4] in told for row in cells[1:])
    assert city.ask("POST", "organisations:log_in_passwords", as_="officer", args=(pk,)).status_code == 409
    after = page(city.ask("GET", "organisations:log_in_sheet", as_="officer", args=(pk,)))
    assert cells[1][4] not in after
    assert "取单位的一次性密码" not in page(city.ask("GET", "web:workbench", as_="officer"))


def whole(response) -> bytes:
    return b"".join(response.streaming_content)


def test_filters_choose_by_batch_and_by_how_the_log_in_stands(city):
    shown = page(city.ask("GET", "organisations:log_ins", as_="officer", data={"batch": "1"}))
    assert city.units[0].name in shown
    assert city.units[1].name not in shown
    moves.reset_password(city.unit_officer.pk, by=city.officer, key=uuid4())
    shown = page(city.ask("GET", "organisations:log_ins", as_="officer", data={"stands": "new"}))
    assert city.unit.name in shown
    assert city.units[1].name not in shown


def test_the_reset_page_names_who_is_reset_and_who_is_left_out(city):
    moves.appoint(
        city.unit_officers[1], city.federation, Role.LEADER, starts=date(2024, 1, 1), by=city.officer, key=uuid4()
    )
    settle(city, 50)
    picked = [city.units[0].pk, city.units[1].pk, Unit.objects.get(code=code(50)).pk]
    shown = page(city.ask("POST", "organisations:log_in_reset", as_="officer", data={"pk": picked}))
    assert "给 1 位工会主席重设密码" in shown
    assert "不能由您重设的" in shown
    assert "另有 1 家单位没有账号" in shown
    assert LogInSheet.objects.count() == 0
    city.ask("POST", "organisations:log_in_reset", as_="officer", data={"user": [city.unit_officer.pk]})
    assert list(LogInLine.objects.values_list("user", flat=True)) == [city.unit_officer.pk]


@pytest.mark.parametrize("who", ["leader", "district", "unit_officer", "finance", "auditor", "assessor"])
def test_the_pages_are_the_officers_alone(city, who):
    for name in ("log_ins", "log_in_template", "log_in_import", "log_in_reset"):
        assert city.ask("GET", f"organisations:{name}", as_=who).status_code == 403


def test_the_counts_add_up(city):
    settle(city, 50)
    tally = counts(rows(city, line(50), line(60)))
    assert tally == {Verdict.NEW: 1, Verdict.CHANGED: 0, Verdict.SAME: 0, Verdict.WRONG: 1}
