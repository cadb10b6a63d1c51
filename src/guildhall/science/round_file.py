"""The published file of a round: everything its outcome depends on, and nothing that names a unit or a person.

Units go by number, assessors and experts by fresh random ids; the seed of the assignment is not in it. The official
run reads this very file, so that the order of all sums, and with it each bit, is the same for whoever runs it again
(science of mutual assessment, "Published and sealed"). docs/published-file.md describes the format.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from guildhall.science.calibration import Model, Reviews
from guildhall.science.errors import Infeasible, Malformed
from guildhall.science.fund import tiers_remainder
from guildhall.science.marking import FULL_SCORE, POINT, text
from guildhall.science.reading import Node

IntArray = NDArray[np.int64]

FORMAT: Final = "guildhall-round/1"
FIELDS: Final = (
    *("format", "parameters", "weights", "fund", "tiers", "grades", "other_grade", "groups", "units", "withdrawn"),
    *("panel", "panel_marks", "assessors", "reviews"),
)
PANEL_METHODS: Final = ("none", "given", "calibrated")


@dataclass(frozen=True)
class Level:
    """An award tier, or a grade with `sum` 0: `seats` over all groups, `sum` in fen for each seat."""

    name: str
    seats: int
    sum: int = 0


@dataclass(frozen=True)
class Weights:
    """Of the three scores, in millionths, summing to one."""

    computed: int
    panel: int
    peers: int


@dataclass(frozen=True)
class Group:
    name: str
    lot: int


@dataclass(frozen=True)
class Unit:
    """`group` is an index; scores in micro-points, `panel` None where the panel's marks are calibrated or there is
    no panel."""

    number: int
    group: int
    lot: int
    computed: int
    panel: int | None
    bonus: int


@dataclass(frozen=True)
class Published:
    """A parsed file. Units are sorted by number, assessors and experts by id; reviews and marks index them."""

    model: Model
    transfers: bool
    reviews_each: int
    weights: Weights
    fund: int
    tiers: tuple[Level, ...]
    grades: tuple[Level, ...]
    other_grade: str
    groups: tuple[Group, ...]
    units: tuple[Unit, ...]
    withdrawn: frozenset[int]
    panel: str
    experts: tuple[str, ...]
    marks: Reviews
    assessors: tuple[str, ...]
    group_of_assessor: IntArray
    reviews: Reviews

    def to_json(self) -> str:
        """The file in its one canonical text: keys sorted, no white space, decimals without idle zeros."""
        return canonical(_written(self))

    def digest(self) -> str:
        """SHA-256 of the canonical text, in hexadecimal."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()


