"""The time of business, and the table of working days.

Deadlines, notices, grants and the ledger's expiry read `now()` and nothing else. In production it is the real time. The
demonstration has a time of its own, which goes on while it serves and is set forward on screen, never back.
"""

from guildhall.foundation.clock.rules import (
    add_working_days,
    days_of_notice,
    end_of_day,
    is_working,
    now,
    today,
    working_days_between,
)

__all__ = ["add_working_days", "days_of_notice", "end_of_day", "is_working", "now", "today", "working_days_between"]
