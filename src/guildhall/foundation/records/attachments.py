"""Attachments: told by their bytes, bounded, kept outside the web root, served as inert files.

The bytes are believed, not the name or the declared type; a file that is two kinds at once is refused.
"""

import io
import os
import re
import secrets
import unicodedata
import zipfile
from collections.abc import Collection
from pathlib import Path
from typing import Any, BinaryIO, Final

import puremagic
from cryptography.hazmat.primitives import hashes
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from guildhall.foundation.errors import NotHere, Refusal
from guildhall.foundation.organisations.models import User
from guildhall.foundation.records.models import Attachment
from guildhall.foundation.records.states import ENDINGS, MEDIA_TYPES, AttachmentKind

ALL_KINDS: Final = frozenset(kind.value for kind in AttachmentKind)
MOST_PARTS: Final = 5_000
MOST_GROWTH: Final = 200
"""An office file may unpack to this many times its size, and to ten times the upload limit."""
TAIL_BYTES: Final = 66_000  # A zip's end record and its longest comment.
MACRO_PARTS: Final = re.compile(r"vbaproject|vbadata|macrosheets/|/activex/|\.bin\.rels$|oleobject", re.IGNORECASE)
HEADS: Final = {
    AttachmentKind.PDF: b"%PDF-",
    AttachmentKind.PNG: b"\x89PNG\r\n\x1a\n",
    AttachmentKind.JPEG: b"\xff\xd8\xff",
}
OFFICE: Final = {AttachmentKind.XLSX: "xl/workbook.xml", AttachmentKind.DOCX: "word/document.xml"}


class TooLarge(Refusal):
    code = "attachments.too-large"
    message = _("文件超过 %(limit)d MB，没有保存。")
    status = 413


class EmptyFile(Refusal):
    code = "attachments.empty"
    message = _("文件是空的。")
    status = 422


class KindRefused(Refusal):
    code = "attachments.kind"
    message = _("不接受这种文件。可以上传：%(kinds)s。")
    status = 422


class NameMismatch(Refusal):
    code = "attachments.name"
    message = _("文件扩展名与内容不符：内容是%(kind)s。")
    status = 422


class MacroWorkbook(Refusal):
    code = "attachments.macro"
    message = _("文件含有宏或嵌入对象，不能上传。请另存为不含宏的 .xlsx 或 .docx。")
    status = 422


class DamagedFile(Refusal):
    code = "attachments.damaged"
    message = _("文件已损坏、被加密，或同时是另一种文件，不能上传。")
    status = 422


class Bomb(Refusal):
    code = "attachments.bomb"
    message = _("压缩内容展开后过大，不能上传。")
    status = 422


def store(
    upload: "UploadedFile[Any]", *, by: User | None, subject: str, stream: str = "", kinds: Collection[str] = ALL_KINDS
) -> Attachment:
    """Keep an upload, inside the caller's transaction; `by` is None for the public. Refuses what is too large, of another kind, or unsafe.

    If the transaction fails the file stays behind without a row; nobody can reach it.
    """
    data = _bounded(upload)
    kind = sniff(data)
    if kind is None or kind not in kinds:
        names = "、".join(str(AttachmentKind(one).label) for one in sorted(kinds))
        raise KindRefused(kinds=names)
    name = tidy_name(upload.name or "")
    if not name.lower().endswith(ENDINGS[kind]):
        raise NameMismatch(kind=kind.label)
    digest = hashes.Hash(hashes.SM3())
    digest.update(data)
    return Attachment.objects.create(
        name=name, kind=kind, size=len(data), digest=digest.finalize().hex(), path=_keep(data),
        uploaded_by=by, uploaded_at=timezone.now(), stream=stream, subject=subject,
    )  # fmt: skip


def _bounded(upload: "UploadedFile[Any]") -> bytes:
    """The bytes, never more than the limit of them."""
    limit: int = settings.ATTACHMENT_MAX_BYTES
    if (upload.size or 0) > limit:
        raise TooLarge(limit=limit >> 20)
    kept = io.BytesIO()
    for chunk in upload.chunks():
        kept.write(chunk)
        if kept.tell() > limit:
            raise TooLarge(limit=limit >> 20)
    if not kept.tell():
        raise EmptyFile
    return kept.getvalue()


