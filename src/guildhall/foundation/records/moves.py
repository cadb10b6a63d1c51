"""Writing to the chains: one entry, many, and the lawful erasure of a content."""

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from django.db import IntegrityError, OperationalError, connection, transaction
from django.utils import timezone
from psycopg.errors import DeadlockDetected, LockNotAvailable

from guildhall.foundation import clock, vault
from guildhall.foundation.errors import KeyReused, NoRight
from guildhall.foundation.organisations.models import Union, User
from guildhall.foundation.organisations.rules import require
from guildhall.foundation.organisations.states import Right, UnionKind
from guildhall.foundation.records.models import Content, Decision, Stream, place
from guildhall.foundation.records.rules import (
    GENESIS,
    AlreadyErased,
    Busy,
    NoReason,
    canonical,
    content_digest,
    entry_hash,
    plain,
)

ROWS_A_STATEMENT: Final = 2_000
ACCESS: Final = "access"
"""The chain of who looked at what is sealed."""


class Clock:
    """The actor of what falls due by itself: openings, deadlines, ends of notices, seals."""

    name: Final = "clock"

    def __str__(self) -> str:
        return self.name


CLOCK: Final = Clock()


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry to be recorded."""

    act: str
    subject: str
    content: dict[str, Any] = field(default_factory=dict)
    key: UUID | None = None
    note: str = ""
    sealed: bool = False


@contextmanager
def waiting() -> Iterator[None]:
    """Turn a lock that was not free in time, and a deadlock, into the refusal `Busy`."""
    try:
        yield
    except OperationalError as fault:
        if isinstance(fault.__cause__, LockNotAvailable | DeadlockDetected):
            raise Busy from fault
        raise


def draft() -> Decision:
    """A decision with its id and nothing else, to be filled by `record(…, drafted=…)` in the same transaction.

    What follows from a decision (transfers) can then name it, and still the stream's head is locked last.
    """
    with connection.cursor() as cursor:
        cursor.execute("select nextval(pg_get_serial_sequence('records_decision', 'id'))")
        return Decision(pk=cursor.fetchone()[0])


def record(
    act: str, *, stream: str, subject: str, by: User | Clock, content: dict[str, Any] | None = None,
    key: UUID | None = None, note: str = "", sealed: bool = False, drafted: Decision | None = None,
) -> Decision:  # fmt: skip
    """Append one entry to the chain of `stream`, inside the caller's transaction, as the last lock it takes.

    A sealed entry is read by auditors alone, its content encrypted. Raises `Busy` after 3 s at the stream's head.
    """
    entry = Entry(act=act, subject=subject, content=content or {}, key=key, note=note, sealed=sealed)
    return record_many(stream, [entry], by=by, drafted=drafted)[0]


def record_many(
    stream: str, entries: Sequence[Entry], *, by: User | Clock, drafted: Decision | None = None
) -> list[Decision]:
    """Append many entries to one chain in a few statements, inside the caller's transaction."""
    if not connection.in_atomic_block:
        raise RuntimeError("a decision is recorded in the transaction of its move")
    if not entries:
        return []
    at, business_at = timezone.now(), clock.now()
    with waiting():
        head = _head(stream)
        decisions, contents = _chained(head, entries, by, at, business_at)
        if drafted is not None:
            decisions[0].pk = drafted.pk
        try:
            Decision.objects.bulk_create(decisions, batch_size=ROWS_A_STATEMENT)
        except IntegrityError as fault:
            if "decision_key" in str(fault):  # The same submission, twice at once: the first one stands.
                raise Busy from fault
            raise
        for decision, written in zip(decisions, contents, strict=True):
            written.decision = decision
        Content.objects.bulk_create(contents, batch_size=ROWS_A_STATEMENT)
        head.save(update_fields=["head", "length"])
    return decisions


