"""The closed vocabulary: logic, bounds, totality, and that each word says what it asks and read."""

from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from guildhall.foundation.organisations.states import SanctionKind
from guildhall.foundation.programmes.rules.conditions import READERS, examine, told, verdict
from guildhall.foundation.programmes.rules.known import Known
from guildhall.foundation.programmes.schema import WORDS, Clearance, Condition, FactField, Rule
from guildhall.foundation.programmes.schema.conditions import Sanction

SHAPES: TypeAdapter[Any] = TypeAdapter(Condition)
FORM = (
    FactField.model_validate({"key": "staff", "label": {"zh": "职工人数", "en": "Staff"}, "unit": {"zh": "人", "en": "people"}}),
    FactField.model_validate({
        "key": "field", "label": {"zh": "领域", "en": "Field"}, "type": "choice",
        "options": [{"key": "steel", "label": {"zh": "钢铁", "en": "Steel"}}, {"key": "power", "label": {"zh": "电力", "en": "Power"}}],
    }),
)  # fmt: skip
POLICE = Clearance.model_validate({"key": "safety", "label": {"zh": "应急管理局", "en": "Emergency bureau"}})
KNOWN = Known(year=2024, form=FORM, departments=(POLICE,), values={"staff": "80", "field": "steel"},
              unit={"kind": "enterprise", "ownership": "private", "trade": "制造业", "headcount": 80, "state": "active"},
              active=frozenset({"pilots"}), entries={"pilots": [2021, 2023]}, conferred={"artisan": [2022]},
              sanctions={"wages": ["包人社〔2024〕3号"]}, clearances={"safety": "clear"})  # fmt: skip


def word(**said: Any) -> Any:
    return SHAPES.validate_python(said)


junk = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.sampled_from(["12", "1e400", "-0", "NaN", "1,2"]),
    st.lists(st.text(max_size=3), max_size=3), st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)  # fmt: skip
knowns = st.builds(
    Known, year=st.integers(2000, 2100), form=st.sampled_from([FORM, ()]), departments=st.sampled_from([(POLICE,), ()]),
    values=st.dictionaries(st.sampled_from(["staff", "field", "other"]), junk),
    unit=st.dictionaries(st.sampled_from(["kind", "ownership", "trade", "headcount", "state"]), junk),
    active=st.frozensets(st.sampled_from(["pilots", "titles"])),
    entries=st.dictionaries(st.sampled_from(["pilots", "titles"]), st.lists(st.integers(1990, 2100), max_size=4)),
    conferred=st.dictionaries(st.just("artisan"), st.lists(st.integers(1990, 2100), max_size=4)),
    sanctions=st.dictionaries(st.sampled_from(SanctionKind.values), st.lists(st.text(max_size=5), max_size=2)),
    clearances=st.dictionaries(st.just("safety"), st.sampled_from(["asked", "clear", "objects", "set_aside", "?"])),
)  # fmt: skip
numbers = st.integers(-50, 200)
leaves = st.one_of(
    st.builds(lambda n: word(field="staff", at_least=n), numbers),
    st.builds(lambda n: word(field="other", at_most=n), numbers),
    st.builds(lambda keys: word(field="field", one_of=keys), st.lists(st.sampled_from(["steel", "x"]), min_size=1)),
    st.builds(lambda yes: word(field="staff", filled=yes), st.booleans()),
    st.builds(lambda n: word(unit="headcount", at_least=n), numbers),
    st.builds(lambda key: word(unit=key, one_of=["private", "enterprise"]), st.sampled_from(["kind", "ownership", "state"])),
    st.builds(lambda key: word(entry_active=key), st.sampled_from(["pilots", "titles"])),
    st.builds(lambda n, y: word(entries="titles", at_least=n, since=y), st.integers(1, 4), st.integers(1990, 2050)),
    st.builds(lambda n: word(not_conferred="artisan", years=n), st.integers(1, 20)),
    st.builds(lambda kinds: word(no_open_sanction=kinds), st.lists(st.sampled_from(SanctionKind.values), min_size=1, max_size=3)),
    st.just(word(clearance="safety")),
)  # fmt: skip
conditions = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(lambda parts: word(all=parts), st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda parts: word(any=parts), st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda part: word(**{"not": part}), inner),
    ),
    max_leaves=6,
)


@settings(deadline=None)
@given(conditions, knowns)
def test_no_condition_raises_and_each_says_something(condition, known):
    found = examine(condition, known)
    said = told(found)

    assert found.value in (True, False, None)
    assert (found.missing is None) <= (found.value is True or "符合" in said.zh)
    assert said.zh.startswith("要求")
    assert said.en.startswith("Asked: ")
    assert ("还不能判断" in said.zh) == (found.value is None)


