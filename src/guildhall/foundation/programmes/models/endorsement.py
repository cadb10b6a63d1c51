"""What the levels do with an application: endorsements, their own notices, ranked lists, quotas, departments' opinions."""

from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from guildhall.foundation.errors import NotHere
from guildhall.foundation.organisations.models import Union, User
from guildhall.foundation.organisations.states import Right
from guildhall.foundation.programmes.models.application import Application
from guildhall.foundation.programmes.models.round import Round
from guildhall.foundation.programmes.states import Move, Opinion
from guildhall.foundation.records.models import Attachment


class Draft(models.Model):
    """草稿: what the form held when it was saved; the latest is what the wizard shows."""

    application = models.ForeignKey(Application, models.CASCADE, related_name="drafts")
    number = models.PositiveIntegerField()
    facts = models.JSONField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ("-number",)
        constraints = [models.UniqueConstraint(fields=["application", "number"], name="draft_number")]


class LevelNotice(models.Model):
    """本级公示: an application put up at its level for its days, and the proof that it was."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="level_notices")
    level = models.PositiveSmallIntegerField()
    starts_on = models.DateField(_("公示开始"))
    ends_on = models.DateField(_("公示结束"))
    place = models.CharField(_("公示地点"), max_length=80)
    proof = models.ForeignKey(Attachment, models.PROTECT, null=True, related_name="+")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        ordering = ("level", "id")
        constraints = [models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="level_notice_in_order")]


class Endorsement(models.Model):
    """推荐意见: one act of one level on an application; none is ever changed, the next stands beside it.

    `level` is the place in the round's list of levels, -1 for the federation's check. A return names the places to mend
    and the day until when.
    """

    application = models.ForeignKey(Application, models.PROTECT, related_name="endorsements")
    level = models.SmallIntegerField()
    union = models.ForeignKey(Union, models.PROTECT, related_name="+")
    act = models.CharField(max_length=13, choices=Move)
    text = models.TextField(_("意见"), max_length=2000, blank=True)
    rank = models.PositiveIntegerField(_("排序"), null=True)
    resolution = models.ForeignKey(Attachment, models.PROTECT, null=True, related_name="+")
    resolved_on = models.DateField(_("决议日期"), null=True)
    places = ArrayField(models.CharField(max_length=40), default=list)
    due_on = models.DateField(_("补正期限"), null=True)
    submission = models.PositiveSmallIntegerField()
    """The submission it speaks of: 1 for the first, one more for each that came back."""
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    countersigned_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ("id",)


class Pending(models.Model):
    """待会签: an endorsement drawn up by one officer that a second one has yet to countersign."""

    application = models.OneToOneField(Application, models.CASCADE, related_name="pending")
    body = models.JSONField()
    resolution = models.ForeignKey(Attachment, models.PROTECT, null=True, related_name="+")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()


class RankedList(models.Model):
    """推荐排序: what one union of a ranking level puts forward, in order; an act of its own, never changed."""

    round = models.ForeignKey(Round, models.PROTECT, related_name="ranked_lists")
    level = models.PositiveSmallIntegerField()
    union = models.ForeignKey(Union, models.PROTECT, related_name="ranked_lists")
    order = ArrayField(models.BigIntegerField())
    """Applications by id, the first first; a later list goes on where the last one ended."""
    digest = models.CharField(max_length=64)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ("id",)


class QuotaQuerySet(models.QuerySet["Quota"]):
    """Quotas, held so that two officers never share the last place."""

    def hold(self, round_pk: int, level: int, union: Union) -> "Quota":
        """The row of this union and level, locked; `NotHere` where the round has none."""
        try:
            return self.select_for_update(of=("self",)).get(round=round_pk, level=level, union=union)
        except self.model.DoesNotExist:
            raise NotHere from None


class Quota(models.Model):
    """推荐名额: how many applications a union of a level may endorse in a round; None is no limit."""

    round = models.ForeignKey(Round, models.PROTECT, related_name="quotas")
    level = models.PositiveSmallIntegerField()
    union = models.ForeignKey(Union, models.PROTECT, related_name="quotas")
    places = models.PositiveIntegerField(_("名额"), null=True)
    ends_at = models.DateTimeField(_("推荐截止"))

    objects = QuotaQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["round", "level", "union"], name="quota_once")]


class Check(models.Model):
    """资格核查: what the rules said of an application at one moment, with the facts they read; never changed."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="checks")
    stage = models.CharField(max_length=10)
    sound = models.BooleanField()
    verdicts = models.JSONField()
    at = models.DateTimeField()

    class Meta:
        ordering = ("id",)


class ClearanceRequestQuerySet(models.QuerySet["ClearanceRequest"]):
    """Requests by scope."""

    def visible_to(self, user: User) -> Self:
        """Those of rounds that the user runs or decides."""
        return self.filter(round__union__in=[*user.unions_with(Right.RUN_ROUNDS), *user.unions_with(Right.DECIDE)])


class ClearanceRequest(models.Model):
    """征求意见函: one department asked about the applications of a round, on a page of its own behind a signed link."""

    round = models.ForeignKey(Round, models.PROTECT, related_name="clearance_requests")
    department = models.CharField(max_length=40)
    number = models.PositiveSmallIntegerField()
    """Counts the letters to a department; those who came later are asked by a later one."""
    secret = models.CharField(max_length=64, unique=True)
    """The digest of what the link carries; the link itself is kept nowhere."""
    due_on = models.DateField(_("答复期限"))
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    draft = models.JSONField(default=dict)
    """What the department saved and has not submitted yet: by application, the answer and its text."""
    submitted_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    objects = ClearanceRequestQuerySet.as_manager()

    class Meta:
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(fields=["round", "department", "number"], name="clearance_request_number")
        ]


class Clearance(models.Model):
    """部门意见: what a department says of one application."""

    request = models.ForeignKey(ClearanceRequest, models.PROTECT, related_name="clearances")
    application = models.ForeignKey(Application, models.PROTECT, related_name="clearances")
    state = models.CharField(_("意见"), max_length=8, choices=Opinion, default=Opinion.ASKED)
    text = models.TextField(_("说明"), max_length=1000, blank=True)
    signed = models.CharField(_("答复人"), max_length=40, blank=True)
    dated = models.DateField(_("意见日期"), null=True)
    answered_at = models.DateTimeField(null=True)
    set_aside = models.CharField(_("不采纳的理由"), max_length=400, blank=True)
    """Why the officer does not follow an objection of a department that does not bind."""
    set_aside_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(fields=["request", "application"], name="clearance_once"),
            models.CheckConstraint(
                condition=Q(state="asked") | Q(answered_at__isnull=False, dated__isnull=False) & ~Q(signed=""),
                name="clearance_answered_in_full",
            ),
        ]
