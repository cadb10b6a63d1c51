"""Papers and Word files: what they say, what a typed word cannot do, which templates are refused."""

import re
import zipfile
import zlib
from io import BytesIO
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation
from docx import Document as Word

from guildhall.foundation import clock
from guildhall.foundation.documents import moves, rendering
from guildhall.foundation.documents.models import Template, in_force
from guildhall.foundation.documents.rendering import BadTemplate, Meta, NoFont, UnknownWords, check_word, fonts
from guildhall.foundation.documents.states import DocumentKind
from guildhall.foundation.errors import KeyReused, NoRight, Refusal
from guildhall.foundation.records.attachments.pdf import check_pdf
from guildhall.foundation.records.models import Attachment
from tests.foundation.documents.papers import CONTENT, issued
from tests.foundation.records.hostile import RELATIONS

NASTY = '#read("/etc/passwd") #panic("x") $x^2$ {{ title }} {% for a in b %} <w:t>&amp; ]]> \\u{0}'


@pytest.fixture(autouse=True)
def kept(settings, tmp_path):
    settings.ATTACHMENTS = tmp_path / "attachments"


def meta(**more) -> Meta:
    facts = {"title": "关于测试的公示", "bodies": ("测试市总工会",), "number": "2024-公示-001", "short": "0123abcd",
             "check_code": "7Q4K-M2XD", "check_url": "http://127.0.0.1/check/?code=7Q4K-M2XD"}  # fmt: skip
    return Meta(at=clock.now(), **{**facts, **more})


def pages(paper: bytes) -> int:
    unpacked = paper
    for found in re.finditer(rb"stream\r?\n", paper):
        try:
            unpacked += zlib.decompressobj().decompress(paper[found.end() :])
        except zlib.error:
            continue
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", unpacked))


# Paper ----------------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("name", rendering.SHEETS)
def test_each_sheet_prints_what_a_person_typed_and_runs_none_of_it(name):
    table = {**CONTENT["tables"][0], "rows": [[NASTY, str(number)] for number in range(90)]}
    content = {**CONTENT, "recipient": NASTY, "paragraphs": [NASTY], "note": NASTY, "tables": [table],
               "groups": [{"title": NASTY, "facts": [[NASTY, NASTY]]}]}  # fmt: skip
    paper = rendering.pdf(name, content, meta(title=NASTY))
    check_pdf(paper)
    assert paper.startswith(b"%PDF-")
    assert (pages(paper) > 1) == (name != "certificate")
    assert rendering.pdf(name, CONTENT, meta()) != paper


def test_the_sheets_are_one_a_kind():
    assert sorted(rendering.SHEETS) == sorted(DocumentKind.values)


@pytest.mark.django_db
def test_the_same_paper_is_the_same_bytes():
    told = meta()
    assert rendering.pdf("notice", CONTENT, told) == rendering.pdf("notice", CONTENT, told)


@pytest.fixture
def without_font(monkeypatch):
    """A machine on which no Chinese font is found."""
    monkeypatch.setattr(fonts, "FAMILIES", ())
    fonts.fonts.cache_clear()
    yield
    fonts.fonts.cache_clear()


def test_without_a_font_a_document_is_issued_and_printed_later(city, without_font, monkeypatch):
    made = issued(city)
    assert made.file is None
    with pytest.raises(NoFont) as refused:
        moves.print_out(made.pk, by=city.officer)
    assert refused.value.code == "documents.no-font"
    page = city.ask("GET", "documents:paper", as_="officer", args=(made.pk,))
    assert page.status_code == 503
    monkeypatch.undo()
    fonts.fonts.cache_clear()
    assert moves.print_out(made.pk, by=city.officer).file is not None


# Word -----------------------------------------------------------------------------------------------------------------


def texts(data: bytes) -> str:
    document = Word(BytesIO(data))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


@pytest.mark.parametrize("kind", DocumentKind.values)
def test_the_houses_own_template_passes_its_own_check_and_says_all(db, kind):
    template = rendering.default_word(kind)
    check_word(template)
    said = texts(rendering.word(template, {**CONTENT, "note": NASTY, "paragraphs": ["<b>甲 & 乙</b>"]}, meta()))
    for word in (
        "2024-公示-001",
        "关于测试的公示",
        "赛汗特种陶瓷",
        "30,000.00",
        "制表",
        "<b>甲 & 乙</b>",
        "{{ title }}",
    ):
        assert word in said


