"""The round's chain as a reader without the system verifies it, and the latest seal over it."""

from typing import Any

from guildhall.foundation.programmes.models import Round
from guildhall.foundation.programmes.registry import KEPT_BACK
from guildhall.foundation.records.models import Decision, Stream
from guildhall.foundation.records.rules import GENESIS, moment
from guildhall.foundation.records.seals import latest_seal


def chain_of(of: Round) -> dict[str, Any]:
    """The stream's name and head, and its entries from the first.

    A sealed entry, and one of `KEPT_BACK`, gives its number and hashes alone: its place in the chain can still be checked.
    A content that holds a sealed field stays in the system, and the digest stands for it.
    """
    stream = Stream.objects.filter(name=of.stream).first()
    if stream is None:
        return {"stream": of.stream, "length": 0, "head": GENESIS, "entries": []}
    rows = Decision.objects.told().filter(stream=stream, number__lte=stream.length).order_by("number")
    hidden = {field.key for field in of.rules.form if field.visible == "sealed"}
    entries = [_entry(row, hidden) for row in rows.iterator(chunk_size=2_000)]
    return {"stream": stream.name, "length": stream.length, "head": stream.head, "entries": entries}


def _entry(row: Decision, hidden: set[str]) -> dict[str, Any]:
    link = {"number": row.number, "previous": row.previous, "hash": row.hash}
    if row.sealed:
        return {**link, "withheld": True}
    if row.act in KEPT_BACK:
        return {**link, "withheld": True, "act": row.act, "at": moment(row.at)}
    content = None
    if row.content.erased_at is None and not _mentions(row.content.body, hidden):
        content = {"salt": row.content.salt, "body": row.content.body, "note": row.content.note}
    return {
        **link, "at": moment(row.at), "business_at": moment(row.business_at), "actor": row.actor_id,
        "actor_name": row.actor_name, "act": row.act, "subject": row.subject, "key": str(row.key) if row.key else None,
        "sealed": row.sealed, "digest": row.digest, "content": content,
    }  # fmt: skip


def _mentions(body: Any, hidden: set[str]) -> bool:
    """Whether one of these keys stands anywhere in a content."""
    if not hidden:
        return False
    if isinstance(body, dict):
        return bool(hidden & body.keys()) or any(_mentions(one, hidden) for one in body.values())
    return isinstance(body, list) and any(_mentions(one, hidden) for one in body)


def seal() -> dict[str, Any] | None:
    """The latest daily seal, with the heads that its root stands over."""
    last = latest_seal()
    if last is None:
        return None
    return {
        "number": last.number, "day": last.day.isoformat(), "at": moment(last.at), "root": last.root,
        "heads": last.heads, "previous": last.previous, "hash": last.hash, "printed": last.printed,
    }  # fmt: skip
