"""Earlier results: the register, bringing them in from a file, and what a unit's page says of all its years."""

from typing import Any

from django.contrib import messages as flash
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from guildhall.foundation.organisations.forms import WriteForm
from guildhall.foundation.organisations.models import Unit, User
from guildhall.foundation.organisations.rules.parts import Part
from guildhall.foundation.organisations.rules.verdicts import Judged, Verdict
from guildhall.foundation.organisations.rules.workbooks import filled, marked
from guildhall.foundation.organisations.states import Right, UnitState
from guildhall.foundation.organisations.views import verdicts
from guildhall.foundation.organisations.views.imports import workbook
from guildhall.foundation.organisations.views.pages import SignedIn, form_page, need, sent
from guildhall.foundation.programmes.models.application import districts
from guildhall.foundation.programmes.models.round import worded
from guildhall.foundation.screens import formats, lists
from guildhall.foundation.screens.lists.listing import Text
from guildhall.reform.assessment.forms.earlier import EarlierForm
from guildhall.reform.assessment.models import EarlierFile, EarlierResult, Result
from guildhall.reform.assessment.moves import earlier as moves
from guildhall.reform.assessment.rules import GROUPS
from guildhall.reform.assessment.rules.earlier import BY_KEY, FIELDS, shown

WORDS = verdicts.Words(
    fields=BY_KEY,
    labels={
        Verdict.NEW: gettext_lazy("新增"),
        Verdict.CHANGED: gettext_lazy("有变化"),
        Verdict.SAME: gettext_lazy("没有变化"),
        Verdict.WRONG: gettext_lazy("有错"),
    },
    notes={
        Verdict.NEW: gettext_lazy("录入往年结果"),
        Verdict.CHANGED: gettext_lazy("更正以前录入的"),
        Verdict.SAME: gettext_lazy("不动"),
        Verdict.WRONG: gettext_lazy("不写入"),
    },
    naming=frozenset({"code", "unit", "year"}),
    placing=frozenset({"score", "group", "rank", "tier", "sum_fen"}),
    codes=frozenset({"code", "year", "score", "rank", "sum_fen"}),
)


class EarlierList(lists.ListPage):
    """The register of earlier results."""

    title = gettext_lazy("往年结果")
    noun = gettext_lazy("条")
    search = ("unit__name", "unit__code", "file__document")
    search_label = gettext_lazy("单位名、信用代码、依据文件")
    order = "year"
    empty = gettext_lazy("还没有录入往年结果。")
    columns = (
        lists.Column(key="unit", label=gettext_lazy("单位"), value="unit.name", sort="unit__name",
                     link=lambda row: reverse("organisations:unit", args=[row.unit_id])),
        lists.Column(key="year", label=gettext_lazy("年度"), sort=("year", "group", "rank")),
        lists.Column(key="group", label=gettext_lazy("组"), sort=("group", "rank")),
        lists.Column(key="rank", label=gettext_lazy("组内名次"), kind=lists.Kind.NUMBER, sort="rank"),
        lists.Column(key="score", label=gettext_lazy("得分"), kind=lists.Kind.SCORE, sort="score", phone="right"),
        lists.Column(key="tier", label=gettext_lazy("档次"), sort="tier"),
        lists.Column(key="sum", label=gettext_lazy("奖补"), value="sum_fen", kind=lists.Kind.YUAN, sort="sum_fen",
                     total="sum"),
        lists.Column(key="document", label=gettext_lazy("依据文件"), value="file.document", sort="file__document"),
        lists.Column(key="by", label=gettext_lazy("录入人"), value=lambda row: str(row.file.by), hidden=True),
        lists.Column(key="entered", label=gettext_lazy("录入时间"), value="file.written_at", kind=lists.Kind.DAY, hidden=True),
    )  # fmt: skip
    filters = (lists.Choice(key="district", label=gettext_lazy("旗县区"), options=districts, field="unit__district"),)


def _crumbs(*more: tuple[Text, str]) -> list[tuple[Text, str]]:
    return [(EarlierList.title, reverse("assessment:earlier")), *more]


@login_required
@require_safe
def earlier(request: SignedIn) -> HttpResponse:
    """The earlier results of the reader's scope."""
    need(request, Right.READ_UNITS)
    acts = []
    if request.user.may(Right.RUN_ROUNDS):
        acts = [lists.Act(label=_("批量导入"), url=reverse("assessment:earlier_import"), icon="upload", red=True)]
    rows = EarlierResult.objects.visible_to(request.user).select_related("unit", "file__by__person")
    lead = _("系统启用以前各年的结果，按文件录入。系统里评定的年度不在这里，也不能用文件改。")
    return lists.page(request, EarlierList, rows, acts=acts, lead=lead)


