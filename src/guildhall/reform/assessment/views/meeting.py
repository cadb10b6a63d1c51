"""The meeting's pages: planning it, its agenda for all who are called, the same on paper, and the order to draw again."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from guildhall.foundation import clock
from guildhall.foundation.errors import Refusal
from guildhall.foundation.organisations.models import User
from guildhall.foundation.organisations.states import Right
from guildhall.foundation.programmes.models import Round
from guildhall.foundation.programmes.states import RoundState, State
from guildhall.foundation.programmes.views import SignedIn, key_of
from guildhall.foundation.screens import formats
from guildhall.foundation.screens.forms import KeyedForm
from guildhall.reform.assessment.forms import ReasonForm
from guildhall.reform.assessment.forms.meeting import LayoutForm, MeetingForm, SessionForm, session_forms
from guildhall.reform.assessment.models import Meeting, Session, Slot, Step
from guildhall.reform.assessment.moves import meeting as moves
from guildhall.reform.assessment.rules import (
    MINUTES,
    NoSessions,
    SessionBegun,
    SessionOutside,
    SessionsCross,
    SessionTooShort,
    Span,
    hours,
    lay_out,
)
from guildhall.reform.assessment.states import MeetingState, StepState
from guildhall.reform.assessment.views import crumbs, run_step

SHOWN = (NoSessions, SessionBegun, SessionOutside, SessionsCross, SessionTooShort, moves.SessionsKept)
"""Refusals about the rows that were sent: shown above them, nothing lost."""
GET_POST = require_http_methods(["GET", "HEAD", "POST"])
LAST_DAY = timedelta(days=120)


@dataclass(frozen=True)
class Sum:
    """What the sessions hold against what is to be held."""

    units: int
    minutes: int
    room: int
    sessions: int

    @property
    def hours(self) -> str:
        """How long all units together take."""
        return hours(self.units, self.minutes)

    @property
    def left(self) -> int:
        """How many units do not fit."""
        return max(self.units - self.room, 0)


def meeting_of(step: Step) -> Meeting | None:
    """The step's meeting, if one is planned."""
    return getattr(step, "meeting", None)


def sum_of(step: Step, meeting: Meeting | None) -> Sum:
    """The planned sessions against the round's units."""
    units = step.round.applications.exclude(state__in=(State.REFUSED, State.WITHDRAWN)).count()
    if meeting is None or meeting.state == MeetingState.CALLED_OFF:
        return Sum(units, MINUTES, 0, 0)
    spans = [Span(one.starts_at, one.ends_at) for one in meeting.sessions.all()]
    return Sum(units, meeting.minutes, sum(one.room(meeting.minutes) for one in spans), len(spans))


def _plannable(step: Step, meeting: Meeting | None) -> bool:
    """Whether the officer can still plan: before scoring, and afterwards the days of a fixed meeting."""
    fixed = meeting is not None and meeting.state == MeetingState.FIXED
    before = step.state in moves.BEFORE_SCORING and step.round.state in moves.PLANNABLE
    running = step.state == StepState.SCORING and step.round.state == RoundState.REVIEWING
    return (before and not (meeting and meeting.state == MeetingState.HELD)) or (fixed and running)


def _planning(request: SignedIn, step: Step, status: int = 200, **entered: Any) -> HttpResponse:
    """The planning page; `entered` is what was typed and could not be taken."""
    meeting = meeting_of(step)
    off = meeting is None or meeting.state == MeetingState.CALLED_OFF
    fixed = meeting is not None and meeting.state == MeetingState.FIXED
    sessions = [] if off or meeting is None else list(meeting.sessions.all())
    initial = {"place": meeting.place, "minutes": meeting.minutes} if meeting else {}
    context = {
        "step": step, "meeting": meeting, "sum": sum_of(step, meeting), "off": off, "fixed": fixed,
        "plannable": _plannable(step, meeting), "form": MeetingForm(initial=initial), "reason": ReasonForm(),
        "rows": session_forms(sessions=sessions, fixed=fixed), "key": KeyedForm(),
        "layout": LayoutForm(initial={**initial, "first_day": _first_day(step)}),
        "may_fix": meeting is not None and meeting.state == MeetingState.PLANNED
        and step.round.state == RoundState.REVIEWING and step.state in moves.BEFORE_SCORING,
        "crumbs": crumbs(step.round, (_("考核会"), "")), **entered,
    }  # fmt: skip
    return render(request, "assessment/meeting_plan.html", context, status=status)


