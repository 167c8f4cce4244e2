"""Owns the writing of search.db: documents in reading order, their keys, labels, vocabulary."""

from __future__ import annotations

import sqlite3
import struct
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter

from store.german import ANALYSER_VERSION, all_keys

#: Raised when the tables below change; publishing then rebuilds the file.
INDEX_VERSION = 200 + ANALYSER_VERSION

#: Document numbers in one minute: number = minute × 64 + place. Newest first is then the index's
#: own order. A fuller minute runs over into the next ones; the order stays right.
PLACES = 64

COLUMNS = ("title", "text", "bag", "joined", "filters")

#: What is counted of a document, in one value of ``documents``: read in one piece, a million are
#: in memory in a third of a second. Item, bits of topics and of states, source, month, kind;
#: little-endian, without gaps.
FACTS = struct.Struct("<IQIIHB")

#: Bytes of new postings that FTS5 collects before it writes a piece of the index (its own default
#: is one megabyte): fewer pieces, less merging.
BULK_BYTES = 64 << 20

#: Numbers of words remembered while documents are written; more are looked up again.
MOST_NUMBERS = 300_000

_TABLES = (
    # Contentless: to delete a document FTS5 must be told its keys, which ``texts`` keeps as numbers
    # of words. The underscore marks filter keys, which no word of a text can contain.
    # The keys are small letters already; the plain tokenizer takes every other sign as a letter.
    f"""CREATE VIRTUAL TABLE keys USING fts5({", ".join(COLUMNS)}, content='',
        tokenize="ascii tokenchars '_'")""",
    """CREATE TABLE documents (
        id INTEGER PRIMARY KEY,
        item_id INTEGER NOT NULL UNIQUE,
        minute INTEGER NOT NULL,
        facts BLOB NOT NULL
    ) STRICT""",
    "CREATE INDEX documents_order ON documents (minute, item_id)",
    """CREATE TABLE members (
        item_id INTEGER PRIMARY KEY,
        cluster INTEGER NOT NULL,
        is_primary INTEGER NOT NULL
    ) STRICT""",
    "CREATE TABLE texts (id INTEGER PRIMARY KEY, numbers BLOB NOT NULL) STRICT",
    # Written backwards: the compounds that end in a word stand side by side.
    """CREATE TABLE vocabulary (
        number INTEGER PRIMARY KEY,
        reversed TEXT NOT NULL UNIQUE,
        documents INTEGER NOT NULL
    ) STRICT""",
    """CREATE TABLE labels (facet TEXT NOT NULL, number INTEGER NOT NULL, value TEXT NOT NULL,
        PRIMARY KEY (facet, number), UNIQUE (facet, value)) STRICT, WITHOUT ROWID""",
    "CREATE TABLE info (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID",
)

#: facet → the first letter of its filter keys.
FILTER_LETTERS = {"topic": "t", "state": "s", "source": "q", "kind": "k"}


def filter_key(facet: str, number: int) -> str:
    """The key that every document with this label carries."""
    return f"_{FILTER_LETTERS[facet]}{number}"


@dataclass(frozen=True, slots=True)
class Document:
    """What the index must know of one public item.

    ``title`` and ``shown`` are public and found by word and phrase. Of ``hidden`` only which
    words occur is kept, in alphabetical order: no phrase query can tell how they stood.
    """

    item_id: int
    #: orders the item: when it was published, or first seen where that is unknown
    at: datetime
    #: year × 12 + month − 1 in Berlin
    month: int
    source: str
    kind: str
    topics: tuple[str, ...]
    states: tuple[str, ...]
    title: str
    shown: str
    hidden: str


def create_index(connection: sqlite3.Connection) -> None:
    """Make the tables; the caller holds the transaction."""
    for statement in _TABLES:
        connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {INDEX_VERSION}")


def key_columns(document: Document) -> tuple[str, str, str, str]:
    """The keys of title, shown text, hidden text and of words written with hyphens as one."""
    title, joined = all_keys(document.title)
    shown, more = all_keys(document.shown)
    hidden, most = all_keys(document.hidden)
    joined |= more | most
    return title, shown, " ".join(sorted(set(hidden.split()))), " ".join(sorted(joined))


