"""Forms about people and their offices."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from guildhall.foundation.organisations.forms.scoped import ScopedChoiceField, UnitByCodeField
from guildhall.foundation.organisations.models import Appointment, Union, User
from guildhall.foundation.organisations.rules.offices import SCORERS
from guildhall.foundation.organisations.states import Role
from guildhall.foundation.screens.forms import DayInput, KeyedForm

PHONE = {"class": "gh-w16", "inputmode": "tel", "autocomplete": "off"}


class PersonForm(KeyedForm):
    """What is known of a person."""

    name = forms.CharField(label=_("姓名"), max_length=40)
    phone = forms.CharField(label=_("办公电话或手机"), max_length=40, widget=forms.TextInput(PHONE))
    email = forms.EmailField(label=_("电子邮箱"), required=False)
    field = forms.CharField(label=_("专业领域"), max_length=40, required=False, help_text=_("评审专家填写。"))


class AccountForm(PersonForm):
    """A person and an account to sign in with."""

    employer = UnitByCodeField(label=_("所在单位信用代码"), required=False, help_text=_("不在登记单位工作的空着。"))
    username = forms.RegexField(
        r"^[a-z0-9][a-z0-9._-]{2,39}$", label=_("用户名"), required=False,
        help_text=_("小写字母和数字，3 到 40 位；空着由系统编号。"),
        error_messages={"invalid": _("用户名用 3 到 40 位小写字母、数字、点或横线。")},
    )  # fmt: skip

    def __init__(self, *args: Any, asker: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["employer"].asker = asker  # type: ignore[attr-defined]


class AppointmentForm(KeyedForm):
    """An office at a union, for a time."""

    role = forms.ChoiceField(
        label=_("职务"), choices=[(role.value, role.label) for role in Role if role not in SCORERS],
        help_text=_("互评人和替补由单位工会主席自己指定。"),
    )  # fmt: skip
    union = ScopedChoiceField(Union.objects.none(), label=_("工会"))
    title = forms.CharField(label=_("职务名称"), max_length=40, required=False, help_text=_("例：经济技术部部长。"))
    starts = forms.DateField(label=_("起"), widget=DayInput())
    ends = forms.DateField(label=_("止"), widget=DayInput(), required=False, help_text=_("没有定就空着。"))
    stands_in_for = ScopedChoiceField(
        Appointment.objects.none(), label=_("代理谁"), required=False, help_text=_("代理别人的职务时选，并写止日。")
    )

    def __init__(self, *args: Any, asker: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["union"].queryset = Union.objects.visible_to(asker).order_by("lineage")  # type: ignore[attr-defined]
        active = Appointment.objects.visible_to(asker).active().exclude(role__in=SCORERS)
        field = self.fields["stands_in_for"]
        field.queryset = active.filter(stands_in_for=None).select_related("union", "user__person")  # type: ignore[attr-defined]
        field.label_from_instance = lambda office: f"{office.user} {office}"  # type: ignore[attr-defined]


class EndForm(KeyedForm):
    """The last day of an office."""

    on = forms.DateField(label=_("最后一天"), widget=DayInput())


class PasswordForm(KeyedForm):
    """Nothing but the act itself."""


class ScorerForm(KeyedForm):
    """Who scores for a unit."""

    role = forms.ChoiceField(choices=[(role.value, role.label) for role in sorted(SCORERS)], widget=forms.HiddenInput)
    name = forms.CharField(label=_("姓名"), max_length=40)
    phone = forms.RegexField(
        r"^1\d{10}$", label=_("手机"), widget=forms.TextInput(PHONE), help_text=_("开始、催办都发短信到这个号码。"),
        error_messages={"invalid": _("手机号是 11 位数字，以 1 开头。")},
    )  # fmt: skip
    email = forms.EmailField(label=_("电子邮箱"), required=False)
