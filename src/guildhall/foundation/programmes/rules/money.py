"""The decisions of money as plain functions: who may approve, which payment waits, what an account must look like."""

import unicodedata
from typing import Protocol

from django.utils.translation import gettext_lazy as _

from guildhall.foundation.errors import OutOfStep, Refusal
from guildhall.foundation.programmes.states import PAYOUT_AFTER, PayeeState, PayoutMove, PayoutState, Waits


class SamePerson(Refusal):
    """Whoever put it in, drew it up or prepared it does not approve it (制单与批准分离)."""

    code = "money.same-person"
    message = _("这件事是您自己经手的，要由另一个人来批准或核对。")
    status = 403


class NoFund(Refusal):
    """The fund was never credited for this year."""

    code = "money.no-fund"
    message = _("“%(fund)s”%(year)d 年度还没有批准的预算，不能付款。")


class NoGrant(Refusal):
    """The programme pays nothing."""

    code = "money.no-grant"
    message = _("这个项目没有奖补资金。")


class NotOverYet(Refusal):
    """Payments follow from what is conferred, not from what stands in notice."""

    code = "money.not-conferred"
    message = _("还没有可以付款的单位：公示结束、命名以后才能付款。")


class NothingReady(Refusal):
    """Every payment of the list waits: for its account, or for an added budget."""

    code = "money.nothing-ready"
    message = _("清单里 %(n)d 家都还不能付款。先核对收款账户；异议后增加的奖补超出资金的，先追加预算。")


class ListChanged(Refusal):
    """What would be approved is not what was shown."""

    code = "money.list-changed"
    message = _("清单的内容和您看到的不一样了，没有付款。请刷新再看。")


class PayeeChanged(Refusal):
    """An account changed after the list was prepared."""

    code = "money.payee-changed"
    message = _("制单以后有 %(n)d 家的收款账户变更：%(units)s。请退回重制，没有付款。")


class PayeeNameOff(Refusal):
    """The account is not in the unit's own name."""

    code = "money.payee-name"
    message = _("账户名称“%(name)s”与单位名称“%(unit)s”不一致，不能登记。")
    status = 422


class AccountNumberOff(Refusal):
    """No account number looks like this."""

    code = "money.account-number"
    message = _("账号应为 8 到 32 位数字，现在有 %(n)d 位。")
    status = 422


class SumOff(Refusal):
    """A sum of money that cannot be."""

    code = "money.sum"
    message = _("金额要大于 0，并且不超过一万亿元。")
    status = 422


class FundHolds(Refusal):
    """A fund is not closed while something of it is open."""

    code = "money.fund-holds"
    message = _("“%(fund)s”还不能结账，请先办结：%(what)s。")


class OpenedAlready(Refusal):
    """A fund's opening balance beside one that stands, or beside a year before it."""

    code = "money.opened-already"
    message = _("“%(fund)s”不能再登记期初余额：%(other)s 已有 %(document)s。系统里的上年余额由年终结账结转。")


class FundMoved(Refusal):
    """The remainder changed between the proposal and its approval."""

    code = "money.fund-moved"
    message = _("余额已经变成 %(now)s 元，和提出时的 %(then)s 元不同。请重新提出。")


class FundLeft(Refusal):
    """An account is closed empty."""

    code = "money.fund-left"
    message = _("“%(fund)s”还有余额 %(left)s 元，先结转或交回。")


def next_payout_state(state: str, move: PayoutMove) -> PayoutState:
    """Where a payout list goes by this move; raises `OutOfStep` where the table has no such move."""
    try:
        return PAYOUT_AFTER[state, move]
    except KeyError:
        raise OutOfStep(state=PayoutState(state).label, move=move.label) from None


def against_same_person(actor: int, *others: int | None) -> Refusal | None:
    """Why this person may not approve: one of `others`, who acted before, is the same. None where they differ."""
    return SamePerson() if actor in others else None


def plain_name(name: str) -> str:
    """A name as it is compared: width and spaces do not matter, nor which brackets were typed."""
    return "".join(unicodedata.normalize("NFKC", name).split())


def read_account(number: str) -> str:
    """An account number as its digits; spaces and hyphens between them are dropped. Raises `AccountNumberOff`."""
    digits = unicodedata.normalize("NFKC", number).replace(" ", "").replace("-", "")
    if not digits.isascii() or not digits.isdigit() or not 8 <= len(digits) <= 32:
        raise AccountNumberOff(n=len(digits))
    return digits


class Account(Protocol):
    """A version of a unit's account, as far as the rules look at it."""

    pk: int
    name: str
    state: str


def waits(account: Account | None, unit: str, returned: int | None) -> Waits:
    """Why a payment to this account waits, or `Waits.NONE`.

    `account` is the unit's newest version that was not refused: while it is unchecked nothing is paid, not even to the
    version before. `returned` is the version the bank sent the last payment back from.
    """
    if account is None:
        return Waits.NO_ACCOUNT
    if account.state != PayeeState.CHECKED:
        return Waits.UNCHECKED
    if plain_name(account.name) != plain_name(unit):
        return Waits.NAME_OFF
    if account.pk == returned:
        return Waits.NOT_CORRECTED
    return Waits.NONE
