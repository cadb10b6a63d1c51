"""Who reviews whom (science of mutual assessment, "Fixed before anything is scored" and "Assignment").

Units are split in groups that are each a fair cross-section; every review crosses groups. Each unit gives m and
receives m; nobody reviews itself, a group mate, a conflict, or the unit that reviews it; each serves the other groups
alike. The same seed gives the same assignment.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from guildhall.science.draws import Draws
from guildhall.science.errors import Infeasible
from guildhall.science.permitted import Permitted, among, failed_conditions
from guildhall.science.repair import exact, repaired

IntArray = NDArray[np.int64]

SWEEPS: Final = 5  # Each sweep proposes one swap for every review.
MENDING_SWEEPS: Final = 60
TRIES: Final = 20  # fresh sweeps to link every view
EXACT_LIMIT: Final = 60  # units up to which the exact search decides


@dataclass(frozen=True)
class Edges:
    """Reviews to be made: `assessor[k]` reviews `unit[k]`, both indices of units."""

    assessor: IntArray
    unit: IntArray


def deal_groups(prior: NDArray[np.int64] | Sequence[int], seed: int, groups: int = 3) -> IntArray:
    """A group 0 … `groups` − 1 for each of n units, sizes as equal as possible, each a cross-section of `prior`.

    Units are sorted by `prior` (any exact integer score, best first; ties in the order given), cut in blocks of
    `groups`, and each block is dealt to the groups at random by `seed` (128 bits, published; not the assignment's).
    Raises `Infeasible` ("groups.too-few") unless 2 ≤ groups ≤ n.
    """
    scores = np.asarray(prior, dtype=np.int64)
    if not 2 <= groups <= scores.size:
        raise Infeasible("groups.too-few", f"{groups} groups of {scores.size} units", groups=groups, units=scores.size)
    blocks = -(-scores.size // groups)
    dealt = np.argsort(Draws(seed).words(blocks * groups).reshape(blocks, groups), axis=1, kind="stable")
    group = np.empty(scores.size, dtype=np.int64)
    group[np.argsort(-scores, kind="stable")] = dealt.ravel()[: scores.size]
    return group


def assign(
    group: IntArray,
    m: int,
    seed: int,
    *,
    classes: Sequence[IntArray] = (),
    conflicts: IntArray | None = None,
    allowed: IntArray | None = None,
) -> IntArray:
    """(n·m, 2) pairs (assessor, unit), sorted: each of the n units gives m reviews and receives m.

    `group` (n): from `deal_groups`. `classes`: label arrays (n), one a kind of conflict such as the district; two
    units with the same label ≥ 0 do not review each other. `conflicts` (k, 2): single pairs, symmetric. `allowed`
    (k, 2): pairs pinned as allowed, which win over both, never over self or group mate. `seed`: 128 bits, sealed.

    Each assessor's m are spread over the other groups alike, to within one (within two where groups are unequal; less
    alike only where conflicts leave no other way). Members of a group are linked, in its view, by shared assessors.
    Raises `Infeasible`: "assignment.impossible" with `conditions`, each necessary condition that fails;
    "assignment.none-exists" after an exact search; "assignment.not-found" after a bounded one; "assignment.unlinked".
    """
    permitted = Permitted.of(group, classes, conflicts, allowed)
    if conditions := failed_conditions(permitted, m):
        names = ", ".join(str(condition["condition"]) for condition in conditions)
        raise Infeasible("assignment.impossible", f"no assignment exists: {names}", conditions=conditions)
    draws = Draws(seed)
    edges = _constructed(permitted, m, draws)
    for _ in range(TRIES):
        edges = Edges(*_mixed(permitted, edges, draws))
        if unlinked := unlinked_views(group, edges.assessor, edges.unit):
            continue
        return _sorted_pairs(edges)
    raise Infeasible("assignment.unlinked", "members of a group share too few assessors", groups=unlinked)


def linked(assessor: IntArray, unit: IntArray, members: IntArray) -> bool:
    """Whether all `members` (unit indices) hang together through the assessors of one view's reviews."""
    if members.size < 2:
        return True
    units = max(int(members.max()), int(unit.max(initial=0))) + 1
    size = units + int(assessor.max(initial=0)) + 1
    graph = coo_array((np.ones(unit.size, dtype=np.int8), (unit, units + assessor)), shape=(size, size))
    _, part = connected_components(graph, directed=False)
    return bool(np.all(part[members] == part[members[0]]))


def unlinked_views(group: IntArray, assessor: IntArray, unit: IntArray) -> list[int]:
    """The groups whose members are not linked in their own view, the reviews by all other groups."""
    found = []
    for own in range(int(group.max()) + 1):
        seen = group[assessor] != own
        if not linked(assessor[seen], unit[seen], np.flatnonzero(group == own)):
            found.append(own)
    return found


