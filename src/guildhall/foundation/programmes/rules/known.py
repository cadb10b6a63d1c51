"""What a rule may read of an application, and what it comes to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from guildhall.foundation.programmes.schema import Clearance, FactField

SET_ASIDE = "set_aside"
"""The state of an objection that the officer set aside with a reason, where the department does not bind."""


class Said(NamedTuple):
    """A sentence or a part of one in both languages."""

    zh: str
    en: str

    def __add__(self, other: object) -> "Said":
        zh, en = other if isinstance(other, Said) else (str(other), str(other))
        return Said(self.zh + zh, self.en + en)


def joined(parts: Sequence[Said], zh: str, en: str) -> Said:
    """The parts in a row, each language with its own separator."""
    return Said(zh.join(part.zh for part in parts), en.join(part.en for part in parts))


@dataclass(frozen=True)
class Known:
    """All that a rule may read of one application."""

    year: int = 2024
    form: tuple[FactField, ...] = ()
    departments: tuple[Clearance, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)
    """What the form says, by key."""
    unit: Mapping[str, Any] = field(default_factory=dict)
    """What the register of units says: kind, ownership, trade, headcount, state."""
    active: frozenset[str] = frozenset()
    """The registers in which the unit stands today."""
    entries: Mapping[str, Sequence[int]] = field(default_factory=dict)
    """The years of its entries, by register."""
    conferred: Mapping[str, Sequence[int]] = field(default_factory=dict)
    """The years in which a programme named it, by the programme's code."""
    sanctions: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """The sanctions that stand open against it, by kind: document numbers or words."""
    clearances: Mapping[str, str] = field(default_factory=dict)
    """What each department that was asked said: asked, clear, objects, set_aside."""


@dataclass(frozen=True)
class Finding:
    """What a condition came to. `value` None is "not known"."""

    value: bool | None
    asks: Said
    found: Said
    missing: Said | None = None
    read: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Verdict:
    """What a rule says of one application, and why; stored with the facts it read."""

    clause: str
    holds: bool
    known: bool
    said: Said
    read: Mapping[str, Any]

    def stored(self) -> dict[str, Any]:
        """As a check keeps it."""
        return {
            "clause": self.clause, "holds": self.holds, "known": self.known, "zh": self.said.zh, "en": self.said.en,
            "read": dict(self.read),
        }  # fmt: skip


def number_of(value: object) -> Decimal | None:
    """A finite number of a size that people write, or None."""
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        return None
    try:
        number = Decimal(str(value).replace(",", "").strip())
    except (InvalidOperation, ValueError):
        return None
    return number if number.is_finite() and -30 < number.adjusted() < 30 else None


def plain_number(number: Decimal) -> str:
    """A number as people write it: no exponent, no zeros after the point."""
    text = f"{number:f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"
