"""Forms about units and unions."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from guildhall.foundation.organisations.forms.scoped import CodeField, ScopedChoiceField, UnitByCodeField
from guildhall.foundation.organisations.models import Union, Unit, User
from guildhall.foundation.organisations.rules.offices import PARENTS
from guildhall.foundation.organisations.states import Ownership, SanctionKind, UnionKind, UnitKind
from guildhall.foundation.screens.forms import DayInput, FileField, KeyedForm

NUMBER = {"class": "gh-w8", "inputmode": "numeric"}


class UnitForm(KeyedForm):
    """A new unit, or the facts of one that stands; then name, code and union above are changed elsewhere."""

    name = forms.CharField(label=_("单位名称"), max_length=110, help_text=_("照营业执照或法人证书写全称。"))
    code = CodeField(label=_("统一社会信用代码"), help_text=_("18 位。"))
    above = ScopedChoiceField(Union.objects.none(), label=_("上级工会"), help_text=_("管它的旗县区或产业工会。"))
    kind = forms.ChoiceField(label=_("类别"), choices=UnitKind.choices)
    ownership = forms.ChoiceField(label=_("隶属"), choices=Ownership.choices, initial=Ownership.NONE)
    level = forms.CharField(label=_("级别"), max_length=40, required=False)
    trade = forms.CharField(label=_("行业"), max_length=40)
    headcount = forms.IntegerField(label=_("职工人数"), min_value=0, max_value=999_999, widget=forms.TextInput(NUMBER))
    workers = forms.IntegerField(label=_("产业工人数"), min_value=0, max_value=999_999, widget=forms.TextInput(NUMBER))
    district = ScopedChoiceField(Union.objects.none(), label=_("旗县区"), help_text=_("单位所在地。"))
    group_company = forms.CharField(label=_("所属集团"), max_length=120, required=False)
    parent_company = UnitByCodeField(
        label=_("母公司信用代码"), required=False, help_text=_("母公司也是登记单位时填；同一集团的单位互不打分。")
    )

    def __init__(self, *args: Any, asker: User, unit: Unit | None = None, **kwargs: Any) -> None:
        super().__init__(*args, initial=_facts(unit) if unit else None, **kwargs)
        unions = Union.objects.visible_to(asker).exclude(kind=UnionKind.GRASSROOTS)
        self.fields["above"].queryset = unions  # type: ignore[attr-defined]
        self.fields["district"].queryset = unions.filter(kind=UnionKind.DISTRICT)  # type: ignore[attr-defined]
        self.fields["parent_company"].asker = asker  # type: ignore[attr-defined]
        if unit:
            for name in ("name", "code", "above"):
                del self.fields[name]


def _facts(unit: Unit) -> dict[str, Any]:
    names = ("kind", "ownership", "level", "trade", "headcount", "workers", "district", "group_company")
    parent = unit.parent_company.code if unit.parent_company else ""
    return {**{name: getattr(unit, name) for name in names}, "parent_company": parent}


class ReasonForm(KeyedForm):
    """An act that says why."""

    reason = forms.CharField(
        label=_("依据"), max_length=80, help_text=_("写明文件名和文号，例：市场监管局变更登记通知 2024-118。")
    )

    def __init__(self, *args: Any, asker: User, unit: Unit | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.prepare(asker, unit)

    def prepare(self, asker: User, unit: Unit | None) -> None:
        """Fit the fields to the asker and the unit."""


class RenameForm(ReasonForm):
    """A new name, a new code, or both."""

    field_order = ("name", "code", "reason")
    name = forms.CharField(label=_("新名称"), max_length=110)
    code = CodeField(label=_("统一社会信用代码"), help_text=_("没有变就照旧。"))

    def prepare(self, asker: User, unit: Unit | None) -> None:
        """Start from what stands."""
        if unit:
            self.fields["name"].initial, self.fields["code"].initial = unit.name, unit.code


class MergeForm(ReasonForm):
    """Into which unit."""

    field_order = ("into", "reason")
    into = UnitByCodeField(label=_("并入单位的信用代码"))

    def prepare(self, asker: User, unit: Unit | None) -> None:
        """Look the other unit up in the asker's scope."""
        self.fields["into"].asker = asker  # type: ignore[attr-defined]

    def clean_into(self) -> int:
        """The unit's id, as the move takes it."""
        return int(self.cleaned_data["into"].pk)


class CloseForm(ReasonForm):
    """Why a unit closes."""


class SanctionForm(KeyedForm):
    """What stands against a unit, with its document."""

    kind = forms.ChoiceField(label=_("类别"), choices=SanctionKind.choices)
    text = forms.CharField(label=_("事由"), max_length=200)
    document = forms.CharField(label=_("文号"), max_length=80, help_text=_("例：包人社监罚〔2024〕3 号。"))
    since = forms.DateField(label=_("起"), widget=DayInput())
    until = forms.DateField(
        label=_("止"), widget=DayInput(), required=False, help_text=_("没有期限就不填，办结后再解除。")
    )

    def __init__(self, *args: Any, asker: User, unit: Unit | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)


class LiftForm(ReasonForm):
    """What shows that it is settled."""


class MoveForm(KeyedForm):
    """Under which union."""

    to = ScopedChoiceField(Union.objects.none(), label=_("新的上级工会"))

    def __init__(self, *args: Any, asker: User, unit: Unit | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        unions = Union.objects.visible_to(asker).filter(kind__in=PARENTS[UnionKind.GRASSROOTS])
        self.fields["to"].queryset = unions  # type: ignore[attr-defined]


class UnionForm(KeyedForm):
    """A district or industry union."""

    name = forms.CharField(label=_("工会名称"), max_length=120)
    short = forms.CharField(label=_("简称"), max_length=40)
    kind = forms.ChoiceField(
        label=_("层级"), choices=[(kind.value, kind.label) for kind in (UnionKind.DISTRICT, UnionKind.INDUSTRY)]
    )
    contact = forms.CharField(label=_("办公电话"), max_length=40, required=False)


class FileForm(KeyedForm):
    """A workbook of units."""

    file = FileField(
        label=_("Excel 文件"), suffixes=("xlsx", "xlsm", "xls"), megabytes=5, help_text=_("XLSX，不超过 5 MB。")
    )


class WriteForm(KeyedForm):
    """Write what was shown: so many rows."""

    expected = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
