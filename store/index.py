"""Owns the shape of search.db: its tables, what it is told of a document, what it keeps of one."""

from __future__ import annotations

import sqlite3
import struct
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from store.german import ANALYSER_VERSION

#: Raised when the tables below change; publishing then rebuilds the file.
INDEX_VERSION = 410 + ANALYSER_VERSION

#: Document numbers in one minute: number = minute × 64 + place. Newest first is then the index's
#: own order. A fuller minute runs over into the next ones; the order stays right.
PLACES = 64

COLUMNS = ("title", "text", "bag", "joined", "filters")

#: Those of them whose words ``texts`` keeps, with a 0 between.
TEXT_COLUMNS = len(COLUMNS) - 1

#: What is counted of a document, in one value of ``documents``: read in one piece, a million are
#: in memory in well under a second. Item, bits of topics and of states, source, month, kind, slot;
#: little-endian, without gaps.
FACTS = struct.Struct("<IQIIHBI")

#: Documents that make a word common; it is then counted by ``holders``. FTS5 names fewer of them in
#: two or three milliseconds.
COMMON = 2_000

#: The words that have become common and are not yet counted so.
DUE = f"documents >= {COMMON} AND NOT counted"

#: The words whose weight is too low. Weight w is below 16 documents times 2 to the w: a higher one
#: is seldom due, and looking for the most frequent words reads few that are not.
HEAVIER = "documents >= 16 << weight"

#: Batches whose items are told to readers that hold the index in memory; who has seen an older one
#: only reads everything anew, in under a second of a million.
RECENT = 64

#: Which items each of the last batches wrote or removed. ``token`` tells a batch from that of
#: another file with the same number. Not part of the layout: a reader does without as well.
RECENT_TABLE = """CREATE TABLE IF NOT EXISTS recent (
    seq INTEGER PRIMARY KEY,
    token INTEGER NOT NULL DEFAULT (random()),
    items TEXT NOT NULL
) STRICT"""

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
    # A document keeps its slot when its number changes; a slot is never given twice.
    "CREATE TABLE texts (slot INTEGER PRIMARY KEY, numbers BLOB NOT NULL) STRICT",
    # Written backwards: the compounds that end in a word stand side by side. ``seams`` are the
    # places where it may fall apart (``compounds.seams``); ``counted`` words are in ``holders``;
    # ``weight`` says roughly how many documents hold it, and changes seldom.
    # Frequent words have low numbers and so stand together: counting them writes few pages.
    """CREATE TABLE vocabulary (
        number INTEGER PRIMARY KEY,
        reversed TEXT NOT NULL,
        seams INTEGER NOT NULL,
        documents INTEGER NOT NULL DEFAULT 0,
        weight INTEGER NOT NULL DEFAULT 0,
        counted INTEGER NOT NULL DEFAULT 0
    ) STRICT""",
    # How the words stand in texts that may be shown: marks and queries need no dictionary.
    """CREATE TABLE forms (form TEXT PRIMARY KEY, number INTEGER NOT NULL)
        STRICT, WITHOUT ROWID""",
    # Which documents hold a common word: 16 bits for each, the slot within the chunk.
    """CREATE TABLE holders (chunk INTEGER NOT NULL, number INTEGER NOT NULL, slots BLOB NOT NULL,
        PRIMARY KEY (chunk, number)) STRICT, WITHOUT ROWID""",
    """CREATE TABLE labels (facet TEXT NOT NULL, number INTEGER NOT NULL, value TEXT NOT NULL,
        PRIMARY KEY (facet, number), UNIQUE (facet, value)) STRICT, WITHOUT ROWID""",
    "CREATE TABLE info (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID",
)

#: What words are looked up by, beside their numbers; a vocabulary that grows from nothing is
#: written much faster without.
WORD_INDEXES = {
    "vocabulary_words": "vocabulary (reversed, seams, weight)",
    "vocabulary_heavier": f"vocabulary (number) WHERE {HEAVIER}",
    "vocabulary_due": f"vocabulary (number) WHERE {DUE}",
    "vocabulary_counted": "vocabulary (counted) WHERE counted",
    "forms_number": "forms (number)",
}

#: facet → the first letter of its filter keys.
FILTER_LETTERS = {"topic": "t", "state": "s", "source": "q", "kind": "k"}


def filter_key(facet: str, number: int) -> str:
    """The key that every document with this label carries."""
    return f"_{FILTER_LETTERS[facet]}{number}"


@dataclass(frozen=True, slots=True)
class Document:
    """What the index must know of one public item.

    ``title`` and ``shown`` are public and found by word and phrase. Of ``hidden`` only which
    words occur is kept, in the order of the vocabulary: no phrase query can tell how they stood.
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


def most_documents(weight: int) -> int:
    """Fewer documents than these hold a word of this weight."""
    return 16 << weight


def create_index(connection: sqlite3.Connection) -> None:
    """Make the tables; the caller holds the transaction."""
    for statement in _TABLES:
        connection.execute(statement)
    index_words(connection)
    connection.execute(f"PRAGMA user_version = {INDEX_VERSION}")


def index_words(connection: sqlite3.Connection) -> None:
    """Make what words are looked up by, if it is not there."""
    for name, content in WORD_INDEXES.items():
        connection.execute(f"CREATE INDEX IF NOT EXISTS {name} ON {content}")


def filters(facts: bytes) -> str:
    """The filter keys of a document with these facts."""
    _, topics, states, source, _, kind, _ = FACTS.unpack(facts)
    return _filters(topics, states, source, kind)


@lru_cache(maxsize=1 << 13)
def _filters(topics: int, states: int, source: int, kind: int) -> str:
    keys = ["_all", filter_key("source", source), filter_key("kind", kind)]
    for facet, bits in (("topic", topics), ("state", states)):
        keys += [filter_key(facet, bit) for bit in range(bits.bit_length()) if bits >> bit & 1]
    return " ".join(keys)


def slot_of(facts: bytes) -> int:
    """The slot of a document with these facts."""
    slot: int = FACTS.unpack(facts)[-1]
    return slot
