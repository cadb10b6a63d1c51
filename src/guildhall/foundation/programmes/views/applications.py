"""A round's applications: the list, one application, the check, evidence."""

from dataclasses import replace
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from guildhall.foundation.organisations.models import User
from guildhall.foundation.organisations.rules import require
from guildhall.foundation.organisations.states import Ownership, Right
from guildhall.foundation.programmes.forms.rounds import EvidenceForm, FactsForm, ReasonForm, RefuseForm
from guildhall.foundation.programmes.models import Application, Round, Snapshot, districts
from guildhall.foundation.programmes.models.round import worded
from guildhall.foundation.programmes.moves import applications, checks, evidence
from guildhall.foundation.programmes.moves.applying import SCAN
from guildhall.foundation.programmes.rules import computed_score, vetoed
from guildhall.foundation.programmes.states import TOLD, UNDISCLOSED, RoundState, State
from guildhall.foundation.programmes.views import SignedIn, key_of, stages, timeline
from guildhall.foundation.programmes.views.applying import shown_value
from guildhall.foundation.programmes.views.correcting import correction_of
from guildhall.foundation.programmes.views.endorsing import at_level
from guildhall.foundation.programmes.views.rounds import shown
from guildhall.foundation.records.attachments import serve
from guildhall.foundation.screens import formats
from guildhall.foundation.screens.lists import Choice, Column, ListPage, page

TONES: dict[str, str] = {
    State.CHECKING: "amber", State.HELD: "red", State.CONFERRED: "green", State.IN_NOTICE: "blue",
}  # fmt: skip
OUTSIDE = [(state, label) for state, label in TOLD.items() if state != State.PROPOSED]


def _inside(row: Any) -> str:
    return str(State(row.told_state).label)


def _outside(row: Any) -> str:
    return str(TOLD[row.told_state])


def _columns(told: Any) -> tuple[Column, ...]:
    return (
        Column(
            key="unit", label=lazy("单位"), value="unit.name", sort="unit__name",
            link=lambda row: reverse("rounds:application", args=[row.pk]),
        ),
        Column(key="state", label=lazy("状态"), value="told_state", show=told, export=told, sort="told_state", phone="right"),
        Column(key="district", label=lazy("旗县区"), value="unit.district", sort="unit__district__short", folds_with="district"),
        Column(key="ownership", label=lazy("隶属"), value="unit.get_ownership_display", sort="unit__ownership", folds_with="ownership"),
        Column(key="trade", label=lazy("行业"), value="unit.trade", sort="unit__trade"),
        Column(key="facts", label=lazy("数据"), value=lambda row: lazy("已填") if row.facts else lazy("未报")),
        Column(key="code", label=lazy("信用代码"), value="unit.code", hidden=True, phone=""),
    )  # fmt: skip


class Applications(ListPage):
    """申报, in the officer's words: every state."""

    title = lazy("申报")
    noun = lazy("件")
    columns = _columns(_inside)
    filters = (
        Choice(key="state", label=lazy("状态"), options=State.choices, field="told_state"),
        Choice(key="district", label=lazy("旗县区"), options=districts, field="unit__district"),
        Choice(key="ownership", label=lazy("隶属"), options=Ownership.choices, field="unit__ownership"),
    )
    search = ("unit__name", "unit__code")
    search_label = lazy("单位名、信用代码")
    order = "unit"
    empty = lazy("这个批次里没有您能看到的申报。")
    template = "programmes/applications/list.html"


class ApplicationsTold(Applications):
    """The same in the applicant's words: what is decided and not released cannot be told, sorted or filtered by."""

    columns = _columns(_outside)
    filters = (Choice(key="state", label=lazy("状态"), options=OUTSIDE, field="told_state"), *Applications.filters[1:])


@login_required
@require_safe
def index(request: SignedIn, pk: int) -> HttpResponse:
    """The round's applications within the reader's scope."""
    facts = shown(request, pk, "applications")
    of = facts["round"]
    assert isinstance(of, Round)
    rows = Application.objects.visible_to(request.user).filter(round=of).told_to(request.user)
    listed = Applications if of.inside(request.user) else ApplicationsTold
    checks = facts["runs"] and of.state in (RoundState.OPEN, RoundState.CLOSED)
    left = of.applications.filter(state=State.CHECKING).count() if checks else 0
    return page(request, listed, rows.select_related("unit__district"), extra={**facts, "left": left})


