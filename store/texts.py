"""Owns asking the packed texts of chosen documents which words they hold: for few, the quickest."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from store.index import TEXT_COLUMNS
from store.packing import unpacked

Numbers = NDArray[np.int64]
Mask = NDArray[np.bool_]

#: Texts read by one statement, and held in memory at once.
_AT_ONCE = 500


def packed_texts(index: sqlite3.Connection, slots: Numbers) -> list[bytes]:
    """The packed texts in these slots, in order; each slot must be in use."""
    cursor = index.cursor()
    cursor.row_factory = None
    wanted = slots.tolist()
    found: dict[int, bytes] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        some = wanted[start : start + _AT_ONCE]
        found.update(
            cursor.execute(
                f"SELECT slot, numbers FROM texts WHERE slot IN ({', '.join('?' * len(some))})",
                some,
            )
        )
    return [found[slot] for slot in wanted]


class Block:
    """The words of some documents' texts."""

    def __init__(self, texts: Sequence[bytes]) -> None:
        numbers = unpacked(b"\0".join(texts))
        # Zeros stand between the columns of a text, and by joining them between the texts.
        ends = np.append(np.flatnonzero(numbers == 0)[TEXT_COLUMNS - 1 :: TEXT_COLUMNS], 0)
        ends[-1] = len(numbers)
        self._ends = ends[: len(texts)]
        self._numbers = numbers.astype(np.int32)
        self._highest = int(numbers.max(initial=0))

    def holding(self, group: Numbers) -> Mask:
        """Which of the texts hold any of these words, by number."""
        mask = np.zeros(len(self._ends), dtype=bool)
        if len(group):
            wanted = np.zeros(max(self._highest, int(group.max())) + 1, dtype=bool)
            wanted[group] = True
            mask[np.searchsorted(self._ends, np.flatnonzero(wanted[self._numbers]))] = True
        return mask


def holding(index: sqlite3.Connection, slots: Numbers, groups: Sequence[Numbers]) -> list[Mask]:
    """For each group of word numbers which of these slots' documents hold any of them."""
    masks = [np.zeros(len(slots), dtype=bool) for _ in groups]
    for start in range(0, len(slots), _AT_ONCE):
        block = Block(packed_texts(index, slots[start : start + _AT_ONCE]))
        for mask, group in zip(masks, groups, strict=True):
            mask[start : start + _AT_ONCE] = block.holding(group)
    return masks
