"""Forms of the documents: why one is revoked, which Word file replaces a template."""

from django import forms
from django.utils.translation import gettext_lazy as _

from guildhall.foundation.screens.forms import FileField, KeyedForm


class RevokeForm(KeyedForm):
    """Why a document is taken back."""

    reason = forms.CharField(
        label=_("作废原因"),
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("核验这份文书的人会看到这句话。"),
    )


class TemplateForm(KeyedForm):
    """A Word template of the office's own."""

    file = FileField(label=_("Word 模板"), suffixes=("docx",), megabytes=5)
