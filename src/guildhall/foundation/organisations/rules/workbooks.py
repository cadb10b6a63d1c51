"""The workbooks of units that leave the house: the template with the register in it, and the one with errors marked."""

from collections.abc import Iterable, Mapping, Sequence
from io import BytesIO
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import Cell, MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter

from guildhall.foundation.organisations.rules.columns import BY_KEY, FIELDS, LEADING, Field
from guildhall.foundation.organisations.rules.verdicts import Row

RED = PatternFill("solid", fgColor="FBD5D5")
PLAIN = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


def filled(
    rows: Iterable[Mapping[str, Any]], lists: Mapping[str, Sequence[str]], fields: Sequence[Field] = FIELDS,
    title: str = "",
) -> bytes:  # fmt: skip
    """The template with `rows` in it; `lists` gives a column's words to choose from. What it writes it also reads."""
    out = BytesIO()
    book = xlsxwriter.Workbook(out, PLAIN)
    sheet = book.add_worksheet(title or _("单位"))
    bold = book.add_format({"bold": True, "bottom": 1})
    as_text = book.add_format({"num_format": "@"})
    guarded = book.add_format({"num_format": "@", "quote_prefix": True})
    words = book.add_worksheet(_("可填")) if lists else None
    for index, field in enumerate(fields):
        sheet.set_column(index, index, field.width, None if field.key in ("headcount", "workers") else as_text)
        sheet.write_string(0, index, f"{field.label}{'*' if field.required else ''}", bold)
        _choices(sheet, words, index, str(field.label), lists.get(field.key, ()))
    sheet.freeze_panes(1, 1)
    for number, row in enumerate(rows, 1):
        for index, field in enumerate(fields):
            value = row.get(field.key, "")
            if isinstance(value, int):
                sheet.write_number(number, index, value)
            elif value:
                sheet.write_string(number, index, value, guarded if value.startswith(LEADING) else as_text)
    book.close()
    return out.getvalue()


def _choices(sheet: Any, words: Any, index: int, label: str, options: Sequence[str]) -> None:
    """A column's words on the second sheet, and a drop-down that reads them there."""
    if not options:
        return
    words.set_column(index, index, 24)
    words.write_string(0, index, label)
    for number, option in enumerate(options, 1):
        words.write_string(number, index, option)
    column = xlsxwriter.utility.xl_col_to_name(index)
    source = f"='{words.get_name()}'!${column}$2:${column}${len(options) + 1}"
    sheet.data_validation(1, index, 5000, index, {"validate": "list", "source": source, "error_type": "warning"})


def marked(rows: Sequence[Row], keys: Sequence[str], fields: Mapping[str, Field] = BY_KEY) -> bytes:
    """The wrong rows alone, each bad cell red with its cause and remedy in a comment; mended, it can be sent again."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None  # A new workbook has one.
    sheet.title = _("有错的行")
    heads = [*(str(fields[key].label) for key in keys), _("原行号"), _("哪里错，怎么改")]
    for column, head in enumerate(heads, 1):
        sheet.cell(1, column, head).font = Font(bold=True)
    for number, row in enumerate(rows, 2):
        for column, key in enumerate(keys, 1):
            cell = sheet.cell(number, column)
            _write(cell, row.said.get(key, ""))
            if wrong := row.wrong.get(key):
                cell.fill = RED
                cell.comment = Comment(f"{wrong.cause}。{wrong.remedy}。", _("工匠之家"), width=260, height=90)
        sheet.cell(number, len(keys) + 1, row.number)
        missing = [f"{fields[key].label}：{wrong.cause}，{wrong.remedy}" for key, wrong in row.wrong.items()]
        _write(sheet.cell(number, len(keys) + 2), "；".join(missing))
    for column, key in enumerate(keys, 1):
        sheet.column_dimensions[get_column_letter(column)].width = fields[key].width
    sheet.freeze_panes = "B2"
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _write(cell: Cell | MergedCell, value: str) -> None:
    """Text stays text: what begins like a formula is quoted, control characters are left out."""
    cell.value = "".join(letter for letter in value if letter >= " " or letter == "\n")
    cell.data_type = "s"
    cell.number_format = "@"
    cell.quotePrefix = value.startswith(LEADING)