def _head(name: str) -> Stream:
    """The stream's row, locked to the end of the transaction; made with its first entry."""
    held = Stream.objects.select_for_update()
    row = held.filter(name=name).first()
    if row is None:
        Stream.objects.bulk_create([Stream(name=name, head=GENESIS)], ignore_conflicts=True)
        row = held.get(name=name)
    return row


def _chained(
    head: Stream, entries: Sequence[Entry], by: User | Clock, at: datetime, business_at: datetime
) -> tuple[list[Decision], list[Content]]:
    """Decisions and their contents, each linked to the one before; `head` moves on to the last."""
    actor = None if isinstance(by, Clock) else by
    decisions, contents = [], []
    for entry in entries:
        salt, body, note = secrets.token_hex(16), plain(entry.content), entry.note.replace("\x00", "")
        decision = Decision(
            stream=head, number=head.length + 1, at=at, business_at=business_at, actor=actor, actor_name=str(by),
            act=str(entry.act), subject=entry.subject, key=entry.key, sealed=entry.sealed,
            digest=content_digest(salt, body, note), previous=head.head,
        )  # fmt: skip
        decision.hash = entry_hash(
            head.name, decision.number, at, business_at, decision.actor_id, decision.actor_name,
            decision.act, decision.subject, decision.key, decision.sealed, decision.digest, decision.previous,
        )  # fmt: skip
        hidden = vault.seal(canonical([salt, body, note]), place(head.pk, decision.number)) if entry.sealed else ""
        contents.append(Content(sealed=hidden) if hidden else Content(salt=salt, body=body, note=note))
        decisions.append(decision)
        head.head, head.length = decision.hash, decision.number
    return decisions, contents


def made(
    act: str, *, stream: str, subject: str, key: UUID | None, content: dict[str, Any] | None = None
) -> Decision | None:
    """The earlier decision of this submission, if its `key` was here before: the move then returns what it returned.

    Raises `KeyReused` where the key stands for another act or subject, or for other values of what `content` names.
    """
    if key is None:
        return None
    decision = Decision.objects.told().filter(stream__name=stream, key=key).first()
    if decision is None:
        return None
    asked: dict[str, Any] = plain(content or {})
    body = decision.body if asked else None
    other = isinstance(body, dict) and any(body.get(name) != value for name, value in asked.items())
    if (decision.act, decision.subject) != (str(act), subject) or other:
        raise KeyReused
    return decision


@transaction.atomic
def erase(decision: Decision, *, by: User, reason: str, key: UUID) -> Decision:
    """Erase a decision's content on lawful request: salt, body and note go, the entry and the chain stay.

    The leader decides it. Raises `NoRight`, `NoReason`, `AlreadyErased`.
    """
    require(by, Right.DECIDE, at=Union.objects.get(kind=UnionKind.FEDERATION))
    stream, subject = decision.stream.name, f"decision:{decision.number}"
    if earlier := made("erase", stream=stream, subject=subject, key=key):
        return earlier
    if not reason.strip():
        raise NoReason
    with waiting():
        content = Content.objects.select_for_update().get(pk=decision.pk)
    if content.erased_at:
        raise AlreadyErased
    Content.objects.filter(pk=content.pk).update(salt="", body=None, note="", sealed="", erased_at=datetime.now(tz=UTC))
    return record("erase", stream=stream, subject=subject, by=by, note=reason, key=key)


@transaction.atomic
def look(pk: int, *, reason: str, by: User, key: UUID) -> Any:
    """A sealed content, opened for an auditor who says why; each look stands in the chain of accesses.

    Raises `NotHere`, `NoRight`, `NoReason`.
    """
    decision = Decision.objects.visible_to(by).pick(pk)
    if not by.may(Right.AUDIT):
        raise NoRight
    if not reason.strip():
        raise NoReason
    subject = f"decision:{pk}"
    if not made("look", stream=ACCESS, subject=subject, key=key):
        content = {"stream": decision.stream.name, "number": decision.number}
        record("look", stream=ACCESS, subject=subject, by=by, content=content, key=key, note=reason.strip())
    return decision.body
