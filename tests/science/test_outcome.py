import numpy as np
import pytest

from guildhall.science.calibration import Model, Reviews
from guildhall.science.errors import Infeasible
from guildhall.science.marking import POINT
from guildhall.science.outcome import NO_LEVEL, Outcome, Rules, Units, decide, rank_with

IntArray = np.ndarray[tuple[int, ...], np.dtype[np.int64]]
PICO = POINT**2


def round_of(count: int, seed: int, groups: int = 3) -> tuple[Units, Reviews]:
    chance = np.random.default_rng(seed)
    group = np.arange(count) % groups
    assessor, unit = np.nonzero((group[:, None] != group) & (chance.random((count, count)) < 0.4))
    reviews = Reviews.sorted(assessor, unit, chance.integers(0, 101, unit.size) * POINT)
    untouched = chance.integers(0, 60, count) * PICO
    return Units(group, chance.permutation(count) + 1, untouched, np.ones(count, dtype=np.bool_)), reviews


RULES = Rules(peers=300_000, ladders=((3, 6, 9), (5, 10)), group_lots=(2, 3, 1))


def decided(units: Units, reviews: Reviews, rules: Rules = RULES) -> Outcome:
    return decide(units, reviews, units.group, rules)


@pytest.mark.parametrize("seed", range(30))
def test_relabelling_units_relabels_the_outcome(seed: int) -> None:
    units, reviews = round_of(27, seed)
    to = np.random.default_rng(seed + 1_000).permutation(27)
    back = np.argsort(to)
    moved = Units(units.group[back], units.lot[back], units.untouched[back], units.ranked[back])

    before = decided(units, reviews)
    after = decided(moved, Reviews.sorted(to[reviews.assessor], to[reviews.unit], reviews.score))

    assert after.merit[to].tolist() == before.merit.tolist()
    assert after.rank[to].tolist() == before.rank.tolist()
    for one, other in zip(before.ladders, after.ladders, strict=True):
        assert other.level[to].tolist() == one.level.tolist()
        assert other.seats.tolist() == one.seats.tolist()


@pytest.mark.parametrize("transfers", [True, False])
def test_first_of_each_group_reach_each_level_up_to_its_seats(transfers: bool) -> None:
    units, reviews = round_of(45, 1)
    found = decided(units, reviews, Rules(300_000, ((3, 6, 9),), (1, 2, 3), transfers=transfers))

    ladder = found.ladders[0]
    for group in range(3):
        members = np.flatnonzero(units.group == group)
        in_order = ladder.level[members[np.argsort(found.rank[members])]]
        first, second, third = ladder.seats[:, group].tolist()
        expected = [0] * first + [1] * (second - first) + [2] * (third - second)
        assert in_order.tolist() == expected + [NO_LEVEL] * (members.size - third)
    assert bool(ladder.moved) == transfers


def test_where_all_stand_alike_the_lot_decides() -> None:
    count = 12
    units = Units(
        np.arange(count) % 3, count - np.arange(count), np.zeros(count, dtype=np.int64), np.ones(count, dtype=np.bool_)
    )
    nothing = Reviews.sorted(*(np.empty(0, dtype=np.int64) for _ in range(3)))

    found = decided(units, nothing, Rules(300_000, ((3,),), (1, 2, 3)))

    assert found.rank.tolist() == [4, 4, 4, 3, 3, 3, 2, 2, 2, 1, 1, 1]
    assert np.flatnonzero(found.ladders[0].level == 0).tolist() == [9, 10, 11]


def test_a_tie_goes_to_what_no_peer_touches() -> None:
    """Unit 3 has three points more from computed and panel scores, unit 0 the same in merit."""
    units = Units(
        np.array([0, 1, 2, 0]), np.array([1, 2, 3, 4]), np.array([0, 0, 0, 3]) * PICO, np.ones(4, dtype=np.bool_)
    )
    reviews = Reviews.sorted(np.array([1, 1, 2, 2]), np.array([0, 2, 3, 1]), np.array([60, 40, 50, 51]) * POINT)
    found = decided(units, reviews, Rules(300_000, ((1,),), (1, 2, 3)))
    tied = Units(
        units.group, units.lot, np.array([0, 0, 0, int(found.final[0]) - 300_000 * int(found.merit[3])]), units.ranked
    )

    again = decided(tied, reviews, Rules(300_000, ((1,),), (1, 2, 3)))

    assert again.final[0] == again.final[3]
    assert (again.rank[3] < again.rank[0]) == (tied.untouched[3] > tied.untouched[0])


