"""The pilots: who they are, how the districts are covered, and each one's page."""

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from django.contrib import messages as flash
from django.contrib.auth.decorators import login_required
from django.db.models import Count, Prefetch, Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from guildhall.foundation.organisations.models import Unit
from guildhall.foundation.organisations.rules import require
from guildhall.foundation.organisations.states import Ownership, Right, UnitState
from guildhall.foundation.organisations.views.pages import SignedIn, form_page, need, sent
from guildhall.foundation.organisations.views.units import districts
from guildhall.foundation.records.models import Decision
from guildhall.foundation.screens import lists
from guildhall.foundation.screens.lists.listing import Rows
from guildhall.reform.pilots import forms, moves
from guildhall.reform.pilots.models import Designation, holding
from guildhall.reform.pilots.rules import BATCHES
from guildhall.reform.pilots.states import AFTER, PilotKind, PilotLevel, PilotState, Theme

ACTS: dict[str, tuple[Any, Callable[..., Any], Any, Any, Any]] = {
    "extend": (forms.ExtendForm, moves.extend, gettext_lazy("延期"), gettext_lazy("延到这一天"), ""),
    "withdraw": (forms.LeaveForm, moves.withdraw, gettext_lazy("撤销试点"), gettext_lazy("撤销"),
                 gettext_lazy("撤销后不再参加新的批次，已有的结果不变。不能撤回。")),
    "end": (forms.LeaveForm, moves.end, gettext_lazy("提前结束"), gettext_lazy("结束"),
            gettext_lazy("结束后不再参加新的批次，已有的结果不变。不能撤回。")),
}  # fmt: skip
"""Of each act on a designation: its form, its move, the title, the button, and what happens next."""


def _said(read: Callable[[Designation], object]) -> Callable[[Unit], str]:
    """What a unit's designations say, each different answer once."""
    return lambda unit: "、".join(dict.fromkeys(str(read(one)) for one in unit.held))  # type: ignore[attr-defined]


def _held(field: str) -> Callable[[Rows, str], Rows]:
    """The units with a designation in force of this value."""
    return lambda rows, value: holding(rows, **{field: value})


class PilotList(lists.ListPage):
    """The pilot units, each once, with what both levels designated."""

    title = gettext_lazy("试点单位")
    noun = gettext_lazy("家")
    search = ("name", "code")
    search_label = gettext_lazy("单位名、信用代码")
    order = "name"
    empty = gettext_lazy("您的范围里还没有试点单位。")
    columns = (
        lists.Column(key="name", label=gettext_lazy("单位"), sort="name",
                     link=lambda unit: reverse("pilots:pilot", args=[unit.pk])),
        lists.Column(key="district", label=gettext_lazy("旗县区"), value="district.short", sort="district__short",
                     folds_with="district"),
        lists.Column(key="ownership", label=gettext_lazy("隶属"), value="get_ownership_display", sort="ownership",
                     folds_with="ownership"),
        lists.Column(key="what", label=gettext_lazy("类别"), value=_said(lambda one: one.what)),
        lists.Column(key="level", label=gettext_lazy("层级"), value=_said(lambda one: one.get_level_display())),
        lists.Column(key="batch", label=gettext_lazy("批次"), value=_said(lambda one: one.batch), folds_with="batch"),
        lists.Column(key="ends", label=gettext_lazy("有效至"), value=lambda unit: max(one.ends for one in unit.held),
                     kind=lists.Kind.DAY, phone="right"),
        lists.Column(key="headcount", label=gettext_lazy("职工人数"), kind=lists.Kind.NUMBER, sort="headcount",
                     total="sum", hidden=True),
        lists.Column(key="code", label=gettext_lazy("统一社会信用代码"), sort="code", hidden=True),
    )  # fmt: skip
    filters = (
        lists.Choice(key="ownership", label=gettext_lazy("隶属"), options=Ownership.choices),
        lists.Choice(key="kind", label=gettext_lazy("类别"), options=PilotKind.choices, apply=_held("kind")),
        lists.Choice(key="theme", label=gettext_lazy("方向"), options=Theme.choices[1:], apply=_held("theme")),
        lists.Choice(key="level", label=gettext_lazy("层级"), options=PilotLevel.choices, apply=_held("level")),
        lists.Choice(key="batch", label=gettext_lazy("批次"), options=[(one, str(one)) for one in BATCHES],
                     apply=_held("batch")),
    )  # fmt: skip


def _pilots(request: SignedIn) -> Rows:
    """The units of the reader's scope that are pilots today, with their designations."""
    held = Designation.objects.visible_to(request.user).active().order_by("-level", "pk")
    units = Unit.objects.visible_to(request.user).filter(pk__in=held.values("unit"), state=UnitState.ACTIVE)
    return units.select_related("district").prefetch_related(Prefetch("designations", held, to_attr="held"))


@login_required
@require_safe
def pilots(request: SignedIn) -> HttpResponse:
    """The list."""
    need(request, Right.READ_UNITS)
    named = {"__module__": __name__, "__qualname__": "PilotList", "filters": (districts(request), *PilotList.filters)}
    acts = [lists.Act(label=_("覆盖情况"), url=reverse("pilots:coverage"), icon="table")]
    if request.user.may(Right.MANAGE_UNITS):
        acts.append(lists.Act(label=_("新增"), url=reverse("pilots:new"), icon="plus", red=True))
    return lists.page(request, type("PilotList", (PilotList,), named), _pilots(request), lead=_lead(request), acts=acts)


