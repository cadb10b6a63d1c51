"""Departments' opinions: the officer's overview and letters, and the page a department answers on."""

from collections.abc import Callable
from datetime import timedelta

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from guildhall.foundation import clock
from guildhall.foundation.errors import NotHere, Refusal
from guildhall.foundation.organisations.rules import require
from guildhall.foundation.organisations.states import Right
from guildhall.foundation.programmes.forms.clearances import AnswerForm, LetterForm
from guildhall.foundation.programmes.forms.rounds import ReasonForm
from guildhall.foundation.programmes.models import ClearanceRequest, Round
from guildhall.foundation.programmes.models.round import worded
from guildhall.foundation.programmes.moves import clearances
from guildhall.foundation.programmes.states import Opinion
from guildhall.foundation.programmes.views import SignedIn, key_of
from guildhall.foundation.programmes.views.objections import not_too_often
from guildhall.foundation.programmes.views.rounds import shown

OPENED_AN_HOUR = 300
"""How often one address may open letters: many times a person's pace, too few to guess by."""
TOKEN = "clearance_token"  # noqa: S105  The session's key, not a secret.


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def index(request: SignedIn, pk: int) -> HttpResponse:
    """The letters of a round: who answered, what is open, what was objected; a new letter is written from here."""
    of = Round.objects.visible_to(request.user).pick(pk)
    require(request.user, Right.RUN_ROUNDS, at=of.union)
    form = _letter_form(request, of)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        letter, token = clearances.ask(
            pk, said["department"], said["due"], again=said["again"], by=request.user, key=said["key"]
        )
        request.session[TOKEN] = {"letter": letter.pk, "token": token}
        return redirect("rounds:clearance_letter", letter.pk)
    facts = shown(request, pk, "clearances", of=of, form=form, **_overview(of))
    return render(request, "programmes/clearances/index.html", facts, status=422 if form.errors else 200)


def _letter_form(request: SignedIn, of: Round) -> LetterForm:
    departments = [(one.key, worded(one.label)) for one in of.rules.clearances]
    days = of.rules.clearances[0].days if of.rules.clearances else 10
    initial = {"due": clock.today() + timedelta(days=days)}
    return LetterForm(request.POST or None, departments=departments, initial=initial)


def _overview(of: Round) -> dict[str, object]:
    letters = of.clearance_requests.select_related("asked_by__person").annotate(
        asked=Count("clearances"), objected=Count("clearances", filter=Q(clearances__state=Opinion.OBJECTS))
    )
    bound = {one.key: one.binding for one in of.rules.clearances}
    objected = [
        (row, clearances.department_of(of, row.request.department), not bound.get(row.request.department, True))
        for row in clearances.objections_to(of)
    ]
    return {
        "letters": [(letter, clearances.department_of(of, letter.department), _standing(letter)) for letter in letters],
        "objected": objected, "reason_form": ReasonForm(auto_id=False),
    }  # fmt: skip


def _standing(letter: ClearanceRequest) -> tuple[str, str]:
    """Where a letter stands, and its tone."""
    if letter.submitted_at:
        return _("已答复"), "green"
    if letter.revoked_at:
        return _("已停用"), ""
    if clock.today() > letter.due_on:
        return _("过期未答"), "red"
    return _("待答复"), "amber"


@login_required
@never_cache
@require_safe
def letter(request: SignedIn, pk: int) -> HttpResponse:
    """The letter to print; its link stands on it this once, for whoever wrote it."""
    found = _picked(request, pk)
    held = request.session.get(TOKEN, {})
    token = held["token"] if held.get("letter") == pk else ""
    request.session.pop(TOKEN, None)
    link = request.build_absolute_uri(reverse("clearances:answer", args=[token])) if token else ""
    rows = found.clearances.select_related("application__unit")
    facts = {
        "letter": found, "round": found.round, "rows": rows, "link": link,
        "department": clearances.department_of(found.round, found.department),
        "crumbs": [(_("征求意见"), reverse("rounds:clearances", args=[found.round_id])), (_("征求意见函"), "")],
    }  # fmt: skip
    return render(request, "programmes/clearances/letter.html", facts)


def _picked(request: SignedIn, pk: int) -> ClearanceRequest:
    rows = ClearanceRequest.objects.visible_to(request.user).select_related("round__union", "round__programme")
    found = rows.filter(pk=pk).first()
    if found is None:
        raise NotHere
    require(request.user, Right.RUN_ROUNDS, at=found.round.union)
    return found


@login_required
@require_POST
def revoke(request: SignedIn, pk: int) -> HttpResponse:
    """End a letter's link."""
    done = clearances.revoke(pk, reason=request.POST.get("reason", ""), by=request.user, key=key_of(request))
    messages.success(request, _("链接已停用，谁也打不开了。"))
    return redirect("rounds:clearances", done.round_id)


@login_required
@require_POST
def set_aside(request: SignedIn, pk: int) -> HttpResponse:
    """Set an objection aside, with the reason."""
    row = clearances.set_aside(pk, reason=request.POST.get("reason", ""), by=request.user, key=key_of(request))
    messages.success(request, _("已写明不采纳的理由，%(unit)s可以继续审查。") % {"unit": row.application.unit.name})
    return redirect("rounds:clearances", row.request.round_id)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, token: str) -> HttpResponse:
    """A department's page: the units of its letter, one row each, and nothing else of the house."""
    not_too_often(request, "clearance", OPENED_AN_HOUR)
    found = clearances.by_token(token)
    rows = list(found.clearances.select_related("application__unit__district"))
    form = AnswerForm(request.POST or None, rows=rows, kept=found.draft, initial={"dated": clock.today()})
    if request.method == "POST" and form.is_valid() and _taken(request, token, form):
        return redirect("clearances:answer", token)
    facts = {
        "letter": found, "round": found.round, "form": form, "rows": rows,
        "department": clearances.department_of(found.round, found.department), "closed": found.submitted_at,
    }  # fmt: skip
    return render(request, "programmes/clearances/answer.html", facts, status=422 if form.errors else 200)


def _taken(request: HttpRequest, token: str, form: AnswerForm) -> bool:
    """Save a part or submit the whole; a refusal stays on the page beside what was filled in."""
    said, whole = form.cleaned_data, "submit" in request.POST
    act: Callable[[], object] = lambda: clearances.save_part(token, form.answers(), signed=said["signed"])  # noqa: E731
    if whole:
        dated = said["dated"] or clock.today()
        act = lambda: clearances.submit(token, form.answers(), signed=said["signed"], dated=dated, key=said["key"])  # noqa: E731
    try:
        act()
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        form.add_error(None, str(refusal))
        return False
    messages.success(request, _("已提交，谢谢。") if whole else _("已保存，还没有提交。"))
    return True
