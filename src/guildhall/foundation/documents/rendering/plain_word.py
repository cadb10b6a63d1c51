"""The house's own Word templates, written from here so that they say what the sheets say."""

import io
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

LYING = ("summary", "ranking", "certificate")
FONT = "宋体"


def built(kind: str) -> bytes:
    """A kind's template."""
    document = Document()
    _page(document, lying=kind in LYING)
    _line(document, "编号 {{ number }}", align=WD_ALIGN_PARAGRAPH.RIGHT)
    _line(document, "{{ title }}", size=26 if kind == "certificate" else 18, bold=True, align=WD_ALIGN_PARAGRAPH.CENTER)
    _choice(document, "lead", "{{ lead }}", align=WD_ALIGN_PARAGRAPH.CENTER)
    _choice(document, "recipient", "{{ recipient }}：", size=16, bold=True)
    _each(document, "text in paragraphs", "{{ text }}", indent=True)
    _groups(document)
    _tables(document)
    _choice(document, "note", "{{ note }}", size=9)
    _choice(document, "signs", "{% for sign in signs %}{{ sign }}：____________　　{% endfor %}")
    if kind in ("summary", "ranking"):
        _line(document, "{% for body in bodies %}{{ body }}　{% endfor %}{{ date }}", align=WD_ALIGN_PARAGRAPH.RIGHT)
    else:
        _each(document, "body in bodies", "{{ body }}", align=WD_ALIGN_PARAGRAPH.RIGHT)
        _line(document, "{{ date }}", align=WD_ALIGN_PARAGRAPH.RIGHT)
    foot = document.sections[0].footer.paragraphs[0]
    foot.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _run(foot, "{{ time }}　摘要 {{ short }}　核验码 {{ check_code }}", size=8)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _page(document: Any, *, lying: bool) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = (Mm(297), Mm(210)) if lying else (Mm(210), Mm(297))
    section.orientation = WD_ORIENT.LANDSCAPE if lying else WD_ORIENT.PORTRAIT
    section.left_margin = section.right_margin = Mm(20)
    section.top_margin = section.bottom_margin = Mm(20)
    plain = document.styles["Normal"]
    plain.font.name, plain.font.size = FONT, Pt(12)
    plain.element.rPr.rFonts.set(qn("w:eastAsia"), FONT)
    document.core_properties.author = ""
    document.core_properties.comments = ""


def _run(paragraph: Any, text: str, *, size: float = 12, bold: bool = False) -> None:
    run = paragraph.add_run(text)
    run.font.size, run.font.bold, run.font.name = Pt(size), bold, FONT
    run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), FONT)


def _line(
    document: Any, text: str, *, size: float = 12, bold: bool = False, align: Any = None, indent: bool = False
) -> None:
    paragraph = document.add_paragraph()
    paragraph.alignment = align
    if indent:
        paragraph.paragraph_format.first_line_indent = Pt(24)
    _run(paragraph, text, size=size, bold=bold)


def _choice(document: Any, word: str, text: str, **options: Any) -> None:
    """A line that is left out where its word is empty."""
    _line(document, f"{{%p if {word} %}}")
    _line(document, text, **options)
    _line(document, "{%p endif %}")


def _each(document: Any, over: str, text: str, **options: Any) -> None:
    """A line for each of a list."""
    _line(document, f"{{%p for {over} %}}")
    _line(document, text, **options)
    _line(document, "{%p endfor %}")


def _groups(document: Any) -> None:
    _line(document, "{%p for group in groups %}")
    _choice(document, "group.title", "{{ group.title }}", bold=True)
    table = document.add_table(rows=3, cols=2, style="Table Grid")
    _cells(table.rows[0], "{%tr for fact in group.facts %}", "")
    _cells(table.rows[1], "{{ fact.label }}", "{{ fact.value }}")
    _cells(table.rows[2], "{%tr endfor %}", "")
    _line(document, "{%p endfor %}")


def _tables(document: Any) -> None:
    _line(document, "{%p for table in tables %}")
    _choice(document, "table.title", "{{ table.title }}", bold=True)
    table = document.add_table(rows=7, cols=3, style="Table Grid")
    _cells(table.rows[0], "{%tc for column in table.columns %}", "{{ column.label }}", "{%tc endfor %}", bold=True)
    _cells(table.rows[1], "{%tr for row in table.rows %}", "", "")
    _cells(table.rows[2], "{%tc for cell in row %}", "{{ cell }}", "{%tc endfor %}")
    _cells(table.rows[3], "{%tr endfor %}", "", "")
    _cells(table.rows[4], "{%tr if table.totals %}", "", "")
    _cells(table.rows[5], "{%tc for cell in table.totals %}", "{{ cell }}", "{%tc endfor %}", bold=True)
    _cells(table.rows[6], "{%tr endif %}", "", "")
    heading = table.rows[0]._tr.get_or_add_trPr()
    heading.append(heading.makeelement(qn("w:tblHeader"), {}))  # Repeated on each page.
    _line(document, "{%p endfor %}")


def _cells(row: Any, *texts: str, bold: bool = False) -> None:
    for cell, text in zip(row.cells, texts, strict=True):
        _run(cell.paragraphs[0], text, size=10.5, bold=bold)
