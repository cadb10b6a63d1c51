"""A unit's result with corrected facts, beside the released one."""

from typing import Any

from guildhall.foundation.programmes.models import Application
from guildhall.foundation.programmes.rules import bonus_points, computed_score
from guildhall.foundation.programmes.rules.selection import placed_anew
from guildhall.foundation.programmes.schema import Weights
from guildhall.reform.assessment.models import Result
from guildhall.science.marking import in_points


def corrected(application: Application, facts: dict[str, Any]) -> dict[str, Any]:
    """The unit's result with these facts, marks and everybody else standing as released. Registered with the cycle.

    Its computed score and bonus are reckoned anew; it is placed among its group by the same order as before: final score,
    the part that peers do not touch, the lot. Seats stay as released.
    """
    setup, own = application.round.rules, application.result
    weights, lot = setup.weights, application.entrant.lot
    computed, bonus = in_points(computed_score(setup, facts)[0]), in_points(bonus_points(setup, facts))
    gained = weights.computed * (computed - own.computed) + bonus - own.bonus
    rest = Result.objects.filter(application__round=application.round, group=own.group).exclude(pk=own.pk)
    keys = {
        one.pk: _key(one, weights, one.application.entrant.lot) for one in rest.select_related("application__entrant")
    }
    before = _key(own, weights, lot)
    after = (before[0] + int(gained.scaleb(12)), before[1] + int(gained.scaleb(12)), before[2])
    tier = placed_anew(own.tier, before=before, after=after, others=[(keys[one.pk], one.tier) for one in rest])
    grade = placed_anew(own.grade, before=before, after=after, others=[(keys[one.pk], one.grade) for one in rest])
    tiers, grades = setup.outcome.tiers, setup.outcome.grades
    return {
        "group": own.group, "rank": 1 + sum(key > after for key in keys.values()), "tier": tier,
        "tier_name": tiers[tier].name.zh if tier is not None else "",
        "sum_fen": tiers[tier].sum_fen if tier is not None else 0,
        "grade": grades[grade].name.zh if grade is not None else "",
        "final": str(own.final + gained), "computed": str(computed), "bonus": str(bonus),
    }  # fmt: skip


def _key(result: Result, weights: Weights, lot: int) -> tuple[int, int, int]:
    """A result's place in its group as integers, the larger first: final, what peers do not touch, the smaller lot."""
    untouched = weights.computed * result.computed + weights.panel * result.panel + result.bonus
    return int(result.final.scaleb(12)), int(untouched.scaleb(12)), -lot
