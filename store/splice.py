"""Owns one order of documents becoming another: some leave, some come in, the rest keep theirs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

_Value = TypeVar("_Value", bound=np.generic)


class Splice:
    """What leaves and what comes in, as places in the old order."""

    def __init__(self, dropped: NDArray[np.intp], before: NDArray[np.intp]) -> None:
        """``before``: in front of which place each that comes in stands. Both ascending."""
        self._dropped = dropped
        self._before = before
        self._pieces = list(self._cut())

    def _cut(self) -> Iterator[tuple[int, int, int]]:
        """Pieces of the old order, from and to, each with how many have come in after it."""
        cuts = np.union1d(self._dropped, self._before)
        come = np.searchsorted(self._before, cuts, side="right").tolist()
        gone = np.isin(cuts, self._dropped).tolist()
        start = 0
        for end, upto, leaves in zip(cuts.tolist(), come, gone, strict=True):
            yield start, end, upto
            start = end + leaves

    def joined(self, old: NDArray[_Value], fresh: NDArray[_Value]) -> NDArray[_Value]:
        """A column in the new order, in memory of its own."""
        parts = []
        taken = 0
        for start, end, upto in self._pieces:
            parts += [old[start:end], fresh[taken:upto]]
            taken = upto
        parts.append(old[self._rest() :])
        return np.concatenate(parts)

    def _rest(self) -> int:
        """Where the piece behind the last cut begins."""
        if not self._pieces:
            return 0
        _, end, _ = self._pieces[-1]
        return end + int(len(self._dropped) > 0 and int(self._dropped[-1]) == end)

    def moved(self, places: NDArray[np.intp]) -> NDArray[np.intp]:
        """The new places of those that stayed."""
        gone = np.searchsorted(self._dropped, places, side="left")
        come = np.searchsorted(self._before, places, side="right")
        moved: NDArray[np.intp] = places - gone + come
        return moved
