"""Office files, opened by ourselves: no macro, nothing embedded, nothing fetched from elsewhere, nothing that swells."""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import Final
from xml.etree import ElementTree

from django.conf import settings

from guildhall.foundation.records.attachments.refusals import Bomb, DamagedFile, Embedded, External, MacroWorkbook
from guildhall.foundation.records.states import AttachmentKind

MOST_PARTS: Final = 5_000
MOST_GROWTH: Final = 200
"""An office file may unpack to this many times its size, and to ten times the upload limit."""
MOST_GROWTH_OF_A_PART: Final = 400
"""So may each part of more than a megabyte: a bomb beside a large picture swells less than itself."""
MEGABYTE: Final = 1 << 20
MACRO_PARTS: Final = re.compile(r"vbaproject|vbadata|macrosheets/|/activex/|\.bin\.rels$|oleobject", re.IGNORECASE)
EMBEDDED_PARTS: Final = re.compile(r"(?:^|/)(?:embeddings|afchunk)[^/]*/|(?:^|/)afchunk", re.IGNORECASE)
PLAIN_PARTS: Final = re.compile(
    r"\.(?:xml|rels|vml|png|jpe?g|gif|bmp|tiff?|emf|wmf|wdp|odttf)$|/printersettings/[^/]*\.bin$|/$", re.IGNORECASE
)
"""What an ordinary workbook or document consists of; anything else is a file within the file."""
OFFICE: Final = {AttachmentKind.XLSX: "xl/workbook.xml", AttachmentKind.DOCX: "word/document.xml"}
ARCHIVES: Final = (
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"\xd0\xcf\x11\xe0",
    b"Rar!",
    b"7z\xbc\xaf",
    b"\x1f\x8b",
    b"MZ",
    b"%PDF-",
)
DATA: Final = re.compile(r"(?:^|/)(?:connections\.xml|querytables/|externallinks/)", re.IGNORECASE)
FETCHES: Final = {"DDE", "DDEAUTO", "INCLUDETEXT", "INCLUDEPICTURE", "LINK", "IMPORT", "DATABASE"}
"""Fields by which a document asks another program or place for its text."""


