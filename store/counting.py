"""Owns finding the documents that match: by FTS5, for common words by sets, among few by texts."""

from __future__ import annotations

import sqlite3
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from math import prod

import numpy as np
from numpy.typing import NDArray

from store.columns import Columns, Mask, Places
from store.holders import CHUNK, read_holders
from store.index import COMMON
from store.matching import Choice, Match, quoted
from store.place_sets import PlaceSet
from store.texts import Block, holding, packed_texts

#: Documents whose texts are read rather than the lists of common words: one takes four
#: microseconds, a list some fifty and each of its documents a hundredth of one.
FEW = 1_500

#: The newest documents, whose words are held in memory, some 250 KB: most questions ask for these.
NEWEST = 256

#: Questions whose places are kept, without labels: of a million documents 8 MB at most.
KEPT = 64

#: So few texts are quicker read one by one than found among the newest.
FEWEST = 8


class Counting:
    """All matches of a question, as of one state of the files."""

    def __init__(self, index: sqlite3.Connection, columns: Columns) -> None:
        self._index = index
        self._columns = columns
        #: the place of the first of the newest documents, and their words, once asked for
        self._newest: tuple[int, Block] | None = None
        #: words and bounds → the places where they stand, those asked for last at the end
        self._known: OrderedDict[tuple[str, int, int], PlaceSet] = OrderedDict()

    @staticmethod
    def by_sets(match: Match) -> bool:
        """Whether the lists of holders are combined, or texts read, rather than FTS5 asked.

        That is quicker while some group has few documents, and alone knows phrases.
        """
        if has_phrases(match):
            return False
        return not match.groups or min(map(_most, match.groups)) >= COMMON

    def places(self, match: Match, lowest: int, highest: int) -> Places:
        """The places of the documents that match, among these numbers, ascending."""
        start, end = self._columns.between(lowest, highest)
        labels = bool(match.labels or match.refused_labels)
        mask = self.labelled(match, start, end) if labels else None
        if not match.groups and not match.refused:
            return np.arange(start, end) if mask is None else np.flatnonzero(mask) + start
        asked = (match.words, lowest, highest)
        if asked not in self._known and mask is not None:
            # What the labels leave may be little, and then little has to be looked at.
            if has_phrases(match):
                return self._by_index(match.expression, lowest, highest)
            if self.by_sets(match) and np.count_nonzero(mask) <= FEW:
                places = np.flatnonzero(mask) + start
                return places[self.among(match, places)]
        places = self._places_of_words(match, asked)
        return places if mask is None else places[mask[places - start]]

    def _places_of_words(self, match: Match, asked: tuple[str, int, int]) -> Places:
        """The places of the documents that hold the words, whatever labels they carry.

        They are remembered: a page counts the same words under one choice of labels after another.
        """
        if asked in self._known:
            self._known.move_to_end(asked)
            return self._known[asked].places()
        _, lowest, highest = asked
        if self.by_sets(match):
            start, end = self._columns.between(lowest, highest)
            mask = np.ones(end - start, dtype=bool)
            for group in match.groups:
                mask &= self._held(group, lowest, highest)
            if match.refused:
                mask &= ~self._held(match.refused, lowest, highest)
            places: Places = np.flatnonzero(mask) + start
        else:
            places = self._by_index(match.words, lowest, highest)
        self._known[asked] = PlaceSet(places, len(self._columns))
        if len(self._known) > KEPT:
            self._known.popitem(last=False)
        return places

    def holds(self, match: Match, number: int, lowest: int, highest: int) -> bool:
        """Whether this document matches and is among these numbers."""
        if not lowest <= number <= highest:
            return False
        if has_phrases(match):
            return bool(len(self._by_index(match.expression, number, number)))
        # FTS5 would look up every word again; the document itself says which it holds.
        place = self._columns.places([number])
        if not self.labelled(match, int(place[0]), int(place[0]) + 1)[0]:
            return False
        return bool(self.among(match, place)[0])

    def among(self, match: Match, places: Places) -> Mask:
        """Which of the documents at these places hold the words asked for, and none refused.

        For a match without phrases.
        """
        asked = [_numbers(group) for group in (*match.groups, match.refused)]
        first, block = self._newest or self._read_newest()
        if len(places) > FEWEST and places.min() >= first:
            masks = [block.holding(group)[places - first] for group in asked]
        else:
            masks = holding(self._index, self._columns.slots_at(places), asked)
        *held, refused = masks
        mask = ~refused
        for one in held:
            mask &= one
        return mask

    def _read_newest(self) -> tuple[int, Block]:
        first = max(0, len(self._columns) - NEWEST)
        slots = self._columns.slots_at(np.arange(first, len(self._columns)))
        self._newest = first, Block(packed_texts(self._index, slots))
        return self._newest

    def labelled(self, match: Match, start: int, end: int) -> Mask:
        """Which of the places carry the labels asked for, and none that are refused."""
        mask = np.ones(end - start, dtype=bool)
        for facet, numbers in match.labels.items():
            wanted = [number for number in numbers if number is not None]
            mask &= self._columns.having(facet, wanted, start, end)
        for facet, number in match.refused_labels:
            if number is not None:
                mask &= ~self._columns.having(facet, [number], start, end)
        return mask

    def share(self, match: Match) -> float:
        """The share of all documents that should hold the words, as if these stood anywhere."""
        documents = max(1, len(self._columns))
        return prod(min(1.0, _most(group) / documents) for group in match.groups)

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
        start, end = self._columns.between(lowest, highest)
        # The chunks of these places: slots are given as items come, nearly in the order of time.
        chunks = self._columns.chunks_of(start, end, CHUNK)
        counted = [word.number for word in words if word.counted]
        mask = self._columns.held(read_holders(self._index, counted, chunks), start, end)
        rare = [quoted([word.key]) for word in words if not word.counted]
        if rare:
            mask[self._by_index(" OR ".join(rare), lowest, highest) - start] = True
        return mask


def has_phrases(match: Match) -> bool:
    """Whether FTS5 must be asked, which alone knows how words stand beside one another."""
    return any(choice.phrase for group in (*match.groups, match.refused) for choice in group)


def _most(group: Iterable[Choice]) -> int:
    """In how many documents any of a group's words can stand."""
    return sum(word.documents for choice in group for word in choice.words)


def _numbers(group: Sequence[Choice]) -> NDArray[np.int64]:
    return np.array([word.number for choice in group for word in choice.words], dtype=np.int64)
