"""Mending an assignment that breaks a rule: directed swaps, and for few units an exact search
(science of mutual assessment, "Assignment")."""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, vstack

from guildhall.science.draws import Draws
from guildhall.science.errors import Infeasible
from guildhall.science.permitted import Permitted

IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

SWAPS_AT_LEAST: Final = 400  # directed swaps tried, and four more for each broken review
SWAPS_AT_MOST: Final = 2_000
REVIEWS_READ: Final = 30_000_000  # in all: a swap reads every review once
SECONDS: Final = 30.0  # for the exact search


def repaired(
    permitted: Permitted, assessor: IntArray, unit: IntArray, m: int, draws: Draws
) -> tuple[IntArray, IntArray] | None:
    """`assessor` and `unit` (n·m each) with every rule kept, or None where bounded swaps do not get there.

    Swaps keep each unit's m out and m in. Loads between groups stay alike to within one, in unequal groups two; only
    where that fails are they let go.
    """
    even = bool(np.ptp(np.bincount(permitted.group)) == 0)
    for slack in (0 if even else 1, 2, m):
        work = _Work(permitted, assessor, unit, m, slack)
        if work.mend(draws):
            return work.assessor, work.unit
    return None


class _Work:
    """An assignment under repair, with its loads: `out[r, d]` reviews by r in group d, `into[u, c]` of u by group c."""

    def __init__(self, permitted: Permitted, assessor: IntArray, unit: IntArray, m: int, slack: int) -> None:
        self.permitted, self.group, self.units = permitted, permitted.group, permitted.units
        self.assessor, self.unit = assessor.copy(), unit.copy()
        self.groups = int(self.group.max()) + 1
        self.least = max(0, m // (self.groups - 1) - slack)
        self.most = -(-m // (self.groups - 1)) + slack
        self.out = self._loads(self.assessor, self.unit)
        self.into = self._loads(self.unit, self.assessor)

    def mend(self, draws: Draws) -> bool:
        """Swap broken reviews away, cheapest partner first, ties by chance; True once none is left."""
        broken = self._broken()
        bound = min(SWAPS_AT_LEAST + 4 * int(np.count_nonzero(broken)), SWAPS_AT_MOST, REVIEWS_READ // broken.size)
        for _ in range(bound):
            places = np.flatnonzero(broken)
            if not places.size:
                return True
            chosen = int(places[int(draws.below(np.array([places.size]))[0])])
            if not self._swap(chosen, broken, draws):
                return False
            broken = self._broken()
        return not broken.any()

    def _broken(self) -> BoolArray:
        """Reviews that are not permitted, doubled, reciprocal, or one too many between a unit and a group."""
        bond = np.minimum(self.assessor, self.unit) * self.units + np.maximum(self.assessor, self.unit)
        _, where, times = np.unique(bond, return_inverse=True, return_counts=True)
        broken: BoolArray = ~self.permitted.pairs(self.assessor, self.unit) | (times[where] > 1)
        broken |= self._uneven(self.out, self.assessor, self.group[self.unit])
        broken |= self._uneven(self.into, self.unit, self.group[self.assessor])
        return broken

    def _uneven(self, loads: IntArray, whose: IntArray, kind: IntArray) -> BoolArray:
        """Reviews that load one group too much, or most while another group of the same unit has too little."""
        elsewhere = np.where(np.arange(self.groups) == self.group[:, None], self.most, loads)
        poor = elsewhere.min(axis=1) < self.least
        load = loads[whose, kind]
        uneven = (load > self.most) | (poor[whose] & (load == loads.max(axis=1)[whose]))
        return np.asarray(uneven, dtype=np.bool_)

    def _swap(self, chosen: int, broken: BoolArray, draws: Draws) -> bool:
        """Exchange the unit of `chosen` with that of the partner that breaks least; False if all would break both."""
        one, its = int(self.assessor[chosen]), int(self.unit[chosen])
        here = np.full(self.unit.size, one)
        fit_new = self.permitted.pairs(here, self.unit) & ~self._bonded(one)[self.unit]
        fit_old = self.permitted.pairs(self.assessor, np.full(self.unit.size, its)) & ~self._bonded(its)[self.assessor]
        level = self._level(chosen)
        # The new reviews of a swap must not be each other's reverse.
        cost = (~fit_new).astype(np.int64) + ~fit_old + 2 * ~level + 4 * ((self.unit == one) | (self.assessor == its))
        cost -= broken
        cost -= self._welcome(self.out, one, self.group[self.unit]) & level
        cost -= self._welcome(self.into, its, self.group[self.assessor]) & level
        cost[(self.assessor == one) | (self.unit == its)] = 9
        best = np.flatnonzero(cost == cost.min())
        if cost.min() > 1:
            return False
        partner = int(best[int(draws.below(np.array([best.size]))[0])])
        self.unit[chosen], self.unit[partner] = self.unit[partner], its
        self.out = self._loads(self.assessor, self.unit)
        self.into = self._loads(self.unit, self.assessor)
        return True

    def _welcome(self, loads: IntArray, own: int, kind: IntArray) -> BoolArray:
        """Where `own` has too little to do with a group, partners of that group come first."""
        return np.asarray((loads[own, kind] < self.least) & (kind != self.group[own]), dtype=np.bool_)

    def _bonded(self, own: int) -> BoolArray:
        """Which units already review `own` or are reviewed by it."""
        bonded = np.zeros(self.units, dtype=np.bool_)
        bonded[self.unit[self.assessor == own]] = True
        bonded[self.assessor[self.unit == own]] = True
        return bonded

    def _level(self, chosen: int) -> BoolArray:
        """For each partner, whether the swap keeps the loads of both assessors and both units within bounds."""
        one, its = int(self.assessor[chosen]), int(self.unit[chosen])
        mine, home = self.group[its], self.group[one]
        theirs, away = self.group[self.unit], self.group[self.assessor]
        level: BoolArray = (mine == theirs) | (
            (self.out[one, theirs] < self.most)
            & (self.out[self.assessor, mine] < self.most)
            & ((self.out[one, mine] > self.least) | (mine == home))
            & ((self.out[self.assessor, theirs] > self.least) | (theirs == away))
        )
        level &= (home == away) | (
            (self.into[its, away] < self.most)
            & (self.into[self.unit, home] < self.most)
            & ((self.into[its, home] > self.least) | (mine == home))
            & ((self.into[self.unit, away] > self.least) | (theirs == away))
        )
        return level

    def _loads(self, whose: IntArray, with_whom: IntArray) -> IntArray:
        key = whose * self.groups + self.group[with_whom]
        return np.bincount(key, minlength=self.units * self.groups).reshape(self.units, self.groups)


def exact(permitted: Permitted, m: int, draws: Draws) -> tuple[IntArray, IntArray] | None:
    """An assignment of few units by integer programming, as even between groups as can be; None: none exists.

    Decides what page "Assignment" calls the 2m-regular spanning subgraph, directions chosen along with the pairs.
    Raises `Infeasible` ("assignment.not-found") where `SECONDS` do not suffice to decide.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp  # noqa: PLC0415  Half a second, for a rare search.

    units, groups = permitted.units, int(permitted.group.max()) + 1
    low, high = np.triu_indices(units, k=1)
    fit = permitted.pairs(low, high)
    assessor, unit = np.concatenate((low[fit], high[fit])), np.concatenate((high[fit], low[fit]))
    edges, excess = assessor.size, units * groups
    column = np.arange(edges)

    def rows(index: IntArray, count: int) -> csr_array:
        return csr_array((np.ones(edges), (index, column)), shape=(count, edges + excess))

    outs, ins = rows(assessor, units), rows(unit, units)
    bonds = rows(np.tile(np.arange(edges // 2), 2), edges // 2)
    over = csr_array((np.ones(excess), (np.arange(excess), edges + np.arange(excess))), shape=(excess, edges + excess))
    loads = rows(assessor * groups + permitted.group[unit], excess) - over
    intake = rows(unit * groups + permitted.group[assessor], excess) - over
    most = np.concatenate((np.ones(edges // 2), np.full(2 * excess, -(-m // (groups - 1)))))
    cost = np.concatenate((draws.below(np.full(edges, 1000)) / 1e6, np.ones(excess)))
    found = milp(
        cost,
        integrality=np.concatenate((np.ones(edges), np.zeros(excess))),
        bounds=Bounds(0, np.concatenate((np.ones(edges), np.full(excess, np.inf)))),
        constraints=[
            LinearConstraint(vstack([outs, ins]).tocsr(), m, m),
            LinearConstraint(vstack([bonds, loads, intake]).tocsr(), -np.inf, most),
        ],
        options={"time_limit": SECONDS, "mip_rel_gap": 0.05},
    )
    if found.x is None:
        if found.status == 2:
            return None
        raise Infeasible("assignment.not-found", "the exact search did not end in time", reviews=m)
    kept = np.rint(found.x[:edges]) == 1
    return assessor[kept], unit[kept]
