"""Closing the scoring and computing: what is short, the freeze under a digest, the result."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from guildhall.foundation import clock
from guildhall.foundation.programmes.views import SignedIn, key_of
from guildhall.foundation.screens import formats
from guildhall.reform.assessment.forms import FreezeForm
from guildhall.reform.assessment.models import Result, Step
from guildhall.reform.assessment.moves import freezing as moves
from guildhall.reform.assessment.moves import scoring
from guildhall.reform.assessment.states import SheetState, StepState
from guildhall.reform.assessment.views import crumbs, run_step


def _standing(step: Step) -> dict[str, object]:
    """What is in, what is missing; units that are short are named only once nobody can mark any more."""
    states = list(step.sheets.values_list("state", flat=True))
    waiting = sum(state == SheetState.OPEN for state in states)
    over = clock.now() > step.round.scoring_closes_at
    closed = step.state == StepState.SCORING and (over or all(state == SheetState.SUBMITTED for state in states))
    return {
        "step": step, "all": len(states), "handed": sum(state == SheetState.SUBMITTED for state in states),
        "waiting": waiting, "flat": sum(state == SheetState.SET_ASIDE for state in states), "closed": closed,
        "short": moves.short_units(step) if closed and not waiting else [], "fewest": step.round.rules.peers.fewest,
        "crumbs": crumbs(step.round, (_("封存和测算"), "")),
    }  # fmt: skip


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def freezing(request: SignedIn, pk: int) -> HttpResponse:
    """What the freeze rests on, and the freeze."""
    step = run_step(request.user, pk)
    form = FreezeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        moves.freeze(pk, by=request.user, key=form.cleaned_data["key"], reason=form.cleaned_data["reason"])
        messages.success(request, _("已封存。评分、名单和参数都不能再改，接着测算。"))
        return redirect("assessment:freezing", pk)
    context = _standing(step) | {"form": form}
    form.fields["reason"].required = bool(context["short"])
    return render(request, "assessment/freezing.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def lock(request: SignedIn, pk: int) -> HttpResponse:
    """Lock what the deadline has passed, without waiting for the clock."""
    run_step(request.user, pk)
    scoring.lock_due(pk)
    messages.success(request, _("已锁定。各家的评分照现状计，接着封存。"))
    return redirect("assessment:freezing", pk)


@login_required
@require_POST
def compute(request: SignedIn, pk: int) -> HttpResponse:
    """Compute the result from the frozen file."""
    step = moves.compute(pk, by=request.user, key=key_of(request))
    said = _("已测算，%(n)s 家有了结果，只有您看得到。核对后报分管领导审定。")
    results = Result.objects.visible_to(request.user).filter(application__round=step.round)
    messages.success(request, said % {"n": formats.count(results.count())})
    return redirect("assessment:results", pk)
