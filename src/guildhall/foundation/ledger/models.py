"""Accounts and transfers, with the rules that the database keeps by itself."""

from typing import Self
from uuid import UUID

from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce, Now
from django.utils.translation import gettext_lazy as _

from guildhall.foundation.ledger.rules import MOST_FEN, NO_FLOOR, reversal_key
from guildhall.foundation.ledger.states import AccountKind, Code, Phase
from guildhall.foundation.organisations.models import User
from guildhall.foundation.organisations.states import Right


class AccountQuerySet(models.QuerySet["Account"]):
    """Accounts by scope."""

    def visible_to(self, user: User) -> Self:
        """All, for offices that read the federation's money; none for anyone else."""
        return self if user.may(Right.READ_MONEY) else self.none()

    def disagreeing(self) -> Self:
        """The accounts whose sums do not follow from their transfers: none, in a house in order. Reads all transfers."""
        posted, held = Q(code=Code.DONE, phase=Phase.POSTED), Q(code=Code.DONE, phase=Phase.PENDING, settled_by=None)
        return self.exclude(
            posted=_total("credit", posted) - _total("debit", posted),
            reserved=_total("debit", held),
            incoming=_total("credit", held),
        )


def _total(side: str, which: Q) -> Coalesce:
    """The fen of an account's transfers on one side."""
    rows = Transfer.objects.filter(which, **{side: OuterRef("pk")}).order_by().values(side)
    return Coalesce(Subquery(rows.values(total=Sum("amount"))), 0, output_field=models.BigIntegerField())


class Account(models.Model):
    """A place where money stands, in fen. Never deleted, and only `ledger_post` changes its sums."""

    name = models.CharField(_("账户"), max_length=120)
    kind = models.CharField(_("类别"), max_length=8, choices=AccountKind)
    owner = models.CharField(_("属于"), max_length=80)
    """What it belongs to: `fund:2024`, `unit:17`. One account of a kind an owner."""
    floor = models.BigIntegerField(_("下限"), default=0)
    posted = models.BigIntegerField(_("余额"), default=0)
    reserved = models.BigIntegerField(_("预留"), default=0)
    incoming = models.BigIntegerField(_("待收"), default=0)
    closed = models.BooleanField(_("已关闭"), default=False)

    objects = AccountQuerySet.as_manager()

    class Meta:
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(fields=["kind", "owner"], name="account_one_a_kind_and_owner"),
            models.CheckConstraint(condition=Q(posted__gte=F("reserved") + F("floor")), name="account_keeps_its_floor"),
            models.CheckConstraint(condition=Q(reserved__gte=0, incoming__gte=0), name="account_holds_not_negative"),
            models.CheckConstraint(
                condition=Q(closed=False) | Q(reserved=0, incoming=0), name="account_closed_holds_nothing"
            ),
            models.CheckConstraint(condition=Q(floor__gte=NO_FLOOR), name="account_floor_in_range"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def available(self) -> int:
        """Fen that can be spent: posted, less what is held, down to the floor."""
        return self.posted - self.reserved - self.floor


class TransferQuerySet(models.QuerySet["Transfer"]):
    """Transfers by scope and by what became of them."""

    def visible_to(self, user: User) -> Self:
        """All, for offices that read the federation's money; none for anyone else."""
        return self if user.may(Right.READ_MONEY) else self.none()

    def moved(self) -> Self:
        """Those that moved or held money: not the recorded refusals."""
        return self.filter(code=Code.DONE)

    def open(self) -> Self:
        """Holds that nothing has settled."""
        settled = Transfer.objects.filter(settles=OuterRef("pk"))
        return self.filter(~Exists(settled), code=Code.DONE, phase=Phase.PENDING)

    def of(self, account: Account) -> Self:
        """An account's statement, newest first."""
        return self.moved().filter(Q(debit=account) | Q(credit=account)).order_by("-key")


class Transfer(models.Model):
    """One row an asked key: money moved between two accounts, in fen, or the answer that refused it.

    Triggers refuse UPDATE, DELETE and TRUNCATE; to undo is a new transfer.
    """

    key = models.UUIDField(primary_key=True)  # Chosen by the asker, so that a retry finds its first self.
    code = models.SmallIntegerField(choices=Code)  # 0 moved money. Any other says why not; then only `asked` stands by.
    asked = models.TextField(null=True)  # The refused body: the same key may ask nothing else.
    # No enforced foreign key to accounts: the entry point has met them, and it costs 1.6 times.
    debit = models.ForeignKey(Account, models.PROTECT, null=True, db_constraint=False, related_name="debits")
    credit = models.ForeignKey(Account, models.PROTECT, null=True, db_constraint=False, related_name="credits")
    amount = models.BigIntegerField(_("金额"), null=True)  # A void's is what it frees.
    phase = models.CharField(max_length=7, null=True, choices=Phase)  # PENDING holds until one transfer settles it.
    settles = models.ForeignKey(
        "self", models.PROTECT, null=True, db_constraint=False, db_index=False, related_name="settled_by"
    )
    expires_at = models.DateTimeField(_("预留到期"), null=True)  # In the time of business.
    memo = models.TextField(_("摘要"), blank=True, db_default="")
    decision = models.ForeignKey("records.Decision", models.PROTECT, null=True, related_name="transfers")
    at = models.DateTimeField(_("实际时间"), db_default=Now())
    business_at = models.DateTimeField(_("业务时间"))

    objects = TransferQuerySet.as_manager()

    class Meta:
        ordering = ("key",)
        indexes = [
            models.Index(
                fields=["expires_at"], condition=Q(phase="pending", expires_at__isnull=False), name="transfer_expiry"
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["settles"], condition=Q(settles__isnull=False), name="transfer_settles_once"
            ),
            models.CheckConstraint(  # NULL passes a CHECK, so each column is asked.
                condition=~Q(code=0)
                | Q(debit__isnull=False, credit__isnull=False, decision__isnull=False, asked=None)
                & Q(amount__isnull=False, amount__gt=0, amount__lte=MOST_FEN)
                & Q(phase__isnull=False, phase__in=Phase.values)
                & ~Q(debit=F("credit")),
                name="transfer_moves_money",
            ),
            models.CheckConstraint(
                condition=Q(code=0)
                | Q(asked__isnull=False, debit=None, credit=None, amount=None, phase=None, settles=None),
                name="transfer_refused_keeps_its_answer",
            ),
            models.CheckConstraint(
                condition=~Q(phase="pending", settles__isnull=False) & ~Q(phase="voided", settles__isnull=True),
                name="transfer_settles_by_phase",
            ),
            models.CheckConstraint(  # Born alive: the fast path leans on it.
                condition=Q(expires_at=None) | Q(phase__isnull=False, phase="pending", expires_at__gt=F("business_at")),
                name="transfer_pending_may_expire",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.get_code_display()}"

    @property
    def reversal(self) -> UUID:
        """The key of the transfer that reverses this one, if any does."""
        return reversal_key(self.key)
