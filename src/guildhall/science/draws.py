"""Chance that can be repeated: the same seed gives the same draws, on any machine and any later numpy.

Only the raw words of PCG64 are read, whose stream numpy promises to keep (NEP 19); `Generator.permutation` and its
kin carry no such promise, and an auditor may recompute an assignment years later.
"""

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int64]


class Draws:
    """A stream of draws from a seed of up to 128 bits. Raises `ValueError` for a seed out of that range."""

    def __init__(self, seed: int) -> None:
        if not 0 <= seed < 1 << 128:
            raise ValueError("a seed has 128 bits and no sign")
        self._source = np.random.PCG64(seed)

    def words(self, count: int) -> NDArray[np.uint64]:
        """`count` words of 64 bits."""
        return self._source.random_raw(count)

    def order(self, count: int) -> IntArray:
        """0 … count − 1 in random order."""
        return np.argsort(self.words(count), kind="stable").astype(np.int64)

    def below(self, limits: IntArray) -> IntArray:
        """One integer below each limit; the bias of the remainder is under limit / 2⁶⁴."""
        return (self.words(limits.size) % limits.astype(np.uint64)).astype(np.int64)


def draw_lots(count: int, seed: int) -> IntArray:
    """Lots 1 … count, one for each row, drawn before scoring; the smaller lot wins a tie."""
    return Draws(seed).order(count) + 1