@login_required
@require_POST
def accept_all(request: SignedIn, pk: int) -> HttpResponse:
    """Accept every application that is complete and that nothing bars."""
    accepted, left = applications.accept_all(pk, by=request.user, key=key_of(request))
    facts = {"n": accepted, "left": left}
    if left:
        messages.warning(request, _("通过 %(n)d 件，还有 %(left)d 件数据没填全或有一票否决事项，要逐件看。") % facts)
    else:
        messages.success(request, _("通过 %(n)d 件，申报都审查完了。") % facts)
    return redirect("rounds:applications", pk)


@login_required
@require_safe
def record(request: SignedIn, pk: int) -> HttpResponse:
    """One application: its facts, what they earn, its evidence, its time line."""
    return render(request, "programmes/applications/application.html", _shown(request, pk))


def _shown(request: SignedIn, pk: int, **more: object) -> dict[str, object]:
    application = Application.objects.visible_to(request.user).pick(pk)
    of, user = application.round, request.user
    runs, speaks = user.may(Right.RUN_ROUNDS, of.union), user.may(Right.SPEAK_FOR_UNIT, application.union)
    leaves = [*[(leaf.key, worded(leaf.label)) for leaf in of.rules.leaves()], *file_fields(application)]
    pieces = list(application.evidence.select_related("attachment"))
    against = evidence.against_evidence(application, user) if runs or speaks else None
    hidden = application.state in UNDISCLOSED and not of.inside(user) and not application.released
    facts: dict[str, object] = {
        "application": application, "round": of, "unit": application.unit, "told": application.told_as(user),
        "tone": "" if hidden else TONES.get(application.state, ""), "runs": runs, "speaks": speaks, "key": uuid4(),
        "stages": stages.stages(of, user), "entries": timeline.of_application(application, user),
        "facts": _facts(application), "pieces": [(piece, dict(leaves).get(piece.indicator, "")) for piece in pieces],
        "may_add": (runs or speaks) and against is None, "against": against, "clause": _clause(application),
        "crumbs": _crumbs(application), "snapshot": _snapshot(application, user),
        "may_leave": (runs or speaks) and (hidden or application.state in (State.CHECKING, State.REVIEWING)),
        "verdicts": checks.told_of(application, inside=runs or of.inside(user)),
        "evidence_form": EvidenceForm(leaves=leaves), "refuse_form": RefuseForm(), "leave_form": ReasonForm(),
    }  # fmt: skip
    if of.rules.entry == "applied":
        facts |= at_level(application, user)
    if application.facts and (of.inside(user) or of.released) and _complete(application):
        total, workings = computed_score(of.rules, application.facts)
        named = [replace(one, label=dict(leaves)[one.key]) for one in workings]
        facts |= {"workings": named, "computed": total / 1_000_000}
    if of.released or of.inside(user):
        facts["correction"] = correction_of(application)
    return facts | more


def again(request: SignedIn, pk: int, **filled: object) -> HttpResponse:
    """The application's page once more, with a form as it was filled in and what is wrong with it."""
    facts = _shown(request, pk, **filled)
    return render(request, "programmes/applications/application.html", facts, status=422)


def _snapshot(application: Application, user: User) -> Snapshot | None:
    """The last frozen copy; the one that the decision made tells of it, so it stays out until the release."""
    of = application.round
    found = application.snapshots.order_by("at")
    return (found if of.released or of.inside(user) else found.exclude(stage="decided")).last()


def _crumbs(application: Application) -> list[tuple[str, str]]:
    of = application.round
    above = [(_("批次"), reverse("rounds:index")), (of.title, reverse("rounds:page", args=[of.pk]))]
    return [*above, (_("申报"), reverse("rounds:applications", args=[of.pk])), (application.unit.name, "")]


def _complete(application: Application) -> bool:
    return all(one.key in application.facts for one in application.round.rules.form if one.type != "file")


def _clause(application: Application) -> str | None:
    return vetoed(application.round.rules, application.facts) if _complete(application) else None


def file_fields(application: Application) -> list[tuple[str, str]]:
    """The form's file fields, and the sealed scan."""
    rules = application.round.rules
    found = [(field.key, worded(field.label)) for field in rules.form if field.type == "file"]
    return [*found, (SCAN, str(_("盖章件")))] if rules.sealed_scan else found


