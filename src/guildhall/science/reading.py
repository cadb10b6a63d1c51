"""Strict reading of JSON by hand: every value is asked for by name and type, nothing unknown is passed over, and each
complaint names its place (`units[3].lot`) and its cause."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from guildhall.science.errors import Malformed
from guildhall.science.marking import micro

MOST = 1 << 53  # What every JSON reader keeps exactly.


@dataclass(frozen=True)
class Node:
    """A value and its path. Methods raise `Malformed` where the value is not what they are asked for."""

    value: Any
    path: str = ""

    def fail(self, cause: str) -> Malformed:
        return Malformed(self.path, cause)

    def fields(self, *names: str) -> tuple["Node", ...]:
        """The values of an object that has exactly these fields, in this order."""
        if not isinstance(self.value, dict):
            raise self.fail("must be an object")
        if missing := [name for name in names if name not in self.value]:
            raise self.fail(f"lacks {', '.join(missing)}")
        if unknown := sorted(set(self.value) - set(names)):
            raise self.fail(f"has unknown fields {', '.join(unknown)}")
        start = f"{self.path}." if self.path else ""
        return tuple(Node(self.value[name], start + name) for name in names)

    def each(self) -> Iterator["Node"]:
        """The items of a list."""
        if not isinstance(self.value, list):
            raise self.fail("must be a list")
        for place, item in enumerate(self.value):
            yield Node(item, f"{self.path}[{place}]")

    def integer(self, least: int = 0, most: int = MOST) -> int:
        if type(self.value) is not int:
            raise self.fail("must be an integer")
        if not least <= self.value <= most:
            raise self.fail(f"{self.value} is outside {least} to {most}")
        return self.value

    def boolean(self) -> bool:
        if type(self.value) is not bool:
            raise self.fail("must be true or false")
        return self.value

    def string(self) -> str:
        if type(self.value) is not str or not self.value:
            raise self.fail("must be a text that is not empty")
        return self.value

    def one_of(self, *words: str) -> str:
        if self.value not in words:
            raise self.fail(f"must be one of {', '.join(words)}")
        return self.string()

    def millionths(self, most: int) -> int:
        """A decimal written as text, in millionths: "82.5" is 82500000. A JSON number could lose digits on its way."""
        if type(self.value) is not str:
            raise self.fail('must be a decimal written as text, such as "82.5"')
        try:
            found = micro(self.value)
        except ValueError as error:
            raise self.fail(str(error)) from None
        if found > most:
            raise self.fail(f"{self.value} is above {most // 1_000_000}")
        return found
