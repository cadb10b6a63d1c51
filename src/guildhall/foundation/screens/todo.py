"""What waits for a person: domains register providers, the workbench gathers and groups by deadline."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from guildhall.foundation.screens.registry import Registry

Text = str | Promise


@dataclass(frozen=True)
class Todo:
    """One thing to do: the verb first, one line why, until when, one button."""

    title: Text
    why: Text
    due: datetime | None
    url: str
    button: Text
    count: int = 1  # How many rows stand behind it; said where nothing else stands on the chip.
    group: Text = ""  # A heading of its own instead of the deadline's.


@dataclass(frozen=True)
class Group:
    """Things under one heading."""

    label: Text
    todos: tuple[Todo, ...]


_registry: Registry[[Any], Todo] = Registry()


def register(provider: Callable[[Any], Iterable[Todo]]) -> Callable[[Any], Iterable[Todo]]:
    """Add `provider(user)`; usable as a decorator."""
    return _registry.register(provider)


def waiting(user: Any) -> list[Todo]:
    """All that waits for the person, the earliest deadline first."""
    found = _registry.gather(user)
    return sorted(found, key=lambda todo: (todo.due is None, todo.due.timestamp() if todo.due else 0.0))


def grouped(todos: list[Todo], now: datetime) -> list[Group]:
    """The things under 今天截止, 本周, 以后, 不限时 or their own heading, in that order."""
    labels = [_("今天截止"), _("本周"), _("以后"), _("不限时")]
    heaps: dict[str, list[Todo]] = {label: [] for label in labels}
    for todo in todos:
        heaps.setdefault(str(todo.group) or labels[_heap(todo.due, now)], []).append(todo)
    return [Group(label, tuple(heap)) for label, heap in heaps.items() if heap]


def _heap(due: datetime | None, now: datetime) -> int:
    if due is None:
        return 3
    today = now.date()
    day = due.astimezone(now.tzinfo).date()
    if day <= today:
        return 0
    return 1 if day <= today + timedelta(days=6 - today.weekday()) else 2
