"""Owns the small integer columns of search.db held in memory: clusters, facet counts, months."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from store.index import FACTS, FILTER_LETTERS

Numbers = NDArray[np.int64]

_LAYOUT = np.dtype(
    [
        ("item", "<u4"), ("topics", "<u8"), ("states", "<u4"), ("source", "<u4"),
        ("month", "<u2"), ("kind", "u1"),
    ]
)  # fmt: skip
assert _LAYOUT.itemsize == FACTS.size


class Labels:
    """Which number stands for which topic, state, source and kind."""

    def __init__(self, index: sqlite3.Connection) -> None:
        self._values: dict[str, dict[int, str]] = {facet: {} for facet in FILTER_LETTERS}
        for facet, number, value in index.execute("SELECT facet, number, value FROM labels"):
            self._values[facet][number] = value
        self._numbers = {
            facet: {value: number for number, value in values.items()}
            for facet, values in self._values.items()
        }

    def number(self, facet: str, value: str) -> int | None:
        """The number of a value, or None if no document carries it."""
        return self._numbers[facet].get(value)

    def value(self, facet: str, number: int) -> str:
        """The value of a number."""
        return self._values[facet][number]

    def count(self, facet: str) -> int:
        """One more than the highest number of the facet."""
        return max(self._values[facet], default=-1) + 1


class Columns:
    """One array a column, in the order of document numbers; about 50 bytes a document."""

    def __init__(self, index: sqlite3.Connection, labels: Labels) -> None:
        self._labels = labels
        cursor = index.cursor()
        cursor.row_factory = None  # a million rows: plain tuples are read in half the time
        packed = b"".join(
            row[0] for row in cursor.execute("SELECT facts FROM documents ORDER BY id")
        )
        facts = np.frombuffer(packed, dtype=_LAYOUT)
        self._ids: Numbers = np.fromiter(
            (row[0] for row in cursor.execute("SELECT id FROM documents ORDER BY id")),
            dtype=np.int64,
            count=len(facts),
        )
        self._items = facts["item"].astype(np.int64)
        self._month = facts["month"].astype(np.int32)
        self._source = facts["source"].astype(np.int32)
        self._kind = facts["kind"].astype(np.int8)
        self._topics = facts["topics"].astype(np.int64)
        self._states = facts["states"].astype(np.int64)
        clustered = cursor.execute(
            "SELECT id, cluster, is_primary FROM members JOIN documents USING (item_id)"
        ).fetchall()
        self._cluster = np.zeros(len(facts), dtype=np.int64)
        places = np.searchsorted(self._ids, np.array([row[0] for row in clustered], np.int64))
        self._cluster[places] = [row[1] for row in clustered]
        self._primary = {cluster: number for number, cluster, primary in clustered if primary}

    def between(self, lowest: int, highest: int) -> Numbers:
        """The document numbers from ``lowest`` to ``highest``, ascending."""
        start = np.searchsorted(self._ids, lowest, side="left")
        end = np.searchsorted(self._ids, highest, side="right")
        return self._ids[start:end]

    def item_ids(self, numbers: Iterable[int]) -> list[int]:
        """The items of these documents, in the same order."""
        places = np.searchsorted(self._ids, np.fromiter(numbers, dtype=np.int64))
        return [int(item) for item in self._items[places]]

    def cluster(self, number: int) -> tuple[int, int]:
        """The document's cluster (0: none) and the document that stands for it."""
        cluster = int(self._cluster[np.searchsorted(self._ids, number)])
        return cluster, self._primary.get(cluster, number)

    def representatives(self, numbers: Numbers) -> tuple[Numbers, NDArray[np.intp]]:
        """One document for each cluster among ``numbers``, and the places of those kept.

        The one that stands for the cluster if it is among them, else the newest that is.
        """
        places = np.searchsorted(self._ids, numbers)
        clusters = self._cluster[places]
        clustered = np.flatnonzero(clusters)
        if not len(clustered):
            return numbers, places
        best: dict[int, int] = {}
        for position in clustered.tolist():  # ascending: a later one is newer
            cluster = int(clusters[position])
            held = best.get(cluster)
            if held is None or int(numbers[held]) != self._primary.get(cluster):
                best[cluster] = position
        keep = clusters == 0
        keep[list(best.values())] = True
        return numbers[keep], places[keep]

    def facets(self, places: NDArray[np.intp]) -> dict[str, tuple[tuple[str, int], ...]]:
        """How often each value of each facet occurs, most frequent first, then by value."""
        counts: dict[str, list[int]] = {
            "source": np.bincount(self._source[places]).tolist(),
            "kind": np.bincount(self._kind[places]).tolist(),
        }
        for facet, column in (("topic", self._topics), ("state", self._states)):
            found, often = np.unique(column[places], return_counts=True)
            counts[facet] = [
                int(often[(found >> number) & 1 == 1].sum())
                for number in range(self._labels.count(facet))
            ]
        return {
            facet: tuple(
                sorted(
                    (
                        (self._labels.value(facet, number), count)
                        for number, count in enumerate(counts[facet])
                        if count
                    ),
                    key=lambda pair: (-pair[1], pair[0]),
                )
            )
            for facet in ("topic", "state", "source", "kind")
        }

    def months(self, places: NDArray[np.intp]) -> tuple[tuple[str, int], ...]:
        """(``2026-03``, count) from the first month that occurs to the last, none left out."""
        if not len(places):
            return ()
        months = self._month[places]
        first = int(months.min())
        return tuple(
            (f"{(first + n) // 12}-{(first + n) % 12 + 1:02}", count)
            for n, count in enumerate(np.bincount(months - first).tolist())
        )
