"""What a list consists of, and how the query string selects from it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any, ClassVar

from django.db.models import Avg, Count, F, Model, Q, QuerySet, Sum
from django.db.models.expressions import Combinable, OrderBy
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from guildhall.foundation.screens import formats

Text = str | Promise
Rows = QuerySet[Any]
SIZES = (25, 50, 100)


class Kind(StrEnum):
    """How a cell is written on screen and typed in a workbook."""

    TEXT = "text"
    NUMBER = "number"
    SCORE = "score"
    YUAN = "yuan"  # The value is fen.
    DAY = "day"
    MOMENT = "moment"


FIGURES = {Kind.NUMBER, Kind.SCORE, Kind.YUAN}
WRITTEN: Mapping[Kind, Callable[[Any], object]] = {
    Kind.TEXT: formats.empty,
    Kind.NUMBER: formats.count,
    Kind.SCORE: formats.score,
    Kind.YUAN: formats.yuan,
    Kind.DAY: formats.day_table,
    Kind.MOMENT: formats.moment_table,
}


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column. `value` reads a row (a dotted attribute path, or a function); `show` makes its cell, else by kind."""

    key: str
    label: Text
    value: str | Callable[[Any], Any] = ""  # Default: the attribute named by `key`.
    kind: Kind = Kind.TEXT
    show: Callable[[Any], object] | None = None  # Gets the row; may return safe HTML.
    link: Callable[[Any], str] | None = None
    sort: str | tuple[str, ...] = ""  # ORM fields; empty means not sortable.
    total: str = ""  # "sum" or "mean" over the whole selection, of the ORM field `sort` names.
    export: Callable[[Any], Any] | None = None  # Gets the row; for what the workbook says otherwise, such as masked.
    folds_with: str = ""  # The filter that makes all its cells equal: then the column folds away.
    hidden: bool = False  # Not shown until chosen.
    phone: str = "line"  # "right" beside the name, "line" in the second line, or "" not at all.

    def read(self, row: Any) -> Any:
        """The row's value."""
        if callable(self.value):
            return self.value(row)
        for name in (self.value or self.key).split("."):
            row = getattr(row, name, None)
            row = row() if callable(row) and not isinstance(row, type) else row
        return row

    def cell(self, row: Any) -> object:
        """What stands in the cell."""
        return self.show(row) if self.show else WRITTEN[self.kind](self.read(row))

    @property
    def figures(self) -> bool:
        """Whether it is right-aligned."""
        return self.kind in FIGURES

    @property
    def fields(self) -> tuple[str, ...]:
        """The ORM fields it sorts by."""
        return (self.sort,) if isinstance(self.sort, str) and self.sort else tuple(self.sort)


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A filter of one value out of some. `apply` overrides `field=value`."""

    key: str
    label: Text
    options: Sequence[tuple[Any, Text]] | Callable[[], Sequence[tuple[Any, Text]]]
    field: str = ""
    apply: Callable[[Rows, str], Rows] | None = None

    def choices(self) -> list[tuple[str, Text]]:
        """Values as they stand in a query string, with their labels."""
        found = self.options() if callable(self.options) else self.options
        return [(str(value), label) for value, label in found]

    def narrow(self, rows: Rows, value: str) -> Rows:
        """The rows with the value."""
        return self.apply(rows, value) if self.apply else rows.filter(**{self.field or self.key: value})


@dataclass(frozen=True, kw_only=True)
class Bulk:
    """An act on the picked rows: their ids go as `pk` by POST to `url`. Only one may be `red`."""

    label: Text
    url: str
    red: bool = False


class ListPage:
    """A list of a domain; subclass it with columns and words. The first column names the row."""

    title: ClassVar[Text]
    noun: ClassVar[Text] = _("条")  # The measure word: 家, 人, 件.
    columns: ClassVar[Sequence[Column]]
    filters: ClassVar[Sequence[Choice]] = ()
    search: ClassVar[Sequence[str]] = ()
    search_label: ClassVar[Text] = _("查找")
    order: ClassVar[str] = ""  # A column's key, "-" before it for falling.
    empty: ClassVar[Text] = _("还没有记录。")
    empty_act: ClassVar[tuple[Text, str] | None] = None
    template: ClassVar[str] = "screens/list.html"
    bulk: ClassVar[Sequence[Bulk]] = ()
    foot: ClassVar[Text] = ""


class Listing:
    """One reading of a list: the query string applied to a queryset. Three queries: totals, rows, and prefetches."""

    def __init__(self, page: type[ListPage], rows: Rows, params: QueryDict, shown: Sequence[str] | None = None) -> None:
        self.page, self.params = page, params
        self.term = params.get("q", "").replace("\x00", "").strip()[:80]
        self.shown = shown
        self._options = {choice.key: choice.choices() for choice in page.filters}
        self.rows = self._narrowed(rows)

    @cached_property
    def active(self) -> dict[str, str]:
        """Filters in force: key and value, unknown values left out."""
        found = {key: self.params.get(key, "") for key in self._options}
        return {key: value for key, value in found.items() if value in dict(self._options[key])}

    def _narrowed(self, rows: Rows) -> Rows:
        for choice in self.page.filters:
            if choice.key in self.active:
                rows = choice.narrow(rows, self.active[choice.key])
        for word in self.term.split()[:5]:
            rows = rows.filter(_any(self.page.search, word)) if self.page.search else rows
        return rows

    def option_label(self, key: str) -> Text:
        """The label of a filter's present value."""
        return dict(self._options[key])[self.active[key]]

    def options(self, key: str) -> list[tuple[str, Text]]:
        """A filter's options."""
        return self._options[key]

    @cached_property
    def sort(self) -> tuple[Column | None, bool]:
        """The column sorted by, and whether falling."""
        for asked in (self.params.get("sort", ""), self.page.order):
            name = asked.removeprefix("-")
            column = next((one for one in self.page.columns if one.key == name and one.fields), None)
            if column:
                return column, asked.startswith("-")
        return None, False

    @cached_property
    def ordered(self) -> Rows:
        """The rows in order; ties by id, so that a page never repeats or skips a row."""
        column, falling = self.sort
        if not column:
            return self.rows if self.rows.ordered else self.rows.order_by("pk")
        order: list[OrderBy | Combinable | str] = [_order(name, falling) for name in column.fields]
        return self.rows.order_by(*order, "pk")

    @cached_property
    def columns(self) -> list[Column]:
        """The columns shown: chosen, not folded away by a filter; the first always."""
        first, *rest = self.page.columns
        wanted = [one for one in rest if (one.key in self.shown if self.shown is not None else not one.hidden)]
        return [first, *(one for one in wanted if one.folds_with not in self.active)]

    @cached_property
    def folded(self) -> list[Column]:
        """Columns made equal by a filter, and so folded away."""
        return [one for one in self.page.columns[1:] if one.folds_with and one.folds_with in self.active]

    @cached_property
    def totals(self) -> dict[str, Any]:
        """`count`, and each totalled column's value by its key, over the whole selection: one query."""
        asked: dict[str, Any] = {"count": Count("pk")}
        for column in self.page.columns:
            if column.total:
                asked[f"total_{column.key}"] = (Sum if column.total == "sum" else Avg)(column.fields[0])
        found = self.rows.order_by().aggregate(**asked)
        return {key.removeprefix("total_"): value for key, value in found.items()}

    @property
    def count(self) -> int:
        """How many rows the selection has."""
        return int(self.totals["count"])

    @cached_property
    def size(self) -> int:
        """Rows a page."""
        asked = self.params.get("size", "")
        return next((size for size in SIZES if str(size) == asked), SIZES[1])

    @cached_property
    def pages(self) -> int:
        """Pages of the selection, at least one."""
        return max(-(-self.count // self.size), 1)

    @cached_property
    def number(self) -> int:
        """The page shown; one past the end is the last."""
        asked = self.params.get("page", "1")
        return min(max(int(asked), 1), self.pages) if asked.isdecimal() and len(asked) < 8 else 1

    @cached_property
    def slice(self) -> list[Model]:
        """The rows of the page."""
        start = (self.number - 1) * self.size
        return list(self.ordered[start : start + self.size])

    def conditions(self) -> list[tuple[Text, Text]]:
        """What the selection was made by, for the chips and for a workbook's cover."""
        found: list[tuple[Text, Text]] = [(_("查找"), self.term)] if self.term else []
        return found + [(one.label, self.option_label(one.key)) for one in self.page.filters if one.key in self.active]


def _any(fields: Sequence[str], word: str) -> Q:
    found = Q()
    for name in fields:
        found |= Q(**{f"{name}__icontains": word})
    return found


def _order(name: str, falling: bool) -> OrderBy:
    return F(name).desc(nulls_last=True) if falling else F(name).asc(nulls_last=True)