def _first_day(step: Step) -> date:
    return max(step.round.scoring_opens_at.astimezone(clock.now().tzinfo).date(), clock.today())


@login_required
@GET_POST
def plan(request: SignedIn, pk: int) -> HttpResponse:
    """What a meeting would take, its sessions row by row, and what they hold."""
    step = run_step(request.user, pk)
    if request.method != "POST":
        return _planning(request, step)
    form, rows = MeetingForm(request.POST), session_forms(request.POST)
    if not all([form.is_valid(), *(row.is_valid() for row in rows)]):
        return _planning(request, step, 422, form=form, rows=rows, wrong=_wrong(rows))
    try:
        _kept(request, step, form, [span for row in rows if (span := row.span())])
    except SHOWN as refusal:
        return _planning(request, step, refusal.status, form=form, rows=rows, refused=str(refusal))
    return redirect("assessment:meeting_plan", pk)


def _wrong(rows: list[SessionForm]) -> list[str]:
    return [
        _("第 %(n)d 场：%(what)s")
        % {"n": n, "what": " ".join(str(one) for found in row.errors.values() for one in found)}
        for n, row in enumerate(rows, 1)
        if row.errors
    ]


def _kept(request: SignedIn, step: Step, form: MeetingForm, spans: list[Span]) -> None:
    """Plan, or change what is fixed."""
    said, meeting = form.cleaned_data, meeting_of(step)
    facts = {"place": said["place"], "by": request.user, "key": said["key"]}
    if meeting is not None and meeting.state == MeetingState.FIXED:
        moves.change(step.round_id, spans, **facts)
        messages.success(request, _("日程已改，到会的人都已收到通知。发言顺序不变。"))
        return
    moves.plan(step.round_id, spans, minutes=said["minutes"], **facts)
    messages.success(request, _("场次已保存，只有您看得到。排够了，就抽签定会。"))


@login_required
@require_POST
def layout(request: SignedIn, pk: int) -> HttpResponse:
    """Lay the sessions out by half days on working days, as many as are needed and fit."""
    step = run_step(request.user, pk)
    form = LayoutForm(request.POST)
    if not form.is_valid():
        return _planning(request, step, 422, layout=form)
    said, closes = form.cleaned_data, step.round.scoring_closes_at.astimezone(clock.now().tzinfo)
    days, units = _working_days(said["first_day"], closes.date()), sum_of(step, None).units
    spans = lay_out(days, form.halves(), units=units, minutes=said["minutes"], closes=closes)
    try:
        moves.plan(pk, spans, place=said["place"], minutes=said["minutes"], by=request.user, key=said["key"])
    except SHOWN as refusal:
        return _planning(request, step, refusal.status, layout=form, refused=str(refusal))
    return redirect("assessment:meeting_plan", pk)


def _working_days(first: date, last: date) -> list[date]:
    """The working days of the table from `first` to `last`; in a year without a table, weekdays."""
    last = min(last, first + LAST_DAY)
    known = clock.known_days(first, last)
    days = [first + timedelta(days=n) for n in range(max((last - first).days + 1, 0))]
    return [day for day in days if known.get(day, day.weekday() < 5)]


@login_required
@require_POST
def fix(request: SignedIn, pk: int) -> HttpResponse:
    """Draw the order and call everybody."""
    moves.fix(pk, by=request.user, key=key_of(request))
    messages.success(request, _("发言顺序已抽定，考核会已定，各单位和专家都已收到通知。"))
    return redirect("assessment:meeting", pk)


@login_required
@require_POST
def call_off(request: SignedIn, pk: int) -> HttpResponse:
    """Back to writing."""
    form = ReasonForm(request.POST)
    step = run_step(request.user, pk)
    if not form.is_valid():
        return _planning(request, step, 422, reason=form)
    moves.call_off(pk, reason=form.cleaned_data["reason"], by=request.user, key=form.cleaned_data["key"])
    messages.success(request, _("已改为书面评分：评分期内随时可以评每一家。"))
    return redirect("assessment:meeting_plan", pk)


