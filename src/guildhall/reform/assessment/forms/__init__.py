"""What people send: each form carries a key, so that sent twice is done once."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from guildhall.foundation.organisations.forms.scoped import OfferedField, ScopedChoiceField
from guildhall.foundation.organisations.models import Unit
from guildhall.foundation.screens.forms import KeyedForm

REASON = {"rows": 3}


class ReasonForm(KeyedForm):
    """An act that asks for its reason."""

    reason = forms.CharField(label=_("理由"), max_length=400, widget=forms.Textarea(attrs=REASON))


class UnitChoice(ScopedChoiceField):
    """A unit of the round, by name and district."""

    def label_from_instance(self, obj: Any) -> str:
        """The unit's name, and where it lies."""
        return f"{obj.name}（{obj.district.short}）"


class DeclareForm(KeyedForm):
    """A unit names another one that should not assess it, nor be assessed by it."""

    other = UnitChoice(label=_("要回避的单位"), queryset=Unit.objects.none())
    reason = forms.CharField(
        label=_("理由"), max_length=400, widget=forms.Textarea(attrs=REASON),
        help_text=_("例如：正在打官司、互为主要客户、负责人是近亲属。至少 5 个字。"),
    )  # fmt: skip

    def __init__(self, *args: Any, units: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if units is not None:
            self.fields["other"].queryset = units  # type: ignore[attr-defined]


class PinForm(KeyedForm):
    """The officer keeps two units apart, or lets them meet."""

    first = UnitChoice(label=_("一家"), queryset=Unit.objects.none())
    second = UnitChoice(label=_("另一家"), queryset=Unit.objects.none())
    apart = forms.TypedChoiceField(
        label=_("怎么定"), choices=[("1", _("必须回避")), ("0", _("可以互评"))], coerce=lambda value: value == "1",
        widget=forms.RadioSelect, initial="1", empty_value=None,
    )  # fmt: skip
    reason = forms.CharField(label=_("理由"), max_length=400, widget=forms.Textarea(attrs=REASON))

    def __init__(self, *args: Any, units: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("first", "second"):
            self.fields[name].queryset = units if units is not None else Unit.objects.none()  # type: ignore[attr-defined]


class SubstituteForm(KeyedForm):
    """Who stands in for an absent assessor; both are entrants' ids."""

    absent = forms.IntegerField(widget=forms.HiddenInput)
    stand_in = OfferedField(label=_("由谁代评"), coerce=int, empty_value=None)
    reason = forms.CharField(label=_("理由"), max_length=400, widget=forms.Textarea(attrs=REASON))

    def __init__(self, *args: Any, candidates: Any = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["stand_in"].choices = list(candidates)  # type: ignore[attr-defined]


class FreezeForm(KeyedForm):
    """Close the scoring for good; a reason where some unit has too few reviews."""

    reason = forms.CharField(
        label=_("为什么不延长，继续测算"), max_length=400, required=False, widget=forms.Textarea(attrs=REASON),
        help_text=_("写进决定记录，至少 5 个字。"),
    )  # fmt: skip
