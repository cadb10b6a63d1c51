"""Every number on a unit's page adds up to the next one."""

import copy
from typing import Any

import numpy as np
import pytest

from guildhall.science.explanation import merit_from
from guildhall.science.published import Result, compute, explain, parse


@pytest.mark.parametrize("number", [1, 17, 42])
def test_the_list_adds_up_to_the_merit_and_the_parts_to_the_final_score(result: Result, number: int) -> None:
    it = explain(result, number)

    assert it.mean + sum(line.contribution for line in it.lines) == it.merit == it.average + it.pull
    assert it.computed_part + it.panel_part + it.bonus_part + it.peers_part == it.final
    assert it.panel_mean is not None
    panel = it.panel_mean + sum(line.contribution for line in it.panel_lines)
    assert it.panel_part == 300_000 * panel
    view = result.outcome.views[result.published.units[number - 1].group]
    assert abs(merit_from(view, it.lines) * 10**6 - it.merit) < 0.51


def test_the_next_tier_is_as_far_as_its_last_seat(result: Result) -> None:
    outcome, tiers = result.outcome, result.tiers
    for place in range(0, 60, 6):
        group = result.published.units[place].group
        it = explain(result, place + 1)
        better = [
            tier
            for tier in range(3 if it.tier is None else it.tier)
            if outcome.rank[place] > tiers.seats[tier, group] > 0
        ]
        assert (None if it.next_tier is None else it.next_tier.tier) == max(better, default=None)
        if it.next_tier is not None:
            last = np.flatnonzero(
                (result.units.group == group) & (outcome.rank == tiers.seats[it.next_tier.tier, group])
            )
            assert it.next_tier.gap == outcome.final[last[0]] - outcome.final[place] >= 0


def test_one_point_more_is_the_round_computed_again(result: Result, invented: dict[str, Any]) -> None:
    changed = copy.deepcopy(invented)
    mine = sorted((row for row in changed["reviews"] if row["unit"] == 17), key=lambda row: row["assessor"])
    mine[2]["score"] = str(int(mine[2]["score"]) + 1)
    again = compute(parse(changed))
    more = explain(result, 17).lines[2].one_more

    assert more is not None
    assert (more.merit, more.final) == (again.outcome.merit[16], again.outcome.final[16])
    assert more.merit > result.outcome.merit[16]


def test_an_unknown_number(result: Result) -> None:
    with pytest.raises(KeyError):
        explain(result, 61)
