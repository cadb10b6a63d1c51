"""Small charts as SVG from numbers. Widths are in per cent, so a chart grows with its place and its text does not.

No style attribute anywhere: the page's policy forbids it. Each has a sentence as its text equivalent.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

Text = str | Promise
Number = int | float | Decimal
HEIGHT = 176
"""Pixels of a plot; its labels stand in the 20 below."""


@dataclass(frozen=True)
class Bar:
    """One value with its name and how it is written."""

    label: Text
    value: Number
    shown: Text = ""
    you: bool = False

    @property
    def text(self) -> str:
        """How the value is written."""
        return str(self.shown) or f"{self.value:,}"


@dataclass(frozen=True)
class Line:
    """One series: a name and (label, value) in order."""

    label: Text
    points: Sequence[tuple[Text, Number]]


def _share(value: Number, low: Number, high: Number) -> float:
    span = float(high) - float(low)
    share = 0.0 if span <= 0 else (float(value) - float(low)) / span
    return round(min(max(share, 0.0), 1.0) * 100, 2)


def _svg(kind: str, height: int, label: str, inner: SafeString) -> SafeString:
    return format_html(
        '<svg class="gh-svg {}" width="100%" height="{}" role="img" aria-label="{}">{}</svg>',
        kind,
        height,
        label,
        inner,
    )


def progress(done: Number, total: Number, label: Text = "", tone: str = "") -> SafeString:
    """A bar of done over total; an empty total is an empty bar."""
    share = _share(done, 0, total)
    text = _("%(label)s：%(done)s / %(total)s") % {"label": label, "done": f"{done:,}", "total": f"{total:,}"}
    return format_html(
        '<svg class="gh-bar {}" height="8" width="100%" role="img" aria-label="{}"><rect height="8" width="{}%"/></svg>',
        tone, text, share,
    )  # fmt: skip


def strip(value: Number | None, median: Number, low: Number, high: Number, q1: Number, q3: Number) -> SafeString:
    """Where one stands among all: the middle half as a band, the median as a tick, oneself as the red dot."""
    left, right = _share(q1, low, high), _share(q3, low, high)
    middle = _share(median, low, high)
    text = _("从 %(low)s 到 %(high)s，中间一半在 %(q1)s 到 %(q3)s，中位数 %(median)s") % {
        "low": low, "high": high, "q1": q1, "q3": q3, "median": median,
    }  # fmt: skip
    dot = mark_safe("")
    if value is not None:
        text += _("，本单位 %(value)s") % {"value": value}
        dot = format_html('<circle class="gh-you" cx="{}%" cy="12" r="6"/>', _share(value, low, high))
    inner = format_html(
        '<line class="gh-axis" x1="0" x2="100%" y1="12" y2="12"/><rect class="gh-half" x="{}%" y="8" width="{}%" '
        'height="8" rx="1"/><line class="gh-tickline" x1="{}%" x2="{}%" y1="5" y2="19"/>{}',
        left, round(right - left, 2), middle, middle, dot,
    )  # fmt: skip
    return _svg("gh-strip", 24, text, inner)


def bars(rows: Sequence[Bar], total: Number | None = None) -> SafeString:
    """Horizontal bars from zero, the value at the end; red for oneself, grey for the rest."""
    most = total if total is not None else max((row.value for row in rows), default=0)
    items = format_html_join(
        "",
        '<li><span>{}</span><svg class="gh-svg" width="100%" height="16" aria-hidden="true"><rect class="{}" '
        'width="{}%" height="16" rx="2"/></svg><b>{}</b></li>',
        ((row.label, "gh-f1" if row.you else "gh-f6", _share(row.value, 0, most), row.text) for row in rows),
    )
    return format_html('<ul class="gh-bars">{}</ul>', items)


def stacked(parts: Sequence[Bar]) -> SafeString:
    """Parts of one whole, on one bar, with their names and values under it."""
    whole = sum(float(part.value) for part in parts)
    rects, keys, start = [], [], 0.0
    for index, part in enumerate(parts):
        width = _share(part.value, 0, whole)
        rects.append((round(start, 2), max(width - 0.3, 0), index % 6 + 1))
        keys.append((index % 6 + 1, part.label, part.text))
        start += width
    text = "，".join(f"{part.label} {part.text}" for part in parts)
    inner = format_html_join("", '<rect x="{}%" width="{}%" height="24" class="gh-f{}"/>', rects)
    key = format_html_join(
        "",
        '<li><svg viewBox="0 0 12 12" aria-hidden="true"><rect width="12" height="12" rx="2" class="gh-f{}"/></svg>'
        '{} <b class="gh-num">{}</b></li>',
        keys,
    )
    return format_html('{}<ul class="gh-key">{}</ul>', _svg("", 24, text, inner), key)


def columns(rows: Sequence[Bar]) -> SafeString:
    """Upright bars for few points or a distribution, each with its name under and its value over it."""
    most = max((row.value for row in rows), default=0)
    step = 100 / max(len(rows), 1)
    drawn = []
    for index, row in enumerate(rows):
        height = round(_share(row.value, 0, most) / 100 * (HEIGHT - 24), 1)
        x, centre, top = round(index * step + step * 0.12, 2), round((index + 0.5) * step, 2), HEIGHT - height
        tone = "gh-f1" if row.you else "gh-f6"
        drawn.append(
            (x, top, round(step * 0.76, 2), height, tone, centre, top - 6, row.text, centre, HEIGHT + 16, row.label)
        )
    inner = format_html_join(
        "",
        '<rect x="{}%" y="{}" width="{}%" height="{}" class="{}"/><text class="gh-strong" x="{}%" y="{}" '
        'text-anchor="middle">{}</text><text x="{}%" y="{}" text-anchor="middle">{}</text>',
        drawn,
    )
    text = "，".join(f"{row.label} {row.text}" for row in rows)
    return _svg("", HEIGHT + 22, text, inner)


def lines(series: Sequence[Line]) -> SafeString:
    """Series over time, their ends labelled; up to six."""
    values = [value for line in series for _label, value in line.points]
    low, high = min(values, default=0), max(values, default=1)
    drawn = mark_safe("".join(_line(line, number, low, high) for number, line in enumerate(series[:6], 1)))
    labels = [label for label, _value in series[0].points] if series else []
    last = max(len(labels) - 1, 1)
    axis = format_html_join(
        "",
        '<text x="{}%" y="{}" text-anchor="{}">{}</text>',
        (
            (round(index / last * 80, 2), HEIGHT + 16, "start" if index == 0 else "middle", label)
            for index, label in enumerate(labels)
        ),
    )
    text = "；".join(f"{line.label} " + "，".join(f"{at} {value}" for at, value in line.points) for line in series)
    return _svg("", HEIGHT + 22, text, format_html("{}{}", drawn, axis))


def _line(line: Line, number: int, low: Number, high: Number) -> SafeString:
    last = max(len(line.points) - 1, 1)
    spots = [
        (round(index / last * 80, 2), round(HEIGHT - 8 - _share(value, low, high) / 100 * (HEIGHT - 32), 1))
        for index, (_label, value) in enumerate(line.points)
    ]
    parts = format_html_join(
        "",
        '<line x1="{}%" y1="{}" x2="{}%" y2="{}" class="gh-l{}"/>',
        ((*one, *two, number) for one, two in pairwise(spots)),
    )
    end = spots[-1] if spots else (0, 0)
    value = line.points[-1][1] if line.points else ""
    return format_html(
        '{}<circle cx="{}%" cy="{}" r="4" class="gh-f{}"/><text class="gh-strong" x="{}%" y="{}" dx="10" dy="4">{} {}'
        "</text>", parts, *end, number, *end, line.label, value,
    )  # fmt: skip
