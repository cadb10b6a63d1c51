"""A document from its number to its revocation."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, Final
from uuid import UUID

from django.db import transaction

from guildhall.foundation import clock
from guildhall.foundation.documents.models import Document, Series
from guildhall.foundation.documents.moves.printing import put_on_paper
from guildhall.foundation.documents.rendering import NoFont
from guildhall.foundation.documents.rules import (
    NoSeries,
    NumberGiven,
    body_digest,
    check_code,
    held_pattern,
    read_content,
    written,
)
from guildhall.foundation.documents.states import (
    AFTER,
    ISSUES,
    REVOKES,
    SERIES,
    SERIES_OF,
    DocumentMove,
    DocumentState,
)
from guildhall.foundation.errors import KeyReused, NoRight, OutOfStep
from guildhall.foundation.organisations.models import Union, User
from guildhall.foundation.organisations.rules import require
from guildhall.foundation.organisations.states import Right, UnionKind
from guildhall.foundation.records.moves import Clock, made, record, waiting
from guildhall.foundation.records.rules import NoReason

TITLE_MOST: Final = 160
MOST_NUMBER: Final = 99_999


def _held(union: Union, name: str, year: int, after: Callable[[], int] | None) -> Series:
    """The year's row of a series, locked; begun by the pattern of the year before, else by the house's own."""
    with waiting():
        held = Series.objects.select_for_update()
        found = held.filter(union=union, name=name, year=year).first()
        if found:
            return found
        before = Series.objects.filter(union=union, name=name, year__lt=year).order_by("-year").first()
        if before is None and name not in SERIES:
            raise NoSeries(name=name)
        own = "" if union.kind == UnionKind.FEDERATION else "{union}-"
        pattern = before.pattern if before else own + SERIES[name]
        new = Series(union=union, name=name, year=year, pattern=pattern, last=after() if after else 0)
        Series.objects.bulk_create([new], ignore_conflicts=True)  # Somebody else may have begun it meanwhile.
        return held.get(union=union, name=name, year=year)


@transaction.atomic
def set_series(union_pk: int, name: str, pattern: str, *, last: int | None = None, by: User, key: UUID) -> Series:
    """Say how the numbers of a union's series are written from now on, and how many of the year were given elsewhere.

    A new series begins so. `last` only goes up: a number is never given twice. Raises `NotHere`, `NoRight`,
    `PatternOff`, `NumberGiven`.
    """
    union = Union.objects.visible_to(by).pick(union_pk)
    require(by, Right.RUN_ROUNDS, at=union)
    held_pattern(pattern)
    year, stream, subject = clock.today().year, f"documents:{union.pk}", f"series:{name}"
    Series.objects.get_or_create(union=union, name=name, year=year, defaults={"pattern": pattern})
    with waiting():
        row = Series.objects.select_for_update().get(union=union, name=name, year=year)
    asked = {"pattern": pattern, "asked": last}
    if made("series-change", stream=stream, subject=subject, key=key, content=asked):
        return row
    if last is not None and not row.last <= last <= MOST_NUMBER:
        raise NumberGiven(last=row.last)
    row.pattern, row.last = pattern, row.last if last is None else last
    row.save(update_fields=["pattern", "last"])
    record(
        "series-change",
        stream=stream,
        subject=subject,
        by=by,
        content={**asked, "year": year, "last": row.last},
        key=key,
    )
    return row


@transaction.atomic
def issue(
    *, kind: str, union: Union, title: str, subject: str, content: dict[str, Any], by: User | Clock, key: UUID,
    series: str = "", template: str = "", seals: Sequence[str] = (), after: Callable[[], int] | None = None,
) -> Document:  # fmt: skip
    """Issue a document: take the next number of its series, print it, keep it, record it. The same `key` issues once.

    `content` is what `rules.Content` describes; `template` names the sheet, by default the kind's own; `seals` names
    the bodies that issue it, the leading one first, by default the union alone; `after` gives the last number used
    before the series was kept here. Called inside the caller's transaction it locks the series, then the chain's head.
    Where the machine has no Chinese font the paper is printed later, by `print_out`. Raises `NoRight`, `KeyReused`.
    """
    if isinstance(by, User) and not any(by.may(right, at=union) for right in ISSUES[kind]):
        raise NoRight
    said, at = read_content(content), clock.now()
    row = _held(union, series or SERIES_OF[kind], at.year, after)
    asked = (kind, union.pk, subject, title[:TITLE_MOST])
    if earlier := Document.objects.select_related("union").filter(key=key).first():
        if (earlier.kind, earlier.union_id, earlier.subject, earlier.title) != asked:
            raise KeyReused
        return earlier
    row.last += 1
    row.save(update_fields=["last"])
    number = written(row.pattern, year=row.year, number=row.last, union=union.short)
    bodies = list(seals) or [union.name]
    document = Document.objects.create(
        kind=kind, union=union, series=row, year=row.year, ordinal=row.last, number=number, title=asked[3],
        subject=subject, seals=bodies, content=said.model_dump(mode="json"), sheet=template or kind,
        digest=body_digest(said, number=number, title=asked[3], bodies=bodies, at=at), check_code=check_code(),
        issued_at=at, issued_by=by if isinstance(by, User) else None, key=key,
    )  # fmt: skip
    with suppress(NoFont):
        put_on_paper(document, document.issued_by)
    told = {"number": number, "title": document.title, "kind": kind, "of": subject, "digest": document.digest}
    record(DocumentMove.ISSUE, stream=document.stream, subject=document.about, by=by, content=told, key=key)
    return document


@transaction.atomic
def revoke(pk: int, *, reason: str, by: User, key: UUID) -> Document:
    """Take a document back, with the reason that anyone who checks its code will read. Its paper and number stay.

    Raises `NotHere`, `NoRight`, `NoReason`, `OutOfStep`.
    """
    with waiting():
        document = Document.objects.visible_to(by).select_related("union").hold(pk)
    if not any(by.may(right, at=document.union) for right in REVOKES):
        raise NoRight
    if made(DocumentMove.REVOKE, stream=document.stream, subject=document.about, key=key):
        return document
    state = AFTER.get((document.state, DocumentMove.REVOKE))
    if state is None:
        raise OutOfStep(state=DocumentState(document.state).label, move=DocumentMove.REVOKE.label)
    if not reason.strip():
        raise NoReason
    document.state, document.reason = state, reason.strip()[:400]
    document.revoked_at, document.revoked_by = clock.now(), by
    document.save(update_fields=["state", "reason", "revoked_at", "revoked_by"])
    told = {"number": document.number, "state": state}
    record(
        DocumentMove.REVOKE, stream=document.stream, subject=document.about, by=by, content=told, key=key,
        note=document.reason,
    )  # fmt: skip
    return document
