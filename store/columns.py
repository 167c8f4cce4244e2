"""Owns the small integer columns of search.db held in memory: clusters, facet counts, months."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from typing import Self

import numpy as np
from numpy.typing import NDArray

from store.index import FACTS, FILTER_LETTERS
from store.splice import Splice

Numbers = NDArray[np.int64]
#: Documents by their place in the order of time, ascending.
Places = NDArray[np.intp]
Mask = NDArray[np.bool_]

_LAYOUT = np.dtype(
    [
        ("item", "<u4"), ("topics", "<u8"), ("states", "<u4"), ("source", "<u4"),
        ("month", "<u2"), ("kind", "u1"), ("slot", "<u4"),
    ]
)  # fmt: skip
assert _LAYOUT.itemsize == FACTS.size

#: Bits of topics or states that are counted together: first how often each of their combinations
#: occurs, then from those 512 each bit.
_BITS = 9
_SET_BITS = (np.arange(1 << _BITS)[:, None] >> np.arange(_BITS) & 1).astype(np.int64)

#: Items are found by a table over all numbers up to the highest while it has at most this many
#: entries, and this many more a document; where numbers lie further apart, by sorting. The table is
#: 25 times as fast (a million documents), and a number of two thousand million would make it 8 GB.
_TABLE = 1 << 20
_TABLE_EACH = 16


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
    """One array a column, in the order of time; about 50 bytes a document."""

    def __init__(
        self, index: sqlite3.Connection, labels: Labels, only: Iterable[int] | None = None
    ) -> None:
        """Read all documents, or those of the items ``only``."""
        self._labels = labels
        some, asked = "", tuple[str, ...]()
        if only is not None:
            some = "WHERE item_id IN (SELECT value FROM json_each(?))"
            asked = (json.dumps(sorted(only)),)
        # In one value each: a row for each of a million documents would take three times as long.
        ids, packed = index.execute(
            "SELECT group_concat(id), CAST(group_concat(facts, '') AS BLOB) "
            f"FROM (SELECT id, facts FROM documents {some} ORDER BY id)",
            asked,
        ).fetchone()
        self._ids: Numbers = np.fromstring(ids or "", dtype=np.int64, sep=",")
        columns = np.frombuffer(packed or b"", dtype=_LAYOUT)
        self._items = columns["item"].copy()
        self._small = {
            "month": columns["month"].astype(np.int32),
            "source": columns["source"].astype(np.int32),
            "kind": columns["kind"].copy(),
        }
        self._bits = {
            facet: [
                (columns[facet + "s"] >> shift & (1 << _BITS) - 1).astype(np.uint16)
                for shift in range(0, max(1, labels.count(facet)), _BITS)
            ]
            for facet in ("topic", "state")
        }
        self._slots = columns["slot"].copy()
        self._most_slots = int(self._slots.max()) + 1 if len(self._slots) else 0
        cursor = index.cursor()
        cursor.row_factory = None
        self._set_clusters(
            cursor.execute(
                f"SELECT item_id, cluster, is_primary FROM members {some}", asked
            ).fetchall()
        )

    def _set_clusters(self, members: Sequence[tuple[int, int, int]]) -> None:
        items, clusters, primary = np.array(members, dtype=np.int64).reshape(-1, 3).T
        places: Places = self.places_of(items).astype(np.intp)
        self._cluster = np.zeros(len(self._ids), dtype=np.int32)
        self._cluster[places] = clusters
        # Of each cluster the one that stands for it last, else the newest.
        order = np.lexsort((places, primary, clusters))
        self._clustered, self._clusters = places[order], clusters[order]
        self._stands = primary[order]
        self._primary = dict(
            zip(
                clusters[primary > 0].tolist(),
                self._ids[places[primary > 0]].tolist(),
                strict=True,
            )
        )

    def changed(self, index: sqlite3.Connection, labels: Labels, items: Iterable[int]) -> Self:
        """The columns after these items came, changed or went, all others being the same.

        These columns stay as they are.
        """
        touched = np.array(sorted(items), dtype=np.int64)
        fresh = type(self)(index, labels, touched.tolist())
        # Asked by a table: to sort either side takes longer.
        mask = np.zeros(int(max(touched.max(initial=0), self._items.max(initial=0))) + 1, bool)
        mask[touched] = True
        dropped = np.flatnonzero(mask[self._items])
        splice = Splice(dropped, np.searchsorted(self._ids, fresh._ids))
        new = type(self).__new__(type(self))
        new._labels = labels
        new._ids = splice.joined(self._ids, fresh._ids)
        new._items = splice.joined(self._items, fresh._items)
        new._slots = splice.joined(self._slots, fresh._slots)
        new._cluster = splice.joined(self._cluster, fresh._cluster)
        new._small = {
            facet: splice.joined(column, fresh._small[facet])
            for facet, column in self._small.items()
        }
        none = np.zeros(len(self), dtype=np.uint16)
        new._bits = {
            facet: [
                splice.joined(columns[part] if part < len(columns) else none, added)
                for part, added in enumerate(fresh._bits[facet])
            ]
            for facet, columns in self._bits.items()
        }
        # Slots are never given twice; those of documents that went may lie above the highest.
        new._most_slots = max(self._most_slots, fresh._most_slots)
        self._join_clusters(new, fresh, splice, mask)
        return new

    def _join_clusters(self, new: Self, fresh: Self, splice: Splice, touched: Mask) -> None:
        stayed = ~touched[self._items[self._clustered]]
        came = np.searchsorted(new._ids, fresh._ids)[fresh._clustered]
        places = np.concatenate((splice.moved(self._clustered[stayed]), came))
        clusters = np.concatenate((self._clusters[stayed], fresh._clusters))
        stands = np.concatenate((self._stands[stayed], fresh._stands))
        order = np.lexsort((places, stands, clusters))
        new._clustered, new._clusters = places[order], clusters[order]
        new._stands = stands[order]
        new._primary = dict(self._primary)
        left = self._clustered[~stayed & (self._stands > 0)]
        for number, cluster in zip(
            self._ids[left].tolist(), self._cluster[left].tolist(), strict=True
        ):
            if new._primary.get(cluster) == number:
                del new._primary[cluster]
        new._primary |= fresh._primary

    def __len__(self) -> int:
        return len(self._ids)

    def between(self, lowest: int, highest: int) -> tuple[int, int]:
        """The places from, and up to but without, of the numbers ``lowest`` to ``highest``."""
        start = int(np.searchsorted(self._ids, lowest, side="left"))
        end = int(np.searchsorted(self._ids, highest, side="right"))
        return start, max(start, end)

    def numbers(self, places: Places) -> list[int]:
        """The document numbers at these places."""
        found: list[int] = self._ids[places].tolist()
        return found

    def places(self, numbers: Sequence[int] | Numbers) -> Places:
        """The places of these document numbers."""
        return np.searchsorted(self._ids, np.asarray(numbers, dtype=np.int64))

    def slots_at(self, places: Places) -> Numbers:
        """The slots of the documents at these places."""
        return self._slots[places].astype(np.int64)

    def held(self, slots: Numbers, start: int, end: int) -> Mask:
        """Which of the places from ``start`` on stand in any of these slots."""
        mask = np.zeros(self._most_slots, dtype=bool)
        mask[slots[slots < len(mask)]] = True
        held: Mask = mask[self._slots[start:end]]
        return held

    def chunks_of(self, start: int, end: int, size: int) -> list[int]:
        """The slots of these places, divided by ``size``, each once."""
        chunks: list[int] = np.flatnonzero(np.bincount(self._slots[start:end] // size)).tolist()
        return chunks

    def item_ids(self, numbers: Sequence[int]) -> list[int]:
        """The items of these documents, in the same order."""
        found: list[int] = self._items[self.places(numbers)].tolist()
        return found

    def places_of(self, items: Numbers) -> NDArray[np.int32]:
        """The places of the documents of these items; -1 for an item that is not indexed."""
        highest = max(int(self._items.max(initial=0)), int(items.max(initial=0)))
        if highest >= _TABLE + _TABLE_EACH * len(self):
            order = np.argsort(self._items, kind="stable")
            near = np.append(order, -1)[np.searchsorted(self._items, items, sorter=order)]
            sparse: NDArray[np.int32] = np.full(len(items), -1, dtype=np.int32)
            there = near >= 0
            there[there] = self._items[near[there]] == items[there]
            sparse[there] = near[there]
            return sparse
        table = np.full(highest + 1, -1, dtype=np.int32)
        table[self._items] = np.arange(len(self), dtype=np.int32)
        found: NDArray[np.int32] = table[items]
        return found

    def cluster(self, number: int) -> tuple[int, int]:
        """The document's cluster (0: none) and the document that stands for it."""
        cluster = int(self._cluster[np.searchsorted(self._ids, number)])
        return cluster, self._primary.get(cluster, number)

    def cluster_of(self, item_id: int) -> int:
        """The item's cluster; 0: none, or no such item."""
        places = np.flatnonzero(self._items == item_id)
        return int(self._cluster[places[0]]) if len(places) else 0

    def having(self, facet: str, numbers: Iterable[int], start: int, end: int) -> Mask:
        """Which of the places from ``start`` on carry any of these labels."""
        mask = np.zeros(end - start, dtype=bool)
        for number in numbers:
            if facet in self._bits:
                column = self._bits[facet][number // _BITS][start:end]
                mask |= (column & (1 << number % _BITS)) != 0
            else:
                mask |= self._small[facet][start:end] == number
        return mask

    def representatives(self, places: Places) -> Places:
        """One document for each cluster among ``places``.

        The one that stands for the cluster if it is among them, else the newest that is.
        """
        if not len(self._clustered) or not len(places):
            return places
        mask = np.zeros(len(self._ids), dtype=bool)
        mask[places] = True
        found = mask[self._clustered]
        if not found.any():
            return places
        members, clusters = self._clustered[found], self._clusters[found]
        last = np.ones(len(members), dtype=bool)
        last[:-1] = clusters[1:] != clusters[:-1]
        mask[members[~last]] = False
        return places[mask[places]]

    def facets(self, places: Places) -> dict[str, tuple[tuple[str, int], ...]]:
        """How often each value of each facet occurs, most frequent first, then by value."""
        counts = {
            facet: np.bincount(self._small[facet][places]).tolist() for facet in ("source", "kind")
        }
        for facet, columns in self._bits.items():
            counts[facet] = []
            for column in columns:
                often = np.bincount(column[places], minlength=1 << _BITS)
                counts[facet] += (often @ _SET_BITS).tolist()
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

    def months(self, places: Places) -> tuple[tuple[str, int], ...]:
        """(``2026-03``, count) from the first month that occurs to the last, none left out."""
        if not len(places):
            return ()
        months = self._small["month"][places]
        first = int(months.min())
        return tuple(
            (f"{(first + n) // 12}-{(first + n) % 12 + 1:02}", count)
            for n, count in enumerate(np.bincount(months - first).tolist())
        )
