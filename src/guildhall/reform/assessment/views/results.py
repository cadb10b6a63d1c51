"""Results: the officers' list, and a unit's own page, which argues its answer and adds up on screen."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from guildhall.foundation.errors import NotHere
from guildhall.foundation.organisations.states import Right
from guildhall.foundation.programmes.models import Round
from guildhall.foundation.programmes.models.application import districts
from guildhall.foundation.programmes.models.round import worded
from guildhall.foundation.programmes.states import RoundState
from guildhall.foundation.programmes.views import SignedIn
from guildhall.foundation.programmes.views.correcting import correction_of
from guildhall.foundation.screens import formats, lists
from guildhall.reform.assessment.models import Result, Step
from guildhall.reform.assessment.rules import GROUPS
from guildhall.reform.assessment.views import crumbs
from guildhall.reform.assessment.views.argument import Argument


def _tier(result: Any) -> str:
    tiers = result.application.round.rules.outcome.tiers
    return worded(tiers[result.tier].name) if result.tier is not None else formats.DASH


def _grade(result: Any) -> str:
    grades = result.application.round.rules.outcome.grades
    return worded(grades[result.grade].name) if result.grade is not None else formats.DASH


class ResultList(lists.ListPage):
    """All results of a round, ranked within their groups."""

    title = gettext_lazy("测算结果")
    noun = gettext_lazy("家")
    columns = (
        lists.Column(
            key="unit",
            label=gettext_lazy("单位"),
            value="application.unit.name",
            sort="application__unit__name",
            link=lambda row: reverse("assessment:result", args=[row.application.round_id, row.pk]),
        ),
        lists.Column(
            key="group",
            label=gettext_lazy("组"),
            value=lambda row: GROUPS[row.group],
            sort=("group", "rank"),
            folds_with="group",
        ),
        lists.Column(key="rank", label=gettext_lazy("组内名次"), kind=lists.Kind.NUMBER, sort=("rank", "group")),
        lists.Column(
            key="final",
            label=gettext_lazy("综合得分"),
            show=lambda row: formats.score(row.final, 2),
            kind=lists.Kind.SCORE,
            sort="final",
            total="mean",
            phone="right",
        ),
        lists.Column(
            key="peers",
            label=gettext_lazy("互评分"),
            show=lambda row: formats.score(row.peers, 2),
            kind=lists.Kind.SCORE,
            sort="peers",
            total="mean",
        ),
        lists.Column(
            key="panel",
            label=gettext_lazy("专家分"),
            show=lambda row: formats.score(row.panel, 2),
            kind=lists.Kind.SCORE,
            sort="panel",
            total="mean",
        ),
        lists.Column(
            key="computed",
            label=gettext_lazy("量化分"),
            show=lambda row: formats.score(row.computed, 2),
            kind=lists.Kind.SCORE,
            sort="computed",
            total="mean",
        ),
        lists.Column(key="bonus", label=gettext_lazy("加分"), kind=lists.Kind.SCORE, sort="bonus"),
        lists.Column(key="tier", label=gettext_lazy("档次"), value=_tier, sort="tier", folds_with="tier"),
        lists.Column(key="grade", label=gettext_lazy("等次"), value=_grade, sort="grade", hidden=True),
        lists.Column(
            key="sum",
            label=gettext_lazy("奖补（元）"),
            value="sum_fen",
            kind=lists.Kind.YUAN,
            sort="sum_fen",
            total="sum",
        ),
        lists.Column(
            key="district",
            label=gettext_lazy("旗县区"),
            value="application.unit.district.short",
            sort="application__unit__district__short",
            hidden=True,
        ),
    )
    filters = (
        lists.Choice(key="group", label=gettext_lazy("组"), options=[(n, GROUPS[n]) for n in range(9)]),
        lists.Choice(
            key="tier",
            label=gettext_lazy("档次"),
            options=[(n, GROUPS[n]) for n in range(3)] + [("none", gettext_lazy("不入档"))],
            apply=lambda rows, value: rows.filter(tier=None) if value == "none" else rows.filter(tier=value),
        ),
        lists.Choice(
            key="district", label=gettext_lazy("旗县区"), options=districts, field="application__unit__district"
        ),
    )
    search = ("application__unit__name",)
    search_label = gettext_lazy("按单位名称查找")
    order = "group"
    empty = gettext_lazy("还没有测算。封存后点“测算”，结果出现在这里。")
    foot = gettext_lazy("名次只在组内比。各组的分从不同的评分里读出来，不跨组比高低，也没有一条管所有组的分数线。")


def _named_tiers(step: Step) -> type[ResultList]:
    """The list with the round's own names of tiers in its filter."""
    tiers: list[tuple[Any, Any]] = [(n, worded(tier.name)) for n, tier in enumerate(step.round.rules.outcome.tiers)]
    own = lists.Choice(
        key="tier", label=_("档次"), options=[*tiers, ("none", _("不入档"))], apply=ResultList.filters[1].apply
    )
    filters = (ResultList.filters[0], own, ResultList.filters[2])
    return type("ResultList", (ResultList,), {"filters": filters, "__module__": __name__})


@login_required
@never_cache
@require_safe
def results(request: SignedIn, pk: int) -> HttpResponse:
    """The round's results as this reader may see them; before the release those inside alone."""
    step = Step.objects.visible_to(request.user).pick(pk)
    if not step.round.inside(request.user) and not step.round.released:
        raise NotHere
    rows = Result.objects.visible_to(request.user).filter(application__round=pk)
    acts = _acts(step) if request.user.may(Right.RUN_ROUNDS, step.round.union) else []
    rows = rows.select_related("application__unit__district", "application__round")
    lead = "" if step.round.released else _("还没有公布，只有承办人和审定的领导看得到。")
    return lists.page(
        request, _named_tiers(step), rows, lead=lead, acts=acts, crumbs=crumbs(step.round, (_("测算结果"), ""))
    )


def _acts(step: Step) -> list[lists.Act]:
    of = step.round
    todo = [lists.Act(label=_("去报请审定"), url=reverse("rounds:page", args=[of.pk]), red=True)]
    return [
        *(todo if of.state == RoundState.REVIEWING and not of.proposed_at else []),
        lists.Act(
            label=_("评分分析"), url=reverse("assessment:analysis", args=[step.round_id]), icon="chart-histogram"
        ),
    ]


@login_required
@never_cache
@require_safe
def result(request: SignedIn, pk: int, result_pk: int) -> HttpResponse:
    """One unit's result: the answer, how it adds up, the reviews unnamed, and what was not used."""
    found = Result.objects.visible_to(request.user).pick(result_pk)
    if found.application.round_id != pk:
        raise NotHere
    step = Step.objects.visible_to(request.user).pick(pk)
    argued = Argument(found, step)
    tone = "green" if step.round.state == RoundState.FINISHED else "amber"
    context = {"tone": tone, "result": found, "of": step.round, "step": step, "argued": argued, "notice": _open_notice(step.round),
               "correction": correction_of(found.application),
               "crumbs": crumbs(step.round, (_("测算结果"), reverse("assessment:results", args=[pk])), (_("本单位结果"), ""))}  # fmt: skip
    return render(request, "assessment/result.html", context)


def _open_notice(of: Round) -> Any:
    """The round's notice, if it is published."""
    return getattr(of, "notice", None)
