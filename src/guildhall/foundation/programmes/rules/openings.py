"""The workbook of opening balances: what funds had left when this house took them over."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guildhall.foundation.ledger.rules import MOST_FEN
from guildhall.foundation.organisations.rules.columns import Field, Wrong, plain, text
from guildhall.foundation.organisations.rules.sheets import Sheet
from guildhall.foundation.organisations.rules.verdicts import Row, twice

FIELDS: Final = (
    Field(key="name", label=gettext_lazy("资金"), synonyms=("资金名称", "专项资金", "项目"), required=True, longest=60, width=28),
    Field(key="year", label=gettext_lazy("年度"), synonyms=("年份", "年"), required=True, width=8),
    Field(key="source", label=gettext_lazy("资金来源"), synonyms=("来源", "拨款单位"), required=True, longest=60, width=24),
    Field(key="document", label=gettext_lazy("文号"), synonyms=("依据文件", "文件"), required=True, longest=60, width=24),
    Field(key="sum_fen", label=gettext_lazy("期初余额"), synonyms=("余额", "金额", "结转金额", "上年结转"), required=True, width=16),
)  # fmt: skip
BY_KEY: Final = {one.key: one for one in FIELDS}
FEN: Final = 100


def judge(sheet: Sheet) -> list[Row]:
    """Each row of the sheet, its values or what is wrong; a fund stands once a year."""
    rows = [_parsed(number, cells) for number, cells in sheet.rows]
    twice(rows, "name", _("与第 %(n)d 行是同一项资金、同一年"), _("请并成一行"), beside="year")
    return rows


def _parsed(number: int, cells: Mapping[str, Any]) -> Row:
    row = Row(number, {key: text(value) for key, value in cells.items()})
    for key, value in cells.items():
        try:
            row.values[key] = _parse(key, value)
        except ValueError as fault:
            row.wrong[key] = fault.args[0]
    return row


def _parse(key: str, value: object) -> Any:
    said = plain(BY_KEY[key], value, figure=key in ("year", "sum_fen"))
    if key == "year":
        return _year(said.removesuffix("年"))
    if key == "sum_fen":
        return _fen(said.removesuffix("元"))
    if len(said) < 2:
        raise ValueError(Wrong(_("只有 1 个字"), _("请写全")))
    return said


def _year(said: str) -> int:
    if not (said.isascii() and said.isdigit() and len(said) == 4 and 2000 <= int(said) <= 2100):
        raise ValueError(Wrong(_("不是年度"), _("请照 2024 这样填")))
    return int(said)


def _fen(said: str) -> int:
    try:
        fen = Decimal(said.replace(",", "").replace("，", "")) * FEN
    except InvalidOperation:
        raise ValueError(Wrong(_("不是数字"), _("请只填数字"))) from None
    if not fen.is_finite() or fen != fen.to_integral_value() or not 0 < fen <= MOST_FEN:
        raise ValueError(Wrong(_("不是合理的金额"), _("请填大于 0、最多两位小数的元")))
    return int(fen)
