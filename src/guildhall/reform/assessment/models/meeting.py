"""The assessment meeting: its sessions, who speaks when, and who came."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from guildhall.foundation import clock
from guildhall.foundation.errors import NotHere
from guildhall.foundation.organisations.models import User
from guildhall.foundation.organisations.states import Right
from guildhall.foundation.programmes.models import Application
from guildhall.foundation.programmes.states import State
from guildhall.reform.assessment.models.peers import Step
from guildhall.reform.assessment.rules import DOORS, EARLY, seconds_left
from guildhall.reform.assessment.states import MeetingState, SignInWay

LEFT = (State.REFUSED, State.WITHDRAWN)


class MeetingQuerySet(models.QuerySet["Meeting"]):
    """Meetings by scope."""

    def visible_to(self, user: User) -> Self:
        """Those of the rounds that the user runs; once fixed, those to which the user or a unit in his scope is called.

        The experts in office are called to all.
        """
        unions = [*user.unions_with(Right.SCORE), *user.unions_with(Right.SPEAK_FOR_UNIT)]
        called = Q(union__in=unions) | Q(union__lineage__overlap=user.unions_with(Right.READ_UNITS))
        rounds = Application.objects.exclude(state__in=LEFT).filter(called).order_by().values("round")
        ran = Q(step__round__union__in=user.unions_with(Right.RUN_ROUNDS))
        judging = Q(step__round__union__in=user.unions_with(Right.JUDGE))
        return self.filter(ran | ~Q(state=MeetingState.PLANNED) & (Q(step__round__in=rounds) | judging))

    def of(self, round_pk: int) -> "Meeting":
        """The meeting of one round; `NotHere` alike for none and for one out of scope."""
        try:
            return self.select_related("step__round__programme", "step__round__union").get(step__round=round_pk)
        except self.model.DoesNotExist:
            raise NotHere from None


class Meeting(models.Model):
    """互评考核会: days and place, and the order by lot in which the units speak.

    `seed` draws the order from `drawn_from`, the sorted credit codes; both are public, drawn once and never again.
    """

    step = models.OneToOneField(Step, models.PROTECT, related_name="meeting")
    state = models.CharField(_("状态"), max_length=10, choices=MeetingState, default=MeetingState.PLANNED)
    place = models.CharField(_("地点"), max_length=120)
    minutes = models.PositiveSmallIntegerField(_("每家分钟"))
    seed = models.CharField(max_length=32, blank=True)
    drawn_from = models.JSONField(default=list)
    drawn_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=400, blank=True)
    """Why it was called off."""

    objects = MeetingQuerySet.as_manager()

    class Meta:
        ordering = ("step_id",)
        constraints = [
            models.CheckConstraint(condition=Q(minutes__gte=1, minutes__lte=60), name="meeting_minutes"),
            models.CheckConstraint(
                condition=Q(state="planned") | Q(state="called_off") | ~Q(seed=""), name="meeting_drawn"
            ),
        ]

    def speakers(self) -> models.QuerySet[Application]:
        """The units that are to speak: those under review."""
        return self.step.round.applications.filter(state=State.REVIEWING)


class SessionQuerySet(models.QuerySet["Session"]):
    """Sessions by scope: as their meetings."""

    def visible_to(self, user: User) -> Self:
        """The sessions of the meetings the user may see."""
        return self.filter(meeting__in=Meeting.objects.visible_to(user))

    def told(self) -> Self:
        """With the meeting and its round."""
        return self.select_related("meeting__step__round__programme", "meeting__step__round__union")

    def pick(self, pk: int) -> "Session":
        """The one session; `NotHere` alike for a missing one and one out of scope."""
        try:
            return self.told().get(pk=pk)
        except self.model.DoesNotExist:
            raise NotHere from None

    def hold(self, pk: int) -> "Session":
        """The row and its meeting's, locked to the end of the transaction."""
        try:
            return self.told().select_for_update(of=("self", "meeting")).get(pk=pk)
        except self.model.DoesNotExist:
            raise NotHere from None