class IndexWriter:
    """Writes documents within the caller's transactions; ``flush`` before each commit.

    Keys wait for ``flush``, which writes them in the order of their documents: FTS5 closes a
    piece of the index at every step backwards.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self._labels: dict[str, dict[str, int]] = {facet: {} for facet in FILTER_LETTERS}
        for row in connection.execute("SELECT facet, value, number FROM labels"):
            self._labels[row["facet"]][row["value"]] = row["number"]
        self._numbers = _Numbers(connection)
        #: word → in how many more documents it now occurs
        self._vocabulary: Counter[str] = Counter()
        #: document → the keys it had in the index, to be taken out, and those it is to have
        self._old: dict[int, tuple[str, ...]] = {}
        self._new: dict[int, tuple[str, ...]] = {}

    def put(self, document: Document) -> None:
        """Index the item, in place of what was indexed of it before."""
        self.remove(document.item_id)
        minute = int(document.at.timestamp()) // 60
        topics = _bits(self._label("topic", value) for value in document.topics)
        states = _bits(self._label("state", value) for value in document.states)
        source = self._label("source", document.source)
        kind = self._label("kind", document.kind)
        number = self._make_place(minute, document.item_id)
        facts = (document.item_id, topics, states, source, document.month, kind)
        self.connection.execute(
            "INSERT INTO documents VALUES (?, ?, ?, ?)",
            (number, document.item_id, minute, FACTS.pack(*facts)),
        )
        columns = key_columns(document)
        self._vocabulary.update(set(" ".join(columns).split()))
        self._new[number] = (*columns, _filters(*facts))

    def remove(self, item_id: int) -> None:
        """Take the item out of the index, if it is there."""
        row = self.connection.execute(
            "DELETE FROM documents WHERE item_id = ? RETURNING id, facts", (item_id,)
        ).fetchone()
        if row is None:
            return
        self.connection.execute("DELETE FROM members WHERE item_id = ?", (item_id,))
        columns = self._take_keys(row["id"], row["facts"])
        self._vocabulary.subtract(set(" ".join(columns[:-1]).split()))

    def set_cluster(self, item_id: int, cluster: int, *, is_primary: bool) -> None:
        """Record the item's cluster (0: none) and whether it stands for it."""
        if cluster:
            self.connection.execute(
                "INSERT OR REPLACE INTO members SELECT item_id, ?, ? FROM documents "
                "WHERE item_id = ?",
                (cluster, int(is_primary), item_id),
            )
        else:
            self.connection.execute("DELETE FROM members WHERE item_id = ?", (item_id,))

    def begin_bulk(self) -> None:
        """Put off merging until ``end_bulk``: a third quicker when everything is written anew."""
        self._configure(automerge=0, crisismerge=1999, hashsize=BULK_BYTES)

    def end_bulk(self) -> None:
        """Merge the index into one piece, which is smaller and quicker to read."""
        self.connection.execute("INSERT INTO keys (keys) VALUES ('optimize')")
        # The values FTS5 starts with.
        self._configure(automerge=4, crisismerge=16, hashsize=1 << 20)

    def _configure(self, **settings: int) -> None:
        self.connection.executemany("INSERT INTO keys (keys, rank) VALUES (?, ?)", settings.items())

    def flush(self) -> None:
        """Write what waits; call before the transaction ends."""
        self._number_words()
        names = ", ".join(COLUMNS)
        for number in sorted(self._old.keys() | self._new.keys()):
            if number in self._old:
                self.connection.execute(
                    f"INSERT INTO keys (keys, rowid, {names}) VALUES ('delete', ?, ?, ?, ?, ?, ?)",
                    (number, *self._old[number]),
                )
            if number in self._new:
                self.connection.execute(
                    f"INSERT INTO keys (rowid, {names}) VALUES (?, ?, ?, ?, ?, ?)",
                    (number, *self._new[number]),
                )
        self.connection.executemany(
            "INSERT INTO texts VALUES (?, ?)",
            [(number, self._numbers.pack(columns[:-1])) for number, columns in self._new.items()],
        )
        self._old.clear()
        self._new.clear()
        self._forget_words()

    def _number_words(self) -> None:
        """Count documents by word. New words get their numbers, the most frequent the lowest."""
        known = self._numbers.keys()
        fresh = self.connection.execute("SELECT ifnull(max(number), 0) FROM vocabulary").fetchone()
        numbered = [word for word, _ in self._vocabulary.most_common() if word not in known]
        # In the order of the tables' keys, so that neighbours are written together.
        self.connection.executemany(
            "INSERT INTO vocabulary (number, reversed, documents) VALUES (?, ?, ?) "
            "ON CONFLICT (reversed) DO UPDATE SET documents = documents + excluded.documents",
            sorted(
                (
                    (number, word[::-1], self._vocabulary[word])
                    for number, word in enumerate(numbered, fresh[0] + 1)
                ),
                key=itemgetter(1),
            ),
        )
        self.connection.executemany(
            "UPDATE vocabulary SET documents = documents + ? WHERE reversed = ?",
            sorted(
                (
                    (change, word[::-1])
                    for word, change in self._vocabulary.items()
                    if change and word in known
                ),
                key=itemgetter(1),
            ),
        )

    def _forget_words(self) -> None:
        """Drop words that no document holds any more."""
        fewer = [word for word, change in self._vocabulary.items() if change < 0]
        self.connection.executemany(
            "DELETE FROM vocabulary WHERE reversed = ? AND documents <= 0",
            [(word[::-1],) for word in fewer],
        )
        self._numbers.forget(fewer)
        self._vocabulary.clear()

    def _label(self, facet: str, value: str) -> int:
        numbers = self._labels[facet]
        if value not in numbers:
            numbers[value] = len(numbers)
            self.connection.execute(
                "INSERT INTO labels VALUES (?, ?, ?)", (facet, numbers[value], value)
            )
        return numbers[value]

    def _make_place(self, minute: int, item_id: int) -> int:
        """A free document number that stands where (minute, item) belongs among all.

        The order must not depend on the order of writing, or a rebuilt index would answer
        otherwise than a grown one. Where the place is taken, later documents move up.
        """
        before = self.connection.execute(
            "SELECT id FROM documents WHERE (minute, item_id) < (?, ?) "
            "ORDER BY minute DESC, item_id DESC LIMIT 1",
            (minute, item_id),
        ).fetchone()
        place = max(minute * PLACES, before["id"] + 1 if before else 0)
        moves = []
        free = place
        for row in self.connection.execute(
            "SELECT id FROM documents WHERE (minute, item_id) > (?, ?) ORDER BY minute, item_id",
            (minute, item_id),
        ):
            if row["id"] > free:
                break
            free += 1
            moves.append((row["id"], free))
        for old, new in reversed(moves):
            self._move(old, new)
        return place

    def _move(self, old: int, new: int) -> None:
        facts = self.connection.execute(
            "SELECT facts FROM documents WHERE id = ?", (old,)
        ).fetchone()["facts"]
        self._new[new] = self._take_keys(old, facts)
        self.connection.execute("UPDATE documents SET id = ? WHERE id = ?", (new, old))

    def _take_keys(self, number: int, facts: bytes) -> tuple[str, ...]:
        """The document's keys, which are taken from what waits or else out of the index."""
        waiting = self._new.pop(number, None)
        if waiting is not None:
            return waiting
        row = self.connection.execute(
            "DELETE FROM texts WHERE id = ? RETURNING numbers", (number,)
        ).fetchone()
        columns = (*self._numbers.unpack(row["numbers"]), _filters(*FACTS.unpack(facts)))
        self._old[number] = columns
        return columns


