"""The outcome of a published round: computed from the file alone, the same for whoever computes it."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from guildhall.science.calibration import Calibration, calibrate
from guildhall.science.marking import POINT, text
from guildhall.science.outcome import NO_LEVEL, Ladder, Outcome, Rules, Units, decide
from guildhall.science.round_file import Level, Published, canonical

IntArray = NDArray[np.int64]

FORMAT = "guildhall-outcome/1"


@dataclass(frozen=True)
class Result:
    """`outcome` by unit in order of number; `units` and `rules` as they were read from the file; `panel` (n) in
    micro-points, with `panel_view` where the panel's marks were calibrated."""

    published: Published
    units: Units
    rules: Rules
    panel: IntArray
    panel_view: Calibration | None
    outcome: Outcome

    @property
    def tiers(self) -> Ladder:
        return self.outcome.ladders[0]

    @property
    def grades(self) -> Ladder:
        return self.outcome.ladders[1]

    def sums(self) -> IntArray:
        """What each unit gets, in fen (n)."""
        each = np.array([*(tier.sum for tier in self.published.tiers), 0], dtype=np.int64)
        return each[self.tiers.level]  # `NO_LEVEL` is the last entry: nothing.

    def to_json(self) -> str:
        """The outcome as canonical JSON (docs/published-file.md)."""
        return canonical(_written(self))


def compute(published: Published) -> Result:
    """The whole outcome of a round. Raises nothing for a file that `parse` accepted."""
    panel, panel_view = _panel(published)
    rows, weights = published.units, published.weights
    computed = np.array([row.computed for row in rows], dtype=np.int64)
    bonus = np.array([row.bonus for row in rows], dtype=np.int64)
    units = Units(
        group=np.array([row.group for row in rows], dtype=np.int64),
        lot=np.array([row.lot for row in rows], dtype=np.int64),
        untouched=weights.computed * computed + weights.panel * panel + POINT * bonus,
        ranked=np.array([row.number not in published.withdrawn for row in rows], dtype=np.bool_),
    )
    rules = Rules(
        peers=weights.peers,
        ladders=(tuple(tier.seats for tier in published.tiers), tuple(grade.seats for grade in published.grades)),
        group_lots=tuple(group.lot for group in published.groups),
        model=published.model,
        transfers=published.transfers,
    )
    outcome = decide(units, published.reviews, published.group_of_assessor, rules)
    return Result(published, units, rules, panel, panel_view, outcome)


def rounded(points: float, places: int = 6) -> str:
    """A float of points as decimal text, rounded half up."""
    return text(int(np.floor(points * 10**places + 0.5)), places)


def _panel(published: Published) -> tuple[IntArray, Calibration | None]:
    """The panel's score of each unit: as given, or its marks calibrated in one view of their own."""
    if published.panel == "calibrated":
        view = calibrate(published.marks.compared(), len(published.units), published.model)
        return view.merit, view
    return np.array([row.panel or 0 for row in published.units], dtype=np.int64), None


def _written(result: Result) -> dict[str, object]:
    published = result.published
    sums = result.sums()
    planned = sum(tier.seats * tier.sum for tier in published.tiers)
    paid = int(sums.sum())
    return {
        "format": FORMAT,
        "round": published.digest(),
        "fund": published.fund,
        "planned": planned,
        "paid": paid,
        "left": published.fund - paid,
        "tiers": _written_ladder(result, result.tiers, published.tiers),
        "grades": _written_ladder(result, result.grades, published.grades),
        "means": {
            group.name: rounded(view.mean) for group, view in zip(published.groups, result.outcome.views, strict=True)
        },
        "units": _written_units(result, sums),
        "assessors": _written_assessors(result),
        "experts": _written_experts(result),
    }


def _written_ladder(result: Result, ladder: Ladder, levels: tuple[Level, ...]) -> list[dict[str, object]]:
    """Each level with its seats by group, the cap, and the seats that third parties moved at its lower edge."""
    names = [group.name for group in result.published.groups]
    own = np.diff(ladder.seats, axis=0, prepend=0)
    rows: list[dict[str, object]] = []
    for place, level in enumerate(levels):
        moves = []
        for first, second in combinations(range(len(names)), 2):
            count = int(ladder.moved[first, second][place]) if ladder.moved else 0
            if count:
                source, target = (second, first) if count > 0 else (first, second)
                moves.append({"from": names[source], "to": names[target], "seats": abs(count)})
        seated = int(np.count_nonzero(ladder.level == place))
        by_group = dict(zip(names, own[place].tolist(), strict=True))
        rows.append(
            {
                "name": level.name,
                "seats": level.seats,
                "by_group": by_group,
                "seated": seated,
                "cap": ladder.caps[place],
                "moved": moves,
            }
        )
    return rows


def _written_units(result: Result, sums: IntArray) -> list[dict[str, object]]:
    published, outcome = result.published, result.outcome
    received = np.bincount(published.reviews.unit, minlength=len(published.units))
    rows = []
    for place, unit in enumerate(published.units):
        tier, grade = int(result.tiers.level[place]), int(result.grades.level[place])
        ranked = bool(result.units.ranked[place])
        grade_name = published.other_grade if grade == NO_LEVEL else published.grades[grade].name
        rows.append(
            {
                "number": unit.number,
                "group": published.groups[unit.group].name,
                "reviews": int(received[place]),
                "merit": text(int(outcome.merit[place])),
                "error": None if outcome.error is None else rounded(float(outcome.error[place])),
                "panel": None if published.panel == "none" else text(int(result.panel[place])),
                "computed": text(unit.computed),
                "bonus": text(unit.bonus),
                "final": text(int(outcome.final[place]), 12),
                "rank": int(outcome.rank[place]) if ranked else None,
                "interval": outcome.interval[place].tolist() if ranked and outcome.interval is not None else None,
                "tier": None if tier == NO_LEVEL else published.tiers[tier].name,
                "sum": int(sums[place]),
                "grade": grade_name if ranked else None,
            }
        )
    return rows


def _written_assessors(result: Result) -> list[dict[str, object]]:
    """Each assessor's severity in the view of each group but its own; none where the sheet is missing or flat."""
    published = result.published
    severity: list[dict[str, str]] = [{} for _ in published.assessors]
    for group, view in zip(published.groups, result.outcome.views, strict=True):
        for row, points in zip(view.assessors.tolist(), view.severity.tolist(), strict=True):
            severity[row][group.name] = rounded(points)
    given = np.bincount(published.reviews.assessor, minlength=len(published.assessors)).tolist()
    return [
        {
            "id": name,
            "group": published.groups[group].name,
            "reviews": given[row],
            "set_aside": bool(given[row]) and not severity[row],
            "severity": severity[row],
        }
        for row, (name, group) in enumerate(zip(published.assessors, published.group_of_assessor.tolist(), strict=True))
    ]


def _written_experts(result: Result) -> list[dict[str, object]]:
    view = result.panel_view
    if view is None:
        return []
    severity = dict(zip(view.assessors.tolist(), view.severity.tolist(), strict=True))
    return [
        {"id": name, "severity": rounded(severity[row]) if row in severity else None}
        for row, name in enumerate(result.published.experts)
    ]
