"""Forms about working days."""

from django import forms
from django.utils.translation import gettext_lazy as _

from guildhall.foundation.screens.forms import DayInput, KeyedForm


class YearForm(KeyedForm):
    """A year whose arrangement the State Council has published."""

    year = forms.IntegerField(
        label=_("年份"),
        min_value=2004,
        max_value=2100,
        widget=forms.TextInput({"class": "gh-w8", "inputmode": "numeric"}),
    )


class CorrectionForm(KeyedForm):
    """A day that works, or rests, against the table."""

    day = forms.DateField(label=_("日期"), widget=DayInput())
    works = forms.TypedChoiceField(
        label=_("这一天"), choices=[("1", _("上班")), ("0", _("放假"))], coerce=lambda text: text == "1"
    )
    source = forms.CharField(label=_("依据"), max_length=80, help_text=_("写明文件名和文号。"))
