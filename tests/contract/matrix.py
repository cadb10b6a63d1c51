"""The access matrix as it is written, and the addresses that it must cover."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from guildhall.foundation.records.states import chain_label
from tests.contract.affairs import DECLARED, ISSUED, WHO, Affairs

FOLDER = Path(__file__).parent / "access"
CELLS = {
    "login": "is asked to sign in",
    "sees": "200, and the row that could leak is on the page",
    "empty": "200, and it is not",
    "ok": "may do it: 200, 302, or 422 where the form is sent back",
    "late": "may do it, but not in this state: 409",
    "public": "open to everyone",
    "403": "in scope, without the right",
    "404": "out of scope, or nothing there for this reader",
}
"""What the words of the matrix mean."""


@dataclass(frozen=True)
class Row:
    """One address under one verb."""

    verb: str
    name: str
    secret: str
    cells: dict[str, str]

    @property
    def url_name(self) -> str:
        """Without which of several things it points at."""
        return self.name.partition("/")[0]


def areas() -> list[Path]:
    """The tables, one a room."""
    return sorted(FOLDER.glob("*.txt"))


def rows() -> list[Row]:
    """Every row of every table."""
    return [row for path in areas() for row in read(path)]


def read(path: Path) -> list[Row]:
    """The rows of one table; # begins a remark."""
    lines = [line.split() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    head, *rest = [words for words in lines if words[0] != "#"]
    assert tuple(head[3:]) == WHO, path.name
    for words in rest:
        assert len(words) == len(WHO) + 3, (path.name, words)
        assert set(words[3:]) <= set(CELLS), (path.name, words)
    return [Row(verb, name, secret, dict(zip(WHO, cells, strict=True))) for verb, name, secret, *cells in rest]


def url_names() -> list[str]:
    """Every named address of the project; one without a name is a fault."""
    return sorted(set(_walk(get_resolver())))


def _walk(resolver: URLResolver, space: str = "") -> Iterator[str]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLPattern):
            assert pattern.name, pattern
            yield f"{space}{pattern.name}"
        else:
            yield from _walk(pattern, f"{space}{pattern.namespace}:" if pattern.namespace else space)


def secrets(one: Affairs) -> dict[str, str]:
    """What a row that could leak says, by the name under which a table asks for it."""
    return {
        "unit": one.city.unit.name,
        "title": one.rounds["scoring"].title,
        "planned": one.rounds["planned"].title,
        "decided": "已审定",
        "file": one.file.name if one.file else "",
        "person": str(one.city.assessor),
        "list": one.payouts["sent"].number,
        "batch": one.payouts["sent"].batch.filename,
        "return": "回单.csv",
        "budget": "包财行〔2024〕7号",
        "receipt": one.objection.receipt if one.objection else "",
        "notice": one.rounds["notice"].notice.number,
        "judged": one.judged.entrant.application.unit.name if one.judged else "",
        "stream": "round:",
        "chain": chain_label(one.rounds["resolved"].stream),
        "look": "与银行核对尾号",
        "ready": one.city.units[2].name,
        "paid": one.rounds["paid"].title,
        "tail": f"…{one.things['0'].tail}",
        "place": one.city.kundulun.short,
        "asked": one.city.units[6].name,
        "told": one.city.units[7].name,
        "declared": DECLARED,
        "document": ISSUED,
        "number": one.things["decision False"].document,
    }


def said(response: Any) -> str:
    """The text of a page; a workbook's cells, a file's bytes as far as they are text. Read whole, so that a file closes."""
    raw: bytes = b"".join(response.streaming_content) if response.streaming else response.content
    if raw[:4] == b"PK\x03\x04" and b"xl/workbook.xml" in raw:
        return cells_of(raw)
    return raw.decode("utf-8", errors="ignore")


def cells_of(raw: bytes) -> str:
    """All cells of a workbook, by rows."""
    from io import BytesIO

    from python_calamine import CalamineWorkbook

    book = CalamineWorkbook.from_filelike(BytesIO(raw))
    sheets = [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]
    return "\n".join("\t".join(map(str, row)) for sheet in sheets for row in sheet)
