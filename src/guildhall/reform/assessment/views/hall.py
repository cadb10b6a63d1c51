"""In the hall: who speaks, who is next, and the clock, alike on every screen; sessions opened and closed."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from guildhall.foundation.errors import BadInput, Refusal
from guildhall.foundation.organisations.models import User
from guildhall.foundation.organisations.rules import require
from guildhall.foundation.organisations.states import Right
from guildhall.foundation.programmes.views import SignedIn, key_of
from guildhall.foundation.screens.forms import KeyedForm
from guildhall.reform.assessment.models import LEFT, Session
from guildhall.reform.assessment.moves import hall as moves
from guildhall.reform.assessment.states import Turn


def run_session(user: User, pk: int) -> Session:
    """A session of a round that the user runs: 404 out of scope, 403 without the office."""
    session = Session.objects.visible_to(user).pick(pk)
    require(user, Right.RUN_ROUNDS, at=session.meeting.step.round.union)
    return session


def standing(session: Session) -> dict[str, Any]:
    """What every screen of the hall shows."""
    rows = session.slots.exclude(application__state__in=LEFT).select_related("application__unit").order_by("place")
    slots = list(rows)
    session.current = next((slot for slot in slots if slot.pk == session.current_id), None)
    after = moves.following(session, slots)
    current = session.current

    def named(slot: Any) -> dict[str, Any] | None:
        return {"order": slot.order, "name": slot.application.unit.name} if slot else None

    return {
        "turns": session.turns, "current": named(current), "next": named(after), "left": session.left,
        "running": session.turn_started_at is not None, "open": session.running, "over": session.over,
        "done": sum(slot.present is not None and slot != current for slot in slots), "total": len(slots),
        "minutes": session.meeting.minutes,
    }  # fmt: skip


def clock_face(seconds: int) -> str:
    """7:59; what is over says so in words beside it."""
    return f"{abs(seconds) // 60}:{abs(seconds) % 60:02d}"


@login_required
@never_cache
@require_safe
def screen(request: SignedIn, pk: int) -> HttpResponse:
    """The screen of the hall, worked by buttons or keys."""
    session = run_session(request.user, pk)
    shown = standing(session)
    context = {"session": session, "shown": shown, "face": clock_face(shown["left"]), "key": KeyedForm(), "Turn": Turn}
    return render(request, "assessment/hall.html", context)


@login_required
@never_cache
@require_safe
def now(request: SignedIn, pk: int) -> HttpResponse:
    """The same as data, for screens that ask every second."""
    return JsonResponse(standing(run_session(request.user, pk)))


@login_required
@require_POST
def turn(request: SignedIn, pk: int) -> HttpResponse:
    """A button of the hall; a screen that lags behind is told, and shown how it stands."""
    asked, act = request.POST.get("turns", ""), request.POST.get("act", "")
    if act not in Turn.values or not asked.isdecimal() or len(asked) > 9:
        raise BadInput(what=_("页面过期了，请刷新再提交。"))
    quiet = "application/json" in request.headers.get("Accept", "")
    try:
        session = moves.turn(pk, Turn(act), turns=int(asked), by=request.user)
    except Refusal as refusal:
        if not quiet:
            raise
        return JsonResponse({"code": refusal.code, "sentence": str(refusal)}, status=refusal.status)
    return JsonResponse(standing(session)) if quiet else redirect("assessment:hall", pk)


@login_required
@require_POST
def open_session(request: SignedIn, pk: int) -> HttpResponse:
    """现在开放."""
    session = moves.open_session(pk, by=request.user, key=key_of(request))
    messages.success(request, _("第 %(n)d 场已开放，这一场的单位现在可以评分。") % {"n": session.number})
    return redirect("assessment:hall", pk)


@login_required
@require_POST
def close_session(request: SignedIn, pk: int) -> HttpResponse:
    """结束这一场."""
    session = moves.close_session(pk, by=request.user, key=key_of(request))
    messages.success(
        request, _("第 %(n)d 场已结束，到会和发言情况已记录。评分到截止前都可以继续。") % {"n": session.number}
    )
    return redirect(reverse("assessment:meeting", args=[session.meeting.step.round_id]))