def tidy_name(name: str) -> str:
    """A file name without a path, control or direction characters, at most 160 characters with its ending."""
    name = name.replace("\\", "/").rsplit("/", 1)[-1]
    name = "".join(one for one in name if unicodedata.category(one) not in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}).strip(
        " ."
    )
    stem, dot, ending = name.rpartition(".")
    return f"{stem[: 155 - len(ending)]}{dot}{ending[:10]}" if dot else name[:160]


def sniff(data: bytes) -> AttachmentKind | None:
    """What the bytes are, or None for anything not on the list. Raises for what is on it but unsafe."""
    if data.startswith(b"PK\x03\x04"):
        return _office(data)
    kind = next((kind for kind, head in HEADS.items() if data.startswith(head)), None)
    if kind is None:
        return None
    ending = puremagic.from_string(data[:4096] + data[-4096:])
    if ending not in {*ENDINGS[kind], ".jpe", ".jfif"} or not _ends_as(kind, data):
        raise DamagedFile
    return kind


def _ends_as(kind: AttachmentKind, data: bytes) -> bool:
    """Whether the file ends where its kind ends, and no archive hangs on behind."""
    if b"PK\x05\x06" in data[-TAIL_BYTES:]:
        return False
    match kind:
        case AttachmentKind.PDF:
            return b"%%EOF" in data[-1024:]
        case AttachmentKind.PNG:
            return data.endswith(b"IEND\xaeB`\x82")
        case _:
            return b"\xff\xd9" in data[-2:] or data.rstrip(b"\x00").endswith(b"\xff\xd9")


def _office(data: bytes) -> AttachmentKind | None:
    """An Office workbook or document without macros, by its parts; None for another archive."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > _most_unpacked(len(data)):
                raise Bomb
            names = {part.filename for part in parts}
            kind = next((kind for kind, main in OFFICE.items() if main in names), None)
            if kind is None or "[Content_Types].xml" not in names:
                return None
            if _odd(parts) or len(names) != len(parts) or not _whole(data, archive):
                raise DamagedFile
            types = archive.read("[Content_Types].xml").lower()
            if b"macroenabled" in types or b"vbaproject" in types or any(MACRO_PARTS.search(name) for name in names):
                raise MacroWorkbook
            return kind
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError, OSError):
        raise DamagedFile from None


def _most_unpacked(size: int) -> int:
    return min(MOST_GROWTH * size, 10 * settings.ATTACHMENT_MAX_BYTES)


def _odd(parts: list[zipfile.ZipInfo]) -> bool:
    """Encrypted parts, or names that climb out of the archive."""
    return any(
        part.flag_bits & 0x1 or part.filename.startswith(("/", "\\")) or ".." in part.filename.split("/")
        for part in parts
    )


def _whole(data: bytes, archive: zipfile.ZipFile) -> bool:
    """The archive is the whole file: its end record closes it, and nothing but its comment follows."""
    end = data.rfind(b"PK\x05\x06")
    return end >= 0 and end + 22 + len(archive.comment) == len(data)


def _keep(data: bytes) -> str:
    """Write the bytes under a random name, readable by the house alone; the path below the attachments' folder."""
    name = secrets.token_hex(20)
    folder = Path(settings.ATTACHMENTS) / name[:2]
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    return f"{name[:2]}/{name}"


def open_attachment(attachment: Attachment) -> BinaryIO:
    """The file, open for reading. Raises `NotHere` where it is gone. The caller has checked who asks."""
    try:
        return (Path(settings.ATTACHMENTS) / attachment.path).open("rb")
    except FileNotFoundError:
        raise NotHere from None


def unchanged(attachment: Attachment) -> bool:
    """Whether the file is there and still gives its digest."""
    try:
        digest = hashes.Hash(hashes.SM3())
        with open_attachment(attachment) as file:
            while chunk := file.read(1 << 20):
                digest.update(chunk)
    except NotHere:
        return False
    return digest.finalize().hex() == attachment.digest


def serve(attachment: Attachment, *, inline: bool = False) -> FileResponse:
    """The file as a response that a browser runs nothing of. The view reaches `attachment` through a visible row."""
    response = FileResponse(
        open_attachment(attachment), as_attachment=not inline, filename=attachment.name,
        content_type=MEDIA_TYPES[attachment.kind],
    )  # fmt: skip
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'; img-src 'self'; style-src 'unsafe-inline'"
    response["Cache-Control"] = "private, no-store"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
