"""The closed vocabulary of rules, evaluated: each word says what it asks, what it read and what is missing.

A word answers yes, no, or "not known" where what it asks for was never filled in or answered; `not` leaves "not known"
as it is, so a rule never holds by silence. Nothing is ever evaluated as code.
"""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import cache
from typing import Any

from django.utils import translation

from guildhall.foundation.organisations.states import Ownership, SanctionKind, UnitKind, UnitState
from guildhall.foundation.programmes.rules.known import (
    SET_ASIDE,
    Finding,
    Known,
    Said,
    Verdict,
    joined,
    number_of,
    plain_number,
)
from guildhall.foundation.programmes.schema import (
    AllOf,
    AnyOf,
    ClearanceGiven,
    Condition,
    EntriesSince,
    EntryActive,
    FieldIs,
    NoOpenSanction,
    NotConferredWithin,
    NotSo,
    Rule,
    UnitIs,
)
from guildhall.foundation.programmes.states import Opinion


def verdict(rule: Rule, known: Known) -> Verdict:
    """Whether a rule holds for what is known, in words and with what it read."""
    found = examine(rule.holds, known)
    return Verdict(rule.clause, found.value is True, found.value is not None, told(found), found.read)


def told(found: Finding) -> Said:
    """A finding as one sentence: what is asked, what was found, what is missing."""
    whole = Said(f"要求：{found.asks.zh}。现在：{found.found.zh}", f"Asked: {found.asks.en}. Found: {found.found.en}")
    if found.value is True:
        return whole + Said("，符合。", ". Met.")
    missing = found.missing or Said("不符合", "not as asked")
    ends = Said("。不符合：", ". Not met: ") if found.value is False else Said("。还不能判断：", ". Not known yet: ")
    return whole + ends + missing + Said("。", ".")


def examine(condition: Condition, known: Known) -> Finding:
    """What a condition comes to. Raises nothing, whatever was filled in."""
    return READERS[type(condition)](condition, known)


# Joining words --------------------------------------------------------------------------------------------------------


def _read_by(findings: Sequence[Finding]) -> dict[str, Any]:
    return {name: value for one in findings for name, value in one.read.items()}


def _bracketed(findings: Sequence[Finding], zh: str, en: str) -> Said:
    return joined([one.asks for one in findings], zh, en)


def _all(condition: AllOf, known: Known) -> Finding:
    found = [examine(one, known) for one in condition.all]
    values = [one.value for one in found]
    value = False if False in values else None if None in values else True
    lacking = [one.missing for one in found if one.value is not True and one.missing]
    asks = (
        found[0].asks
        if len(found) == 1
        else Said("同时满足（", "all of (") + _bracketed(found, "；", "; ") + Said("）", ")")
    )
    return Finding(
        value, asks, joined([one.found for one in found], "，", ", "),
        joined(lacking, "，", ", ") if lacking else None, _read_by(found),
    )  # fmt: skip


def _any(condition: AnyOf, known: Known) -> Finding:
    found = [examine(one, known) for one in condition.any]
    values = [one.value for one in found]
    value = True if True in values else None if None in values else False
    lacking = [one.missing for one in found if one.missing]
    asks = (
        found[0].asks
        if len(found) == 1
        else Said("满足其中一项（", "one of (") + _bracketed(found, "；", "; ") + Said("）", ")")
    )
    missing = joined(lacking, "，或者", ", or ") if value is not True and lacking else None
    return Finding(value, asks, joined([one.found for one in found], "，", ", "), missing, _read_by(found))


def _not(condition: NotSo, known: Known) -> Finding:
    inner = examine(condition.not_, known)
    value = None if inner.value is None else not inner.value
    asks = Said(f"不能有这种情形（{inner.asks.zh}）", f"not ({inner.asks.en})")
    there = Said("有这种情形", "it is so")
    return Finding(value, asks, inner.found, inner.missing if value is None else None if value else there, inner.read)


# The form and the unit ------------------------------------------------------------------------------------------------


def _empty(value: object) -> bool:
    return (
        value is None
        or (isinstance(value, str) and not value.strip())
        or (isinstance(value, list | dict) and not value)
    )


