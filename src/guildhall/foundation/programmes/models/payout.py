"""Payout lists and their rows, the files that go to the bank and come back."""

from typing import TYPE_CHECKING, Self
from uuid import UUID, uuid5

from django.db import models
from django.db.models import Count, Q, Sum
from django.utils.translation import gettext_lazy as _

from guildhall.foundation.errors import NotHere
from guildhall.foundation.organisations.models import Union, Unit, User
from guildhall.foundation.organisations.states import Right
from guildhall.foundation.programmes.models.application import Application
from guildhall.foundation.programmes.models.fund import Fund
from guildhall.foundation.programmes.models.payee import Payee
from guildhall.foundation.programmes.models.round import Round
from guildhall.foundation.programmes.states import (
    CLAIMS,
    TOLD_UNIT,
    PayoutState,
    ReturnState,
    RowState,
    Waits,
)
from guildhall.foundation.records.moves import waiting
from guildhall.foundation.vault import SealedTextField

TO_BE_PAID = Q(rows__state__in=[*CLAIMS, RowState.RETURNED])


class PayoutQuerySet(models.QuerySet["Payout"]):
    """Payout lists by scope."""

    def visible_to(self, user: User) -> Self:
        """Those of a union where the user reads money."""
        return self.filter(union__lineage__overlap=user.unions_with(Right.READ_MONEY))

    def summed(self) -> Self:
        """With `rows_count` and `sum_fen` of what the list pays, `waiting_count` of what waits outside it."""
        return self.annotate(
            rows_count=Count("rows", filter=TO_BE_PAID),
            sum_fen=Sum("rows__sum_fen", filter=TO_BE_PAID, default=0),
            paid_fen=Sum("rows__sum_fen", filter=Q(rows__state=RowState.PAID), default=0),
            waiting_count=Count("rows", filter=Q(rows__state=RowState.WAITING)),
        )

    def pick(self, pk: int) -> "Payout":
        """The one list; `NotHere` alike for a missing one and one out of scope."""
        people = ("drawn_by__person", "prepared_by__person", "approved_by__person", "sent_by__person")
        try:
            return self.select_related("round__programme", "fund__account", "union", *people).get(pk=pk)
        except self.model.DoesNotExist:
            raise NotHere from None

    def hold(self, pk: int) -> "Payout":
        """The row, locked to the end of the transaction."""
        try:
            with waiting():
                rows = self.select_related("round__programme", "fund__account", "union")
                return rows.select_for_update(of=("self",)).get(pk=pk)
        except self.model.DoesNotExist:
            raise NotHere from None


class Payout(models.Model):
    """付款清单: what one fund pays for one round, in one go."""

    number = models.CharField(_("编号"), max_length=20, unique=True)
    round = models.ForeignKey(Round, models.PROTECT, related_name="payouts")
    fund = models.ForeignKey(Fund, models.PROTECT, related_name="payouts")
    union = models.ForeignKey(Union, models.PROTECT, related_name="payouts")
    state = models.CharField(_("状态"), max_length=8, choices=PayoutState, default=PayoutState.DRAWN)
    digest = models.CharField(max_length=64, blank=True)
    """Of the rows as prepared: what is approved is what was shown."""
    drawn_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    drawn_at = models.DateTimeField(_("拟单时间"))
    prepared_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    prepared_at = models.DateTimeField(_("制单时间"), null=True)
    approved_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(_("批准时间"), null=True)
    sent_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    sent_at = models.DateTimeField(_("发送时间"), null=True)
    settled_at = models.DateTimeField(_("办结时间"), null=True)
    reason = models.CharField(_("退回理由"), max_length=400, blank=True)

    objects = PayoutQuerySet.as_manager()

    if TYPE_CHECKING:  # What `summed` adds.
        rows_count: int
        sum_fen: int
        paid_fen: int
        waiting_count: int

    class Meta:
        ordering = ("-drawn_at", "-id")
        constraints = [
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=models.F("prepared_by")), name="payout_two_people"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["approved", "sent", "settled"])
                | Q(approved_by__isnull=False, prepared_by__isnull=False),
                name="payout_approved_by_someone",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def subject(self) -> str:
        """How the records name it."""
        return f"payout:{self.pk}"


class PayoutRowQuerySet(models.QuerySet["PayoutRow"]):
    """Payments by scope."""

    def visible_to(self, user: User) -> Self:
        """Those of a union where the user reads money; a unit's own from their approval on."""
        federation = Q(payout__union__lineage__overlap=user.unions_with(Right.READ_MONEY))
        own = Q(unit__union__lineage__overlap=user.unions_with(Right.SPEAK_FOR_UNIT), state__in=TOLD_UNIT)
        return self.filter(federation | own)

    def claiming(self) -> Self:
        """Those that stand for their application: one at a time."""
        return self.filter(state__in=CLAIMS)


