"""Owns finding all documents that match, to be counted: by FTS5, or for common words by sets."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from store.columns import Columns, Mask, Places
from store.holders import CHUNK, read_holders
from store.index import COMMON
from store.matching import Choice, Match, quoted
from store.packing import unpacked


class Counting:
    """All matches of a question, as of one state of the files."""

    def __init__(self, index: sqlite3.Connection, columns: Columns) -> None:
        self._index = index
        self._columns = columns

    @staticmethod
    def by_sets(match: Match) -> bool:
        """Whether the lists of holders are combined rather than FTS5 asked.

        That is quicker while some group has few documents, and alone knows phrases.
        """
        if _has_phrases(match):
            return False
        return not match.groups or min(map(_most, match.groups)) >= COMMON

    def places(self, match: Match, lowest: int, highest: int) -> Places:
        """The places of the documents that match, among these numbers, ascending."""
        if not self.by_sets(match):
            return self._by_index(match.expression, lowest, highest)
        start, end = self._columns.between(lowest, highest)
        mask = self._labelled(match, start, end)
        for group in match.groups:
            mask &= self._held(group, lowest, highest)
        if match.refused:
            mask &= ~self._held(match.refused, lowest, highest)
        return np.flatnonzero(mask) + start

    def holds(self, match: Match, number: int, lowest: int, highest: int) -> bool:
        """Whether this document matches and is among these numbers."""
        if not lowest <= number <= highest:
            return False
        if _has_phrases(match):
            return bool(len(self._by_index(match.expression, number, number)))
        # FTS5 would look up every word again; the document itself says which it holds.
        place = int(self._columns.places([number])[0])
        if not self._labelled(match, place, place + 1)[0]:
            return False
        (packed,) = self._index.execute(
            "SELECT numbers FROM texts WHERE slot = ?",
            self._columns.slots_at(np.array([place])).tolist(),
        ).fetchone()
        held = set(unpacked(packed).tolist())
        return not _any(match.refused, held) and all(_any(group, held) for group in match.groups)

    def _labelled(self, match: Match, start: int, end: int) -> Mask:
        """Which of the places carry the labels asked for, and none that are refused."""
        mask = np.ones(end - start, dtype=bool)
        for facet, numbers in match.labels.items():
            wanted = [number for number in numbers if number is not None]
            mask &= self._columns.having(facet, wanted, start, end)
        for facet, number in match.refused_labels:
            if number is not None:
                mask &= ~self._columns.having(facet, [number], start, end)
        return mask

    def _by_index(self, expression: str, lowest: int, highest: int) -> NDArray[np.intp]:
        # One text of all numbers: a row for each would take three times as long.
        (found,) = self._index.execute(
            "SELECT group_concat(rowid) FROM keys WHERE keys MATCH ? AND rowid BETWEEN ? AND ?",
            (expression, lowest, highest),
        ).fetchone()
        return self._columns.places(np.fromstring(found or "", dtype=np.int64, sep=","))

    def _held(self, choices: Iterable[Choice], lowest: int, highest: int) -> Mask:
        """Which of the places of these numbers hold any of the words."""
        words = {word.number: word for choice in choices for word in choice.words}.values()
        mask = np.zeros(len(self._columns), dtype=bool)
        for word in words:
            if word.counted:
                slots = read_holders(self._index, word.number, self._columns.slots // CHUNK + 1)
                mask[self._columns.held(slots)] = True
        rare = [quoted([word.key]) for word in words if not word.counted]
        if rare:
            mask[self._by_index(" OR ".join(rare), lowest, highest)] = True
        start, end = self._columns.between(lowest, highest)
        return mask[start:end]


def _most(group: Iterable[Choice]) -> int:
    """In how many documents any of a group's words can stand."""
    return sum(word.documents for choice in group for word in choice.words)


def _any(group: Iterable[Choice], held: set[int]) -> bool:
    """Whether any of a group's words is among these numbers."""
    return any(word.number in held for choice in group for word in choice.words)


def _has_phrases(match: Match) -> bool:
    return any(choice.phrase for group in (*match.groups, match.refused) for choice in group)
