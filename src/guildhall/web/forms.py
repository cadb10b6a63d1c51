"""The shell's forms."""

from typing import Any

from allauth.account.forms import ChangePasswordForm
from django import forms
from django.utils.translation import gettext_lazy as _

from guildhall.foundation.screens.forms import FileField, KeyedForm, MomentInput, MoneyField


class ClockForm(KeyedForm):
    """To when the demonstration's time of business is set forward."""

    to = forms.DateTimeField(
        label=_("拨到"), widget=MomentInput, help_text=_("只能往后，不能往回。到期的事会马上办：截止、公示期满、提醒。")
    )


class PasswordForm(ChangePasswordForm):  # type: ignore[misc]  # The library carries no types.
    """Another password: the one before, or one that was handed over, is not chosen again."""

    def clean(self) -> dict[str, Any]:
        """Both new ones alike, and different from the old one."""
        values: dict[str, Any] = super().clean()
        if values.get("password1") and values.get("password1") == values.get("oldpassword"):
            self.add_error("password1", _("新密码要和原来的不同。"))
        return values


class SampleForm(KeyedForm):
    """One of each field, for the gallery."""

    name = forms.CharField(label=_("工作室名称"), max_length=60, help_text=_("不超过 60 个字，写全称。"))
    patent = forms.RegexField(
        r"^\d{13}$", label=_("发明专利号"), required=False, help_text=_("13 位，证书右上角 ZL 后面的数字"),
        error_messages={"invalid": _("应为 13 位数字，例 2023101234567。")},
    )  # fmt: skip
    sum = MoneyField(label=_("申请补助（元）"), least=100_000, help_text=_("不超过总预算的一半。"))
    level = forms.ChoiceField(label=_("级别"), choices=[("city", _("市级")), ("district", _("旗县区级"))])
    kind = forms.ChoiceField(
        label=_("方向"), choices=[("skill", _("素质提升")), ("work", _("建功立业"))], widget=forms.RadioSelect
    )
    note = forms.CharField(label=_("推荐意见"), widget=forms.Textarea(attrs={"rows": 3}))
    file = FileField(label=_("证明文件"), suffixes=("pdf", "jpg", "png"), required=False)
    agree = forms.BooleanField(label=_("以上内容经职代会审议"), required=False)
