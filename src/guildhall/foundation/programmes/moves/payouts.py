"""A payout list from its drawing up to the approval that holds its money."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, Sum

from guildhall.foundation import clock
from guildhall.foundation.ledger.models import Account
from guildhall.foundation.ledger.moves import Opening, hold, open_accounts, post_all, uuid7
from guildhall.foundation.ledger.states import AccountKind
from guildhall.foundation.messages.moves import tell
from guildhall.foundation.organisations.models import Union, Unit, User, holders
from guildhall.foundation.organisations.rules import require
from guildhall.foundation.organisations.states import Right
from guildhall.foundation.programmes.models import Application, Fund, Payee, Payout, PayoutRow, Round
from guildhall.foundation.programmes.moves.changes import gained
from guildhall.foundation.programmes.moves.results import result_of
from guildhall.foundation.programmes.rules import (
    ListChanged,
    NoFund,
    NoGrant,
    NothingReady,
    NotOverYet,
    PayeeChanged,
    against_same_person,
    digest_of,
    need_reason,
    next_payout_state,
    waits,
    yuan,
)
from guildhall.foundation.programmes.states import (
    CLAIMS,
    PAYOUT_NEEDS,
    BudgetState,
    PayoutMove,
    PayoutState,
    RowState,
    State,
    Waits,
)
from guildhall.foundation.records.moves import draft, made, record, waiting


def _fund(of: Round) -> Fund:
    """The fund a round is paid from. Raises `NoGrant`, `NoFund` before its first approved decision or once closed."""
    grant = of.programme.file.grant
    if grant is None:
        raise NoGrant
    found = Fund.objects.filter(union=of.union, name=grant.fund, year=of.year, closed_at=None)
    fund = found.filter(decisions__state=BudgetState.APPROVED).select_related("account").first()
    if fund is None:
        raise NoFund(fund=grant.fund, year=of.year)
    return fund


def to_be_paid(of: Round) -> list[tuple[Application, int]]:
    """What was conferred with a sum and stands in no list: the highest sums first, then by group and rank."""
    rows = of.applications.filter(state=State.CONFERRED).exclude(payments__state__in=CLAIMS)
    found: list[tuple[tuple[Any, ...], Application, int]] = []
    for application in rows.select_related("unit", "union").order_by("pk"):
        application.round = of
        said = result_of(application)
        if said["sum_fen"] > 0:
            place = (-said["sum_fen"], str(said.get("group", "")), said.get("rank") or 0, application.pk)
            found.append((place, application, said["sum_fen"]))
    return [(application, sum_fen) for _place, application, sum_fen in sorted(found, key=lambda row: row[0])]


def _number(union: Union, year: int) -> str:
    """The next number of the year's series; the union's row is held so that two lists never share one."""
    with waiting():
        Union.objects.select_for_update(no_key=True).get(pk=union.pk)
    series = f"P{year}-"
    last = Payout.objects.filter(number__startswith=series).order_by("-number").values_list("number", flat=True).first()
    return f"{series}{int(last.removeprefix(series)) + 1 if last else 1:03d}"


@transaction.atomic
def draw_up(round_pk: int, *, by: User, key: UUID) -> Payout:
    """The officer in charge draws up a list of what was conferred and is not yet paid.

    Raises `NotHere`, `NoRight`, `NoGrant`, `NoFund`, `NotOverYet` where nothing is to be paid.
    """
    with waiting():
        of = Round.objects.visible_to(by).hold(round_pk)
    require(by, Right.RUN_ROUNDS, at=of.union)
    fund = _fund(of)
    if earlier := made("payout-draw", stream=fund.stream, subject=f"round:{of.pk}", key=key):
        return Payout.objects.get(pk=earlier.body["payout"])
    due = to_be_paid(of)
    if not due:
        raise NotOverYet
    payout = Payout.objects.create(
        number=_number(of.union, of.year), round=of, fund=fund, union=of.union, drawn_by=by, drawn_at=clock.now()
    )
    PayoutRow.objects.bulk_create(
        PayoutRow(payout=payout, application=row, unit_id=row.unit_id, serial=serial, sum_fen=sum_fen, hold=uuid7())
        for serial, (row, sum_fen) in enumerate(due, 1)
    )
    total = sum(sum_fen for _row, sum_fen in due)
    content = {
        "payout": payout.pk,
        "number": payout.number,
        "sum_fen": total,
        "rows": [[row.pk, fen] for row, fen in due],
    }
    record("payout-draw", stream=fund.stream, subject=f"round:{of.pk}", by=by, content=content, key=key)
    finance = holders(Right.HANDLE_MONEY, of.union.lineage)
    once, fen = f"drawn:{payout.pk}", yuan(total)
    tell("money.drawn", finance, once=once, round=of.title, number=payout.number, rows=len(due), sum=fen)
    return payout


def step(pk: int, move: PayoutMove, by: User, key: UUID) -> tuple[Payout, bool]:
    """The list held, its right and replay checked, its state advanced but not yet saved."""
    payout = Payout.objects.visible_to(by).hold(pk)
    require(by, PAYOUT_NEEDS[move], at=payout.union)
    if made(move, stream=payout.fund.stream, subject=payout.subject, key=key):
        return payout, True
    payout.state = next_payout_state(payout.state, move)
    return payout, False


def held_rows(payout: Payout, *states: str) -> list[PayoutRow]:
    """The list's rows in these states, locked with their units: no account changes under a payment."""
    with waiting():
        rows = payout.rows.select_for_update(of=("self",)).filter(state__in=states).order_by("serial")
        found = list(rows.select_related("unit", "payee", "application"))
        units = Unit.objects.select_for_update(no_key=True).filter(pk__in=[row.unit_id for row in found])
        list(units.order_by("pk").values_list("pk"))
    for row in found:
        row.payout = payout
    return found


