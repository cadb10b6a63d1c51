"""请您评审: what a person is asked to judge, one sheet at a time, and nothing else."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from guildhall.foundation import clock
from guildhall.foundation.errors import NotHere, Refusal
from guildhall.foundation.organisations.models import User
from guildhall.foundation.organisations.states import Role
from guildhall.foundation.programmes.forms.reviewing import PhotographForm, body_of, lines_of
from guildhall.foundation.programmes.models import StepSheet
from guildhall.foundation.programmes.models.review import StepSheetQuerySet
from guildhall.foundation.programmes.models.round import worded
from guildhall.foundation.programmes.moves import reviewing
from guildhall.foundation.programmes.schema import ReviewStep
from guildhall.foundation.programmes.states import SheetState
from guildhall.foundation.programmes.views import SignedIn, key_of
from guildhall.foundation.programmes.views.materials import materials
from guildhall.foundation.records.attachments import serve
from guildhall.foundation.screens import formats, navigation, todo

MOST = 200
"""Sheets shown at once; those still to be judged come first."""


def _open_ones(user: User) -> StepSheetQuerySet:
    return StepSheet.objects.visible_to(user).asked_of(user).waiting()


def step_of(sheet: StepSheet) -> ReviewStep:
    """The step the sheet belongs to, as the round's version says it."""
    return reviewing.step_of(sheet.application.round, sheet.step)


@login_required
@require_safe
def sheets(request: SignedIn) -> HttpResponse:
    """All that this person is asked to judge, and what was handed in."""
    named = ("application__unit", "application__round__programme")
    waiting = _open_ones(request.user).select_related(*named).order_by("application__round", "step", "pk")
    done = StepSheet.objects.visible_to(request.user).asked_of(request.user).filter(state=SheetState.SUBMITTED)
    done = done.select_related(*named).order_by("-submitted_at", "-pk")
    facts = {
        "groups": _by_step(waiting[:MOST]), "done": [(one, step_of(one)) for one in done[:MOST]], "total": waiting.count(),
    }  # fmt: skip
    return render(request, "programmes/review/sheets.html", facts)


def _by_step(rows: Any) -> list[dict[str, Any]]:
    heaps: dict[tuple[int, int], dict[str, Any]] = {}
    for one in rows:
        of = one.application.round
        heap = heaps.setdefault((of.pk, one.step), {"round": of, "step": step_of(one), "sheets": []})
        heap["sheets"].append(one)
    return list(heaps.values())


@login_required
@never_cache
@require_safe
def sheet(request: SignedIn, pk: int) -> HttpResponse:
    """One sheet with the application's material beside it; what was submitted is only read."""
    return _shown(request, StepSheet.objects.visible_to(request.user).asked_of(request.user).pick(pk))


def _shown(request: SignedIn, one: StepSheet, status: int = 200, **more: Any) -> HttpResponse:
    step, filled = step_of(one), more.pop("filled", one.body)
    open_ = one.state == SheetState.OPEN and reviewing.takes_sheets(one.application, one.step)
    facts = {
        "sheet": one, "step": step, "round": one.application.round, "unit": one.application.unit, "open": open_,
        "lines": lines_of(step, filled), "filled": filled, "note": more.pop("note", one.note), "key": uuid4(),
        "photographs": list(one.photographs.all()) if step.method == "checklist" else [],
        "wants_photograph": any(item.photograph for item in step.items), "onward": _onward(one, request.user),
        "template": f"programmes/review/{step.method}.html", **materials(one.application), **more,
    }  # fmt: skip
    return render(request, "programmes/review/sheet.html", facts, status=status)


def _onward(one: StepSheet, user: User) -> StepSheet | None:
    """The next sheet of the same step."""
    same = _open_ones(user).filter(step=one.step, application__round=one.application.round_id).exclude(pk=one.pk)
    found: StepSheet | None = same.select_related("application__unit").order_by("pk").first()
    return found


@login_required
@require_POST
def save(request: SignedIn, pk: int) -> HttpResponse:
    """Keep what is filled in so far; the page's script sends it as it is typed."""
    one = StepSheet.objects.visible_to(request.user).asked_of(request.user).pick(pk)
    body = body_of(step_of(one), request.POST)
    reviewing.save_sheet(pk, body, note=request.POST.get("note", ""), by=request.user)
    if request.headers.get("Accept") == "application/json":
        return JsonResponse({"at": formats.clock_time(clock.now())})
    messages.success(request, _("已保存，还没有提交。"))
    return redirect("rounds:sheet", pk)


@login_required
@never_cache
@require_POST
def submit(request: SignedIn, pk: int) -> HttpResponse:
    """Submit a sheet whole; a vote is repeated once before it is cast."""
    one = StepSheet.objects.visible_to(request.user).asked_of(request.user).pick(pk)
    step, note = step_of(one), request.POST.get("note", "")
    body = body_of(step, request.POST)
    if step.method == "ballot" and body.get("vote") and "sure" not in request.POST:
        return _shown(request, one, filled=body, note=note, sure=True)
    try:
        reviewing.submit_sheet(pk, body, note=note, by=request.user, key=key_of(request))
    except Refusal as refusal:
        if refusal.status != 422:
            raise
        return _shown(request, one, 422, filled=body, note=note, refusal=refusal)
    messages.success(request, _("%(unit)s已提交，不能再改。") % {"unit": one.application.unit.name})
    onward = _onward(one, request.user)
    return redirect("rounds:sheet", onward.pk) if onward else redirect("rounds:sheets")


@login_required
@require_POST
def photograph(request: SignedIn, pk: int) -> HttpResponse:
    """Add a photograph taken on the site."""
    one = StepSheet.objects.visible_to(request.user).asked_of(request.user).pick(pk)
    form = PhotographForm(request.POST, request.FILES)
    if not form.is_valid():
        return _shown(request, one, 422, form=form)
    reviewing.add_photograph(pk, upload=form.cleaned_data["photograph"], by=request.user, key=form.cleaned_data["key"])
    if request.headers.get("Accept") == "application/json":
        return JsonResponse({"n": one.photographs.count()})
    messages.success(request, _("照片已收到。"))
    return redirect("rounds:sheet", pk)


@login_required
@require_safe
def read_photograph(request: SignedIn, pk: int, attachment_pk: int) -> FileResponse:
    """A photograph of a sheet, for its reviewer and those who run the round."""
    seen = StepSheet.objects.visible_to(request.user).filter(pk=pk)
    one = seen.asked_of(request.user).first() or seen.exclude(reviewer=request.user).first()
    kept = one.photographs.filter(pk=attachment_pk).first() if one else None
    if kept is None:
        raise NotHere
    return serve(kept, inline=True)


def waiting(user: User) -> Iterator[todo.Todo]:
    """What the workbench says: so many to judge, by round and step."""
    rows = list(_open_ones(user).select_related("application__round__programme").order_by("pk")[:MOST])
    for group in _by_step(rows):
        facts = {"n": len(group["sheets"]), "step": worded(group["step"].label), "round": group["round"].title}
        why = facts["round"]
        yield todo.Todo(
            _("请您评审 %(n)d 件：%(step)s") % facts, why, None, reverse("rounds:sheets"), _("去评审"), facts["n"]
        )


def register() -> None:
    """Add the reviewer's list to the workbench and the navigation; called once when Django is ready."""
    todo.register(waiting)
    navigation.register(
        navigation.Entry(
            label=lazy("请您评审"), url_name="rounds:sheets", icon="checklist", order=12, tab=True, short=lazy("评审"),
            roles=(Role.EXPERT, Role.FEDERATION_OFFICER),
        )
    )  # fmt: skip
