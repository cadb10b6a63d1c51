"""The time of business, and the table of working days.

Deadlines, notices, grants and the ledger's expiry read `now()` and nothing else. In production it is the real time. The
demonstration has a time of its own, which goes on while it serves and is set forward on screen, never back.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from guildhall.foundation.clock.models import (
        add_working_days,
        days_of_notice,
        is_working,
        known_days,
        now,
        today,
        working_days_between,
    )
    from guildhall.foundation.clock.rules import end_of_day

__all__ = [
    "add_working_days",
    "days_of_notice",
    "end_of_day",
    "is_working",
    "known_days",
    "now",
    "today",
    "working_days_between",
]


def __getattr__(name: str) -> object:
    """What stands in the room's table, found at its first use: Django enters a room before its models are ready."""
    if name not in __all__:
        raise AttributeError(name)
    room = "rules" if name == "end_of_day" else "models"
    found: object = getattr(import_module(f"{__name__}.{room}"), name)
    globals()[name] = found
    return found
