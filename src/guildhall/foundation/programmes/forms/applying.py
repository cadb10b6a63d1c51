"""The application form as the programme's schema asks for it: one field of the page for each field of the file."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from guildhall.foundation.errors import Refusal
from guildhall.foundation.programmes.models import Application
from guildhall.foundation.programmes.models.round import worded
from guildhall.foundation.programmes.rules.form import read_value
from guildhall.foundation.programmes.schema import FactField, Setup, Words
from guildhall.foundation.screens.forms import DayInput, FileField, KeyedForm

A_STEP = 7
"""Fields a step of the wizard shows at most, where the file names no sections."""
SPARE_ROWS = 3
SUFFIXES = ("pdf", "jpg", "jpeg", "png", "xlsx", "docx")


def sections(setup: Setup) -> list[tuple[str, tuple[FactField, ...]]]:
    """The wizard's steps: their labels and fields, as the file names them or seven fields each."""
    known = {field.key: field for field in setup.form}
    if setup.sections:
        return [(worded(one.label), tuple(known[key] for key in one.fields)) for one in setup.sections]
    rows = [setup.form[n : n + A_STEP] for n in range(0, len(setup.form), A_STEP)]
    return [(str(_("第 %(n)d 部分") % {"n": n}), row) for n, row in enumerate(rows, 1)]


class PeriodInput(forms.MultiWidget):
    """Two days."""

    template_name = "programmes/applying/period.html"

    def __init__(self) -> None:
        first, last = DayInput(), DayInput()
        first.attrs["aria-label"], last.attrs["aria-label"] = _("起"), _("止")
        super().__init__([first, last])

    def decompress(self, value: Any) -> list[Any]:
        """The kept pair of days."""
        return list(value) if isinstance(value, list | tuple) and len(value) == 2 else ["", ""]


class TableInput(forms.Widget):
    """Rows of cells, some spare; what is pasted from a sheet falls into the cells, where scripts run."""

    template_name = "programmes/applying/table.html"

    def __init__(self, field: FactField) -> None:
        super().__init__()
        self.field = field

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """The cells with their values."""
        context = super().get_context(name, value, attrs)
        kept = [row for row in value if isinstance(row, Mapping)] if isinstance(value, list) else []
        shown = [*kept, *[{}] * SPARE_ROWS][: self.field.rows]
        kinds = {"number": "decimal", "money": "decimal"}
        context["columns"] = [worded(cell.label) for cell in self.field.columns]
        context["rows"] = [
            [(f"{name}-{n}-{cell.key}", row.get(cell.key, ""), worded(cell.label), cell.type == "date", kinds.get(cell.type, ""))
             for cell in self.field.columns]
            for n, row in enumerate(shown)
        ]  # fmt: skip
        return context | {"most": self.field.rows}

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[dict[str, str]]:
        """The rows in order; those left wholly empty fall away."""
        pattern = re.compile(rf"{re.escape(name)}-(\d{{1,4}})-")
        places = sorted({int(found[1]) for key in data if (found := pattern.match(key))})[
            : self.field.rows + SPARE_ROWS
        ]
        rows = [
            {cell.key: data.get(f"{name}-{n}-{cell.key}", "").strip()[:400] for cell in self.field.columns}
            for n in places
        ]
        return [row for row in rows if any(row.values())]


def _text(field: FactField, **attrs: Any) -> forms.Field:
    return forms.CharField(widget=forms.TextInput(attrs={"autocomplete": "off", **attrs}))


def widget_field(field: FactField, choices: Sequence[tuple[str, str]]) -> forms.Field:
    """The page's field for one of the file; the reading is the rules', so the page's own never refuses."""
    match field.type:
        case "number":
            made = _text(field, inputmode="decimal", **{"class": "gh-w10"})
        case "money":
            made = _text(field, inputmode="decimal", **{"class": "gh-w10", "data-gh-money": ""})
        case "long":
            made = forms.CharField(widget=forms.Textarea(attrs={"rows": 5, "maxlength": field.length}))
        case "choice":
            options = [(one.key, worded(one.label)) for one in field.options]
            made = forms.CharField(widget=forms.Select(choices=[("", "–"), *options]))
        case "person" | "unit":
            made = forms.CharField(widget=forms.Select(choices=[("", "–"), *choices]))
        case "date":
            made = forms.CharField(widget=DayInput())
        case "period":
            made = forms.Field(widget=PeriodInput())
        case "table":
            made = forms.Field(widget=TableInput(field))
        case "file":
            made = FileField(suffixes=SUFFIXES)
        case _:
            made = _text(field, maxlength=field.length)
    made.required = False
    made.label = worded(field.label)
    hints = [worded(one) for one in (field.unit, field.hint) if isinstance(one, Words)]
    if not field.required:
        hints.append(str(_("选填")))
    made.help_text = "；".join([*([str(made.help_text)] if made.help_text else []), *hints])
    return made


class StepForm(KeyedForm):
    """One step of the wizard. What is typed is always kept; what is wrong is said beside its field."""

    base = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, fields: Iterable[FactField], people: Sequence[tuple[int, str]] = (),
        units: Sequence[tuple[int, str]] = (), **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        self.asked = tuple(fields)
        self.names = {"person": dict(people), "unit": dict(units)}
        for field in self.asked:
            options = [(str(pk), name) for pk, name in self.names.get(field.type, {}).items()]
            self.fields[field.key] = widget_field(field, options)

    @staticmethod
    def first(application: Application, number: int) -> dict[str, Any]:
        """The kept values as the page shows them, and the version they are of."""
        shown = {
            name: str(value["id"]) if isinstance(value, dict) and "id" in value else value
            for name, value in application.facts.items()
        }
        return shown | {"base": number}

    def typed(self) -> dict[str, Any]:
        """What the page says, by key; files are kept apart."""
        found: dict[str, Any] = {}
        for field in self.asked:
            if field.type == "file":
                continue
            value = self.cleaned_data.get(field.key)
            if field.type in self.names:
                pk = int(str(value)) if str(value or "").isdigit() else 0
                name = self.names[field.type].get(pk)
                value = {"id": pk, "name": name} if name else ""
            found[field.key] = list(value) if isinstance(value, tuple) else value or ""
        return found

    def uploads(self) -> dict[str, Any]:
        """The files of this step, by key."""
        wanted = [field.key for field in self.asked if field.type == "file"]
        return {key: self.cleaned_data[key] for key in wanted if self.cleaned_data.get(key)}

    def judge(self, files: set[str]) -> bool:
        """Say beside each field what is missing or wrong; whether the step is sound."""
        typed = self.typed()
        for field in self.asked:
            if field.type == "file":
                if field.required and field.key not in files:
                    self.add_error(field.key, _("还没有上传。"))
                continue
            try:
                read_value(field, typed[field.key])
            except Refusal as refusal:
                self.add_error(field.key, str(refusal))
        return not self.errors


class ScanForm(KeyedForm):
    """The sealed print, scanned."""

    file = FileField(label=_("盖章后的扫描件"), suffixes=("pdf", "jpg", "jpeg", "png"))