def template(*lines: str, foot: str = "", title: str = "") -> bytes:
    """A template of these paragraphs."""
    document = Word()
    for line in lines:
        document.add_paragraph(line)
    if foot:
        document.sections[0].footer.paragraphs[0].text = foot
    document.core_properties.title = title
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def altered(data: bytes, name: str, part: bytes) -> bytes:
    """The archive with one part more, or another in its place."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for one in old.namelist():
            if one != name:
                new.writestr(one, old.read(one))
        new.writestr(name, part)
    return out.getvalue()


ALLOWED = {
    "a word": ["{{ title }}"],
    "a choice": [
        "{%p if lead and not note %}",
        "{{ lead|upper }}",
        "{%p else %}",
        "{{ note|default('无') }}",
        "{%p endif %}",
    ],
    "a loop": ["{%p for one in bodies %}", "{{ loop.index }}. {{ one }}", "{%p endfor %}"],
    "parts": [
        "{% for group in groups %}{{ group.title }}{% for fact in group.facts %}{{ fact.label }}{% endfor %}{% endfor %}"
    ],
}
FORBIDDEN = {
    "a class": ("{{ title.__class__ }}", BadTemplate),
    "a class by filter": ("{{ title|attr('__class__') }}", BadTemplate),
    "an item": ("{{ bodies['__class__'] }}", BadTemplate),
    "a call": ("{{ title.format(1) }}", BadTemplate),
    "a function": ("{{ range(9) }}", BadTemplate),
    "a method": ("{{ title.upper }}", BadTemplate),
    "the undefined": ("{{ cycler.__init__.__globals__ }}", BadTemplate),
    "a far filter": ("{{ bodies|map('upper') }}", BadTemplate),
    "a setting": ("{% set title = 'x' %}", BadTemplate),
    "a file": ("{% include '/etc/passwd' %}", BadTemplate),
    "a macro": ("{% macro a() %}{% endmacro %}", BadTemplate),
    "a reckoning": ("{{ 9 ** 9 ** 9 }}", BadTemplate),
    "a long text": ("{{ 'a' * 999999999 }}", BadTemplate),
    "a loop of itself": ("{% for a in groups recursive %}{{ a }}{% endfor %}", BadTemplate),
    "a half": ("{{ title", BadTemplate),
    "an open loop": ("{% for a in groups %}", BadTemplate),
    "an unknown word": ("{{ 单位名称 }}", UnknownWords),
    "a word within a loop": ("{% for a in groups %}{{ b }}{% endfor %}", UnknownWords),
    "the house's own": ("{{ self }}{{ config }}", UnknownWords),
}


@pytest.mark.django_db
@pytest.mark.parametrize("case", ALLOWED)
def test_words_loops_and_choices_are_taken(case):
    check_word(template(*ALLOWED[case]))


@pytest.mark.django_db
@pytest.mark.parametrize("case", FORBIDDEN)
def test_anything_more_of_the_language_is_refused(case):
    text, refusal = FORBIDDEN[case]
    for data in (
        template("{{ title }}", text),
        template("{{ title }}", foot=text),
        template("{{ title }}", title=text),
    ):
        with pytest.raises(refusal) as refused:
            check_word(data)
        with translation.override("en"):
            assert "template" in str(refused.value)


@pytest.mark.django_db
def test_a_refusal_names_the_unknown_words_and_those_there_are():
    with pytest.raises(UnknownWords, match=r"单位名称、日子。.*title、") as refused:
        check_word(template("{{ 单位名称 }}{{ date }}{{ 日子 }}"))
    assert refused.value.code == "documents.template-words"


LINK = f'<Relationships xmlns="{RELATIONS}"><Relationship Id="r9" Type="x/hyperlink" Target="https://example.test" TargetMode="External"/></Relationships>'.encode()
TAMPERED = {
    "macros": ("word/vbaProject.bin", b"x", "attachments.macro"),
    "a link, even to press": ("word/_rels/footnotes.xml.rels", LINK, "attachments.external"),
    "an object": ("word/embeddings/oleObject1.bin", b"x", "attachments.macro"),
    "a workbook": ("word/embeddings/a.xlsx", b"x", "attachments.embedded"),
    "a bomb": ("word/media/image9.png", b"\x00" * 30_000_000, "attachments.bomb"),
    "a long text": ("word/document.xml", b"<w>" + b"a b c d e f g " * 200_000 + b"</w>", "attachments.bomb"),
    "a text that takes long": ("word/document.xml", b"<w>" + b"{{r " * 100_000 + b"</w>", "attachments.bomb"),
    "no document": ("word/document.xml", b"<w/>", "documents.template"),
}


@pytest.mark.django_db
@pytest.mark.parametrize("case", TAMPERED)
def test_a_template_carries_and_fetches_nothing(case):
    name, part, code = TAMPERED[case]
    with pytest.raises(Refusal) as refused:
        check_word(altered(template("{{ title }}"), name, part))
    assert refused.value.code == code


def test_an_office_puts_in_its_own_template_and_takes_it_out_again(city):
    key = uuid4()

    def upload(text: str) -> SimpleUploadedFile:
        return SimpleUploadedFile("我们的汇总表.docx", template(text))

    made = issued(city, kind="summary")
    own = "本会样式 {{ number }}"
    first = moves.replace_template(DocumentKind.SUMMARY, upload(own), by=city.officer, key=key)
    assert moves.replace_template(DocumentKind.SUMMARY, upload(own), by=city.officer, key=key) == first
    with pytest.raises(KeyReused):
        moves.restore_template(DocumentKind.SUMMARY, by=city.officer, key=key)
    assert texts(moves.word_of(made)) == f"本会样式 {made.number}"
    moves.replace_template(DocumentKind.SUMMARY, upload("另一样式"), by=city.officer, key=uuid4())
    restored = moves.restore_template(DocumentKind.SUMMARY, by=city.officer, key=uuid4())
    assert restored.version == 3
    assert in_force("summary") is None
    assert "本会样式" not in texts(moves.word_of(made))
    assert [row.version for row in Template.objects.exclude(file=None)] == [2, 1]


def test_who_does_not_run_the_office_puts_in_none_and_a_bad_one_is_not_kept(city):
    for who in ("leader", "district", "finance", "unit_officer"):
        with pytest.raises(NoRight):
            moves.restore_template(DocumentKind.SUMMARY, by=city.who(who), key=uuid4())
    before = Attachment.objects.count()
    response = city.ask(
        "POST", "documents:template_replace", as_="officer", args=("summary",),
        data={"file": SimpleUploadedFile("a.docx", template("{{ 没有 }}"))},
    )  # fmt: skip
    assert response.status_code == 422
    assert "没有" in response.text
    assert Attachment.objects.count() == before
    assert not Template.objects.exists()
