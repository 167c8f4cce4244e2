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


def holding(index: sqlite3.Connection, slots: Numbers, groups: Sequence[Numbers]) -> list[Mask]:
    """For each group of word numbers which of these slots' documents hold any of them."""
    masks = [np.zeros(len(slots), dtype=bool) for _ in groups]
    for start in range(0, len(slots), _AT_ONCE):
        some = slots[start : start + _AT_ONCE]
        numbers = unpacked(b"\0".join(packed_texts(index, some)))
        # Zeros stand between the columns of a text, and by joining them between the texts.
        ends = np.append(np.flatnonzero(numbers == 0)[TEXT_COLUMNS - 1 :: TEXT_COLUMNS], 0)
        ends[-1] = len(numbers)
        for mask, group in zip(masks, groups, strict=True):
            wanted = np.zeros(max(numbers.max(initial=0), group.max(initial=0)) + 1, dtype=bool)
            wanted[group] = True
            mask[start + np.searchsorted(ends, np.flatnonzero(wanted[numbers]))] = True
    return masks
