"""Owns the writing of search.db: documents in reading order, their keys, labels, vocabulary."""

from __future__ import annotations

import sqlite3
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from store.german import ANALYSER_VERSION, all_keys

#: Raised when the tables below change; publishing then rebuilds the file.
INDEX_VERSION = 100 + ANALYSER_VERSION

#: Document numbers in one minute: number = minute × 64 + place. Newest first is then the index's
#: own order. A fuller minute runs over into the next ones; the order stays right.
PLACES = 64

COLUMNS = ("title", "text", "bag", "joined", "filters")

#: Keys of one or two letters and numbers are no vocabulary: nothing ends in them.
SHORTEST_TERM = 3

_TABLES = (
    # Contentless: the text is kept once, packed, in ``texts``; SQLite 3.40 needs it to delete.
    # The underscore marks filter keys, which no word of a text can contain.
    # The keys are small letters already; the plain tokenizer takes every other sign as a letter.
    f"""CREATE VIRTUAL TABLE keys USING fts5({", ".join(COLUMNS)}, content='',
        tokenize="ascii tokenchars '_'")""",
    """CREATE TABLE documents (
        id INTEGER PRIMARY KEY,
        item_id INTEGER NOT NULL UNIQUE,
        minute INTEGER NOT NULL,
        month INTEGER NOT NULL,
        source INTEGER NOT NULL,
        kind INTEGER NOT NULL,
        topics INTEGER NOT NULL,
        states INTEGER NOT NULL,
        cluster INTEGER NOT NULL,
        is_primary INTEGER NOT NULL
    ) STRICT""",
    "CREATE INDEX documents_order ON documents (minute, item_id)",
    "CREATE TABLE texts (id INTEGER PRIMARY KEY, packed BLOB NOT NULL) STRICT",
    """CREATE TABLE vocabulary (reversed TEXT PRIMARY KEY, documents INTEGER NOT NULL)
        STRICT, WITHOUT ROWID""",
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
    return " ".join(title), " ".join(shown), " ".join(sorted(set(hidden))), " ".join(sorted(joined))


class IndexWriter:
    """Writes documents within the caller's transactions; ``flush`` before each commit."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self._labels: dict[str, dict[str, int]] = {facet: {} for facet in FILTER_LETTERS}
        for row in connection.execute("SELECT facet, value, number FROM labels"):
            self._labels[row["facet"]][row["value"]] = row["number"]
        self._vocabulary: Counter[str] = Counter()

    def put(self, document: Document) -> None:
        """Index the item, in place of what was indexed of it before."""
        self.remove(document.item_id)
        minute = int(document.at.timestamp()) // 60
        topics = [self._label("topic", value) for value in document.topics]
        states = [self._label("state", value) for value in document.states]
        source = self._label("source", document.source)
        kind = self._label("kind", document.kind)
        filters = [
            "_all",
            filter_key("source", source),
            filter_key("kind", kind),
            *(filter_key("topic", number) for number in topics),
            *(filter_key("state", number) for number in states),
        ]
        columns = (*key_columns(document), " ".join(filters))
        number = self._make_place(minute, document.item_id)
        self.connection.execute(
            "INSERT INTO documents VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, 1)",
            (
                number, document.item_id, minute, document.month, source, kind, _bits(topics),
                _bits(states),
            ),
        )  # fmt: skip
        self._insert_keys(number, columns)
        self._vocabulary.update(_vocabulary(columns))

    def remove(self, item_id: int) -> None:
        """Take the item out of the index, if it is there."""
        row = self.connection.execute(
            "DELETE FROM documents WHERE item_id = ? RETURNING id", (item_id,)
        ).fetchone()
        if row is not None:
            self._vocabulary.subtract(_vocabulary(self._delete_keys(row["id"])))

    def set_cluster(self, item_id: int, cluster: int, *, is_primary: bool) -> None:
        """Record the item's cluster (0: none) and whether it stands for it."""
        self.connection.execute(
            "UPDATE documents SET cluster = ?, is_primary = ? WHERE item_id = ?",
            (cluster, int(is_primary), item_id),
        )

    def begin_bulk(self) -> None:
        """Put off merging until ``end_bulk``: a third quicker when everything is written anew."""
        self.connection.execute("INSERT INTO keys (keys, rank) VALUES ('automerge', 0)")

    def end_bulk(self) -> None:
        """Merge the index into one piece, which is smaller and quicker to read."""
        self.connection.execute("INSERT INTO keys (keys) VALUES ('optimize')")
        self.connection.execute("INSERT INTO keys (keys, rank) VALUES ('automerge', 4)")

    def flush(self) -> None:
        """Write how many documents each word occurs in; call before the transaction ends."""
        changes = [(term[::-1], change) for term, change in self._vocabulary.items() if change]
        self.connection.executemany(
            "INSERT INTO vocabulary VALUES (?, ?) ON CONFLICT (reversed) "
            "DO UPDATE SET documents = documents + excluded.documents",
            sorted(changes),
        )
        self.connection.executemany(
            "DELETE FROM vocabulary WHERE reversed = ? AND documents <= 0",
            [(term,) for term, change in changes if change < 0],
        )
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
            self._insert_keys(new, self._delete_keys(old))
            self.connection.execute("UPDATE documents SET id = ? WHERE id = ?", (new, old))
        return place

    def _insert_keys(self, number: int, columns: Iterable[str]) -> None:
        values = tuple(columns)
        packed = zlib.compress("\n".join(values).encode(), 1)
        self.connection.execute("INSERT INTO texts VALUES (?, ?)", (number, packed))
        self.connection.execute(
            f"INSERT INTO keys (rowid, {', '.join(COLUMNS)}) VALUES (?, ?, ?, ?, ?, ?)",
            (number, *values),
        )

    def _delete_keys(self, number: int) -> tuple[str, ...]:
        row = self.connection.execute(
            "DELETE FROM texts WHERE id = ? RETURNING packed", (number,)
        ).fetchone()
        values = tuple(zlib.decompress(row["packed"]).decode().split("\n"))
        self.connection.execute(
            f"INSERT INTO keys (keys, rowid, {', '.join(COLUMNS)}) "
            "VALUES ('delete', ?, ?, ?, ?, ?, ?)",
            (number, *values),
        )
        return values


def _bits(numbers: list[int]) -> int:
    return sum(1 << number for number in set(numbers))


def _vocabulary(columns: tuple[str, ...]) -> Iterator[str]:
    """The distinct words of a document that a compound may end in or be made of."""
    for term in {key for column in columns[:-1] for key in column.split(" ")}:
        if len(term) >= SHORTEST_TERM and term.isalpha():
            yield term
