"""Setting a planned round up, one topic a step; the check page before it opens."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from guildhall.foundation import clock
from guildhall.foundation.clock.rules import YearWithoutTable
from guildhall.foundation.errors import NotHere, OutOfStep, Refusal
from guildhall.foundation.organisations.models import Unit
from guildhall.foundation.organisations.rules import require
from guildhall.foundation.organisations.states import Right
from guildhall.foundation.programmes.forms.setup import DATE_FIELDS, STEPS, Step
from guildhall.foundation.programmes.models import Round
from guildhall.foundation.programmes.moves import rounds
from guildhall.foundation.programmes.registry import ELIGIBLE
from guildhall.foundation.programmes.rules import against_setup, counted_days
from guildhall.foundation.programmes.states import RoundState
from guildhall.foundation.programmes.views import SignedIn, key_of
from guildhall.foundation.programmes.views.rounds import shown
from guildhall.foundation.screens.panels import Stage, rail


def eligible(of: Round) -> list[Unit]:
    """The units whose register entry is in force when the round opens."""
    source = ELIGIBLE.get(of.programme.file.subject)
    return list(source(max(of.opens_on, clock.today()))) if source else []


def planned(request: SignedIn, pk: int) -> Round:
    """The planned round, for its officer. Raises `NotHere`, `NoRight`, `OutOfStep` once it is open."""
    of = Round.objects.visible_to(request.user).pick(pk)
    require(request.user, Right.RUN_ROUNDS, at=of.union)
    if of.state != RoundState.PLANNED:
        raise OutOfStep(state=of.told(request.user).label, move=_("修改设置"))
    return of


def wizard(here: str) -> list[Stage]:
    """The steps with their present one; the check is the last."""
    labels = [str(step.label) for step in STEPS.values()]
    return rail([*labels, _("核对")], [*STEPS, "check"].index(here))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def setup(request: SignedIn, pk: int, step: str) -> HttpResponse:
    """One step: refused beside its fields, or saved and on to the next."""
    if step not in STEPS:
        raise NotHere
    of = planned(request, pk)
    units = eligible(of) if step == "tiers" else []
    form = STEPS[step](request.POST or None, of=of, units=len(units) or None)
    if request.method == "POST" and form.is_valid():
        return _save(request, of, form)
    facts = {"round": of, "form": form, "step": step, "wizard": wizard(step), "units": len(units), "steps": _links(of)}
    facts |= {"crumbs": crumbs(of, str(form.label)), "back": _beside(of, step, -1)}
    return render(request, f"programmes/rounds/setup_{step}.html", facts, status=422 if form.errors else 200)


def _save(request: SignedIn, of: Round, form: Step) -> HttpResponse:
    dates: Any = form.dates() if form.name == "dates" else {name: getattr(of, name) for name in DATE_FIELDS}  # type: ignore[attr-defined]
    title = form.cleaned_data.get("title", of.title)
    key = form.cleaned_data["key"]
    rounds.amend_round(of.pk, title=title, dates=dates, setup=form.apply(), by=request.user, key=key)
    messages.success(request, _("“%(step)s”已保存。") % {"step": form.label})
    return redirect(_beside(of, form.name, 1))


def _beside(of: Round, step: str, way: int) -> str:
    order = [*STEPS, "check"]
    place = order.index(step) + way
    if place < 0:
        return reverse("rounds:page", args=[of.pk])
    if order[place] == "check":
        return reverse("rounds:check", args=[of.pk])
    return reverse("rounds:setup", args=[of.pk, order[place]])


def _links(of: Round) -> list[tuple[str, str]]:
    return [(name, reverse("rounds:setup", args=[of.pk, name])) for name in STEPS]


def crumbs(of: Round, here: str) -> list[tuple[str, str]]:
    """Where a step stands."""
    return [(_("批次"), reverse("rounds:index")), (of.title, reverse("rounds:page", args=[of.pk])), (here, "")]


def refusals(of: Round, units: int) -> list[tuple[str, Refusal]]:
    """Every reason why the round may not open, with the step that mends it."""
    where = {
        "programmes.points-off": "indicators",
        "programmes.weights-off": "scores",
        "programmes.over-fund": "tiers",
        "programmes.too-many-seats": "tiers",
        "programmes.tiers-out-of-order": "tiers",
    }
    found = [(where[one.code], one) for one in against_setup(of.rules, units)]
    if not units:
        found.append(("dates", rounds.NobodyEligible()))
    try:
        counted_days(of.notice_on, of.rules.notice)
    except YearWithoutTable as refusal:
        found.append(("dates", refusal))
    return found


@login_required
@require_safe
def check(request: SignedIn, pk: int) -> HttpResponse:
    """Everything once more, each part with 修改; the units that take part; then open."""
    of = planned(request, pk)
    units = eligible(of)
    wrong = [(reverse("rounds:setup", args=[pk, step]), refusal) for step, refusal in refusals(of, len(units))]
    facts = shown(request, pk, "page", of=of, wizard=wizard("check"), units=units, wrong=wrong, rules=of.rules)
    cost = sum(tier.seats * tier.sum_fen for tier in of.rules.outcome.tiers)
    facts |= {"cost": cost, "left": of.rules.outcome.fund_fen - cost, "crumbs": crumbs(of, _("核对"))}
    return render(request, "programmes/rounds/check.html", facts)


@login_required
@require_POST
def start(request: SignedIn, pk: int) -> HttpResponse:
    """Open the round for the units that are eligible now."""
    key = key_of(request)
    of = Round.objects.visible_to(request.user).pick(pk)
    opened = rounds.open_round(pk, eligible(of), by=request.user, key=key)
    facts = {"n": opened.applications.count()}
    messages.success(request, _("批次开始了，%(n)d 家单位的工会主席都收到了消息。设置不能再改。") % facts)
    return redirect("rounds:page", pk)
