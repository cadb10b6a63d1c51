from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from guildhall.science.errors import Infeasible
from guildhall.science.fund import apportion, tiers_remainder

YUAN = 100


def test_the_floor_for_every_pilot_is_refused_and_the_gap_named() -> None:
    with pytest.raises(Infeasible) as refused:
        tiers_remainder([(225, 5_000 * YUAN)], 1_000_000 * YUAN, 225)

    assert refused.value.code == "tiers.over-fund"
    assert refused.value.facts["gap"] == 125_000 * YUAN


def test_the_default_tiers_spend_the_fund_exactly() -> None:
    tiers = [(10, 20_000 * YUAN), (30, 10_000 * YUAN), (100, 5_000 * YUAN)]

    assert tiers_remainder(tiers, 1_000_000 * YUAN, 225) == 0


def test_more_seats_than_units_are_refused() -> None:
    with pytest.raises(Infeasible) as refused:
        tiers_remainder([(10, 1), (30, 1)], 1_000, 39)

    assert (refused.value.code, refused.value.facts["missing"]) == ("tiers.over-units", 1)


@given(st.lists(st.integers(0, 10_000), min_size=60, max_size=190), st.sampled_from([1, 100 * YUAN]))
@example([10_000] + [1] * 189, 1)  # One towers above; the ceiling holds.
@example([0] * 60, 1)
def test_the_fund_is_paid_to_the_fen_and_no_better_score_earns_less(scores: list[int], step: int) -> None:
    shares = apportion(scores, fund=1_000_000 * YUAN, floor=5_000 * YUAN, ceiling=20_000 * YUAN, step=step)

    assert sum(shares) == 1_000_000 * YUAN
    assert all(5_000 * YUAN <= share <= 20_000 * YUAN and share % step == 0 for share in shares)
    ranked = sorted(zip(scores, shares, strict=True))
    assert all(lower[1] <= higher[1] for lower, higher in pairwise(ranked))


@given(st.data())
def test_small_funds_with_tight_bounds(data: st.DataObject) -> None:
    scores = data.draw(st.lists(st.sampled_from([0, 1, 2, 3, 7, 100]), min_size=1, max_size=8))
    floor = data.draw(st.integers(0, 5))
    ceiling = floor + data.draw(st.integers(0, 9))
    fund = data.draw(st.integers(floor * len(scores), ceiling * len(scores)))

    shares = apportion(scores, fund=fund, floor=floor, ceiling=ceiling)

    assert sum(shares) == fund
    assert all(floor <= share <= ceiling for share in shares)


def test_in_between_shares_are_in_proportion() -> None:
    assert apportion([1, 2, 3], fund=600, floor=0, ceiling=600) == [100, 200, 300]


def test_what_rounding_leaves_goes_by_lot_among_equals() -> None:
    assert apportion([5, 5, 5], fund=11, floor=0, ceiling=9, lots=[3, 1, 2]) == [3, 4, 4]


@pytest.mark.parametrize(
    ("fund", "code", "facts"),
    [
        (299, "fund.floor", {"gap": 1}),
        (901, "fund.ceiling", {"gap": 1}),
    ],
)
def test_a_fund_that_bounds_cannot_meet_is_refused(fund: int, code: str, facts: dict[str, int]) -> None:
    with pytest.raises(Infeasible) as refused:
        apportion([1, 2, 3], fund=fund, floor=100, ceiling=300)

    assert refused.value.code == code
    assert facts.items() <= refused.value.facts.items()


def test_sums_that_are_no_whole_steps_are_named() -> None:
    with pytest.raises(Infeasible) as refused:
        apportion([1, 2], fund=1_050, floor=100, ceiling=1_000, step=100)

    assert refused.value.facts["odd"] == {"fund": 50}