def returned_from(rows: Sequence[PayoutRow]) -> dict[int, int | None]:
    """By application, the version of the account that the bank sent its last payment back from.

    A payment that was freed before it was sent says what it `waits` for, and nothing against its account.
    """
    back = PayoutRow.objects.filter(
        application__in=[row.application_id for row in rows], state=RowState.RETURNED, waits=Waits.NONE
    )
    return dict(back.order_by("pk").values_list("application_id", "payee_id"))


def _shown(rows: Sequence[PayoutRow]) -> str:
    """The digest of what the approver sees: whom, to which version of the account, how much."""
    return digest_of([[row.serial, row.application_id, row.unit_id, row.payee_id, row.sum_fen] for row in rows])


@transaction.atomic
def prepare(pk: int, *, by: User, key: UUID) -> Payout:
    """Finance prepares the list: payments to accounts that two have checked are ready, the others wait with the reason.
    Where the fund does not reach, those who gained by an objection wait too.

    What waits leaves the list and comes into the next one. Raises `OutOfStep`, `NothingReady`.
    """
    payout, again = step(pk, PayoutMove.PREPARE, by, key)
    if again:
        return payout
    rows = held_rows(payout, RowState.DRAWN)
    latest = Payee.objects.counting(row.unit_id for row in rows)
    returned = returned_from(rows)
    for row in rows:
        payee = latest.get(row.unit_id)
        row.waits = waits(payee, row.unit.name, returned.get(row.application_id))
        row.state = RowState.WAITING if row.waits else RowState.READY
        row.payee = None if row.waits else payee
    _those_who_gained_wait(payout, rows)
    ready = [row for row in rows if row.state == RowState.READY]
    if not ready:
        raise NothingReady(n=len(rows))
    PayoutRow.objects.bulk_update(rows, ["state", "waits", "payee"])
    accounts = [Opening(kind=AccountKind.PAYEE, owner=f"unit:{row.unit_id}", name=row.unit.name) for row in ready]
    open_accounts(accounts, by=by, key=key)
    payout.prepared_by, payout.prepared_at, payout.digest, payout.reason = by, clock.now(), _shown(ready), ""
    payout.save()
    total = sum(row.sum_fen for row in ready)
    content = {"sum_fen": total, "rows": len(ready), "waiting": len(rows) - len(ready), "digest": payout.digest}
    record(PayoutMove.PREPARE, stream=payout.fund.stream, subject=payout.subject, by=by, content=content, key=key)
    leaders = holders(Right.APPROVE_MONEY, payout.union.lineage).exclude(pk=by.pk)
    tell("money.prepared", leaders, number=payout.number, rows=len(ready), sum=yuan(total))
    return payout


def _those_who_gained_wait(payout: Payout, rows: Sequence[PayoutRow]) -> None:
    """Where the fund does not reach, those to whom an objection brought more wait for an added budget: nobody else."""
    total = sum(row.sum_fen for row in rows if row.state == RowState.READY)
    if total <= payout.fund.account.available:
        return
    for row in rows:
        if row.state == RowState.READY and gained(row.application):
            row.state, row.waits, row.payee = RowState.WAITING, Waits.NO_FUNDS, None


@transaction.atomic
def send_back(pk: int, *, reason: str, by: User, key: UUID) -> Payout:
    """Whoever may approve sends a prepared list back to finance with a reason; nothing is held."""
    payout, again = step(pk, PayoutMove.SEND_BACK, by, key)
    if again:
        return payout
    rows = held_rows(payout, RowState.READY)
    for row in rows:
        row.state, row.payee = RowState.DRAWN, None
    PayoutRow.objects.bulk_update(rows, ["state", "payee"])
    preparer = payout.prepared_by
    payout.reason, payout.digest, payout.prepared_by, payout.prepared_at = need_reason(reason, most=400), "", None, None
    payout.save()
    note = payout.reason
    record(
        PayoutMove.SEND_BACK, stream=payout.fund.stream, subject=payout.subject, by=by, content={}, key=key, note=note
    )
    if preparer:
        tell("money.sent_back", [preparer], number=payout.number, reason=note)
    return payout


