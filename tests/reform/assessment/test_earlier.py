"""Earlier results from Excel: into a register of their own, never over what a round here assessed."""

import io
import re
from decimal import Decimal
from uuid import uuid4

import openpyxl
import pytest
from django.db import transaction

from guildhall.foundation import clock
from guildhall.foundation.errors import BadInput, KeyReused, NoRight, NotHere, OutOfStep
from guildhall.foundation.organisations.moves.imports import MovedOn, NothingToWrite
from guildhall.foundation.organisations.rules.sheets import BadFile
from guildhall.foundation.organisations.rules.workbooks import marked
from guildhall.foundation.programmes.models import Round
from guildhall.foundation.records.models import Decision
from guildhall.foundation.records.verify import verify
from guildhall.reform.assessment.models import EarlierFile, EarlierResult, Result
from guildhall.reform.assessment.moves import earlier as moves
from guildhall.reform.assessment.rules.earlier import BY_KEY
from tests.city import code
from tests.foundation.organisations.workbook import workbook

HEADS = ("统一社会信用代码", "单位名称", "年度", "得分", "组", "组内名次", "档次", "奖补金额")
DOCUMENT = "包工发〔2023〕41号"
LAST = 2022
"""A year that is over, and that no round of these tests assesses."""


def line(n=1, **changes):
    row = dict(zip(HEADS, (code(n), "", LAST, 91.25, "甲组", 3, "一等", 20000), strict=True))
    return list({**row, **changes}.values())


def check(city, *rows, by=None, heads=HEADS, key=None):
    with transaction.atomic():
        content = workbook(*rows, heads=heads)
        return moves.check_earlier("2022.xlsx", content, document=DOCUMENT, by=by or city.officer, key=key or uuid4())


def write(city, file, expected, key=None, by=None):
    with transaction.atomic():
        return moves.import_earlier(file.pk, expected=expected, by=by or city.officer, key=key or uuid4())


def judged(city, *rows):
    return moves.checked(check(city, *rows), city.officer).rows


def test_a_file_becomes_the_register_with_its_document_and_who_entered_it(city):
    file = write(city, check(city, line(1), line(2, 得分="88.5", 组内名次="", 档次="", 奖补金额="")), 2)
    first, second = EarlierResult.objects.order_by("pk")
    assert (first.unit, first.year, first.score, first.group, first.rank, first.tier, first.sum_fen) == (
        city.unit, LAST, Decimal("91.25"), "甲组", 3, "一等", 2_000_000,
    )  # fmt: skip
    assert (second.rank, second.tier, second.sum_fen) == (None, "", 0)
    assert (first.file, file.document, file.by, file.added) == (file, DOCUMENT, city.officer, 2)


def test_new_changed_same_and_wrong_add_up_and_a_correction_keeps_what_stood(city):
    write(city, check(city, line(1), line(2)), 2)
    file = check(city, line(1), line(2, 得分=90), line(3), line(99))
    assert [row.verdict.value for row in moves.checked(file, city.officer).rows] == ["same", "changed", "new", "wrong"]
    write(city, file, 2)
    assert EarlierResult.objects.get(unit=city.units[1]).score == 90
    assert EarlierResult.objects.get(unit=city.unit).file != file
    told = Decision.objects.told().filter(act="earlier.import").latest("pk")
    changed = next(one for one in told.body["results"] if one["before"])
    assert (changed["unit"], changed["before"]) == (city.units[1].pk, {"score": "91.2500"})
    assert verify() == []


def test_a_column_left_out_leaves_what_stands(city):
    write(city, check(city, line(1)), 1)
    heads = ("统一社会信用代码", "年度", "得分")
    write(city, check(city, [code(1), LAST, 80], heads=heads), 1)
    result = EarlierResult.objects.get()
    assert (result.score, result.tier, result.sum_fen) == (80, "一等", 2_000_000)


