"""Marks as exact numbers: from the text a person entered to the score that is ranked.

A score is an integer number of micro-points (10⁻⁶ point), so 100 points are 100,000,000. A weighted score is an
integer number of pico-points (10⁻¹²): a weight in millionths times a score in micro-points. Both fit in 64 bits.
"""

import re
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Final

POINT: Final = 1_000_000  # micro-points
FULL_SCORE: Final = 100 * POINT
_DECIMAL = re.compile(r"([0-9]{1,9})(?:\.([0-9]{1,6}))?", re.ASCII)


def micro(text: str) -> int:
    """The millionths in a plain decimal such as "82.5": no sign, no exponent, at most six places.

    Raises `ValueError` for anything else, so that nothing is ever rounded unasked.
    """
    found = _DECIMAL.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is not a plain decimal with at most six places")
    return int(found[1]) * POINT + int((found[2] or "").ljust(6, "0"))


def text(value: int, places: int = 6) -> str:
    """An integer of 10^-`places` as a plain decimal without idle zeros: 82500000 is "82.5"."""
    whole, part = divmod(abs(value), 10**places)
    digits = str(part).rjust(places, "0").rstrip("0")
    return ("-" if value < 0 else "") + str(whole) + ("." + digits if digits else "")


def half_up(value: Fraction) -> int:
    """The nearest integer, halves away from the lower one (四舍五入 for scores, which are never negative)."""
    return (2 * value.numerator + value.denominator) // (2 * value.denominator)


def sheet_score(marks: Sequence[int | Decimal], points: Sequence[int | Decimal]) -> int:
    """One review in micro-points: the mean of its marks (0 to 100 each), weighted by the indicators' points.

    `marks` and `points` have one entry an indicator. Rounded half up to 10⁻⁶ (domain rules §1). Raises `ValueError`
    for lengths that differ, a mark out of 0..100, negative points, or points that sum to nothing.
    """
    if len(marks) != len(points):
        raise ValueError(f"{len(marks)} marks for {len(points)} indicators")
    if not all(0 <= mark <= 100 for mark in marks):
        raise ValueError("a mark lies outside 0 to 100")
    if any(point < 0 for point in points) or not sum(points) > 0:
        raise ValueError("points must not be negative, and must sum to more than nothing")
    total = sum((Fraction(mark) * Fraction(point) for mark, point in zip(marks, points, strict=True)), Fraction(0))
    return half_up(total / sum(map(Fraction, points)) * POINT)


def scaled(points_got: int | Decimal, points_max: int | Decimal) -> int:
    """The computed score in micro-points: points got, scaled from 0..`points_max` to 0..100, rounded half up.

    Raises `ValueError` unless 0 ≤ got ≤ max and max > 0.
    """
    if not 0 <= points_got <= points_max or not points_max > 0:
        raise ValueError(f"{points_got} of {points_max} points cannot be scaled")
    return half_up(Fraction(points_got) * FULL_SCORE / Fraction(points_max))


def mean_score(scores: Sequence[int], drop_extremes: bool = False) -> int:
    """A panel's score in micro-points where all experts mark all units: the mean, or the mean without one lowest and
    one highest score. Rounded half up. Raises `ValueError` if no score is left."""
    kept = sorted(scores)[1:-1] if drop_extremes else list(scores)
    if not kept:
        raise ValueError("no score to take the mean of")
    return half_up(Fraction(sum(kept), len(kept)))


def in_points(value: int) -> Decimal:
    """Micro-points as a `Decimal` of points with six places, as a database column holds them."""
    return (Decimal(value) / POINT).quantize(Decimal("0.000001"), rounding=ROUND_HALF_UP)
