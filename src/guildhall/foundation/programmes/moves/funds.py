"""A fund from its first budget decision to the closing of its account."""

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict
from uuid import UUID, uuid5

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _t

from guildhall.foundation import clock
from guildhall.foundation.errors import BadInput, NoRight, OutOfStep
from guildhall.foundation.ledger.models import Account
from guildhall.foundation.ledger.moves import Opening, close_account, open_accounts, pay, post_all
from guildhall.foundation.ledger.rules import MOST_FEN, NO_FLOOR, uuid7
from guildhall.foundation.ledger.states import AccountKind
from guildhall.foundation.messages.moves import tell
from guildhall.foundation.organisations.models import Union, User, holders
from guildhall.foundation.organisations.rules import require
from guildhall.foundation.organisations.states import Right
from guildhall.foundation.programmes.models import BudgetDecision, Fund
from guildhall.foundation.programmes.rules import (
    FundHolds,
    FundLeft,
    FundMoved,
    OpenedAlready,
    SumOff,
    against_same_person,
    need_reason,
    yuan,
)
from guildhall.foundation.programmes.states import BudgetKind, BudgetState, PayoutState
from guildhall.foundation.records.moves import draft, made, record, waiting


class Body(TypedDict):
    """What a budget decision says."""

    source: str
    document: str
    sum_fen: int


def _federation(by: User) -> Union:
    """The union whose money the officer handles; raises `NoRight` where there is none."""
    office = next((office for office in by.offices if office.union_id in by.unions_with(Right.HANDLE_MONEY)), None)
    if office is None:
        raise NoRight
    return office.union


def fund_of(union: Union, name: str, year: int, *, by: User, key: UUID) -> Fund:
    """The fund of that name and year, opened with its account where it is not there yet."""
    found = Fund.objects.select_related("account", "union").filter(union=union, name=name, year=year).first()
    if found:
        return found
    opening = Opening(kind=AccountKind.FUND, owner=f"fund:{name}:{year}", name=f"{name} {year}")
    account = open_accounts([opening], by=by, key=key)[0]
    return Fund.objects.get_or_create(union=union, name=name, year=year, defaults={"account": account})[0]


def _outside(source: str, *, by: User, key: UUID) -> Account:
    """The account that stands for where the money comes from; opened before any sum is locked."""
    opening = Opening(kind=AccountKind.SOURCE, owner=f"source:{source}", name=source, floor=NO_FLOOR)
    return open_accounts([opening], by=by, key=uuid5(key, "source"))[0]


@transaction.atomic
def put_in_budget(
    *, name: str, year: int, source: str, document: str, sum_fen: int, opening: bool = False, by: User, key: UUID
) -> BudgetDecision:
    """Finance puts in what a document grants a fund for a year; nothing moves until another person approves it.

    An `opening` is what the years before this house left: it is carried over into the fund, once. Raises `NoRight`,
    `SumOff`, `BadInput` for a document that stands already, `OutOfStep` for a closed fund, `OpenedAlready`.
    """
    union = _federation(by)
    if not 0 < sum_fen <= MOST_FEN:
        raise SumOff
    fund = fund_of(union, need_reason(name, 2), year, by=by, key=key)
    body = Body(source=source, document=document, sum_fen=sum_fen)
    with waiting():
        Fund.objects.select_for_update(no_key=True).get(pk=fund.pk)  # A document stands once: two wait in turn.
    kind = BudgetKind.CARRY_OVER if opening else BudgetKind.CREDIT
    asked = {**body, "kind": kind}
    if earlier := made("budget", stream=fund.stream, subject=f"fund:{fund.pk}", key=key, content=asked):
        return BudgetDecision.objects.get(pk=earlier.body["decision"])
    if opening:
        _against_opening(fund)
    return _put_in(fund, kind, body, by=by, key=key)


def _against_opening(fund: Fund) -> None:
    """A fund is opened once, and not beside an earlier year that was kept here: that one is carried over at its end."""
    standing = BudgetDecision.objects.exclude(state=BudgetState.REFUSED).select_related("fund")
    openings = Q(kind=BudgetKind.CARRY_OVER, closes=False)
    kept = standing.filter(fund__union=fund.union, fund__name=fund.name, fund__year__lt=fund.year).exclude(openings)
    if found := standing.filter(openings, fund=fund).first() or kept.first():
        raise OpenedAlready(fund=str(fund), other=str(found.fund), document=found.document)