class _Numbers(dict[str, bytes]):
    """A word → its number in the vocabulary as bytes: seven bits each, the last below 128.

    The words seen first, which are the common ones, have the short numbers. 0 is no number and
    stands between columns.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def __missing__(self, word: str) -> bytes:
        row = self._connection.execute(
            "SELECT number FROM vocabulary WHERE reversed = ?", (word[::-1],)
        ).fetchone()
        found = self[word] = _packed(row["number"])
        return found

    def pack(self, columns: Iterable[str]) -> bytes:
        """The words of all columns; each must be in the vocabulary."""
        if len(self) > MOST_NUMBERS:
            self.clear()
        return b"\0".join(b"".join(map(self.__getitem__, column.split())) for column in columns)

    def unpack(self, packed: bytes) -> list[str]:
        """The columns again."""
        columns: list[list[str]] = [[]]
        number = shift = 0
        for byte in packed:
            number |= (byte & 127) << shift
            shift += 7
            if byte >= 128:
                continue
            if number:
                columns[-1].append(self._word(number))
            else:
                columns.append([])
            number = shift = 0
        return [" ".join(column) for column in columns]

    def forget(self, words: Iterable[str]) -> None:
        """Look these up again when they are next needed: their numbers may be gone."""
        for word in words:
            self.pop(word, None)

    def _word(self, number: int) -> str:
        row = self._connection.execute(
            "SELECT reversed FROM vocabulary WHERE number = ?", (number,)
        ).fetchone()
        return str(row["reversed"])[::-1]


def _packed(number: int) -> bytes:
    packed = bytearray()
    while number > 127:
        packed.append(number & 127 | 128)
        number >>= 7
    packed.append(number)
    return bytes(packed)


def _filters(_item_id: int, topics: int, states: int, source: int, _month: int, kind: int) -> str:
    """The filter keys of a document with these facts."""
    keys = ["_all", filter_key("source", source), filter_key("kind", kind)]
    for facet, bits in (("topic", topics), ("state", states)):
        keys += [filter_key(facet, bit) for bit in range(bits.bit_length()) if bits >> bit & 1]
    return " ".join(keys)


def _bits(numbers: Iterable[int]) -> int:
    return sum(1 << number for number in set(numbers))
