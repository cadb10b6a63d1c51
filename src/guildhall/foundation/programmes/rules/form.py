"""What is filled in, read field by field: kept as texts that say exactly what was meant, or refused beside its field."""

import unicodedata
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext_lazy as _

from guildhall.foundation.errors import Refusal
from guildhall.foundation.programmes.rules.cycle import FactMissing, read_fact
from guildhall.foundation.programmes.schema import Cell, FactField, Setup

Value = Any
"""A text, or for a period two of them, for a person or unit its id and name, for a table a list of rows."""


class ValueOff(Refusal):
    """What was filled in cannot be."""

    code = "programmes.value-off"
    message = _("“%(label)s”%(why)s")
    status = 422


class FormIncomplete(Refusal):
    """A form is submitted with something missing or wrong; each place is named."""

    code = "programmes.form-incomplete"
    message = _("还有 %(n)d 处要填或要改：%(labels)s。")
    status = 422


def _text(value: object) -> str:
    return unicodedata.normalize("NFC", str(value if value is not None else "")).strip()


def _money(label: str, value: object, most: Decimal) -> str:
    written = unicodedata.normalize("NFKC", _text(value)).replace(",", "").replace("元", "").strip()
    try:
        number = Decimal(written)
    except InvalidOperation:
        raise ValueOff(label=label, why=_("要填金额，例 12800.50。")) from None
    if not number.is_finite() or not 0 <= number <= most or number != number.quantize(Decimal("0.01")):
        raise ValueOff(label=label, why=_("要填 0 到 %(most)s 元之间的金额，精确到分。") % {"most": most})
    return f"{number.normalize():f}"


def _day(label: str, value: object) -> str:
    try:
        return date.fromisoformat(_text(value)).isoformat()
    except ValueError:
        raise ValueOff(label=label, why=_("要填日期，例 2024-09-26。")) from None


def _number(label: str, value: object) -> str:
    try:
        number = Decimal(unicodedata.normalize("NFKC", _text(value)).replace(",", ""))
    except InvalidOperation:
        raise ValueOff(label=label, why=_("要填数字。")) from None
    if not number.is_finite() or abs(number) >= Decimal(10) ** 15:
        raise ValueOff(label=label, why=_("要填数字。"))
    return f"{number.normalize():f}"


def _cell(cell: Cell, value: object, row: int) -> str:
    label = _("第 %(row)d 行的%(label)s") % {"row": row, "label": cell.label.zh}
    said = _text(value)
    if not said:
        if cell.required:
            raise ValueOff(label=label, why=_("没有填。"))
        return ""
    match cell.type:
        case "number":
            return _number(str(label), said)
        case "money":
            return _money(str(label), said, Decimal(10) ** 13)
        case "date":
            return _day(str(label), said)
    return said[:400]


def _table(field: FactField, value: object) -> list[dict[str, str]]:
    rows = value if isinstance(value, list) else []
    kept = [row for row in rows if isinstance(row, Mapping) and any(_text(one) for one in row.values())]
    if len(kept) > field.rows:
        raise ValueOff(label=field.label.zh, why=_("最多 %(n)d 行。") % {"n": field.rows})
    return [{cell.key: _cell(cell, row.get(cell.key), n) for cell in field.columns} for n, row in enumerate(kept, 1)]


def _period(field: FactField, value: object) -> list[str]:
    ends = list(value) if isinstance(value, list | tuple) else []
    if len(ends) != 2 or not all(map(_text, ends)):
        raise ValueOff(label=field.label.zh, why=_("要填起止两个日期。"))
    first, last = (_day(field.label.zh, one) for one in ends)
    if last < first:
        raise ValueOff(label=field.label.zh, why=_("的止日早于起日。"))
    return [first, last]


def _named(field: FactField, value: object) -> dict[str, Any]:
    """A person or a unit as the form chose it: id and name; whether it may be chosen is the move's question."""
    if not isinstance(value, Mapping) or not str(value.get("id", "")).isdigit():
        raise ValueOff(label=field.label.zh, why=_("要从名单里选。"))
    return {"id": int(value["id"]), "name": _text(value.get("name"))[:120]}


def empty(value: Value) -> bool:
    """Whether nothing was filled in."""
    if isinstance(value, list | tuple):
        return not any(not empty(one) for one in value)
    if isinstance(value, Mapping):
        return not any(_text(one) for one in value.values())
    return not _text(value)


def read_value(field: FactField, value: object) -> Value:
    """One field as it is kept; an optional one left empty is kept as an empty text.

    Raises `FactMissing`, `FactOutOfRange`, `ValueOff`. Files are kept beside the form, not in it.
    """
    if field.type == "file":
        return ""
    if empty(value):
        if field.required:
            raise FactMissing(label=field.label.zh)
        return ""
    return READERS.get(field.type, _said)(field, value)


def _said(field: FactField, value: object) -> str:
    said = _text(value)
    if len(said) > field.length:
        why = _("最多 %(n)d 个字，现在 %(now)d 个。") % {"n": field.length, "now": len(said)}
        raise ValueOff(label=field.label.zh, why=why)
    return said


def _chosen(field: FactField, value: object) -> str:
    if _text(value) not in {option.key for option in field.options}:
        raise ValueOff(label=field.label.zh, why=_("要从选项里选。"))
    return _text(value)


READERS: dict[str, Callable[[FactField, object], Value]] = {
    "number": read_fact,
    "money": lambda field, value: _money(field.label.zh, value, field.most),
    "date": lambda field, value: _day(field.label.zh, value),
    "period": _period,
    "choice": _chosen,
    "table": _table,
    "person": _named,
    "unit": _named,
}
"""How a field of each type is read; any other is a text."""


def faults_of(setup: Setup, facts: Mapping[str, object], files: set[str]) -> dict[str, Refusal]:
    """What is still missing or wrong in a form, by field; `files` are the file fields that have theirs."""
    found: dict[str, Refusal] = {}
    for field in setup.form:
        if field.type == "file":
            if field.required and field.key not in files:
                found[field.key] = FactMissing(label=field.label.zh)
            continue
        try:
            read_value(field, facts.get(field.key))
        except Refusal as refusal:
            found[field.key] = refusal
    return found


def kept(setup: Setup, facts: Mapping[str, object]) -> dict[str, Value]:
    """A draft as it is saved: what can be read is kept as read, the rest as it was typed. Unknown keys fall away."""
    found: dict[str, Value] = {}
    for field in setup.form:
        if field.type == "file" or field.key not in facts:
            continue
        value = facts[field.key]
        try:
            found[field.key] = read_value(field, value)
        except Refusal:
            found[field.key] = value if isinstance(value, str | list | dict) else _text(value)
    return found
