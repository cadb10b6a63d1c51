"""Word files: our own templates or an office's, read as strangers' work until checked.

A template may place words that we know, repeat over lists and leave parts out; nothing else of the template language.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from functools import cache
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from docx.opc.exceptions import OpcError
from docxtpl import DocxTemplate
from jinja2 import TemplateError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment
from lxml.etree import LxmlError

from guildhall.foundation import clock
from guildhall.foundation.documents.rendering.meta import Meta
from guildhall.foundation.documents.rendering.plain_word import built
from guildhall.foundation.documents.rules import Content, read_content
from guildhall.foundation.errors import Refusal
from guildhall.foundation.records.attachments import Bomb, KindRefused
from guildhall.foundation.records.attachments.office import office_kind
from guildhall.foundation.records.states import AttachmentKind

WORDS: Final[dict[str, str | Promise]] = {
    "title": _("标题"),
    "lead": _("标题下的一行"),
    "number": _("编号"),
    "kind": _("种类"),
    "recipient": _("证书发给谁"),
    "paragraphs": _("正文各段"),
    "groups": _("各组事实：title、facts（label、value）"),
    "tables": _("各张表：title、columns（label）、rows、totals"),
    "signs": _("手签的人：制表、审核、批准"),
    "note": _("备注"),
    "bodies": _("发文单位，牵头的在前"),
    "date": _("日期"),
    "time": _("制发时刻"),
    "short": _("摘要前 8 位"),
    "check_code": _("核验码"),
    "house": _("本市总工会"),
}
"""The words a template may place, and what each says."""
PARTS: Final = frozenset({"title", "facts", "label", "value", "columns", "rows", "totals"})
LOOP: Final = frozenset({"index", "first", "last", "length"})
FILTERS: Final = ("default", "join", "length", "lower", "upper")
MOST_ENTRIES: Final = 300
MOST_BYTES: Final = 20 << 20
MOST_TEXT: Final = 300 << 10
MOST_BRACES: Final = 400
READ: Final = re.compile(r"(?:^|/)(?:document|header|footer|footnotes|core)\d*\.xml$", re.IGNORECASE)
"""The parts that are read as templates."""
PLAIN: Final = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Const, nodes.If, nodes.Not, nodes.And, nodes.Or,
    nodes.Compare, nodes.Operand,
)  # fmt: skip
UNREADABLE: Final = (OpcError, LxmlError, KeyError, ValueError, AttributeError, IndexError, zipfile.BadZipFile)


class BadTemplate(Refusal):
    code = "documents.template"
    message = _("模板里有不能用的写法：%(what)s。只能放占位词，用 for 重复、用 if 取舍。")
    status = 422


class UnknownWords(Refusal):
    code = "documents.template-words"
    message = _("模板用了没有的占位词：%(words)s。可以用的是：%(known)s。")
    status = 422


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    """The template language with everything taken out that a template here does not need."""
    found = ImmutableSandboxedEnvironment(autoescape=True)
    found.globals.clear()
    found.filters = {name: found.filters[name] for name in FILTERS}
    found.tests.clear()
    return found


def check_word(data: bytes) -> None:
    """Take a template for use. Raises the attachments' refusals, `BadTemplate`, `UnknownWords`.

    Stricter than for an attachment: no link outwards at all, small enough to be read over and over.
    """
    if office_kind(data, links=False) is not AttachmentKind.DOCX:
        raise KindRefused(kinds=str(AttachmentKind.DOCX.label))
    _bounded(data)
    try:
        sources = list(_sources(data))
    except UNREADABLE as fault:
        raise BadTemplate(what=type(fault).__name__) from None
    unknown: set[str] = set()
    for source in sources:
        try:
            tree = _environment().parse(source)
        except TemplateError as fault:
            raise BadTemplate(what=(fault.message or "")[:120]) from None
        unknown |= _unknown(tree)
    if unknown:
        raise UnknownWords(words="、".join(sorted(unknown)[:12]), known="、".join(WORDS))
    word(data, SAMPLE, Meta(title="样张", bodies=("样张",), at=clock.now()))


def _bounded(data: bytes) -> None:
    """Raise `Bomb` for what takes long to read: the library's patterns go through a text once for each brace in it."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = archive.infolist()
        if len(parts) > MOST_ENTRIES or sum(part.file_size for part in parts) > MOST_BYTES:
            raise Bomb
        for part in parts:
            if READ.search(part.filename):
                if part.file_size > MOST_TEXT or archive.read(part).count(b"{") > MOST_BRACES:
                    raise Bomb


