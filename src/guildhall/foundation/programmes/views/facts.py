"""Facts by Excel: the template, an upload that is checked whole, and one click that writes all of it."""

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.cache import cache
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from guildhall.foundation.errors import BadInput, NotHere
from guildhall.foundation.organisations.rules import require
from guildhall.foundation.organisations.states import Right
from guildhall.foundation.programmes.forms.rounds import WorkbookForm
from guildhall.foundation.programmes.models import Round
from guildhall.foundation.programmes.moves import facts_workbook
from guildhall.foundation.programmes.views import SignedIn, key_of
from guildhall.foundation.screens.lists.pages import XLSX

KEPT_SECONDS = 3600
SHOWN_FAULTS = 100


def _place(request: SignedIn, pk: int, token: object) -> str:
    return f"facts:{pk}:{request.user.pk}:{token}"


def _round(request: SignedIn, pk: int) -> Round:
    of = Round.objects.visible_to(request.user).pick(pk)
    require(request.user, Right.RUN_ROUNDS, at=of.union)
    return of


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: SignedIn, pk: int) -> HttpResponse:
    """Upload a workbook: the page's title is the verdict. Nothing is written yet."""
    of = _round(request, pk)
    form = WorkbookForm(request.POST or None, request.FILES or None)
    facts: dict[str, Any] = {"round": of, "form": form, "crumbs": _crumbs(of)}
    if request.method == "POST" and form.is_valid():
        facts |= _read(request, of, form.cleaned_data["file"])
    status = 422 if form.errors or facts.get("faults") else 200
    return render(request, "programmes/applications/import.html", facts, status=status)


def _crumbs(of: Round) -> list[tuple[str, str]]:
    above = [(_("批次"), reverse("rounds:index")), (of.title, reverse("rounds:page", args=[of.pk]))]
    return [*above, (_("申报"), reverse("rounds:applications", args=[of.pk])), (_("导入数据"), "")]


def _read(request: SignedIn, of: Round, file: Any) -> dict[str, Any]:
    reading, token = facts_workbook.read(of, file, request.user), uuid4()
    kept = facts_workbook.marked(reading).read() if reading.faults else reading.facts
    cache.set(_place(request, of.pk, token), kept, KEPT_SECONDS)
    lines = [
        {"row": one.row + 2, "column": reading.head[one.column], "said": one.said, "remedy": one.remedy}
        for one in reading.faults[:SHOWN_FAULTS]
    ]
    return {"reading": reading, "token": token, "faults": lines, "more": len(reading.faults) - len(lines)}


@login_required
@require_safe
def template(request: SignedIn, pk: int) -> HttpResponse:
    """The workbook to fill in."""
    of = _round(request, pk)
    return _workbook(facts_workbook.template(of, request.user), _("%(round)s-数据模板.xlsx") % {"round": of.title})


@login_required
@require_safe
def marked(request: SignedIn, pk: int, token: UUID) -> HttpResponse:
    """The uploaded workbook with each bad cell marked."""
    _round(request, pk)
    kept = cache.get(_place(request, pk, token))
    if not isinstance(kept, bytes):
        raise NotHere
    return _workbook(kept, _("要改的单元格.xlsx"))


def _workbook(data: bytes, name: str) -> HttpResponse:
    response = HttpResponse(data, content_type=XLSX)
    response["Content-Disposition"] = content_disposition_header(True, name) or ""
    return response


@login_required
@require_POST
def commit(request: SignedIn, pk: int) -> HttpResponse:
    """Write what was read and found sound: all units or none."""
    key = key_of(request)
    _round(request, pk)
    kept = cache.get(_place(request, pk, key))
    if not isinstance(kept, dict):
        raise BadInput(what=_("这次检查已经过了 1 小时，请重新上传表格。"))
    changed = facts_workbook.commit(pk, kept, by=request.user, key=key)
    messages.success(request, _("写入完成：%(n)d 家单位的数据有变化，都写入了记录。") % {"n": changed})
    return redirect("rounds:applications", pk)
