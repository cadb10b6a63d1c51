"""PDF files: nothing that runs, starts a program or carries another file, also where it is compressed or spelled oddly."""

import re
import zlib
from collections.abc import Iterator
from typing import Final

from guildhall.foundation.records.attachments.refusals import ActivePdf, Bomb, DamagedFile, LockedPdf

ACTIVE: Final = (
    "JavaScript", "Launch", "EmbeddedFile", "EmbeddedFiles", "RichMedia", "Rendition", "SubmitForm", "ImportData", "GoToE",
    "XFA", "Filespec",
)  # fmt: skip
"""Names of actions and objects that do something by themselves or carry something. A document's /OpenAction that shows a
page is harmless; one that runs something has to name it."""
DELIMITED: Final = rb"(?=[\s<>\[\]()/{}%\x00]|$)"
UNPACKED_AT_MOST: Final = 256 << 20
STREAMS_AT_MOST: Final = 100_000
STEP: Final = 16 << 10
STREAM: Final = re.compile(rb"(?<!end)stream(?:\r\n|\n|\r)")
PAGES_OF_THE_WEB: Final = re.compile(rb"<\s*(?:!doctype\s+html|html|script|iframe|svg|\?php)\b", re.IGNORECASE)
PAIRS: Final = re.compile(rb"\s*\d+\s+\d+\s")
"""How an object stream begins: numbers of objects and their places."""


def _spelled(name: str) -> bytes:
    """A name as it may be written: any letter of it also as # and two hex digits."""
    return b"".join(b"(?:%c|#%s)" % (sign, _hex(sign)) for sign in name.encode())


def _hex(sign: int) -> bytes:
    return b"".join(
        f"[{one.lower()}{one.upper()}]".encode() if one.isalpha() else one.encode() for one in f"{sign:02x}"
    )


NAMES: Final = re.compile(rb"/(" + b"|".join(_spelled(name) for name in ACTIVE) + rb")" + DELIMITED)
ENCRYPTED: Final = re.compile(rb"/" + _spelled("Encrypt") + DELIMITED)
OBJECTS: Final = re.compile(rb"/(?:" + _spelled("ObjStm") + rb"|" + _spelled("First") + rb")" + DELIMITED)
PICTURE: Final = re.compile(rb"/" + _spelled("Image") + DELIMITED)
PLAIN_FILTER: Final = re.compile(rb"/Filter\s*\[?\s*/(?:FlateDecode|Fl)\s*\]?\s*(?:[/>]|$)")
ANY_FILTER: Final = re.compile(rb"/" + _spelled("Filter") + DELIMITED)


def check_pdf(data: bytes) -> None:
    """Raise `ActivePdf`, `LockedPdf`, `DamagedFile` or `Bomb` for a PDF that is more than paper."""
    ends = data.rfind(b"%%EOF")
    if ends < 0 or data[ends + 5 :].strip(b" \r\n\t\x00\x1a") or PAGES_OF_THE_WEB.search(data):
        raise DamagedFile
    if ENCRYPTED.search(data):
        raise LockedPdf
    _scan(data)
    left = UNPACKED_AT_MOST
    for start, written in _streams(data):
        unpacked = _unpacked(data, start, written, left)
        left -= len(unpacked)
        _scan(unpacked)


def _scan(text: bytes) -> None:
    if found := NAMES.search(text):
        raise ActivePdf(what=re.sub(rb"#(..)", lambda hexed: bytes.fromhex(hexed[1].decode()), found[1]).decode())


def _streams(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Where each stream begins, and what stands between it and the one before: its dictionary at the end."""
    before = 0
    for number, found in enumerate(STREAM.finditer(data)):
        if number >= STREAMS_AT_MOST:
            raise Bomb
        yield found.end(), data[before : found.start()][-(1 << 16) :]
        before = found.end()


def _unpacked(data: bytes, start: int, written: bytes, left: int) -> bytes:
    """A compressed stream in the clear; of a picture only as much as shows that it is none of objects."""
    objects = bool(OBJECTS.search(written))
    if objects and ANY_FILTER.search(written) and not PLAIN_FILTER.search(written):
        raise ActivePdf(what="ObjStm")  # Objects wrapped in a way that nothing honest writes and we do not read.
    brief = bool(PICTURE.search(written)) and not objects
    unpacker, kept, view = zlib.decompressobj(), bytearray(), memoryview(data)
    try:
        while start < len(data) and not unpacker.eof:
            kept += unpacker.decompress(view[start : start + STEP], left + 1 - len(kept))
            start += STEP
            if len(kept) > left:
                raise Bomb
            if brief and not PAIRS.match(kept) and len(kept) > STEP:
                break
    except zlib.error:  # Not packed by this way, and so read already as it stands; or damaged from here on.
        pass
    return bytes(kept)
