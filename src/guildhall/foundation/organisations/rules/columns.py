"""The columns of the units' workbook, and how one cell becomes a value or an explained error."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from stdnum.cn import uscc

from guildhall.foundation.organisations.rules.sheets import LONGEST_CELL
from guildhall.foundation.organisations.rules.units import against_code
from guildhall.foundation.organisations.states import Ownership, UnitKind

LEADING: Final = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula."""


class Wrong(NamedTuple):
    """What is wrong with a cell, and what to do."""

    cause: str
    remedy: str


@dataclass(frozen=True, kw_only=True)
class Field:
    """A column of the workbook."""

    key: str
    label: str | Promise
    synonyms: tuple[str, ...] = ()
    required: bool = False
    longest: int = 40
    width: int = 14


FIELDS: Final = (
    Field(key="name", label=gettext_lazy("单位名称"), synonyms=("单位", "企业名称", "名称", "单位全称"), required=True,
          longest=110, width=34),
    Field(key="code", label=gettext_lazy("统一社会信用代码"), required=True, width=22,
          synonyms=("信用代码", "社会信用代码", "统一信用代码", "代码")),
    Field(key="kind", label=gettext_lazy("类别"), synonyms=("单位类别", "单位类型", "类型"), required=True),
    Field(key="ownership", label=gettext_lazy("隶属"), synonyms=("隶属关系", "所有制")),
    Field(key="level", label=gettext_lazy("级别"), synonyms=("单位级别",)),
    Field(key="trade", label=gettext_lazy("行业"), synonyms=("所属行业", "行业类别"), required=True),
    Field(key="headcount", label=gettext_lazy("职工人数"), synonyms=("职工总数", "职工数", "人数"), required=True),
    Field(key="workers", label=gettext_lazy("产业工人数"), synonyms=("产业工人", "产业工人人数")),
    Field(key="district", label=gettext_lazy("旗县区"), synonyms=("所在旗县区", "所在地", "区县"), required=True),
    Field(key="above", label=gettext_lazy("上级工会"), synonyms=("主管工会", "上级"), required=True, width=24),
    Field(key="group_company", label=gettext_lazy("所属集团"), synonyms=("集团",), longest=120, width=24),
    Field(key="parent_company", label=gettext_lazy("母公司信用代码"), synonyms=("母公司代码", "母公司"), width=22),
)  # fmt: skip
BY_KEY: Final = {field.key: field for field in FIELDS}


def headings(fields: Iterable[Field] = FIELDS) -> dict[str, str]:
    """Each heading that is understood, in any language the page has, and its field."""
    found = {word: field.key for field in fields for word in (*field.synonyms, str(field.label).replace(" ", ""))}
    with translation.override(None):  # The Chinese labels, whatever the reader's language.
        found.update({str(field.label): field.key for field in fields})
    return found


def required(fields: Iterable[Field] = FIELDS) -> dict[str, str | Promise]:
    """The fields a file must have, and their labels."""
    return {field.key: field.label for field in fields if field.required}


def text(value: object) -> str:
    """A cell as a person reads it: a whole number without its point."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else str(value).strip()[: LONGEST_CELL + 1]


def plain(field: Field, value: object, *, figure: bool = False) -> str:
    """What a cell of any workbook says, empty where it may be; raises `ValueError` with a `Wrong`."""
    said = text(value)
    if not said:
        if field.required:
            raise ValueError(Wrong(_("没有填"), _("请填%(what)s") % {"what": field.label}))
        return ""
    if said.startswith(LEADING) and not figure:
        raise ValueError(Wrong(_("以 %(sign)s 开头，像公式") % {"sign": said[0]}, _("请去掉开头的符号")))
    if len(said) > field.longest:
        raise ValueError(Wrong(_("超过 %(n)d 个字") % {"n": field.longest}, _("请写短些")))
    return said


def parse(key: str, value: object, places: Mapping[str, Mapping[str, int]]) -> Any:
    """The value of one cell; raises `ValueError` with a `Wrong`. `places` names districts and unions."""
    said = plain(BY_KEY[key], value, figure=key in ("headcount", "workers"))
    if not said:
        return {"workers": 0, "ownership": Ownership.NONE.value}.get(key, "")
    return _parse_known(key, value, said, places)


def _parse_known(key: str, value: object, said: str, places: Mapping[str, Mapping[str, int]]) -> Any:
    match key:
        case "code" | "parent_company":
            return unit_code(value, said)
        case "kind":
            return _one_of({str(kind.label): kind.value for kind in UnitKind}, said)
        case "ownership":
            return _one_of({str(one.label): one.value for one in Ownership}, said)
        case "headcount" | "workers":
            return _count(value, said)
        case "district" | "above":
            return _one_of(places[key], said, most=6)
    return said


def unit_code(value: object, said: str) -> str:
    """A 统一社会信用代码 as a cell has it; raises `ValueError` with a `Wrong`."""
    if not isinstance(value, str):
        raise ValueError(  # noqa: TRY004  A person's value, not ours.
            Wrong(_("被 Excel 存成了数字，后几位没了"), _("请把这一列设成“文本”，照执照重填"))
        )
    if wrong := against_code(said):
        raise ValueError(Wrong(*wrong))
    return str(uscc.compact(said))


def _count(value: object, said: str) -> int:
    try:
        number = float(said.replace(",", "").replace("，", "").removesuffix("人"))
    except ValueError:
        raise ValueError(Wrong(_("不是数字"), _("请只填人数，例 120"))) from None
    if not (0 <= number < 1_000_000) or number != int(number) or isinstance(value, bool):
        raise ValueError(Wrong(_("不是合理的人数"), _("请填 0 到 999,999 之间的整数")))
    return int(number)


def _one_of(words: Mapping[str, Any], said: str, most: int = 12) -> Any:
    if said not in words:
        first: dict[Any, str] = {}
        for word, value in words.items():
            first.setdefault(value, word)  # A place has two names; one is offered.
        known = list(first.values())
        options = "、".join(known[:most]) + ("……" if len(known) > most else "")
        raise ValueError(
            Wrong(_("没有“%(said)s”") % {"said": said[:20]}, _("可填：%(options)s") % {"options": options})
        )
    return words[said]