class PayoutRow(models.Model):
    """One payment: an application's sum, to one version of its unit's account, held and settled in the ledger."""

    payout = models.ForeignKey(Payout, models.PROTECT, related_name="rows")
    application = models.ForeignKey(Application, models.PROTECT, related_name="payments")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="payments")
    serial = models.PositiveIntegerField(_("序号"))
    sum_fen = models.BigIntegerField(_("金额"))
    state = models.CharField(_("状态"), max_length=8, choices=RowState, default=RowState.DRAWN)
    waits = models.CharField(_("缓付原因"), max_length=16, choices=Waits, blank=True, default="")
    payee = models.ForeignKey(Payee, models.PROTECT, null=True, related_name="payments")
    hold = models.UUIDField(unique=True)
    """The key of the transfer that holds the money from the approval on."""
    bank_reference = models.CharField(_("银行流水号"), max_length=60, blank=True)
    reason = models.CharField(_("退回原因"), max_length=200, blank=True)
    settled_at = models.DateTimeField(_("回单时间"), null=True)

    objects = PayoutRowQuerySet.as_manager()

    class Meta:
        ordering = ("payout", "serial")
        constraints = [
            models.UniqueConstraint(fields=["payout", "serial"], name="payout_row_serial"),
            models.UniqueConstraint(fields=["application"], condition=Q(state__in=CLAIMS), name="payout_row_one_claim"),
            models.CheckConstraint(condition=Q(sum_fen__gt=0), name="payout_row_sum_positive"),
            models.CheckConstraint(
                condition=~Q(state__in=["ready", "held", "sent", "paid"]) | Q(payee__isnull=False),
                name="payout_row_has_payee",
            ),
        ]

    def __str__(self) -> str:
        return self.slip

    @property
    def slip(self) -> str:
        """The serial number that goes to the bank and comes back: no two payments ever share one."""
        return f"{self.payout.number}-{self.serial:04d}"

    @property
    def settlement(self) -> UUID:
        """The key of the transfer that posts or voids the hold: one, whoever asks."""
        return settlement_key(self.hold)


def settlement_key(hold: UUID) -> UUID:
    """The key under which a payment's hold is posted or voided."""
    return uuid5(hold, "settle")


class BatchQuerySet(models.QuerySet["BankBatch"]):
    """Bank files by scope."""

    def visible_to(self, user: User) -> Self:
        """Those of a union where the user reads money; to download one takes the right to handle it."""
        return self.filter(payout__union__lineage__overlap=user.unions_with(Right.READ_MONEY))

    def pick(self, pk: int) -> "BankBatch":
        """The one file; `NotHere` alike for a missing one and one out of scope."""
        try:
            return self.select_related("payout__union", "payout__fund", "payout__round", "made_by__person").get(pk=pk)
        except self.model.DoesNotExist:
            raise NotHere from None


class BankBatch(models.Model):
    """银行批次: the file that went to the bank, kept so that the same one comes again."""

    payout = models.OneToOneField(Payout, models.PROTECT, related_name="batch")
    filename = models.CharField(_("文件名"), max_length=60)
    text = SealedTextField(context="bankbatch.text")
    digest = models.CharField(_("SM3 摘要"), max_length=64)
    rows_count = models.PositiveIntegerField(_("笔数"))
    sum_fen = models.BigIntegerField(_("金额"))
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(_("生成时间"))

    objects = BatchQuerySet.as_manager()

    class Meta:
        ordering = ("-made_at", "-id")

    def __str__(self) -> str:
        return self.filename


class ReturnQuerySet(models.QuerySet["BankReturn"]):
    """Return files by scope."""

    def visible_to(self, user: User) -> Self:
        """Those of a union where the user reads money."""
        return self.filter(batch__payout__union__lineage__overlap=user.unions_with(Right.READ_MONEY))

    def pick(self, pk: int) -> "BankReturn":
        """The one file; `NotHere` alike for a missing one and one out of scope."""
        try:
            return self.select_related("batch__payout__union", "batch__payout__fund", "uploaded_by__person").get(pk=pk)
        except self.model.DoesNotExist:
            raise NotHere from None


class BankReturn(models.Model):
    """回单: the bank's answer to a batch as it was uploaded, and what each of its lines comes to."""

    batch = models.ForeignKey(BankBatch, models.PROTECT, related_name="returns")
    state = models.CharField(_("状态"), max_length=6, choices=ReturnState, default=ReturnState.READ)
    filename = models.CharField(_("文件名"), max_length=120)
    text = SealedTextField(context="bankreturn.text")
    digest = models.CharField(_("SM3 摘要"), max_length=64)
    lines = models.JSONField(default=list)
    """`{line, slip, status, reference, reason, sum, verdict}` a line, in the file's order."""
    uploaded_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(_("上传时间"))
    posted_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    posted_at = models.DateTimeField(_("入账时间"), null=True)

    objects = ReturnQuerySet.as_manager()

    class Meta:
        ordering = ("-uploaded_at", "-id")
        constraints = [models.UniqueConstraint(fields=["batch", "digest"], name="bank_return_once")]

    def __str__(self) -> str:
        return self.filename

    @property
    def subject(self) -> str:
        """How the records name it."""
        return f"return:{self.pk}"
