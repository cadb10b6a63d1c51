"""Forms of a round's acts: its plan, reasons, a later deadline."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from guildhall.foundation.errors import Refusal
from guildhall.foundation.organisations.forms.scoped import ScopedChoiceField
from guildhall.foundation.programmes.models import Programme
from guildhall.foundation.programmes.moves.rounds import Dates
from guildhall.foundation.programmes.rules import read_fact
from guildhall.foundation.screens.forms import DayInput, FileField, KeyedForm, MomentInput


class DatesForm(KeyedForm):
    """A round's name and dates, in the order they must have."""

    title = forms.CharField(label=_("批次名称"), max_length=80, widget=forms.TextInput(attrs={"class": "gh-w24"}))
    opens_on = forms.DateField(label=_("开始日"), widget=DayInput)
    closes_on = forms.DateField(label=_("材料截止日"), widget=DayInput, help_text=_("当天 17:30 截止"))
    scoring_opens_at = forms.DateTimeField(label=_("评分开始"), widget=MomentInput)
    scoring_closes_at = forms.DateTimeField(label=_("评分截止"), widget=MomentInput)
    notice_on = forms.DateField(label=_("计划公示日"), widget=DayInput)

    def dates(self) -> Dates:
        """The dates as the moves take them."""
        said = self.cleaned_data
        return Dates(
            opens_on=said["opens_on"],
            closes_on=said["closes_on"],
            scoring_opens_at=said["scoring_opens_at"],
            scoring_closes_at=said["scoring_closes_at"],
            notice_on=said["notice_on"],
        )


class PlanForm(DatesForm):
    """A new round of a programme."""

    programme = ScopedChoiceField(label=_("项目办法"), queryset=Programme.objects.none(), empty_label=None)
    year = forms.IntegerField(
        label=_("年度"), min_value=2000, max_value=2100, widget=forms.NumberInput(attrs={"class": "gh-w8"})
    )

    field_order = ("programme", "year", "title")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen = self.fields["programme"]
        assert isinstance(chosen, forms.ModelChoiceField)
        chosen.queryset = Programme.objects.order_by("code", "-version").distinct("code")


class ReasonForm(KeyedForm):
    """An act that says why."""

    reason = forms.CharField(label=_("理由"), max_length=400, widget=forms.Textarea(attrs={"rows": 3}))


class ExtendForm(ReasonForm):
    """A later end of scoring, for all."""

    until = forms.DateTimeField(
        label=_("延长到"), widget=MomentInput, help_text=_("对所有单位和专家一样，不能只给一家。")
    )

    field_order = ("until", "reason")


class RefuseForm(ReasonForm):
    """A refusal with its clause."""

    clause = forms.CharField(
        label=_("依据的条款"),
        max_length=80,
        help_text=_("例 第四条第二款"),
        widget=forms.TextInput(attrs={"class": "gh-w16"}),
    )


class FactsForm(KeyedForm):
    """A unit's reported facts, one number each, as the round's form asks for them."""

    def __init__(self, *args: Any, fields: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for one in fields:
            self.fields[one.key] = forms.CharField(
                label=one.label.zh, help_text=one.unit.zh if one.unit else "", required=False, max_length=40,
                widget=forms.TextInput(attrs={"class": "gh-w10", "inputmode": "decimal", "autocomplete": "off"}),
            )  # fmt: skip

    def sound(self, fields: Any) -> bool:
        """Whether every number can be read; what cannot is said beside its field."""
        for one in fields:
            try:
                read_fact(one, self.cleaned_data[one.key])
            except Refusal as refusal:
                self.add_error(one.key, str(refusal))
        return not self.errors


class EvidenceForm(KeyedForm):
    """A file for one indicator."""

    indicator = forms.ChoiceField(label=_("证明哪项指标"))
    title = forms.CharField(label=_("名称"), max_length=120, required=False, help_text=_("不填就用文件名"))
    file = FileField(label=_("文件"), suffixes=("pdf", "jpg", "jpeg", "png", "xlsx", "docx"))

    def __init__(self, *args: Any, leaves: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen = self.fields["indicator"]
        assert isinstance(chosen, forms.ChoiceField)
        chosen.choices = leaves


class WorkbookForm(KeyedForm):
    """A workbook of facts."""

    file = FileField(label=_("填好的表格"), suffixes=("xlsx",), megabytes=10)
