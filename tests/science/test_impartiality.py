"""Whatever a unit reports, its own row and every row of its group stay the same to the last bit; the fund is spent
to the seat. The same check is then shown to fail for three rules that look harmless and are not."""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from guildhall.science import calibration, outcome
from guildhall.science.calibration import Model, Reviews, calibrate
from guildhall.science.marking import POINT
from guildhall.science.outcome import Outcome, Rules, Units, decide

INSTANCES = 2_000


@dataclass(frozen=True)
class Instance:
    units: Units
    reviews: Reviews
    changed: Reviews
    rules: Rules
    own: int


def invented(seed: int) -> Instance:
    """A small round, full of ties, and the same round after one unit changed or withheld its reports."""
    chance = np.random.default_rng(seed)
    groups = int(chance.integers(2, 5))
    count = int(chance.integers(2 * groups, 13))
    group = chance.permutation(np.arange(count) % groups)
    assessor, unit = np.nonzero((group[:, None] != group) & (chance.random((count, count)) < chance.uniform(0.3, 0.9)))
    score = chance.choice(np.array([0, 40, 55, 60, 61, 75, 100]), assessor.size) * POINT
    reviews = Reviews.sorted(assessor, unit, score)
    rules = Rules(
        peers=600_000,
        ladders=(tuple(chance.integers(0, count // 4 + 1, 3).tolist()), (count // 3, count // 3)),
        group_lots=tuple((chance.permutation(groups) + 1).tolist()),
        model=Model(robust=bool(chance.random() < 0.6)),
        transfers=groups > 2 and bool(chance.random() < 0.8),
    )
    untouched = chance.choice(np.array([0, 0, 10, 20]), count) * POINT**2
    units = Units(group, chance.permutation(count) + 1, untouched, chance.random(count) < 0.95)
    who = int(chance.integers(count))
    return Instance(units, reviews, _changed(reviews, who, chance), rules, int(group[who]))


def _changed(reviews: Reviews, who: int, chance: np.random.Generator) -> Reviews:
    """Other values, and some or all missing."""
    mine = reviews.assessor == who
    score = np.where(mine, chance.integers(0, 101, mine.size) * POINT, reviews.score)
    return replace(reviews, score=score).where(~mine | (chance.random(mine.size) < chance.choice([0.0, 0.5, 1.0])))


def rows_of(found: Outcome, units: Units, group: int) -> list[object]:
    """All that members of a group get, the floats behind the rounded merits included."""
    members = units.group == group
    view = found.views[group]
    assert found.error is not None and found.interval is not None
    by_unit = (found.merit, found.final, found.rank, found.error, found.interval, *(lad.level for lad in found.ladders))
    rows: list[object] = [values[members].tolist() for values in by_unit]
    rows += [view.mean, view.sigma, view.theta.tolist(), view.severity.tolist(), view.weight.tolist()]
    return rows + [ladder.seats[:, group].tolist() for ladder in found.ladders]


def check_impartial(seed: int) -> Outcome:
    it = invented(seed)
    before = decide(it.units, it.reviews, it.units.group, it.rules)
    after = decide(it.units, it.changed, it.units.group, it.rules)
    assert rows_of(before, it.units, it.own) == rows_of(after, it.units, it.own)
    return after


def check_seats(found: Outcome, units: Units, rules: Rules) -> None:
    """Each level keeps its published number; levels are nested and no group gets more seats than it has units."""
    sizes = np.bincount(units.group)
    for ladder, seats in zip(found.ladders, rules.ladders, strict=True):
        assert ladder.seats.sum(axis=1).tolist() == np.cumsum(seats).tolist()
        assert np.all(np.diff(np.vstack((np.zeros_like(sizes), ladder.seats, sizes)), axis=0) >= 0)
        if units.ranked.all():
            assert [int(np.count_nonzero(ladder.level == place)) for place in range(len(seats))] == list(seats)


def test_no_report_of_a_unit_reaches_its_own_group_and_every_seat_is_given_once() -> None:
    for seed in range(INSTANCES):
        it = invented(seed)
        check_seats(check_impartial(seed), it.units, it.rules)


def test_the_reports_that_were_changed_did_matter_to_others() -> None:
    """The check above would also hold for a rule that reads nothing."""
    moved = 0
    for seed in range(50):
        it = invented(seed)
        before = decide(it.units, it.reviews, it.units.group, it.rules)
        after = decide(it.units, it.changed, it.units.group, it.rules)
        others = it.units.group != it.own
        moved += before.merit[others].tolist() != after.merit[others].tolist()

    assert moved > 25


def fails_somewhere() -> bool:
    for seed in range(200):
        try:
            check_impartial(seed)
        except AssertionError:
            return True
    return False


def test_a_view_that_is_not_filtered_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outcome, "view_without", lambda reviews, groups, left_out: reviews)

    assert fails_somewhere()


@pytest.fixture
def whole(monkeypatch: pytest.MonkeyPatch) -> list[Reviews]:
    """The last round's reviews, unfiltered, as a broken rule might keep them at hand."""
    kept: list[Reviews] = []
    view_without = outcome.view_without

    def remembering(reviews: Reviews, group: outcome.IntArray, left_out: tuple[int, ...]) -> Reviews:
        kept[:] = [reviews]
        return view_without(reviews, group, left_out)

    monkeypatch.setattr(outcome, "view_without", remembering)
    return kept


def test_a_mean_over_all_reports_is_caught(monkeypatch: pytest.MonkeyPatch, whole: list[Reviews]) -> None:
    mean = calibration._mean
    monkeypatch.setattr(calibration, "_mean", lambda view: mean(whole[0]))

    assert fails_somewhere()


def test_a_warm_start_from_all_reports_is_caught(monkeypatch: pytest.MonkeyPatch, whole: list[Reviews]) -> None:
    """The solution is the same on paper; its last bits are not."""
    cold = calibration._start

    def warm(view: Reviews, units: int) -> calibration.FloatArray:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(calibration, "_start", cold)
            return calibrate(whole[0], units, Model(robust=False)).theta

    monkeypatch.setattr(calibration, "_start", warm)

    assert fails_somewhere()


def test_the_remembering_view_alone_is_not_what_fails(whole: list[Reviews]) -> None:
    assert not fails_somewhere()
    assert whole
