"""Owns, for common words, which documents hold them: what counts hits a hundred times as fast.

FTS5 names one hit after the other, about a microsecond each; half a million take too long for a
page. For every word that many documents hold, ``holders`` lists their slots, 16 bits each.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from store.index import DUE, TEXT_COLUMNS, slot_of
from store.packing import unpacked

Numbers = NDArray[np.int64]

#: Slots in one row. Twice as many would halve the look-ups for a word and double what publishing
#: one item rewrites; at most 65,536, for slots are kept in 16 bits.
CHUNK = 16_384

#: Texts read at once while all lists are made anew: more would only take more memory.
_AT_ONCE = 2_048


def read_holders(
    index: sqlite3.Connection, numbers: Sequence[int], chunks: Iterable[int]
) -> Numbers:
    """The slots in these chunks that hold any of these common words, chunk by chunk.

    A slot is named once for each word; some may no longer be in use.
    """
    cursor = index.cursor()
    cursor.row_factory = None
    parts: list[bytes] = []
    lengths: list[int] = []
    starts: list[int] = []
    statement = (
        f"SELECT slots FROM holders WHERE chunk = ? AND number IN ({', '.join('?' * len(numbers))})"
    )
    for chunk in chunks:
        for (slots,) in cursor.execute(statement, (chunk, *numbers)):
            parts.append(slots)
            lengths.append(len(slots) // 2)
            starts.append(chunk * CHUNK)
    found = np.frombuffer(b"".join(parts), dtype="<u2").astype(np.int64)
    found += np.repeat(np.array(starts, dtype=np.int64), lengths)
    return found


class HoldersWriter:
    """Keeps the lists up to date within the caller's transactions."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        rows = connection.execute("SELECT number FROM vocabulary WHERE counted")
        self._counted = np.array(sorted(row[0] for row in rows), dtype=np.int64)

    def add(self, numbers: Numbers, slots: Numbers) -> None:
        """Note that each of these words is held by the document in the slot beside it.

        Slots are higher than any before; pairs of words that are not common are left out.
        """
        if not len(self._counted):
            return
        places = np.searchsorted(self._counted, numbers)
        places[places == len(self._counted)] = 0
        common = self._counted[places] == numbers
        self._append(numbers[common], slots[common])

    def _append(self, numbers: Numbers, slots: Numbers) -> None:
        self._connection.executemany(
            "INSERT INTO holders VALUES (?, ?, ?) ON CONFLICT DO UPDATE "
            "SET slots = CAST(slots || excluded.slots AS BLOB)",
            _rows(numbers, slots),
        )

    def promote(self) -> None:
        """Take in the words that have become common; the index must hold all documents."""
        for backwards, number in self._connection.execute(
            f"SELECT reversed, number FROM vocabulary WHERE {DUE}"
        ).fetchall():
            held = self._connection.execute(
                "SELECT facts FROM keys JOIN documents ON documents.id = keys.rowid "
                "WHERE keys MATCH ?",
                (f'"{backwards[::-1]}"',),
            )
            slots = np.array(sorted(slot_of(row[0]) for row in held), dtype=np.int64)
            self._append(np.full(len(slots), number, dtype=np.int64), slots)
            self._connection.execute(
                "UPDATE vocabulary SET counted = 1 WHERE number = ?", (number,)
            )
            self._counted = np.union1d(self._counted, [number])

    def drop(self, numbers: list[int]) -> None:
        """Forget these words, which no document holds any more."""
        gone = np.intersect1d(self._counted, numbers)
        if len(gone):
            self._connection.executemany(
                "DELETE FROM holders WHERE number = ?", [(number,) for number in gone.tolist()]
            )
            self._counted = np.setdiff1d(self._counted, gone)

    def rewrite(self) -> None:
        """Make all lists anew from the texts; nothing of removed documents stays."""
        self._connection.execute("DELETE FROM holders")
        self._connection.execute("UPDATE vocabulary SET counted = 0 WHERE counted")
        self._connection.execute(f"UPDATE vocabulary SET counted = 1 WHERE {DUE}")
        rows = self._connection.execute("SELECT number FROM vocabulary WHERE counted").fetchall()
        self._counted = np.array(sorted(row[0] for row in rows), dtype=np.int64)
        last = self._connection.execute("SELECT ifnull(max(slot), -1) FROM texts").fetchone()[0]
        common = np.zeros(int(self._counted.max(initial=0)) + 2, dtype=bool)
        common[self._counted] = True
        for start in range(0, last + 1 if len(self._counted) else 0, CHUNK):
            found = [
                self._held(common, first, min(first + _AT_ONCE, start + CHUNK))
                for first in range(start, start + CHUNK, _AT_ONCE)
            ]
            pairs = np.sort(np.concatenate(found), kind="stable")  # ascending runs
            self._append(pairs >> 32, pairs & 0xFFFFFFFF)

    def _held(self, common: NDArray[np.bool_], start: int, end: int) -> Numbers:
        """The pairs of a common word (shifted by 32 bits) and a slot of these that holds it."""
        cursor = self._connection.cursor()
        cursor.row_factory = None
        texts = cursor.execute(
            "SELECT slot, numbers FROM texts WHERE slot >= ? AND slot < ?", (start, end)
        ).fetchall()
        slots = np.fromiter((slot for slot, _ in texts), dtype=np.int64, count=len(texts))
        numbers = unpacked(b"\0".join(packed for _, packed in texts))
        # Zeros stand between the columns of a text, and by joining them between the texts.
        owners = np.cumsum(numbers == 0, dtype=np.int32) // TEXT_COLUMNS
        held = np.flatnonzero(common[np.minimum(numbers, len(common) - 1)])
        # Marked in a table of words by texts: much faster than to sort what is mostly there once.
        words = np.flatnonzero(common)
        marked = np.zeros((len(words), len(texts)), dtype=bool)
        marked[(np.cumsum(common) - 1)[numbers[held]], owners[held]] = True
        places, texts_there = np.nonzero(marked)
        return words[places] << 32 | slots[texts_there]


def _rows(numbers: Numbers, slots: Numbers) -> Iterator[tuple[int, int, bytes]]:
    """One row for each chunk and word, in the order of the table."""
    chunks = slots // CHUNK
    order = np.lexsort((slots, numbers, chunks))
    numbers, chunks, slots = numbers[order], chunks[order], slots[order]
    content = (slots % CHUNK).astype("<u2").tobytes()
    fresh = np.ones(len(numbers), dtype=bool)
    fresh[1:] = (numbers[1:] != numbers[:-1]) | (chunks[1:] != chunks[:-1])
    starts = np.flatnonzero(fresh)
    ends = np.append(starts, len(numbers))[1:]
    for chunk, number, start, end in zip(
        chunks[starts].tolist(), numbers[starts].tolist(), starts.tolist(), ends.tolist(),
        strict=True,
    ):  # fmt: skip
        yield chunk, number, content[2 * start : 2 * end]
