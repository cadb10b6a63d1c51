"""What rooms above add to a unit's page, so that this one imports none of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise

from guildhall.foundation.screens.registry import Registry

Text = str | Promise


@dataclass(frozen=True)
class Part:
    """A part of a unit's page: a table of lines, each with an address or none."""

    title: Text
    heads: Sequence[Text]
    lines: Sequence[tuple[str, Sequence[object]]]
    empty: Text = ""

    @property
    def rows(self) -> list[tuple[str, list[tuple[Text, object]]]]:
        """The lines, each cell with its head: on a phone it stands beside it."""
        return [(url, list(zip(self.heads, cells, strict=True))) for url, cells in self.lines]


unit_parts: Registry[[Any, Any], Part] = Registry()
"""Providers called with the unit and the reader."""

unit_filters: Registry[[], Any] = Registry()
"""Providers of filters (`screens.lists.Choice`) that rooms above bring to a list of units."""
