"""Acts of the rooms below the records: announced here, written to the chain there.

The records stand above the organisations and the clock, so these cannot call them; each of their moves announces what it
did inside its own transaction, and the records, which listen, append the entry or let the whole fail.
"""

from typing import Any
from uuid import UUID

from django.dispatch import Signal

acted = Signal()
"""Sent with `act`, `stream`, `subject`, `by` (a user), `content` (a dict), `key` (a UUID or None), `note`."""


def announce(
    act: str, *, stream: str, subject: str, by: Any, content: dict[str, Any], key: UUID | None = None, note: str = ""
) -> None:
    """Announce an act; raises whatever the writing of its record raises, so that the move fails with it."""
    acted.send(None, act=act, stream=stream, subject=subject, by=by, content=content, key=key, note=note)
