"""Formats as filters, and the components that all domains share as tags."""

import base64
from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any

import segno
from django import template
from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, FileInput, Form, RadioSelect
from django.http import QueryDict
from django.template.context import Context
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from guildhall.foundation.screens import charts, formats

register = template.Library()

for function in (
    formats.empty, formats.yuan, formats.yuan_fen, formats.yuan_prose, formats.capitals, formats.count, formats.score,
    formats.percent, formats.day, formats.day_full, formats.weekday, formats.day_table, formats.clock_time,
    formats.moment, formats.moment_table, formats.deadline, formats.working_days_left, formats.mask_phone,
    formats.mask_account, formats.mask_id, formats.mask_name,
):  # fmt: skip
    register.filter(function.__name__, function)
for chart in (charts.strip, charts.bars, charts.stacked, charts.columns, charts.lines):
    register.simple_tag(chart, name=chart.__name__)

TONES = {"red": "alert-circle", "amber": "alert-triangle", "green": "circle-check", "blue": "info-circle"}
DRAWINGS = """icon="alert-circle" icon="alert-triangle" icon="circle-check" icon="info-circle" """
"""The tones' drawings in the words the sprite is built from."""


@register.simple_tag
def icon(name: str, classes: str = "") -> SafeString:
    """A drawing of the sprite, hidden from readers: words stand beside it."""
    return format_html(
        '<svg class="gh-i {}" aria-hidden="true" focusable="false"><use href="{}#{}"/></svg>',
        classes, static("gh/sprite.svg"), name,
    )  # fmt: skip


@register.simple_tag
def tag(label: object, tone: str = "", icon: str = "") -> SafeString:
    """A chip. `tone`: red today or error, amber due, green done, blue for information, else grey."""
    drawing = globals()["icon"](icon) if icon else ""
    return format_html('<span class="gh-tag {}">{}{}</span>', f"gh-{tone}" if tone else "", drawing, label)


@register.simple_tag
def progress(done: int, total: int, label: object = "", tone: str = "") -> SafeString:
    """A bar of done over total."""
    return charts.progress(done, total, str(label), f"gh-{tone}" if tone else "")


@register.inclusion_tag("screens/parts/rail.html")
def rail(stages: Sequence[object]) -> dict[str, object]:
    """The stage rail: `panels.Stage`s."""
    return {"stages": stages}


@register.simple_tag(takes_context=True)
def first_rows(context: Context, rows: Sequence[object], most: int = 25) -> dict[str, object]:
    """The first rows of a long table, or all of them where the reader asked by ?all=1; `rest_of` says how to ask."""
    asked = "all" in context["request"].GET or len(rows) <= most
    return {"rows": rows if asked else rows[:most], "total": len(rows), "all": asked}


@register.inclusion_tag("screens/parts/rest.html", takes_context=True)
def rest_of(context: Context, part: Mapping[str, object]) -> dict[str, object]:
    """The link below `first_rows` that shows all."""
    params = context["request"].GET.copy()
    params["all"] = "1"
    return {"part": part, "url": f"?{params.urlencode()}"}


@register.inclusion_tag("screens/parts/facts.html")
def facts(pairs: Sequence[Sequence[object]] | Mapping[object, object], one: bool = False) -> dict[str, object]:
    """A list of (label, value) or (label, value, register it comes from)."""
    rows = list(pairs.items()) if isinstance(pairs, Mapping) else pairs
    return {"rows": [(*row, "")[:3] for row in rows], "one": one}


@register.inclusion_tag("screens/parts/tabs.html")
def tabs(items: Sequence[Mapping[str, object]], label: object = "") -> dict[str, object]:
    """Parts of a record or views: mappings of label, url, current, count."""
    return {"items": items, "label": label}


@register.inclusion_tag("screens/parts/track.html")
def track(entries: Sequence[object]) -> dict[str, object]:
    """The time line: objects or mappings of at, who, what, say, kind ("now", "auto" or "")."""
    return {"entries": entries}


@register.inclusion_tag("screens/parts/steps.html")
def steps(items: Sequence[object]) -> dict[str, object]:
    """A wizard's steps: `panels.Stage`s."""
    return {"items": items}


@register.inclusion_tag("screens/parts/equation.html")
def equation(terms: Sequence[Sequence[object]], result: Sequence[object]) -> dict[str, object]:
    """A computation that adds up: terms of (sign, value, label), the first sign empty, and (value, label) of the sum."""
    return {"terms": terms, "result": result}


@register.inclusion_tag("screens/parts/tiers.html")
def tiers(rows: Sequence[Mapping[str, object]]) -> dict[str, object]:
    """Tiers: mappings of label, line, amount (fen), me."""
    return {"rows": rows}


@register.inclusion_tag("screens/parts/answer.html")
def answer(items: Sequence[Mapping[str, object]], label: object = "") -> dict[str, object]:
    """Big figures side by side: mappings of label, value, unit, note, url, current."""
    return {"items": items, "label": label}


@register.inclusion_tag("screens/parts/empty.html")
def empty_state(text: object, url: str = "", button: object = "", name: str = "inbox") -> dict[str, object]:
    """Why there is nothing, and the next step."""
    return {"text": text, "url": url, "button": button, "name": name}