@pytest.mark.parametrize(("changes", "field", "cause"), [
    ({"得分": "优"}, "score", "不是数字"),
    ({"得分": -1}, "score", "不在 0 到 1000 之间"),
    ({"得分": "90.12345"}, "score", "小数多于 4 位"),
    ({"得分": "NaN"}, "score", "不在 0 到 1000 之间"),
    ({"得分": ""}, "score", "没有填"),
    ({"年度": "去年"}, "year", "不是 2000 到 2100 的整数"),
    ({"年度": 2099}, "year", "这一年还没有结束"),
    ({"组内名次": 0}, "rank", "不是 1 到 9999 的整数"),
    ({"组内名次": 1.5}, "rank", "不是 1 到 9999 的整数"),
    ({"奖补金额": "0.001"}, "sum_fen", "小数多于 2 位"),
    ({"组": "+cmd"}, "group", "以 + 开头，像公式"),
    ({"单位名称": "别家"}, "unit", "这个代码登记的是“云鹿稀土永磁”"),
    ({"统一社会信用代码": code(99)}, "code", "没有登记这家单位"),
])  # fmt: skip
def test_a_wrong_cell_is_marked_with_its_cause(city, changes, field, cause):
    row = judged(city, line(1, **changes))[0]
    assert {key: wrong.cause for key, wrong in row.wrong.items()} == {field: cause}
    sheet = openpyxl.load_workbook(io.BytesIO(marked([row], list(BY_KEY), BY_KEY))).active
    red = [cell for cell in sheet[2] if cell.fill.fgColor.rgb.endswith("FBD5D5")]
    assert [cell.comment.text.partition("。")[0] for cell in red] == [cause]


def test_a_unit_stands_once_a_year_in_a_file_and_may_have_several_years(city):
    first, second, third = judged(city, line(1), line(1), line(1, 年度=LAST - 1))
    assert first.wrong["code"].cause == "与第 3 行是同一家单位、同一年"
    assert second.wrong
    assert not third.wrong


def test_the_same_file_or_submission_again_writes_nothing(city):
    file, key = check(city, line(1)), uuid4()
    for _ in range(2):
        write(city, file, 1, key)
    with pytest.raises(OutOfStep):
        write(city, file, 1)
    with pytest.raises(NothingToWrite):
        write(city, check(city, line(1)), 0)
    again = check(city, line(2))
    with pytest.raises(MovedOn):
        write(city, again, 5)
    kept = uuid4()
    assert check(city, line(3), key=kept) == check(city, line(3), key=kept)
    with pytest.raises(KeyReused), transaction.atomic():
        moves.check_earlier("x.xlsx", workbook(line(3), heads=HEADS), document="别的文件", by=city.officer, key=kept)
    assert EarlierResult.objects.count() == 1


def test_a_year_that_a_round_here_assesses_is_never_written(released):
    """Neither a unit that has its result, nor one that had none; not even where the round came after the check."""
    year, before = released.round.year, Result.objects.values_list("final", flat=True)
    scores = list(before)
    rows = [[unit.code, year, 99] for unit in released.units[:2]]
    heads = ("统一社会信用代码", "年度", "得分")
    with transaction.atomic():
        file = moves.check_earlier(
            "x.xlsx", workbook(*rows, heads=heads), document=DOCUMENT, by=released.officer, key=uuid4()
        )
    found = moves.checked(file, released.officer)
    assert [row.wrong["year"].cause for row in found.rows] == ["这一年由系统里的批次评定"] * 2
    with pytest.raises(NothingToWrite), transaction.atomic():
        moves.import_earlier(file.pk, expected=2, by=released.officer, key=uuid4())
    assert list(before.all()) == scores


