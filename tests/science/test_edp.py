from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from guildhall.science.calibration import Reviews
from guildhall.science.edp import LABEL, exact_dollar_partition, round_by_lot

GROUP = np.arange(9) % 3


def invented(seed: int) -> Reviews:
    assessor, unit = np.nonzero(GROUP[:, None] != GROUP)
    return Reviews.sorted(assessor, unit, np.random.default_rng(seed).integers(0, 101, unit.size))


def test_it_says_what_it_promises() -> None:
    assert LABEL == "impartial in probability"


def test_exactly_the_seats_are_given_and_the_better_of_a_group_comes_first() -> None:
    for seed in range(50):
        reviews = invented(seed)
        chosen = exact_dollar_partition(GROUP, reviews, 4, seed, np.arange(9))
        assert np.count_nonzero(chosen) == 4


def test_scores_decide_within_a_group() -> None:
    """All dollars go to units 0, 1 and 2, one of each group."""
    assessor, unit = np.nonzero((GROUP[:, None] != GROUP) & (np.arange(9) < 3))
    reviews = Reviews.sorted(assessor, unit, np.full(unit.size, 50))

    assert np.flatnonzero(exact_dollar_partition(GROUP, reviews, 3, 1, np.arange(9))).tolist() == [0, 1, 2]


def test_where_nobody_reports_all_groups_share_alike_and_lots_decide() -> None:
    nothing = Reviews.sorted(*(np.empty(0, dtype=np.int64) for _ in range(3)))

    assert np.flatnonzero(exact_dollar_partition(GROUP, nothing, 3, 1, 9 - np.arange(9))).tolist() == [6, 7, 8]


@given(st.lists(st.integers(0, 30), min_size=1, max_size=6), st.integers(0, 2**128 - 1))
def test_quotas_are_rounded_up_or_down_and_keep_their_sum(parts: list[int], seed: int) -> None:
    quotas = [Fraction(part, 7) for part in (*parts, -sum(parts) % 7)]
    counts = round_by_lot(quotas, seed)

    assert sum(counts) == sum(quotas)
    assert all(abs(count - quota) < 1 for count, quota in zip(counts, quotas, strict=True))


def test_a_quota_is_kept_on_average() -> None:
    quotas = [Fraction(1, 4), Fraction(5, 4), Fraction(1, 2)]
    means = np.mean([round_by_lot(quotas, seed) for seed in range(4_000)], axis=0)

    assert np.all(np.abs(means - [0.25, 1.25, 0.5]) < 0.03)
