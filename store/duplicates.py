"""Owns near-duplicates in newsroom.db: which items carry the same text, and their clusters."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence

import numpy as np

from store.clusters import choose_primary
from store.newsroom import Newsroom
from store.resemblance import (
    LEAST_PAIRS,
    SIGNATURE_VERSION,
    Keys,
    Numbers,
    band_keys,
    compared_text,
    same_text,
    word_pairs,
)
from store.schema import StoreError
from store.types import Source, StoredItem

#: Hexadecimal digits of the content hash that are kept with a signature: 64 bits tell two contents
#: of one item apart.
HASH_DIGITS = 16

#: Candidates that are compared for one item, those with most bands in common first. A flood of
#: equal notices would otherwise be compared each with each.
MOST_CANDIDATES = 50

#: Items looked at in one transaction.
PAGE = 200

_PROGRESS = "clustered"

#: The next items in the order of their changes. ``wanted``: the content hash whose signature is to
#: be held (none of a withdrawn item); the text is read only where another one is.
_CHANGED = f"""
    WITH page AS MATERIALIZED (
        SELECT items.id, change_seq, signatures.content_hash AS held,
            signatures.version = ? AS current,
            iif(withdrawn_at IS NULL, substr(items.content_hash, 1, {HASH_DIGITS}), NULL) AS wanted
        FROM items LEFT JOIN signatures ON signatures.item_id = items.id
        WHERE change_seq > ? ORDER BY change_seq LIMIT ?
    )
    SELECT page.*, source_id, url, teaser, body FROM page
    LEFT JOIN items ON items.id = page.id AND NOT (held IS wanted AND current IS NOT 0)
    ORDER BY page.change_seq
"""
_CANDIDATES = """
    SELECT bands.item_id, source_id, url, teaser, body FROM (
        SELECT item_id, count(*) AS shared FROM bands
        WHERE key IN (SELECT value FROM json_each(?)) AND item_id <> ? GROUP BY item_id
        ORDER BY shared DESC, item_id LIMIT ?
    ) AS bands JOIN items ON items.id = bands.item_id
    UNION SELECT items.id, source_id, url, teaser, body FROM items
    JOIN signatures ON signatures.item_id = items.id WHERE url = ? AND items.id <> ?
"""
_APART = """NOT EXISTS (
    SELECT 1 FROM groupings WHERE groupings.item_id = pairs.item_id
    AND groupings.other_id = pairs.other_id AND NOT together
)"""
_PARTNERS = f"""
    SELECT other_id FROM json_each(?1) AS one CROSS JOIN pairs ON item_id = value WHERE {_APART}
    UNION SELECT item_id FROM json_each(?1) AS one CROSS JOIN pairs ON other_id = value
    WHERE {_APART}
    UNION SELECT other_id FROM json_each(?1) AS one CROSS JOIN groupings ON item_id = value
    WHERE together
    UNION SELECT item_id FROM json_each(?1) AS one CROSS JOIN groupings ON other_id = value
    WHERE together
"""


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
            items = connection.execute(_CHANGED, (SIGNATURE_VERSION, seq, PAGE)).fetchall()
            if not items:
                break
            _look_at(newsroom, items, sources)
            seq = items[-1]["change_seq"]
            connection.execute("INSERT OR REPLACE INTO counters VALUES (?, ?)", (_PROGRESS, seq))
    return int(connection.execute("SELECT count(*) FROM clusters").fetchone()[0])


def _progress(connection: sqlite3.Connection) -> int:
    row = connection.execute("SELECT value FROM counters WHERE name = ?", (_PROGRESS,)).fetchone()
    return int(row[0]) if row else 0


def _look_at(newsroom: Newsroom, items: list[sqlite3.Row], sources: dict[str, Source]) -> None:
    connection = newsroom.connection
    touched: set[int] = set()
    changed = [item for item in items if item["source_id"] is not None]
    for item in changed:
        if item["held"] is not None:
            touched |= _forget(connection, item["id"])
    fresh = [item for item in changed if item["wanted"] is not None]
    if fresh:
        texts = {
            item["id"]: word_pairs(compared_text(item["teaser"], item["body"])) for item in fresh
        }
        keys = band_keys([texts[item["id"]] for item in fresh])
        # Too short a text has no bands: only its address can make it a repetition.
        keys_of = {
            item["id"]: found if len(texts[item["id"]]) >= LEAST_PAIRS else found[:0]
            for item, found in zip(fresh, keys, strict=True)
        }
        shared = _shared_keys(connection, np.concatenate(list(keys_of.values())))
        _remember(connection, fresh, keys_of)
        for item in fresh:
            common = shared.intersection(keys_of[item["id"]].tolist()) if shared else ()
            if partners := _pair(connection, item, common, texts):
                touched |= {item["id"], *partners}
    _regroup(newsroom, touched, sources)


def _forget(connection: sqlite3.Connection, item_id: int) -> set[int]:
    """Drop what is known of the item's text; the items whose cluster may change by it."""
    touched = {item_id, *_partners(connection, [item_id])}
    row = connection.execute("SELECT keys FROM signatures WHERE item_id = ?", (item_id,)).fetchone()
    if row is not None:
        connection.executemany(
            "DELETE FROM bands WHERE key = ? AND item_id = ?",
            [(key, item_id) for key in np.frombuffer(row["keys"], dtype="<i4").tolist()],
        )
        # Its pairs go with it.
        connection.execute("DELETE FROM signatures WHERE item_id = ?", (item_id,))
    return touched