def test_a_unit_that_withdrew_has_no_row_but_its_marks_count_and_seats_stay() -> None:
    units, reviews = round_of(27, 4)
    before = decided(units, reviews)
    gone = int(np.flatnonzero((units.group == 0) & (before.rank == 1))[0])
    ranked = units.ranked.copy()
    ranked[gone] = False

    after = decided(Units(units.group, units.lot, units.untouched, ranked), reviews)

    assert after.merit.tolist() == before.merit.tolist()
    assert (after.rank[gone], after.ladders[0].level[gone]) == (0, NO_LEVEL)
    assert after.ladders[0].base.tolist() == before.ladders[0].base.tolist()
    mates = (units.group == 0) & ranked
    assert after.rank[mates].tolist() == (before.rank[mates] - 1).tolist()
    assert after.ladders[0].seats[-1].sum() == 18


def test_a_rank_interval_holds_the_rank_and_follows_from_the_scores_either_side() -> None:
    units, reviews = round_of(45, 6)
    found = decided(units, reviews)
    assert found.error is not None
    assert found.interval is not None

    assert np.all(found.interval[:, 0] <= found.rank)
    assert np.all(found.rank <= found.interval[:, 1])
    reach = 300_000 * int(np.floor(2e6 * found.error[7] + 0.5))
    better = rank_with(units, found.final, 7, int(found.final[7]) + reach)
    worse = rank_with(units, found.final, 7, int(found.final[7]) - reach)
    assert found.interval[7].tolist() == [better, worse]
    assert rank_with(units, found.final, 7, int(found.final[7])) == found.rank[7]


def test_third_parties_move_seats_to_the_better_group() -> None:
    """All units of group 0 are 30 points better, as groups 1 and 2 agree."""
    count = 60
    group = np.arange(count) % 3
    assessor, unit = np.nonzero(group[:, None] != group)
    score = (40 + 30 * (group[unit] == 0) + unit // 3 % 5) * POINT
    units = Units(group, np.arange(count) + 1, np.zeros(count, dtype=np.int64), np.ones(count, dtype=np.bool_))

    ladder = decided(units, Reviews.sorted(assessor, unit, score), Rules(10**6, ((12, 24),), (1, 2, 3))).ladders[0]

    assert ladder.caps == (2, 2)
    assert ladder.seats.tolist() == [[8, 2, 2], [16, 10, 10]]


def test_transfers_among_two_groups_are_refused() -> None:
    units, reviews = round_of(12, 1, groups=2)

    with pytest.raises(Infeasible) as refused:
        decided(units, reviews, Rules(300_000, ((3,),), (1, 2)))

    assert refused.value.code == "transfers.need-three-groups"


def test_severity_moves_nobody_much() -> None:
    """One assessor takes 20 off all it marks: in the plain mean its units fall by 20 / m, here by a tenth of that."""
    units, reviews = round_of(60, 9)
    mine = reviews.assessor == 0
    harsh = Reviews(reviews.assessor, reviews.unit, reviews.score - 20 * POINT * mine)

    plain = Model(robust=False)
    before, after = (decided(units, each, Rules(10**6, ((3,),), (1, 2, 3), plain)).merit for each in (reviews, harsh))

    marked = np.isin(np.arange(60), reviews.unit[mine]) | (units.group == units.group[0])
    fallen = np.mean((after - before)[~marked]) - np.mean((after - before)[reviews.unit[mine]])
    assert 0 < fallen < 0.1 * 20 * POINT / np.bincount(reviews.unit).mean()
