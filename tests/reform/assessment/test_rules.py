"""The assessment's decisions as plain functions."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guildhall.foundation.errors import OutOfStep
from guildhall.reform.assessment.rules import (
    MarkOutOfRange,
    adding_up,
    company_labels,
    derived,
    flat,
    labels,
    next_step_state,
    random_ids,
    read_mark,
    reason_missing,
)
from guildhall.reform.assessment.states import STEP_AFTER, StepMove, StepState
from guildhall.science.marking import POINT


@given(st.lists(st.integers(-100 * POINT, 100 * POINT), min_size=1, max_size=9))
def test_what_is_shown_adds_up_with_what_rounding_leaves(terms):
    shown, total, left = adding_up(terms, sum(terms), 2, POINT)
    assert sum(shown, Decimal()) + left == total
    assert abs(left) <= Decimal("0.005") * (len(terms) + 1)


@pytest.mark.parametrize(("value", "said", "missing"), [
    (59, "", True), (59, "没有方案，也没有人负责", False), (60, "", False), (94, "", False), (95, "九个字也不够啊呀", True),
    (100, "          ", True), (100, "台账齐全，数字对得上，好", False),
])  # fmt: skip
def test_a_reason_is_asked_below_60_and_from_95_on(value, said, missing):
    assert reason_missing(value, said) is missing


def test_a_mark_is_a_whole_number_of_0_to_100():
    assert [read_mark(value, "") for value in ("0", 100, " 77 ")] == [0, 100, 77]
    for wrong in ("", "101", "-1", "7.5", "７７", None, True):
        with pytest.raises(MarkOutOfRange):
            read_mark(wrong, "宣讲")


def test_parents_subsidiaries_and_groups_are_one_class():
    found = company_labels(
        [1, 2, 3, 4, 5], {1: None, 2: 1, 3: 2, 4: None, 5: None}, {1: "", 4: "鹿城集团", 5: "鹿城集团"}
    )
    assert found[0] == found[1] == found[2] >= 0
    assert found[3] == found[4] >= 0
    assert found[0] != found[3]
    assert company_labels([1, 2], {1: None, 2: None}, {}).tolist() == [-1, -1]


def test_labels_leave_the_empty_out():
    assert labels(["a", "", "b", "a", None]).tolist() == [0, -1, 1, 0, -1]


def test_one_unit_alone_is_not_flat():
    assert not flat([80])
    assert flat([80, 80])
    assert not flat([80, 81])


def test_each_use_of_a_seed_has_its_own():
    assert derived("s", "lots") == derived("s", "lots") != derived("s", "groups")
    assert len(set(random_ids(500))) == 500


def test_the_table_of_moves_is_the_only_road():
    for state in StepState:
        for move in StepMove:
            if (state, move) in STEP_AFTER:
                assert next_step_state(state, move) == STEP_AFTER[state, move]
            else:
                with pytest.raises(OutOfStep):
                    next_step_state(state, move)
