"""Owns which items are set in which town or county, held in memory to be filtered and counted."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from store.columns import Columns, Places

#: Towns that are counted: the most frequent ones. There are eleven thousand, and nobody reads a
#: longer list.
MOST_TOWNS = 100


class Towns:
    """The pairs of a document and a town (AGS), as of one state of both files."""

    def __init__(self, archive: sqlite3.Connection, columns: Columns) -> None:
        self._archive = archive
        self._numbers: dict[str, int] = {}
        self._set(*self._read("", ()), columns)

    def _read(
        self, some: str, asked: tuple[str, ...]
    ) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        cursor = self._archive.cursor()
        cursor.row_factory = None
        # A row for each town: one for each pair would take four times as long.
        rows = cursor.execute(
            f"SELECT ags, count(*), group_concat(item_id) FROM item_places {some} GROUP BY ags",
            asked,
        ).fetchall()
        numbers = self._numbers
        towns = [numbers.setdefault(ags, len(numbers)) for ags, _, _ in rows]
        items = np.fromstring(",".join(items for _, _, items in rows), dtype=np.int64, sep=",")
        often = [count for _, count, _ in rows]
        return items, np.repeat(np.array(towns, dtype=np.int32), often)

    def _set(self, items: NDArray[np.int64], towns: NDArray[np.int32], columns: Columns) -> None:
        places = columns.places_of(items)
        known = places >= 0
        self._items = items[known]
        self._towns: NDArray[np.int32] = towns[known]
        self._places: NDArray[np.int32] = places[known]
        self._values = list(self._numbers)
        self._documents = len(columns)

    def change(self, columns: Columns, touched: Iterable[int]) -> None:
        """Take over the new columns, in which these items came, changed or went."""
        numbers = sorted(touched)
        items, towns = self._read(
            "WHERE item_id IN (SELECT value FROM json_each(?))", (json.dumps(numbers),)
        )
        stayed = ~np.isin(self._items, numbers)
        self._set(
            np.concatenate((self._items[stayed], items)),
            np.concatenate((self._towns[stayed], towns)),
            columns,
        )

    def among(self, places: Places, towns: Iterable[str]) -> Places:
        """Those of the places whose item is set in one of these towns, in the same order."""
        wanted = [self._numbers[ags] for ags in towns if ags in self._numbers]
        mask = np.zeros(self._documents, dtype=bool)
        mask[self._places[np.isin(self._towns, wanted)]] = True
        return places[mask[places]]

    def counts(self, places: Places) -> tuple[tuple[str, int], ...]:
        """(AGS, how many of the places are set there), most first, then by AGS."""
        mask = np.zeros(self._documents, dtype=bool)
        mask[places] = True
        often = np.bincount(self._towns[mask[self._places]], minlength=len(self._values))
        pairs = [(self._values[number], int(often[number])) for number in np.flatnonzero(often)]
        return tuple(sorted(pairs, key=lambda pair: (-pair[1], pair[0]))[:MOST_TOWNS])
