"""Groups and assignment: what the drawing would rest on, the drawing, and what it gave."""

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from guildhall.foundation import clock
from guildhall.foundation.programmes.models.application import districts
from guildhall.foundation.programmes.states import RoundState, State
from guildhall.foundation.programmes.views import SignedIn, key_of
from guildhall.foundation.screens import formats, lists
from guildhall.foundation.screens.forms import KeyedForm
from guildhall.reform.assessment.models import Step
from guildhall.reform.assessment.moves import drawing as moves
from guildhall.reform.assessment.rules import CONDITIONS, GROUPS
from guildhall.reform.assessment.states import ConflictState, SheetKind, StepState
from guildhall.reform.assessment.views import crumbs, run_step
from guildhall.science.assignment import deal_groups
from guildhall.science.errors import Infeasible
from guildhall.science.permitted import Permitted, failed_conditions

SAMPLE = 20_241_126
"""Seeds the sample grouping of the preview; the drawing has seeds of its own."""


@dataclass
class Preview:
    """What a drawing would rest on, with a grouping of the same kind as a sample."""

    units: int = 0
    sizes: list[int] = field(default_factory=list)
    conflicts: int = 0
    allowed: int = 0
    least: int = 0
    least_names: list[str] = field(default_factory=list)
    needed: int = 0
    failed: list[tuple[object, list[str]]] = field(default_factory=list)
    load: tuple[int, int] = (0, 0)


def preview(step: Step) -> Preview:
    """The figures and every condition that fails, its units named."""
    rows = list(step.round.applications.filter(state=State.REVIEWING).select_related("unit").order_by("pk"))
    found, rules = moves.field_of(step, rows), step.round.rules
    m, names = rules.peers.reviews_each, [row.unit.name for row in rows]
    seen = Preview(units=len(rows), needed=2 * m, conflicts=len(found.conflicts), allowed=len(found.allowed))
    try:
        group = deal_groups(found.computed, SAMPLE, rules.peers.groups)
    except Infeasible as error:
        seen.failed.append((CONDITIONS.get(error.code, error.code), []))
        return seen
    permitted = Permitted.of(group, found.classes, found.conflicts, found.allowed)
    partners = permitted.partners()
    seen.sizes, seen.least = np.bincount(group).tolist(), int(partners.min())
    seen.least_names = [names[n] for n in np.flatnonzero(partners == partners.min())[:5]]
    for one in failed_conditions(permitted, m):
        places = one.get("units")
        named = [names[n] for n in places[:8]] if isinstance(places, list) else []
        seen.failed.append((CONDITIONS.get(str(one["condition"]), one["condition"]), named))
    return seen


def experts(step: Step) -> dict[str, object]:
    """The pool, who is left out for their employer, and about how many units each would mark."""
    pool, each = moves.experts_of(step), step.round.rules.panel.experts_each
    known = {user.pk for user in pool}
    units = step.round.applications.filter(state=State.REVIEWING).count()
    return {
        "pool": pool, "each": each, "load": -(-units * each // max(len(pool), 1)),
        "left_out": [user for user in moves.appointed_experts(step) if user.pk not in known],
        "short": bool(step.round.rules.weights.panel) and len(pool) < each,
    }  # fmt: skip


@login_required
@require_safe
def drawing(request: SignedIn, pk: int) -> HttpResponse:
    """Before the drawing its preview; after it the groups, without a word on who reviews whom."""
    step = run_step(request.user, pk)
    waiting = step.round.conflicts.filter(state=ConflictState.PROPOSED).count()
    context = {
        "step": step, "waiting": waiting, "form": KeyedForm(), "crumbs": crumbs(step.round, (_("分组排号"), "")),
        "peers": step.round.rules.peers, "panel": experts(step), "reviewing": step.round.state == RoundState.REVIEWING,
        "running": clock.today() <= step.declare_until,
    }  # fmt: skip
    if step.state == StepState.PLANNED:
        return render(request, "assessment/preview.html", context | {"seen": preview(step)})
    return render(request, "assessment/drawn.html", context | _drawn(step))


def _drawn(step: Step) -> dict[str, object]:
    entrants = step.entrants.select_related("application__unit").order_by("application__unit__name")
    sizes = Counter(row.group for row in entrants)
    sheets = Counter(step.sheets.values_list("kind", flat=True))
    opens = step.round.scoring_opens_at
    return {
        "sizes": [(GROUPS[n], sizes[n]) for n in sorted(sizes)], "units": len(entrants),
        "sheets": sheets[SheetKind.PEERS], "judges": sheets[SheetKind.PANEL], "due": clock.now() >= opens,
        "assigned": step.state == StepState.ASSIGNED,
    }  # fmt: skip


class GroupList(lists.ListPage):
    """Which unit stands in which group. Numbers and lots are public without names; here are names without numbers."""

    title = gettext_lazy("各组单位")
    noun = gettext_lazy("家")
    columns = (
        lists.Column(
            key="unit", label=gettext_lazy("单位"), value="application.unit.name", sort="application__unit__name"
        ),
        lists.Column(
            key="group",
            label=gettext_lazy("组"),
            value=lambda row: GROUPS[row.group],
            sort="group",
            folds_with="group",
            phone="right",
        ),
        lists.Column(
            key="district",
            label=gettext_lazy("旗县区"),
            value="application.unit.district.short",
            sort="application__unit__district__short",
            folds_with="district",
        ),
        lists.Column(key="state", label=gettext_lazy("状态"), value="application.get_state_display"),
    )
    filters = (
        lists.Choice(key="group", label=gettext_lazy("组"), options=[(n, GROUPS[n]) for n in range(9)]),
        lists.Choice(
            key="district", label=gettext_lazy("旗县区"), options=districts, field="application__unit__district"
        ),
    )
    search = ("application__unit__name",)
    search_label = gettext_lazy("按单位名称查找")
    order = "unit"


@login_required
@require_safe
def groups(request: SignedIn, pk: int) -> HttpResponse:
    """Units by name with their group."""
    step = run_step(request.user, pk)
    rows = step.entrants.select_related("application__unit__district").order_by("application__unit__name")
    way = crumbs(step.round, (_("分组排号"), reverse("assessment:drawing", args=[pk])), (GroupList.title, ""))
    return lists.page(request, GroupList, rows, crumbs=way)


@login_required
@require_POST
def draw(request: SignedIn, pk: int) -> HttpResponse:
    """分组排号."""
    step = moves.draw(pk, by=request.user, key=key_of(request))
    opens = formats.moment(step.round.scoring_opens_at)
    messages.success(request, _("已分组排号。%(opens)s 自动开始评分，到时通知互评人和专家。") % {"opens": opens})
    return redirect("assessment:drawing", pk)


@login_required
@require_POST
def recall(request: SignedIn, pk: int) -> HttpResponse:
    """Take the drawing back."""
    moves.recall(pk, by=request.user, key=key_of(request))
    messages.success(request, _("已撤回。改好回避关系后可以重新分组，编号和签号都会重抽。"))
    return redirect("assessment:drawing", pk)


@login_required
@require_POST
def start(request: SignedIn, pk: int) -> HttpResponse:
    """Open the sheets once their time has come."""
    step = moves.start(pk, by=request.user, key=key_of(request))
    until = formats.moment(step.round.scoring_closes_at)
    messages.success(request, _("评分已开始，互评人和专家都已收到通知。%(until)s 截止。") % {"until": until})
    return redirect("assessment:progress", pk)
