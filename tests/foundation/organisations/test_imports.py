"""Units from Excel: clean, dirty, huge, hostile; and the same file twice."""

import io
import time
import zipfile
from uuid import uuid4

import openpyxl
import pytest
from django.db import transaction

from guildhall.foundation.errors import NoRight, NotHere, OutOfStep
from guildhall.foundation.organisations import moves
from guildhall.foundation.organisations.models import Unit, UnitFile
from guildhall.foundation.organisations.moves.imports import MovedOn, NothingToWrite, checked
from guildhall.foundation.organisations.rules.sheets import MOST_ROWS, BadFile
from guildhall.foundation.organisations.rules.verdicts import counts
from guildhall.foundation.organisations.rules.workbooks import marked
from tests.city import code
from tests.foundation.organisations.workbook import HEADS, line, workbook


def check(city, content, name="单位.xlsx", by=None):
    with transaction.atomic():
        return moves.check_file(name, content, by=by or city.officer, key=uuid4())


def tally(city, content):
    return {
        verdict.value: number for verdict, number in counts(checked(check(city, content), city.officer).rows).items()
    }


def wrong(city, *rows):
    """The wrong cells of the first row: field, cause."""
    found = checked(check(city, workbook(*rows)), city.officer)
    return {key: one.cause for key, one in found.rows[0].wrong.items()}


def write(city, file, expected, by=None):
    with transaction.atomic():
        return moves.import_units(file.pk, expected=expected, by=by or city.officer, key=uuid4())


def test_new_changed_same_and_wrong_add_up_to_the_file(city):
    unit = city.unit
    same = line(1, 单位名称=unit.name, 统一社会信用代码=unit.code, 行业="制造业", 职工人数=100, 产业工人数=60)
    changed = line(2, 单位名称=city.units[1].name, 统一社会信用代码=city.units[1].code)
    assert tally(city, workbook(line(50), same, changed, line(51, 类别="作坊"))) == {
        "new": 1, "changed": 1, "same": 1, "wrong": 1,
    }  # fmt: skip
    assert Unit.objects.count() == 12


def test_it_writes_the_good_rows_together_and_the_same_file_again_writes_nothing(city):
    content = workbook(
        line(50, 母公司信用代码=code(51)), line(51), line(52, 职工人数="多"),
        line(2, 单位名称="改名的敖包", 统一社会信用代码=city.units[2].code),
    )  # fmt: skip
    file = write(city, check(city, content), 3)
    assert (file.added, file.changed) == (2, 1)
    assert Unit.objects.get(code=code(50)).parent_company == Unit.objects.get(code=code(51))
    assert Unit.objects.get(pk=city.units[2].pk).former.get().name == city.units[2].name
    assert not Unit.objects.filter(code=code(52)).exists()
    again = check(city, content)
    with pytest.raises(NothingToWrite):
        write(city, again, 3)
    with pytest.raises(OutOfStep):
        write(city, file, 3)
    assert Unit.objects.count() == 14


def test_a_submission_sent_twice_is_one(city):
    file, key = check(city, workbook(line(50))), uuid4()
    for _ in range(2):
        moves.import_units(file.pk, expected=1, by=city.officer, key=key)
    assert Unit.objects.count() == 13


def test_what_has_moved_on_is_shown_again(city):
    file = check(city, workbook(line(50), line(51)))
    write(city, check(city, workbook(line(50))), 1)
    with pytest.raises(MovedOn):
        write(city, file, 2)
    assert Unit.objects.count() == 13


def test_all_or_nothing(city, monkeypatch):
    """The second row fails in the writing: the first is not written either."""
    from guildhall.foundation.organisations.moves import imports

    whole, calls = imports.found_unit, []

    def fails(*args, **facts):
        calls.append(1)
        if len(calls) == 2:
            raise RuntimeError("power")
        return whole(*args, **facts)

    file = check(city, workbook(line(50), line(51)))
    monkeypatch.setattr(imports, "found_unit", fails)
    with pytest.raises(RuntimeError):
        write(city, file, 2)
    assert Unit.objects.count() == 12
    assert UnitFile.objects.get(pk=file.pk).written_at is None


