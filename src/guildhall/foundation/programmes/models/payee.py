"""Where a unit is paid: versions of its bank account, each checked by two."""

from collections.abc import Iterable
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from guildhall.foundation.errors import NotHere
from guildhall.foundation.organisations.models import Unit, User
from guildhall.foundation.organisations.states import Right
from guildhall.foundation.programmes.states import PayeeState
from guildhall.foundation.records.moves import waiting
from guildhall.foundation.vault import SealedTextField


class PayeeQuerySet(models.QuerySet["Payee"]):
    """Payee accounts by scope."""

    def visible_to(self, user: User) -> Self:
        """Those of units at or below a union where the user reads money, and a unit's own."""
        unions = [*user.unions_with(Right.READ_MONEY), *user.unions_with(Right.SPEAK_FOR_UNIT)]
        return self.filter(unit__union__lineage__overlap=unions)

    def counting(self, units: Iterable[int]) -> dict[int, "Payee"]:
        """By unit, the newest version that was not refused: the one that counts."""
        rows = self.filter(unit__in=list(units)).exclude(state=PayeeState.REFUSED).order_by("unit_id", "-version")
        return {row.unit_id: row for row in rows.distinct("unit")}

    def pick(self, pk: int) -> "Payee":
        """The one version; `NotHere` alike for a missing one and one out of scope."""
        try:
            return self.select_related(
                "unit__union", "proposed_by__person", "first_by__person", "second_by__person"
            ).get(pk=pk)
        except self.model.DoesNotExist:
            raise NotHere from None

    def hold(self, pk: int) -> "Payee":
        """The row, locked to the end of the transaction."""
        try:
            with waiting():
                return self.select_related("unit__union").select_for_update(of=("self",)).get(pk=pk)
        except self.model.DoesNotExist:
            raise NotHere from None


class Payee(models.Model):
    """收款账户: one version of a unit's account. A change is a new version; two officers of finance check it."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="payees")
    version = models.PositiveIntegerField(_("版本"))
    state = models.CharField(_("状态"), max_length=8, choices=PayeeState, default=PayeeState.PROPOSED)
    name = models.CharField(_("账户名称"), max_length=120)
    bank = models.CharField(_("开户银行"), max_length=60)
    branch = models.CharField(_("开户网点"), max_length=80)
    account = SealedTextField(_("账号"), context="payee.account")
    tail = models.CharField(_("账号尾号"), max_length=4)
    reason = models.CharField(_("变更理由"), max_length=400, blank=True)
    proposed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(_("提出时间"))
    first_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    first_at = models.DateTimeField(null=True)
    second_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    second_at = models.DateTimeField(null=True)
    refused_because = models.CharField(_("未通过的原因"), max_length=400, blank=True)

    objects = PayeeQuerySet.as_manager()

    class Meta:
        ordering = ("unit", "-version")
        constraints = [
            models.UniqueConstraint(fields=["unit", "version"], name="payee_version"),
            models.UniqueConstraint(fields=["unit"], condition=Q(state="proposed"), name="payee_one_open"),
            models.CheckConstraint(
                condition=~Q(state="checked") | Q(first_by__isnull=False, second_by__isnull=False),
                name="payee_checked_by_two",
            ),
            models.CheckConstraint(
                condition=(Q(first_by=None) | ~Q(first_by=F("proposed_by")))
                & (Q(second_by=None) | ~Q(second_by=F("first_by")) & ~Q(second_by=F("proposed_by"))),
                name="payee_three_people",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.bank}\u00a0…{self.tail}"

    @property
    def subject(self) -> str:
        """How the records name it."""
        return f"payee:{self.unit_id}"
