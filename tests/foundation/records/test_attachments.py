"""What may be attached, and how it is kept and served."""

import io
import re
import stat
import struct
import zipfile
import zlib
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook

from guildhall.foundation.errors import NotHere, Refusal
from guildhall.foundation.organisations.states import Role
from guildhall.foundation.records import attachments
from guildhall.foundation.records.attachments import open_attachment, serve, store, tidy_name, unchanged
from guildhall.foundation.records.models import Attachment
from guildhall.foundation.records.rules import sm3
from tests.foundation.offices import holder
from tests.foundation.records.hostile import image


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


PNG = (
    b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    + chunk(b"IDAT", zlib.compress(b"\x00\x00")) + chunk(b"IEND", b"")
)  # fmt: skip
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
JPEG = image("JPEG")


def xlsx() -> bytes:
    kept = io.BytesIO()
    Workbook().save(kept)
    return kept.getvalue()


def packed(parts: dict[str, bytes], *, around: bytes = b"") -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return kept.getvalue() + around


TYPES = {"[Content_Types].xml": b"<Types/>"}
DOCX = packed({**TYPES, "word/document.xml": b"<w:document/>"})
SHEET = {**TYPES, "xl/workbook.xml": b"<workbook/>"}


@pytest.fixture(autouse=True)
def folder(settings, tmp_path) -> Path:
    settings.ATTACHMENTS = tmp_path / "attachments"
    return settings.ATTACHMENTS


@pytest.fixture
def officer(db):
    return holder(Role.UNIT_OFFICER)


def keep(officer, name: str, data: bytes, **options) -> Attachment:
    return store(SimpleUploadedFile(name, data), by=officer, stream="round:1", subject="application:1", **options)


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [("证明.pdf", PDF, "pdf"), ("a.PNG", PNG, "png"), ("a.jpg", JPEG, "jpeg"), ("a.jpeg", JPEG, "jpeg"),
     ("表.xlsx", xlsx(), "xlsx"), ("文.docx", DOCX, "docx")],
    ids=["pdf", "png", "jpg", "jpeg", "xlsx", "docx"],
)  # fmt: skip
def test_what_is_on_the_list_is_kept_under_a_random_name(officer, folder, name, data, kind):
    kept = keep(officer, name, data)
    with open_attachment(kept) as file:
        stored = file.read()
    assert stored == data or kind in ("png", "jpeg")  # A picture is drawn anew.
    assert (kept.name, kept.kind, kept.size, kept.digest) == (name, kind, len(stored), sm3(stored))
    assert (kept.uploaded_by, kept.stream, kept.subject) == (officer, "round:1", "application:1")
    path = folder / kept.path
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert re.fullmatch(r"[0-9a-f]{2}/[0-9a-f]{40}", kept.path)
    assert unchanged(kept)
    path.write_bytes(stored + b" ")
    assert not unchanged(kept)


BOMB = {**SHEET, "xl/media/zeros": b"\x00" * 9_000_000}
REFUSED = {
    "svg": ("a.png", b'<svg xmlns="http://www.w3.org/2000/svg"/>', "attachments.svg"),
    "html": ("a.pdf", b"<html>%PDF-</html>", "attachments.kind"),
    "old office": ("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "attachments.kind"),
    "other zip": ("a.xlsx", packed({"a.txt": b"x"}), "attachments.kind"),
    "empty": ("a.pdf", b"", "attachments.empty"),
    "macro part": ("a.xlsx", packed({**SHEET, "xl/vbaProject.bin": b"x"}), "attachments.macro"),
    "macro part renamed": ("a.xlsx", packed({**SHEET, "xl/VBAPROJECT.BIN": b"x"}), "attachments.macro"),
    "macro type": (
        "a.xlsx",
        packed({**SHEET, "[Content_Types].xml": b"application/vnd.ms-excel.sheet.macroEnabled.main+xml"}),
        "attachments.macro",
    ),
    "excel 4 macro": ("a.xlsx", packed({**SHEET, "xl/macrosheets/sheet1.xml": b"x"}), "attachments.macro"),
    "embedded object": ("a.docx", packed({**TYPES, "word/document.xml": b"x", "word/embeddings/oleObject1.bin": b"x"}),
                        "attachments.macro"),
    "bomb": ("a.xlsx", packed(BOMB), "attachments.bomb"),
    "climbing": ("a.xlsx", packed({**SHEET, "../../etc/x": b"x"}), "attachments.damaged"),
    "zip with a tail": ("a.xlsx", packed(SHEET, around=b"<script>"), "attachments.damaged"),
    "png with a zip": ("a.png", PNG + packed({"a": b"x"}), "attachments.damaged"),
    "png with a tail": ("a.png", PNG + b"<script>", "attachments.damaged"),
    "pdf with a zip": ("a.pdf", PDF + packed({"a": b"x"}) + b"%%EOF", "attachments.damaged"),
    "pdf cut": ("a.pdf", PDF[:20], "attachments.damaged"),
    "jpeg cut": ("a.jpg", JPEG[:-1], "attachments.damaged"),
    "zip cut": ("a.xlsx", packed(SHEET)[:-30], "attachments.damaged"),
    "name": ("a.html", PDF, "attachments.name"),
    "double name": ("a.pdf.exe", PDF, "attachments.name"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_everything_else_is_refused_with_its_code_and_nothing_is_kept(officer, folder, case):
    name, data, code = REFUSED[case]
    with pytest.raises(Refusal) as refused:
        keep(officer, name, data)
    assert refused.value.code == code
    assert str(refused.value)
    assert not folder.exists()
    assert not Attachment.objects.exists()


def test_a_kind_may_be_narrowed(officer):
    with pytest.raises(attachments.KindRefused, match="PDF"):
        keep(officer, "a.png", PNG, kinds={"pdf"})


def test_too_large_is_refused_before_it_is_read(officer, settings):
    settings.ATTACHMENT_MAX_BYTES = 100

    class Huge(SimpleUploadedFile):
        def chunks(self, chunk_size=None):
            raise AssertionError("read")

    with pytest.raises(attachments.TooLarge):
        store(Huge("a.pdf", PDF * 10), by=officer, subject="s")

    class Liar(SimpleUploadedFile):
        """Says it is small and goes on."""

        def chunks(self, chunk_size=None):
            yield from [PDF] * 3

    with pytest.raises(attachments.TooLarge):
        store(Liar("a.pdf", PDF), by=officer, subject="s")


def test_it_is_served_as_an_inert_download(officer):
    kept = keep(officer, "证明 材料.pdf", PDF)
    response = serve(kept)
    assert b"".join(response) == PDF
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"].startswith("attachment; filename*=utf-8''")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"].startswith("sandbox;")
    assert response["Cache-Control"] == "private, no-store"
    response.close()
    inline = serve(kept, inline=True)
    assert inline["Content-Disposition"].startswith("inline")
    inline.close()


def test_a_file_that_is_gone_is_not_here(officer, folder):
    kept = keep(officer, "a.pdf", PDF)
    (folder / kept.path).unlink()
    with pytest.raises(NotHere):
        open_attachment(kept)
    assert not unchanged(kept)


def test_names_lose_paths_and_hidden_characters():
    assert tidy_name("..\\..\\a/证明\u202efdp.pdf") == "证明fdp.pdf"
    assert tidy_name("a\r\nb.pdf") == "ab.pdf"
    assert len(tidy_name("长" * 300 + ".pdf")) < 160
