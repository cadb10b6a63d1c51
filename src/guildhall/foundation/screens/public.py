"""The public front page: notices now open, and what a check code answers. Filled by rooms above."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.utils.functional import Promise

from guildhall.foundation.screens import formats
from guildhall.foundation.screens.registry import Registry

Text = str | Promise


@dataclass(frozen=True)
class PublicNotice:
    """A notice the public may read now."""

    title: Text
    url: str
    publisher: Text
    published: date
    ends: datetime
    number: str = ""
    due: str = ""
    """Its end in words, which `open_notices` adds for all at once."""


@dataclass(frozen=True)
class Checked:
    """What stands behind a check code: a sentence that says so, facts, and where to read it."""

    title: Text
    sentence: Text
    url: str = ""
    facts: Sequence[tuple[Text, Text]] = ()
    tone: str = "green"  # Red for what was revoked.


@dataclass(frozen=True)
class Place:
    """An entry of the public top bar."""

    label: Text
    url_name: str
    order: int = 50


_notices: Registry[[], PublicNotice] = Registry()
_checks: Registry[[str], Checked] = Registry()
_places: list[Place] = []


def register(provider: Callable[[], Iterable[PublicNotice]]) -> Callable[[], Iterable[PublicNotice]]:
    """Add a provider of open notices; usable as a decorator."""
    return _notices.register(provider)


def register_check(provider: Callable[[str], Iterable[Checked]]) -> Callable[[str], Iterable[Checked]]:
    """Add `provider(code)` that gives what the code stands for, or nothing; usable as a decorator."""
    return _checks.register(provider)


def register_place(place: Place) -> None:
    """Add an entry to the public top bar."""
    if place not in _places:
        _places.append(place)
        _places.sort(key=lambda one: one.order)


def open_notices() -> list[PublicNotice]:
    """The notices now open, the one that ends first on top."""
    found = sorted(_notices.gather(), key=lambda notice: notice.ends)
    dues = formats.deadlines([notice.ends for notice in found])
    return [replace(notice, due=due) for notice, due in zip(found, dues, strict=True)]


def check(code: str) -> list[Checked]:
    """What the code stands for; spaces, hyphens and case do not matter to the reader."""
    return _checks.gather(code.strip().upper().replace(" ", ""))


def places() -> list[Place]:
    """The public top bar."""
    return list(_places)
