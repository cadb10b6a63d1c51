"""The application's own fields again, to be corrected after an upheld objection."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms

from guildhall.foundation.errors import Refusal
from guildhall.foundation.programmes.forms.objections import UpholdForm
from guildhall.foundation.programmes.models.round import worded
from guildhall.foundation.programmes.rules.form import read_value
from guildhall.foundation.programmes.schema import FactField
from guildhall.foundation.screens.forms import DayInput

LEADS = "fact-"
TYPED = ("number", "money", "text", "long", "choice", "date")
"""The fields that a page of single inputs can correct; what else was handed in stands as it was judged."""


def _asked(field: FactField) -> forms.Field:
    match field.type:
        case "choice":
            options = [(one.key, worded(one.label)) for one in field.options]
            made: forms.Field = forms.CharField(widget=forms.Select(choices=[("", "–"), *options]))
        case "long":
            made = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}))
        case "date":
            made = forms.CharField(widget=DayInput())
        case "text":
            made = forms.CharField(widget=forms.TextInput(attrs={"autocomplete": "off"}))
        case _:
            attrs = {"class": "gh-w10", "inputmode": "decimal", "autocomplete": "off"}
            made = forms.CharField(widget=forms.TextInput(attrs=attrs))
    made.required, made.label = False, worded(field.label)
    made.help_text = worded(field.unit) if field.unit else ""
    return made


class CorrectForm(UpholdForm):
    """What the form should have said; what stays as it is changes nothing."""

    def __init__(self, *args: Any, asks: Iterable[FactField], stood: Mapping[str, Any], **kwargs: Any) -> None:
        self.asks = {field.key: field for field in asks if field.type in TYPED}
        known = {f"{LEADS}{name}": stood.get(name, "") for name in self.asks}
        super().__init__(*args, initial=known, **kwargs)
        for name, field in self.asks.items():
            self.fields[f"{LEADS}{name}"] = _asked(field)
        self.stood = stood

    def facts(self) -> dict[str, str]:
        """The fields that say something else than what stood."""
        said = {name: self.cleaned_data[f"{LEADS}{name}"] for name in self.asks}
        return {name: value for name, value in said.items() if value != str(self.stood.get(name, ""))}

    def clean(self) -> dict[str, Any]:
        """Each changed field as the rules read it; what cannot be read is said beside it."""
        for name, field in self.asks.items():
            typed = self.cleaned_data.get(f"{LEADS}{name}", "")
            if typed != str(self.stood.get(name, "")):
                self._read(field, typed)
        return self.cleaned_data

    def _read(self, field: FactField, typed: str) -> None:
        try:
            read_value(field, typed)
        except Refusal as refusal:
            self.add_error(f"{LEADS}{field.key}", str(refusal))

    @property
    def fact_fields(self) -> list[forms.BoundField]:
        """The application's fields."""
        return [self[f"{LEADS}{name}"] for name in self.asks]
