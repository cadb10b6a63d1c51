"""The meeting's rules: what the sessions hold, the order by lot, and a code that is over after its minute."""

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guildhall.foundation.clock.rules import SHANGHAI
from guildhall.reform.assessment.rules import (
    CodeOver,
    NoSessions,
    SessionOutside,
    SessionsCross,
    SessionTooShort,
    Span,
    against_code,
    against_pass,
    against_spans,
    code_at,
    dealt,
    hours,
    lay_out,
    pass_at,
    seconds_left,
    speaking_order,
)

NINE = datetime(2024, 9, 3, 9, tzinfo=SHANGHAI)
OPENS, CLOSES = NINE - timedelta(days=1), NINE + timedelta(days=9)
HALVES = [(time(9), time(12)), (time(14), time(17))]


def span(after: float, long: float = 1.0) -> Span:
    return Span(NINE + timedelta(hours=after), NINE + timedelta(hours=after + long))


def test_225_units_of_eight_minutes_are_thirty_hours():
    assert hours(225, 8) == "30"
    assert hours(12, 8) == "1.6"
    assert hours(1, 1) == "0.1"


@pytest.mark.parametrize(
    ("spans", "refusal"),
    [
        ([], NoSessions),
        ([span(0), span(0.5)], SessionsCross),
        ([span(0, 0.1)], SessionTooShort),
        ([span(0, -1)], SessionTooShort),
        ([span(-48)], SessionOutside),
        ([span(24 * 9)], SessionOutside),
    ],
)
def test_sessions_hold_a_unit_lie_in_the_scoring_and_do_not_cross(spans, refusal):
    with pytest.raises(refusal):
        against_spans(spans, minutes=8, opens=OPENS, closes=CLOSES)


def test_sessions_that_touch_are_sound_and_a_changed_one_keeps_room_for_its_units():
    against_spans([span(0), span(1)], minutes=8, opens=OPENS, closes=CLOSES)
    with pytest.raises(SessionTooShort):
        against_spans([span(0)], minutes=8, opens=OPENS, closes=CLOSES, least=[8])


@given(st.lists(st.integers(1, 40), min_size=1, max_size=20), st.data())
def test_units_are_dealt_whole_within_each_sessions_room(rooms, data):
    units = data.draw(st.integers(0, sum(rooms)))
    found = dealt(units, rooms)
    assert sum(found) == units
    assert all(0 <= n <= room for n, room in zip(found, rooms, strict=True))


def test_the_order_is_the_seeds_alone_and_does_not_read_how_the_units_were_listed():
    codes = [f"91150200MA{n:07d}X" for n in range(225)]
    drawn = speaking_order("ab" * 16, codes)
    assert sorted(drawn) == codes
    assert drawn == speaking_order("ab" * 16, reversed(codes))
    assert drawn != speaking_order("cd" * 16, codes) != codes
    assert drawn[:2] == ["91150200MA0000142X", "91150200MA0000134X"]  # The same for whoever draws it again.


def test_half_days_are_laid_out_until_all_fit_or_the_time_is_over():
    days = [date(2024, 9, 3) + timedelta(days=n) for n in range(8)]
    spans = lay_out(days, HALVES, units=225, minutes=8, closes=CLOSES + timedelta(hours=9))
    assert sum(one.room(8) for one in spans) >= 225 > sum(one.room(8) for one in spans[:-1])
    short = lay_out(days[:2], HALVES, units=225, minutes=8, closes=CLOSES)
    assert (len(short), sum(one.room(8) for one in short)) == (4, 88)


def test_a_code_stands_for_its_session_and_about_a_minute():
    code = code_at(7, NINE)
    against_code(code, 7, NINE + timedelta(seconds=100))
    for session, at in ((8, NINE), (7, NINE + timedelta(seconds=121)), (7, NINE - timedelta(seconds=61))):
        with pytest.raises(CodeOver):
            against_code(code, session, at)
    for forged in ("", "7:1", code[:-1] + ("A" if code[-1] != "A" else "B"), pass_at(7, 1, NINE)):
        with pytest.raises(CodeOver):
            against_code(forged, 7, NINE)


def test_a_scan_is_confirmed_by_whoever_scanned_within_minutes():
    given = pass_at(7, 1, NINE)
    against_pass(given, 7, 1, NINE + timedelta(seconds=300))
    for session, user, at in ((8, 1, NINE), (7, 2, NINE), (7, 1, NINE + timedelta(seconds=301))):
        with pytest.raises(CodeOver):
            against_pass(given, session, user, at)


def test_the_clock_counts_what_was_used_and_what_runs():
    assert seconds_left(8, 0, None, NINE) == 480
    assert seconds_left(8, 100, NINE, NINE + timedelta(seconds=20)) == 360
    assert seconds_left(8, 470, NINE, NINE + timedelta(seconds=20)) == -10
