"""Conflicts: a unit declares, the officer answers and pins, and sees what is derived."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from guildhall.foundation import clock
from guildhall.foundation.errors import NotHere
from guildhall.foundation.organisations.models import User
from guildhall.foundation.organisations.states import Right
from guildhall.foundation.programmes.models import Application
from guildhall.foundation.programmes.models.application import districts
from guildhall.foundation.programmes.states import RoundState, State
from guildhall.foundation.programmes.views import SignedIn, key_of
from guildhall.foundation.screens import lists
from guildhall.reform.assessment.forms import DeclareForm, PinForm
from guildhall.reform.assessment.models import Conflict, Step
from guildhall.reform.assessment.moves import conflicts as moves
from guildhall.reform.assessment.rules import GROUPS
from guildhall.reform.assessment.states import ConflictKind, ConflictState
from guildhall.reform.assessment.views import crumbs, run_step

GET_POST = require_http_methods(["GET", "HEAD", "POST"])
PINS = (ConflictKind.PINNED_APART, ConflictKind.PINNED_TOGETHER)


def _own(user: User, round_pk: int) -> Application:
    """The unit for which this person speaks in the round; 404 for anyone else."""
    rows = Application.objects.visible_to(user).filter(round=round_pk, union__in=user.unions_with(Right.SPEAK_FOR_UNIT))
    found = rows.select_related("unit", "round__programme", "round__union").first()
    if found is None:
        raise NotHere
    return found


@login_required
@GET_POST
def declarations(request: SignedIn, pk: int) -> HttpResponse:
    """A unit's own declarations, and one more: search, pick, say why."""
    own = _own(request.user, pk)
    step = Step.objects.visible_to(request.user).pick(pk)
    form = DeclareForm(request.POST or None, units=_found(step, own, request.GET.get("q", "")))
    if request.method == "POST" and form.is_valid():
        other = form.cleaned_data["other"]
        facts = {"reason": form.cleaned_data["reason"], "by": request.user, "key": form.cleaned_data["key"]}
        moves.declare(pk, own.unit_id, other.pk, **facts)
        messages.success(request, _("已交市总。市总分组前答复，结果会通知您。"))
        return redirect("assessment:declarations", pk)
    return render(
        request, "assessment/declarations.html", _declared(request, step, own, form), status=422 if form.errors else 200
    )


def _found(step: Step, own: Application, term: str) -> "QuerySet[Any]":
    rows = step.units().exclude(pk=own.unit_id)
    for word in term.split()[:3]:
        rows = rows.filter(name__icontains=word)
    return rows


def _declared(request: SignedIn, step: Step, own: Application, form: DeclareForm) -> dict[str, object]:
    rows = Conflict.objects.visible_to(request.user).filter(
        round=step.round, first=own.unit, kind=ConflictKind.DECLARED
    )
    mine = list(rows.select_related("second"))
    used = sum(row.state != ConflictState.DECLINED for row in mine)
    most = step.round.rules.peers.declared_most
    entrant = step.entrants.filter(application=own).first()
    over = own.get_state_display() if own.state in (State.REFUSED, State.WITHDRAWN) else ""
    if step.round.state == RoundState.CANCELLED:
        over = step.round.get_state_display()
    open_now = not over and step.takes_conflicts and clock.today() <= step.declare_until and used < most
    return {
        "step": step, "own": own, "form": form, "mine": mine, "used": used, "most": most, "open": open_now, "over": over,
        "entrant": entrant, "group": GROUPS[entrant.group] if entrant else "",
        "term": request.GET.get("q", ""), "ends": clock.end_of_day(step.declare_until),
        "crumbs": crumbs(step.round, (_("回避申报"), "")),
    }  # fmt: skip


@login_required
@require_safe
def conflicts(request: SignedIn, pk: int) -> HttpResponse:
    """What waits for an answer, what is pinned, what is derived."""
    step = run_step(request.user, pk)
    rows = step.round.conflicts.select_related("first", "second", "declared_by__person", "answered_by__person")
    told = derived(step).aggregate(**{f"n_{name}": Count("pk", filter=Q(**{f"{name}__gt": 0})) for name in NAMES})
    context = {
        "step": step, "waiting": rows.filter(state=ConflictState.PROPOSED), "pins": rows.filter(kind__in=PINS),
        "derived": told, "open": step.takes_conflicts, "form": PinForm(units=step.units()),
        "counts": dict(rows.order_by().values_list("kind").annotate(n=Count("pk"))),
        "crumbs": crumbs(step.round, (_("回避"), "")),
    }  # fmt: skip
    return render(request, "assessment/conflicts.html", context)


@login_required
@require_POST
def answer(request: SignedIn, pk: int) -> HttpResponse:
    """Agree to a declaration, or not."""
    approve = request.POST.get("approve") == "1"
    done = moves.answer(pk, approve=approve, by=request.user, key=key_of(request))
    said = (
        _("已同意。两家不会互评，申报单位会收到通知。")
        if approve
        else _("没有同意。申报单位会收到通知，可以换理由再报。")
    )
    messages.success(request, said)
    return redirect("assessment:conflicts", done.round_id)


