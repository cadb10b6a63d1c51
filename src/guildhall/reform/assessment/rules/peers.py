"""The assessment's decisions as plain functions: marks, conflicts as classes, and the published file."""

import secrets
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

import numpy as np
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from numpy.typing import NDArray

from guildhall.foundation.errors import OutOfStep, Refusal
from guildhall.foundation.programmes.schema import Indicator, Setup
from guildhall.foundation.records.rules import sm3
from guildhall.reform.assessment.states import STEP_AFTER, StepMove, StepState
from guildhall.science.calibration import Model
from guildhall.science.marking import POINT, sheet_score, text
from guildhall.science.published import compute, parse
from guildhall.science.result import Result as Computed
from guildhall.science.round_file import FORMAT
from guildhall.science.seats import group_quotas, transfer_caps

IntArray = NDArray[np.int64]

LOW, HIGH = 60, 95
"""A reason is asked for below 60 and from 95 on (assumed, page 5 of the design)."""
REASON_FEWEST = 10
GROUPS = "甲乙丙丁戊己庚辛壬"


class MarkOutOfRange(Refusal):
    """A mark that is no whole number of 0 – 100."""

    code = "assessment.mark-out-of-range"
    message = _("“%(label)s”要填 0 到 100 的整数。")
    status = 422


class UnknownIndicator(Refusal):
    """A mark for something that is not judged in this round."""

    code = "assessment.unknown-indicator"
    message = _("这一轮没有这项评价指标。")
    status = 422


class SheetIncomplete(Refusal):
    """A sheet handed in before each unit is fully marked."""

    code = "assessment.sheet-incomplete"
    message = _("还有 %(n)d 家没有评完：%(units)s。评分表要整份提交。")
    status = 422


class FlatSheet(Refusal):
    """All units of a sheet have the same score: it compares nothing."""

    code = "assessment.flat-sheet"
    message = _("您给每家单位的得分都一样，比不出高低。请至少让一家不同，再提交。")
    status = 422


class AssignmentInfeasible(Refusal):
    """No assignment meets the rules; each condition that fails is named."""

    code = "assessment.infeasible"
    message = _("按现在的分组和回避关系排不出互评名单：%(why)s")


CONDITIONS: dict[str, Promise] = {
    "partners": _("有单位的可评对象不足两倍评分数"),
    "class-half": _("有一类回避关系里的单位超过一半"),
    "class-rest": _("有一类回避关系之外的单位太少"),
    "two-groups": _("只有两组时，两组单位数要相等，每家评的不能超过单位数的四分之一"),
    "groups.too-few": _("单位太少，分不成组"),
    "assignment.none-exists": _("逐一查找后确认没有可行的排法"),
    "assignment.not-found": _("在限定次数内没有找到可行的排法"),
    "assignment.unlinked": _("有一组的单位之间缺少共同的评价人"),
    "panel.too-few-experts": _("有单位的可用专家不足"),
    "panel.unlinked": _("专家之间缺少共同评价的单位"),
}


def next_step_state(state: str, move: StepMove) -> StepState:
    """Where the step goes by this move; raises `OutOfStep` where the table has no such move."""
    try:
        return STEP_AFTER[state, move]
    except KeyError:
        raise OutOfStep(state=StepState(state).label, move=move.label) from None


def judged(setup: Setup) -> dict[str, Indicator]:
    """The judged indicators by key, in order."""
    return {leaf.key: leaf for leaf in setup.leaves("judged")}


def read_mark(value: object, label: str) -> int:
    """A mark as entered. Raises `MarkOutOfRange`."""
    written = str(value).strip()
    if not (written.isascii() and written.isdigit() and len(written) <= 3 and int(written) <= 100):
        raise MarkOutOfRange(label=label)
    return int(written)


def reason_missing(value: int, reason: str) -> bool:
    """Whether this mark lies at an extreme and says too little why."""
    return (value < LOW or value >= HIGH) and len(reason.strip()) < REASON_FEWEST


def complete(setup: Setup, marks: Mapping[str, tuple[int, str]]) -> bool:
    """Whether every judged indicator has its mark, and every extreme its reason."""
    return all(key in marks and not reason_missing(*marks[key]) for key in judged(setup))


def review_score(setup: Setup, marks: Mapping[str, tuple[int, str]]) -> int:
    """A fully marked unit's score in millionths: its marks weighted by the judged indicators' points."""
    leaves = judged(setup)
    return sheet_score([marks[key][0] for key in leaves], [leaf.points for leaf in leaves.values()])


def flat(scores: Sequence[int]) -> bool:
    """Whether a sheet of two or more units gives all of them the same score."""
    return len(scores) > 1 and len(set(scores)) == 1


def derived(seed: str, purpose: str) -> int:
    """A seed of its own for each use of one published seed: the first 128 bits of its SM3 with the purpose."""
    return int(sm3(f"{seed}:{purpose}".encode())[:32], 16)


def random_ids(n: int) -> list[str]:
    """`n` fresh random ids, all different, from the system's randomness."""
    ids: set[str] = set()
    while len(ids) < n:
        ids.add(secrets.token_hex(6))
    return sorted(ids, key=lambda _one: secrets.randbits(64))


