"""Who is chosen, who goes on and who judges: the rules as plain functions."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guildhall.foundation.programmes.rules.reviewing import (
    Expert,
    Judged,
    PoolTooSmall,
    QuorumMissing,
    counted,
    draw_experts,
    panel_score,
)
from guildhall.foundation.programmes.rules.selection import Candidate, go_on, placed_anew, select
from guildhall.foundation.programmes.schema import Class, Cut, ReviewStep, Selection

START = datetime(2024, 9, 1, tzinfo=UTC)
NAME = {"zh": "等", "en": "Class"}
scores = st.lists(st.integers(0, 100_000_000), min_size=1, max_size=30)
sums = st.lists(st.integers(1, 10**10), min_size=1, max_size=30)


def people(values, **more):
    return [Candidate(n, value, START + timedelta(minutes=n), **more) for n, value in enumerate(values, 1)]


def asking(values):
    return [Candidate(n, None, START + timedelta(minutes=n), asks_fen=value) for n, value in enumerate(values, 1)]


@given(scores, st.lists(st.integers(1, 9), min_size=1, max_size=3), st.integers(0, 5))
def test_classes_fill_their_seats_in_order(values, seats, reserve):
    classes = [Class(name=NAME, seats=n, sum_fen=100 * n) for n in seats]
    placed = select(Selection(kind="classes", classes=classes, reserve=reserve), people(values))
    chosen = [one for one in placed if one.chosen]
    assert len(chosen) == min(sum(seats), len(values))
    assert [one.place for one in chosen] == sorted(one.place for one in chosen)
    for place, n in enumerate(seats):
        assert sum(one.place == place for one in chosen) <= n
    assert [one.reserve for one in placed if one.reserve] == list(range(1, min(reserve, len(values) - len(chosen)) + 1))
    lowest = min(values[one.pk - 1] for one in chosen)
    assert all(values[one.pk - 1] <= lowest for one in placed if not one.chosen)


@given(scores, st.integers(0, 100))
def test_a_threshold_takes_all_that_reach_it(values, least):
    placed = select(Selection(kind="threshold", score=least, sum_fen=5), people(values))
    assert {one.pk for one in placed if one.chosen} == {
        n for n, value in enumerate(values, 1) if value >= least * 1_000_000
    }


@given(sums, st.integers(1, 10**11))
def test_first_come_never_spends_more_and_passes_nobody_over(values, cap):
    placed = select(Selection(kind="first_come", cap_fen=cap), asking(values))
    chosen = [one.pk for one in placed if one.chosen]
    assert chosen == list(range(1, len(chosen) + 1))
    assert sum(one.sum_fen for one in placed) <= cap
    if len(chosen) < len(values):
        assert sum(values[: len(chosen) + 1]) > cap


@given(sums, st.integers(1, 10**11), st.sampled_from([1, 100, 10_000]))
def test_pro_rata_stays_under_the_cap_to_the_fen(values, cap, step):
    placed = select(Selection(kind="pro_rata", cap_fen=cap, asks="asked", step_fen=step), asking(values))
    given_fen = {one.pk: one.sum_fen for one in placed}
    assert sum(given_fen.values()) <= cap
    if sum(values) <= cap:
        assert list(given_fen.values()) == values
    else:
        for n, value in enumerate(values, 1):
            assert given_fen[n] % step == 0
            assert 0 <= value * cap - given_fen[n] * sum(values) < step * sum(values)


def test_a_tie_goes_by_the_written_rule_then_by_who_came_first():
    rows = [
        Candidate(1, 80, START, ties=(70,)),
        Candidate(2, 80, START + timedelta(hours=2), ties=(75,)),
        Candidate(3, 80, START + timedelta(hours=1), ties=(75,)),
    ]
    one = Selection(kind="classes", classes=[Class(name=NAME, seats=1)], ties=("panel",), reserve=2)
    assert [(row.pk, row.reserve) for row in select(one, rows)] == [(3, None), (2, 1), (1, 2)]


@given(scores, st.integers(1, 10))
def test_a_cut_takes_the_best(values, top):
    on = go_on(Cut(top=top), people(values))
    assert len(on) == min(top, len(values))
    left = [value for n, value in enumerate(values, 1) if n not in on]
    assert not left or max(left) <= min(values[n - 1] for n in on)


def test_who_failed_a_step_never_goes_on():
    assert go_on(Cut(top=5), people([90, 80], passed=False)) == set()
    assert not any(one.chosen for one in select(Selection(kind="each"), people([90], passed=False)))


@pytest.mark.parametrize(
    ("level", "before", "after", "expected"),
    [
        (1, 70, 95, 0),
        (1, 70, 70, 1),
        (0, 90, 85, 0),
        (0, 90, 65, 0),
        (0, 90, 55, None),
        (None, 40, 75, 1),
        (1, 70, 10, None),
    ],
)
def test_a_corrected_score_takes_the_class_of_the_best_it_beats(level, before, after, expected):
    others = [((80,), 0), ((60,), 1), ((20,), None)]
    assert placed_anew(level, before=(before,), after=(after,), others=others) == expected


def test_the_highest_and_the_lowest_are_left_out_from_five_sheets_on():
    step = ReviewStep(
        key="panel", label=NAME, method="panel", criteria=[{"key": "use", "label": NAME, "points": 1}], drop="extremes"
    )
    assert panel_score(step, [0, 60, 70, 80, 100]) == 70
    assert panel_score(step, [0, 60, 80, 100]) == 60


def ballot(**more):
    return ReviewStep(key="vote", label=NAME, method="ballot", **more)


def test_a_quorum_counts_exactly_at_its_edge():
    step = ballot(quorum=Decimal("0.75"))
    assert counted(step, "甲", ["for"] * 3, 4)[0]
    with pytest.raises(QuorumMissing):
        counted(step, "甲", ["for"] * 2, 4)


def test_half_is_no_majority():
    assert not counted(ballot(), "甲", ["for", "against"], 2)[0]
    assert counted(ballot(), "甲", ["for", "for", "against"], 3)[0]
    assert not counted(ballot(majority=Decimal("0.6")), "甲", ["for"] * 3 + ["abstain"] * 2, 5)[0]


@given(st.integers(0, 2**64), st.integers(4, 12), st.integers(1, 20), st.integers(1, 3))
def test_a_drawing_repeats_and_burdens_evenly(seed, pool, rows, each):
    experts = [Expert(n, frozenset()) for n in range(1, pool + 1)]
    judged = [Judged(n, str(n), frozenset({n})) for n in range(100, 100 + rows)]
    drawn = draw_experts(experts, judged, each, seed)
    assert drawn == draw_experts(experts[::-1], judged[::-1], each, seed)
    assert all(len(set(who)) == each for who in drawn.values())
    load = [sum(one.pk in who for who in drawn.values()) for one in experts]
    assert max(load) - min(load) <= 1


@given(st.integers(0, 2**64), st.integers(1, 10))
def test_a_drawing_never_asks_who_works_there_and_prefers_the_field(seed, rows):
    experts = [Expert(n, frozenset({n}), "焊接" if n % 2 else "物流") for n in range(1, 9)]
    judged = [Judged(n, str(n), frozenset({n}), "焊接") for n in range(1, min(rows, 8) + 1)]
    for pk, who in draw_experts(experts, judged, 2, seed).items():
        assert pk not in who
        assert all(one % 2 for one in who)


def test_a_pool_too_small_is_said():
    with pytest.raises(PoolTooSmall):
        draw_experts([Expert(1, frozenset({9}))], [Judged(5, "甲", frozenset({9}))], 1, 7)
