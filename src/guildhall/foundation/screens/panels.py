"""Panels beside the workbench: a round's stage rail and progress, or what the system did by itself."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from django.utils.functional import Promise

from guildhall.foundation.screens.registry import Registry

Text = str | Promise


@dataclass(frozen=True)
class Stage:
    """A stage of the rail, by the programme's own name."""

    label: Text
    state: Literal["done", "now", "next"]
    when: Text = ""


@dataclass(frozen=True)
class Progress:
    """So many of so many, in a unit (份, 家)."""

    label: Text
    done: int
    total: int
    unit: Text = ""


@dataclass(frozen=True)
class Panel:
    """One panel; all but the title is optional."""

    title: Text
    url: str = ""
    stages: Sequence[Stage] = ()
    progress: Progress | None = None
    facts: Sequence[tuple[Text, Text]] = field(default=())
    note: Text = ""


_registry: Registry[[Any], Panel] = Registry()


def register(provider: Callable[[Any], Iterable[Panel]]) -> Callable[[Any], Iterable[Panel]]:
    """Add `provider(user)`; usable as a decorator."""
    return _registry.register(provider)


def panels(user: Any) -> list[Panel]:
    """All panels for the person."""
    return _registry.gather(user)


def rail(labels: Sequence[Text], now: int, whens: Sequence[Text] = ()) -> list[Stage]:
    """Stages from their names and the index of the present one; `len(labels)` means all is done."""
    return [
        Stage(label, "done" if index < now else "now" if index == now else "next", whens[index] if whens else "")
        for index, label in enumerate(labels)
    ]
