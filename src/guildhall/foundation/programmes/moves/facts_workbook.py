"""Facts by Excel: a template with a row a unit; read, checked and marked whole; written all or not at all."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import IO, Any
from uuid import UUID

import xlsxwriter
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from openpyxl import load_workbook

from guildhall.foundation.errors import Refusal
from guildhall.foundation.organisations.models import User
from guildhall.foundation.organisations.rules import require
from guildhall.foundation.organisations.states import Right
from guildhall.foundation.programmes.models import Application, Round
from guildhall.foundation.programmes.moves.applications import report_many
from guildhall.foundation.programmes.rules import read_fact
from guildhall.foundation.programmes.rules.workbook import (
    CODE,
    MOST_COLUMNS,
    MOST_ROWS,
    NAME,
    Fault,
    NothingToRead,
    TooManyRows,
    columns,
    heading,
    headings,
    written,
)
from guildhall.foundation.programmes.states import State
from guildhall.foundation.records.attachments import DamagedFile, KindRefused, sniff
from guildhall.foundation.records.states import AttachmentKind

PLAIN = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


@dataclass
class Reading:
    """What a workbook says: the facts by application id, the bad cells, and the filled rows with their places.

    A place counts from 0 below the heading, empty rows too, so that Excel shows it as two more.
    """

    head: list[str]
    rows: list[tuple[int, list[str]]]
    facts: dict[int, dict[str, str]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    unchanged: int = 0

    @property
    def bad_rows(self) -> int:
        """How many rows have a bad cell."""
        return len({fault.row for fault in self.faults})

    @property
    def changed(self) -> int:
        """How many units would change."""
        return len(self.facts) - self.unchanged


def template(of: Round, by: User) -> bytes:
    """The workbook to fill in: a row for each unit still being checked, what is known already filled in."""
    out = BytesIO()
    book = xlsxwriter.Workbook(out, PLAIN)
    bold = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    sheet = book.add_worksheet(_("数据"))
    sheet.freeze_panes(1, 2)
    sheet.set_column(0, 1, 24)
    sheet.set_column(2, len(of.rules.numbers()) + 1, 14)
    for index, label in enumerate(headings(of.rules.numbers())):
        sheet.write_string(0, index, label, bold)
    for number, row in enumerate(_checking(of, by), 1):
        sheet.write_string(number, 0, row.unit.name)
        sheet.write_string(number, 1, row.unit.code)
        for index, one in enumerate(of.rules.numbers(), 2):
            if said := row.facts.get(one.key):
                sheet.write_number(number, index, float(said))
    book.close()
    return out.getvalue()


def _checking(of: Round, by: User) -> Iterator[Application]:
    rows = Application.objects.visible_to(by).filter(round=of, state=State.CHECKING)
    return iter(rows.select_related("unit").order_by("unit__name", "pk"))


def read(of: Round, upload: "UploadedFile[Any]", by: User) -> Reading:
    """Read and check a whole workbook; nothing is written. Raises for what is no sound workbook or not the template."""
    require(by, Right.RUN_ROUNDS, at=of.union)
    head, rows = _cells(upload.read())
    places = columns(head, of.rules.numbers())
    reading = Reading(head, rows)
    known = {row.unit.code: row for row in Application.objects.visible_to(by).filter(round=of).select_related("unit")}
    seen: dict[str, int] = {}
    for number, row in rows:
        code = row[places[CODE]].upper()
        application = known.get(code)
        if remedy := _against_row(code, application, seen.get(code)):
            reading.faults.append(Fault(number, places[CODE], code, remedy))
            continue
        assert application is not None
        seen[code] = number
        _read_row(of, reading, number, row, places, application)
    return reading


def _against_row(code: str, application: Application | None, earlier: int | None) -> str:
    if not code:
        return _("没有填信用代码。")
    if application is None:
        return _("这个批次里没有这家单位，请核对代码。")
    if earlier is not None:
        return _("和第 %(row)d 行重复，请删去一行。") % {"row": earlier + 2}
    if application.state != State.CHECKING:
        return _("这家单位已经审查过，数据不能再改。")
    return ""


def _read_row(
    of: Round, reading: Reading, number: int, row: list[str], places: dict[str, int], application: Application
) -> None:
    facts: dict[str, str] = {}
    for one in of.rules.numbers():
        place = places[heading(one)]
        said = row[place]
        try:
            facts[one.key] = read_fact(one, said)
        except Refusal as refusal:
            remedy = _("这里是公式，请粘贴为数值。") if said.startswith("=") else str(refusal)
            reading.faults.append(Fault(number, place, said, remedy))
    if len(facts) == len(of.rules.numbers()):
        reading.facts[application.pk] = facts
        reading.unchanged += facts == application.facts


def _cells(data: bytes) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """The first sheet's heading and filled rows with their places, as text; formulas stay formulas and are refused cell by cell."""
    if sniff(data) != AttachmentKind.XLSX:
        raise KindRefused(kinds=AttachmentKind.XLSX.label)
    try:
        book = load_workbook(BytesIO(data), read_only=True)
        lines = book.worksheets[0].iter_rows(values_only=True, max_row=MOST_ROWS + 2, max_col=MOST_COLUMNS)
        rows = [[written(cell) for cell in line] for line in lines]
    except (KeyError, ValueError, TypeError, IndexError, OSError, EOFError, SyntaxError):
        raise DamagedFile from None
    if not rows:
        raise NothingToRead
    width = max(len(row) for row in rows)
    head, *body = [row + [""] * (width - len(row)) for row in rows]
    filled = [(number, row) for number, row in enumerate(body) if any(row)]
    if len(filled) > MOST_ROWS:
        raise TooManyRows(rows=len(filled), most=MOST_ROWS)
    if not filled:
        raise NothingToRead
    return head, filled


def marked(reading: Reading) -> IO[bytes]:
    """The workbook as it was sent, each bad cell red with its cause beside it; every cell is text, no formula lives."""
    out = BytesIO()
    book = xlsxwriter.Workbook(out, PLAIN)
    bold, red = (
        book.add_format({"bold": True, "bottom": 1}),
        book.add_format({"bg_color": "#FBD5D5", "font_color": "#A61B1B"}),
    )
    sheet = book.add_worksheet(_("要改的"))
    sheet.freeze_panes(1, 2)
    sheet.set_column(0, len(reading.head), 16)
    faults = {(fault.row, fault.column): fault for fault in reading.faults}
    for index, label in enumerate([*reading.head, _("要改什么")]):
        sheet.write_string(0, index, label, bold)
    for number, row in reading.rows:
        for index, cell in enumerate(row):
            fault = faults.get((number, index))
            sheet.write_string(number + 1, index, cell, red if fault else None)
            if fault:
                sheet.write_comment(number + 1, index, str(fault.remedy))
        causes = [f"{reading.head[one.column]}：{one.remedy}" for one in reading.faults if one.row == number]
        if causes:
            sheet.write_string(number + 1, len(reading.head), "；".join(causes))
    book.close()
    out.seek(0)
    return out


def commit(round_pk: int, facts: dict[int, dict[str, str]], *, by: User, key: UUID) -> int:
    """Write what was read and found sound: all units or none. Returns how many changed."""
    return report_many(round_pk, facts, by=by, key=key)


__all__ = ["CODE", "NAME", "Reading", "commit", "marked", "read", "template"]
