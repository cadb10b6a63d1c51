"""Forms about pilots."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from guildhall.foundation.organisations.forms.scoped import UnitByCodeField
from guildhall.foundation.organisations.models import User
from guildhall.foundation.screens.forms import DayInput, KeyedForm
from guildhall.reform.pilots.rules import BATCHES
from guildhall.reform.pilots.states import PilotKind, PilotLevel, Theme


class DesignationForm(KeyedForm):
    """Enter a unit as a pilot."""

    unit = UnitByCodeField(label=_("单位信用代码"))
    level = forms.ChoiceField(label=_("层级"), choices=PilotLevel.choices)
    kind = forms.ChoiceField(label=_("试点类别"), choices=PilotKind.choices)
    theme = forms.ChoiceField(
        label=_("方向"), choices=Theme.choices, required=False, help_text=_("项目试点选一个，综合试点不选。")
    )
    batch = forms.TypedChoiceField(label=_("批次"), choices=[(one, one) for one in BATCHES], coerce=int)
    starts = forms.DateField(label=_("起"), widget=DayInput())
    ends = forms.DateField(label=_("有效至"), widget=DayInput())

    def __init__(self, *args: Any, asker: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].asker = asker  # type: ignore[attr-defined]


class LeaveForm(KeyedForm):
    """Withdraw or end: the reason."""

    note = forms.CharField(
        label=_("理由和文号"),
        max_length=400,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("写进决定记录，以后查得到。"),
    )


class ExtendForm(LeaveForm):
    """A longer term."""

    field_order = ("ends", "note")
    ends = forms.DateField(label=_("延到"), widget=DayInput())
