"""After the lock: what the marks look like as a whole, for talks and sanctions.

Everything here compares sheets with one another, in one view of all reviews. It is shown after the lock, decides
nothing, removes no review and asks for no other mark (science of mutual assessment, "Not guaranteed").
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from guildhall.science.calibration import DENSE_LIMIT, Calibration, calibrate, standard_errors
from guildhall.science.marking import POINT
from guildhall.science.result import Result

IntArray = NDArray[np.int64]
FLAG_AT = 3.0  # residuals beyond this many σ̂


@dataclass(frozen=True)
class Distribution:
    """Of one group: `histogram` counts the scores its assessors gave, in ten bands of ten points (100 in the last);
    `final_quartiles` are the least, lower, middle, upper and greatest final score of its ranked units, in points."""

    group: int
    given: int
    histogram: tuple[int, ...]
    mean_given: float | None
    final_quartiles: tuple[float, ...]


@dataclass(frozen=True)
class Severity:
    """Points an assessor takes off, with an interval of two standard errors (None for a round too large for them);
    `points` None where the sheet is missing or set aside as flat."""

    assessor: str
    reviews: int
    set_aside: bool
    points: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Flag:
    """A review far from what its assessor's severity and the unit's merit lead one to expect. All but `times_sigma`
    in points."""

    assessor: str
    unit: int
    given: float
    expected: float
    residual: float
    times_sigma: float


@dataclass(frozen=True)
class Agreement:
    """`sigma`: spread of one review once severity and merit are taken out, in points. `reliability`: the share of the
    merits' variance that is not error, 0 to 1. Kendall's τ of the merits with the panel's and the computed scores."""

    sigma: float
    reliability: float | None
    with_panel: float | None
    with_computed: float | None


@dataclass(frozen=True)
class Analysis:
    distributions: tuple[Distribution, ...]
    severities: tuple[Severity, ...]
    flags: tuple[Flag, ...]
    agreement: Agreement
    few_reviews: tuple[int, ...]


def analyse(result: Result, fewest: int = 4) -> Analysis:
    """The analysis of a computed round. `few_reviews`: numbers of ranked units with fewer than `fewest` reviews that
    count. Flags come with the largest residual first."""
    published = result.published
    whole = calibrate(published.reviews.compared(), len(published.units), published.model)
    errors = standard_errors(whole) if len(published.units) <= DENSE_LIMIT else None
    counted = np.bincount(whole.view.unit, minlength=len(published.units))
    few = np.flatnonzero((counted < fewest) & result.units.ranked).tolist()
    return Analysis(
        distributions=tuple(_distribution(result, group) for group in range(len(published.groups))),
        severities=_severities(result, whole, None if errors is None else errors[1]),
        flags=_flags(result, whole),
        agreement=_agreement(result, whole, None if errors is None else errors[0]),
        few_reviews=tuple(published.units[place].number for place in few),
    )


def _distribution(result: Result, group: int) -> Distribution:
    published = result.published
    given = published.reviews.score[published.group_of_assessor[published.reviews.assessor] == group]
    bands = np.bincount(np.minimum(given // (10 * POINT), 9), minlength=10)
    finals = result.outcome.final[(result.units.group == group) & result.units.ranked] / POINT**2
    return Distribution(
        group=group,
        given=given.size,
        histogram=tuple(bands.tolist()),
        mean_given=float(given.mean()) / POINT if given.size else None,
        final_quartiles=tuple(np.quantile(finals, (0, 0.25, 0.5, 0.75, 1)).tolist()) if finals.size else (),
    )


def _severities(result: Result, whole: Calibration, errors: NDArray[np.float64] | None) -> tuple[Severity, ...]:
    published = result.published
    given = np.bincount(published.reviews.assessor, minlength=len(published.assessors)).tolist()
    place = {row: index for index, row in enumerate(whole.assessors.tolist())}
    found = []
    for row, name in enumerate(published.assessors):
        points = float(whole.severity[place[row]]) if row in place else None
        reach = 2 * float(errors[place[row]]) if errors is not None and row in place else None
        low, high = (points - reach, points + reach) if points is not None and reach is not None else (None, None)
        found.append(Severity(name, given[row], bool(given[row]) and row not in place, points, low, high))
    return tuple(found)


def _flags(result: Result, whole: Calibration) -> tuple[Flag, ...]:
    published = result.published
    far = np.flatnonzero(np.abs(whole.residual) > FLAG_AT * whole.sigma)
    far = far[np.argsort(-np.abs(whole.residual[far]), kind="stable")]
    flags = []
    for review in far.tolist():
        given, residual = int(whole.view.score[review]) / POINT, float(whole.residual[review])
        flags.append(
            Flag(
                assessor=published.assessors[int(whole.view.assessor[review])],
                unit=published.units[int(whole.view.unit[review])].number,
                given=given,
                expected=given - residual,
                residual=residual,
                times_sigma=residual / whole.sigma,
            )
        )
    return tuple(flags)


def _agreement(result: Result, whole: Calibration, errors: NDArray[np.float64] | None) -> Agreement:
    computed = np.array([unit.computed for unit in result.published.units], dtype=np.int64)
    reliability = None
    if errors is not None and whole.sigma > 0:
        prior = whole.sigma**2 / whole.model.lambda_merit
        reliability = 1 - float(np.mean(errors**2)) / prior
    has_panel = result.published.panel != "none"
    return Agreement(
        sigma=whole.sigma,
        reliability=reliability,
        with_panel=_tau(whole.merit, result.panel) if has_panel else None,
        with_computed=_tau(whole.merit, computed),
    )


def _tau(one: IntArray, other: IntArray) -> float | None:
    """Kendall's τ-b; None where one of the two does not rank anything."""
    from scipy.stats import kendalltau  # noqa: PLC0415  Two seconds to import, in every process that starts, for this alone.

    tau = float(kendalltau(one, other).statistic) if one.size > 1 else float("nan")
    return None if np.isnan(tau) else tau
