"""Items and answers as plain values, keys, and the ledger's refusals."""

import secrets
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID, uuid5

from django.utils.translation import gettext_lazy as _

from guildhall.foundation.errors import Refusal
from guildhall.foundation.ledger.states import Code, Phase

DUPLICATE: Final = 64
"""Added to a code by `ledger_post` where the key was known."""
MOST_FEN: Final = 10**15
MOST_ITEMS: Final = 8_000
"""A batch's limit: the sum of its amounts stays inside 64 bits."""
NO_FLOOR: Final = -(10**18)
"""The floor of an account that stands for the world outside (a bank, a budget): it may go as low as it likes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One asked transfer, in fen. Build one with `pay`, `hold`, `post_of` or `void_of`.

    `linked` ties it to the item after it: all of a chain happen, or none.
    """

    key: UUID
    debit: int | None = None
    credit: int | None = None
    amount: int | None = None
    phase: str = Phase.POSTED
    settles: UUID | None = None
    linked: bool = False
    expires_at: datetime | None = None
    memo: str = ""


def pay(key: UUID, debit: int, credit: int, amount: int, *, memo: str = "", linked: bool = False) -> Item:
    """Move `amount` fen from account `debit` to account `credit`."""
    return Item(key=key, debit=debit, credit=credit, amount=amount, memo=memo, linked=linked)


def hold(
    key: UUID, debit: int, credit: int, amount: int, *,
    until: datetime | None = None, memo: str = "", linked: bool = False,
) -> Item:  # fmt: skip
    """Hold `amount` fen of `debit` for `credit`, until settled, or until the time of business passes `until`."""
    return Item(
        key=key, debit=debit, credit=credit, amount=amount, phase=Phase.PENDING,
        expires_at=until, memo=memo, linked=linked,
    )  # fmt: skip


def post_of(key: UUID, pending: UUID, amount: int, *, memo: str = "", linked: bool = False) -> Item:
    """Post `amount` fen of what `pending` holds; the rest is freed."""
    return Item(key=key, settles=pending, amount=amount, memo=memo, linked=linked)


def void_of(key: UUID, pending: UUID, *, memo: str = "", linked: bool = False) -> Item:
    """Free all that `pending` holds."""
    return Item(key=key, settles=pending, phase=Phase.VOIDED, memo=memo, linked=linked)


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of an item. A duplicate's code is the first answer its key got."""

    code: Code
    duplicate: bool = False

    @property
    def done(self) -> bool:
        """Whether the money moved, now or the first time."""
        return self.code is Code.DONE


def answer(number: int) -> Answer:
    """The answer behind a number of `ledger_post`."""
    return Answer(Code(number % DUPLICATE), number >= DUPLICATE)


def uuid7() -> UUID:
    """A key that sorts by time (RFC 9562, 5.7): 48 bits of milliseconds, 74 random bits."""
    value = (time.time_ns() // 1_000_000) << 80 | secrets.randbits(80)
    return UUID(int=value & ~(0xF << 76) & ~(0x3 << 62) | 0x7 << 76 | 0x2 << 62)


def reversal_key(transfer: UUID) -> UUID:
    """The key under which a transfer is reversed: the same for all who ask, so it is reversed once."""
    return uuid5(transfer, "reverse")


def expiry_key(pending: UUID) -> UUID:
    """The key under which the sweep frees an expired hold."""
    return uuid5(pending, "expire")


class LedgerRefused(Refusal):
    """The ledger does not move this money. `facts`: `item` is its place in the batch, from 0."""


class KeyOfAnother(LedgerRefused):
    code = "ledger.key-reused"
    message = _("这个编号已经用于另一笔资金。")


class BadItem(LedgerRefused):
    code = "ledger.bad-item"
    message = _("这笔资金的金额、账户或类型不合规则。")
    status = 422


class UnknownAccount(LedgerRefused):
    code = "ledger.unknown-account"
    message = _("没有这个账户。")


class ClosedAccount(LedgerRefused):
    code = "ledger.closed-account"
    message = _("账户已经关闭，不能收付。")


class Expired(LedgerRefused):
    code = "ledger.expired"
    message = _("这笔预留已经过期。")


class Insufficient(LedgerRefused):
    code = "ledger.insufficient"
    message = _("账户可用余额不足，没有付款。")


class UnknownPending(LedgerRefused):
    code = "ledger.unknown-pending"
    message = _("没有这笔预留。")


class AlreadySettled(LedgerRefused):
    code = "ledger.already-settled"
    message = _("这笔预留已经结清。")


class OverAmount(LedgerRefused):
    code = "ledger.over-amount"
    message = _("入账金额超过预留金额。")


class LinkedFailed(LedgerRefused):
    code = "ledger.linked-failed"
    message = _("同组的另一笔没有成功，这一笔也没有入账。")


class ChainOpen(LedgerRefused):
    code = "ledger.chain-open"
    message = _("成组的资金没有结束，整组都没有入账。")


class AlreadyReversed(LedgerRefused):
    code = "ledger.already-reversed"
    message = _("这笔资金已经冲正。")


class NotReversible(LedgerRefused):
    code = "ledger.not-reversible"
    message = _("只有已入账的资金可以冲正；预留的请撤销。")


class AccountInUse(LedgerRefused):
    code = "ledger.account-in-use"
    message = _("账户还有未结清的预留，不能关闭。")


REFUSALS: Final[dict[Code, type[LedgerRefused]]] = {
    Code.KEY_REUSED: KeyOfAnother,
    Code.BAD_ITEM: BadItem,
    Code.UNKNOWN_ACCOUNT: UnknownAccount,
    Code.CLOSED_ACCOUNT: ClosedAccount,
    Code.EXPIRED: Expired,
    Code.INSUFFICIENT: Insufficient,
    Code.UNKNOWN_PENDING: UnknownPending,
    Code.ALREADY_SETTLED: AlreadySettled,
    Code.OVER_AMOUNT: OverAmount,
    Code.LINKED_FAILED: LinkedFailed,
    Code.CHAIN_OPEN: ChainOpen,
}
