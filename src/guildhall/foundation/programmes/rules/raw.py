"""A programme file as it was read: its parts by their paths, and a fault with the path to it."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from difflib import get_close_matches
from typing import Any, NamedTuple

from guildhall.foundation.programmes.rules.known import Said, number_of

Path = tuple[str | int, ...]


class Cross(NamedTuple):
    """A fault and the path to it."""

    path: Path
    said: Said


def fault(path: Path, zh: str, en: str) -> Cross:
    """A fault in both languages."""
    return Cross(path, Said(zh, en))


def rows(data: Any, *path: str | int) -> list[tuple[Path, dict[str, Any]]]:
    """The parts of a list at a path, each with its own; whatever is no part is left to the models."""
    found = at(data, *path)
    return (
        [((*path, n), one) for n, one in enumerate(found) if isinstance(one, dict)] if isinstance(found, list) else []
    )


def at(data: Any, *path: str | int) -> Any:
    """What stands at a path, or None."""
    for step in path:
        data = data.get(step) if isinstance(data, dict) else None
    return data


def amount(value: Any) -> Decimal:
    """A number, or 0 where it is none: the models say so."""
    return number_of(value) or Decimal()


def form_of(data: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The form's fields by their keys."""
    return {str(one.get("key")): one for _path, one in rows(data, "setup", "form") if isinstance(one.get("key"), str)}


def is_stepwise(data: Mapping[str, Any]) -> bool:
    """Whether the cycle itself runs the review."""
    return bool(at(data, "setup", "review"))


def near(name: str, words: Iterable[str]) -> Said:
    """A suggestion, where one of the words is close."""
    close = get_close_matches(name, [str(word) for word in words], n=1, cutoff=0.6)
    return Said(f"，是不是“{close[0]}”？", f", did you mean “{close[0]}”?") if close else Said("", "")


def unknown(path: Path, zh: str, en: str, name: str, words: Iterable[str]) -> Cross:
    """A name that nothing bears, with a suggestion."""
    return Cross(path, Said(f"没有“{name}”{zh}", f"there is no {en} “{name}”") + near(name, words))


def leaves_of(data: Mapping[str, Any]) -> list[tuple[Path, dict[str, Any]]]:
    """The indicators, below their areas."""
    return [leaf for path, _area in rows(data, "setup", "indicators") for leaf in below(data, path, "of")]


def below(data: Any, path: Path, name: str) -> list[tuple[Path, dict[str, Any]]]:
    """The parts of a list of a part."""
    part = data
    for step in path:
        part = part[step]
    return [((*path, *inner), one) for inner, one in rows(part, name)]
