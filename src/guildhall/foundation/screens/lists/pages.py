"""A list as a page, as the region htmx swaps, or as a workbook."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from guildhall.foundation import clock
from guildhall.foundation.screens import formats
from guildhall.foundation.screens.lists.listing import SIZES, WRITTEN, Column, Kind, Listing, ListPage, Rows
from guildhall.foundation.screens.lists.workbook import write

Text = str | Promise
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
REGION = "gh-list"
NOTHING = ("", formats.DASH)


@dataclass(frozen=True, kw_only=True)
class Act:
    """A link at the page's head."""

    label: Text
    url: str
    icon: str = ""
    red: bool = False


def page(
    request: HttpRequest,
    listed: type[ListPage],
    rows: Rows,
    *,
    lead: Text = "",
    acts: Sequence[Act] = (),
    crumbs: Sequence[tuple[Text, str]] = (),
    extra: dict[str, object] | None = None,
) -> HttpResponse:
    """Answer a list: `rows` are already within the reader's scope. Works alike with htmx and without scripts."""
    chosen = f"columns:{listed.__module__}.{listed.__qualname__}"
    if "columns" in request.GET:
        return _choose(request, listed, chosen)
    listing = Listing(listed, rows, request.GET, request.session.get(chosen))
    if request.GET.get("export") == "xlsx":
        name = f"{listed.title}-{clock.now():%Y%m%d-%H%M}.xlsx"
        book = write(listing, str(request.user))
        answer = FileResponse(book, as_attachment=True, filename=name, content_type=XLSX)
        return cast(HttpResponse, answer)  # Views need not tell a streamed answer from a whole one.
    htmx = getattr(request, "htmx", None)
    part = bool(htmx and htmx.target == REGION)
    context = {"view": View(listing), "lead": lead, "acts": acts, "crumbs": crumbs, "swapped": part, **(extra or {})}
    response = render(request, "screens/parts/list_region.html" if part else listed.template, context)
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    return response


def _with_unit(column: Column, cell: object) -> object:
    """Without its head a sum needs its unit, and a number its name; a date is not broken."""
    if column.kind in {Kind.DAY, Kind.MOMENT} and not column.show:
        return format_html('<span class="gh-nowrap">{}</span>', cell)
    if column.kind == Kind.YUAN and not column.show:
        return _("%(sum)s 元") % {"sum": cell}
    return f"{column.label} {cell}" if column.figures and not column.show else cell


def _choose(request: HttpRequest, listed: type[ListPage], name: str) -> HttpResponse:
    """Keep the chosen columns with the session, and show the list again with them."""
    params = request.GET.copy()
    asked = params.pop("columns")
    if "reset" in params:
        params.pop("reset")
        request.session.pop(name, None)
    else:
        known = {column.key for column in listed.columns}
        request.session[name] = [key for key in asked if key in known]
    return HttpResponseRedirect(f"{request.path}?{params.urlencode()}")


class View:
    """What the template reads of a listing."""

    def __init__(self, listing: Listing) -> None:
        self.listing, self.page = listing, listing.page
        self.columns, self.count, self.noun = listing.columns, listing.count, listing.page.noun
        right = [column for column in self.columns[1:] if column.phone == "right"]
        self.right = right[0] if right else None
        self.below = [one for one in self.columns[1:] if one is not self.right and one.phone]
        self.folds = len(self.columns) > 2
        self.sizes = SIZES

    def _url(self, **changes: object) -> str:
        params: QueryDict = self.listing.params.copy()
        params.pop("page", None)
        for key, value in changes.items():
            params.pop(key, None)
            if value is not None:
                params[key] = str(value)
        return f"?{params.urlencode()}"

    @property
    def heads(self) -> list[dict[str, object]]:
        """The head cells: label, the address that sorts, the present direction."""
        sorted_by, falling = self.listing.sort
        return [
            {
                "column": column,
                "label": column.label,
                "url": self._url(sort=column.key if sorted_by is not column or falling else f"-{column.key}")
                if column.fields
                else "",
                "direction": ("descending" if falling else "ascending") if sorted_by is column else "",
                "classes": self._classes(column),
            }
            for column in self.columns
        ]

    def _classes(self, column: Column) -> str:
        wide = column is not self.columns[0] and column is not self.right
        return " ".join(filter(None, ["n" if column.figures else "", "gh-cellwide" if wide and self.folds else ""]))

    @property
    def rows(self) -> list[dict[str, object]]:
        """The page's rows: id, name, cells and the phone's second line."""
        first, rest = self.columns[0], self.columns[1:]
        found = []
        for row in self.listing.slice:
            cells = {column.key: column.cell(row) for column in self.columns}
            name = cells[first.key]
            found.append(
                {
                    "pk": row.pk,
                    "name": name,
                    "head": format_html('<a href="{}">{}</a>', first.link(row), name) if first.link else name,
                    "cells": [(self._linked(one, row, cells[one.key]), self._classes(one)) for one in rest],
                    "below": [_with_unit(one, cells[one.key]) for one in self.below if cells[one.key] not in NOTHING],
                }
            )
        return found

    @staticmethod
    def _linked(column: Column, row: Any, cell: object) -> object:
        return format_html('<a href="{}">{}</a>', column.link(row), cell) if column.link else cell

    @property
    def totals(self) -> list[tuple[object, str, str]]:
        """The foot's cells after the first, or nothing where no column is totalled."""
        if not any(column.total for column in self.columns):
            return []
        return [(self._total(column), self._classes(column), column.total) for column in self.columns[1:]]

    def _total(self, column: Column) -> object:
        value = self.listing.totals.get(column.key) if column.total else None
        if value is None:
            return SafeString("")
        return WRITTEN[column.kind](value)

    @property
    def filters(self) -> list[dict[str, object]]:
        """The filters with their options and present value."""
        return [
            {
                "key": one.key,
                "label": one.label,
                "options": self.listing.options(one.key),
                "value": self.listing.active.get(one.key, ""),
            }
            for one in self.page.filters
        ]

    @property
    def chips(self) -> list[tuple[str, str]]:
        """Each condition in force, with the address that takes it away."""
        found = [(f"“{self.listing.term}”", self._url(q=None))] if self.listing.term else []
        return found + [
            (f"{one.label}：{self.listing.option_label(one.key)}", self._url(**{one.key: None}))
            for one in self.page.filters
            if one.key in self.listing.active
        ]

    @property
    def clear_url(self) -> str:
        """Without search and filters."""
        return self._url(q=None, **{one.key: None for one in self.page.filters})

    @property
    def export_url(self) -> str:
        """The whole selection as a workbook."""
        return self._url(export="xlsx")

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What a form beside the list must carry on."""
        return [(key, str(value)) for key, value in self.listing.params.items() if key not in ("page", "size")]

    @property
    def choices(self) -> list[tuple[Column, bool]]:
        """The columns that can be chosen, and whether they are shown."""
        return [(column, column in self.columns) for column in self.page.columns[1:]]

    @property
    def first(self) -> int:
        """The number of the page's first row."""
        return min((self.listing.number - 1) * self.listing.size + 1, self.count)

    @property
    def last(self) -> int:
        """The number of the page's last row."""
        return min(self.listing.number * self.listing.size, self.count)

    @property
    def back_url(self) -> str:
        """The page before, or nothing."""
        return f"{self._url()}&page={self.listing.number - 1}" if self.listing.number > 1 else ""

    @property
    def next_url(self) -> str:
        """The page after, or nothing."""
        return f"{self._url()}&page={self.listing.number + 1}" if self.listing.number < self.listing.pages else ""
