from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guildhall.science.calibration import Calibration, Model, Reviews, calibrate, flat, standard_errors
from guildhall.science.marking import POINT, half_up

LAMBDA_MERIT, LAMBDA_SEVERITY = Fraction(36, 100), Fraction(36, 64)
PLAIN = Model(robust=False)


def reviews_of(*rows: tuple[int, int, int]) -> Reviews:
    """(assessor, unit, points) rows, sorted."""
    table = np.array(rows, dtype=np.int64).reshape(-1, 3)
    return Reviews.sorted(table[:, 0], table[:, 1], table[:, 2] * POINT)


@st.composite
def sheets(draw: st.DrawFn) -> Reviews:
    """Up to four assessors on up to four units, each sheet with at least two different scores."""
    rows = []
    for assessor in range(draw(st.integers(1, 4))):
        marks = draw(st.dictionaries(st.integers(0, 3), st.integers(0, 100), min_size=2))
        if len(set(marks.values())) > 1:
            rows += [(assessor, unit, points) for unit, points in marks.items()]
    return reviews_of(*rows)


def solved(table: list[list[Fraction]], right: list[Fraction]) -> list[Fraction]:
    """Gauss and Jordan, in fractions."""
    size = len(right)
    rows = [[*line, value] for line, value in zip(table, right, strict=True)]
    for column in range(size):
        pivot = next(row for row in range(column, size) if rows[row][column])
        rows[column], rows[pivot] = rows[pivot], rows[column]
        rows[column] = [value / rows[column][column] for value in rows[column]]
        for row in range(size):
            if row != column and rows[row][column]:
                factor = rows[row][column]
                rows[row] = [one - factor * other for one, other in zip(rows[row], rows[column], strict=True)]
    return [line[-1] for line in rows]


def rational_merits(view: Reviews, units: int, passes: int) -> list[Fraction]:
    """The whole method in fractions: all normal equations at once, nothing eliminated, weights exact."""
    rows = [
        (int(a), int(u), Fraction(int(s), POINT)) for a, u, s in zip(view.assessor, view.unit, view.score, strict=True)
    ]
    if not rows:
        return [Fraction(0)] * units
    mean = sum((points for *_, points in rows), Fraction(0)) / len(rows)
    assessors = max(a for a, *_ in rows) + 1
    residuals = [Fraction(0)] * len(rows)
    for _ in range(passes):
        weights = [9 / max(Fraction(9), abs(residual)) for residual in residuals]
        table = [[Fraction(0)] * (units + assessors) for _ in range(units + assessors)]
        right = [Fraction(0)] * (units + assessors)
        for place in range(units + assessors):
            table[place][place] = LAMBDA_MERIT if place < units else LAMBDA_SEVERITY
        for (assessor, unit, points), weight in zip(rows, weights, strict=True):
            row = units + assessor
            table[unit][unit] += weight
            table[row][row] += weight
            table[unit][row] -= weight
            table[row][unit] -= weight
            right[unit] += weight * (points - mean)
            right[row] -= weight * (points - mean)
        answer = solved(table, right)
        residuals = [points - mean - answer[unit] + answer[units + a] for a, unit, points in rows]
    return [mean + theta for theta in answer[:units]]


@settings(max_examples=60, deadline=None)
@given(sheets(), st.sampled_from([1, 2, 3]))
def test_merits_are_those_of_rational_arithmetic(view: Reviews, passes: int) -> None:
    found = calibrate(view, 4, Model(passes=passes))

    assert found.merit.tolist() == [half_up(merit * POINT) for merit in rational_merits(view, 4, passes)]


def check_identities(found: Calibration) -> None:
    """Each merit and each severity is the shrunk weighted average that the unit's page prints."""
    view, model = found.view, found.model
    row = np.searchsorted(found.assessors, view.assessor)
    points = view.score / POINT - found.mean
    for unit, theta in enumerate(found.theta):
        mine = view.unit == unit
        weight = found.weight[mine]
        assert theta == pytest.approx(
            np.sum(weight * (points[mine] + found.severity[row[mine]])) / (weight.sum() + model.lambda_merit), abs=1e-9
        )
    for place, severity in enumerate(found.severity):
        mine = row == place
        weight = found.weight[mine]
        assert severity == pytest.approx(
            np.sum(weight * (found.theta[view.unit[mine]] - points[mine])) / (weight.sum() + model.lambda_severity),
            abs=1e-9,
        )


