"""Rules over the whole list: exact shares, and what would have to change."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guildhall.foundation.programmes.rules.composition import composition, percent
from guildhall.foundation.programmes.rules.known import Known
from guildhall.foundation.programmes.schema import Composition, Setup

PRIVATE = {"unit": "ownership", "one_of": ["private"]}


def setup_of(**bounds):
    rule = Composition.model_validate({"clause": "第十五条", "of": PRIVATE, **bounds})
    return Setup.model_construct(composition=(rule,))


def chosen(private, others, unknown=0):
    owners = ["private"] * private + ["municipal"] * others + [None] * unknown
    return [Known(unit={"ownership": one} if one else {}) for one in owners]


def held(rows, **bounds):
    return composition(setup_of(**bounds), rows)[0]


@pytest.mark.parametrize(
    ("rows", "bounds", "short", "over", "ends"),
    [
        (chosen(6, 6), {"at_least": 60}, 2, 0, "12 家里有 6 家（50%），还差 2 家。"),
        (chosen(8, 4), {"at_least": 60}, 0, 0, "，符合。"),
        (chosen(6, 4), {"at_most": 50}, 0, 1, "10 家里有 6 家（60%），要少 1 家。"),
        (chosen(1, 2), {"at_least": "33.33"}, 0, 0, "，符合。"),
        (chosen(1, 2), {"at_least": "33.34"}, 1, 0, "还差 1 家。"),
        (chosen(2, 2, 1), {"at_least": 50}, 1, 0, "1 家情况不明，还差 1 家。"),
        (chosen(2, 2, 1), {"at_most": 50}, 0, 1, "1 家情况不明，要少 1 家。"),
        (chosen(0, 0), {"at_least": 50}, 0, 0, "，符合。"),
    ],
)
def test_what_would_have_to_change_is_named(rows, bounds, short, over, ends):
    said = held(rows, **bounds)
    assert (said.short, said.over, said.holds) == (short, over, not short and not over)
    assert said.said.zh.endswith(ends)
    assert said.said.zh.startswith("“隶属”是“非公”的要")


def test_both_languages_say_the_same_figures():
    said = held(chosen(6, 6), at_least=60).said
    assert said.en == "Those with “ownership” is “Private” must be at least 60%: 6 of 12 (50%); 2 more needed."


@settings(deadline=None)
@given(st.integers(0, 40), st.integers(0, 40), st.integers(1, 100))
def test_with_as_many_exchanged_as_are_missing_it_holds_and_with_one_less_it_does_not(private, others, share):
    said = held(chosen(private, others), at_least=share)
    if said.short:
        assert held(chosen(private + said.short, others - said.short), at_least=share).holds
        assert not held(chosen(private + said.short - 1, others - said.short + 1), at_least=share).holds


@settings(deadline=None)
@given(st.integers(0, 40), st.integers(0, 40), st.integers(0, 99))
def test_with_as_many_fewer_as_are_over_it_holds_and_with_one_less_it_does_not(private, others, share):
    said = held(chosen(private, others), at_most=share)
    if said.over:
        assert held(chosen(private - said.over, others + said.over), at_most=share).holds
        assert not held(chosen(private - said.over + 1, others + said.over - 1), at_most=share).holds


@settings(deadline=None)
@given(st.integers(0, 300), st.integers(1, 300))
def test_a_share_is_never_shown_higher_than_it_is(part, whole):
    assert Fraction(percent(part, whole).rstrip("%")) <= Fraction(part * 100, whole)
