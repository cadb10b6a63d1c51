"""What the cycle says of an application: the released result, or what an objection made of it since."""

from typing import Any

from guildhall.foundation.programmes.models import Application
from guildhall.foundation.programmes.registry import RESULT, hook


def released_of(application: Application) -> dict[str, Any]:
    """Tier, sum in fen, rank, group and grade as they were released."""
    said: dict[str, Any] = hook(RESULT, application.round)(application)
    return said


def result_of(application: Application) -> dict[str, Any]:
    """The same as it stands now: as released, unless a correction stands beside it. What a list does not say stays out."""
    said = released_of(application)
    since: dict[str, Any] = (application.corrected or {}).get("result", {})
    return {name: since.get(name, value) for name, value in said.items()}
