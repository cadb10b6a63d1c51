"""The workbook of union chairs who get a log-in: its columns, and what becomes of each row."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guildhall.foundation.errors import Refusal
from guildhall.foundation.organisations.rules.columns import Field, Wrong, plain, text, unit_code
from guildhall.foundation.organisations.rules.offices import overlap
from guildhall.foundation.organisations.rules.sheets import Sheet
from guildhall.foundation.organisations.rules.verdicts import Row, twice

FIELDS: Final = (
    Field(key="code", label=gettext_lazy("统一社会信用代码"), required=True, width=22,
          synonyms=("信用代码", "社会信用代码", "统一信用代码", "代码")),
    Field(key="unit", label=gettext_lazy("单位名称"), synonyms=("单位", "企业名称", "名称", "单位全称"), longest=120, width=34),
    Field(key="name", label=gettext_lazy("主席姓名"), synonyms=("姓名", "主席", "工会主席", "工会主席姓名"), required=True),
    Field(key="phone", label=gettext_lazy("手机或电话"), synonyms=("手机", "电话", "手机号", "联系电话", "办公电话"), required=True,
          width=18),
    Field(key="starts", label=gettext_lazy("任职起"), synonyms=("任职日期", "任职时间", "任职起日", "起"), required=True),
)  # fmt: skip
BY_KEY: Final = {one.key: one for one in FIELDS}
PHONE: Final = re.compile(r"1\d{10}|(?:0\d{2,3}-?)?\d{7,8}(?:-\d{1,6})?")
DAY: Final = re.compile(r"(\d{4})\s*[-/.年]?\s*(\d{1,2})\s*[-/.月]?\s*(\d{1,2})\s*日?")
KEEP_HOURS: Final = 24
"""How long one-time passwords that nobody fetched are kept, sealed."""


class ShownOnce(Refusal):
    """One-time passwords, asked for again."""

    code = "organisations.shown-once"
    message = gettext_lazy("这批密码只显示一次，%(at)s已经显示过，系统里不再有。需要时请重设密码。")


class StillMaking(Refusal):
    """One-time passwords, asked for before all are made."""

    code = "organisations.still-making"
    message = gettext_lazy("还有 %(left)d 个密码没有生成，请稍等。")


class Lapsed(Refusal):
    """One-time passwords that lay too long."""

    code = "organisations.log-ins-lapsed"
    message = gettext_lazy("这批密码已经作废：超过 %(hours)d 小时没有取，或者后来又重设过。还需要时请再重设。")


class OwnPassword(Refusal):
    """An officer's own account among those to be reset."""

    code = "organisations.own-password"
    message = gettext_lazy("不能重设自己的密码，请到“我的账号”里改。")


class NobodyPicked(Refusal):
    """Nobody to reset."""

    code = "organisations.nobody-picked"
    message = gettext_lazy("没有选中有账号的人。")
    status = 422


class Held(NamedTuple):
    """A unit officer of a unit, in force or to come."""

    name: str
    starts: date
    ends: date | None


class Slip(NamedTuple):
    """One account's first sign-in, as it is handed over. `password` is empty where it was reset elsewhere since."""

    unit: str
    district: str
    name: str
    username: str
    password: str


@dataclass(frozen=True)
class Seats:
    """The units in the asker's scope by code, who holds their office, and who has an account there."""

    units: Mapping[str, str]
    gone: Mapping[str, str] = field(default_factory=dict)
    held: Mapping[str, Sequence[Held]] = field(default_factory=dict)
    staff: Mapping[tuple[str, str, str], str] = field(default_factory=dict)  # (code, name, phone) and the user name.


def judge(sheet: Sheet, seats: Seats) -> list[Row]:
    """Each row of the sheet with its verdict: a log-in, an office for an account that stands, nothing, or wrong."""
    rows = [_parsed(number, cells) for number, cells in sheet.rows]
    twice(rows, "code", _("与第 %(n)d 行是同一个代码"), _("一家单位只留一行"))
    before: dict[tuple[str, str], Row] = {}
    for row in rows:
        _place(row, seats)
        if not row.wrong:
            _seat(row, seats, before)
    return rows


