"""What the meeting puts on the workbench: to plan and open for the officer, to speak and attend for those called."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _

from guildhall.foundation import clock
from guildhall.foundation.organisations.models import User
from guildhall.foundation.organisations.states import Right
from guildhall.foundation.programmes.models import Round
from guildhall.foundation.programmes.states import RoundState
from guildhall.foundation.screens import formats
from guildhall.foundation.screens.todo import Todo
from guildhall.reform.assessment.models import LEFT, Meeting, Session, Slot
from guildhall.reform.assessment.rules import EARLY
from guildhall.reform.assessment.states import MeetingState


def holding(user: User) -> Iterator[Todo]:
    """For the officer: fix what is planned, open the session whose time has come."""
    unions = user.unions_with(Right.RUN_ROUNDS)
    if not unions:
        return
    running = {"step__round__union__in": unions, "step__round__state": RoundState.REVIEWING}
    planned = Meeting.objects.visible_to(user).filter(state=MeetingState.PLANNED, **running)
    for meeting in planned.select_related("step__round"):
        of = meeting.step.round
        url = reverse("assessment:meeting_plan", args=[of.pk])
        yield Todo(_("抽签定考核会"), of.title, of.scoring_opens_at, url, _("去定会"))
    soon = Session.objects.visible_to(user).filter(
        meeting__state=MeetingState.FIXED, closed_at=None, starts_at__lte=clock.now() + EARLY,
        **{f"meeting__{key}": value for key, value in running.items()},
    )  # fmt: skip
    for session in soon.told().order_by("starts_at"):
        label = _("第 %(n)d 场正在开") if session.opened_at else _("现在开放第 %(n)d 场")
        url = reverse("assessment:hall", args=[session.pk])
        yield Todo(label % {"n": session.number}, session.meeting.step.round.title, session.starts_at, url, _("去会场"))


def attending(user: User) -> Iterator[Todo]:
    """For those called: when their own unit speaks; an expert, when the next session begins."""
    unions = {*user.unions_with(Right.SCORE), *user.unions_with(Right.SPEAK_FOR_UNIT)}
    standing = Session.objects.visible_to(user).filter(
        meeting__state=MeetingState.FIXED, closed_at=None, meeting__step__round__state=RoundState.REVIEWING
    )
    if unions:
        slots = Slot.objects.visible_to(user).filter(session__in=standing, application__union__in=unions, present=None)
        rows = slots.exclude(application__state__in=LEFT).select_related("session__meeting__step__round")
        for slot in rows.order_by("order"):
            facts = {"when": formats.moment(slot.at), "n": slot.session.number}
            title = _("考核会第 %(n)d 场，贵单位 %(when)s 前后发言") % facts
            yield _todo(title, slot.session, slot.session.meeting.step.round)
    elif user.unions_with(Right.JUDGE):
        session = standing.told().filter(ends_at__gte=clock.now()).order_by("starts_at").first()
        if session is not None:
            yield _todo(_("考核会第 %(n)d 场，请到会") % {"n": session.number}, session, session.meeting.step.round)


def _todo(title: str, session: Session, of: Round) -> Todo:
    why = f"{of.title}，{session.where}"
    return Todo(title, why, session.starts_at, reverse("assessment:meeting", args=[of.pk]), _("看日程"))
