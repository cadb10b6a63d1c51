"""The levels' pages: what waits for endorsement, and the acts on one application."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.forms import Form
from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_POST, require_safe

from guildhall.foundation import clock
from guildhall.foundation.errors import Refusal
from guildhall.foundation.organisations.models import User
from guildhall.foundation.organisations.states import Right
from guildhall.foundation.programmes.forms.endorsing import (
    AnnounceForm,
    DeclineForm,
    EndorseForm,
    MoreTimeForm,
    ProofForm,
    ReturnForm,
)
from guildhall.foundation.programmes.models import Application
from guildhall.foundation.programmes.models.application import districts
from guildhall.foundation.programmes.models.round import worded
from guildhall.foundation.programmes.moves import endorsing as moves
from guildhall.foundation.programmes.moves import evidence
from guildhall.foundation.programmes.moves.applying import SCAN
from guildhall.foundation.programmes.rules.levels import CHECK, seat_of
from guildhall.foundation.programmes.states import State
from guildhall.foundation.programmes.views import SignedIn, key_of
from guildhall.foundation.records.attachments import serve
from guildhall.foundation.screens.lists import Choice, Column, Kind, ListPage, page


def waits_for(user: User) -> list[int]:
    """The applications whose turn lies with an office of this user, by id."""
    unions = set(user.unions_with(Right.ENDORSE))
    rows = Application.objects.visible_to(user).filter(state=State.AWAITING)
    rows = rows.select_related("round__programme", "union__parent__parent")
    found = []
    for row in rows:
        seat = seat_of(row.round.rules.levels[row.level], row.union)
        if seat is not None and seat.pk in unions:
            found.append(row.pk)
    return found


class Awaiting(ListPage):
    """待推荐: what waits for the reader's own level."""

    title = lazy("待推荐")
    noun = lazy("件")
    columns = (
        Column(key="unit", label=lazy("单位"), value="unit.name", link=lambda row: reverse("rounds:application", args=[row.pk]), sort="unit__name"),
        Column(key="round", label=lazy("批次"), value="round.title", sort="round__title"),
        Column(key="district", label=lazy("旗县区"), value="unit.district.short", sort="unit__district__short"),
        Column(key="submitted_at", label=lazy("提交"), kind=Kind.MOMENT, sort="submitted_at"),
        Column(key="due_at", label=lazy("期限"), kind=Kind.MOMENT, sort="due_at", phone="right"),
    )  # fmt: skip
    filters = (Choice(key="district", label=lazy("旗县区"), options=districts, field="unit__district"),)
    search = ("unit__name", "unit__code", "round__title")
    search_label = lazy("单位或批次")
    order = "due_at"
    empty = lazy("没有等您推荐的申报。下级提交以后会出现在这里，并通知您。")


@login_required
@require_safe
def index(request: SignedIn) -> HttpResponse:
    """What waits for the reader's own level."""
    rows = Application.objects.visible_to(request.user).filter(pk__in=waits_for(request.user))
    return page(request, Awaiting, rows.select_related("unit__district", "round"))


def at_level(application: Application, user: User) -> dict[str, Any]:
    """What the application's page shows of the levels: whose turn, what they said, and the reader's own acts."""
    of = application.round
    facts: dict[str, Any] = {
        "levels": _levels(application), "spoken": list(application.endorsements.select_related("union", "by__person", "countersigned_by__person")),
        "who": moves_who(application),
    }  # fmt: skip
    facts |= {"return_form": None, "here": None}
    if moves.against_returning(application, user) is None:
        last = moves.last_mending_day(application)
        facts["return_form"] = ReturnForm(choices=places(application), initial={"due_on": last or _soon()})
    if application.state == State.RETURNED and _returned_it(application, user):
        facts["time_form"] = MoreTimeForm()
    if application.state != State.AWAITING:
        return facts
    try:
        here = moves.turn(application, user, lock=False)
    except Refusal:
        return facts
    pending = getattr(application, "pending", None)
    return facts | {
        "here": here, "notice": moves.level_notice(application, here.place), "pending": pending,
        "own_pending": pending is not None and pending.by_id == user.pk,
        "against_endorsing": moves.against_endorsing(here), "used": moves.used(of, here.place, here.union),
        "endorse_form": EndorseForm(level=here.level), "announce_form": AnnounceForm(initial={"starts_on": clock.today()}),
        "proof_form": ProofForm(), "decline_form": DeclineForm(),
    }  # fmt: skip


def _soon() -> Any:
    return clock.add_working_days(clock.today(), 3)


def _returned_it(application: Application, user: User) -> bool:
    if application.level == CHECK:
        return user.may(Right.RUN_ROUNDS, application.round.union)
    seat = seat_of(application.round.rules.levels[application.level], application.union)
    return seat is not None and moves.seated(user, Right.ENDORSE, seat)


def moves_who(application: Application) -> str:
    """Who has it now, in words; empty where nobody has."""
    if application.state not in (State.AWAITING, State.CHECKING, State.RETURNED):
        return ""
    if application.state == State.RETURNED:
        return application.unit.name
    if application.level == CHECK:
        return application.round.union.name
    seat = seat_of(application.round.rules.levels[application.level], application.union)
    return seat.name if seat else ""


