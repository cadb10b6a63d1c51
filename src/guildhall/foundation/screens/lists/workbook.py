"""A selection as an Excel workbook: all its pages, its conditions on a cover sheet, written row by row.

Strings are written as strings: what begins with = + - @ stays text and never becomes a formula.
"""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from tempfile import TemporaryFile
from typing import IO, Any

import xlsxwriter
from django.conf import settings
from django.utils import timezone
from django.utils.html import strip_tags
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from guildhall.foundation.screens import formats
from guildhall.foundation.screens.lists.listing import Column, Kind, Listing

NUMBER_FORMATS = {Kind.NUMBER: "#,##0", Kind.SCORE: "0.0##", Kind.YUAN: "#,##0.00"}
PLAIN = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
AT_ONCE = 2000


def write(listing: Listing, asker: str) -> IO[bytes]:
    """The workbook as an open temporary file, at its beginning."""
    out = TemporaryFile()  # noqa: SIM115  # The answer closes it.
    book = xlsxwriter.Workbook(out, PLAIN)
    bold = book.add_format({"bold": True, "bottom": 1})
    _cover(book, listing, asker)
    sheet = book.add_worksheet(str(listing.page.title)[:31])
    sheet.freeze_panes(1, 1)
    for index, column in enumerate(listing.columns):
        sheet.set_column(index, index, 32 if index == 0 else 16)
        sheet.write_string(0, index, _heading(column), bold)
    shapes = {kind: book.add_format({"num_format": shape}) for kind, shape in NUMBER_FORMATS.items()}
    for number, row in enumerate(_rows(listing), 1):
        for index, column in enumerate(listing.columns):
            _cell(sheet, number, index, column, row, shapes)
    book.close()
    out.seek(0)
    return out


def _rows(listing: Listing) -> Iterator[Any]:
    return iter(listing.ordered.iterator(chunk_size=AT_ONCE))


def _heading(column: Column) -> str:
    label = str(column.label)
    return label if column.kind != Kind.YUAN or "元" in label else _("%(label)s（元）") % {"label": label}


def _cover(book: Any, listing: Listing, asker: str) -> None:
    sheet = book.add_worksheet(_("说明"))
    sheet.set_column(0, 0, 16)
    sheet.set_column(1, 1, 60)
    lines = [
        (str(listing.page.title), settings.FEDERATION_NAME),
        (_("导出人"), asker),
        (_("导出时间"), formats.moment_table(timezone.now())),
        (_("共"), f"{listing.count:,} {listing.page.noun}"),
        *((str(label), str(value)) for label, value in listing.conditions()),
    ]
    for number, (label, value) in enumerate(lines):
        sheet.write_string(number, 0, label)
        sheet.write_string(number, 1, value)


def _cell(sheet: Any, number: int, index: int, column: Column, row: Any, shapes: dict[Kind, Any]) -> None:
    value = column.export(row) if column.export else column.read(row)
    if column.kind in shapes and isinstance(value, int | Decimal | float) and not isinstance(value, bool):
        sheet.write_number(
            number, index, value / formats.FEN if column.kind == Kind.YUAN else value, shapes[column.kind]
        )
    else:
        sheet.write_string(number, index, _text(column, value, row))


def _text(column: Column, value: object, row: Any) -> str:
    if isinstance(value, datetime):
        return formats.moment_table(value)
    if isinstance(value, date):
        return value.isoformat()
    if value is None and column.show and not column.export:
        shown = column.show(row)
        return strip_tags(shown) if isinstance(shown, SafeString) else str(shown)
    return "" if value is None else str(value)