@pytest.mark.parametrize(("changes", "field", "cause"), [
    ({"单位名称": ""}, "name", "没有填"),
    ({"单位名称": "=HYPERLINK(\"http://x\")"}, "name", None),
    ({"单位名称": "+cmd|' /C calc'!A0"}, "name", "以 + 开头，像公式"),
    ({"单位名称": "@SUM(1)"}, "name", "以 @ 开头，像公式"),
    ({"单位名称": "甲" * 111}, "name", "超过 110 个字"),
    ({"统一社会信用代码": code(50)[:-1]}, "code", "有 17 位，应为 18 位"),
    ({"统一社会信用代码": code(50)[:-1] + ("0" if code(50)[-1] != "0" else "1")}, "code", "校验位不对，多半抄错 1 位"),
    ({"统一社会信用代码": 9.11502e17}, "code", "被 Excel 存成了数字，后几位没了"),
    ({"职工人数": "多"}, "headcount", "不是数字"),
    ({"职工人数": -1}, "headcount", "不是合理的人数"),
    ({"职工人数": 1.5}, "headcount", "不是合理的人数"),
    ({"职工人数": 1e30}, "headcount", "不是合理的人数"),
    ({"产业工人数": 81}, "workers", "多于职工人数 80"),
    ({"旗县区": "朝阳区"}, "district", "没有“朝阳区”"),
    ({"上级工会": "云鹿稀土永磁"}, "above", "没有“云鹿稀土永磁”"),
    ({"母公司信用代码": code(50)}, "parent_company", "母公司是它自己"),
    ({"母公司信用代码": code(77)}, "parent_company", "没有登记这家母公司"),
    ({"单位名称": "云鹿稀土永磁"}, "name", "同一上级工会下已有同名单位"),
])  # fmt: skip
def test_a_wrong_cell_has_its_cause(city, changes, field, cause):
    found = wrong(city, line(50, **changes))
    assert list(found) == [field]
    assert cause is None or found[field] == cause


def test_a_code_twice_marks_both(city):
    found = checked(check(city, workbook(line(50), line(51, 统一社会信用代码=code(50)))), city.officer)
    assert [row.wrong["code"].cause for row in found.rows] == ["与第 3 行是同一个代码", "与第 2 行是同一个代码"]


def test_merged_renamed_and_moved_units_are_not_overwritten(city):
    moves.close_unit(city.unit.pk, reason="注销", by=city.officer, key=uuid4())
    moves.rename_unit(city.units[1].pk, name="新名", code=code(60), reason="文", by=city.officer, key=uuid4())
    assert wrong(city, line(1))["code"] == "“云鹿稀土永磁”已关闭"
    assert wrong(city, line(1, 统一社会信用代码=code(2)))["code"] == "已登记为“新名”的原代码"
    unit = city.next_unit
    assert wrong(city, line(1, 单位名称=unit.name, 统一社会信用代码=unit.code)) == {"above": "和登记的上级工会不同"}


def test_headings_are_understood_in_other_words_and_lower_down(city):
    heads = ("企业名称 *", "信用代码（18位）", "单位类型", "所有制", "级别", "所属行业", "职工总数", "产业工人", "所在地", "主管工会",
             "集团", "母公司")  # fmt: skip
    assert tally(city, workbook(line(50), heads=heads, above=3))["new"] == 1


def test_columns_left_out_leave_what_stands(city):
    keep = [HEADS.index(head) for head in HEADS if head not in ("级别", "产业工人数", "所属集团", "隶属")]
    row = line(1, 单位名称=city.unit.name, 统一社会信用代码=city.unit.code, 行业="制造业", 职工人数=101)
    content = workbook([row[index] for index in keep], heads=tuple(HEADS[index] for index in keep))
    write(city, check(city, content), 1)
    unit = Unit.objects.get(pk=city.unit.pk)
    assert (unit.headcount, unit.workers, unit.ownership) == (101, 60, "private")


def bad(city, content, name="x.xlsx"):
    with pytest.raises(BadFile) as refused:
        check(city, content, name)
    assert not UnitFile.objects.exists()
    return str(refused.value)


def repacked(content: bytes, **parts: bytes) -> bytes:
    """The workbook with parts added or replaced; dots and slashes of a part's name are written __ and ___."""
    out = io.BytesIO()
    added = {name.replace("___", "/").replace("__", "."): text for name, text in parts.items()}
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            if part.filename not in added:
                new.writestr(part, old.read(part))
        for name, text in added.items():
            new.writestr(name, text)
    return out.getvalue()


def test_a_macro_is_refused(city):
    assert "宏" in bad(city, repacked(workbook(line(50)), xl___vbaProject__bin=b"x"), "x.xlsm")
    assert "宏" in bad(city, repacked(workbook(line(50)), xl___vbaProject__bin=b"x"), "innocent.xlsx")


def test_a_zip_bomb_is_refused_at_once(city):
    begun = time.monotonic()
    assert "太大" in bad(city, repacked(workbook(line(50)), xl___media___a__bin=b"\0" * 80_000_000))
    assert time.monotonic() - begun < 5


def test_a_bomb_that_lies_about_its_size_is_refused(city):
    """The header says 100 bytes, the stream is 80 MB."""
    honest = repacked(workbook(line(50)), xl___media___a__bin=b"\0" * 80_000_000)
    lying = honest.replace((80_000_000).to_bytes(4, "little"), (100).to_bytes(4, "little"))
    assert lying != honest
    assert bad(city, lying)