def _parsed(number: int, cells: Mapping[str, Any]) -> Row:
    row = Row(number, {key: _said(value) for key, value in cells.items()})
    for key, value in cells.items():
        try:
            row.values[key] = _parse(key, value)
        except ValueError as fault:
            row.wrong[key] = fault.args[0]
    return row


def _said(value: object) -> str:
    return value.strftime("%Y-%m-%d") if isinstance(value, date) else text(value)


def _parse(key: str, value: object) -> Any:
    if key == "starts" and isinstance(value, date):
        return _likely(value.date() if isinstance(value, datetime) else value)
    said = plain(BY_KEY[key], value)
    match key:
        case "code":
            return unit_code(value, said)
        case "phone":
            return phone(said)
        case "starts":
            return day(said)
    return said


def phone(said: str) -> str:
    """A mobile or office number, without spaces; raises `ValueError` with a `Wrong`."""
    number = "".join(said.split()).replace("－", "-")
    if not PHONE.fullmatch(number):
        raise ValueError(Wrong(_("不是电话号码"), _("请填 11 位手机号，或带区号的座机，例 0472-5550158")))
    return number


def day(said: str) -> date:
    """A day as people write it; raises `ValueError` with a `Wrong`."""
    found = DAY.fullmatch(said)
    try:
        if found:
            return _likely(date(*map(int, found.groups())))
    except ValueError as fault:
        if fault.args and isinstance(fault.args[0], Wrong):
            raise
    raise ValueError(Wrong(_("不是日期"), _("请照 2024-09-01 这样填")))


def _likely(value: date) -> date:
    if not 1990 <= value.year <= 2100:
        raise ValueError(Wrong(_("年份不对"), _("请核对任职的年份")))
    return value


def _place(row: Row, seats: Seats) -> None:
    """Whether the code is one of a unit in scope, and the name beside it is that unit's."""
    code, unit = row.values.get("code"), row.values.get("unit")
    if code is None or "code" in row.wrong:
        return
    if code in seats.gone:
        row.wrong["code"] = Wrong(seats.gone[code], _("请核对代码"))
    elif code not in seats.units:
        row.wrong["code"] = Wrong(_("没有登记这家单位"), _("请核对代码，或先登记单位"))
    elif unit and unit != seats.units[code]:
        row.wrong["unit"] = Wrong(_("这个代码登记的是“%(unit)s”") % {"unit": seats.units[code]}, _("请核对代码和名称"))


def _seat(row: Row, seats: Seats, before: dict[tuple[str, str], Row]) -> None:
    """Whether the unit has its officer, or the person has an account: at this unit, or in a line above."""
    code, name, number, starts = (row.values[key] for key in ("code", "name", "phone", "starts"))
    held = next((one for one in seats.held.get(code, ()) if overlap(starts, None, one.starts, one.ends)), None)
    if held:
        row.known = True
        row.note = _("已有工会主席%(name)s，%(day)s起，不再发") % {"name": held.name, "day": held.starts.isoformat()}
        return
    username = seats.staff.get((code, name, number))
    above = before.setdefault((name, number), row)
    if username or above is not row:
        row.known = True
        row.changes = {"account": ("", username or above.number)}
        row.values["account"] = username or above
        row.note = (
            _("本单位已有账号 %(username)s，只加任职，密码不变") % {"username": username} if username
            else _("与第 %(n)d 行是同一个人，用同一个账号") % {"n": above.number}
        )  # fmt: skip


def to_write(rows: Iterable[Row]) -> list[Row]:
    """The rows that give a log-in or an office."""
    return [row for row in rows if not row.wrong and not (row.known and not row.changes)]