@login_required
@require_POST
def pin(request: SignedIn, pk: int) -> HttpResponse:
    """Keep two units apart, or let them meet."""
    step = run_step(request.user, pk)
    form = PinForm(request.POST, units=step.units())
    if form.is_valid():
        given = form.cleaned_data
        facts = {"apart": given["apart"], "reason": given["reason"], "by": request.user, "key": given["key"]}
        moves.pin(pk, given["first"].pk, given["second"].pk, **facts)
        messages.success(request, _("已记下。分组排号时照此办。"))
        return redirect("assessment:conflicts", pk)
    context = {
        "step": step,
        "form": form,
        "crumbs": crumbs(step.round, (_("回避"), reverse("assessment:conflicts", args=[pk]))),
    }
    return render(request, "assessment/pin.html", context, status=422)


@login_required
@require_POST
def unpin(request: SignedIn, pk: int) -> HttpResponse:
    """Take a pin away."""
    round_pk = moves.unpin(pk, by=request.user, key=key_of(request))
    messages.success(request, _("已撤销。"))
    return redirect("assessment:conflicts", round_pk)


NAMES = ("same_district", "same_company", "family", "by_word")


def derived(step: Step) -> "QuerySet[Application]":
    """Each unit that takes part, with how many others it may not meet, by cause."""
    mates = step.taking_part().exclude(pk=OuterRef("pk")).order_by()
    kin = Q(unit__parent_company=OuterRef("unit")) | Q(unit=OuterRef("unit__parent_company"))
    kin |= Q(unit__parent_company=OuterRef("unit__parent_company"))
    said = step.round.conflicts.counting().exclude(kind=ConflictKind.PINNED_TOGETHER).order_by()
    told = said.filter(Q(first=OuterRef("unit")) | Q(second=OuterRef("unit"))).values("round").annotate(n=Count("pk"))
    company = mates.filter(unit__group_company=OuterRef("unit__group_company")).exclude(unit__group_company="")
    return step.taking_part().select_related("unit__district").annotate(
        same_district=_number(mates.filter(unit__district=OuterRef("unit__district"))),
        same_company=_number(company),
        family=_number(mates.filter(kin)),
        by_word=Coalesce(Subquery(told.values("n")), Value(0)),
    )  # fmt: skip


def _number(rows: "QuerySet[Application]") -> Coalesce:
    return Coalesce(Subquery(rows.values("round").annotate(n=Count("pk")).values("n")), Value(0))


class DerivedList(lists.ListPage):
    """Whom each unit may not meet, by cause."""

    title = gettext_lazy("各单位的回避数")
    noun = gettext_lazy("家")
    columns = (
        lists.Column(key="unit", label=gettext_lazy("单位"), value="unit.name", sort="unit__name"),
        lists.Column(
            key="district",
            label=gettext_lazy("旗县区"),
            value="unit.district.short",
            sort="unit__district__short",
            folds_with="district",
        ),
        lists.Column(
            key="same_district", label=gettext_lazy("同一旗县区"), kind=lists.Kind.NUMBER, sort="same_district"
        ),
        lists.Column(key="same_company", label=gettext_lazy("同一集团"), kind=lists.Kind.NUMBER, sort="same_company"),
        lists.Column(key="family", label=gettext_lazy("母子公司"), kind=lists.Kind.NUMBER, sort="family"),
        lists.Column(key="by_word", label=gettext_lazy("申报和指定"), kind=lists.Kind.NUMBER, sort="by_word"),
    )
    filters = (lists.Choice(key="district", label=gettext_lazy("旗县区"), options=districts, field="unit__district"),)
    search = ("unit__name",)
    search_label = gettext_lazy("按单位名称查找")
    order = "unit"


@login_required
@require_safe
def derived_list(request: SignedIn, pk: int) -> HttpResponse:
    """The list of what is derived."""
    step = run_step(request.user, pk)
    way = crumbs(step.round, (_("回避"), reverse("assessment:conflicts", args=[pk])), (DerivedList.title, ""))
    return lists.page(request, DerivedList, derived(step), crumbs=way)


class ConflictList(lists.ListPage):
    """Declarations and pins."""

    title = gettext_lazy("申报和指定的回避")
    noun = gettext_lazy("件")
    columns = (
        lists.Column(key="first", label=gettext_lazy("一家"), value="first.name", sort="first__name"),
        lists.Column(key="second", label=gettext_lazy("另一家"), value="second.name", sort="second__name"),
        lists.Column(key="kind", label=gettext_lazy("来源"), value="get_kind_display", sort="kind", folds_with="kind"),
        lists.Column(
            key="state",
            label=gettext_lazy("状态"),
            value="get_state_display",
            sort="state",
            folds_with="state",
            phone="right",
        ),
        lists.Column(key="reason", label=gettext_lazy("理由"), phone="line"),
    )
    filters = (
        lists.Choice(key="kind", label=gettext_lazy("来源"), options=ConflictKind.choices),
        lists.Choice(key="state", label=gettext_lazy("状态"), options=ConflictState.choices),
    )
    search = ("first__name", "second__name", "reason")
    order = "first"
    empty = gettext_lazy("还没有申报或指定的回避。")


@login_required
@require_safe
def conflict_list(request: SignedIn, pk: int) -> HttpResponse:
    """Declarations and pins as a list."""
    step = run_step(request.user, pk)
    way = crumbs(step.round, (_("回避"), reverse("assessment:conflicts", args=[pk])), (ConflictList.title, ""))
    return lists.page(request, ConflictList, step.round.conflicts.select_related("first", "second"), crumbs=way)