# The agenda -----------------------------------------------------------------------------------------------------------


def units_of(user: User, meeting: Meeting) -> set[int]:
    """The applications of the meeting for which this person speaks or scores."""
    unions = {*user.unions_with(Right.SCORE), *user.unions_with(Right.SPEAK_FOR_UNIT)}
    return set(meeting.slots.filter(application__union__in=unions).values_list("application", flat=True))


def sessions_of(meeting: Meeting) -> list[tuple[Session, list[Slot]]]:
    """The sessions with the units that speak in them, in their order."""
    by_session: dict[int, list[Slot]] = {}
    sessions = {one.pk: one for one in meeting.sessions.all()}
    for session in sessions.values():
        session.meeting = meeting
    for slot in meeting.slots.select_related("application__unit"):
        slot.session = sessions[slot.session_id]
        by_session.setdefault(slot.session_id, []).append(slot)
    return [(one, by_session.get(one.pk, [])) for one in sessions.values()]


def agenda_of(request: SignedIn, meeting: Meeting) -> dict[str, Any]:
    """The agenda as this person reads it: who speaks when, and nothing of groups, numbers or reviews."""
    of, sessions, own = meeting.step.round, sessions_of(meeting), units_of(request.user, meeting)
    seen = Round.objects.visible_to(request.user).filter(pk=of.pk).exists()
    return {
        "meeting": meeting, "of": of, "sessions": sessions, "own": own,
        "mine": [slot for _session, slots in sessions for slot in slots if slot.application_id in own],
        "units": sum(len(slots) for _session, slots in sessions), "sum": sum_of(meeting.step, meeting),
        "runs": request.user.may(Right.RUN_ROUNDS, of.union), "printed": clock.now(),
        "crumbs": crumbs(of, (_("考核会"), "")) if seen else [],
    }  # fmt: skip


@login_required
@require_safe
def agenda(request: SignedIn, pk: int) -> HttpResponse:
    """Who speaks when and where, for everybody who is called; before it is fixed the officer plans."""
    found = Meeting.objects.visible_to(request.user)
    if not found.filter(step__round=pk).exclude(state=MeetingState.PLANNED).exists():
        run_step_or_none(request.user, pk)
        return redirect("assessment:meeting_plan", pk)
    context = agenda_of(request, found.of(pk)) | {"key": KeyedForm()}
    return render(request, "assessment/meeting.html", context)


def run_step_or_none(user: User, pk: int) -> Step:
    """The step of whom runs the round; to all others a meeting that is not fixed is not there."""
    try:
        return run_step(user, pk)
    except Refusal:
        return Step.objects.visible_to(user).none().pick(pk)


@login_required
@require_safe
def printed(request: SignedIn, pk: int) -> HttpResponse:
    """The agenda on paper."""
    context = agenda_of(request, Meeting.objects.visible_to(request.user).of(pk))
    return render(request, "assessment/meeting_print.html", context)


@login_required
@require_safe
def order(request: SignedIn, pk: int) -> HttpResponse:
    """The seed and what it drew from, so that anyone who is called can draw the order again."""
    meeting = Meeting.objects.visible_to(request.user).of(pk)
    slots = meeting.slots.select_related("application__unit", "session")
    told = {
        "format": "guildhall-speaking-order-1", "seed": meeting.seed, "from": meeting.drawn_from,
        "method": "PCG64(first 128 bits of SM3(seed + ':speaking')); the codes in the order of their raw 64-bit words",
        "order": [[slot.order, slot.session.number, slot.application.unit.code, slot.application.unit.name] for slot in slots],
    }  # fmt: skip
    answer = JsonResponse(told, json_dumps_params={"ensure_ascii": False, "indent": 1})
    answer["Content-Disposition"] = f'attachment; filename="speaking-order-{pk}.json"'
    return answer


def agenda_url(pk: int) -> str:
    """Where the agenda stands."""
    return reverse("assessment:meeting", args=[pk])


def when(slot: Slot) -> str:
    """About when a unit speaks."""
    return formats.moment(slot.at)
