"""An Excel file that somebody sends, from its bytes to a table of cells; a hostile one is refused before it is read.

A workbook is a zip of XML. Before the reader sees it, each part is unpacked up to a limit (a zip bomb), parts that run
programs are refused, and cell addresses are bounded (two cells in opposite corners make seventeen billion).
"""

import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from python_calamine import CalamineError, CalamineWorkbook

from guildhall.foundation.errors import Refusal

MOST_BYTES: Final = 5 * 1024**2
MOST_UNPACKED: Final = 60 * 1024**2
MOST_PARTS: Final = 300
MOST_ROWS: Final = 5_000
MOST_COLUMNS: Final = 60
LONGEST_CELL: Final = 500
CHUNK: Final = 1024**2
ADDRESS: Final = re.compile(rb"""[\s]r\s*=\s*(?:"([^"]*)"|'([^']*)')""")
PLACE: Final = re.compile(rb"([A-Z]{1,3})?([1-9][0-9]{0,6})")
OLE: Final = b"\xd0\xcf\x11\xe0"


class BadFile(Refusal):
    """A file that is not read at all, and why."""

    code = "organisations.bad-file"
    message = _("“%(name)s”没有读：%(why)s")
    status = 422


@dataclass(frozen=True)
class Sheet:
    """A table: known columns by field, in the file's order, and its rows with the numbers Excel shows."""

    name: str
    title: str
    fields: tuple[str, ...]
    ignored: tuple[str, ...]
    rows: tuple[tuple[int, dict[str, Any]], ...]


def read(data: bytes, name: str, headers: Mapping[str, str], required: Mapping[str, str | Promise]) -> Sheet:
    """The first sheet that has a heading row.

    `headers` maps a heading (squeezed) to its field, `required` a field to its label. Raises `BadFile` with the reason.
    """
    why = _unsafe(data)
    if why:
        raise BadFile(name=name, why=why)
    try:
        book = CalamineWorkbook.from_filelike(BytesIO(data))
        tables = [(title, book.get_sheet_by_name(title).to_python(skip_empty_area=False)) for title in book.sheet_names]
    except (CalamineError, zipfile.BadZipFile, ValueError, OSError):
        raise BadFile(name=name, why=_("文件坏了，表格软件也许还能打开。请打开后另存为 .xlsx 再传。")) from None
    for title, table in tables:
        heading = _heading(table, headers)
        if heading is not None:
            return _sheet(name, title, table, heading, headers, required)
    words = "、".join(f"“{label}”" for label in required.values())
    raise BadFile(name=name, why=_("没有找到表头。表头要有%(words)s，可以先下载模板。") % {"words": words})


def squeezed(heading: object) -> str:
    """A heading without spaces, marks of what is required, or brackets and what stands in them."""
    text = re.sub(r"[（(【\[].*?[)）】\]]", "", str(heading or ""))
    return re.sub(r"[\s*＊:：]", "", text)


def _unsafe(data: bytes) -> Promise | str | None:
    """Why the bytes are not handed to the reader, or None."""
    if len(data) > MOST_BYTES:
        return _("超过 %(n)d MB。请只留要导入的表，或分成几个文件。") % {"n": MOST_BYTES // 1024**2}
    if data.startswith(OLE):
        return _("是旧的 .xls 格式，或加了打开密码。请去掉密码，另存为 .xlsx 再传。")
    try:
        with zipfile.ZipFile(BytesIO(data)) as book:
            return _unsafe_parts(book)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError, zipfile.zlib.error):  # type: ignore[attr-defined]
        return _("不是 Excel 工作簿（.xlsx）。请用表格软件另存为 .xlsx 再传。")


def _unsafe_parts(book: zipfile.ZipFile) -> Promise | str | None:
    parts = book.infolist()
    names = {part.filename.lower() for part in parts}
    if any(name.endswith("vbaproject.bin") or "/macrosheets/" in name for name in names):
        return _("里面有宏，不收带宏的工作簿。请另存为不带宏的 .xlsx 再传。")
    if "xl/workbook.xml" not in names:
        return _("不是 Excel 工作簿（.xlsx）。请用表格软件另存为 .xlsx 再传。")
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        return _("解开后太大，不像一份名单。请只留要导入的表再传。")
    left = MOST_UNPACKED
    for part in parts:
        text = b"".join(_unpacked(book, part, left))
        left -= len(text)
        if left < 0:
            return _("解开后太大，不像一份名单。请只留要导入的表再传。")
        if part.filename.lower().startswith("xl/worksheets/") and (why := _far_cell(text)):
            return why
    return None


def _unpacked(book: zipfile.ZipFile, part: zipfile.ZipInfo, left: int) -> Iterator[bytes]:
    """A part in pieces, until it ends or is larger than may be: what its header says is not believed."""
    with book.open(part) as stream:
        while left >= 0 and (piece := stream.read(CHUNK)):
            left -= len(piece)
            yield piece


def _far_cell(text: bytes) -> Promise | str | None:
    """Why a sheet's cells lie where no list has any, or None."""
    if b"\0" in text or b"<!ENTITY" in text:
        return _("表格的写法不常见，不能放心读。请用表格软件另存为 .xlsx 再传。")
    for double, single in ADDRESS.findall(text):
        found = PLACE.fullmatch(double or single)
        if found is None:
            return _("表格的写法不常见，不能放心读。请用表格软件另存为 .xlsx 再传。")
        if int(found[2]) > MOST_ROWS + 20:
            return _("超过 %(n)d 行。请分成几个文件，或删去表格下方的空行。") % {"n": MOST_ROWS}
        if found[1] and _column(found[1]) > MOST_COLUMNS:
            return _("超过 %(n)d 列。请删去右边用不着的列。") % {"n": MOST_COLUMNS}
    return None


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _heading(table: list[list[Any]], headers: Mapping[str, str]) -> int | None:
    """The first of the top twenty rows that has at least two known headings."""
    for index, row in enumerate(table[:20]):
        if sum(squeezed(cell) in headers for cell in row[:MOST_COLUMNS]) >= 2:
            return index
    return None


def _sheet(
    name: str, title: str, table: list[list[Any]], heading: int, headers: Mapping[str, str],
    required: Mapping[str, str | Promise],
) -> Sheet:  # fmt: skip
    words = [squeezed(cell) for cell in table[heading]]
    places: dict[str, int] = {}
    for index, word in enumerate(words):
        field = headers.get(word)
        if field in places:
            raise BadFile(name=name, why=_("有两列都是“%(word)s”，不知道用哪一列。请删去一列。") % {"word": word})
        if field:
            places[field] = index
    missing = [str(label) for field, label in required.items() if field not in places]
    if missing:
        raise BadFile(name=name, why=_("缺少列：%(words)s。") % {"words": "、".join(missing)})
    rows = tuple(
        (number, cells)
        for number, row in enumerate(table[heading + 1 :], heading + 2)
        if any((cells := {field: row[index] for field, index in places.items()}).values())
    )
    if len(rows) > MOST_ROWS:
        raise BadFile(name=name, why=_("超过 %(n)d 行。请分成几个文件，或删去表格下方的空行。") % {"n": MOST_ROWS})
    if not rows:
        raise BadFile(name=name, why=_("只有表头，下面没有内容。"))
    ignored = tuple(word for word in words if word and word not in headers)
    return Sheet(name, title, tuple(places), ignored, rows)
