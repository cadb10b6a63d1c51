"""A whole round: who reviews whom, then the outcome from the published file. docs/benchmarks.md explains the rows."""

import json
import time
from collections.abc import Callable
from itertools import combinations
from typing import Any, TypeVar

import numpy as np

from benches.plain_assessment import Review, assigned, calibrated
from guildhall.science.assignment import assign, deal_groups
from guildhall.science.marking import POINT
from guildhall.science.published import Published, compute, parse
from guildhall.science.simulation import invented_round

REFERENCE = (
    "plain Python (benches/plain_assessment.py: lists and sets, merit and severity in turn); at 20,000 units its\n"
    "calibration is measured on one view and one of its 20 passes, and that time is taken for all views and passes"
)
REVIEWS = 8
DISTRICTS = 9
SEED = 2**127 + 2024
T = TypeVar("T")


def measure() -> list[dict[str, Any]]:
    """Rows for 225 and for 20,000 units, in seconds."""
    return [row for units in (225, 20_000) for row in _measured(units)]


def _measured(units: int) -> list[dict[str, Any]]:
    chance = np.random.default_rng(units)
    group = deal_groups(chance.integers(0, 10_000, units), 1)
    district = chance.integers(0, DISTRICTS, units)
    text = json.dumps(invented_round(units, reviews_each=REVIEWS, panel="given"))
    dealt, _ = _timed(lambda: assign(group, REVIEWS, SEED, classes=[district]))
    read, published = _timed(lambda: parse(text))
    found, result = _timed(lambda: compute(published))
    printed, _ = _timed(result.to_json)

    plain_dealt, _ = _timed(lambda: assigned(group.tolist(), REVIEWS, 1, district.tolist()))
    plain_found = _plain_calibration(published, whole=units < 1_000)
    rest = read + printed
    return [
        _row("assignment, nine districts in conflict", units, dealt, plain_dealt),
        _row("outcome: calibration in every view, ranks, tiers", units, found, plain_found),
        _row(
            "whole round: assignment, file read, outcome, printed",
            units,
            dealt + found + rest,
            plain_dealt + plain_found + rest,
        ),
    ]


def _plain_calibration(published: Published, *, whole: bool) -> float:
    """Seconds for all views; measured on one pass of one view unless `whole`."""
    views = _plain_views(published)
    units = len(published.units)
    if whole:
        return _timed(lambda: [calibrated(view, units) for view in views])[0]
    return _timed(lambda: calibrated(views[0], units, passes=1))[0] * len(views) * published.model.passes


def _plain_views(published: Published) -> list[list[Review]]:
    reviews, groups = published.reviews, range(len(published.groups))
    of_group = published.group_of_assessor[reviews.assessor].tolist()
    rows = list(zip(reviews.assessor.tolist(), reviews.unit.tolist(), (reviews.score / POINT).tolist(), strict=True))
    left_out = [*((own,) for own in groups), *combinations(groups, 2)]
    return [[row for row, own in zip(rows, of_group, strict=True) if own not in out] for out in left_out]


def _timed(work: Callable[[], T]) -> tuple[float, T]:
    start = time.perf_counter()
    found = work()
    return time.perf_counter() - start, found


def _row(name: str, size: int, ours: float, reference: float) -> dict[str, Any]:
    return {"name": name, "size": size, "ours": ours, "reference": reference, "ratio": reference / ours}