def _lead(request: SignedIn) -> str:
    """The register in one sentence, over the reader's scope."""
    rows = Designation.objects.visible_to(request.user).active().filter(unit__state=UnitState.ACTIVE)
    municipal, district = Q(level=PilotLevel.MUNICIPAL), Q(level=PilotLevel.DISTRICT)
    found = rows.aggregate(
        units=Count("unit", distinct=True), municipal=Count("pk", municipal), district=Count("pk", district)
    )  # fmt: skip
    both = found["municipal"] + found["district"] - found["units"]
    text = _("共 %(units)d 家。市级 %(municipal)d 家，旗县区级 %(district)d 家，其中 %(both)d 家兼有。")
    return text % {**found, "both": both}


@login_required
@require_safe
def coverage(request: SignedIn) -> HttpResponse:
    """District by ownership: how many units there are, and how many of them are pilots; gaps are named."""
    need(request, Right.READ_UNITS)
    units = Unit.objects.visible_to(request.user).filter(state=UnitState.ACTIVE).select_related("district")
    held = set(Designation.objects.visible_to(request.user).active().values_list("unit", flat=True))
    table, shares = _table(units, held), Ownership.choices
    crumbs = [(_("试点单位"), reverse("pilots:pilots")), (_("覆盖情况"), "")]
    context = {"table": table, "heads": [label for _value, label in shares], "crumbs": crumbs, "gaps": _gaps(table)}
    return render(request, "pilots/coverage.html", context)


def _table(units: Rows, held: set[int]) -> list[dict[str, Any]]:
    """One line a district: cells of (pilots, units, link) by ownership, and their sums."""
    counted: dict[Any, dict[str, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0]))
    for unit in units:
        cell = counted[unit.district][unit.ownership]
        cell[0] += unit.pk in held
        cell[1] += 1
    base = reverse("pilots:pilots")
    return [
        {
            "district": union.short, "url": f"{base}?district={union.pk}",
            "cells": [(*row[key], f"{base}?district={union.pk}&ownership={key}") for key in Ownership.values],
            "pilots": sum(pair[0] for pair in row.values()), "units": sum(pair[1] for pair in row.values()),
        }
        for union, row in sorted(counted.items(), key=lambda pair: pair[0].pk)
    ]  # fmt: skip


def _gaps(table: list[dict[str, Any]]) -> list[str]:
    """Where there are units and none is a pilot."""
    labels = list(Ownership.labels)
    return [
        f"{line['district']} {label}"
        for line in table
        for label, (pilots, units, _url) in zip(labels, line["cells"], strict=True)
        if units and not pilots
    ]


@login_required
@require_safe
def pilot(request: SignedIn, pk: int) -> HttpResponse:
    """One pilot unit: its designations, what may be done, and what was decided."""
    unit = Unit.objects.visible_to(request.user).select_related("district", "union").pick(pk)
    held = list(Designation.objects.visible_to(request.user).filter(unit=unit).order_by("-level", "-starts"))
    may = request.user.may(Right.MANAGE_UNITS, unit.union)
    rows = [(one, _acts(one) if may else []) for one in held]
    subjects = [f"unit:{pk}", *(f"pilot:{one.pk}" for one in held)]
    decisions = Decision.objects.visible_to(request.user).told().filter(stream__name=moves.STREAM, subject__in=subjects)
    crumbs = [(_("试点单位"), reverse("pilots:pilots")), (unit, "")]
    context = {"unit": unit, "rows": rows, "track": _track(decisions.order_by("-number")), "crumbs": crumbs}
    return render(request, "pilots/pilot.html", context)


def _acts(one: Designation) -> list[tuple[object, str]]:
    """What may be done to a designation now."""
    return [(row[2], reverse(f"pilots:{act}", args=[one.pk])) for act, row in ACTS.items() if (one.state, act) in AFTER]


def _track(decisions: Any) -> list[dict[str, object]]:
    """The decisions as a time line."""
    acts = {
        "pilot.designate": _("定为试点"),
        "pilot.extend": _("延期"),
        "pilot.withdraw": _("撤销"),
        "pilot.end": _("结束"),
    }
    return [
        {"at": one.business_at, "who": one.actor_name, "what": acts.get(one.act, one.act), "say": one.note}
        for one in decisions
    ]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: SignedIn) -> HttpResponse:
    """Enter a unit as a pilot."""
    need(request, Right.MANAGE_UNITS)
    form = forms.DesignationForm(request.POST or None, asker=request.user, initial={"unit": request.GET.get("unit")})
    made = sent(request, form, lambda unit, **values: moves.designate(unit.pk, **values))
    if made:
        flash.success(request, _("已定为试点，进入下一批互评的名单。"))
        return redirect("pilots:pilot", made.unit_id)
    crumbs = [(_("试点单位"), reverse("pilots:pilots")), (_("新增"), "")]
    return form_page(request, form, _("新增试点"), _("定为试点"), crumbs=crumbs)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def act(request: SignedIn, pk: int, act: str) -> HttpResponse:
    """Extend, withdraw or end a designation, on a page that says what follows."""
    shape, move, title, button, note = ACTS[act]
    found = Designation.objects.visible_to(request.user).select_related("unit__union").pick(pk)
    require(request.user, Right.MANAGE_UNITS, at=found.unit.union)
    form = shape(request.POST or None)
    if sent(request, form, lambda **values: move(pk, **values)):
        flash.success(request, _("%(act)s已办，写进了决定记录。") % {"act": title})
        return redirect("pilots:pilot", found.unit_id)
    unit = (found.unit, reverse("pilots:pilot", args=[found.unit_id]))
    crumbs = [(_("试点单位"), reverse("pilots:pilots")), unit, (title, "")]
    lead = f"{found} · {found.what} · {PilotState(found.state).label}"
    return form_page(request, form, f"{title}：{found.unit}", button, lead=lead, note=str(note), crumbs=crumbs)