def _bounds(at_least: Decimal | None, at_most: Decimal | None, unit: Said) -> list[Said]:
    asked = []
    if at_least is not None:
        text = plain_number(at_least)
        asked.append(Said(f"不少于 {text}{_spaced(unit.zh)}", f"at least {text}{_spaced(unit.en)}"))
    if at_most is not None:
        text = plain_number(at_most)
        asked.append(Said(f"不超过 {text}{_spaced(unit.zh)}", f"at most {text}{_spaced(unit.en)}"))
    return asked


def _spaced(text: str) -> str:
    return f" {text}" if text else ""


def _gap(number: Decimal, at_least: Decimal | None, at_most: Decimal | None, unit: Said) -> Said | None:
    if at_least is not None and number < at_least:
        gap = plain_number(at_least - number)
        return Said(f"还差 {gap}{_spaced(unit.zh)}", f"{gap}{_spaced(unit.en)} short")
    if at_most is not None and number > at_most:
        gap = plain_number(number - at_most)
        return Said(f"超出 {gap}{_spaced(unit.zh)}", f"{gap}{_spaced(unit.en)} over")
    return None


def _choices(names: Sequence[Said]) -> list[Said]:
    if not names:
        return []
    listed = joined([Said(f"“{one.zh}”", f"“{one.en}”") for one in names], "、", ", ")
    among = Said("", "") if len(names) == 1 else Said("之一", "")
    return [Said("是", "is one of " if len(names) > 1 else "is ") + listed + among]


def _field(condition: FieldIs, known: Known) -> Finding:
    shape = next((one for one in known.form if one.key == condition.field), None)
    label = Said(shape.label.zh, shape.label.en) if shape else Said(condition.field, condition.field)
    unit = Said(shape.unit.zh, shape.unit.en) if shape and shape.unit else Said("", "")
    if shape and shape.type == "money":
        unit = Said("元", "yuan")
    names = {one.key: Said(one.label.zh, one.label.en) for one in shape.options} if shape else {}
    value = known.values.get(condition.field)
    read = {f"field:{condition.field}": value}
    asked = _bounds(condition.at_least, condition.at_most, unit)
    asked += _choices([names.get(key, Said(key, key)) for key in condition.one_of])
    if condition.filled is False:
        asked = [Said("不填", "left empty")]
    elif not asked:
        asked = [Said("要填写", "filled in")]
    asks = Said(f"“{label.zh}”", f"“{label.en}” ") + joined(asked, "，", " and ")
    if _empty(value):
        found = Said(f"“{label.zh}”没有填", f"“{label.en}” is empty")
        holds = True if condition.filled is False else False if condition.filled else None
        fill = Said(f"请填写“{label.zh}”", f"fill in “{label.en}”")
        return Finding(holds, asks, found, None if holds else fill, read)
    if condition.filled is False:
        found = Said(f"“{label.zh}”填了", f"“{label.en}” is filled in")
        return Finding(False, asks, found, Said(f"“{label.zh}”应当不填", f"leave “{label.en}” empty"), read)
    return _valued(condition, value, asks, label, unit, names, read)


def _valued(
    condition: FieldIs | UnitIs, value: Any, asks: Said, label: Said, unit: Said, names: Mapping[str, Said], read: dict[str, Any]
) -> Finding:  # fmt: skip
    """A value that is there, held against bounds and choices."""
    shown = names.get(value) if isinstance(value, str) else None
    written = shown or Said(*(_brief(value),) * 2)
    if condition.one_of and not (isinstance(value, str) and value in condition.one_of):
        found = Said(f"“{label.zh}”是“{written.zh}”", f"“{label.en}” is “{written.en}”")
        return Finding(False, asks, found, Said(f"“{label.zh}”不在其中", f"“{label.en}” is none of these"), read)
    if condition.at_least is None and condition.at_most is None:
        return Finding(True, asks, Said(f"“{label.zh}”是“{written.zh}”", f"“{label.en}” is “{written.en}”"), None, read)
    number = number_of(value)
    if number is None:
        found = Said(f"“{label.zh}”是“{written.zh}”", f"“{label.en}” is “{written.en}”")
        return Finding(None, asks, found, Said(f"“{label.zh}”要填数", f"“{label.en}” must be a number"), read)
    found = Said(
        f"“{label.zh}”是 {plain_number(number)}{_spaced(unit.zh)}",
        f"“{label.en}” is {plain_number(number)}{_spaced(unit.en)}",
    )
    gap = _gap(number, condition.at_least, condition.at_most, unit)
    return Finding(gap is None, asks, found, gap and Said(label.zh, f"{label.en}: ") + gap, read)


