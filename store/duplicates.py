"""Owns near-duplicates: which items carry the same text, found by MinHash, confirmed exactly."""

from __future__ import annotations

import itertools
import re
import sqlite3
import zlib
from collections.abc import Mapping, Sequence

import numpy as np
import rensa
from numpy.typing import NDArray

from store.clusters import choose_primary
from store.german import normal
from store.newsroom import Newsroom
from store.schema import StoreError
from store.types import Source, StoredItem

#: 32 bands of 4 values each: two texts that share half of their word pairs are found with 87 %,
#: those that share two thirds (one word in ten replaced) with 99.9 %: 1 − (1 − J⁴)³².
BANDS = 32
BAND_VALUES = 4
SEED = 42

#: Changes whenever the same text would give other signatures: made of rensa's own algorithm number
#: (it moves between releases), ours for the shingles, and the numbers above.
SIGNATURE_VERSION = zlib.crc32(
    f"rensa{rensa.RMinHash.ALGORITHM_VERSION} pairs1 {BANDS}x{BAND_VALUES} {SEED}".encode()
)

#: Hexadecimal digits of the content hash that are kept with a signature: 64 bits tell two contents
#: of one item apart.
HASH_DIGITS = 16

#: Fewer word pairs are too little to tell a reprint from a form letter.
LEAST_PAIRS = 20

#: Share of common word pairs (Jaccard) from which two sources carry the same text. In the sample
#: press edited reprints of one release share .51–.75, other items on the same subject below .04.
SAME_TEXT = 0.45

#: A shortened reprint shares less of the union but lies mostly within the longer text.
EXCERPT = 0.3
EXCERPT_WITHIN = 0.8

#: One source prints many texts of the same mould (closures, sittings); only a near-identical one
#: is a repetition.
SAME_SOURCE = 0.85

#: Candidates that are compared for one item, those with most bands in common first. A flood of
#: equal notices would otherwise be compared each with each.
MOST_CANDIDATES = 50

#: Items looked at in one transaction.
PAGE = 200

_WORD = re.compile(r"\w+")
_PROGRESS = "clustered"

Mixed = NDArray[np.uint64]
Keys = NDArray[np.int32]


def word_pairs(text: str) -> frozenset[str]:
    """The neighbouring word pairs of a text, small letters; the shingles of the comparison."""
    words = _WORD.findall(normal(text).lower())
    return frozenset(map(" ".join, itertools.pairwise(words)))


def compared_text(teaser: str | None, body: str | None) -> str:
    """What of an item is compared: never its title, since half of them say "Bekanntmachung"."""
    if teaser and body and body.startswith(teaser):
        return body
    return "\n".join(filter(None, (teaser, body)))


def same_text(one: frozenset[str], other: frozenset[str], *, same_source: bool) -> float | None:
    """The similarity (Jaccard, 0–1) of two texts if it makes them near-duplicates, else None."""
    if min(len(one), len(other)) < LEAST_PAIRS:
        return None
    common = len(one & other)
    similarity = common / (len(one) + len(other) - common)
    if same_source:
        return similarity if similarity >= SAME_SOURCE else None
    within = common / min(len(one), len(other))
    if similarity >= SAME_TEXT or (similarity >= EXCERPT and within >= EXCERPT_WITHIN):
        return similarity
    return None


def band_keys(texts: Sequence[frozenset[str]]) -> Keys:
    """For each text one number a band; texts with an equal number may be near-duplicates.

    32 bits keep the table small; among a million items one query meets by chance a quarter of
    one that has nothing in common.
    """
    signatures = rensa.RMinHash.digest_matrix_from_token_sets(
        [list(pairs) for pairs in texts], BANDS * BAND_VALUES, SEED
    )
    rows = np.array(signatures.to_rows(), dtype=np.uint64).reshape(-1, BANDS, BAND_VALUES)
    keys = np.broadcast_to(np.arange(BANDS, dtype=np.uint64), rows.shape[:2]).copy()
    for position in range(BAND_VALUES):
        keys = _mixed(keys ^ rows[:, :, position])
    return (keys >> np.uint64(32)).astype(np.uint32).view(np.int32)