class Session(models.Model):
    """场次: a half day of the meeting. It opens when the officer in the hall opens it, or at its time."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="sessions")
    number = models.PositiveSmallIntegerField(_("场次"))
    starts_at = models.DateTimeField(_("开始"))
    ends_at = models.DateTimeField(_("结束"))
    place = models.CharField(_("地点"), max_length=120, blank=True)
    """Empty where it is the meeting's."""
    opened_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)
    current = models.ForeignKey("Slot", models.SET_NULL, null=True, related_name="+")
    turn_started_at = models.DateTimeField(null=True)
    turn_used = models.PositiveIntegerField(default=0)
    """Seconds that the current speaker used before the clock was last started."""
    turns = models.PositiveIntegerField(default=0)
    """Counts what was pressed: two screens on the same hall find out about each other."""

    objects = SessionQuerySet.as_manager()

    class Meta:
        ordering = ("number",)
        constraints = [
            models.UniqueConstraint(fields=["meeting", "number"], name="session_number"),
            models.CheckConstraint(condition=Q(starts_at__lt=F("ends_at")), name="session_ends_after_it_starts"),
            models.CheckConstraint(
                condition=Q(closed_at=None) | Q(opened_at__isnull=False), name="session_opens_first"
            ),
        ]

    @property
    def where(self) -> str:
        """Its place, or the meeting's."""
        return self.place or self.meeting.place

    @property
    def begun(self) -> bool:
        """Whether it has opened, by hand or by its time: from then on its units can be marked."""
        return self.opened_at is not None or clock.now() >= self.starts_at

    @property
    def over(self) -> bool:
        """Whether it was closed, or its time is long past."""
        return self.closed_at is not None

    @property
    def running(self) -> bool:
        """Whether it goes on in the hall."""
        return self.begun and not self.over

    @property
    def may_open(self) -> bool:
        """Whether the officer may open it now."""
        return not self.begun and clock.now() >= self.starts_at - EARLY

    @property
    def doors_at(self) -> datetime:
        """From when people may sign in."""
        return self.starts_at - DOORS

    @property
    def takes_sign_ins(self) -> bool:
        """Whether people may sign in now."""
        return self.meeting.state == MeetingState.FIXED and not self.over and clock.now() >= self.doors_at

    @property
    def left(self) -> int:
        """The current speaker's seconds left."""
        return seconds_left(self.meeting.minutes, self.turn_used, self.turn_started_at, clock.now())


class SlotQuerySet(models.QuerySet["Slot"]):
    """Turns to speak by scope: as their meetings."""

    def visible_to(self, user: User) -> Self:
        """Those of the meetings the user may see."""
        return self.filter(meeting__in=Meeting.objects.visible_to(user))


class Slot(models.Model):
    """One unit's turn to speak; its place in the order by lot never changes."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="slots")
    session = models.ForeignKey(Session, models.CASCADE, related_name="slots")
    application = models.OneToOneField(Application, models.PROTECT, related_name="slot")
    order = models.PositiveIntegerField(_("发言顺序"))
    """From 1, through all sessions."""
    place = models.PositiveIntegerField()
    """From 0, within its session."""
    present = models.BooleanField(null=True)
    """Whether it spoke when its turn came; None until then."""

    objects = SlotQuerySet.as_manager()

    class Meta:
        ordering = ("order",)
        constraints = [
            models.UniqueConstraint(fields=["meeting", "order"], name="slot_order"),
            models.UniqueConstraint(fields=["session", "place"], name="slot_place"),
        ]

    @property
    def at(self) -> datetime:
        """When it is likely to speak."""
        return self.session.starts_at + timedelta(minutes=self.place * self.session.meeting.minutes)

    @property
    def gone(self) -> bool:
        """Whether the unit has left the round since."""
        return self.application.state in LEFT


def shut_to(applications: Collection[int]) -> dict[int, Session]:
    """By application, the session that has to open before it can be marked; none where the assessment is in writing."""
    rows = Slot.objects.filter(
        application__in=applications, meeting__state=MeetingState.FIXED,
        session__opened_at=None, session__starts_at__gt=clock.now(),
    )  # fmt: skip
    return {row.application_id: row.session for row in rows.select_related("session")}


class SignInQuerySet(models.QuerySet["SignIn"]):
    """Sign-ins are for those who run the round: who comes to which session is nobody else's business."""

    def visible_to(self, user: User) -> Self:
        """Those of the rounds that the user runs."""
        return self.filter(session__meeting__step__round__union__in=user.unions_with(Right.RUN_ROUNDS))


class SignIn(models.Model):
    """签到: a person by the code on the screen, or a unit or an expert at the desk."""

    session = models.ForeignKey(Session, models.PROTECT, related_name="sign_ins")
    application = models.ForeignKey(Application, models.PROTECT, null=True, related_name="+")
    """The unit for which somebody came; none for an expert."""
    user = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    """Who came; none where the desk signed a unit in."""
    at = models.DateTimeField(_("签到时间"))
    way = models.CharField(_("方式"), max_length=4, choices=SignInWay)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    reason = models.CharField(_("原因"), max_length=400, blank=True)

    objects = SignInQuerySet.as_manager()

    class Meta:
        ordering = ("-at", "-id")
        constraints = [
            models.UniqueConstraint(fields=["session", "user"], name="sign_in_once"),
            models.UniqueConstraint(
                fields=["session", "application"], condition=Q(user=None), name="sign_in_of_unit_once"
            ),
            models.CheckConstraint(
                condition=Q(application__isnull=False) | Q(user__isnull=False), name="sign_in_of_somebody"
            ),
            models.CheckConstraint(condition=Q(way="qr") | ~Q(reason=""), name="sign_in_by_desk_says_why"),
        ]
