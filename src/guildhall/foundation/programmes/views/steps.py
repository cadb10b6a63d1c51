"""A round's review, step by step, for the officer in charge: who is asked, how far they are, the cut before the act."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_POST, require_safe

from guildhall.foundation.errors import BadInput, NotHere, Refusal
from guildhall.foundation.organisations.rules import require
from guildhall.foundation.organisations.states import Right
from guildhall.foundation.programmes.forms.reviewing import ExternalForm, ReplaceForm
from guildhall.foundation.programmes.models import Application, Round, StepResult, StepSheet, ended_steps
from guildhall.foundation.programmes.models.review import results_of, sheets_of
from guildhall.foundation.programmes.moves import notices, reviewing
from guildhall.foundation.programmes.states import RoundState, SheetState, State
from guildhall.foundation.programmes.views import SignedIn, key_of
from guildhall.foundation.programmes.views.rounds import shown

METHODS = {
    "officer": lazy("审核"), "checklist": lazy("现场查看"), "panel": lazy("专家打分"), "computed": lazy("按数据计算"),
    "ballot": lazy("无记名投票"), "external": lazy("外部评定"),
}  # fmt: skip


@login_required
@require_safe
def steps(request: SignedIn, pk: int) -> HttpResponse:
    """The steps in order: those ended with their results, the one that runs with its acts."""
    of = Round.objects.visible_to(request.user).pick(pk)
    require(request.user, Right.RUN_ROUNDS, at=of.union)
    if not of.rules.stepwise:
        raise NotHere
    facts = shown(request, pk, "steps", of=of, found=_steps(of), rolling=of.programme.file.rolling)
    return render(request, "programmes/review/steps.html", facts)


def _steps(of: Round) -> list[dict[str, Any]]:
    ended = ended_steps(of)
    sheets: dict[int, list[StepSheet]] = {}
    for sheet in sheets_of(of):
        sheets.setdefault(sheet.step, []).append(sheet)
    results: dict[int, list[StepResult]] = {}
    for one in results_of(of):
        results.setdefault(one.step, []).append(one)
    standing: dict[int, list[Application]] = {}
    for row in of.applications.filter(state=State.REVIEWING).select_related("unit", "union").order_by("pk"):
        row.round = of
        standing.setdefault(row.step, []).append(row)
    draws = {one.step: one for one in of.draws.order_by("pk")}
    return [
        _step(of, place, place in ended, standing.get(place, []), sheets.get(place, []), results.get(place, []))
        | {"draw": draws.get(place)}
        for place in range(len(of.rules.review))
    ]


def _step(
    of: Round, place: int, over: bool, rows: list[Application], sheets: list[StepSheet], results: list[StepResult]
) -> dict[str, Any]:
    step = of.rules.review[place]
    judged = {one.application_id for one in results}
    here = [] if over else [row for row in rows if step.method == "external" or row.pk not in judged]
    runs = bool(here) and not of.proposed_at and of.state in (RoundState.OPEN, RoundState.CLOSED, RoundState.REVIEWING)
    found: dict[str, Any] = {
        "place": place, "step": step, "method": METHODS[step.method], "over": over, "here": here, "runs": runs,
        "by_sheet": step.method in reviewing.BY_SHEET, "drawn": step.method in ("panel", "ballot"),
        "progress": _progress(sheets), "open": [one for one in sheets if one.state == SheetState.OPEN],
        "results": sorted((_result(one) for one in results), key=lambda line: (line["rank"] or 10**6, line["unit"])),
    }  # fmt: skip
    if runs:
        found["reviewers"] = reviewing.reviewers(of, step) if found["by_sheet"] else []
        found["external"] = ExternalForm() if step.method == "external" else None
        found["replace"] = ReplaceForm(people=found["reviewers"])
        if not of.programme.file.rolling and step.method != "ballot":  # A ballot is counted at its end, not before.
            found |= _before_the_act(of, place, here)
    return found


def _before_the_act(of: Round, place: int, here: list[Application]) -> dict[str, Any]:
    """Who would go on and who not, or why the step cannot end yet."""
    try:
        lines = reviewing.foreseen(of, place, here)
    except Refusal as refusal:
        return {"against": refusal}
    return {"foreseen": lines, "going_on": sum(one["on"] for one in lines)}


def _progress(sheets: Iterable[StepSheet]) -> list[dict[str, Any]]:
    found: dict[int, dict[str, Any]] = {}
    for sheet in sheets:
        one = found.setdefault(sheet.reviewer_id, {"who": sheet.reviewer, "done": 0, "total": 0})
        one["total"] += 1
        one["done"] += sheet.state == SheetState.SUBMITTED
    return list(found.values())


def _result(one: StepResult) -> dict[str, Any]:
    return {
        "unit": one.application.unit.name, "score": one.score, "rank": one.rank, "passed": one.passed,
        "how": worked(one.working),
    }  # fmt: skip


def worked(working: dict[str, Any]) -> str:
    """How a result came about, in one line."""
    if "voters" in working:
        return _("赞成 %(for)d，反对 %(against)d，弃权 %(abstain)d，应到 %(voters)d") % working
    if "number" in working:
        return "，".join(one for one in (working["number"], working["dated"], working["note"]) if one)
    if "sheets" in working:
        return _("各份评分：%(marks)s") % {"marks": "、".join(f"{float(one):.2f}" for one in working["sheets"])}
    return "；".join(working.get("notes", []))


def _ids(request: SignedIn, name: str) -> list[int]:
    try:
        return [int(one) for one in request.POST.getlist(name)]
    except ValueError:
        raise NotHere from None


@login_required
@require_POST
def assign(request: SignedIn, pk: int, place: int) -> HttpResponse:
    """Ask the chosen people for the chosen applications."""
    people, rows = _ids(request, "reviewer"), _ids(request, "application")
    if not people or not rows:
        Round.objects.visible_to(request.user).pick(pk)
        raise BadInput(what=_("请选申报，再选评审人。"))
    asked = dict.fromkeys(rows, people)
    new = reviewing.assign(pk, place, asked, by=request.user, key=key_of(request))
    messages.success(request, _("新安排 %(n)d 份，评审人收到了消息。") % {"n": new})
    return redirect("rounds:steps", pk)


@login_required
@require_POST
def draw(request: SignedIn, pk: int, place: int) -> HttpResponse:
    """Draw experts by a seed."""
    drawn = reviewing.draw(pk, place, by=request.user, key=key_of(request))
    messages.success(request, _("已抽取专家，种子 %(seed)s。专家收到了消息。") % {"seed": drawn.seed})
    return redirect("rounds:steps", pk)


@login_required
@require_POST
def remind(request: SignedIn, pk: int, place: int) -> HttpResponse:
    """Remind whoever has a sheet out."""
    told = reviewing.remind(pk, place, by=request.user, key=key_of(request))
    messages.success(request, _("已提醒 %(n)d 人。") % {"n": told})
    return redirect("rounds:steps", pk)


@login_required
@require_POST
def close(request: SignedIn, pk: int, place: int) -> HttpResponse:
    """End the step."""
    on = reviewing.close_step(pk, place, by=request.user, key=key_of(request))
    messages.success(request, _("这一步结束了，%(n)d 件进入下一步。公布以前各单位看不到。") % {"n": on})
    return redirect("rounds:steps", pk)


@login_required
@require_POST
def replace(request: SignedIn, pk: int) -> HttpResponse:
    """Ask somebody else in the place of one whose sheet is out."""
    form = ReplaceForm(request.POST)
    if not form.is_valid():
        raise BadInput(what=_("请选换成谁，并写明理由。"))
    said = form.cleaned_data
    new = reviewing.replace_reviewer(pk, said["user"], reason=said["reason"], by=request.user, key=said["key"])
    messages.success(request, _("已换成%(who)s，他收到了消息。") % {"who": new.reviewer})
    return redirect("rounds:steps", new.application.round_id)


@login_required
@require_POST
def external(request: SignedIn, pk: int) -> HttpResponse:
    """Enter what was decided elsewhere."""
    row = Application.objects.visible_to(request.user).pick(pk)
    form = ExternalForm(request.POST)
    if not form.is_valid():
        require(request.user, Right.RUN_ROUNDS, at=row.round.union)
        raise BadInput(what=_("请写明结果、文号和日期。"))
    said = form.cleaned_data
    entered = {"passed": said["passed"] == "1", "number": said["number"], "dated": said["dated"], "note": said["note"]}
    reviewing.record_external(pk, by=request.user, key=said["key"], **entered)
    messages.success(request, _("%(unit)s的结果已登记。") % {"unit": row.unit.name})
    return redirect("rounds:steps", row.round_id)


@login_required
@require_POST
def confer(request: SignedIn, pk: int) -> HttpResponse:
    """Confer what was released, where the version has no public notice."""
    notices.confer_released(pk, by=request.user, key=key_of(request))
    messages.success(request, _("入选的单位已命名，批次已办结。"))
    return redirect("rounds:page", pk)