@transaction.atomic
def put_in_openings(rows: Sequence[Mapping[str, Any]], *, by: User, key: UUID) -> list[BudgetDecision]:
    """The opening balances of several funds, each a decision that waits for its approval; all are put in, or none."""
    return [
        put_in_budget(**row, opening=True, by=by, key=uuid5(key, f"opening {number}"))
        for number, row in enumerate(rows)
    ]


def _put_in(fund: Fund, kind: BudgetKind, body: Body, *, by: User, key: UUID, closes: bool = False) -> BudgetDecision:
    if fund.closed_at:
        raise OutOfStep(state=_t("已结账"), move=kind.label)
    document = need_reason(body["document"], 2)
    if fund.decisions.filter(document=document, kind=kind).exclude(state=BudgetState.REFUSED).exists():
        raise BadInput(what=_t("文号“%(document)s”已经登记过。") % {"document": document})
    source = need_reason(body["source"], 2)
    if kind == BudgetKind.CARRY_OVER and closes:
        fund_of(fund.union, fund.name, fund.year + 1, by=by, key=key)
    else:
        _outside(source, by=by, key=key)
    decision = BudgetDecision.objects.create(
        fund=fund, kind=kind, source=source, document=document,
        sum_fen=body["sum_fen"], closes=closes,
        transfer=uuid7(), put_in_by=by, put_in_at=clock.now(),
    )  # fmt: skip
    content = {**body, "decision": decision.pk, "kind": kind, "closes": closes}
    record("budget", stream=fund.stream, subject=f"fund:{fund.pk}", by=by, content=content, key=key)
    leaders = holders(Right.APPROVE_MONEY, fund.union.lineage).exclude(pk=by.pk)
    tell("money.budget", leaders, fund=str(fund), kind=str(decision.what), sum=yuan(decision.sum_fen))
    return decision


@transaction.atomic
def close_year(pk: int, *, kind: BudgetKind, source: str, document: str, by: User, key: UUID) -> BudgetDecision:
    """At year's end finance proposes that a fund's whole remainder is carried over, or returned to its source.

    Raises `FundHolds` while a payment list or another decision is open, `BadInput` for a kind that is no closing.
    """
    fund = Fund.objects.visible_to(by).pick(pk)
    require(by, Right.HANDLE_MONEY, at=fund.union)
    if earlier := made("budget", stream=fund.stream, subject=f"fund:{fund.pk}", key=key):
        return BudgetDecision.objects.get(pk=earlier.body["decision"])
    if kind not in (BudgetKind.CARRY_OVER, BudgetKind.RETURN):
        raise BadInput(what=_t("年终结账只能结转或交回。"))
    _nothing_open(fund, fund.account)
    body = Body(source=source, document=document, sum_fen=fund.account.posted)
    return _put_in(fund, kind, body, by=by, key=key, closes=True)


def hindrances(fund: Fund, account: Account, besides: int = 0) -> list[tuple[str, str]]:
    """What must be done before a fund's year is closed, each with its address: payment lists, decisions, sums held.

    `besides` is the id of the decision that closes it.
    """
    lists = fund.payouts.exclude(state__in=[PayoutState.SETTLED, PayoutState.DROPPED]).order_by("number")
    waiting = fund.decisions.filter(state=BudgetState.PUT_IN).exclude(pk=besides).order_by("pk")
    found = [
        (_t("付款清单 %(number)s（%(state)s）") % {"number": one.number, "state": one.get_state_display()},
         reverse("money:payout", args=[one.pk]))
        for one in lists
    ]  # fmt: skip
    found += [
        (_t("%(kind)s %(document)s（待批准）") % {"kind": one.what, "document": one.document},
         reverse("money:decision", args=[one.pk]))
        for one in waiting
    ]  # fmt: skip
    if account.reserved and not lists:
        found.append((_t("付款途中 %(sum)s 元") % {"sum": yuan(account.reserved)}, ""))
    return found


def _nothing_open(fund: Fund, account: Account, besides: int = 0) -> None:
    """Raises `FundHolds`, which names what is open."""
    if found := hindrances(fund, account, besides):
        raise FundHolds(fund=str(fund), what="、".join(label for label, _url in found))


def _sides(decision: BudgetDecision, by: User, key: UUID) -> tuple[Account, Account]:
    """From which account to which the decided sum goes; both were opened when it was put in."""
    fund = decision.fund
    if decision.kind == BudgetKind.CARRY_OVER and decision.closes:
        return fund.account, fund_of(fund.union, fund.name, fund.year + 1, by=by, key=key).account
    outside = _outside(decision.source, by=by, key=key)
    return (fund.account, outside) if decision.kind == BudgetKind.RETURN else (outside, fund.account)