def canonical(value: object) -> str:
    """JSON with sorted keys and no white space, so that equal content has one digest."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def parse(source: str | bytes | Mapping[str, Any]) -> Published:
    """The round in a published file, from its text or from JSON already read.

    Raises `Malformed` with the place and the cause for whatever breaks the format or the round's own rules: unknown
    or missing fields, scores out of range, doubled numbers, lots or reviews, a review within a group, weights off
    one, more seats than units, tiers over the fund.
    """
    (kind, parameters, weights, fund, tiers, grades, other, groups, units, withdrawn, *scored) = Node(
        _read(source) if isinstance(source, (str, bytes)) else source
    ).fields(*FIELDS)
    panel, marks, assessors, reviews = scored
    kind.one_of(FORMAT)
    model, transfers, reviews_each = _parameters(parameters)
    of_group = _groups(groups)
    names = {group.name: place for place, group in enumerate(of_group)}
    method = panel.one_of(*PANEL_METHODS)
    rows = _units(units, names, method)
    places = {unit.number: place for place, unit in enumerate(rows)}
    experts, panel_marks = _marks(marks, places, method)
    ids, group_of_assessor = _assessors(assessors, names)
    published = Published(
        model=model,
        transfers=transfers,
        reviews_each=reviews_each,
        weights=_weights(weights, method),
        fund=fund.integer(),
        tiers=tuple(_level(tier, paid=True) for tier in tiers.each()),
        grades=tuple(_level(grade, paid=False) for grade in grades.each()),
        other_grade=other.string(),
        groups=of_group,
        units=rows,
        withdrawn=frozenset(_known(number, places) for number in withdrawn.each()),
        panel=method,
        experts=experts,
        marks=panel_marks,
        assessors=ids,
        group_of_assessor=group_of_assessor,
        reviews=_scores(reviews, "assessor", ids, places),
    )
    _check_whole(published)
    return published


def _read(text: str | bytes) -> object:
    try:
        return json.loads(text, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise Malformed("", f"is not JSON: {error}") from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a field stands twice in one object")
    return found


def _parameters(node: Node) -> tuple[Model, bool, int]:
    merit, severity, delta, passes, robust, transfers, each = node.fields(
        "lambda_merit", "lambda_severity", "delta", "passes", "robust", "transfers", "reviews_each"
    )
    model = Model(
        _positive(merit),
        _positive(severity),
        _positive(delta),
        passes=passes.integer(1, 1_000),
        robust=robust.boolean(),
    )
    return model, transfers.boolean(), each.integer(1)


def _positive(node: Node) -> float:
    value = node.millionths(1_000 * POINT)
    if not value:
        raise node.fail("must be above 0")
    return value / POINT


def _weights(node: Node, panel: str) -> Weights:
    weights = Weights(*(weight.millionths(POINT) for weight in node.fields("computed", "panel", "peers")))
    if weights.computed + weights.panel + weights.peers != POINT:
        raise node.fail("the three weights do not sum to 1")
    if panel == "none" and weights.panel:
        raise node.fail("a panel that is not there cannot have a weight")
    return weights


def _level(node: Node, *, paid: bool) -> Level:
    if paid:
        name, seats, each = node.fields("name", "seats", "sum")
        return Level(name.string(), seats.integer(), each.integer())
    name, seats = node.fields("name", "seats")
    return Level(name.string(), seats.integer())


def _groups(node: Node) -> tuple[Group, ...]:
    found = []
    for item in node.each():
        name, lot = item.fields("name", "lot")
        found.append(Group(name.string(), lot.integer(1)))
    if len(found) < 2:
        raise node.fail("a round has at least two groups")
    _all_different(node, (group.name for group in found), "group name")
    _all_different(node, (group.lot for group in found), "lot")
    return tuple(found)


def _units(node: Node, groups: Mapping[str, int], panel: str) -> tuple[Unit, ...]:
    found = []
    for item in node.each():
        number, group, lot, computed, score, bonus = item.fields("number", "group", "lot", "computed", "panel", "bonus")
        if panel != "given" and score.value is not None:
            raise score.fail(f"must be null where the panel is {panel}")
        found.append(
            Unit(
                number.integer(1),
                groups[group.one_of(*groups)],
                lot.integer(1),
                computed.millionths(FULL_SCORE),
                score.millionths(FULL_SCORE) if panel == "given" else None,
                bonus.millionths(FULL_SCORE),
            )
        )
    _all_different(node, (unit.number for unit in found), "number")
    _all_different(node, (unit.lot for unit in found), "lot")
    if len({unit.group for unit in found}) < len(groups):
        raise node.fail("a group has no unit")
    return tuple(sorted(found, key=lambda unit: unit.number))


def _assessors(node: Node, groups: Mapping[str, int]) -> tuple[tuple[str, ...], IntArray]:
    found = []
    for item in node.each():
        name, group = item.fields("id", "group")
        found.append((name.string(), groups[group.one_of(*groups)]))
    _all_different(node, (name for name, _ in found), "id")
    found.sort()
    return tuple(name for name, _ in found), np.array([group for _, group in found], dtype=np.int64)


def _marks(node: Node, places: Mapping[int, int], panel: str) -> tuple[tuple[str, ...], Reviews]:
    if panel != "calibrated" and node.value != []:
        raise node.fail(f"must be empty where the panel is {panel}")
    experts = {item.fields("expert", "unit", "score")[0].string() for item in node.each()}
    return tuple(sorted(experts)), _scores(node, "expert", tuple(sorted(experts)), places)


def _scores(node: Node, whose: str, ids: tuple[str, ...], places: Mapping[int, int]) -> Reviews:
    """Reviews or marks as sorted arrays; each pair of assessor and unit once."""
    index = {name: place for place, name in enumerate(ids)}
    rows = []
    for item in node.each():
        assessor, unit, score = item.fields(whose, "unit", "score")
        if assessor.string() not in index:
            raise assessor.fail(f"{assessor.value!r} is not among the {whose}s")
        rows.append((index[assessor.value], places[_known(unit, places)], score.millionths(FULL_SCORE)))
    table = np.array(rows, dtype=np.int64).reshape(-1, 3)
    reviews = Reviews.sorted(table[:, 0], table[:, 1], table[:, 2])
    twice = (np.diff(reviews.assessor) == 0) & (np.diff(reviews.unit) == 0)
    if twice.any():
        place = int(np.flatnonzero(twice)[0])
        numbers = list(places)
        raise node.fail(f"{ids[reviews.assessor[place]]!r} scores unit {numbers[reviews.unit[place]]} twice")
    return reviews


def _known(node: Node, places: Mapping[int, int]) -> int:
    if node.integer(1) not in places:
        raise node.fail(f"no unit has the number {node.value}")
    return node.integer(1)


def _all_different(node: Node, values: Iterable[object], what: str) -> None:
    seen = set()
    for value in values:
        if value in seen:
            raise node.fail(f"{what} {value} stands twice")
        seen.add(value)


def _check_whole(published: Published) -> None:
    """What no single field shows: reviews cross groups, seats fit units, tiers fit the fund, three groups transfer."""
    reviews = published.reviews
    group = np.array([unit.group for unit in published.units], dtype=np.int64)
    within = np.flatnonzero(published.group_of_assessor[reviews.assessor] == group[reviews.unit])
    if within.size:
        name = published.assessors[int(reviews.assessor[within[0]])]
        raise Malformed(
            "reviews", f"{name!r} reviews unit {published.units[int(reviews.unit[within[0]])].number} of its own group"
        )
    if published.transfers and len(published.groups) < 3:
        raise Malformed("parameters.transfers", "third-party seats need three groups")
    try:
        tiers_remainder([(tier.seats, tier.sum) for tier in published.tiers], published.fund, len(published.units))
    except Infeasible as error:
        raise Malformed("tiers", str(error)) from None
    if sum(grade.seats for grade in published.grades) > len(published.units):
        raise Malformed("grades", "more seats than units")


def _written(published: Published) -> dict[str, object]:
    model, weights = published.model, published.weights
    return {
        "format": FORMAT,
        "parameters": {
            "lambda_merit": text(round(model.lambda_merit * POINT)),
            "lambda_severity": text(round(model.lambda_severity * POINT)),
            "delta": text(round(model.delta * POINT)),
            "passes": model.passes,
            "robust": model.robust,
            "transfers": published.transfers,
            "reviews_each": published.reviews_each,
        },
        "weights": {"computed": text(weights.computed), "panel": text(weights.panel), "peers": text(weights.peers)},
        "fund": published.fund,
        "tiers": [{"name": tier.name, "seats": tier.seats, "sum": tier.sum} for tier in published.tiers],
        "grades": [{"name": grade.name, "seats": grade.seats} for grade in published.grades],
        "other_grade": published.other_grade,
        "groups": [{"name": group.name, "lot": group.lot} for group in published.groups],
        "units": [_written_unit(unit, published.groups) for unit in published.units],
        "withdrawn": sorted(published.withdrawn),
        "panel": published.panel,
        "panel_marks": _written_scores(published.marks, "expert", published.experts, published.units),
        "assessors": [
            {"id": name, "group": published.groups[group].name}
            for name, group in zip(published.assessors, published.group_of_assessor.tolist(), strict=True)
        ],
        "reviews": _written_scores(published.reviews, "assessor", published.assessors, published.units),
    }


def _written_unit(unit: Unit, groups: tuple[Group, ...]) -> dict[str, object]:
    return {
        "number": unit.number,
        "group": groups[unit.group].name,
        "lot": unit.lot,
        "computed": text(unit.computed),
        "panel": None if unit.panel is None else text(unit.panel),
        "bonus": text(unit.bonus),
    }


def _written_scores(
    reviews: Reviews, whose: str, ids: tuple[str, ...], units: tuple[Unit, ...]
) -> list[dict[str, object]]:
    table = zip(reviews.assessor.tolist(), reviews.unit.tolist(), reviews.score.tolist(), strict=True)
    return [{whose: ids[row], "unit": units[unit].number, "score": text(score)} for row, unit, score in table]