def _brief(value: object) -> str:
    if isinstance(value, list | dict):
        return f"{len(value)}"
    text = str(value)
    return text if len(text) <= 40 else f"{text[:40]}…"


UNIT_LABELS: dict[str, Said] = {
    "kind": Said("单位类别", "kind of unit"), "ownership": Said("隶属", "ownership"), "trade": Said("行业", "trade"),
    "headcount": Said("职工人数", "headcount"), "state": Said("单位状态", "state of the unit"),
}  # fmt: skip
UNIT_CHOICES: dict[str, Any] = {"kind": UnitKind, "ownership": Ownership, "state": UnitState}


@cache
def named(choices: Any) -> dict[str, Said]:
    """The names of an enum's values in both languages."""
    with translation.override("zh-hans"):
        chinese = [str(label) for _value, label in choices.choices]
    with translation.override("en"):
        english = [str(label) for _value, label in choices.choices]
    return {str(value): Said(zh, en) for value, zh, en in zip(choices.values, chinese, english, strict=True)}


def _unit(condition: UnitIs, known: Known) -> Finding:
    label = UNIT_LABELS[condition.unit]
    names = named(UNIT_CHOICES[condition.unit]) if condition.unit in UNIT_CHOICES else {}
    unit = Said("人", "people") if condition.unit == "headcount" else Said("", "")
    asked = _bounds(condition.at_least, condition.at_most, unit)
    asked += _choices([names.get(key, Said(key, key)) for key in condition.one_of])
    asks = Said(f"“{label.zh}”", f"“{label.en}” ") + joined(asked, "，", " and ")
    value = known.unit.get(condition.unit)
    read = {f"unit:{condition.unit}": value}
    if _empty(value):
        found = Said(f"名册里没有“{label.zh}”", f"the register has no “{label.en}”")
        fill = Said(f"请在单位名册补上“{label.zh}”", f"enter “{label.en}” in the register")
        return Finding(None, asks, found, fill, read)
    return _valued(condition, value, asks, label, unit, names, read)


# Registers ------------------------------------------------------------------------------------------------------------

REGISTER_NAMES: dict[str, Said] = {"pilots": Said("试点单位", "pilots"), "units": Said("单位", "units")}
"""What a register is called; a domain adds its own. One without a name is called by its key."""


def register_name(key: str) -> Said:
    """A register's name, or its key where nobody named it."""
    return REGISTER_NAMES.get(key, Said(key, key))


def _entry_active(condition: EntryActive, known: Known) -> Finding:
    name, held = register_name(condition.entry_active), condition.entry_active in known.active
    asks = Said(f"在“{name.zh}”名册里有效", f"in force in the register of {name.en}")
    found = Said("在册有效", "in force") if held else Said("不在册或已失效", "not in it, or no longer in force")
    missing = None if held else Said(f"先列入“{name.zh}”名册", f"an entry in the register of {name.en}")
    return Finding(held, asks, found, missing, {f"entry_active:{condition.entry_active}": held})


def _years(years: Sequence[int]) -> str:
    return ", ".join(str(year) for year in sorted(years))


