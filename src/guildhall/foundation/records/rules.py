"""How an entry, its content and a day's heads become digests: plain functions, no database."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from json import JSONEncoder
from typing import Any, Final
from uuid import UUID

from cryptography.hazmat.primitives import hashes
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from guildhall.foundation.errors import Refusal

GENESIS: Final = "0" * 64
"""What the first entry of a chain names as the one before."""

ACCESS_ACTS: Final = ("look", "unseal", "payee-unmask")
"""The acts by which a person looked at what is sealed or masked."""

_encode = JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode


class Busy(Refusal):
    """A lock was not free within the 3 s that a connection waits."""

    code = "busy"
    message = _("有人正在办理同一件事，请稍候再试。")


class AlreadyErased(Refusal):
    code = "records.already-erased"
    message = _("这条记录的内容已经依法删除。")


class NoReason(Refusal):
    code = "records.no-reason"
    message = _("请写明理由。")
    status = 422


def sm3(data: bytes) -> str:
    """The SM3 digest (GB/T 32905) in hex."""
    digest = hashes.Hash(hashes.SM3())
    digest.update(data)
    return digest.finalize().hex()


def plain(value: object) -> Any:
    """`value` as JSON that a round trip through JSONB leaves as it is: numbers with a point become text."""
    match value:
        case bool() | None:
            return value
        case Enum():
            return plain(value.value)
        case str():
            return str(value).replace("\x00", "")
        case int():
            return int(value)
        case dict():
            return {str(plain(name)): plain(inner) for name, inner in value.items()}
        case list() | tuple() | set() | frozenset():
            inner = [plain(one) for one in value]
            return sorted(inner, key=canonical) if isinstance(value, set | frozenset) else inner
        case datetime() | date():
            return moment(value) if isinstance(value, datetime) and value.tzinfo else value.isoformat()
        case float() | Decimal() | UUID() | Promise():
            return str(value)
    raise TypeError(f"a record cannot hold {type(value).__name__}")


def canonical(value: object) -> str:
    """One text for one JSON value: keys sorted, no spaces."""
    return _encode(value)


def moment(at: datetime) -> str:
    """An instant as text, the same in every time zone."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def content_digest(salt: str, body: object, note: str) -> str:
    """What the chain holds of an entry's content. The salt keeps short contents from being guessed once erased."""
    return sm3(canonical([salt, body, note]).encode())


def entry_hash(
    stream: str, number: int, at: datetime, business_at: datetime, actor: int | None, actor_name: str,
    act: str, subject: str, key: UUID | None, sealed: bool, digest: str, previous: str,
) -> str:  # fmt: skip
    """One entry's hash: all that stands in the chain, with the hash of the entry before."""
    told = [stream, number, moment(at), moment(business_at), actor, actor_name, act, subject]
    return sm3(canonical([*told, str(key) if key else None, sealed, digest, previous]).encode())


def leaf(stream: str, length: int, head: str) -> bytes:
    """A stream's leaf in the day's tree (RFC 6962 keeps leaves and nodes apart by their first byte)."""
    return b"\x00" + canonical([stream, length, head]).encode()


def merkle(leaves: Iterable[bytes]) -> str:
    """The root over the day's heads, in their given order; an odd one goes up unpaired."""
    level = [sm3(one) for one in leaves]
    while len(level) > 1:
        pairs = [level[start : start + 2] for start in range(0, len(level), 2)]
        level = [sm3(b"\x01" + bytes.fromhex("".join(pair))) if len(pair) == 2 else pair[0] for pair in pairs]
    return level[0] if level else sm3(b"")


def heads_root(heads: Sequence[Sequence[Any]]) -> str:
    """The Merkle root over `[stream, length, hash]` triples."""
    return merkle(leaf(str(stream), int(length), str(head)) for stream, length, head in heads)


def seal_hash(number: int, day: date, at: datetime, root: str, previous: str) -> str:
    """One seal's hash in the seals' own chain."""
    return sm3(canonical([number, day.isoformat(), moment(at), root, previous]).encode())
