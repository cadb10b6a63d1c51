"""Counting days by the table, and changing it."""

from datetime import date

import pytest

from guildhall.foundation import clock
from guildhall.foundation.clock import moves
from guildhall.foundation.clock.models import CalendarDay
from guildhall.foundation.clock.moves import YearEntered, YearUnknown
from guildhall.foundation.clock.rules import YearWithoutTable, nth

pytestmark = pytest.mark.django_db
PUBLISHED = date(2024, 9, 26)


def test_national_day_2024():
    """29 September works, 1 to 7 October rest."""
    assert clock.add_working_days(PUBLISHED, 5) == date(2024, 10, 9)


def test_national_day_2024_where_the_day_of_publication_counts():
    assert clock.add_working_days(PUBLISHED, 5, count_first=True) == date(2024, 10, 8)


@pytest.mark.parametrize(("day", "works"), [(29, True), (28, False), (30, True), (26, True)])
def test_a_sunday_that_works(day, works):
    assert clock.is_working(date(2024, 9, day)) is works


def test_calendar_days_are_counted_as_they_come():
    assert clock.days_of_notice(PUBLISHED, 5, working=False) == date(2024, 10, 1)
    assert clock.days_of_notice(PUBLISHED, 5, working=False, count_first=True) == date(2024, 9, 30)
    assert clock.days_of_notice(PUBLISHED, 5, working=True) == date(2024, 10, 9)


def test_a_notice_published_on_a_day_of_rest_begins_with_the_next_working_day():
    assert clock.add_working_days(date(2024, 10, 1), 1, count_first=True) == date(2024, 10, 8)


def test_what_is_left_is_what_was_given():
    assert clock.working_days_between(PUBLISHED, date(2024, 10, 9)) == 5
    assert clock.working_days_between(date(2024, 10, 9), PUBLISHED) == 0


def test_a_long_count_reads_on():
    assert clock.working_days_between(date(2024, 1, 1), clock.add_working_days(date(2024, 1, 1), 400)) == 400


@pytest.mark.parametrize("ask", [
    lambda: clock.is_working(date(2031, 3, 3)),
    lambda: clock.add_working_days(date(2026, 12, 30), 5),
    lambda: clock.working_days_between(date(2026, 12, 30), date(2027, 1, 10)),
])  # fmt: skip
def test_a_year_without_a_table_is_refused(ask):
    with pytest.raises(YearWithoutTable) as refused:
        ask()
    assert refused.value.facts["year"] in (2027, 2031)


def test_a_count_that_ends_before_the_gap_is_answered():
    assert clock.add_working_days(date(2026, 12, 30), 1) == date(2026, 12, 31)


def test_a_gap_in_the_middle_is_not_stepped_over():
    with pytest.raises(YearWithoutTable):
        nth({date(2024, 1, 1): True, date(2024, 1, 3): True}, date(2024, 1, 1), date(2024, 1, 3), 2)


def test_none_of_zero_days():
    with pytest.raises(ValueError, match="at least 1"):
        clock.add_working_days(PUBLISHED, 0)


def test_the_day_ends_with_the_office():
    assert clock.end_of_day(PUBLISHED).isoformat() == "2024-09-26T17:30:00+08:00"


def test_a_year_is_entered_once_and_corrected_day_by_day():
    with pytest.raises(YearEntered):
        moves.enter_year(2024)
    CalendarDay.objects.filter(day__year=2023).delete()
    moves.enter_year(2023)
    assert CalendarDay.objects.filter(day__year=2023).count() == 365

    moves.correct_day(date(2024, 10, 8), works=False, source="市政府办公室通知")
    assert clock.add_working_days(PUBLISHED, 5) == date(2024, 10, 10)


def test_a_year_nobody_published_is_not_guessed():
    with pytest.raises(YearUnknown):
        moves.enter_year(2090)
    with pytest.raises(YearWithoutTable):
        moves.correct_day(date(2090, 1, 1), works=False, source="-")


def test_the_demonstrations_time_goes_forward_only(settings):
    settings.DEMO = True
    from guildhall.foundation.clock import models

    models.forget()
    moves.start_demonstration(clock.end_of_day(date(2024, 11, 26)))
    models.forget()
    assert clock.today() == date(2024, 11, 26)
    moves.start_demonstration(clock.end_of_day(date(2020, 1, 1)))  # A later start goes on where it stands.
    moves.set_forward(clock.end_of_day(date(2024, 12, 2)))
    assert clock.today() == date(2024, 12, 2)
    with pytest.raises(moves.NeverBack):
        moves.set_forward(clock.end_of_day(date(2024, 12, 1)))
    settings.DEMO = False
    with pytest.raises(moves.RealTimeRules):
        moves.set_forward(clock.end_of_day(date(2090, 1, 1)))
    models.forget()
