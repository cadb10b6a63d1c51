"""Funds by year, and the budget decisions that fill, carry over or return them."""

from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from guildhall.foundation.errors import NotHere
from guildhall.foundation.ledger.models import Account
from guildhall.foundation.organisations.models import Union, User
from guildhall.foundation.organisations.states import Right
from guildhall.foundation.programmes.states import BudgetKind, BudgetState
from guildhall.foundation.records.moves import waiting
from guildhall.foundation.records.states import StrOrPromise


class FundQuerySet(models.QuerySet["Fund"]):
    """Funds by scope."""

    def visible_to(self, user: User) -> Self:
        """Those of a union where the user reads money."""
        return self.filter(union__lineage__overlap=user.unions_with(Right.READ_MONEY))

    def pick(self, pk: int) -> "Fund":
        """The one fund; `NotHere` alike for a missing one and one out of scope."""
        try:
            return self.select_related("account", "union").get(pk=pk)
        except self.model.DoesNotExist:
            raise NotHere from None


class Fund(models.Model):
    """专项资金: a purpose and a year, with one account of the ledger that never goes below zero."""

    name = models.CharField(_("资金"), max_length=60)
    year = models.PositiveSmallIntegerField(_("年度"))
    union = models.ForeignKey(Union, models.PROTECT, related_name="funds")
    account = models.OneToOneField(Account, models.PROTECT, related_name="fund")
    closed_at = models.DateTimeField(_("结账时间"), null=True)

    objects = FundQuerySet.as_manager()

    class Meta:
        ordering = ("-year", "name")
        constraints = [models.UniqueConstraint(fields=["union", "name", "year"], name="fund_once_a_year")]

    def __str__(self) -> str:
        return f"{self.name} {self.year}"

    @property
    def stream(self) -> str:
        """The chain its decisions stand in."""
        return f"fund:{self.year}"


class BudgetQuerySet(models.QuerySet["BudgetDecision"]):
    """Budget decisions by scope."""

    def visible_to(self, user: User) -> Self:
        """Those of funds of a union where the user reads money."""
        return self.filter(fund__union__lineage__overlap=user.unions_with(Right.READ_MONEY))

    def pick(self, pk: int) -> "BudgetDecision":
        """The one decision; `NotHere` alike for a missing one and one out of scope."""
        try:
            return self.select_related("fund__account", "fund__union", "put_in_by__person").get(pk=pk)
        except self.model.DoesNotExist:
            raise NotHere from None

    def hold(self, pk: int) -> "BudgetDecision":
        """The row, locked to the end of the transaction."""
        try:
            with waiting():
                return self.select_related("fund__account", "fund__union").select_for_update(of=("self",)).get(pk=pk)
        except self.model.DoesNotExist:
            raise NotHere from None


class BudgetDecision(models.Model):
    """预算决定: what a document says about a fund, put in by finance and approved by another person."""

    fund = models.ForeignKey(Fund, models.PROTECT, related_name="decisions")
    kind = models.CharField(_("事项"), max_length=10, choices=BudgetKind)
    state = models.CharField(_("状态"), max_length=8, choices=BudgetState, default=BudgetState.PUT_IN)
    source = models.CharField(_("资金来源"), max_length=60)
    document = models.CharField(_("文号"), max_length=60)
    sum_fen = models.BigIntegerField(_("金额"))
    closes = models.BooleanField(_("年终结账"), default=False)
    transfer = models.UUIDField(unique=True)
    """The key of the transfer that its approval asks for."""
    put_in_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    put_in_at = models.DateTimeField(_("提出时间"))
    approved_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(_("批准时间"), null=True)
    reason = models.CharField(_("理由"), max_length=400, blank=True)

    objects = BudgetQuerySet.as_manager()

    class Meta:
        ordering = ("-put_in_at", "-id")
        constraints = [
            models.UniqueConstraint(
                fields=["fund", "document", "kind"], condition=~Q(state="refused"), name="budget_document_once"
            ),
            models.CheckConstraint(condition=Q(sum_fen__gt=0) | Q(sum_fen=0, closes=True), name="budget_sum_positive"),
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=F("put_in_by")), name="budget_two_people"
            ),
            models.CheckConstraint(
                condition=~Q(state="approved") | Q(approved_by__isnull=False, approved_at__isnull=False),
                name="budget_approved_by_someone",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.fund} {self.document}"

    @property
    def what(self) -> StrOrPromise:
        """What it does; what is carried over and closes nothing comes from the years before this house."""
        opens = self.kind == BudgetKind.CARRY_OVER and not self.closes
        return _("期初结转") if opens else BudgetKind(self.kind).label

    @property
    def subject(self) -> str:
        """How the records name it."""
        return f"budget:{self.pk}"
