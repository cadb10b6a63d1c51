from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guildhall.science.marking import half_up, in_points, mean_score, micro, scaled, sheet_score, text


@given(st.integers(0, 10**14))
def test_text_and_millionths_are_one_number(value: int) -> None:
    assert micro(text(value)) == value
    assert Decimal(text(value)) * 10**6 == value


@pytest.mark.parametrize("bad", ["", "-1", "1e2", "1.2345678", "１２", " 1", "1.", ".5", "nan", "1,5"])
def test_what_is_no_plain_decimal_is_refused(bad: str) -> None:
    with pytest.raises(ValueError, match="plain decimal"):
        micro(bad)


def test_text_has_no_idle_zeros() -> None:
    assert [text(82_500_000), text(0), text(-1_500_000), text(70_000_000)] == ["82.5", "0", "-1.5", "70"]
    assert text(66_326_552_600_000, 12) == "66.3265526"


def test_halves_go_up() -> None:
    assert [half_up(Fraction(5, 2)), half_up(Fraction(7, 2)), half_up(Fraction(12, 5))] == [3, 4, 2]


def test_a_sheet_is_the_weighted_mean_of_its_marks() -> None:
    assert sheet_score([80, 60, 100], [5, 4, 3]) == 78_333_333  # 940 / 12
    assert sheet_score([1, 0], [2, 1]) == 666_667
    assert sheet_score([Decimal("0.000001"), 0], [1, 1]) == 1  # Exactly one half of the last digit.


@pytest.mark.parametrize(
    ("marks", "points"), [([80], [1, 2]), ([101], [1]), ([-1], [1]), ([50], [0]), ([50, 50], [3, -1]), ([], [])]
)
def test_a_sheet_that_cannot_be_is_refused(marks: list[int], points: list[int]) -> None:
    with pytest.raises(ValueError):
        sheet_score(marks, points)


def test_points_are_scaled_to_a_hundred() -> None:
    assert scaled(51, 70) == 72_857_143
    assert scaled(Decimal("70"), 70) == 100_000_000
    with pytest.raises(ValueError):
        scaled(71, 70)


def test_a_panels_mean_may_drop_its_extremes() -> None:
    assert mean_score([10, 20, 31]) == 20
    assert mean_score([10, 20, 90], drop_extremes=True) == 20
    assert mean_score([1, 2]) == 2
    with pytest.raises(ValueError):
        mean_score([1, 2], drop_extremes=True)


def test_points_as_a_column_holds_them() -> None:
    assert str(in_points(82_500_000)) == "82.500000"
