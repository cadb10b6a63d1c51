"""A level's ranked list, and what the federation sets for a level: quotas and its end."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from guildhall.foundation import clock
from guildhall.foundation.errors import NotHere
from guildhall.foundation.organisations.models import Union
from guildhall.foundation.organisations.rules import require
from guildhall.foundation.organisations.states import Right
from guildhall.foundation.programmes.forms.endorsing import ExtendLevelForm, PlacesForm, RankForm
from guildhall.foundation.programmes.models import Application, Round
from guildhall.foundation.programmes.moves import ranking as moves
from guildhall.foundation.programmes.moves.endorsing import used
from guildhall.foundation.programmes.schema import Level
from guildhall.foundation.programmes.views import SignedIn


def _level(request: SignedIn, pk: int, place: int) -> tuple[Round, Level]:
    of = Round.objects.visible_to(request.user).pick(pk)
    if not 0 <= place < len(of.rules.levels):
        raise NotHere
    return of, of.rules.levels[place]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def rank(request: SignedIn, pk: int, place: int) -> HttpResponse:
    """Put the level's applications forward in order, in one act."""
    of, level = _level(request, pk, place)
    union = moves.seat_at(of, level, request.user)
    if not level.rank:
        raise NotHere
    rows = moves.waiting_at(of, place, union)
    named = [(row.pk, row.unit.name) for row in rows]
    form = RankForm(request.POST or None, request.FILES or None, rows=named, level=level)
    if request.method == "POST" and form.is_valid():
        said, order = form.cleaned_data, form.order()
        moves.rank(pk, place, union.pk, order, texts=form.texts(), by=request.user, key=said["key"], **form.papers())
        messages.success(request, _("已推荐 %(n)d 件，市总开始资格审查。") % {"n": len(order)})
        return redirect("rounds:page", pk)
    facts = _ranked(of, place, union, form, rows) | {"level": level}
    return render(request, "programmes/applying/rank.html", facts, status=422 if form.errors else 200)


def _ranked(of: Round, place: int, union: Union, form: RankForm, rows: list[Application]) -> dict[str, Any]:
    quota = of.quotas.filter(level=place, union=union).first()
    count = used(of, place, union)
    return {
        "round": of, "union": union, "form": form, "quota": quota, "used": count,
        "rows": [(row, form[f"place-{row.pk}"], form[f"text-{row.pk}"]) for row in rows],
        "left": quota.places - count if quota and quota.places is not None else None,
        "crumbs": [(_("待推荐"), reverse("rounds:endorsing")), (_("推荐排序"), "")],
    }  # fmt: skip


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def level(request: SignedIn, pk: int, place: int) -> HttpResponse:
    """A level as the federation sees it: each union's quota, what it has endorsed, the deadline."""
    of, found = _level(request, pk, place)
    require(request.user, Right.RUN_ROUNDS, at=of.union)
    quotas = list(of.quotas.filter(level=place).select_related("union").order_by("union_id"))
    rows = [(row.union_id, row.union.name, row.places) for row in quotas]
    form = PlacesForm(request.POST or None, rows=rows)
    if request.method == "POST" and form.is_valid():
        moves.set_places(pk, place, form.places(), by=request.user, key=form.cleaned_data["key"])
        messages.success(request, _("名额已存下，下一件推荐起按新名额。"))
        return redirect("rounds:level", pk, place)
    return render(request, "programmes/applying/level.html", _shown(of, place, found, quotas, form),
                  status=422 if form.errors else 200)  # fmt: skip


def _shown(of: Round, place: int, found: Level, quotas: list[Any], form: PlacesForm) -> dict[str, Any]:
    counts = moves.used_by_union(of, place)
    return {
        "round": of, "level": found, "place": place, "form": form, "limited": found.at != "unit",
        "rows": [(row.union, form[f"places-{row.union_id}"], counts.get(row.union_id, 0)) for row in quotas],
        "ends": quotas[0].ends_at if quotas else None, "over": bool(quotas) and quotas[0].ends_at < clock.now(),
        "extend_form": ExtendLevelForm(),
        "crumbs": [(_("批次"), reverse("rounds:index")), (of.title, reverse("rounds:page", args=[of.pk])), (_("推荐名额和期限"), "")],
    }  # fmt: skip


@login_required
@require_POST
def extend(request: SignedIn, pk: int, place: int) -> HttpResponse:
    """Move a level's end for all of its unions."""
    of, found = _level(request, pk, place)
    form = ExtendLevelForm(request.POST)
    if not form.is_valid():
        require(request.user, Right.RUN_ROUNDS, at=of.union)
        quotas = list(of.quotas.filter(level=place).select_related("union").order_by("union_id"))
        places = PlacesForm(rows=[(row.union_id, row.union.name, row.places) for row in quotas])
        facts = _shown(of, place, found, quotas, places) | {"extend_form": form, "wrong": form}
        return render(request, "programmes/applying/level.html", facts, status=422)
    said = form.cleaned_data
    moves.extend_level(pk, place, said["until"], reason=said["reason"], by=request.user, key=said["key"])
    messages.success(request, _("这一级的期限已为所有工会延长。"))
    return redirect("rounds:level", pk, place)
