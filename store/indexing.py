"""Owns the writing of search.db: documents in reading order, keys, labels, counts."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from store.analysis import Analyser
from store.holders import HoldersWriter
from store.index import (
    COLUMNS,
    FACTS,
    FILTER_LETTERS,
    PLACES,
    RECENT,
    RECENT_TABLE,
    TEXT_COLUMNS,
    Document,
    filters,
    slot_of,
)
from store.packing import unpacked
from store.reading import Read
from store.vocabulary import VocabularyWriter

Numbers = NDArray[np.int64]

#: Bytes of new postings that FTS5 collects before it writes a piece of the index (its own default
#: is one megabyte): fewer pieces, less merging. Four times as many took more memory and as long.
BULK_BYTES = 16 << 20

#: Documents whose keys are held back while an index is made anew, three kilobytes each: written at
#: once in their order they cost a fifth less than by 2,000; twice as many cost no less.
HELD = 10_000

#: Kilobytes of the file held in memory while it is written; SQLite's own 2,000 made an item cost
#: four times as much in an index of 100,000.
CACHE_KB = 64_000

#: The number of a document that stands where (minute, item) belongs among all. The order must not
#: depend on the order of writing, or a rebuilt index would answer otherwise than a grown one.
_PLACE = f"""max(?2 * {PLACES}, ifnull((SELECT id + 1 FROM documents
    WHERE (minute, item_id) < (?2, ?1) ORDER BY minute DESC, item_id DESC LIMIT 1), 0))"""

_DOCUMENT = f"INTO documents VALUES ({_PLACE}, ?1, ?2, ?3)"
_KEYS_ROW = f"INSERT INTO keys (rowid, {', '.join(COLUMNS)}) VALUES (?, ?, ?, ?, ?, ?)"
_NO_KEYS_ROW = (
    f"INSERT INTO keys (keys, rowid, {', '.join(COLUMNS)}) VALUES ('delete', ?, ?, ?, ?, ?, ?)"
)


#: A document's keys column by column, in bytes, and its filters as text: FTS5 takes both.
_Columns = tuple[str | bytes, ...]


class _Waiting(NamedTuple):
    """A document whose keys are not yet in the index."""

    slot: int
    document: Document
    filters: str


@dataclass(frozen=True, slots=True)
class _Indexed:
    """What the index holds of a document, or is to hold under another number."""

    packed: bytes
    filters: str


class IndexWriter:
    """Writes documents within the caller's transactions; ``flush`` before each commit.

    Keys wait for ``flush``, which analyses all texts at once and writes them in the order of
    their documents: FTS5 closes a piece of the index at every step backwards.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        connection.execute(f"PRAGMA cache_size = -{CACHE_KB}")
        connection.execute(RECENT_TABLE)
        self._labels: dict[str, dict[str, int]] = {facet: {} for facet in FILTER_LETTERS}
        for row in connection.execute("SELECT facet, value, number FROM labels"):
            self._labels[row["facet"]][row["value"]] = row["number"]
        row = connection.execute("SELECT value FROM info WHERE key = 'slots'").fetchone()
        self._slots = int(row["value"]) if row else 0
        row = connection.execute("SELECT ifnull(max(item_id), 0) FROM documents").fetchone()
        #: no item has a higher number: a new one needs not be looked for
        self._highest = int(row[0])
        self._vocabulary = VocabularyWriter(connection)
        self._holders = HoldersWriter(connection)
        self._analyser = Analyser(self._vocabulary)
        #: number of the document → what is to be done to the index at ``flush``
        self._waiting: dict[int, _Waiting] = {}
        self._old: dict[int, _Indexed] = {}
        self._moved: dict[int, _Indexed] = {}
        self._gone: list[bytes] = []
        #: number of the document → its keys, analysed and not yet in the index
        self._unwritten: dict[int, _Columns] = {}
        #: items of which something in memory changes: facts, number, cluster
        self._touched: set[int] = set()
        #: while everything is written anew: word → documents, written at the end
        self._counts: Numbers | None = None

    def put(self, document: Document) -> None:
        """Index the item, in place of what was indexed of it before."""
        self.remove(document.item_id)
        minute = int(document.at.timestamp()) // 60
        slot = self._slots
        self._slots += 1
        facts = FACTS.pack(
            document.item_id,
            _bits(self._label("topic", value) for value in document.topics),
            _bits(self._label("state", value) for value in document.states),
            self._label("source", document.source),
            document.month,
            self._label("kind", document.kind),
            slot,
        )
        row = (document.item_id, minute, facts)
        # Nearly always the place is free, and to find that out beforehand costs as much again.
        written = self.connection.execute(f"INSERT OR IGNORE {_DOCUMENT}", row)
        if not written.rowcount:
            self._make_room(document.item_id, minute)
            written = self.connection.execute(f"INSERT {_DOCUMENT}", row)
        number = written.lastrowid or 0
        self._highest = max(self._highest, document.item_id)
        self._touched.add(document.item_id)
        self._waiting[number] = _Waiting(slot, document, filters(facts))

    def remove(self, item_id: int) -> None:
        """Take the item out of the index, if it is there."""
        if item_id > self._highest:
            return
        row = self.connection.execute(
            "DELETE FROM documents WHERE item_id = ? RETURNING id, facts", (item_id,)
        ).fetchone()
        if row is None:
            return
        self._touched.add(item_id)
        self.connection.execute("DELETE FROM members WHERE item_id = ?", (item_id,))
        if self._waiting.pop(row["id"], None) is None:
            self._gone.append(self._take(row["id"], row["facts"]).packed)
            self.connection.execute("DELETE FROM texts WHERE slot = ?", (slot_of(row["facts"]),))

    def set_cluster(self, item_id: int, cluster: int, *, is_primary: bool) -> None:
        """Record the item's cluster (0: none) and whether it stands for it."""
        self._touched.add(item_id)
        if cluster:
            self.connection.execute(
                "INSERT OR REPLACE INTO members SELECT item_id, ?, ? FROM documents "
                "WHERE item_id = ?",
                (cluster, int(is_primary), item_id),
            )
        else:
            self.connection.execute("DELETE FROM members WHERE item_id = ?", (item_id,))

    def begin_bulk(self) -> None:
        """Put off merging and counting until ``end_bulk``; only for an index that is empty."""
        self._configure(automerge=0, crisismerge=1999, hashsize=BULK_BYTES)
        self._vocabulary.begin_bulk()
        self._counts = np.zeros(1, dtype=np.int64)

    def end_bulk(self) -> None:
        """Merge the index into one piece, which is smaller and quicker to read.

        Also after items were removed: only then nothing of them stays.
        """
        if self._counts is not None:
            counted = np.flatnonzero(self._counts)
            self._vocabulary.count(counted, self._counts[counted])
            self._vocabulary.drop_unused()
            self._counts = None
            self._tell_all()
            self._vocabulary.end_bulk()
            self._write_keys({})
        self._holders.rewrite()
        self.connection.execute("INSERT INTO keys (keys) VALUES ('optimize')")
        # The values FTS5 starts with.
        self._configure(automerge=4, crisismerge=16, hashsize=1 << 20)

    def _configure(self, **settings: int) -> None:
        self.connection.executemany("INSERT INTO keys (keys, rank) VALUES (?, ?)", settings.items())

    def flush(self, read: Read | None = None) -> None:
        """Write what waits; call before the transaction ends.

        ``read``: the texts of all documents put since the last call, in order, where another
        reader has read them.
        """
        old = dict(zip(self._old, self._columns([*self._old.values()]), strict=True))
        new = self._unwritten
        new.update(zip(self._moved, self._columns([*self._moved.values()]), strict=True))
        lost = [np.unique(unpacked(packed)) for packed in self._gone]
        # In the order of their slots, which is that of ``texts`` and ``holders``.
        waiting = sorted(self._waiting.items(), key=lambda one: one[1].slot)
        documents = [one.document for _, one in waiting]
        analysed = self._analyser.analyse(documents) if read is None else self._analyser.take(read)
        for (number, one), columns in zip(waiting, analysed.columns, strict=True):
            new[number] = (*columns, one.filters)
        slots = np.array([one.slot for _, one in waiting], dtype=np.int64)
        self.connection.executemany(
            "INSERT INTO texts VALUES (?, ?)", zip(slots.tolist(), analysed.packed, strict=True)
        )
        if old or self._counts is None or len(new) >= HELD:
            self._write_keys(old)
        self._count(
            analysed.words, slots[analysed.places], np.concatenate([np.zeros(0, np.int64), *lost])
        )
        self.connection.execute(
            "INSERT OR REPLACE INTO info VALUES ('slots', ?)", (str(self._slots),)
        )
        if self._counts is None:
            self._tell()
        self._touched.clear()
        self._waiting.clear()
        self._old.clear()
        self._moved.clear()
        self._gone.clear()

    def _write_keys(self, old: Mapping[int, _Columns]) -> None:
        """Take the ``old`` keys out of the index, by document number, and put new ones in."""
        if old:
            # Number by number: see the class.
            for number in sorted(old.keys() | self._unwritten.keys()):
                if number in old:
                    self.connection.execute(_NO_KEYS_ROW, (number, *old[number]))
                if number in self._unwritten:
                    self.connection.execute(_KEYS_ROW, (number, *self._unwritten[number]))
        else:
            self.connection.executemany(
                _KEYS_ROW, ((number, *row) for number, row in sorted(self._unwritten.items()))
            )
        self._unwritten.clear()

    def _tell(self) -> None:
        """Let readers know which items this batch touched."""
        if not self._touched:
            return
        seq = self.connection.execute("SELECT ifnull(max(seq), 0) + 1 FROM recent").fetchone()[0]
        self.connection.execute(
            "INSERT INTO recent (seq, items) VALUES (?, ?)",
            (seq, json.dumps(sorted(self._touched))),
        )
        self.connection.execute("DELETE FROM recent WHERE seq <= ?", (seq - RECENT,))

    def _tell_all(self) -> None:
        """Have readers read everything anew."""
        self.connection.execute("DELETE FROM recent")
        self.connection.execute("INSERT INTO recent (items) VALUES ('[]')")

    def _columns(self, indexed: Sequence[_Indexed]) -> list[_Columns]:
        """The keys of documents in the index, column by column."""
        numbers = unpacked(b"".join(one.packed + b"\0" for one in indexed))
        # Zeros stand behind each column; among the keys there are none.
        ends = np.flatnonzero(numbers == 0) - np.arange(TEXT_COLUMNS * len(indexed))
        columns = self._analyser.written(numbers[numbers > 0], np.diff(ends, prepend=0))
        return [
            (*columns[place * TEXT_COLUMNS : (place + 1) * TEXT_COLUMNS], one.filters)
            for place, one in enumerate(indexed)
        ]

    def _count(self, held: Numbers, slots: Numbers, lost: Numbers) -> None:
        """Count documents by word: ``held`` in the slots beside it, ``lost`` with a 0 in places."""
        lost = lost[lost > 0]
        words = np.concatenate((held, lost))
        if self._counts is not None:
            more = max(0, int(words.max(initial=0)) + 1 - len(self._counts))
            self._counts = np.concatenate((self._counts, np.zeros(more, dtype=np.int64)))
            size = len(self._counts)
            self._counts += np.bincount(held, minlength=size) - np.bincount(lost, minlength=size)
            return
        numbers, places = np.unique(words, return_inverse=True)
        signs = np.repeat([1.0, -1.0], [len(held), len(lost)])
        changes = np.bincount(places, weights=signs, minlength=len(numbers)).astype(np.int64)
        self._vocabulary.count(numbers[changes != 0], changes[changes != 0])
        gone = self._vocabulary.drop(numbers[changes < 0].tolist())
        self._analyser.forget(gone)
        self._holders.drop(gone)
        self._holders.add(held, slots)
        self._holders.promote()

    def _label(self, facet: str, value: str) -> int:
        numbers = self._labels[facet]
        if value not in numbers:
            numbers[value] = len(numbers)
            self.connection.execute(
                "INSERT INTO labels VALUES (?, ?, ?)", (facet, numbers[value], value)
            )
        return numbers[value]

    def _make_room(self, item_id: int, minute: int) -> None:
        """Move the document at the place of this one up, and before it those in its way.

        All later documents have higher numbers than the one before: the first to move stands at
        the place itself.
        """
        place = self.connection.execute(f"SELECT {_PLACE}", (item_id, minute)).fetchone()[0]
        free = place
        while self.connection.execute("SELECT 1 FROM documents WHERE id = ?", (free,)).fetchone():
            free += 1
        for old in range(free - 1, place - 1, -1):
            self._move(old, old + 1)

    def _move(self, old: int, new: int) -> None:
        waiting = self._waiting.pop(old, None)
        if waiting is not None:
            self._waiting[new] = waiting
        else:
            facts = self.connection.execute(
                "SELECT facts FROM documents WHERE id = ?", (old,)
            ).fetchone()["facts"]
            self._moved[new] = self._take(old, facts)
        row = self.connection.execute(
            "UPDATE documents SET id = ? WHERE id = ? RETURNING item_id", (new, old)
        ).fetchone()
        self._touched.add(row["item_id"])

    def _take(self, number: int, facts: bytes) -> _Indexed:
        """What the index holds, or was to hold, under this number, which it is to hold no more."""
        if number in self._moved:
            return self._moved.pop(number)
        row = self.connection.execute(
            "SELECT numbers FROM texts WHERE slot = ?", (slot_of(facts),)
        ).fetchone()
        taken = _Indexed(row["numbers"], filters(facts))
        if self._unwritten.pop(number, None) is None:
            self._old[number] = taken
        return taken


def _bits(numbers: Iterable[int]) -> int:
    bits = 0
    for number in numbers:
        bits |= 1 << number
    return bits
