"""Hostile files, byte by byte: what somebody might send instead of a certificate."""

import io
import struct
import zipfile
import zlib

from PIL import Image
from PIL.TiffImagePlugin import IFDRational

TYPES = {"[Content_Types].xml": b"<Types/>"}
BOOK = {**TYPES, "xl/workbook.xml": b"<workbook/>"}
WORDS = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def packed(parts: dict[str, bytes], *, after: bytes = b"", before: bytes = b"") -> bytes:
    kept = io.BytesIO()
    kept.write(before)
    with zipfile.ZipFile(kept, "a" if before else "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return kept.getvalue() + after


def document(body: str) -> bytes:
    """A Word document of one paragraph."""
    text = f'<w:document xmlns:w="{WORDS}"><w:body><w:p>{body}</w:p></w:body></w:document>'
    return packed({**TYPES, "word/document.xml": text.encode()})


def relation(kind: str, target: str, *, external: bool = True) -> bytes:
    mode = ' TargetMode="External"' if external else ""
    return f'<Relationships xmlns="{RELATIONS}"><Relationship Id="r1" Type="{OFFICE}/{kind}" Target="{target}"{mode}/></Relationships>'.encode()


def linked(kind: str, target: str, *, external: bool = True, of: str = "document") -> bytes:
    return packed(
        {**TYPES, "word/document.xml": b"<w/>", f"word/_rels/{of}.xml.rels": relation(kind, target, external=external)}
    )


def field(*pieces: str) -> bytes:
    """A document with a field whose code is cut into these pieces."""
    mark = '<w:r><w:fldChar w:fldCharType="{}"/></w:r>'
    code = "".join(f"<w:r><w:instrText>{piece}</w:instrText></w:r>" for piece in pieces)
    return document(
        mark.format("begin") + code + mark.format("separate") + "<w:r><w:t>1</w:t></w:r>" + mark.format("end")
    )


def lying() -> bytes:
    """An archive whose part says that it is short and unpacks to 60 MB."""
    data = bytearray(packed({**BOOK, "xl/media/image1.png": b"\x00" * 60_000_000}))
    true, short = struct.pack("<I", 60_000_000), struct.pack("<I", 100)
    return bytes(data.replace(true, short))


def overlapping() -> bytes:
    """Many entries of the directory that name the same bytes: each is small, together they are not."""
    single = packed({**BOOK, "xl/a.xml": bytes(_noise(20_000))})
    start = single.rfind(b"PK\x01\x02")
    entry = bytearray(single[start : single.rfind(b"PK\x05\x06")])
    more = b""
    for number in range(20):
        one = bytearray(entry)
        one[46:54] = f"xl/{number:05d}"[:8].encode()
        more += bytes(one)
    begin = single.find(b"PK\x01\x02")
    directory = single[begin : single.rfind(b"PK\x05\x06")] + more
    end = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 23, 23, len(directory), begin, 0)
    return single[:begin] + directory + end


def beside_a_picture() -> bytes:
    """A bomb beside incompressible bytes, so that the whole swells little."""
    return packed({**BOOK, "xl/media/image1.png": bytes(_noise(700_000)), "xl/media/image2.bmp": b"\x00" * 90_000_000})


def _noise(length: int) -> bytearray:
    kept, seed = bytearray(), 1
    while len(kept) < length:
        seed = (seed * 6364136223846793005 + 1442695040888963407) % 2**64
        kept += struct.pack(">Q", seed)
    return kept


def pdf(*objects: bytes, trailer: bytes = b"<</Root 1 0 R>>", after: bytes = b"") -> bytes:
    body = b"".join(b"%d 0 obj\n%b\nendobj\n" % (number, one) for number, one in enumerate(objects, 1))
    return b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + body + b"trailer\n" + trailer + b"\n%%EOF\n" + after


def stream(head: bytes, text: bytes) -> bytes:
    return b"<<%b/Length %d>>\nstream\n%b\nendstream" % (head, len(text), text)


CATALOG = b"<</Type/Catalog/Pages 2 0 R>>"
HIDDEN = zlib.compress(b"11 0 <</S/JavaScript/JS(app.alert(1))>>")


def image(form: str, size: tuple[int, int] = (4, 2), **options: object) -> bytes:
    kept = io.BytesIO()
    Image.new("RGB", size, "#2a6fb0").save(kept, form, **options)
    return kept.getvalue()


def photograph() -> bytes:
    """A phone's photograph: lying on its side, with the place where it was taken."""
    facts = Image.Exif()
    facts[0x0112], facts[0x010F], facts[0x9C9C] = 6, "Phone of Wang", "comment".encode("utf-16le")
    facts[0x8825] = {1: "N", 2: (IFDRational(40), IFDRational(39), IFDRational(30))}
    return image("JPEG", (40, 20), exif=facts, comment=b"taken by Wang", icc_profile=b"profile of Wang")


def declared(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it is this large."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\x00" * 100)) + chunk(b"IEND", b"")