def _shared_keys(connection: sqlite3.Connection, keys: Keys) -> set[int]:
    """Those of the new keys that more than one item has; most have none.

    To be asked before the new ones are written. One look for a whole page, in the table's order,
    spares most items a search of their own.
    """
    found, counts = np.unique(keys, return_counts=True)
    rows = connection.execute(
        "SELECT value FROM json_each(?) WHERE EXISTS (SELECT 1 FROM bands WHERE key = value)",
        (json.dumps(found.tolist()),),
    )
    return {*found[counts > 1].tolist(), *(row[0] for row in rows)}


def _remember(
    connection: sqlite3.Connection, items: Sequence[sqlite3.Row], keys_of: dict[int, Keys]
) -> None:
    connection.executemany(
        "INSERT INTO signatures VALUES (?, ?, ?, ?)",
        [
            (
                item["id"],
                item["wanted"],
                SIGNATURE_VERSION,
                keys_of[item["id"]].astype("<i4").tobytes(),
            )
            for item in items
        ],
    )
    # In the table's order, which is several times quicker than item by item.
    keys = np.concatenate(list(keys_of.values()))
    ids = np.repeat(list(keys_of), [len(found) for found in keys_of.values()])
    order = np.lexsort((ids, keys))
    connection.executemany(
        "INSERT OR IGNORE INTO bands VALUES (?, ?)",
        zip(keys[order].tolist(), ids[order].tolist(), strict=True),
    )


def _pair(
    connection: sqlite3.Connection,
    item: sqlite3.Row,
    keys: Iterable[int],
    texts: dict[int, Numbers],
) -> set[int]:
    """Compare the item with those that share a band, or its address; record what is the same."""
    item_id = item["id"]
    found = connection.execute(
        _CANDIDATES, (json.dumps(list(keys)), item_id, MOST_CANDIDATES, item["url"], item_id)
    ).fetchall()
    pairs = {}
    for row in found:
        other_id = row["item_id"]
        if other_id not in texts:
            texts[other_id] = word_pairs(compared_text(row["teaser"], row["body"]))
        similarity = same_text(
            texts[item_id],
            texts[other_id],
            same_source=row["source_id"] == item["source_id"],
        )
        if row["url"] == item["url"]:
            similarity = 1.0  # one page that two sources list
        if similarity is not None:
            pairs[other_id] = similarity
    connection.executemany(
        "INSERT OR REPLACE INTO pairs VALUES (?, ?, ?)",
        [(min(item_id, other), max(item_id, other), near) for other, near in pairs.items()],
    )
    return set(pairs)


def _partners(connection: sqlite3.Connection, item_ids: Iterable[int]) -> set[int]:
    """The items that any of these forms a pair with, by their texts or by an editor's word.

    What the view ``near`` says, asked from both ends: SQLite would make the whole view each time.
    """
    rows = connection.execute(_PARTNERS, (json.dumps(list(item_ids)),))
    return {row[0] for row in rows}


def regroup(newsroom: Newsroom, touched: set[int]) -> None:
    """Form the groups of these items anew after an editor's word on them; inside a batch."""
    sources = {status.source.id: status.source for status in newsroom.sources()}
    _regroup(newsroom, touched, sources)


def _regroup(newsroom: Newsroom, touched: set[int], sources: dict[str, Source]) -> None:
    """Give every item whose group may have changed the number of its group.

    A cluster is what hangs together by pairs; its number is its smallest item's.
    """
    if not touched:
        return
    rows = newsroom.connection.execute(
        "SELECT id FROM items WHERE cluster_id IN (SELECT cluster_id FROM items "
        "WHERE id IN (SELECT value FROM json_each(?)))",
        (json.dumps(list(touched)),),
    )
    waiting = touched | {row[0] for row in rows}
    while waiting:
        group: set[int] = set()
        edge = {waiting.pop()}
        while edge:
            group |= edge
            edge = _partners(newsroom.connection, edge) - group
        waiting -= group
        _set_cluster(newsroom, group, sources)


def _set_cluster(newsroom: Newsroom, group: set[int], sources: dict[str, Source]) -> None:
    connection = newsroom.connection
    cluster = min(group) if len(group) > 1 else None
    listed = json.dumps(sorted(group))
    moved = connection.execute(
        "SELECT id FROM items WHERE id IN (SELECT value FROM json_each(?)) "
        "AND cluster_id IS NOT ? ORDER BY id",
        (listed, cluster),
    ).fetchall()
    first = newsroom.next_change(len(moved)) - len(moved) + 1 if moved else 0
    connection.executemany(
        "UPDATE items SET cluster_id = ?, change_seq = ? WHERE id = ?",
        [(cluster, number, row["id"]) for number, row in enumerate(moved, first)],
    )
    # A cluster's number is its smallest member's, so no other group can own one of these.
    connection.execute(
        "DELETE FROM clusters WHERE id IN (SELECT value FROM json_each(?))", (listed,)
    )
    if cluster is not None:
        primary = choose_primary(newsroom.members([cluster])[cluster], sources)
        connection.execute("INSERT INTO clusters VALUES (?, ?)", (cluster, primary.id))


def cluster_of(newsroom: Newsroom, item_id: int) -> list[StoredItem]:
    """The items of the item's cluster by number, itself among them; empty if it has none."""
    item = newsroom.item(item_id)
    if item is None:
        raise StoreError(f"Item {item_id} is not in the newsroom.")
    return newsroom.cluster_members(item.cluster_id) if item.cluster_id is not None else []
