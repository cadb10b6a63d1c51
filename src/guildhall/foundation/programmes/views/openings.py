"""Opening balances from Excel: the template, a file checked whole, and one click that puts all of it in."""

from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.cache import cache
from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from guildhall.foundation import clock
from guildhall.foundation.errors import BadInput, NoRight, NotHere, Refusal
from guildhall.foundation.organisations.models import User
from guildhall.foundation.organisations.rules.columns import headings, required
from guildhall.foundation.organisations.rules.sheets import read
from guildhall.foundation.organisations.rules.workbooks import filled, marked
from guildhall.foundation.organisations.states import Right
from guildhall.foundation.programmes.forms.money import OpeningsForm
from guildhall.foundation.programmes.moves import funds
from guildhall.foundation.programmes.rules.openings import BY_KEY, FIELDS, judge
from guildhall.foundation.programmes.views import SignedIn, key_of

KEPT_SECONDS = 3600


def _handles(user: User) -> None:
    if not user.may(Right.HANDLE_MONEY):
        raise NoRight


def _place(request: SignedIn, token: object) -> str:
    return f"openings:{request.user.pk}:{token}"


def _workbook(content: bytes, name: str) -> FileResponse:
    return FileResponse(BytesIO(content), as_attachment=True, filename=name)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: SignedIn) -> HttpResponse:
    """Send a workbook: each row is shown with what is wrong in it. Nothing is put in yet."""
    _handles(request.user)
    form = OpeningsForm(request.POST or None, request.FILES or None)
    trail = [(_("预算"), reverse("money:budget")), (_("期初余额"), "")]
    facts: dict[str, Any] = {"form": form, "crumbs": trail}
    if request.method == "POST" and form.is_valid():
        facts |= _checked(request, form)
    status = 422 if form.errors or facts.get("wrong") else 200
    return render(request, "programmes/money/openings.html", facts, status=status)


def _checked(request: SignedIn, form: OpeningsForm) -> dict[str, Any]:
    """The rows, kept for the click that puts them in; or the wrong ones, kept as a workbook with each bad cell marked."""
    file, token = form.cleaned_data["file"], uuid4()
    try:
        sheet = read(file.read(), file.name, headings(FIELDS), required(FIELDS))
    except Refusal as refusal:
        form.add_error("file", str(refusal))
        return {}
    rows = judge(sheet)
    wrong = [row for row in rows if row.wrong]
    kept = marked(wrong, sheet.fields, BY_KEY) if wrong else [row.values for row in rows]
    cache.set(_place(request, token), kept, KEPT_SECONDS)
    total = sum(row.values.get("sum_fen", 0) for row in rows)
    return {"rows": rows, "wrong": wrong, "token": token, "total": total, "labels": BY_KEY}


@login_required
@require_safe
def template(request: SignedIn) -> HttpResponseBase:
    """The workbook to fill in; one row shows how."""
    _handles(request.user)
    row = {"year": str(clock.today().year)}
    return _workbook(filled([row], {}, FIELDS, _("期初余额")), _("期初余额.xlsx"))


@login_required
@require_safe
def errors(request: SignedIn, token: UUID) -> HttpResponseBase:
    """The wrong rows as a workbook, each bad cell marked."""
    _handles(request.user)
    kept = cache.get(_place(request, token))
    if not isinstance(kept, bytes):
        raise NotHere
    return _workbook(kept, _("有错的行.xlsx"))


@login_required
@require_POST
def put_in(request: SignedIn) -> HttpResponse:
    """Each row becomes a decision that waits for another person's approval: all of them, or none."""
    key = key_of(request)
    _handles(request.user)
    kept = cache.get(_place(request, key))
    if not isinstance(kept, list):
        raise BadInput(what=_("这次检查已经过了 1 小时，请重新上传表格。"))
    made = funds.put_in_openings(kept, by=request.user, key=key)
    messages.success(request, _("已登记 %(n)d 项，等领导逐项批准。批准以前不能用。") % {"n": len(made)})
    return redirect("money:budget")
