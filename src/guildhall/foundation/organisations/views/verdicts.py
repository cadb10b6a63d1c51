"""The preview of a workbook: each row's verdict, the counts as the filter, and the page of rows that it lets through."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.paginator import Paginator
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from guildhall.foundation.organisations.rules.columns import Field
from guildhall.foundation.organisations.rules.verdicts import Row, Verdict, causes, counts
from guildhall.foundation.screens import formats

ROWS_A_PAGE = 25
Text = str | Promise


@dataclass(frozen=True, kw_only=True)
class Words:
    """How a kind of workbook is shown: its columns, what each verdict is called and what follows from it."""

    fields: Mapping[str, Field]
    labels: Mapping[str, Text]
    notes: Mapping[str, Text]
    naming: frozenset[str]  # The columns that name a row.
    placing: frozenset[str] = field(
        default_factory=frozenset
    )  # Those worth the room where nothing is wrong or changed.
    codes: frozenset[str] = frozenset({"code"})  # Those written in figures of one width.


Before = Callable[[str, Any], str]


def preview(
    query: QueryDict, rows: Sequence[Row], keys: Sequence[str], words: Words, before: Before = lambda key, value: ""
) -> dict[str, Any]:
    """What `organisations/parts/verdicts.html` shows; `keys` are the file's columns, `before` says what stood there.

    The `query` is the address's: which verdict, which cause, which page.
    """
    tally = counts(rows)
    asked, cause = query.get("show", ""), query.get("cause", "")
    chosen = Verdict(asked) if asked in tally else Verdict.WRONG if tally[Verdict.WRONG] else Verdict.NEW
    found = [row for row in rows if row.verdict == chosen]
    if cause and chosen == Verdict.WRONG:
        found = [row for row in found if any(wrong.cause == cause for wrong in row.wrong.values())]
    page = Paginator(found, ROWS_A_PAGE).get_page(query.get("page"))
    telling = _telling(list(page), keys, words)
    return {
        **{verdict.value: number for verdict, number in tally.items()},
        "title": title(tally), "causes": causes(rows), "chosen": chosen, "cause": cause, "page": page,
        "columns": [words.fields[key] for key in telling], "chosen_label": words.labels[chosen],
        "lines": [_line(row, telling, words, before) for row in page], "noted": any(row.note for row in page),
        "answers": [_answer(one, number, chosen, words) for one, number in tally.items() if one in words.labels],
    }  # fmt: skip


def _telling(rows: list[Row], keys: Sequence[str], words: Words) -> list[str]:
    """The columns worth the room: what names a row, and what is wrong or changed; of others those that place them."""
    told = set(words.naming) | {key for row in rows for key in (*row.wrong, *row.changes)}
    told |= words.placing if any(row.verdict in (Verdict.NEW, Verdict.SAME) for row in rows) else frozenset()
    return [key for key in keys if key in told]


def _answer(one: Verdict, number: int, chosen: Verdict, words: Words) -> dict[str, Any]:
    """One count, which opens its rows."""
    facts = {"label": words.labels[one], "value": formats.count(number), "unit": _("行"), "note": words.notes[one]}
    return {**facts, "url": f"?show={one.value}", "current": one == chosen}


def title(tally: dict[Verdict, int]) -> str:
    """The verdict on the file, in a sentence."""
    good = sum(tally.values()) - tally[Verdict.WRONG]
    if tally[Verdict.WRONG]:
        return _("%(good)d 行没有问题，%(wrong)d 行有错，还没有写入。") % {"good": good, "wrong": tally[Verdict.WRONG]}
    if tally[Verdict.NEW] or tally[Verdict.CHANGED]:
        return _("%(good)d 行都没有问题，还没有写入。") % {"good": good}
    return _("%(good)d 行和登记的一样，没有要写入的。") % {"good": good}


def _line(row: Row, keys: list[str], words: Words, before: Before) -> dict[str, Any]:
    """A row as the preview shows it: each cell, whether it is wrong, and what it was before."""
    cells = []
    for key in keys:
        change = row.changes.get(key)
        cells.append({
            "label": words.fields[key].label, "code": key in words.codes, "text": row.said.get(key, ""),
            "wrong": key in row.wrong,
            "before": before(key, change[0]) or formats.DASH if change and key not in row.wrong else "",
        })  # fmt: skip
    says = [f"{words.fields[key].label}：{wrong.cause}。{wrong.remedy}。" for key, wrong in row.wrong.items()]
    return {"number": row.number, "cells": cells, "says": says or ([row.note] if row.note else [])}