def test_a_round_planned_after_the_check_closes_its_year(released):
    heads, unit = ("统一社会信用代码", "年度", "得分"), released.units[0]
    content = workbook([unit.code, LAST, 99], heads=heads)
    with transaction.atomic():
        file = moves.check_earlier("x.xlsx", content, document=DOCUMENT, by=released.officer, key=uuid4())
    Round.objects.filter(pk=released.round.pk).update(year=LAST)
    with pytest.raises(NothingToWrite), transaction.atomic():
        moves.import_earlier(file.pk, expected=1, by=released.officer, key=uuid4())
    assert EarlierResult.objects.count() == 0


@pytest.mark.parametrize("who", ["leader", "district", "unit_officer", "finance", "auditor"])
def test_nobody_but_the_officer_enters_results(city, who):
    with pytest.raises(NoRight):
        check(city, line(1), by=city.who(who))
    file = check(city, line(1))
    with pytest.raises(NotHere):
        write(city, file, 1, by=city.who(who))
    with pytest.raises(NotHere):
        write(city, file, 1, by=city.second_officer)


def test_what_is_no_workbook_or_names_no_document_is_refused(city):
    with pytest.raises(BadFile):
        moves.check_earlier("x.xlsx", b"no", document=DOCUMENT, by=city.officer, key=uuid4())
    with pytest.raises(BadInput):
        moves.check_earlier("x.xlsx", workbook(line(1), heads=HEADS), document=" ", by=city.officer, key=uuid4())


def text(response) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def test_the_way_through_the_pages(city):
    answer = city.ask("GET", "assessment:earlier_template", as_="officer")
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
    assert {row[0].value for row in sheet.iter_rows(min_row=2)} == {unit.code for unit in city.units}
    for row in list(sheet.iter_rows(min_row=2)):
        row[2].value, row[3].value = LAST, 77.5
    out = io.BytesIO()
    sheet.parent.save(out)
    out.name = "2022.xlsx"
    out.seek(0)
    city.ask("POST", "assessment:earlier_import", as_="officer", data={"file": out, "document": DOCUMENT})
    pk = EarlierFile.objects.get().pk
    assert "写入 12 行" in text(city.ask("GET", "assessment:earlier_file", as_="officer", args=(pk,)))
    city.ask("POST", "assessment:earlier_file", as_="officer", args=(pk,), data={"expected": 12})
    assert "新增 12 条" in text(city.ask("GET", "assessment:earlier_file", as_="officer", args=(pk,)))
    listed = text(city.ask("GET", "assessment:earlier", as_="district"))
    assert city.unit.name in listed
    assert city.next_unit.name not in listed
    own = text(city.ask("GET", "organisations:unit", as_="unit_officer", args=(city.unit.pk,)))
    assert DOCUMENT in own
    assert "77.5" in own


def test_a_units_page_has_its_own_rounds_beside_the_earlier_years(released, as_user):
    unit = released.units[0]
    content = workbook([unit.code, LAST, 66], heads=("统一社会信用代码", "年度", "得分"))
    with transaction.atomic():
        file = moves.check_earlier("x.xlsx", content, document=DOCUMENT, by=released.officer, key=uuid4())
        moves.import_earlier(file.pk, expected=1, by=released.officer, key=uuid4())
    shown = text(as_user(released.unit_officer(0)).get(f"/units/{unit.pk}/"))
    assert released.round.title in shown
    assert DOCUMENT in shown
    assert shown.index(released.round.title) < shown.index(DOCUMENT)


def test_a_result_not_yet_released_is_not_on_the_units_page(computed, as_user):
    unit = computed.units[0]
    for user in (computed.officer, computed.unit_officer(0)):
        assert computed.round.title not in text(as_user(user).get(f"/units/{unit.pk}/")).partition("历年互评结果")[2]


def test_the_time_of_business_says_which_year_is_over(city, monkeypatch):
    today = clock.today()
    monkeypatch.setattr(clock, "today", lambda: today.replace(year=LAST, day=1))
    assert judged(city, line(1))[0].wrong["year"].cause == "这一年还没有结束"