@transaction.atomic
def drop(pk: int, *, reason: str, by: User, key: UUID) -> Payout:
    """The officer in charge drops a list that was not prepared yet; its payments can be drawn up again."""
    payout, again = step(pk, PayoutMove.DROP, by, key)
    if again:
        return payout
    rows = held_rows(payout, RowState.DRAWN)
    for row in rows:
        row.state = RowState.DROPPED
    PayoutRow.objects.bulk_update(rows, ["state"])
    payout.reason = need_reason(reason, most=400)
    payout.save()
    note = payout.reason
    record(PayoutMove.DROP, stream=payout.fund.stream, subject=payout.subject, by=by, content={}, key=key, note=note)
    return payout


def changed_payees(rows: Sequence[PayoutRow]) -> list[PayoutRow]:
    """The payments whose unit has another account since, checked or not."""
    latest = Payee.objects.counting(row.unit_id for row in rows)
    return [row for row in rows if (now := latest.get(row.unit_id)) is None or now.pk != row.payee_id]


def _against_change(payout: Payout, rows: list[PayoutRow], digest: str) -> None:
    """What is approved is what was shown, to accounts that still stand. Raises `ListChanged`, `PayeeChanged`."""
    if digest != payout.digest or digest != _shown(rows):
        raise ListChanged
    if changed := changed_payees(rows):
        names = "、".join(row.unit.name for row in changed[:5])
        raise PayeeChanged(n=len(changed), units=names)


@transaction.atomic
def approve(pk: int, *, digest: str, by: User, key: UUID) -> Payout:
    """Approve a prepared list and hold its money in the ledger: one batch, all or nothing, once.

    `digest` is of the list as the approver saw it. Raises `NoRight`, `SamePerson`, `OutOfStep` where another approved
    it first, `ListChanged`, `PayeeChanged`, and `Insufficient` where the database finds the fund too small.
    """
    payout, again = step(pk, PayoutMove.APPROVE, by, key)
    if again:
        return payout
    if refusal := against_same_person(by.pk, payout.drawn_by_id, payout.prepared_by_id):
        raise refusal
    rows = held_rows(payout, RowState.READY)
    _against_change(payout, rows, digest)
    for row in rows:
        row.state = RowState.HELD
    PayoutRow.objects.bulk_update(rows, ["state"])
    payout.approved_by, payout.approved_at = by, clock.now()
    payout.save()
    owners = {f"unit:{row.unit_id}": row for row in rows}
    to = dict(Account.objects.filter(kind=AccountKind.PAYEE, owner__in=owners).values_list("owner", "pk"))
    entry = draft()
    items = [
        hold(row.hold, payout.fund.account_id, to[f"unit:{row.unit_id}"], row.sum_fen, memo=row.slip) for row in rows
    ]
    post_all(items, decision=entry)
    content = {"sum_fen": sum(row.sum_fen for row in rows), "rows": len(rows), "digest": payout.digest}
    record(
        PayoutMove.APPROVE, stream=payout.fund.stream, subject=payout.subject, by=by, content=content, key=key,
        drafted=entry,
    )  # fmt: skip
    finance = holders(Right.HANDLE_MONEY, payout.union.lineage)
    tell("money.approved", finance, once=f"approved:{payout.pk}", number=payout.number)
    return payout


def rounds_to_pay(user: User) -> list[Round]:
    """Rounds the officer runs of which something was conferred and stands in no list yet, as far as rows tell.

    A list that was never drawn, payments that wait or came back, or conferrals after the last list.
    """
    back = PayoutRow.objects.filter(application__round=OuterRef("pk"), state__in=(RowState.WAITING, RowState.RETURNED))
    claimed = PayoutRow.objects.claiming().filter(application=OuterRef("application"))
    lists = Payout.objects.filter(round=OuterRef("pk")).exclude(state=PayoutState.DROPPED)
    open_ = (
        Q(~Exists(lists))
        | Q(Exists(back.filter(~Exists(claimed))))
        | ~Exists(lists.exclude(drawn_at__lt=OuterRef("finished_at")))
    )
    conferred = Application.objects.filter(round=OuterRef("pk"), state=State.CONFERRED)
    rows = Round.objects.visible_to(user).filter(open_, Exists(conferred), union__in=user.unions_with(Right.RUN_ROUNDS))
    return list(rows.select_related("programme").order_by("-year", "-pk")[:5])


def shortfall(payout: Payout) -> int:
    """Fen by which the fund falls short of the list; 0 where it suffices. The database decides, this warns before."""
    wanted = payout.rows.filter(state__in=(RowState.DRAWN, RowState.READY)).aggregate(fen=Sum("sum_fen", default=0))
    return max(0, int(wanted["fen"]) - payout.fund.account.available)
