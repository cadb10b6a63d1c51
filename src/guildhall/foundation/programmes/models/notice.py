"""Public notices of what is to be decided, and the objections to it."""

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from guildhall.foundation.errors import NotHere
from guildhall.foundation.organisations.models import User
from guildhall.foundation.organisations.states import Right
from guildhall.foundation.programmes.models.application import Application
from guildhall.foundation.programmes.models.round import Round
from guildhall.foundation.programmes.states import Change, Effect, ObjectionState
from guildhall.foundation.records.models import Attachment
from guildhall.foundation.vault import SealedTextField

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class NoticeQuerySet(models.QuerySet["Notice"]):
    """Notices by reader."""

    def visible_to(self, user: "User | AnonymousUser | None") -> Self:
        """All of them: a notice is public from the moment it is published."""
        return self.all()

    def pick(self, pk: int) -> "Notice":
        """The one notice, with its round."""
        try:
            return self.select_related("round__programme", "round__union").get(pk=pk)
        except self.model.DoesNotExist:
            raise NotHere from None


class Notice(models.Model):
    """公示: what is to be named, in public for its period. Text and list stand as published; anyone may read."""

    round = models.ForeignKey(Round, models.PROTECT, related_name="notices")
    edition = models.PositiveSmallIntegerField(default=1)
    """1 is the first list; a later one says what was changed after objections, and why. The first stays as it was."""
    application = models.ForeignKey(Application, models.PROTECT, null=True, related_name="notices")
    """In a rolling programme, the one application it is about."""
    number = models.CharField(_("编号"), max_length=40, unique=True)
    title = models.CharField(_("标题"), max_length=120)
    body = models.JSONField()
    """The rows as published: unit, group, rank, tier, sum in fen; and the totals."""
    digest = models.CharField(max_length=64)
    check_code = models.CharField(_("核验码"), max_length=12, unique=True)
    seal = models.CharField(max_length=90, blank=True)
    """The latest daily seal when it was published: its number and root."""
    published_at = models.DateTimeField(_("发布时间"))
    days = models.JSONField()
    """The days that count, as ISO dates: drawn as a bar on the page."""
    ends_at = models.DateTimeField(_("截止"))
    published_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    objects = NoticeQuerySet.as_manager()

    class Meta:
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(
                fields=["round", "application", "edition"], nulls_distinct=False, name="notice_edition"
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def changed(self) -> list[int]:
        """In a later edition, the items that it names anew: those alone are objected to, and their days run anew."""
        return [line["application"] for line in self.body.get("changes", []) if line["change"] != Change.REMOVED]


class ObjectionQuerySet(models.QuerySet["Objection"]):
    """Objections by scope."""

    def visible_to(self, user: User) -> Self:
        """Those that a union running the round may read, and a unit's own; nobody sees who objected to them."""
        ran = Q(notice__round__union__in=[*user.unions_with(Right.RUN_ROUNDS), *user.unions_with(Right.DECIDE)])
        own = Q(filed_by=user)
        return self.filter(ran | own)

    def hold(self, pk: int) -> "Objection":
        """The row, locked to the end of the transaction."""
        try:
            rows = self.select_related("notice__round__programme", "notice__round__union", "application__unit")
            return rows.select_for_update(of=("self",)).get(pk=pk)
        except self.model.DoesNotExist:
            raise NotHere from None

    def pick(self, pk: int) -> "Objection":
        """The one objection; `NotHere` alike for a missing one and one out of scope."""
        try:
            return self.select_related(
                "notice__round__union", "application__unit", "attachment", "answered_by__person"
            ).get(pk=pk)
        except self.model.DoesNotExist:
            raise NotHere from None


def by_receipt(receipt: str) -> "Objection | None":
    """The objection with this receipt: whoever holds it may ask how it was answered."""
    return Objection.objects.select_related("notice", "application__unit").filter(receipt=receipt).first()


def by_code(code: str) -> Notice | None:
    """The notice with this check code; hyphens, spaces and case do not matter."""
    signs = "".join(sign for sign in code.upper() if sign.isalnum())
    found = Notice.objects.filter(check_code=f"{signs[:4]}-{signs[4:]}") if len(signs) == 8 else Notice.objects.none()
    return found.select_related("round__union").first()


class Objection(models.Model):
    """异议: somebody says that one item, or the whole list, is wrong; answered by name, with effect."""

    notice = models.ForeignKey(Notice, models.PROTECT, related_name="objections")
    application = models.ForeignKey(Application, models.PROTECT, null=True, related_name="objections")
    state = models.CharField(_("状态"), max_length=9, choices=ObjectionState, default=ObjectionState.OPEN)
    filed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="objections")
    name = SealedTextField(_("姓名或单位"), context="objection.name")
    contact = SealedTextField(_("联系方式"), context="objection.contact")
    receipt = models.CharField(_("回执编号"), max_length=20, unique=True)
    text = models.TextField(_("事实和依据"), max_length=4000)
    attachment = models.ForeignKey(Attachment, models.PROTECT, null=True, related_name="+")
    filed_at = models.DateTimeField(_("提出时间"))
    answer_by = models.DateTimeField(_("答复期限"))
    answer = models.TextField(_("答复"), max_length=4000, blank=True)
    clause = models.CharField(_("条款"), max_length=80, blank=True)
    effect = models.CharField(max_length=9, choices=Effect, blank=True)
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)

    objects = ObjectionQuerySet.as_manager()

    class Meta:
        ordering = ("-filed_at", "-id")
        constraints = [
            models.CheckConstraint(
                condition=Q(state="open") | Q(answered_at__isnull=False, answered_by__isnull=False) & ~Q(answer=""),
                name="objection_answered_in_full",
            )
        ]
