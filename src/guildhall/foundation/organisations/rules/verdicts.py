"""What becomes of each row of a workbook of units: new, changed, the same, or wrong and why."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from guildhall.foundation.organisations.rules.columns import Wrong, parse, text
from guildhall.foundation.organisations.rules.sheets import Sheet
from guildhall.foundation.organisations.rules.units import TooManyWorkers


class Verdict(StrEnum):
    """What becomes of a row."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    WRONG = "wrong"


@dataclass(frozen=True)
class Known:
    """What stands in the register, for comparing. Codes out of the asker's scope stand in `elsewhere`."""

    districts: Mapping[str, int]
    unions: Mapping[str, int]
    units: Mapping[str, Mapping[str, Any]]
    names: Mapping[tuple[int, str], str]  # (union above, unit's name) and the unit's code.
    gone: Mapping[str, str] = field(default_factory=dict)  # Codes merged, closed or given up, and what became of them.
    elsewhere: frozenset[str] = frozenset()


@dataclass
class Row:
    """A row with its verdict."""

    number: int
    said: dict[str, str]
    values: dict[str, Any] = field(default_factory=dict)
    wrong: dict[str, Wrong] = field(default_factory=dict)
    changes: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    known: bool = False
    note: str = ""
    """What is said of a row that is not wrong."""

    @property
    def verdict(self) -> Verdict:
        """What becomes of it."""
        if self.wrong:
            return Verdict.WRONG
        if not self.known:
            return Verdict.NEW
        return Verdict.CHANGED if self.changes else Verdict.SAME


class Judged(NamedTuple):
    """A file's table, and what becomes of each row."""

    sheet: Sheet
    rows: list[Row]

    @property
    def to_write(self) -> int:
        """How many rows would be written."""
        found = counts(self.rows)
        return found[Verdict.NEW] + found[Verdict.CHANGED]


def judge(sheet: Sheet, known: Known) -> list[Row]:
    """Each row of the sheet with its verdict."""
    rows = [_parsed(number, cells, known) for number, cells in sheet.rows]
    twice(rows, "code", _("与第 %(n)d 行是同一个代码"), _("请只留一行"))
    codes = {row.values["code"] for row in rows if "code" in row.values}
    names = dict(known.names)
    for row in rows:
        _compare(row, known)
        _names(row, names)
        _parent(row, known, codes)
    return rows


def counts(rows: Iterable[Row]) -> dict[Verdict, int]:
    """How many rows have each verdict; they add up to the file."""
    found = Counter(row.verdict for row in rows)
    return {verdict: found[verdict] for verdict in Verdict}


def causes(rows: Iterable[Row]) -> list[tuple[str, int]]:
    """How often each cause stands in a cell, the commonest first."""
    return Counter(wrong.cause for row in rows for wrong in row.wrong.values()).most_common()


def _parsed(number: int, cells: Mapping[str, Any], known: Known) -> Row:
    row = Row(number, {key: text(value) for key, value in cells.items()})
    places = {"district": known.districts, "above": known.unions}
    for key, value in cells.items():
        try:
            row.values[key] = parse(key, value, places)
        except ValueError as fault:
            row.wrong[key] = fault.args[0]
    headcount, workers = row.values.get("headcount"), row.values.get("workers", 0)
    if headcount is not None and workers > headcount:
        cause = _("多于职工人数 %(n)d") % {"n": headcount}
        row.wrong["workers"] = Wrong(cause, _two_numbers())
    return row


def _two_numbers() -> str:
    """What to do where there are more industrial workers than staff."""
    return _("产业工人是职工的一部分，请核对这两个数")


def twice(rows: list[Row], key: str, cause: str, remedy: str, *, beside: str = "") -> None:
    """Mark rows that say the same in a column where each may stand once (`beside` another, if given).

    The `cause` names the other one's line.
    """
    where: dict[Any, list[Row]] = defaultdict(list)
    for row in rows:
        if key in row.values:
            where[row.values[key], row.values.get(beside)].append(row)
    for same in where.values():
        for row in same[1:]:
            row.wrong.setdefault(key, Wrong(cause % {"n": same[0].number}, remedy))
        if len(same) > 1:
            same[0].wrong.setdefault(key, Wrong(cause % {"n": same[1].number}, remedy))


def _compare(row: Row, known: Known) -> None:
    """Find what differs from the register, or why the code cannot be used."""
    code = row.values.get("code")
    if code is None:
        return
    if code in known.elsewhere:
        row.wrong["code"] = Wrong(_("这家单位不归您管"), _("请删去这一行，或请管它的工会办"))
    elif code in known.gone:
        row.wrong["code"] = Wrong(known.gone[code], _("请核对代码；确要恢复，请在单位页办"))
    before = known.units.get(code)
    if before is None:
        return
    row.known = True
    row.changes = {
        key: (before[key], value) for key, value in row.values.items() if key in before and before[key] != value
    }
    headcount = row.values.get("headcount", before["headcount"])
    if "workers" not in row.values and before["workers"] > headcount:  # The file leaves out what stands.
        more = TooManyWorkers(workers=before["workers"], headcount=headcount)
        row.wrong["headcount"] = Wrong(str(more).rstrip("。."), _two_numbers())
    if "above" in row.changes:
        row.wrong["above"] = Wrong(_("和登记的上级工会不同"), _("换上级工会请在单位页办，这里照原样填"))


def _names(row: Row, names: dict[tuple[int, str], str]) -> None:
    """A union has one unit of a name; the first row that uses it has it."""
    code, name, above = (row.values.get(key) for key in ("code", "name", "above"))
    if code is None or name is None or above is None:
        return
    if names.setdefault((above, name), code) != code:
        cause = _("同一上级工会下已有同名单位")
        row.wrong.setdefault("name", Wrong(cause, _("请用全称，或核对代码是否填错")))


def _parent(row: Row, known: Known, codes: set[str]) -> None:
    """The parent company is in the register or in this file, and is another one."""
    parent = row.values.get("parent_company")
    if not parent:
        return
    if parent == row.values.get("code"):
        row.wrong["parent_company"] = Wrong(_("母公司是它自己"), _("没有母公司就空着"))
    elif parent not in known.units and parent not in codes:
        row.wrong["parent_company"] = Wrong(_("没有登记这家母公司"), _("请先登记它，或放进同一个文件"))


def shown(key: str, value: Any, known: Known) -> str:
    """A value as the workbook writes it: places by name, choices by label."""
    if key in ("district", "above"):
        places = known.districts if key == "district" else known.unions
        return next((name for name, pk in places.items() if pk == value), "")
    return str(value)
