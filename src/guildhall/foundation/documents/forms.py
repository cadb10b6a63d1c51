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


class SeriesForm(KeyedForm):
    """How a series writes its numbers, and up to which they were given elsewhere."""

    pattern = forms.CharField(
        label=_("样式"), max_length=60, help_text=_("{year} 是年份，{number} 是序号，{number:3} 至少写三位。")
    )
    last = forms.IntegerField(
        label=_("已用到第几号"),
        min_value=0,
        max_value=99_999,
        help_text=_("在系统外发过的号填在这里，下一份从它后面接着编。"),
    )