def _sources(data: bytes) -> Iterator[str]:
    """Every text of the file that is read as a template, as the library hands it on: body, heads, feet, notes, facts."""
    template = DocxTemplate(io.BytesIO(data))
    document = template.get_docx()
    yield template.patch_xml(template.get_xml())
    for part in document.part.package.iter_parts():
        if (
            READ.search(str(part.partname))
            and "word/document" not in str(part.partname)
            and "core" not in str(part.partname)
        ):
            yield template.patch_xml(template.get_part_xml(part))
    core = document.core_properties
    yield from (
        str(getattr(core, name) or "")
        for name in ("author", "comments", "identifier", "keywords", "language", "subject", "title", "category",
                     "content_status", "last_modified_by", "version")
    )  # fmt: skip


def _unknown(tree: nodes.Template) -> set[str]:
    """The words it places that we do not have. Raises `BadTemplate` for anything that is no word, loop or choice."""
    own = {loop.target.name for loop in tree.find_all(nodes.For) if isinstance(loop.target, nodes.Name)}
    unknown: set[str] = set()
    for node in _within(tree):
        match node:
            case nodes.Name() if node.name not in WORDS and node.name not in own and node.name != "loop":
                unknown.add(node.name)
            case nodes.Getattr():
                _held(node)
            case nodes.Filter() if node.name not in FILTERS:
                raise BadTemplate(what=f"|{node.name}")
            case nodes.For() if node.recursive or node.test or not isinstance(node.target, nodes.Name):
                raise BadTemplate(what="for")
            case nodes.Name() | nodes.Filter() | nodes.For() | nodes.Keyword():
                pass
            case _ if not isinstance(node, PLAIN):
                raise BadTemplate(what=type(node).__name__)
    return unknown


def _within(node: nodes.Node) -> Iterator[nodes.Node]:
    yield node
    for inner in node.iter_child_nodes():
        yield from _within(inner)


def _held(node: nodes.Getattr) -> None:
    """A part of a group, table, fact or loop; no other attribute."""
    loop = isinstance(node.node, nodes.Name) and node.node.name == "loop"
    if node.attr not in (LOOP if loop else PARTS):
        raise BadTemplate(what=f".{node.attr}")


def _words(said: Content, meta: Meta) -> dict[str, Any]:
    groups = [
        {"title": group.title, "facts": [{"label": label, "value": value} for label, value in group.facts]}
        for group in said.groups
    ]
    return {**said.model_dump(mode="json"), "groups": groups, **meta.words()}


def word(template: bytes, content: dict[str, Any], meta: Meta) -> bytes:
    """A Word file out of a template that `check_word` took, and what `rules.Content` describes. Every word is escaped."""
    written = DocxTemplate(io.BytesIO(template))
    out = io.BytesIO()
    try:
        written.render(_words(read_content(content), meta), _environment(), autoescape=True)
        written.save(out)
    except (TemplateError, TypeError, *UNREADABLE) as fault:
        raise BadTemplate(what=str(fault)[:120] or type(fault).__name__) from None
    return out.getvalue()


@cache
def default_word(kind: str) -> bytes:
    """The house's own template of a kind."""
    return built(kind)


SAMPLE: Final[dict[str, Any]] = {
    "recipient": "样张",
    "lead": "样张",
    "paragraphs": ["样张"],
    "groups": [{"title": "样张", "facts": [["样张", "样张"]]}],
    "tables": [
        {"title": "样张", "columns": [{"label": "甲"}, {"label": "乙"}], "rows": [["一", "二"]], "totals": ["", "二"]}
    ],
    "signs": ["制表"],
    "note": "样张",
}
"""What a new template is tried with."""
