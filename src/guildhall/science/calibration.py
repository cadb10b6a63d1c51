"""Merit and severity from marks: robust ridge two-way calibration within one view (science of mutual assessment,
"The rule": calibration in a view; "To the bit"; "Cost").

    minimise  Σ w_rj (x_rj − μ − θ_j + s_r)²  +  λ_θ Σ θ_j²  +  λ_s Σ s_r²

Everything here is a function of the view alone: reviews are filtered before any arithmetic, sorted by
(assessor, unit), summed in a fixed order, and no start value comes from elsewhere.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from guildhall.science.marking import POINT

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]

TOLERANCE: Final = 1e-12  # of the right-hand side, in the largest entry
ITERATIONS: Final = 2_000  # The condition number is under 2 (reviews of a unit + λ) / λ: about 20 to 150 are used.
DENSE_LIMIT: Final = 600  # units; standard errors invert a dense matrix


@dataclass(frozen=True)
class Model:
    """What is fixed before scoring. λ without unit, δ in points; no parameter is estimated from a round's reports."""

    lambda_merit: float = 0.36
    lambda_severity: float = 0.5625
    delta: float = 9.0
    passes: int = 20
    robust: bool = True


@dataclass(frozen=True)
class Reviews:
    """Marks of assessors on units, N of each: `assessor` and `unit` are indices, `score` is in micro-points."""

    assessor: IntArray
    unit: IntArray
    score: IntArray

    @classmethod
    def sorted(cls, assessor: IntArray, unit: IntArray, score: IntArray) -> Self:
        """In the one order in which all sums are taken: by assessor, then unit."""
        order = np.lexsort((unit, assessor))
        return cls(assessor[order], unit[order], score[order])

    def where(self, keep: NDArray[np.bool_]) -> "Reviews":
        """The reviews under a mask, copied, so that nothing of the others is read again."""
        return Reviews(self.assessor[keep], self.unit[keep], self.score[keep])

    def compared(self) -> "Reviews":
        """Without flat sheets: an assessor's scores all equal (or one score alone) compare nothing."""
        return self.where(~flat(self))


@dataclass(frozen=True)
class Calibration:
    """The solution of one view. `theta` (n units) and `severity` (one each of `assessors`, in view order) in points;
    `weight` and `residual` by review of `view`; `merit` is μ + θ in micro-points, rounded half up."""

    view: Reviews
    model: Model
    mean: float
    theta: FloatArray
    assessors: IntArray
    severity: FloatArray
    weight: FloatArray
    residual: FloatArray
    merit: IntArray
    sigma: float


def flat(reviews: Reviews) -> NDArray[np.bool_]:
    """Which reviews belong to a sheet whose scores are all equal. Depends on that sheet alone."""
    if not reviews.assessor.size:
        return np.zeros(0, dtype=np.bool_)
    assessors, row = np.unique(reviews.assessor, return_inverse=True)
    lowest = np.full(assessors.size, np.iinfo(np.int64).max)
    highest = np.full(assessors.size, np.iinfo(np.int64).min)
    np.minimum.at(lowest, row, reviews.score)
    np.maximum.at(highest, row, reviews.score)
    same: NDArray[np.bool_] = (lowest == highest)[row]
    return same


def calibrate(view: Reviews, units: int, model: Model) -> Calibration:
    """The merits of all `units` in one view, from that view's reviews alone.

    `view` is sorted and holds no flat sheet. The first pass weighs all reviews alike, each later one
    w = min(1, δ / |residual|); exactly `model.passes` passes (one where not robust). A unit without a review has θ = 0.
    Raises `ArithmeticError` if the solver does not converge, which λ > 0 rules out.
    """
    assessors, row = np.unique(view.assessor, return_inverse=True)
    table = _Table(row, view.unit, assessors.size, units)
    mean = _mean(view)
    centred = view.score / POINT - mean
    theta = _start(view, units)
    weight, residual = np.ones(centred.size), centred
    for count in range(model.passes if model.robust else 1):
        if count:
            weight = model.delta / np.maximum(np.abs(residual), model.delta)
        theta, severity = table.solve(weight, centred, theta, model)
        residual = centred - theta[view.unit] + severity[row]
    least = _sum(weight * residual**2) + model.lambda_merit * _sum(theta**2) + model.lambda_severity * _sum(severity**2)
    return Calibration(
        view=view,
        model=model,
        mean=mean,
        theta=theta,
        assessors=assessors,
        severity=severity,
        weight=weight,
        residual=residual,
        merit=np.floor((mean + theta) * POINT + 0.5).astype(np.int64),
        sigma=float(np.sqrt(least / max(1, centred.size - 1))),
    )


