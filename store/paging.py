"""Owns choosing one page of the documents that match: newest first, or by relevance."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import numpy as np

from store.columns import Columns, Places
from store.counting import Counting, has_phrases
from store.matching import Match
from store.ranking import WEIGHTS, scores

#: Relevance is computed over the newest this many matches: to read and weigh one takes about four
#: microseconds, and of a very common word the older half-million are no better an answer.
RELEVANCE_WINDOW = 5_000

#: FTS5 takes as long to open the list of one word as reading so many documents' texts does.
_TEXTS_A_WORD = 8

#: Texts read first: most pages need no more. And places whose labels are looked at at once.
_LEAST_TEXTS = 128
_BLOCK = 1 << 15

_WEIGHTS = ", ".join(map(str, (*WEIGHTS, 0.0)))


class Paging:
    """Pages of document numbers, as of one state of the files."""

    def __init__(self, index: sqlite3.Connection, columns: Columns, counting: Counting) -> None:
        self._index = index
        self._columns = columns
        self._counting = counting

    def last(self, places: Places, offset: int, limit: int) -> list[int]:
        """The page of these matches, which are given in the order of time, newest first."""
        return self._columns.numbers(_last(places, offset, limit))

    def newest(self, match: Match, lowest: int, highest: int, offset: int, limit: int) -> list[int]:
        """The page newest first, reading no further than it must."""
        wanted = offset + limit
        found: list[int] = []
        seen: set[int] = set()
        for number in self._descending(match, lowest, highest, wanted):
            if len(found) >= wanted:
                break
            cluster, stands_for = self._columns.cluster(number)
            if cluster:
                if cluster in seen:
                    continue
                if stands_for != number and self._counting.holds(
                    match, stands_for, lowest, highest
                ):
                    continue
                seen.add(cluster)
            found.append(number)
        return found[offset:]

    def _descending(self, match: Match, lowest: int, highest: int, wanted: int) -> Iterator[int]:
        """The numbers of all documents that match, newest first; about ``wanted`` will be taken.

        Of words that many documents hold the texts of the newest ones are read: FTS5 must open
        the list of each of their compounds first. Where more must be read than the words'
        frequencies let expect, it goes on from there.
        """
        start, end = self._columns.between(lowest, highest)
        share = self._counting.share(match)
        words = sum(len(choice.words) for group in match.groups for choice in group)
        left = 0
        if not has_phrases(match) and wanted < share * _TEXTS_A_WORD * words:
            left = 4 * _TEXTS_A_WORD * words
        elif not match.groups and not match.refused:
            left = end - start
        size = _LEAST_TEXTS
        while start < end and left > 0:
            block = max(start, end - _BLOCK)
            places = np.flatnonzero(self._counting.labelled(match, block, end))[::-1] + block
            while len(places) and left > 0:
                some, places = places[:size], places[size:]
                left -= len(some)
                end = int(some[-1])
                if match.groups or match.refused:
                    some = some[self._counting.among(match, some)]
                yield from self._columns.numbers(some)
            if not len(places):
                end = block
        if start < end:
            rows = self._index.execute(
                "SELECT rowid FROM keys WHERE keys MATCH ? AND rowid BETWEEN ? AND ? "
                "ORDER BY rowid DESC",
                (match.expression, lowest, self._columns.numbers(np.array([end - 1]))[0]),
            )
            try:
                for (number,) in rows:
                    yield number
            finally:
                rows.close()

    def best(self, match: Match, places: Places, offset: int, limit: int) -> list[int]:
        """The page by relevance among the newest matches, then the older ones by date."""
        newest, older = places[-RELEVANCE_WINDOW:], places[:-RELEVANCE_WINDOW]
        choices = [choice for group in match.groups for choice in group]
        if any(choice.phrase for choice in choices):
            ranked = self._ranked_by_index(match, newest)
        else:
            words = [word for choice in choices for word in choice.words]
            slots = self._columns.slots_at(newest)
            found = scores(self._index, slots, words, len(self._columns))
            ranked = self._columns.numbers(newest[np.lexsort((-newest, -found))])
        page = ranked[offset : offset + limit]
        if len(page) < limit:
            start = max(0, offset - len(ranked))
            page += self._columns.numbers(_last(older, start, limit - len(page)))
        return page

    def _ranked_by_index(self, match: Match, places: Places) -> list[int]:
        """These matches by FTS5's own bm25, which alone knows how often a phrase occurs."""
        window = self._columns.numbers(places)
        if not window:
            return []
        allowed = set(window)
        rows = self._index.execute(
            "SELECT rowid FROM keys WHERE keys MATCH ? AND rowid BETWEEN ? AND ? "
            f"ORDER BY bm25(keys, {_WEIGHTS}), rowid DESC",
            (match.expression, window[0], window[-1]),
        )
        return [row[0] for row in rows if row[0] in allowed]


def _last(places: Places, offset: int, limit: int) -> Places:
    """The page of ascending places, counted from the highest."""
    end = max(0, len(places) - offset)
    return places[max(0, end - limit) : end][::-1]
