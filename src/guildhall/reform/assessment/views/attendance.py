"""Who came: the code on the screen, confirming it on a phone, the desk, the sheet on paper, and the list."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from guildhall.foundation import clock
from guildhall.foundation.programmes.views import SignedIn
from guildhall.foundation.screens import lists
from guildhall.reform.assessment.forms.meeting import DeskForm
from guildhall.reform.assessment.models import LEFT, Session, SignIn
from guildhall.reform.assessment.moves import hall as moves
from guildhall.reform.assessment.moves.meeting import experts_of
from guildhall.reform.assessment.rules import CODE_SECONDS, MOST_SESSIONS, code_at
from guildhall.reform.assessment.states import SignInWay
from guildhall.reform.assessment.views import crumbs, run_step
from guildhall.reform.assessment.views.hall import run_session

GET_POST = require_http_methods(["GET", "HEAD", "POST"])


class AttendanceList(lists.ListPage):
    """Everyone who signed in, by session; for the officer alone."""

    title = gettext_lazy("签到名单")
    noun = gettext_lazy("人次")
    columns = (
        lists.Column(
            key="who",
            label=gettext_lazy("单位或专家"),
            value=lambda row: row.application.unit.name if row.application else str(row.user),
            sort=("application__unit__name", "user__person__name"),
        ),
        lists.Column(
            key="person", label=gettext_lazy("到会的人"), value=lambda row: str(row.user) if row.user else "", phone="right"
        ),
        lists.Column(
            key="session", label=gettext_lazy("场次"), value="session.number", kind=lists.Kind.NUMBER,
            sort="session__number", folds_with="session",
        ),
        lists.Column(key="at", label=gettext_lazy("签到时间"), kind=lists.Kind.MOMENT, sort="at"),
        lists.Column(key="way", label=gettext_lazy("方式"), value="get_way_display", sort="way", folds_with="way"),
        lists.Column(key="reason", label=gettext_lazy("原因"), hidden=True),
    )  # fmt: skip
    filters = (
        lists.Choice(
            key="session",
            label=gettext_lazy("场次"),
            options=[(n, str(n)) for n in range(1, MOST_SESSIONS + 1)],
            field="session__number",
        ),
        lists.Choice(key="way", label=gettext_lazy("方式"), options=SignInWay.choices),
    )
    search = ("application__unit__name", "user__person__name")
    search_label = gettext_lazy("按单位或姓名查找")
    order = "-at"
    empty = gettext_lazy("还没有人签到。开场前一小时起可以签到。")
    foot = gettext_lazy("每一场都请所有单位和专家到会：只来听自己要评的单位，会让人看出谁评谁。")


@login_required
@require_safe
def attendance(request: SignedIn, pk: int) -> HttpResponse:
    """The list, with its export."""
    step = run_step(request.user, pk)
    rows = SignIn.objects.visible_to(request.user).filter(session__meeting__step=step)
    rows = rows.select_related("session", "application__unit", "user__person")
    way = crumbs(step.round, (_("考核会"), reverse("assessment:meeting", args=[pk])), (AttendanceList.title, ""))
    return lists.page(request, AttendanceList, rows, crumbs=way)


@login_required
@never_cache
@require_safe
def code(request: SignedIn, pk: int) -> HttpResponse:
    """The code for the hall's screen, a new one each minute."""
    session, now = run_session(request.user, pk), clock.now()
    way = reverse("assessment:session_here", args=[pk])
    url = request.build_absolute_uri(f"{way}?code={code_at(pk, now)}")
    came = session.sign_ins.count()
    left = CODE_SECONDS - int(now.timestamp()) % CODE_SECONDS
    context = {"session": session, "url": url, "came": came, "left": left, "open": session.takes_sign_ins}
    return render(request, "assessment/session_code.html", context)


@login_required
@never_cache
@GET_POST
def here(request: SignedIn, pk: int) -> HttpResponse:
    """Who scanned the code confirms on the phone."""
    if request.method == "POST":
        signed = moves.sign_in(pk, request.POST.get("pass", ""), by=request.user)
        messages.success(request, _("已签到，第 %(n)d 场。请就座。") % {"n": signed.session.number})
        return redirect("assessment:session_here", pk)
    session = Session.objects.visible_to(request.user).pick(pk)
    signed_in = session.sign_ins.filter(user=request.user).first()
    context: dict[str, Any] = {"session": session, "signed": signed_in, "unit": moves.comes_for(session, request.user)}
    if signed_in is None:
        session, context["pass"] = moves.scan(pk, request.GET.get("code", ""), by=request.user)
    return render(request, "assessment/session_here.html", context)


def _called(session: Session, *, missing: bool) -> list[tuple[str, str]]:
    """The units and experts who are called, or those of them who have not signed in, as choices of the desk."""
    signed = session.sign_ins.values_list("application", "user") if missing else []
    units, people = {row[0] for row in signed}, {row[1] for row in signed}
    rows = session.meeting.step.round.applications.exclude(state__in=LEFT).select_related("unit").order_by("unit__name")
    experts = _("专家 %(name)s")
    found = [(f"unit-{row.pk}", row.unit.name) for row in rows if row.pk not in units]
    return found + [
        (f"expert-{one.pk}", experts % {"name": one}) for one in experts_of(session.meeting) if one.pk not in people
    ]


def _signed_in(request: SignedIn, pk: int, said: dict[str, Any]) -> HttpResponse:
    kind, _dash, who = said["who"].partition("-")
    facts = {"application": int(who) if kind == "unit" else None, "expert": int(who) if kind == "expert" else None}
    moves.sign_in_by_hand(pk, reason=said["reason"], by=request.user, key=said["key"], **facts)
    messages.success(request, _("已签到。"))
    return redirect("assessment:session_desk", pk)


@login_required
@GET_POST
def desk(request: SignedIn, pk: int) -> HttpResponse:
    """The desk signs in whoever has no phone."""
    session = run_session(request.user, pk)
    missing = _called(session, missing=True)
    people = _called(session, missing=False) if request.method == "POST" else missing  # Sent twice is done once.
    form = DeskForm(request.POST or None, people=[("", _("请选择")), *people])
    if request.method == "POST" and form.is_valid():
        return _signed_in(request, pk, form.cleaned_data)
    of = session.meeting.step.round
    way = crumbs(of, (_("考核会"), reverse("assessment:meeting", args=[of.pk])), (_("签到台"), ""))
    context = {"session": session, "form": form, "missing": missing, "came": session.sign_ins.count(), "crumbs": way}
    return render(request, "assessment/session_desk.html", context, status=422 if form.errors else 200)


@login_required
@require_safe
def paper(request: SignedIn, pk: int) -> HttpResponse:
    """The sign-in sheet on paper: those who speak in the session first, then all others and the experts."""
    session = run_session(request.user, pk)
    slots = list(session.slots.exclude(application__state__in=LEFT).select_related("application__unit"))
    speaking = {slot.application_id for slot in slots}
    rows = session.meeting.step.round.applications.exclude(state__in=LEFT).select_related("unit").order_by("unit__name")
    others = [row.unit.name for row in rows if row.pk not in speaking]
    context = {
        "session": session, "slots": slots, "others": others, "experts": experts_of(session.meeting),
        "of": session.meeting.step.round, "printed": clock.now(),
    }  # fmt: skip
    return render(request, "assessment/session_sheet.html", context)
