"""The workbook of earlier results: its columns, and what becomes of each row."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guildhall.foundation.organisations.rules.columns import Field, Wrong, plain, text, unit_code
from guildhall.foundation.organisations.rules.sheets import Sheet
from guildhall.foundation.organisations.rules.verdicts import Row, twice

FIELDS: Final = (
    Field(key="code", label=gettext_lazy("统一社会信用代码"), required=True, width=22,
          synonyms=("信用代码", "社会信用代码", "统一信用代码", "代码")),
    Field(key="unit", label=gettext_lazy("单位名称"), synonyms=("单位", "企业名称", "名称"), longest=120, width=34),
    Field(key="year", label=gettext_lazy("年度"), synonyms=("年份", "年"), required=True, width=8),
    Field(key="score", label=gettext_lazy("得分"), synonyms=("综合得分", "总分", "分数", "成绩"), required=True, width=10),
    Field(key="group", label=gettext_lazy("组"), synonyms=("组别", "分组"), longest=20, width=10),
    Field(key="rank", label=gettext_lazy("组内名次"), synonyms=("名次", "排名"), width=10),
    Field(key="tier", label=gettext_lazy("档次"), synonyms=("等次", "奖项", "奖级"), longest=20, width=12),
    Field(key="sum_fen", label=gettext_lazy("奖补金额"), synonyms=("奖补", "奖补资金", "奖补元", "金额", "奖金"), width=14),
)  # fmt: skip
BY_KEY: Final = {one.key: one for one in FIELDS}
TOLD: Final = ("score", "group", "rank", "tier", "sum_fen")
"""What a row says of a unit and a year."""
FIGURES: Final = frozenset({"year", "score", "rank", "sum_fen"})
FIRST_YEAR: Final = 2000
FEN: Final = 100
MOST_FEN: Final = 10**13


@dataclass(frozen=True)
class Entered:
    """What stands: units by code, what was entered before by code and year, and the years assessed here."""

    units: Mapping[str, str]
    before: Mapping[tuple[str, int], Mapping[str, Any]] = field(default_factory=dict)
    years_here: frozenset[int] = frozenset()
    this_year: int = 2100


def judge(sheet: Sheet, entered: Entered) -> list[Row]:
    """Each row of the sheet with its verdict."""
    rows = [_parsed(number, cells) for number, cells in sheet.rows]
    twice(rows, "code", _("与第 %(n)d 行是同一家单位、同一年"), _("请只留一行"), beside="year")
    for row in rows:
        _place(row, entered)
        if not row.wrong:
            _compare(row, entered)
    return rows


def _parsed(number: int, cells: Mapping[str, Any]) -> Row:
    row = Row(number, {key: text(value) for key, value in cells.items()})
    for key, value in cells.items():
        try:
            row.values[key] = parse(key, value)
        except ValueError as fault:
            row.wrong[key] = fault.args[0]
    return row


def parse(key: str, value: object) -> Any:
    """The value of one cell; raises `ValueError` with a `Wrong`."""
    said = plain(BY_KEY[key], value, figure=key in FIGURES)
    match key:
        case "code":
            return unit_code(value, said)
        case "year":
            return _whole(said.removesuffix("年").removesuffix("年度"), least=FIRST_YEAR, most=2100)
        case "rank":
            return _whole(said, least=1, most=9_999) if said else None
        case "score":
            return _figure(said, places=4, most=1_000)
        case "sum_fen":
            return int(_figure(said.removesuffix("元"), places=2, most=MOST_FEN // FEN) * FEN) if said else 0
    return said


def _figure(said: str, *, places: int, most: int) -> Decimal:
    try:
        number = Decimal(said.replace(",", "").replace("，", ""))
    except InvalidOperation:
        raise ValueError(Wrong(_("不是数字"), _("请只填数字"))) from None
    if not number.is_finite() or not 0 <= number <= most:
        raise ValueError(Wrong(_("不在 0 到 %(most)d 之间") % {"most": most}, _("请核对这个数")))
    if number != round(number, places):
        raise ValueError(Wrong(_("小数多于 %(n)d 位") % {"n": places}, _("请照文件填")))
    return number


def _whole(said: str, *, least: int, most: int) -> int:
    if not said.isascii() or not said.isdigit() or not least <= int(said[:9]) <= most:
        raise ValueError(
            Wrong(_("不是 %(least)d 到 %(most)d 的整数") % {"least": least, "most": most}, _("请核对这个数"))
        )
    return int(said)


def _place(row: Row, entered: Entered) -> None:
    """Whether the unit stands in the register, and the year is over and was not assessed here."""
    code, unit, year = (row.values.get(key) for key in ("code", "unit", "year"))
    if code is not None and code not in entered.units:
        row.wrong["code"] = Wrong(_("没有登记这家单位"), _("请核对代码，或先登记单位"))
    elif code is not None and unit and unit != entered.units[code]:
        row.wrong["unit"] = Wrong(
            _("这个代码登记的是“%(unit)s”") % {"unit": entered.units[code]}, _("请核对代码和名称")
        )
    if year in entered.years_here:
        row.wrong["year"] = Wrong(_("这一年由系统里的批次评定"), _("系统里的结果不能用文件改，请删去这一行"))
    elif year is not None and year >= entered.this_year:
        row.wrong["year"] = Wrong(_("这一年还没有结束"), _("只导入以前年度的结果"))


def _compare(row: Row, entered: Entered) -> None:
    """Find what differs from what was entered before; a column that the file leaves out leaves what stands."""
    before = entered.before.get((row.values["code"], row.values["year"]))
    if before is None:
        return
    row.known = True
    row.changes = {
        key: (before[key], row.values[key]) for key in TOLD if key in row.values and before[key] != row.values[key]
    }


def to_write(rows: Iterable[Row]) -> list[Row]:
    """The rows that are new or differ."""
    return [row for row in rows if not row.wrong and (row.changes or not row.known)]


def shown(key: str, value: Any) -> str:
    """A value as the workbook writes it."""
    if value is None:
        return ""
    if key == "sum_fen":
        value = Decimal(value) / FEN
    return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)
