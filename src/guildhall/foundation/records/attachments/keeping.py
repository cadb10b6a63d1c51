"""An upload's way into the house and out again: bounded, told by its bytes, written under a random name, served inert."""

import io
import os
import re
import secrets
import unicodedata
from collections.abc import Collection
from pathlib import Path
from typing import Any, BinaryIO, Final

import puremagic
from cryptography.hazmat.primitives import hashes
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse
from django.utils import timezone

from guildhall.foundation.errors import NotHere
from guildhall.foundation.organisations.models import User
from guildhall.foundation.records.attachments.images import redrawn
from guildhall.foundation.records.attachments.office import office_kind
from guildhall.foundation.records.attachments.pdf import check_pdf
from guildhall.foundation.records.attachments.refusals import (
    DamagedFile,
    Drawing,
    EmptyFile,
    KindRefused,
    NameMismatch,
    TooLarge,
)
from guildhall.foundation.records.models import Attachment
from guildhall.foundation.records.states import ENDINGS, MEDIA_TYPES, AttachmentKind

ALL_KINDS: Final = frozenset(kind.value for kind in AttachmentKind if kind is not AttachmentKind.ZIP)
PICTURES: Final = (AttachmentKind.PNG, AttachmentKind.JPEG)
TAIL_BYTES: Final = 66_000  # A zip's end record and its longest comment.
HEADS: Final = {
    AttachmentKind.PDF: b"%PDF-",
    AttachmentKind.PNG: b"\x89PNG\r\n\x1a\n",
    AttachmentKind.JPEG: b"\xff\xd8\xff",
}


def store(
    upload: "UploadedFile[Any]", *, by: User | None, subject: str, stream: str = "", kinds: Collection[str] = ALL_KINDS
) -> Attachment:
    """Keep an upload, inside the caller's transaction; `by` is None for the public. Refuses what is too large, of another kind, or unsafe.

    A picture is drawn anew: size and digest are those of what is kept. If the transaction fails the file stays behind
    without a row; nobody can reach it.
    """
    data = _bounded(upload)
    kind = sniff(data)
    if kind is None and _drawing(upload.name or "", data):
        raise Drawing
    if kind is None or kind not in kinds:
        names = "、".join(str(AttachmentKind(one).label) for one in sorted(kinds))
        raise KindRefused(kinds=names)
    name = tidy_name(upload.name or "")
    if not name.lower().endswith(ENDINGS[kind]):
        raise NameMismatch(kind=kind.label)
    kept = redrawn(data, kind) if kind in PICTURES else data
    return keep_made(kept, name=name, kind=kind, by=by, subject=subject, stream=stream)


def keep_made(
    data: bytes, *, name: str, kind: AttachmentKind, by: User | None, subject: str, stream: str = ""
) -> Attachment:
    """Keep what the house made itself, such as a printed document, or has checked already."""
    digest = hashes.Hash(hashes.SM3())
    digest.update(data)
    return Attachment.objects.create(
        name=tidy_name(name), kind=kind, size=len(data), digest=digest.finalize().hex(), path=_keep(data),
        uploaded_by=by, uploaded_at=timezone.now(), stream=stream, subject=subject,
    )  # fmt: skip


def keep_file(
    made: Path, *, name: str, kind: AttachmentKind, by: User | None, subject: str, stream: str = ""
) -> Attachment:
    """Keep a file that the house made, of any size: it is moved to its place, and measured on the way."""
    digest, size = hashes.Hash(hashes.SM3()), 0
    random = secrets.token_hex(20)
    place = Path(settings.ATTACHMENTS) / random[:2] / random
    with made.open("rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
            size += len(chunk)
        os.fsync(file.fileno())
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    made.chmod(0o600)
    made.replace(place)
    return Attachment.objects.create(
        name=tidy_name(name), kind=kind, size=size, digest=digest.finalize().hex(), path=f"{random[:2]}/{random}",
        uploaded_by=by, uploaded_at=timezone.now(), stream=stream, subject=subject,
    )  # fmt: skip


def _drawing(name: str, data: bytes) -> bool:
    return name.lower().endswith((".svg", ".svgz")) or bool(re.search(rb"<(?:\w+:)?svg\b", data[:4096], re.IGNORECASE))


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
        return office_kind(data)
    kind = next((kind for kind, head in HEADS.items() if data.startswith(head)), None)
    if kind is None:
        return None
    ending = puremagic.from_string(data[:4096] + data[-4096:])
    if ending not in {*ENDINGS[kind], ".jpe", ".jfif"} or not _ends_as(kind, data):
        raise DamagedFile
    if kind is AttachmentKind.PDF:
        check_pdf(data)
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