@register.inclusion_tag("screens/parts/errors.html")
def errors(form: Form) -> dict[str, object]:
    """The summary of a form's errors; takes focus and links to each field."""
    shown = [name for name in form.errors if name != "__all__" and not form[name].is_hidden]
    wrong = [(form[name], message) for name in shown for message in form.errors[name]]
    general = [message for name in form.errors if name not in shown for message in form.errors[name]]
    return {"wrong": wrong, "general": general, "total": len(wrong) + len(general)}


@register.inclusion_tag("screens/parts/field.html")
def field(bound: BoundField, came_from: object = "") -> dict[str, object]:
    """A form field: label above, hint under it, error beside the input. `came_from` names its register."""
    widget = bound.field.widget
    grouped = isinstance(widget, RadioSelect | CheckboxSelectMultiple)
    single = isinstance(widget, CheckboxInput) and not grouped
    described = [f"{bound.auto_id}-hint"] if bound.help_text else []
    described += [f"{bound.auto_id}-error"] if bound.errors else []
    attrs: dict[str, Any] = {} if grouped or single else {"class": f"gh-input {widget.attrs.get('class', '')}".strip()}
    if described and not grouped:
        attrs["aria-describedby"] = " ".join(described)
    if bound.errors and not grouped:
        attrs["aria-invalid"] = "true"
    return {
        "bound": bound, "input": bound.as_widget(attrs=attrs), "grouped": grouped, "single": single,
        "described": " ".join(described),
        "echo": "data-gh-money" in widget.attrs or isinstance(widget, FileInput), "came_from": came_from,
    }  # fmt: skip


@register.inclusion_tag("screens/parts/verify.html")
def checkcode(code: str, url: str, title: object = "") -> dict[str, object]:
    """The check code with its QR: `url` is the absolute address that checks it, `title` what is checked."""
    return {"code": code, "url": url, "title": title}


@register.simple_tag
def qr(text: str, label: object = "") -> SafeString:
    """A QR code as an image."""
    out = BytesIO()
    segno.make(text, error="m").save(out, kind="svg", border=1, dark="#1F2328", xmldecl=False, svgns=True)
    data = base64.b64encode(out.getvalue()).decode()
    return format_html('<img src="data:image/svg+xml;base64,{}" alt="{}" width="88" height="88">', data, label)


@register.simple_block_tag(takes_context=True)
def card(context: Context, content: str, label: object = "") -> SafeString:
    """A card; panes go inside."""
    return format_html(
        '<section class="card"{}>{}</section>', format_html(' aria-label="{}"', label) if label else "", content
    )


@register.simple_block_tag(takes_context=True)
def pane(context: Context, content: str, title: object = "", push: object = "") -> SafeString:
    """A part of a card under its heading; `push` stands at the heading's end."""
    if title and push:
        head = format_html('<div class="gh-headline"><h2>{}</h2><span class="gh-push">{}</span></div>', title, push)
    else:
        head = format_html("<h2>{}</h2>", title) if title else SafeString("")
    return format_html('<div class="gh-pane">{}{}</div>', head, content)


@register.simple_block_tag(takes_context=True)
def notice(context: Context, content: str, tone: str = "blue", title: object = "", role: str = "") -> SafeString:
    """A box that says what happened: red, amber, green or blue."""
    return format_html(
        '<div class="gh-notice gh-{}"{}>{}<div>{}{}</div></div>',
        tone, format_html(' role="{}"', role) if role else "", icon(TONES[tone]),
        format_html("<h2>{}</h2>", title) if title else "", content,
    )  # fmt: skip


@register.simple_block_tag(takes_context=True)
def pagehead(
    context: Context, content: str, title: object, lead: object = "", crumbs: Sequence[object] = (), state: object = "",
    tone: str = "",
) -> str:  # fmt: skip
    """Where am I, what is it, what can I do: the content is the acts. `crumbs`: (label, url) from the top."""
    facts = {"title": title, "lead": lead, "crumbs": crumbs, "state": state, "tone": tone, "acts": content}
    return SafeString(render_to_string("screens/parts/pagehead.html", facts))


@register.simple_block_tag(takes_context=True)
def figure(
    context: Context, content: str, title: object, unit: object = "", rows: Sequence[Sequence[object]] = (),
    asof: object = "", source: object = "",
) -> str:  # fmt: skip
    """A chart with its finding as the title, its unit, 看表格 from `rows` of (label, value), 截至 and source."""
    facts = {"chart": content, "title": title, "unit": unit, "rows": rows, "asof": asof, "source": source}
    return SafeString(render_to_string("screens/parts/figure.html", facts))


@register.simple_tag(takes_context=True)
def query(context: Context, **changes: object) -> str:
    """The page's query string with changes; None takes a key out."""
    request = context.get("request")
    params = request.GET.copy() if request else QueryDict(mutable=True)
    for key, value in changes.items():
        if value is None:
            params.pop(key, None)
        else:
            params[key] = str(value)
    return f"?{params.urlencode()}"
