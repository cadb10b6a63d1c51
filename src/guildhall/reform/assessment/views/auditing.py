"""The auditor's page: the sealed seed, shown after a reason that is recorded."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from guildhall.foundation.organisations.rules import require
from guildhall.foundation.organisations.states import Right
from guildhall.foundation.programmes.views import SignedIn
from guildhall.reform.assessment.forms import ReasonForm
from guildhall.reform.assessment.models import Step
from guildhall.reform.assessment.moves import auditing as moves
from guildhall.reform.assessment.views import crumbs


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sealed(request: SignedIn, pk: int) -> HttpResponse:
    """Masked until a reason is given; what is shown stands in this answer alone, and the look in the record."""
    step = Step.objects.visible_to(request.user).pick(pk)
    require(request.user, Right.AUDIT, at=step.round.union)
    form = ReasonForm(request.POST or None)
    context = {"step": step, "form": form, "crumbs": crumbs(step.round, (_("封存的种子"), ""))}
    if request.method == "POST" and form.is_valid():
        facts = {"reason": form.cleaned_data["reason"], "key": form.cleaned_data["key"]}
        context["seen"] = moves.unseal(pk, by=request.user, **facts)
    return render(request, "assessment/sealed.html", context, status=422 if form.errors else 200)