def _constructed(permitted: Permitted, m: int, draws: Draws) -> Edges:
    """Rules first: a circulant, swaps within pairs of groups, then directed repairs, then the exact search."""
    start = _circulant(permitted.group, m, draws)
    edges = _mended(permitted, _swept(permitted, start, draws), draws) if start is not None else None
    found = repaired(permitted, edges.assessor, edges.unit, m, draws) if edges is not None else None
    if found is None and permitted.units <= EXACT_LIMIT:
        found = exact(permitted, m, draws)
        if found is None:
            raise Infeasible("assignment.none-exists", "an exact search found that no assignment exists", reviews=m)
    if found is None:
        raise Infeasible("assignment.not-found", "a bounded search found no assignment", reviews=m)
    return Edges(*found)


def _circulant(group: IntArray, m: int, draws: Draws) -> Edges | None:
    """Position p reviews p + d: a random order with group = position mod C, steps spread evenly over the residues.

    Steps stay below n/2, so that no pair is reciprocal. None where there are not enough such steps. Where C does not
    divide n, steps that wrap round may break a rule; the repair mends those few.
    """
    units, count = group.size, int(group.max()) + 1
    sizes = np.bincount(group, minlength=count)
    order = draws.order(units)
    residue_of = np.empty(count, dtype=np.int64)
    residue_of[np.argsort(-sizes, kind="stable")] = np.arange(count)  # The first residues have one position more.
    at = np.empty(units, dtype=np.int64)
    for own in range(count):
        members = order[group[order] == own]
        at[residue_of[own] + count * np.arange(members.size)] = members
    turns = np.arange(m)
    steps = 1 + turns % (count - 1) + count * (turns // (count - 1))
    if 2 * int(steps.max()) >= units:
        return None
    position = np.repeat(np.arange(units), m)
    return Edges(at[position], at[(position + np.tile(steps, units)) % units])


def _swept(permitted: Permitted, start: Edges, draws: Draws) -> Edges:
    edges = start
    for _ in range(SWEEPS):
        edges = _sweep(permitted, edges, draws)
    return edges


def _mended(permitted: Permitted, start: Edges, draws: Draws) -> Edges:
    """Sweeps over broken reviews alone, all at once; what they leave is for directed repairs."""
    edges = start
    for _ in range(MENDING_SWEEPS):
        if np.all(permitted.pairs(edges.assessor, edges.unit)):
            break
        edges = _sweep(permitted, edges, draws, mending=True)
    return edges


def _mixed(permitted: Permitted, edges: Edges, draws: Draws) -> tuple[IntArray, IntArray]:
    mixed = _swept(permitted, edges, draws)
    return mixed.assessor, mixed.unit


def _sweep(permitted: Permitted, edges: Edges, draws: Draws, *, mending: bool = False) -> Edges:
    """One round of double swaps r→u, r'→u' to r→u', r'→u within each pair of groups, all proposed at once.

    A swap is made where both new reviews are permitted and neither they nor their reverses are among all old and all
    proposed reviews, so that those made cannot disturb one another. `mending` proposes them for broken reviews only.
    """
    units = permitted.units
    first, second = _proposed(permitted, edges, draws, mending=mending)
    fit = permitted.pairs(edges.assessor[first], edges.unit[second])
    fit &= permitted.pairs(edges.assessor[second], edges.unit[first])
    first, second = first[fit], second[fit]
    assessor = np.concatenate((edges.assessor[first], edges.assessor[second]))
    unit = np.concatenate((edges.unit[second], edges.unit[first]))
    bonds = np.minimum(assessor, unit) * units + np.maximum(assessor, unit)
    old = np.minimum(edges.assessor, edges.unit) * units + np.maximum(edges.assessor, edges.unit)
    _, where, times = np.unique(bonds, return_inverse=True, return_counts=True)
    free = (times[where] == 1) & ~among(bonds, np.sort(old))
    made = free[: first.size] & free[first.size :]
    swapped = edges.unit.copy()
    swapped[first[made]] = edges.unit[second[made]]
    swapped[second[made]] = edges.unit[first[made]]
    return Edges(edges.assessor, swapped)


def _proposed(permitted: Permitted, edges: Edges, draws: Draws, *, mending: bool) -> tuple[IntArray, IntArray]:
    """Disjoint pairs of reviews of one kind, from a group to a group: in random order, the first meets the last."""
    group = permitted.group
    sound = permitted.pairs(edges.assessor, edges.unit) if mending else np.zeros(edges.unit.size, dtype=np.bool_)
    kind = group[edges.assessor] * (int(group.max()) + 1) + group[edges.unit]
    order = np.lexsort((draws.words(kind.size), sound, kind))
    sizes = np.bincount(kind)
    starts = np.cumsum(sizes) - sizes
    place = np.arange(kind.size)
    across = 2 * starts[kind[order]] + sizes[kind[order]] - 1 - place
    front = (place < across) & ~sound[order]
    return order[front], order[across[front]]


def _sorted_pairs(edges: Edges) -> IntArray:
    order = np.lexsort((edges.unit, edges.assessor))
    return np.stack((edges.assessor[order], edges.unit[order]), axis=1)
