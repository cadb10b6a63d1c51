"""The form that brings a file of earlier results."""

from django import forms
from django.utils.translation import gettext_lazy as _

from guildhall.foundation.organisations.forms import FileForm


class EarlierForm(FileForm):
    """A workbook, and the document that it copies."""

    field_order = ("document", "file")
    document = forms.CharField(
        label=_("依据文件"),
        min_length=2,
        max_length=80,
        help_text=_("公布这些结果的文件名和文号，例 包工发〔2023〕41号。"),
    )