def office_kind(data: bytes, *, links: bool = True) -> AttachmentKind | None:
    """A plain Office workbook or document, by its parts; None for another archive.

    `links` allows hyperlinks that a reader follows by a press. Raises `Bomb`, `DamagedFile`, `MacroWorkbook`,
    `Embedded`, `External`.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            _bounded(parts, len(data))
            names = {part.filename for part in parts}
            kind = next((kind for kind, main in OFFICE.items() if main in names), None)
            if kind is None or "[Content_Types].xml" not in names:
                return None
            if _odd(parts) or len(names) != len(parts) or not _whole(data, archive):
                raise DamagedFile
            types = archive.read("[Content_Types].xml").lower()
            if b"macroenabled" in types or b"vbaproject" in types or any(MACRO_PARTS.search(name) for name in names):
                raise MacroWorkbook
            for part in parts:
                _against(part.filename, archive.read(part), links=links)
            return kind
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError, OSError, zlib.error):
        raise DamagedFile from None


def _bounded(parts: list[zipfile.ZipInfo], size: int) -> None:
    """By the sizes they declare; reading a part to its end then holds it to its declaration."""
    unpacked = sum(part.file_size for part in parts)
    if len(parts) > MOST_PARTS or unpacked > min(MOST_GROWTH * size, 10 * settings.ATTACHMENT_MAX_BYTES):
        raise Bomb
    if any(part.file_size > max(MEGABYTE, MOST_GROWTH_OF_A_PART * part.compress_size) for part in parts):
        raise Bomb
    ends = 0
    for part in sorted(parts, key=lambda part: part.header_offset):  # Parts that share their bytes multiply them.
        if part.header_offset < ends:
            raise Bomb
        ends = part.header_offset + 30 + part.compress_size


def _odd(parts: list[zipfile.ZipInfo]) -> bool:
    """Encrypted parts, or names that climb out of the archive."""
    return any(
        part.flag_bits & 0x1 or part.filename.startswith(("/", "\\")) or ".." in re.split(r"[/\\]", part.filename)
        for part in parts
    )


def _whole(data: bytes, archive: zipfile.ZipFile) -> bool:
    """The archive is the whole file: its end record closes it, and nothing but its comment follows."""
    end = data.rfind(b"PK\x05\x06")
    return end >= 0 and end + 22 + len(archive.comment) == len(data)


def _against(name: str, data: bytes, *, links: bool) -> None:
    """Raise for a part that is a file of its own, or that reaches out."""
    if EMBEDDED_PARTS.search(name) or not PLAIN_PARTS.search(name) or data.startswith(ARCHIVES):
        raise Embedded(part=name[:80])
    if DATA.search(name):
        raise External(target=name[:80])
    if not name.lower().endswith((".xml", ".rels", ".vml")):
        return
    text = _text(data)
    if re.search(r"<!\s*(?:DOCTYPE|ENTITY)", text, re.IGNORECASE):
        raise DamagedFile
    reaching: Iterator[str] = iter(())
    if name.lower().endswith(".rels"):
        reaching = _outside(_parsed(text), links=links)
    elif name.startswith("word/") and "instr" in text:
        reaching = (field for field in _fields(_parsed(text)) if field in FETCHES)
    for target in reaching:
        raise External(target=target[:80])


def _text(data: bytes) -> str:
    """The part as text, in whichever encoding its first bytes say."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    if b"\x00" in data[:200]:  # UTF-16 or -32 without a mark.
        return data.replace(b"\x00", b"").decode("utf-8", "replace")
    return data.decode("utf-8-sig", "replace")


def _parsed(text: str) -> ElementTree.Element:
    """The part's tree. It has no DOCTYPE, so nothing in it can swell or be fetched while it is read."""
    try:
        return ElementTree.fromstring(re.sub(r"^\s*<\?xml[^>]*\?>", "", text))  # noqa: S314
    except ElementTree.ParseError:
        raise DamagedFile from None


def _outside(rels: ElementTree.Element, *, links: bool) -> Iterator[str]:
    """The targets that lie outside the file, but for hyperlinks of the web and of mail where `links` allows them."""
    for one in rels.iter():
        kind, target = one.get("Type", ""), one.get("Target", "")
        away = one.get("TargetMode", "").lower() == "external"
        away = away or bool(re.match(r"[a-z][a-z0-9+.-]*:|[/\\]{2}", target, re.IGNORECASE))
        pressed = kind.endswith("/hyperlink") and re.match(r"https?://|mailto:|#", target, re.IGNORECASE)
        if (away and not (links and pressed)) or kind.lower().endswith("/afchunk"):
            yield target


def _fields(part: ElementTree.Element) -> Iterator[str]:
    """The name of each field of a document, however its code is cut into pieces; "DDE" where another field makes it up."""
    codes: list[str | None] = []  # Of the open fields, the innermost last; None once a field's result has begun.
    for one in part.iter():
        word = one.tag.rpartition("}")[2]
        attributes = {name.rpartition("}")[2]: value for name, value in one.attrib.items()}
        step = attributes.get("fldCharType", "") if word == "fldChar" else ""
        if word == "fldSimple":
            yield _first(attributes.get("instr"))
        elif word == "instrText" and not codes:
            yield _first(one.text)
        elif word == "instrText" and codes[-1] is not None:
            codes[-1] += one.text or ""
        elif step == "begin":
            if codes and codes[-1] is not None and not codes[-1].strip():
                yield "DDE"
            codes.append("")
        elif step and codes:
            yield _first(codes.pop())
            if step == "separate":
                codes.append(None)


def _first(code: str | None) -> str:
    return next(iter((code or "").upper().split()), "")