@pytest.mark.parametrize("robust", [True, False])
@pytest.mark.parametrize("units", [9, 225])
def test_merit_and_severity_are_shrunk_averages_of_each_other(robust: bool, units: int) -> None:
    chance = np.random.default_rng(units)
    assessor, unit = np.nonzero(chance.random((units, units)) < 6 / units)
    view = Reviews.sorted(assessor, unit, chance.integers(0, 101, unit.size) * POINT).compared()

    check_identities(calibrate(view, units, Model(robust=robust)))


def test_standard_errors_are_the_diagonal_of_the_inverse_normal_matrix() -> None:
    view = reviews_of((0, 0, 50), (0, 1, 70), (1, 1, 90), (1, 2, 20), (2, 0, 61), (2, 2, 60))
    found = calibrate(view, 4, Model())
    normal = np.diag([0.36] * 4 + [0.5625] * 3)
    for assessor, unit, weight in zip(view.assessor, view.unit, found.weight, strict=True):
        edge = np.zeros(7)
        edge[unit], edge[4 + assessor] = 1, -1
        normal += weight * np.outer(edge, edge)

    merit, severity = standard_errors(found)

    assert np.concatenate((merit, severity)) == pytest.approx(found.sigma * np.sqrt(np.diag(np.linalg.inv(normal))))


def test_a_harsh_sheet_is_told_from_poor_units() -> None:
    """Assessor 0 takes 20 points off; units 0 and 1 are as good as 2 and 3."""
    rows = [(0, 0, 50), (0, 1, 50), (0, 2, 51)]
    rows += [(one, unit, 70 + (one == unit)) for one in range(1, 6) for unit in range(4)]
    found = calibrate(reviews_of(*rows), 4, Model())

    assert 15 < found.severity[0] - found.severity[1:].mean() < 20
    assert np.ptp(found.theta) < 1


def test_units_marked_alike_tie_to_the_last_digit() -> None:
    """Units 0 and 1, and 2 and 3, have the same marks; no order of summing may part them once merits are rounded."""
    rows = [(one, unit, 60 + 7 * one + 5 * (unit // 2)) for one in range(5) for unit in range(4)]
    merit = calibrate(reviews_of(*rows), 4, Model()).merit

    assert merit[0] == merit[1] < merit[2] == merit[3]


def test_a_unit_without_a_review_stands_at_the_mean() -> None:
    found = calibrate(reviews_of((0, 0, 50), (0, 1, 60)), 3, Model())

    assert found.theta[2] == 0
    assert found.merit[2] == 55 * POINT


def test_an_assessor_without_a_sheet_is_no_part_of_the_view() -> None:
    assert calibrate(reviews_of((0, 0, 50), (0, 1, 60), (7, 1, 40), (7, 0, 41)), 2, Model()).assessors.tolist() == [
        0,
        7,
    ]


def test_flat_sheets_are_set_aside_and_others_kept() -> None:
    reviews = reviews_of((0, 0, 75), (0, 1, 75), (1, 0, 60), (1, 2, 61), (2, 2, 90))

    assert flat(reviews).tolist() == [True, True, False, False, True]
    assert reviews.compared().assessor.tolist() == [1, 1]


def test_a_view_without_reviews_gives_all_units_nothing() -> None:
    found = calibrate(reviews_of(), 3, Model())

    assert found.merit.tolist() == [0, 0, 0]
    assert standard_errors(found)[0].tolist() == [0, 0, 0]


def test_parts_of_an_unlinked_view_lean_on_the_common_mean() -> None:
    """Two islands, each with one assessor: the ridge keeps the solution unique, and symmetric."""
    found = calibrate(reviews_of((0, 0, 40), (0, 1, 50), (1, 2, 70), (1, 3, 80)), 4, Model())

    assert found.theta[0] == pytest.approx(-found.theta[3])
    assert found.theta[1] == pytest.approx(-found.theta[2])


def test_one_wild_score_moves_a_merit_less_with_robust_weights() -> None:
    chance = np.random.default_rng(3)
    assessor = np.repeat(np.arange(40), 8)
    unit = (assessor + np.tile([1, 3, 7, 12, 18, 23, 29, 34], 40)) % 40
    score = np.rint(60 + 10 * np.sin(unit) + chance.normal(0, 6, unit.size)).astype(np.int64) * POINT
    wild = score.copy()
    wild[unit == 5] = np.where(np.arange(8) == 0, 0, score[unit == 5])

    moved = [
        abs(
            int(
                calibrate(Reviews.sorted(assessor, unit, score), 40, model).merit[5]
                - calibrate(Reviews.sorted(assessor, unit, wild), 40, model).merit[5]
            )
        )
        for model in (Model(), PLAIN)
    ]

    assert moved[0] < moved[1] / 2