def _mixed(values: Mixed) -> Mixed:
    """The finaliser of SplitMix64 (Steele, Lea and Flood 2014): every bit depends on every bit."""
    values = values + np.uint64(0x9E3779B97F4A7C15)
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


def update_clusters(newsroom: Newsroom) -> int:
    """Cluster the items that changed since the last call; how many clusters there are now.

    Items withdrawn or changed leave their cluster, which may fall apart. Works in transactions
    of ``PAGE`` items and may be killed and called again.
    """
    sources = {status.source.id: status.source for status in newsroom.sources()}
    connection = newsroom.connection
    outdated = connection.execute(
        "SELECT 1 FROM signatures WHERE version <> ? LIMIT 1", (SIGNATURE_VERSION,)
    ).fetchone()
    seq = 0 if outdated else _progress(connection)
    while True:
        # Read inside the transaction: between reading and writing an item could be erased.
        with newsroom.batch():
            items = newsroom.changed_since(seq, PAGE)
            if not items:
                break
            _look_at(newsroom, items, sources)
            seq = items[-1].change_seq
            connection.execute("INSERT OR REPLACE INTO counters VALUES (?, ?)", (_PROGRESS, seq))
    return int(connection.execute("SELECT count(*) FROM clusters").fetchone()[0])


def _progress(connection: sqlite3.Connection) -> int:
    row = connection.execute("SELECT value FROM counters WHERE name = ?", (_PROGRESS,)).fetchone()
    return int(row[0]) if row else 0


def _look_at(newsroom: Newsroom, items: list[StoredItem], sources: dict[str, Source]) -> None:
    connection = newsroom.connection
    touched: set[int] = set()
    fresh = []
    marks = ", ".join("?" * len(items))
    known = {
        row["item_id"]: (row["content_hash"], row["version"])
        for row in connection.execute(
            f"SELECT item_id, content_hash, version FROM signatures WHERE item_id IN ({marks})",
            [item.id for item in items],
        )
    }
    for item in items:
        held = known.get(item.id)
        wanted = (
            (item.content_hash[:HASH_DIGITS], SIGNATURE_VERSION)
            if item.withdrawn_at is None
            else None
        )
        if held == wanted:
            continue
        if held is not None:
            touched |= _forget(connection, item.id)
        if wanted is not None:
            fresh.append(item)
    texts = {
        item.id: word_pairs(compared_text(item.article.teaser, item.article.body)) for item in fresh
    }
    if fresh:
        keys = band_keys([texts[item.id] for item in fresh])
        bands = {
            item.id: found if len(texts[item.id]) >= LEAST_PAIRS else found[:0]
            for item, found in zip(fresh, keys, strict=True)
        }
        _remember(connection, fresh, bands)
        for item in fresh:
            if partners := _pair(connection, item, bands[item.id], texts):
                touched |= {item.id, *partners}
    _regroup(newsroom, touched, sources)


def _forget(connection: sqlite3.Connection, item_id: int) -> set[int]:
    """Drop what is known of the item's text; the items whose cluster may change by it."""
    touched = {item_id, *_partners(connection, item_id)}
    row = connection.execute("SELECT keys FROM signatures WHERE item_id = ?", (item_id,)).fetchone()
    if row is not None:
        connection.executemany(
            "DELETE FROM bands WHERE key = ? AND item_id = ?",
            [(key, item_id) for key in np.frombuffer(row["keys"], dtype="<i4").tolist()],
        )
        # Its pairs go with it.
        connection.execute("DELETE FROM signatures WHERE item_id = ?", (item_id,))
    return touched


def _remember(
    connection: sqlite3.Connection, items: Sequence[StoredItem], bands: Mapping[int, Keys]
) -> None:
    connection.executemany(
        "INSERT INTO signatures VALUES (?, ?, ?, ?)",
        [
            (
                item.id,
                item.content_hash[:HASH_DIGITS],
                SIGNATURE_VERSION,
                bands[item.id].astype("<i4").tobytes(),
            )
            for item in items
        ],
    )
    # In the table's order, which is several times quicker than item by item.
    keys = np.concatenate(list(bands.values()))
    ids = np.repeat(list(bands), [len(found) for found in bands.values()])
    order = np.lexsort((ids, keys))
    connection.executemany(
        "INSERT OR IGNORE INTO bands VALUES (?, ?)",
        zip(keys[order].tolist(), ids[order].tolist(), strict=True),
    )