def _against_remainder(decision: BudgetDecision) -> None:
    """A closing decision takes exactly what is left. Raises `FundHolds`, `FundMoved`."""
    with waiting():
        account = Account.objects.select_for_update(no_key=True).get(pk=decision.fund.account_id)
    _nothing_open(decision.fund, account, besides=decision.pk)
    if account.posted != decision.sum_fen:
        raise FundMoved(now=yuan(account.posted), then=yuan(decision.sum_fen))


@transaction.atomic
def approve_budget(pk: int, *, by: User, key: UUID) -> BudgetDecision:
    """Another person approves a budget decision, and the ledger moves the sum: once, whoever asks again.

    Raises `NoRight`, `SamePerson`, `OutOfStep`, and for a closing decision `FundHolds`, `FundMoved`.
    """
    decision = BudgetDecision.objects.visible_to(by).hold(pk)
    fund = decision.fund
    require(by, Right.APPROVE_MONEY, at=fund.union)
    if made("budget-approve", stream=fund.stream, subject=decision.subject, key=key):
        return decision
    _still_open(decision, by)
    decision.state = BudgetState.APPROVED
    decision.approved_by, decision.approved_at = by, clock.now()
    decision.save(update_fields=["state", "approved_by", "approved_at"])
    entry = draft()
    sides = _sides(decision, by, key) if decision.sum_fen else None
    if decision.closes:
        _against_remainder(decision)
    if sides:
        debit, credit = sides
        memo = f"{decision.what} {decision.document}"
        post_all([pay(decision.transfer, debit.pk, credit.pk, decision.sum_fen, memo=memo)], decision=entry)
    content = {"sum_fen": decision.sum_fen, "kind": decision.kind, "document": decision.document}
    record(
        "budget-approve", stream=fund.stream, subject=decision.subject, by=by, content=content, key=key, drafted=entry
    )
    return decision


def _still_open(decision: BudgetDecision, by: User) -> None:
    if decision.state != BudgetState.PUT_IN:
        raise OutOfStep(state=BudgetState(decision.state).label, move=_t("批准"))
    if refusal := against_same_person(by.pk, decision.put_in_by_id):
        raise refusal


@transaction.atomic
def refuse_budget(pk: int, *, reason: str, by: User, key: UUID) -> BudgetDecision:
    """Whoever may approve a budget decision refuses it, with a reason; finance may put in a corrected one."""
    decision = BudgetDecision.objects.visible_to(by).hold(pk)
    require(by, Right.APPROVE_MONEY, at=decision.fund.union)
    if made("budget-refuse", stream=decision.fund.stream, subject=decision.subject, key=key):
        return decision
    _still_open(decision, by)
    decision.state, decision.reason = BudgetState.REFUSED, need_reason(reason, most=400)
    decision.save(update_fields=["state", "reason"])
    stream, note = decision.fund.stream, decision.reason
    record("budget-refuse", stream=stream, subject=decision.subject, by=by, content={}, key=key, note=note)
    tell("money.budget_refused", [decision.put_in_by], document=decision.document, reason=note)
    return decision


@transaction.atomic
def close_fund(pk: int, *, by: User, key: UUID) -> Fund:
    """Finance closes an emptied fund's account: from now on every payment that names it is refused.

    Raises `FundHolds`, `FundLeft`.
    """
    fund = Fund.objects.visible_to(by).pick(pk)
    require(by, Right.HANDLE_MONEY, at=fund.union)
    with waiting():
        account = Account.objects.select_for_update(no_key=True).get(pk=fund.account_id)  # Two who close wait in turn.
    fund.refresh_from_db(fields=["closed_at"])
    if made("fund-close", stream=fund.stream, subject=f"fund:{fund.pk}", key=key):
        return fund
    if fund.closed_at:
        raise OutOfStep(state=_t("已结账"), move=_t("结账"))
    _nothing_open(fund, account)
    if account.posted:
        raise FundLeft(fund=str(fund), left=yuan(account.posted))
    Fund.objects.filter(pk=fund.pk).update(closed_at=clock.now())
    record("fund-close", stream=fund.stream, subject=f"fund:{fund.pk}", by=by, content={}, key=key)
    close_account(account, by=by, reason=_t("年终结账"), key=key)
    fund.refresh_from_db()
    return fund