def standard_errors(found: Calibration) -> tuple[FloatArray, FloatArray]:
    """Standard errors in points of `theta` (n) and `severity`: σ̂² times the diagonal of the inverse normal matrix.

    σ̂² is the least value of the objective over N − 1, which is the likelihood's own estimate when θ and s are drawn
    with variances σ²/λ. Dense, O(n³): for up to `DENSE_LIMIT` units. Raises `ValueError` above.
    """
    units = found.theta.size
    if units > DENSE_LIMIT:
        raise ValueError(f"standard errors are for up to {DENSE_LIMIT} units, not {units}")
    row = np.searchsorted(found.assessors, found.view.assessor)
    marks = csr_array((found.weight, (row, found.view.unit)), shape=(found.assessors.size, units))
    own = _totals(row, found.weight, found.assessors.size) + found.model.lambda_severity
    shares = csr_array((found.weight / own[row], (row, found.view.unit)), shape=marks.shape)
    normal = np.diag(_totals(found.view.unit, found.weight, units) + found.model.lambda_merit)
    inverse = _inverse(normal - (marks.T @ shares).toarray())
    carried = np.asarray(shares @ inverse, dtype=np.float64) * shares.toarray()
    severity = 1 / own + np.add.reduce(carried, axis=1)
    return found.sigma * np.sqrt(np.diag(inverse)), found.sigma * np.sqrt(severity)


def _inverse(matrix: FloatArray) -> FloatArray:
    """The inverse of a positive definite matrix by sweeps (Gauss and Jordan; no pivots needed), in one thread: the bits
    of a BLAS depend on its threads, and on a busy machine those cost a second where this takes 20 ms at 225 units."""
    swept = matrix.copy()
    for place in range(matrix.shape[0]):
        pivot = 1 / swept[place, place]
        row, column = swept[place] * pivot, swept[:, place].copy()
        swept -= np.multiply.outer(column, row)
        swept[:, place] = -pivot * column
        swept[place] = row
        swept[place, place] = pivot
    return swept


def _mean(view: Reviews) -> float:
    """μ in points. The sum is taken in integers, so no order of reviews can change it."""
    return int(view.score.sum()) / (POINT * view.score.size) if view.score.size else 0.0


def _start(view: Reviews, units: int) -> FloatArray:
    """Each view starts cold: a start from any other solution would carry bits of reports that the view leaves out."""
    return np.zeros(units)


def _sum(values: FloatArray) -> float:
    """A sum in numpy's own fixed order; a BLAS dot product may change with the number of threads."""
    return float(np.add.reduce(values))


class _Table:
    """The assessor × unit incidence of a view, kept by assessor and by unit, so that each sum runs in index order."""

    def __init__(self, row: IntArray, unit: IntArray, assessors: int, units: int) -> None:
        self.row, self.unit = row, unit
        self.by_unit = np.lexsort((row, unit))
        ones = np.ones(row.size)
        self.across = csr_array((ones, unit, _starts(row, assessors)), shape=(assessors, units))
        self.down = csr_array((ones, row[self.by_unit], _starts(unit, units)), shape=(units, assessors))

    def solve(
        self, weight: FloatArray, centred: FloatArray, start: FloatArray, model: Model
    ) -> tuple[FloatArray, FloatArray]:
        """θ and s for fixed weights: s eliminated, (D_θ − Aᵀ D_s⁻¹ A) θ = b by preconditioned conjugate gradients."""
        self.across.data, self.down.data = weight, weight[self.by_unit]
        assessors, units = self.across.shape
        of_assessor = _totals(self.row, weight, assessors) + model.lambda_severity
        of_unit = _totals(self.unit, weight, units) + model.lambda_merit
        given = _totals(self.row, weight * centred, assessors)
        received = _totals(self.unit, weight * centred, units)
        carried = _times(self.down, given / of_assessor)

        def normal(theta: FloatArray) -> FloatArray:
            return of_unit * theta - _times(self.down, _times(self.across, theta) / of_assessor)

        # The diagonal of the normal matrix itself: D_θ less what the elimination takes off.
        squares = _totals(self.unit, weight**2 / of_assessor[self.row], units)
        theta = _conjugate_gradients(normal, of_unit - squares, received - carried, start)
        return theta, (_times(self.across, theta) - given) / of_assessor


def _totals(index: IntArray, values: FloatArray, size: int) -> FloatArray:
    """Sums of `values` by `index`, added one after the other in the order given."""
    return np.asarray(np.bincount(index, values, minlength=size), dtype=np.float64)


def _times(table: csr_array, vector: FloatArray) -> FloatArray:
    """A sparse product; each row is summed in index order by one thread."""
    return np.asarray(table @ vector, dtype=np.float64)


def _starts(index: IntArray, size: int) -> IntArray:
    """Row pointers of a compressed table whose entries are sorted by `index`."""
    return np.concatenate(([0], np.cumsum(np.bincount(index, minlength=size)))).astype(np.int64)


def _conjugate_gradients(
    normal: Callable[[FloatArray], FloatArray], diagonal: FloatArray, right: FloatArray, start: FloatArray
) -> FloatArray:
    """Jacobi-preconditioned conjugate gradients from `start`, to `TOLERANCE`."""
    theta = start
    rest = right - normal(theta)
    limit = TOLERANCE * float(np.max(np.abs(right), initial=0.0))
    step = ready = rest / diagonal
    gain = _sum(rest * ready)
    for _ in range(ITERATIONS):
        if float(np.max(np.abs(rest), initial=0.0)) <= limit:
            return theta
        image = normal(step)
        length = gain / _sum(step * image)
        theta = theta + length * step
        rest = rest - length * image
        ready = rest / diagonal
        gain, before = _sum(rest * ready), gain
        step = ready + (gain / before) * step
    raise ArithmeticError("conjugate gradients did not converge")