@settings(deadline=None)
@given(st.lists(conditions, min_size=1, max_size=3), knowns)
def test_de_morgan(parts, known):
    turned = [word(**{"not": part}) for part in parts]
    neither, each = examine(word(**{"not": word(any=parts)}), known), examine(word(all=turned), known)
    lacking, some = examine(word(**{"not": word(all=parts)}), known), examine(word(any=turned), known)

    assert neither.value == each.value
    assert lacking.value == some.value


@settings(deadline=None)
@given(knowns, numbers, st.integers(0, 50))
def test_bounds_are_monotone(known, bound, more):
    def of(**said):
        return examine(word(field="staff", **said), known).value

    assert not (of(at_least=bound + more) is True and of(at_least=bound) is not True)
    assert not (of(at_most=bound) is True and of(at_most=bound + more) is not True)


@settings(deadline=None)
@given(knowns, st.integers(1, 19))
def test_a_longer_wait_is_never_easier(known, years):
    longer = examine(word(not_conferred="artisan", years=years + 1), known).value
    assert longer is not True or examine(word(not_conferred="artisan", years=years), known).value is True


@settings(deadline=None)
@given(conditions, knowns)
def test_a_rule_never_holds_by_silence(condition, known):
    rule = Rule(clause="第一条", holds=condition)
    opposite = Rule(clause="第一条", holds=word(**{"not": condition}))
    assert not (verdict(rule, known).holds and verdict(opposite, known).holds)


@pytest.mark.parametrize(
    ("said", "value", "names"),
    [
        ({"field": "staff", "at_least": 100}, False, ["“职工人数”不少于 100 人", "“职工人数”是 80 人", "还差 20 人"]),
        ({"field": "staff", "at_most": 60}, False, ["不超过 60 人", "超出 20 人"]),
        ({"field": "field", "one_of": ["steel", "power"]}, True, ["“领域”是“钢铁”、“电力”之一", "“领域”是“钢铁”"]),
        ({"field": "field", "filled": False}, False, ["“领域”应当不填"]),
        ({"unit": "ownership", "one_of": ["municipal"]}, False, ["“隶属”是“市直”", "“隶属”是“非公”"]),
        ({"entry_active": "pilots"}, True, ["“试点单位”", "在册有效"]),
        ({"entries": "pilots", "at_least": 2, "since": 2022}, False, ["2022 年以来", "1 次 (2023)", "还差 1 次"]),
        ({"not_conferred": "artisan", "years": 2}, False, ["2022 到 2024 年", "2022 年获过", "2025 年起"]),
        ({"no_open_sanction": ["wages", "safety"]}, False, ["欠薪、安全生产", "包人社〔2024〕3号", "要先解除"]),
        ({"clearance": "safety"}, True, ["应急管理局无意见", "答复无意见"]),
        ({"not": {"entry_active": "pilots"}}, False, ["不能有这种情形（在“试点单位”名册里有效）", "有这种情形"]),
    ],
)
def test_each_word_says_what_it_asks_and_read(said, value, names):
    found = examine(word(**said), KNOWN)
    sentence = told(found).zh

    assert found.value is value
    assert [name for name in names if name not in sentence] == []
    assert found.read


def test_a_verdict_names_every_fact_it_read():
    parts = [{"field": "staff", "at_least": 50}, {"unit": "headcount", "at_least": 50}, {"entry_active": "pilots"},
             {"clearance": "safety"}, {"no_open_sanction": ["dues"]}, {"not_conferred": "artisan"}]  # fmt: skip
    found = verdict(Rule(clause="第四条", holds=word(all=parts)), KNOWN)

    assert found.holds
    assert found.read == {
        "field:staff": "80", "unit:headcount": 80, "entry_active:pilots": True, "clearance:safety": "clear",
        "sanction:dues": [], "not_conferred:artisan": [],
    }  # fmt: skip
    for label in ("职工人数", "试点单位", "应急管理局", "工会经费", "artisan"):
        assert label in found.said.zh
    for label in ("Staff", "pilots", "Emergency bureau", "artisan"):
        assert label in found.said.en


@pytest.mark.parametrize("state", ["asked", None])
def test_a_clearance_not_answered_is_neither_given_nor_refused(state):
    known = Known(departments=(POLICE,), clearances={"safety": state} if state else {})
    assert examine(word(clearance="safety"), known).value is None
    assert examine(word(**{"not": {"clearance": "safety"}}), known).value is None


def test_the_vocabulary_is_closed_and_every_word_has_its_reader():
    assert set(WORDS.values()) == set(READERS)
    assert set(get_args(Sanction)) == set(SanctionKind.values)
    with pytest.raises(ValidationError):
        word(python="__import__('os')")


@pytest.mark.parametrize(
    "said",
    [{"field": "staff", "at_least": 9, "at_most": 3}, {"field": "x", "filled": False, "at_least": 1}, {"unit": "trade"},
     {"unit": "trade", "at_least": 3}, {"all": []}],
)  # fmt: skip
def test_a_condition_that_cannot_be_meant_is_refused(said):
    with pytest.raises(ValidationError):
        word(**said)
