"""Public notices: the page, its list as a workbook, all notices, what a check code stands for."""

from collections.abc import Iterator
from datetime import date
from io import BytesIO
from typing import Any

import xlsxwriter
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from guildhall.foundation import clock
from guildhall.foundation.documents.models import Document
from guildhall.foundation.documents.models import by_code as document_of
from guildhall.foundation.documents.registry import PUBLIC, Told
from guildhall.foundation.documents.states import DocumentKind
from guildhall.foundation.documents.views.papers import served_paper, served_word
from guildhall.foundation.errors import NotHere
from guildhall.foundation.programmes.models import Notice, by_code
from guildhall.foundation.programmes.moves.changes import said_gap
from guildhall.foundation.programmes.views.correcting import changed_lines
from guildhall.foundation.programmes.views.decision import summed, tier_label
from guildhall.foundation.screens import formats, public
from guildhall.foundation.screens.lists.pages import XLSX

PLAIN = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


def now_open() -> Iterator[public.PublicNotice]:
    """The notices whose period runs."""
    for one in Notice.objects.visible_to(None).filter(ends_at__gte=clock.now()).select_related("round__union"):
        yield public.PublicNotice(
            one.title, reverse("notices:page", args=[one.pk]), one.round.union.name,
            clock_date(one), one.ends_at, one.number,
        )  # fmt: skip


def clock_date(notice: Notice) -> date:
    """The day it was published, here."""
    return notice.published_at.astimezone(clock.now().tzinfo).date()


def stands_for(code: str) -> Iterator[public.Checked]:
    """The notice that carries this code, where it was published before notices were issued as documents."""
    notice = None if document_of(code) else by_code(code)
    if notice is None:
        return
    facts = [
        (_("编号"), notice.number),
        (_("发布"), f"{notice.round.union.name}，{formats.day_full(notice.published_at)}"),
        *_told(notice),
        (_("内容摘要"), notice.digest[:16]),
    ]
    said = _("这份公示是我们发布的。请核对编号、日期和合计，与手里的一致才是真的。")
    yield public.Checked(notice.title, said, reverse("notices:page", args=[notice.pk]), facts)


def told_of(document: Document) -> Told:
    """What the check of a notice's document says beside number and date, and where the notice stands."""
    notice = by_code(document.check_code)
    return Told(tuple(_told(notice)), reverse("notices:page", args=[notice.pk])) if notice else Told()


def _told(notice: Notice) -> list[tuple[str, str]]:
    running = notice.ends_at >= clock.now()
    return [
        (_("公示期"), _("到 %(when)s") % {"when": formats.moment(notice.ends_at)} if running else _("已结束")),
        (_("奖补合计"), formats.yuan_prose(notice.body["sum_fen"])),
    ]


def register() -> None:
    """Add the notices to the public pages; called once when Django is ready."""
    public.register(now_open)
    public.register_check(stands_for)
    PUBLIC[DocumentKind.NOTICE] = told_of


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """All notices, the latest first."""
    found = Notice.objects.visible_to(request.user).select_related("round__union").order_by("-published_at", "-pk")
    crumbs = [(_("首页"), "/"), (_("公示公告"), reverse("web:notices")), (_("全部公示"), "")]
    rows = [(one, one.ends_at >= clock.now()) for one in found[:200]]
    return render(request, "programmes/notices/index.html", {"rows": rows, "crumbs": crumbs})


@require_safe
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """One notice: what is to be named, until when, how to object, how to check."""
    notice = Notice.objects.visible_to(request.user).pick(pk)
    return render(request, "programmes/notices/notice.html", shown(notice, request))