def _levels(application: Application) -> list[tuple[str, str]]:
    """The levels this application passes, and where each stands: done, now or next."""
    found, past = [], application.state not in (State.DRAFT, State.AWAITING, State.RETURNED, State.DECLINED)
    for n, level in enumerate(application.round.rules.levels):
        seat = seat_of(level, application.union)
        if seat is None:
            continue
        here = application.level == n and application.state in (State.AWAITING, State.RETURNED)
        done = past or application.level > n or (application.level == CHECK and application.state == State.RETURNED)
        found.append((seat.short, "now" if here else "done" if done else "next"))
    return found


def places(application: Application) -> list[tuple[str, str]]:
    """What a return may tick: the form's fields, and the sealed scan."""
    rules = application.round.rules
    found = [(field.key, worded(field.label)) for field in rules.form]
    return [*found, (SCAN, _("盖章件"))] if rules.sealed_scan else found


def _seen(request: SignedIn, pk: int) -> Application:
    return Application.objects.visible_to(request.user).pick(pk)


def _again(request: SignedIn, pk: int, name: str, form: Form) -> HttpResponse:
    from guildhall.foundation.programmes.views.applications import again  # noqa: PLC0415  That page shows these forms.

    filled: dict[str, object] = {name: form, "form": form}
    return again(request, pk, **filled)


@login_required
@require_POST
def announce(request: SignedIn, pk: int) -> HttpResponse:
    """Register the level's own notice."""
    _seen(request, pk)
    form = AnnounceForm(request.POST)
    if not form.is_valid():
        return _again(request, pk, "announce_form", form)
    said = form.cleaned_data
    done = moves.announce(pk, starts_on=said["starts_on"], place=said["place"], by=request.user, key=said["key"])
    messages.success(request, _("公示已登记，到 %(day)s 期满，期满后上传证明再推荐。") % {"day": done.ends_on})
    return redirect("rounds:application", pk)


@login_required
@require_POST
def prove(request: SignedIn, pk: int) -> HttpResponse:
    """Upload the proof of the notice."""
    _seen(request, pk)
    form = ProofForm(request.POST, request.FILES)
    if not form.is_valid():
        return _again(request, pk, "proof_form", form)
    moves.prove(pk, upload=form.cleaned_data["file"], by=request.user, key=form.cleaned_data["key"])
    messages.success(request, _("公示证明已收到。"))
    return redirect("rounds:application", pk)


@login_required
@require_POST
def endorse(request: SignedIn, pk: int) -> HttpResponse:
    """Endorse it towards the next level."""
    application = _seen(request, pk)
    here = moves.turn(application, request.user, lock=False)
    form = EndorseForm(request.POST, request.FILES, level=here.level)
    if not form.is_valid():
        return _again(request, pk, "endorse_form", form)
    said = dict(form.cleaned_data)
    done = moves.endorse(pk, by=request.user, key=said.pop("key"), **said)
    if here.level.countersign and done.level == here.place:
        messages.success(request, _("意见已拟好，等另一位同志会签。"))
    else:
        messages.success(request, _("已推荐，现在由%(who)s办理。") % {"who": moves_who(done)})
    return redirect("rounds:endorsing")


@login_required
@require_POST
def countersign(request: SignedIn, pk: int) -> HttpResponse:
    """Countersign what a colleague drew up."""
    _seen(request, pk)
    done = moves.countersign(pk, by=request.user, key=key_of(request))
    messages.success(request, _("已会签推荐，现在由%(who)s办理。") % {"who": moves_who(done)})
    return redirect("rounds:endorsing")


@login_required
@require_POST
def send_back(request: SignedIn, pk: int) -> HttpResponse:
    """Return it for correction."""
    application = _seen(request, pk)
    form = ReturnForm(request.POST, choices=places(application))
    if not form.is_valid():
        return _again(request, pk, "return_form", form)
    said = dict(form.cleaned_data)
    done = moves.send_back(pk, by=request.user, key=said.pop("key"), **said)
    facts = {"unit": done.unit.name, "day": said["due_on"]}
    messages.success(request, _("已退回%(unit)s，请他们 %(day)s 前补正。补正后直接回到您这里。") % facts)
    return redirect("rounds:application", pk)


@login_required
@require_POST
def grant_time(request: SignedIn, pk: int) -> HttpResponse:
    """Give more time for mending."""
    _seen(request, pk)
    form = MoreTimeForm(request.POST)
    if not form.is_valid():
        return _again(request, pk, "time_form", form)
    said = dict(form.cleaned_data)
    moves.grant_time(pk, by=request.user, key=said.pop("key"), **said)
    messages.success(request, _("补正期限延长到 %(day)s，单位已收到通知。") % {"day": said["due_on"]})
    return redirect("rounds:application", pk)


@login_required
@require_POST
def decline(request: SignedIn, pk: int) -> HttpResponse:
    """Do not put it forward."""
    _seen(request, pk)
    form = DeclineForm(request.POST)
    if not form.is_valid():
        return _again(request, pk, "decline_form", form)
    moves.decline(pk, text=form.cleaned_data["text"], by=request.user, key=form.cleaned_data["key"])
    messages.success(request, _("已记为不予推荐，单位已收到理由。"))
    return redirect("rounds:endorsing")


@login_required
@require_safe
def proof(request: SignedIn, pk: int) -> FileResponse:
    """The proof of a level's notice, for whoever sees the application."""
    return serve(evidence.proof_of(pk, request.user), inline="inline" in request.GET)


@login_required
@require_safe
def resolution(request: SignedIn, pk: int) -> FileResponse:
    """The resolution behind an endorsement, for whoever sees the application."""
    return serve(evidence.resolution_of(pk, request.user), inline="inline" in request.GET)
