"""The straightforward implementation that the science is measured beside: plain Python, lists and dictionaries.

Assignment: the same circulant, then one random swap after the other, checked with sets. Calibration: merit and
severity in turn, each the shrunk average that the other asks for, until nothing moves by more than 10⁻¹².
"""

import random
from collections.abc import Sequence

Review = tuple[int, int, float]  # assessor, unit, points


def assigned(group: Sequence[int], m: int, seed: int, districts: Sequence[int]) -> set[tuple[int, int]]:
    """m reviews by each unit and of each, groups crossed, no district mate and no reciprocal pair."""
    chance = random.Random(seed)
    units = len(group)
    at = _positions(group, chance)
    edges = []
    for turn in range(m):
        step = 1 + turn % 2 + 3 * (turn // 2)
        edges += [(at[place], at[(place + step) % units]) for place in range(units)]
    made = set(edges)

    def fits(assessor: int, unit: int) -> bool:
        return (
            assessor != unit
            and group[assessor] != group[unit]
            and districts[assessor] != districts[unit]
            and (assessor, unit) not in made
            and (unit, assessor) not in made
        )

    def swap(one: int, other: int) -> bool:
        (first, its), (second, theirs) = edges[one], edges[other]
        if not (fits(first, theirs) and fits(second, its)):
            return False
        made.difference_update((edges[one], edges[other]))
        edges[one], edges[other] = (first, theirs), (second, its)
        made.update((edges[one], edges[other]))
        return True

    for one in range(len(edges)):
        swap(one, chance.randrange(len(edges)))
    for one, (assessor, unit) in enumerate(edges):
        bad = group[assessor] == group[unit] or districts[assessor] == districts[unit]
        while bad and not swap(one, chance.randrange(len(edges))):
            pass
    return made


def _positions(group: Sequence[int], chance: random.Random) -> list[int]:
    members: list[list[int]] = [[] for _ in range(max(group) + 1)]
    for unit in chance.sample(range(len(group)), len(group)):
        members[group[unit]].append(unit)
    members.sort(key=len, reverse=True)
    return [members[place % len(members)][place // len(members)] for place in range(len(group))]


def calibrated(reviews: list[Review], units: int, passes: int = 20) -> list[float]:
    """The merit of each unit in points, in one view."""
    mean = sum(points for *_, points in reviews) / len(reviews)
    weights = [1.0] * len(reviews)
    theta, severity = [0.0] * units, [0.0] * (max(assessor for assessor, *_ in reviews) + 1)
    for turn in range(passes):
        if turn:
            residuals = [points - mean - theta[unit] + severity[one] for one, unit, points in reviews]
            weights = [min(1.0, 9 / abs(residual)) if residual else 1.0 for residual in residuals]
        moved = 1.0
        while moved > 1e-12:
            theta, moved = _merits(reviews, weights, mean, theta, severity)
            severity = _severities(reviews, weights, mean, theta, severity)
    return [mean + merit for merit in theta]


def _merits(
    reviews: list[Review], weights: list[float], mean: float, theta: list[float], severity: list[float]
) -> tuple[list[float], float]:
    above, below = [0.0] * len(theta), [0.36] * len(theta)
    for (assessor, unit, points), weight in zip(reviews, weights, strict=True):
        above[unit] += weight * (points - mean + severity[assessor])
        below[unit] += weight
    found = [one / other for one, other in zip(above, below, strict=True)]
    return found, max(abs(one - other) for one, other in zip(found, theta, strict=True))


def _severities(
    reviews: list[Review], weights: list[float], mean: float, theta: list[float], severity: list[float]
) -> list[float]:
    above, below = [0.0] * len(severity), [0.5625] * len(severity)
    for (assessor, unit, points), weight in zip(reviews, weights, strict=True):
        above[assessor] += weight * (mean + theta[unit] - points)
        below[assessor] += weight
    return [one / other for one, other in zip(above, below, strict=True)]
