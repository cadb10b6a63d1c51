"""An invented round, for tests and benches (science of mutual assessment, "Simulation"): merit N(60, 10²), severity
N(0, 8²), noise N(0, 6²), scores cut to whole numbers 0 to 100, groups dealt by a prior of merit + N(0, 6²)."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from guildhall.science.assignment import assign, deal_groups
from guildhall.science.draws import draw_lots
from guildhall.science.marking import POINT, text
from guildhall.science.panel import assign_panel
from guildhall.science.round_file import FORMAT

FloatArray = NDArray[np.float64]
TIERS = ((10, 2_000_000), (30, 1_000_000), (100, 500_000))  # seats of 225 units and sums in fen


def invented_round(
    units: int = 225, *, reviews_each: int = 8, groups: int = 3, seed: int = 1, panel: str = "calibrated"
) -> dict[str, Any]:
    """A published file as JSON objects, honest assessors throughout; tiers and grades scale with `units`.

    `panel`: "none", "given", or "calibrated" (3 of 15 experts mark each unit).
    """
    chance = np.random.default_rng(seed)
    merit = chance.normal(60, 10, units)
    severity = chance.normal(0, 8, units)
    prior = np.rint(100 * (merit + chance.normal(0, 6, units))).astype(np.int64)
    group = deal_groups(prior, seed, groups)
    pairs = assign(group, reviews_each, seed)
    scores = _marked(merit[pairs[:, 1]] - severity[pairs[:, 0]], chance)
    names = _fresh_ids("a", units, chance)
    marks = _panel_marks(group, merit, chance, seed) if panel == "calibrated" else []
    given = _marked(merit, chance)
    computed = np.clip(merit + chance.normal(0, 6, units), 0, 100)
    lots = draw_lots(units, seed)
    return {
        **_frame(units, reviews_each, groups, panel),
        "units": [
            {
                "number": unit + 1,
                "group": f"G{group[unit] + 1}",
                "lot": int(lots[unit]),
                "computed": text(int(computed[unit] * POINT)),
                "panel": str(given[unit]) if panel == "given" else None,
                "bonus": "0",
            }
            for unit in range(units)
        ],
        "panel_marks": marks,
        "assessors": [{"id": names[unit], "group": f"G{group[unit] + 1}"} for unit in range(units)],
        "reviews": [
            {"assessor": names[assessor], "unit": unit + 1, "score": str(score)}
            for (assessor, unit), score in zip(pairs.tolist(), scores, strict=True)
        ],
    }


def _frame(units: int, reviews_each: int, groups: int, panel: str) -> Mapping[str, Any]:
    seats = [count * units // 225 for count, _ in TIERS]
    weights = {"computed": "0.4", "panel": "0.3", "peers": "0.3"}
    return {
        "format": FORMAT,
        "parameters": {
            "lambda_merit": "0.36",
            "lambda_severity": "0.5625",
            "delta": "9",
            "passes": 20,
            "robust": True,
            "transfers": groups > 2,
            "reviews_each": reviews_each,
        },
        "weights": weights if panel != "none" else {"computed": "0.4", "panel": "0", "peers": "0.6"},
        "fund": sum(count * each for count, (_, each) in zip(seats, TIERS, strict=True)),
        "tiers": [
            {"name": f"T{place + 1}", "seats": count, "sum": each}
            for place, (count, (_, each)) in enumerate(zip(seats, TIERS, strict=True))
        ],
        "grades": [{"name": "excellent", "seats": units // 5}, {"name": "good", "seats": units * 2 // 5}],
        "other_grade": "passed",
        "groups": [{"name": f"G{place + 1}", "lot": place + 1} for place in range(groups)],
        "withdrawn": [],
        "panel": panel,
    }


def _panel_marks(
    group: NDArray[np.int64], merit: FloatArray, chance: np.random.Generator, seed: int
) -> list[dict[str, Any]]:
    experts = _fresh_ids("e", 15, chance)
    severity = chance.normal(0, 5, 15)
    pairs = assign_panel(group, 15, 3, seed)
    scores = _marked(merit[pairs[:, 1]] - severity[pairs[:, 0]], chance)
    return [
        {"expert": experts[expert], "unit": unit + 1, "score": str(score)}
        for (expert, unit), score in zip(pairs.tolist(), scores, strict=True)
    ]


def _marked(expected: FloatArray, chance: np.random.Generator) -> list[int]:
    marks: list[int] = np.clip(np.rint(expected + chance.normal(0, 6, expected.size)), 0, 100).astype(np.int64).tolist()
    return marks


def _fresh_ids(first: str, count: int, chance: np.random.Generator) -> list[str]:
    return [f"{first}{word:09d}" for word in chance.choice(10**9, count, replace=False).tolist()]