def test_two_cells_in_opposite_corners_are_refused(city):
    book = openpyxl.Workbook()
    book.active["A1"], book.active["XFD1048576"] = "单位名称", "x"
    out = io.BytesIO()
    book.save(out)
    assert "行" in bad(city, out.getvalue())


def test_too_wide_and_too_long_are_refused(city):
    assert "列" in bad(city, workbook(line(50), heads=(*HEADS, *(f"列{n}" for n in range(60)))))
    assert f"{MOST_ROWS} 行" in bad(city, workbook(*([f"单位{n}"] for n in range(MOST_ROWS + 30))))


@pytest.mark.parametrize(("content", "word"), [
    (b"", "不是 Excel"), (b"PK\x03\x04 half", "不是 Excel"), (b"name,code\n1,2\n", "不是 Excel"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, ".xls"), (b"x" * (6 * 1024**2), "5 MB"),
])  # fmt: skip
def test_what_is_no_workbook_is_refused_with_the_reason(city, content, word):
    assert word in bad(city, content)


def test_a_workbook_that_is_no_list_is_refused_with_the_reason(city):
    assert "表头" in bad(city, workbook(["甲", "乙"], heads=("品名", "数量")))
    assert "缺少列：" in bad(city, workbook(line(50)[:2], heads=HEADS[:2]))
    assert "只有表头" in bad(city, workbook())
    assert "两列" in bad(city, workbook([*line(50), "x"], heads=(*HEADS, "企业名称")))
    broken = repacked(workbook(line(50)), xl___worksheets___sheet1__xml=b"<worksheet><sheetData><row")
    assert bad(city, broken)
    odd = repacked(workbook(line(50)), xl___worksheets___sheet1__xml="<worksheet/>".encode("utf-16"))
    assert bad(city, odd)


def test_five_thousand_rows_are_checked_in_seconds(city):
    content = workbook(*(line(n + 100) for n in range(MOST_ROWS)))
    begun = time.monotonic()
    assert tally(city, content)["new"] == MOST_ROWS
    assert time.monotonic() - begun < 20


def test_the_error_workbook_marks_each_bad_cell_and_is_read_again(city):
    found = checked(check(city, workbook(line(49), line(50, 旗县区="=1+1 ", 职工人数="多"))), city.officer)
    content = marked([row for row in found.rows if row.wrong], found.sheet.fields)
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    cells = {cell.value: cell for cell in sheet[2]}
    assert sheet.max_row == 2
    assert cells["多"].fill.fgColor.rgb.endswith("FBD5D5")
    assert cells["多"].comment.text == "不是数字。请只填人数，例 120。"
    assert cells[code(50)].comment is None
    assert all(cell.data_type != "f" for row in sheet for cell in row)
    sheet["G2"], sheet["I2"] = 80, "九原区"
    out = io.BytesIO()
    sheet.parent.save(out)
    assert tally(city, out.getvalue())["new"] == 1


def test_what_is_exported_is_read_back_unchanged_and_never_a_formula(city):
    Unit.objects.filter(pk=city.unit.pk).update(group_company="=2+3")
    content = b"".join(city.ask("GET", "organisations:unit_template", as_="officer").streaming_content)
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    cell = next(cell for row in sheet for cell in row if cell.value == "=2+3")
    assert (cell.data_type, cell.quotePrefix) == ("s", True)
    Unit.objects.filter(pk=city.unit.pk).update(group_company="")
    content = b"".join(city.ask("GET", "organisations:unit_template", as_="officer").streaming_content)
    assert tally(city, content) == {"new": 0, "changed": 0, "same": 12, "wrong": 0}


@pytest.mark.parametrize("who", ["leader", "district", "unit_officer", "auditor", "finance", "expert"])
def test_nobody_else_imports(city, who):
    with pytest.raises(NoRight):
        check(city, workbook(line(50)), by=city.who(who))
    file = check(city, workbook(line(50)))
    with pytest.raises(NotHere):
        write(city, file, 1, by=city.who(who))
    assert Unit.objects.count() == 12


def test_a_file_is_its_uploaders_alone(city):
    file = check(city, workbook(line(50)))
    with pytest.raises(NotHere):
        write(city, file, 1, by=city.second_officer)


def test_fewer_staff_than_the_workers_that_stand_are_wrong_in_their_row(city):
    keep = [HEADS.index(head) for head in HEADS if head != "产业工人数"]
    row = line(1, 单位名称=city.unit.name, 统一社会信用代码=city.unit.code, 职工人数=city.unit.workers - 1)
    content = workbook([row[index] for index in keep], heads=tuple(HEADS[index] for index in keep))

    assert tally(city, content)["wrong"] == 1