def labels(keys: Sequence[object]) -> IntArray:
    """Class labels from keys, one a unit; an empty key belongs to no class (−1)."""
    number = {key: n for n, key in enumerate(dict.fromkeys(key for key in keys if key))}
    return np.array([number.get(key, -1) for key in keys], dtype=np.int64)


def company_labels(units: Sequence[int], parents: Mapping[int, int | None], groups: Mapping[int, str]) -> IntArray:
    """Which units belong to one group of companies: by its name, or through parents and subsidiaries."""
    root: dict[object, object] = {}

    def find(one: object) -> object:
        while root.setdefault(one, one) != one:
            one = root[one]
        return one

    for unit in units:
        for other in (parents.get(unit), groups.get(unit) or None):
            if other is not None:
                root[find(unit)] = find(other)
    tops = [find(unit) for unit in units]
    shared = {top for top, members in Counter(tops).items() if members > 1}
    return labels([top if top in shared else None for top in tops])


@dataclass(frozen=True)
class Row:
    """One entrant in the published file; scores in millionths of a point."""

    number: int
    group: int
    lot: int
    computed: int
    bonus: int


def grade_seats(setup: Setup, units: int) -> list[dict[str, object]]:
    """The grades as fixed seats of the whole list: each cumulative share, rounded down, less what stands above it."""
    seats, above = [], 0
    for grade in setup.outcome.grades:
        upto = int(Fraction(grade.upto) * units / 100)
        seats.append({"name": grade.name.zh, "seats": upto - above})
        above = upto
    return seats


def published_file(
    setup: Setup,
    rows: Sequence[Row],
    *,
    group_lots: Sequence[int],
    withdrawn: Iterable[int],
    assessors: Mapping[str, int],
    reviews: Iterable[tuple[str, int, int]],
    panel: Iterable[tuple[str, int, int]],
) -> dict[str, object]:
    """The de-identified file the round is computed from: units by number, assessors and experts by random ids.

    `assessors`: id → group. `reviews` and `panel`: (id, unit's number, score in millionths).
    """
    model, weights = Model(), setup.weights
    return {
        "format": FORMAT,
        "parameters": {
            "lambda_merit": text(round(model.lambda_merit * POINT)),
            "lambda_severity": text(round(model.lambda_severity * POINT)),
            "delta": text(round(model.delta * POINT)),
            "passes": model.passes,
            "robust": model.robust,
            "transfers": setup.peers.third_party_seats and setup.peers.groups >= 3,
            "reviews_each": setup.peers.reviews_each,
        },
        "weights": {name: plain_decimal(getattr(weights, name)) for name in ("computed", "panel", "peers")},
        "fund": setup.outcome.fund_fen,
        "tiers": [{"name": tier.name.zh, "seats": tier.seats, "sum": tier.sum_fen} for tier in setup.outcome.tiers],
        "grades": grade_seats(setup, len(rows)),
        "other_grade": setup.outcome.grades[-1].name.zh if setup.outcome.grades else "–",
        "groups": [{"name": GROUPS[n], "lot": lot} for n, lot in enumerate(group_lots)],
        "units": [
            {
                "number": row.number,
                "group": GROUPS[row.group],
                "lot": row.lot,
                "computed": text(row.computed),
                "panel": None,
                "bonus": text(row.bonus),
            }
            for row in rows
        ],
        "withdrawn": sorted(withdrawn),
        "panel": "calibrated" if weights.panel else "none",
        "panel_marks": [{"expert": one, "unit": unit, "score": text(score)} for one, unit, score in panel],
        "assessors": [{"id": one, "group": GROUPS[group]} for one, group in sorted(assessors.items())],
        "reviews": [{"assessor": one, "unit": unit, "score": text(score)} for one, unit, score in reviews],
    }


@lru_cache(maxsize=4)
def computed_file(text: str) -> Computed:
    """The outcome of a published file; pages that argue with it read it more than once."""
    return compute(parse(text))


def seats_before(setup: Setup, sizes: Sequence[int], lots: Sequence[int]) -> tuple[list[list[int]], list[int]]:
    """Each tier's seats by group before third parties move any, and the caps of what they may move."""
    quotas = group_quotas([tier.seats for tier in setup.outcome.tiers], sizes, lots)
    return quotas.tolist(), transfer_caps(quotas, sizes) if len(sizes) > 1 else []


def adding_up(terms: Sequence[int], total: int, places: int, unit: int) -> tuple[list[Decimal], Decimal, Decimal]:
    """Terms and total rounded half up to `places`, and what rounding leaves, so that they add up on screen.

    Terms and total are integers of which `unit` make a point.
    """
    step = unit // 10**places
    whole = [(term + step // 2) // step for term in terms]
    sum_of = (total + step // 2) // step
    shown = [Decimal(term).scaleb(-places) for term in whole]
    return shown, Decimal(sum_of).scaleb(-places), Decimal(sum_of - sum(whole)).scaleb(-places)


def plain_decimal(value: Decimal) -> str:
    """An exact decimal as the plain text that files carry, without idle zeros."""
    return text(int(value * POINT))
