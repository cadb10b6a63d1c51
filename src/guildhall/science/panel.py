"""Which experts of a pool mark which units (science of mutual assessment, "Final score": the panel)."""

import numpy as np
from numpy.typing import NDArray

from guildhall.science.assignment import linked
from guildhall.science.draws import Draws
from guildhall.science.errors import Infeasible

IntArray = NDArray[np.int64]
TRIES = 50


def assign_panel(group: IntArray, experts: int, k: int, seed: int, forbidden: IntArray | None = None) -> IntArray:
    """(n·k, 2) pairs (expert, unit), sorted: each of the n units is marked by k of the `experts`.

    `group` (n): experts serve all groups alike, and carry loads that differ by at most one in each group and in all,
    save where `forbidden` (pairs (expert, unit): bonds, past work) leaves no other way. All units are linked through
    shared experts, so that severities can be told apart. `seed`: 128 bits.
    Raises `Infeasible`: "panel.too-few-experts" with the `units` that have fewer than k experts left;
    "panel.unlinked" where the draws never linked all units.
    """
    barred = np.zeros((group.size, experts), dtype=np.bool_)
    if forbidden is not None and forbidden.size:
        barred[forbidden[:, 1], forbidden[:, 0]] = True
    short = np.flatnonzero((~barred).sum(axis=1) < k)
    if k < 1 or short.size:
        message = f"{short.size} units have fewer than {k} experts left"
        raise Infeasible("panel.too-few-experts", message, units=short.tolist(), needed=k, experts=experts)
    draws = Draws(seed)
    for _ in range(TRIES):
        pairs = _dealt(group, barred, k, draws)
        if linked(pairs[:, 0], pairs[:, 1], np.arange(group.size)):
            return pairs
    raise Infeasible("panel.unlinked", "units share too few experts", experts=experts, needed=k)


def _dealt(group: IntArray, barred: NDArray[np.bool_], k: int, draws: Draws) -> IntArray:
    """Group by group, each unit to the k experts with the least to do in the group, then in all, then by chance.
    Units with the fewest experts left come first in their group."""
    units, experts = barred.shape
    load = np.zeros(experts, dtype=np.int64)
    chosen = np.empty((units, k), dtype=np.int64)
    for own in range(int(group.max()) + 1):
        here = np.zeros(experts, dtype=np.int64)
        members = np.flatnonzero(group == own)
        members = members[np.lexsort((draws.words(members.size), -barred[members].sum(axis=1)))]
        for row in members.tolist():
            turn = np.lexsort((draws.words(experts), load, here, barred[row]))[:k]
            chosen[row] = turn
            load[turn] += 1
            here[turn] += 1
    expert, unit = chosen.ravel(), np.repeat(np.arange(units), k)
    order = np.lexsort((unit, expert))
    return np.stack((expert[order], unit[order]), axis=1)