@login_required
@require_safe
def template(request: SignedIn) -> HttpResponseBase:
    """The workbook to fill in, with the units' codes and names; `?empty=1` leaves the rows out."""
    need(request, Right.RUN_ROUNDS)
    units = () if request.GET.get("empty") else Unit.objects.visible_to(request.user).filter(state=UnitState.ACTIVE)
    rows = ({"code": unit.code, "unit": unit.name} for unit in units)
    return workbook(filled(rows, {}, FIELDS, _("往年结果")), _("往年结果.xlsx"))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def choose(request: SignedIn) -> HttpResponse:
    """Choose a file; it is checked and shown, nothing is written yet."""
    need(request, Right.RUN_ROUNDS)
    form = EarlierForm(request.POST or None, request.FILES or None)
    made = sent(request, form, _check)
    if made:
        return redirect("assessment:earlier_file", made.pk)
    page, crumbs = "assessment/earlier/choose.html", _crumbs((_("批量导入"), ""))
    recent = EarlierFile.objects.visible_to(request.user).defer("content")[:5]
    return form_page(
        request, form, _("导入往年结果"), _("检查这份文件"), crumbs=crumbs, template=page, recent=recent
    )  # fmt: skip


def _check(file: Any, **values: Any) -> EarlierFile:
    return moves.check_earlier(file.name, file.read(), **values)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def preview(request: SignedIn, pk: int) -> HttpResponse:
    """What the file would do to the register; a POST writes it."""
    file = EarlierFile.objects.visible_to(request.user).pick(pk)
    form, crumbs = WriteForm(request.POST or None), _crumbs((file.name, ""))
    if sent(request, form, lambda **values: moves.import_earlier(pk, **values)):
        flash.success(request, _("已写入，单位页上也看得到。"))
        return redirect("assessment:earlier_file", pk)
    if file.written_at:
        return render(request, "assessment/earlier/written.html", {"file": file, "crumbs": crumbs})
    found = moves.checked(file, request.user)
    context = {"file": file, "form": form, "found": found, "crumbs": crumbs, **_facts(request, file, found)}
    return render(request, "assessment/earlier/preview.html", context, status=422 if form.errors else 200)


def _facts(request: SignedIn, file: EarlierFile, found: Judged) -> dict[str, Any]:
    told = verdicts.preview(request.GET, found.rows, found.sheet.fields, WORDS, shown)
    return {**told, "errors_url": reverse("assessment:earlier_errors", args=[file.pk])}


@login_required
@require_safe
def errors(request: SignedIn, pk: int) -> HttpResponseBase:
    """The wrong rows as a workbook, each bad cell marked."""
    file = EarlierFile.objects.visible_to(request.user).pick(pk)
    found = moves.checked(file, request.user)
    wrong = [row for row in found.rows if row.wrong]
    return workbook(marked(wrong, found.sheet.fields, BY_KEY), _("有错的行.xlsx"))


def part(unit: Unit, reader: User) -> list[Part]:
    """A unit's released results here and those of earlier years, the newest first, each with where it comes from."""
    own = Result.objects.visible_to(reader).filter(
        application__unit=unit, application__round__released_at__isnull=False
    )
    before = EarlierResult.objects.visible_to(reader).filter(unit=unit).select_related("file")
    lines = [_own(one) for one in own.select_related("application__round__programme")]
    lines += [_before(one) for one in before]
    lines.sort(key=lambda line: int(str(line[1][0])), reverse=True)
    heads = (_("年度"), _("组"), _("组内名次"), _("得分"), _("档次"), _("奖补（元）"), _("来源"))
    return [Part(title=_("历年互评结果"), heads=heads, lines=lines, empty=_("还没有结果。"))]


def _own(one: Result) -> tuple[str, tuple[object, ...]]:
    of = one.application.round
    tier = worded(of.rules.outcome.tiers[one.tier].name) if one.tier is not None else ""
    facts = (GROUPS[one.group], one.rank, formats.score(one.final), tier, formats.yuan(one.sum_fen), of.title)
    return reverse("assessment:result", args=[of.pk, one.pk]), (of.year, *facts)


def _before(one: EarlierResult) -> tuple[str, tuple[object, ...]]:
    facts = (one.group, one.rank, formats.score(one.score), one.tier, formats.yuan(one.sum_fen), one.file.document)
    return "", (one.year, *facts)
