"""Units from Excel: choose a file, see what it would do, write it; and the same workbook out."""

from io import BytesIO
from typing import Any

from django.contrib import messages as flash
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from guildhall.foundation.organisations import forms, moves
from guildhall.foundation.organisations.models import Union, Unit, UnitFile
from guildhall.foundation.organisations.moves.imports import Checked, checked
from guildhall.foundation.organisations.rules.columns import BY_KEY
from guildhall.foundation.organisations.rules.verdicts import Verdict, shown
from guildhall.foundation.organisations.rules.workbooks import filled, marked
from guildhall.foundation.organisations.states import Ownership, Right, UnionKind, UnitKind
from guildhall.foundation.organisations.views import verdicts
from guildhall.foundation.organisations.views.pages import SignedIn, form_page, need, sent

WORDS = verdicts.Words(
    fields=BY_KEY,
    labels={
        Verdict.NEW: gettext_lazy("新增"),
        Verdict.CHANGED: gettext_lazy("有变化"),
        Verdict.SAME: gettext_lazy("没有变化"),
        Verdict.WRONG: gettext_lazy("有错"),
    },
    notes={
        Verdict.NEW: gettext_lazy("登记单位和基层工会"),
        Verdict.CHANGED: gettext_lazy("按文件改"),
        Verdict.SAME: gettext_lazy("不动"),
        Verdict.WRONG: gettext_lazy("不写入"),
    },
    naming=frozenset({"name", "code"}),
    placing=frozenset({"kind", "trade", "headcount", "district", "above"}),
)


def _crumbs(*more: tuple[object, str]) -> list[tuple[object, str]]:
    return [(_("单位名册"), reverse("organisations:units")), *more]


def workbook(content: bytes, name: str) -> FileResponse:
    """A workbook to keep."""
    return FileResponse(BytesIO(content), as_attachment=True, filename=name)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def choose(request: SignedIn) -> HttpResponse:
    """Choose a file; it is checked and shown, nothing is written yet."""
    need(request, Right.MANAGE_UNITS)
    form = forms.FileForm(request.POST or None, request.FILES or None)
    made = sent(request, form, _check)
    if made:
        return redirect("organisations:unit_file", made.pk)
    recent = UnitFile.objects.visible_to(request.user).defer("content")[:5]
    template, crumbs = "organisations/choose.html", _crumbs((_("批量导入"), ""))
    return form_page(
        request, form, _("批量导入单位"), _("检查这份文件"), crumbs=crumbs, template=template, recent=recent
    )


def _check(file: Any, **values: Any) -> UnitFile:
    return moves.check_file(file.name, file.read(), **values)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def preview(request: SignedIn, pk: int) -> HttpResponse:
    """What the file would do to the register; a POST writes it."""
    file = UnitFile.objects.visible_to(request.user).pick(pk)
    crumbs = _crumbs((_("批量导入"), reverse("organisations:unit_import")), (file.name, ""))
    form = forms.WriteForm(request.POST or None)
    if sent(request, form, lambda **values: moves.import_units(pk, **values)):
        flash.success(request, _("已写入。新单位下一步请任命工会主席。"))
        return redirect("organisations:unit_file", pk)
    if file.written_at:
        return render(request, "organisations/written.html", {"file": file, "crumbs": crumbs})
    found = checked(file, request.user)
    context = {"file": file, "form": form, "found": found, "crumbs": crumbs, **_facts(request, file, found)}
    return render(request, "organisations/preview.html", context, status=422 if form.errors else 200)


def _facts(request: SignedIn, file: UnitFile, found: Checked) -> dict[str, Any]:
    def before(key: str, value: Any) -> str:
        return shown(key, value, found.known)

    told = verdicts.preview(request.GET, found.rows, found.sheet.fields, WORDS, before)
    return {**told, "errors_url": reverse("organisations:unit_file_errors", args=[file.pk])}


@login_required
@require_safe
def errors(request: SignedIn, pk: int) -> HttpResponseBase:
    """The wrong rows as a workbook, each bad cell marked."""
    file = UnitFile.objects.visible_to(request.user).pick(pk)
    found = checked(file, request.user)
    wrong = [row for row in found.rows if row.wrong]
    return workbook(marked(wrong, found.sheet.fields), _("有错的行.xlsx"))


@login_required
@require_safe
def template(request: SignedIn) -> HttpResponseBase:
    """The register in the form that the import reads; `?empty=1` leaves the rows out."""
    need(request, Right.MANAGE_UNITS)
    unions = Union.objects.visible_to(request.user).exclude(kind=UnionKind.GRASSROOTS)
    lists = {
        "kind": [str(label) for label in UnitKind.labels],
        "ownership": [str(label) for label in Ownership.labels],
        "district": [union.short for union in unions if union.kind == UnionKind.DISTRICT],
        "above": [union.short for union in unions],
    }
    units = Unit.objects.visible_to(request.user).filter(state="active") if not request.GET.get("empty") else ()
    if units:
        units = units.select_related("district", "union__parent", "parent_company").order_by("name")
    return workbook(filled((_said(unit) for unit in units), lists), _("单位.xlsx"))


def _said(unit: Unit) -> dict[str, Any]:
    """A unit as the workbook writes it."""
    return {
        "name": unit.name, "code": unit.code, "kind": unit.get_kind_display(),
        "ownership": unit.get_ownership_display(), "level": unit.level, "trade": unit.trade,
        "headcount": unit.headcount, "workers": unit.workers, "district": unit.district.short,
        "above": unit.union.parent.short if unit.union.parent else "", "group_company": unit.group_company,
        "parent_company": unit.parent_company.code if unit.parent_company else "",
    }  # fmt: skip
