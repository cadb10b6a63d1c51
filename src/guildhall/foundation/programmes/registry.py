"""Where domains register what the cycle calls back: the cycle never imports a domain."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from guildhall.foundation.programmes.models import Application, Round

CONFER: dict[str, Callable[["Application"], Any]] = {}
"""By the programme's `confer` key: writes the register's entry of a conferred application, in the same transaction."""

RESULT: dict[str, Callable[["Application"], dict[str, Any]]] = {}
"""By the same key: what the notice and the payout say of an application: tier, sum in fen, rank, group, grade."""

PROGRAMMES: list[Path] = []
"""The programme files that the domains ship."""

STAGE: dict[str, Callable[["Round"], int]] = {}
"""By the same key: which of the programme's stages the round stands in, from 0."""

READY: dict[str, Callable[["Round"], dict[str, Any]]] = {}
"""Raises a refusal while the round has no complete result; else returns what the decision freezes: its digest."""

DECIDED: dict[str, Callable[["Round"], None]] = {}
"""Called inside the decision, to freeze what was judged."""

RELEASED: dict[str, Callable[["Round"], None]] = {}
"""Called inside the release, to let the domain's public file out."""
