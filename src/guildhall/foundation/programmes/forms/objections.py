"""Forms of objections: filed by anyone, answered by the officer in charge."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from guildhall.foundation.organisations.forms.scoped import OfferedField
from guildhall.foundation.screens.forms import FileField, KeyedForm


class ObjectionForm(KeyedForm):
    """What is wrong, with whose name; one item of the notice, or its whole list."""

    item = OfferedField(label=_("对哪一家有异议"), required=False, help_text=_("不选就是对整份名单"))
    name = forms.CharField(
        label=_("姓名或单位"), max_length=60, widget=forms.TextInput(attrs={"class": "gh-w24", "autocomplete": "name"})
    )
    contact = forms.CharField(
        label=_("联系方式"), max_length=80, help_text=_("电话或邮箱。我们为反映情况的人保密，不告诉被反映的单位。"),
        widget=forms.TextInput(attrs={"class": "gh-w24", "autocomplete": "tel"}),
    )  # fmt: skip
    text = forms.CharField(
        label=_("事实和依据"), min_length=10, max_length=4000, widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("写清时间、地点、事情经过，和能证明的材料。"),
        error_messages={"min_length": _("请写具体一些，至少 10 个字。")},
    )  # fmt: skip
    attachment = FileField(label=_("材料"), suffixes=("pdf", "jpg", "jpeg", "png", "docx"), required=False)

    def __init__(self, *args: Any, items: list[tuple[str, str]], whole: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen = self.fields["item"]
        assert isinstance(chosen, forms.ChoiceField)
        chosen.choices = [("", _("整份名单")), *items] if whole else items
        if not whole:
            chosen.required, chosen.help_text = True, _("这次公示只对有变动的单位提异议。")


class ReceiptForm(forms.Form):
    """A receipt to look up."""

    receipt = forms.CharField(
        label=_("回执编号"), max_length=20, help_text=_("例 20241210-7F3A2B1C"),
        widget=forms.TextInput(attrs={"class": "gh-w16", "autocomplete": "off"}),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""


class AnswerForm(KeyedForm):
    """An answer in full; an objection that holds names its clause."""

    answer = forms.CharField(
        label=_("答复"), min_length=10, max_length=4000, widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("提出人会看到这段话。写明查了什么、结论是什么。"),
        error_messages={"min_length": _("请写具体一些，至少 10 个字。")},
    )  # fmt: skip


class UpholdForm(AnswerForm):
    """The objection holds: the second list repeats the answer in public."""

    clause = forms.CharField(
        label=_("依据的条款"),
        max_length=80,
        help_text=_("例 第十二条"),
        widget=forms.TextInput(attrs={"class": "gh-w16"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        said = _("提出人会看到这段话，第二次名单也会公布，不要写提出人是谁。写明查了什么、结论是什么。")
        self.fields["answer"].help_text = said
