"""What the cycle says of an application: the released result, or what an objection made of it since."""

from typing import Any

from guildhall.foundation.programmes.models import Application
from guildhall.foundation.programmes.registry import RESULT, hook


def result_of(application: Application) -> dict[str, Any]:
    """Tier, sum in fen, rank, group and grade as they stand now: as released, unless a correction stands beside it."""
    said: dict[str, Any] = hook(RESULT, application.round)(application)
    since: dict[str, Any] = (application.corrected or {}).get("result", {})
    return said | since