def _facts(application: Application) -> list[tuple[str, str | Promise]]:
    if application.round.rules.entry == "applied":
        asked = [field for field in application.round.rules.form if field.type != "file"]
        return [(worded(field.label), shown_value(field, application.facts.get(field.key))) for field in asked]
    found: list[tuple[str, str | Promise]] = []
    for one in application.round.rules.form:
        said = application.facts.get(one.key)
        if said is not None and said.isdigit():
            said = formats.count(int(said))
        unit = f" {worded(one.unit)}" if one.unit else ""
        found.append((worded(one.label), f"{said}{unit}" if said is not None else lazy("未报")))
    return found


@login_required
@require_POST
def accept(request: SignedIn, pk: int) -> HttpResponse:
    """Accept one application to the review."""
    done = applications.accept(pk, by=request.user, key=key_of(request))
    messages.success(request, _("%(unit)s通过资格审查，内容已封存。") % {"unit": done.unit.name})
    return redirect("rounds:application", pk)


@login_required
@require_POST
def refuse(request: SignedIn, pk: int) -> HttpResponse:
    """Refuse one application, with the reason and the clause."""
    form = RefuseForm(request.POST)
    if not form.is_valid():
        facts = _shown(request, pk, refuse_form=form, form=form)
        return render(request, "programmes/applications/application.html", facts, status=422)
    said = form.cleaned_data
    done = applications.refuse(pk, reason=said["reason"], clause=said["clause"], by=request.user, key=said["key"])
    messages.success(request, _("%(unit)s不予通过，理由和条款已告诉他们。") % {"unit": done.unit.name})
    return redirect("rounds:application", pk)


@login_required
@require_POST
def withdraw(request: SignedIn, pk: int) -> HttpResponse:
    """A unit leaves the round."""
    form = ReasonForm(request.POST)
    if not form.is_valid():
        facts = _shown(request, pk, leave_form=form, form=form)
        return render(request, "programmes/applications/application.html", facts, status=422)
    done = applications.withdraw(pk, reason=form.cleaned_data["reason"], by=request.user, key=form.cleaned_data["key"])
    messages.success(request, _("%(unit)s已退出这个批次。") % {"unit": done.unit.name})
    return redirect("rounds:application", pk)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def facts(request: SignedIn, pk: int) -> HttpResponse:
    """The officer corrects a unit's reported facts while it is being checked."""
    application = Application.objects.visible_to(request.user).pick(pk)
    require(request.user, Right.RUN_ROUNDS, at=application.round.union)
    form = FactsForm(request.POST or None, fields=application.round.rules.form, initial=application.facts)
    if request.method == "POST" and form.is_valid() and form.sound(application.round.rules.form):
        said = dict(form.cleaned_data)
        applications.report_facts(pk, said, by=request.user, key=said.pop("key"))
        messages.success(request, _("数据已保存，修改写入记录。"))
        return redirect("rounds:application", pk)
    shown_facts = {"application": application, "form": form, "crumbs": [*_crumbs(application)[:-1], (_("改数据"), "")]}
    return render(request, "programmes/applications/facts.html", shown_facts, status=422 if form.errors else 200)


@login_required
@require_POST
def add_evidence(request: SignedIn, pk: int) -> HttpResponse:
    """Hand in a file for one indicator."""
    application = Application.objects.visible_to(request.user).pick(pk)
    leaves = [(leaf.key, worded(leaf.label)) for leaf in application.round.rules.leaves()]
    leaves += file_fields(application)
    form = EvidenceForm(request.POST, request.FILES, leaves=leaves)
    if not form.is_valid():
        shown_facts = _shown(request, pk, evidence_form=form, form=form)
        return render(request, "programmes/applications/application.html", shown_facts, status=422)
    said = form.cleaned_data
    named = {"indicator": said["indicator"], "title": said["title"], "upload": said["file"]}
    piece = evidence.add_evidence(pk, by=request.user, key=said["key"], **named)
    messages.success(request, _("“%(title)s”已收到，评审人只在评审时看得到。") % {"title": piece.title})
    return redirect("rounds:application", pk)


@login_required
@require_POST
def drop_evidence(request: SignedIn, pk: int, evidence_pk: int) -> HttpResponse:
    """Take a file back."""
    evidence.drop_evidence(pk, evidence_pk, by=request.user, key=key_of(request))
    messages.success(request, _("材料已撤回。"))
    return redirect("rounds:application", pk)


@login_required
@require_safe
def read_evidence(request: SignedIn, pk: int) -> FileResponse:
    """A piece of evidence, for whoever sees its application or is asked to judge it."""
    piece = evidence.readable(pk, request.user)
    return serve(piece.attachment, inline="inline" in request.GET)
