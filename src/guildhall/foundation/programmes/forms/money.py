"""Forms of money: a budget decision, a fund's end of year, an account, the bank's answer."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from guildhall.foundation import clock
from guildhall.foundation.errors import Refusal
from guildhall.foundation.programmes.moves.payees import AccountFacts
from guildhall.foundation.programmes.rules import RETURN_HEAD, read_account
from guildhall.foundation.programmes.states import BudgetKind
from guildhall.foundation.screens.forms import FileField, KeyedForm, MoneyField

WIDE = {"class": "gh-w24"}


class BudgetForm(KeyedForm):
    """What a document grants a fund for a year."""

    name = forms.CharField(label=_("资金"), max_length=60, widget=forms.TextInput(attrs=WIDE))
    year = forms.IntegerField(
        label=_("年度"), min_value=2000, max_value=2100, widget=forms.NumberInput(attrs={"class": "gh-w8"})
    )
    source = forms.CharField(label=_("资金来源"), max_length=60, widget=forms.TextInput(attrs=WIDE))
    document = forms.CharField(
        label=_("文号"), max_length=60, help_text=_("例 包财行〔2024〕18号"), widget=forms.TextInput(attrs=WIDE)
    )
    sum_fen = MoneyField(label=_("金额（元）"), least=1)
    opening = forms.BooleanField(
        label=_("这是期初余额：系统启用以前结转来的"), required=False, help_text=_("一项资金一个年度只登记一次。")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["year"].initial = clock.today().year


class OpeningsForm(KeyedForm):
    """A workbook of opening balances."""

    file = FileField(label=_("Excel 文件"), suffixes=("xlsx",), megabytes=5)


class CloseYearForm(KeyedForm):
    """What becomes of a fund's remainder."""

    kind = forms.TypedChoiceField(
        label=_("余额"),
        choices=[(kind.value, kind.label) for kind in (BudgetKind.CARRY_OVER, BudgetKind.RETURN)],
        coerce=BudgetKind,
        widget=forms.RadioSelect,
    )
    source = forms.CharField(
        label=_("结转或交回单位"), max_length=60, help_text=_("交回时填资金来源"), widget=forms.TextInput(attrs=WIDE)
    )
    document = forms.CharField(label=_("文号"), max_length=60, widget=forms.TextInput(attrs=WIDE))


class PayeeForm(KeyedForm):
    """A unit's account, as its bank's opening slip says it."""

    name = forms.CharField(
        label=_("账户名称"), max_length=120, help_text=_("要与单位名称一字不差"), widget=forms.TextInput(attrs=WIDE)
    )
    bank = forms.CharField(label=_("开户银行"), max_length=60, widget=forms.TextInput(attrs=WIDE))
    branch = forms.CharField(label=_("开户网点"), max_length=80, widget=forms.TextInput(attrs=WIDE))
    account = forms.CharField(
        label=_("账号"),
        max_length=60,
        help_text=_("8 到 32 位数字，加密保存，页面上只显示后四位"),
        widget=forms.TextInput(attrs={"class": "gh-w24", "inputmode": "numeric", "autocomplete": "off"}),
    )
    reason = forms.CharField(
        label=_("变更理由"), max_length=400, required=False, help_text=_("第一次登记不用填"), widget=forms.TextInput()
    )

    def clean_account(self) -> str:
        """The digits; the refusal's sentence stands at the field."""
        try:
            return read_account(self.cleaned_data["account"])
        except Refusal as refusal:
            raise forms.ValidationError(str(refusal)) from None

    def facts(self) -> AccountFacts:
        """The account as the move takes it."""
        said = self.cleaned_data
        return AccountFacts(name=said["name"], bank=said["bank"], branch=said["branch"], account=said["account"])


class ReturnForm(KeyedForm):
    """The bank's return file."""

    file = FileField(label=_("回单文件"), suffixes=("csv", "txt"), megabytes=2)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        columns = "、".join(RETURN_HEAD)
        self.fields["file"].help_text = _("CSV，不超过 2 MB；第一行是列名：%(columns)s") % {"columns": columns}
