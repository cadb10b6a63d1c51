"""The auditor's forms."""

from django import forms
from django.utils.translation import gettext_lazy as _

from guildhall.foundation.screens.forms import KeyedForm


class SealForm(forms.Form):
    """A seal printed earlier, as it stands on a notice or in `guildhall records verify`."""

    seal = forms.CharField(
        label=_("印出的封签"),
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        help_text=_("公示末尾或封签页上的一行：封签号、日期和 64 位摘要。"),
    )


class LookForm(KeyedForm):
    """Why an auditor opens a sealed content."""

    reason = forms.CharField(label=_("为什么要看"), max_length=400, widget=forms.Textarea(attrs={"rows": 2}))
