"""What rooms above tell of the documents they have issued, so that this one imports none of them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from guildhall.foundation.documents.models import Document


@dataclass(frozen=True)
class Told:
    """What anyone with the code may read beside number, title and date: facts, and where the original stands."""

    facts: tuple[tuple[str, str], ...] = ()
    url: str = ""


PUBLIC: dict[str, Callable[["Document"], Told]] = {}
"""By the kind of document."""
