"""Moving money: the one entry point, and the few acts that are the ledger's own."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import psycopg
from django.db import connection, transaction

from guildhall.foundation import clock
from guildhall.foundation.ledger.models import Account, Transfer
from guildhall.foundation.ledger.rules import (
    MOST_ITEMS,
    REFUSALS,
    AccountInUse,
    AlreadyReversed,
    Answer,
    Item,
    NotReversible,
    answer,
    expiry_key,
    hold,
    pay,
    post_of,
    reversal_key,
    uuid7,
    void_of,
)
from guildhall.foundation.ledger.states import AccountKind, Code, Phase
from guildhall.foundation.organisations.models import Union, User
from guildhall.foundation.organisations.rules import require
from guildhall.foundation.organisations.states import Right, UnionKind
from guildhall.foundation.records.models import Decision
from guildhall.foundation.records.moves import CLOCK, Clock, draft, made, record, waiting
from guildhall.foundation.records.rules import NoReason

__all__ = [
    "Item", "close_account", "expire_due", "hold", "open_accounts", "pay", "post", "post_all", "post_of", "reverse",
    "uuid7", "void_of",
]  # fmt: skip

STREAM: Final = "ledger"
CALL: Final = (
    "select ledger_post(%s::uuid[], %s::bigint[], %s::bigint[], %s::bigint[], %s::text[], %s::uuid[],"
    " %s::boolean[], %s::timestamptz[], %s::text[], %s::bigint, %s::timestamptz, %s::boolean)"
)


def _array(values: Iterable[object]) -> str:
    """A PostgreSQL array literal of numbers, keys and flags: the cheapest transport by measure."""
    return "{" + ",".join("NULL" if value is None else str(value) for value in values) + "}"


def _moments(values: Iterable[datetime | None]) -> str:
    """An array literal of instants, with their zones."""
    return _array(value and f'"{value.isoformat()}"' for value in values)


def _texts(values: Iterable[str]) -> str:
    """An array literal of free texts, each quoted."""
    quoted = (value.replace("\x00", "").replace("\\", "\\\\").replace('"', '\\"') for value in values)
    return "{" + ",".join(f'"{value}"' for value in quoted) + "}"


def post(items: Sequence[Item], *, decision: Decision) -> list[Answer]:
    """Ask the ledger for a batch, inside the caller's transaction: one SQL call, one answer an item, in order.

    Equal to asking one by one. Refusals are answers, recorded under their keys; nothing is raised for them. Call it
    once in a transaction, before the stream's head is locked: `decision` may be a `draft()` that is recorded after.
    Raises `Busy` after a wait of 3 s.
    """
    return post_at(items, decision=decision, business=clock.now())


def post_at(items: Sequence[Item], *, decision: Decision, business: datetime, optimistic: bool = True) -> list[Answer]:
    """`post` at a given time of business. Without `optimistic` the exact loop alone decides: the answers are the same."""
    if not connection.in_atomic_block:
        raise RuntimeError("money moves in the transaction of its decision")
    if len(items) > MOST_ITEMS:
        raise ValueError(f"a batch holds at most {MOST_ITEMS} items")
    if not items:
        return []
    arrays = (
        _array(item.key for item in items),
        _array(item.debit for item in items),
        _array(item.credit for item in items),
        _array(item.amount for item in items),
        _array(str(item.phase) for item in items),
        _array(item.settles for item in items),
        _array(item.linked for item in items),
        _moments(item.expires_at for item in items),
        _texts(item.memo for item in items),
    )
    with waiting(), connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        cursor.execute(CALL, (*arrays, decision.pk, business, optimistic), prepare=True)
        row = cursor.fetchone()
    assert row is not None
    return [answer(number) for number in row[0]]


def post_all(items: Sequence[Item], *, decision: Decision) -> list[Answer]:
    """All or nothing: `post`, but the first item not done is raised as its refusal, and the caller rolls back."""
    answers = post(items, decision=decision)
    for place, given in enumerate(answers):
        if not given.done and given.code is not Code.LINKED_FAILED:
            raise REFUSALS[given.code](item=place)
    for place, given in enumerate(answers):
        if not given.done:
            raise REFUSALS[given.code](item=place)
    return answers


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """An account to be opened. `floor` is in fen; `NO_FLOOR` is for what stands outside the house."""

    kind: AccountKind
    owner: str
    name: str
    floor: int = 0


@transaction.atomic
def open_accounts(openings: Sequence[Opening], *, by: User | Clock, key: UUID) -> list[Account]:
    """Open those of the accounts that are not there yet, by kind and owner; all of them, in the order asked.

    The caller's move has checked the right: an account is opened by the decision that needs it.
    """
    wanted = {(opening.kind.value, opening.owner): opening for opening in openings}
    known = _by_owner(wanted)
    missing = [opening for place, opening in wanted.items() if place not in known]
    if missing:
        Account.objects.bulk_create(
            [Account(kind=new.kind, owner=new.owner, name=new.name, floor=new.floor) for new in missing],
            ignore_conflicts=True,  # Another transaction may open the same one; theirs serves as well.
        )
        content = {"accounts": [[new.kind, new.owner, new.name, new.floor] for new in missing]}
        record("open_accounts", stream=STREAM, subject="accounts", by=by, content=content, key=key)
        known = _by_owner(wanted)
    return [known[opening.kind.value, opening.owner] for opening in openings]


def _by_owner(wanted: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Account]:
    kinds, owners = {kind for kind, _owner in wanted}, {owner for _kind, owner in wanted}
    rows = Account.objects.filter(kind__in=kinds, owner__in=owners)
    return {(row.kind, row.owner): row for row in rows}


@transaction.atomic
def close_account(account: Account, *, by: User, reason: str, key: UUID) -> Account:
    """Close an account: from now on every item that names it is refused. Raises `NoRight`, `AccountInUse`."""
    require(by, Right.HANDLE_MONEY, at=Union.objects.get(kind=UnionKind.FEDERATION))
    subject = f"account:{account.pk}"
    if made("close_account", stream=STREAM, subject=subject, key=key):
        return Account.objects.get(pk=account.pk)
    if not reason.strip():
        raise NoReason
    with waiting():
        row = Account.objects.select_for_update(no_key=True).get(pk=account.pk)
    if row.reserved or row.incoming:
        raise AccountInUse
    row.closed = True
    row.save(update_fields=["closed"])
    record("close_account", stream=STREAM, subject=subject, by=by, note=reason, key=key)
    return row


@transaction.atomic
def reverse(transfer: Transfer, *, by: User, reason: str, key: UUID) -> Transfer:
    """Undo a posted transfer by one the other way, once, with the reason recorded.

    Raises `NoRight`, `NoReason`, `NotReversible`, `AlreadyReversed`, `Insufficient` where the money is no longer there.
    """
    require(by, Right.APPROVE_MONEY, at=Union.objects.get(kind=UnionKind.FEDERATION))
    subject, back = f"transfer:{transfer.pk}", reversal_key(transfer.pk)
    if made("reverse", stream=STREAM, subject=subject, key=key):
        return Transfer.objects.get(pk=back)
    if not reason.strip():
        raise NoReason
    if (
        transfer.code
        or transfer.phase != Phase.POSTED
        or not (transfer.debit_id and transfer.credit_id and transfer.amount)
    ):
        raise NotReversible
    decision = draft()
    given = post_all(
        [pay(back, transfer.credit_id, transfer.debit_id, transfer.amount, memo=reason)], decision=decision
    )
    if given[0].duplicate:
        raise AlreadyReversed
    record("reverse", stream=STREAM, subject=subject, by=by, note=reason, key=key, drafted=decision)
    return Transfer.objects.get(pk=back)


@transaction.atomic
def expire_due(*, most: int = 1_000) -> int:
    """Free the holds whose time of business is over: a batch of voids by the clock. How many it freed.

    A hold binds by time even if this is late: posting it after its expiry is refused.
    """
    due = Transfer.objects.open().filter(expires_at__lte=clock.now()).order_by("expires_at")
    pending = list(due.values_list("pk", flat=True)[: min(most, MOST_ITEMS)])
    if not pending:
        return 0
    decision = draft()
    answers = post([void_of(expiry_key(key), key) for key in pending], decision=decision)
    freed = sum(given.done and not given.duplicate for given in answers)
    content = {"holds": [str(key) for key in pending], "freed": freed}
    record("expire", stream=STREAM, subject="holds", by=CLOCK, content=content, drafted=decision)
    return freed