def shown(notice: Notice, request: HttpRequest) -> dict[str, Any]:
    """What the page and its print say: as published, and nothing of what came after."""
    of, lines = notice.round, notice.body["lines"]
    term = request.GET.get("q", "").strip()[:60]
    asked = request.GET.get("tier", "")
    named = [{**line, "label": tier_label(of, line["tier"])} for line in lines]
    found = [
        line for line in named
        if (not term or term in line["unit"]) and (not asked or asked == str(line["tier"]))
    ]  # fmt: skip
    days = [date.fromisoformat(day) for day in notice.days]
    result = summed(of, lines)
    return {
        **_editions(notice),
        "notice": notice, "round": of, "paper": document_of(notice.check_code), "summary": result, "lines": found if term or asked else [], "term": term,
        "tier": asked, "listed": bool(term or asked), "all": named, "days": _drawn(days), "first": days[0],
        "last": days[-1], "left": _left(days), "running": notice.ends_at >= clock.now(), "rules": of.rules,
        "weights": {key: int(value * 100) for key, value in of.rules.weights.model_dump().items()},
        "seal": notice.seal.partition(":"), "paid_out": result.left_fen, "published": clock_date(notice),
        "check_url": request.build_absolute_uri(f"{reverse('web:check')}?code={notice.check_code}"),
        "crumbs": [(_("首页"), "/"), (_("公示公告"), reverse("web:notices")), (_("正文"), "")],
    }  # fmt: skip


def _editions(notice: Notice) -> dict[str, Any]:
    """The lists beside this one: the latest after it; and of a later one what it changed, and the first."""
    beside = Notice.objects.visible_to(None).filter(round=notice.round, application=notice.application_id)
    editions = {one.edition: one for one in beside.order_by("edition")}
    latest, changes = max(editions), notice.body.get("changes", [])
    return {
        "later": editions[latest] if latest > notice.edition else None, "first_list": editions[1],
        "changes": changed_lines(notice.round, changes), "gap": said_gap(notice.body.get("gap_fen", 0)),
        "may_object": notice.edition == 1 or bool(notice.changed),
    }  # fmt: skip


def _drawn(days: list[date]) -> list[dict[str, object]]:
    today = clock.today()
    done = clock.now() > clock.end_of_day(days[-1])
    return [
        {
            "label": _("%(d)d日") % {"d": day.day},
            "state": "done" if day < today or done else "now" if day == today else "",
        }
        for day in days
    ]


def _left(days: list[date]) -> int:
    return sum(day >= clock.today() for day in days)


def _paper(request: HttpRequest, pk: int) -> Document:
    document = document_of(Notice.objects.visible_to(request.user).pick(pk).check_code)
    if document is None:  # Published before notices were issued as documents.
        raise NotHere
    return document


@require_safe
def paper(request: HttpRequest, pk: int) -> FileResponse:
    """The notice on paper, as PDF."""
    return served_paper(_paper(request, pk), None)


@require_safe
def word(request: HttpRequest, pk: int) -> HttpResponse:
    """The notice as a Word file."""
    return served_word(_paper(request, pk))


@require_safe
def workbook(request: HttpRequest, pk: int) -> HttpResponse:
    """The published list as a workbook: what begins with = stays text."""
    notice = Notice.objects.visible_to(request.user).pick(pk)
    name = content_disposition_header(True, f"{notice.number}.xlsx") or ""
    return HttpResponse(_workbook(notice), content_type=XLSX, headers={"Content-Disposition": name})


def _workbook(notice: Notice) -> bytes:
    out = BytesIO()
    book = xlsxwriter.Workbook(out, PLAIN)
    bold, money = book.add_format({"bold": True, "bottom": 1}), book.add_format({"num_format": "#,##0"})
    sheet = book.add_worksheet(_("名单"))
    title = f"{notice.title}　{notice.number}　{_('核验码')} {notice.check_code}"
    sheet.write_string(0, 0, title, book.add_format({"bold": True}))
    for index, label in enumerate((_("档次"), _("组"), _("本组名次"), _("单位"), _("奖补（元）"))):
        sheet.write_string(1, index, label, bold)
    for row, line in enumerate(notice.body["lines"], 2):
        _write(sheet, row, tier_label(notice.round, line["tier"]), line, money)
    sheet.set_column(3, 3, 40)
    book.close()
    return out.getvalue()


def _write(sheet: Any, row: int, tier: str, line: dict[str, Any], money: Any) -> None:
    sheet.write_string(row, 0, tier)
    sheet.write_number(row, 1, int(line["group"]) + 1)
    sheet.write_number(row, 2, line["rank"])
    sheet.write_string(row, 3, line["unit"])
    sheet.write_number(row, 4, line["sum_fen"] / formats.FEN, money)
