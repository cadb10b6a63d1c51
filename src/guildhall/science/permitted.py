"""Which pairs may review each other, and the conditions without which no assignment exists
(science of mutual assessment, "Assignment")."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Self

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
NO_PAIRS = np.empty((0, 2), dtype=np.int64)


@dataclass(frozen=True)
class Permitted:
    """The symmetric relation "may review": `group` (n), conflict `classes` (label arrays, −1 for none), sorted keys
    low·n + high of single `conflicts` and of pairs `allowed` in spite of a conflict."""

    group: IntArray
    classes: tuple[IntArray, ...]
    conflicts: IntArray
    allowed: IntArray

    @classmethod
    def of(
        cls, group: IntArray, classes: Sequence[IntArray], conflicts: IntArray | None, allowed: IntArray | None
    ) -> Self:
        """Raises `ValueError` for labels of another length or pairs that name no unit."""
        group = np.asarray(group, dtype=np.int64)
        labels = tuple(np.asarray(label, dtype=np.int64) for label in classes)
        if any(label.shape != group.shape for label in labels):
            raise ValueError("each class array needs one label a unit")
        return cls(group, labels, _keys(conflicts, group.size), _keys(allowed, group.size))

    @property
    def units(self) -> int:
        return self.group.size

    def pairs(self, one: IntArray, other: IntArray) -> BoolArray:
        """For each pair, whether the two may review each other."""
        barred = np.zeros(np.broadcast(one, other).shape, dtype=np.bool_)
        for label in self.classes:
            barred |= (label[one] == label[other]) & (label[one] >= 0)
        keys = np.minimum(one, other) * self.units + np.maximum(one, other)
        barred |= among(keys, self.conflicts)
        barred &= ~among(keys, self.allowed)
        fit: BoolArray = ~barred & (self.group[one] != self.group[other])
        return fit

    def partners(self) -> IntArray:
        """How many units each unit may review (n), counted by inclusion and exclusion over the label arrays."""
        barred = np.zeros(self.units, dtype=np.int64)
        labels = (self.group, *self.classes)
        for size in range(1, len(labels) + 1):
            for chosen in combinations(labels, size):
                barred += (-1) ** (size + 1) * _sharing(chosen)
        single = np.setdiff1d(self.conflicts, self.allowed)
        barred += self._touched(single, counted=False)
        barred -= self._touched(self.allowed, counted=True)
        return self.units - barred

    def _touched(self, keys: IntArray, *, counted: bool) -> IntArray:
        """How many of `keys` touch each unit, of those that share a label (`counted`) or share none; group mates,
        whom no pin makes allowed, are left out."""
        low, high = keys // self.units, keys % self.units
        shared = np.zeros(keys.size, dtype=np.bool_)
        for label in self.classes:
            shared |= (label[low] == label[high]) & (label[low] >= 0)
        kept = (shared == counted) & (self.group[low] != self.group[high])
        return np.bincount(np.concatenate((low[kept], high[kept])), minlength=self.units)


def among(keys: IntArray, ordered: IntArray) -> BoolArray:
    """Which `keys` are among `ordered`, which is sorted: a search for each, where `np.isin` would sort them all."""
    if not ordered.size:
        return np.zeros(keys.shape, dtype=np.bool_)
    found: BoolArray = ordered[np.minimum(np.searchsorted(ordered, keys), ordered.size - 1)] == keys
    return found


def failed_conditions(permitted: Permitted, m: int) -> list[dict[str, object]]:
    """Each necessary condition of an assignment of m reviews that fails, with the numbers that show it.

    "partners": a unit with fewer than 2m allowed partners (each partner serves in one direction only);
    "class-half": a class of more than half of all units; "class-rest": a class with fewer than 2m units outside it;
    "two-groups": two groups of unequal size, or m > n/4. A class with an allowed pair inside is not judged.
    """
    failed: list[dict[str, object]] = []
    units = permitted.units
    partners = permitted.partners()
    if (short := np.flatnonzero(partners < 2 * m)).size:
        failed.append({"condition": "partners", "units": short.tolist(), "needed": 2 * m, "least": int(partners.min())})
    for kind, label in enumerate((permitted.group, *permitted.classes)):
        failed += _failed_classes(permitted, label, "group" if kind == 0 else f"class {kind}", m)
    sizes = np.bincount(permitted.group)
    if sizes.size == 2 and (sizes[0] != sizes[1] or 4 * m > units):
        failed.append({"condition": "two-groups", "sizes": sizes.tolist(), "reviews": m, "most": units // 4})
    return failed


def _failed_classes(permitted: Permitted, label: IntArray, kind: str, m: int) -> list[dict[str, object]]:
    failed: list[dict[str, object]] = []
    units, allowed = permitted.units, permitted.allowed
    low, high = allowed // units, allowed % units
    opened = set(label[low][label[low] == label[high]].tolist()) if kind != "group" else set()
    names, sizes = np.unique(label[label >= 0], return_counts=True)
    for name, size in zip(names.tolist(), sizes.tolist(), strict=True):
        if name in opened:
            continue
        facts = {"kind": kind, "label": name, "size": size, "units": units}
        if 2 * size > units:
            failed.append({"condition": "class-half", **facts})
        if 2 * m > units - size:
            failed.append({"condition": "class-rest", **facts, "needed": 2 * m})
    return failed


def _sharing(labels: tuple[IntArray, ...]) -> IntArray:
    """How many units, itself included, share all `labels` with each unit; nobody shares a label below 0."""
    stacked = np.stack(labels)
    _, where, times = np.unique(stacked, axis=1, return_inverse=True, return_counts=True)
    return np.where(np.all(stacked >= 0, axis=0), times[where], 0)


def _keys(pairs: IntArray | None, units: int) -> IntArray:
    found = np.asarray(NO_PAIRS if pairs is None else pairs, dtype=np.int64).reshape(-1, 2)
    if found.size and not (found.min() >= 0 and found.max() < units):
        raise ValueError("a pair names no unit")
    found = found[found[:, 0] != found[:, 1]]
    return np.unique(found.min(axis=1) * units + found.max(axis=1))