def _pair(
    connection: sqlite3.Connection,
    item: StoredItem,
    keys: Keys,
    texts: dict[int, frozenset[str]],
) -> set[int]:
    """Compare the item with those that share a band, or its address; record what is the same."""
    found = connection.execute(
        "SELECT bands.item_id, source_id, url, teaser, body FROM ("
        "  SELECT item_id, count(*) AS shared FROM bands "
        f"  WHERE key IN ({', '.join('?' * len(keys))}) AND item_id <> ? GROUP BY item_id "
        "  ORDER BY shared DESC, item_id LIMIT ?) AS bands JOIN items ON items.id = bands.item_id "
        "UNION SELECT items.id, source_id, url, teaser, body FROM items "
        "JOIN signatures ON signatures.item_id = items.id WHERE url = ? AND items.id <> ?",
        (*keys.tolist(), item.id, MOST_CANDIDATES, item.article.url, item.id),
    ).fetchall()
    partners = set()
    for row in found:
        other_id = row["item_id"]
        if other_id not in texts:
            texts[other_id] = word_pairs(compared_text(row["teaser"], row["body"]))
        similarity = same_text(
            texts[item.id],
            texts[other_id],
            same_source=row["source_id"] == item.article.source_id,
        )
        if row["url"] == item.article.url:
            similarity = 1.0  # one page that two sources list
        if similarity is not None:
            partners.add(other_id)
            connection.execute(
                "INSERT OR REPLACE INTO pairs VALUES (?, ?, ?)",
                (min(item.id, other_id), max(item.id, other_id), similarity),
            )
    return partners


def _partners(connection: sqlite3.Connection, item_id: int) -> list[int]:
    rows = connection.execute(
        "SELECT other_id FROM pairs WHERE item_id = ? "
        "UNION ALL SELECT item_id FROM pairs WHERE other_id = ?",
        (item_id, item_id),
    )
    return [row[0] for row in rows]


def _regroup(newsroom: Newsroom, touched: set[int], sources: dict[str, Source]) -> None:
    """Give every item whose group may have changed the number of its group.

    A cluster is what hangs together by pairs; its number is its smallest item's.
    """
    connection = newsroom.connection
    waiting = set(touched)
    for item_id in touched:
        row = connection.execute("SELECT cluster_id FROM items WHERE id = ?", (item_id,)).fetchone()
        if row["cluster_id"] is not None:
            rows = connection.execute(
                "SELECT id FROM items WHERE cluster_id = ?", (row["cluster_id"],)
            )
            waiting |= {other[0] for other in rows}
    while waiting:
        group, edge = set[int](), [waiting.pop()]
        while edge:
            item_id = edge.pop()
            if item_id not in group:
                group.add(item_id)
                edge.extend(_partners(connection, item_id))
        waiting -= group
        _set_cluster(newsroom, group, sources)


def _set_cluster(newsroom: Newsroom, group: set[int], sources: dict[str, Source]) -> None:
    connection = newsroom.connection
    cluster = min(group) if len(group) > 1 else None
    for item_id in sorted(group):
        row = connection.execute("SELECT cluster_id FROM items WHERE id = ?", (item_id,)).fetchone()
        if row["cluster_id"] == cluster:
            continue
        connection.execute(
            "UPDATE items SET cluster_id = ?, change_seq = ? WHERE id = ?",
            (cluster, newsroom.next_change(), item_id),
        )
    # A cluster's number is its smallest member's, so no other group can own one of these.
    connection.executemany(
        "DELETE FROM clusters WHERE id = ?", [(item_id,) for item_id in sorted(group)]
    )
    if cluster is not None:
        primary = choose_primary(newsroom.cluster_members(cluster), sources)
        connection.execute("INSERT INTO clusters VALUES (?, ?)", (cluster, primary.id))


def cluster_of(newsroom: Newsroom, item_id: int) -> list[StoredItem]:
    """The items of the item's cluster by number, itself among them; empty if it has none."""
    item = newsroom.item(item_id)
    if item is None:
        raise StoreError(f"Item {item_id} is not in the newsroom.")
    return newsroom.cluster_members(item.cluster_id) if item.cluster_id is not None else []