def _entries(condition: EntriesSince, known: Known) -> Finding:
    name = register_name(condition.entries)
    years = sorted(year for year in known.entries.get(condition.entries, ()) if year >= condition.since)
    gap = condition.at_least - len(years)
    asks = Said(
        f"{condition.since} 年以来列入“{name.zh}”名册不少于 {condition.at_least} 次",
        f"at least {condition.at_least} entries in the register of {name.en} since {condition.since}",
    )
    found = Said(f"{len(years)} 次", f"{len(years)}") + (f" ({_years(years)})" if years else "")
    missing = Said(f"还差 {gap} 次", f"{gap} short") if gap > 0 else None
    return Finding(gap <= 0, asks, found, missing, {f"entries:{condition.entries}": years})


def _not_conferred(condition: NotConferredWithin, known: Known) -> Finding:
    code, first = condition.not_conferred, known.year - condition.years
    years = sorted(year for year in known.conferred.get(code, ()) if first <= year <= known.year)
    asks = Said(f"{first} 到 {known.year} 年没有获过“{code}”", f"not named by “{code}” from {first} to {known.year}")
    found = Said(f"{_years(years)} 年获过", f"named in {_years(years)}") if years else Said("没有获过", "not named")
    missing = None
    if years:
        again = years[-1] + condition.years + 1
        missing = Said(f"{again} 年起才能再申报", f"may apply again from {again}")
    return Finding(not years, asks, found, missing, {f"not_conferred:{code}": years})


def _sanctions(condition: NoOpenSanction, known: Known) -> Finding:
    names = named(SanctionKind)
    kinds = [names.get(kind, Said(kind, kind)) for kind in condition.no_open_sanction]
    asks = Said("没有未解除的", "no open sanction: ") + joined(kinds, "、", ", ") + Said("处罚或欠缴", "")
    held = {kind: list(known.sanctions.get(kind, ())) for kind in condition.no_open_sanction}
    against = [kind for kind, texts in held.items() if texts]
    if not against:
        return Finding(True, asks, Said("没有", "none"), None, {f"sanction:{kind}": [] for kind in held})
    texts = [
        Said(f"{names.get(kind, Said(kind, kind)).zh}（{'；'.join(held[kind])}）",
             f"{names.get(kind, Said(kind, kind)).en} ({'; '.join(held[kind])})")
        for kind in against
    ]  # fmt: skip
    listed = joined(texts, "、", ", ")
    missing = Said("要先解除", "it must be lifted first")
    return Finding(
        False, asks, Said("有", "open: ") + listed, missing, {f"sanction:{kind}": held[kind] for kind in held}
    )


def _clearance(condition: ClearanceGiven, known: Known) -> Finding:
    shape = next((one for one in known.departments if one.key == condition.clearance), None)
    label = Said(shape.label.zh, shape.label.en) if shape else Said(*(condition.clearance,) * 2)
    state = known.clearances.get(condition.clearance)
    answers: dict[str | None, tuple[bool | None, Said, Said | None]] = {
        Opinion.CLEAR: (True, Said("答复无意见", "it has none"), None),
        SET_ASIDE: (
            True,
            Said("有意见，经办人已说明理由不采纳", "it had, and the officer set it aside with the reason"),
            None,
        ),
        Opinion.OBJECTS: (False, Said("答复有意见", "it objects"), Said(f"{label.zh}有意见", f"{label.en} objects")),
        Opinion.ASKED: (
            None,
            Said("还没有答复", "it has not answered"),
            Said(f"等{label.zh}答复", f"{label.en} must answer"),
        ),
        None: (
            None,
            Said("还没有发函", "it was not asked"),
            Said(f"要征求{label.zh}意见", f"{label.en} must be asked"),
        ),
    }
    value, found, missing = answers.get(state, answers[None])
    asks = Said(f"{label.zh}无意见", f"no objection by {label.en}")
    return Finding(value, asks, found, missing, {f"clearance:{condition.clearance}": state})


READERS: dict[type, Callable[[Any, Known], Finding]] = {
    AllOf: _all, AnyOf: _any, NotSo: _not, FieldIs: _field, UnitIs: _unit, EntryActive: _entry_active,
    EntriesSince: _entries, NotConferredWithin: _not_conferred, NoOpenSanction: _sanctions, ClearanceGiven: _clearance,
}  # fmt: skip
"""Each word's reader: the vocabulary is closed, and a word without one does not exist."""
