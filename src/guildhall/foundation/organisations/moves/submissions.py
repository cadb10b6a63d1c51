"""The same submission twice changes nothing: keys that were here before."""

import hashlib
import json
from typing import Any
from uuid import UUID

from django.db import connection

from guildhall.foundation.acts import announce
from guildhall.foundation.errors import KeyReused
from guildhall.foundation.organisations.models import Submission, User
from guildhall.foundation.vault import index

STREAM = "organisations"


def _digest(act: str, by: User, body: dict[str, Any], hidden: str) -> str:
    asked = [act, by.pk, body, *([index(hidden)] if hidden else [])]
    text = json.dumps(asked, sort_keys=True, default=str, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def earlier(act: str, key: UUID, by: User, body: dict[str, Any], *, hidden: str = "") -> int | None:
    """The id of what this submission made when it was here before, or None.

    Takes the key's lock to the end of the transaction, so the same submission twice at once is done once. `hidden` is
    what it asked for besides and no record may hold: a number, an address. Raises `KeyReused` where the key stood for another
    act or body.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key.int % 2**63])
    row = Submission.objects.filter(key=key).first()
    if row is None:
        return None
    if row.digest != _digest(act, by, body, hidden):
        raise KeyReused
    return row.made


def done(
    act: str, made: int, *, subject: str, by: User, key: UUID, body: dict[str, Any], hidden: str = "", **told: Any
) -> None:
    """Keep the key with what it made, and announce the act: its content is the body and what is `told` besides."""
    Submission.objects.create(key=key, digest=_digest(act, by, body, hidden), made=made)
    announce(act, stream=STREAM, subject=subject, by=by, content={**body, **told}, key=key)
