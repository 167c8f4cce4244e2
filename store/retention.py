"""Owns dropping the text of items that were never public and that nobody will ask for."""

from __future__ import annotations

import sqlite3
from datetime import timedelta

from store.newsroom import Newsroom
from store.rows import stamp
from store.schema import BUSY_SECONDS

#: Stands where the title was, which the table wants; never shown, since the item is not public.
NO_TITLE = "(Text nach Ablauf der Frist entfernt)"

#: Items in one transaction.
BATCH = 200

_DUE = """
    SELECT items.id FROM items
    JOIN sources ON sources.id = items.source_id
    -- Only what the model has looked at as it is now: what waits for its topic is not without one.
    JOIN taggings ON taggings.item_id = items.id AND taggings.content_hash = items.content_hash
    WHERE sources.relevance = 'topic' AND items.pruned_at IS NULL AND items.id > ?
    AND max(items.first_seen, coalesce(items.published_at, items.first_seen)) <= ?
    -- What an editor decided stays: it is published, or an example for the next model.
    AND NOT EXISTS (SELECT 1 FROM corrections WHERE corrections.item_id = items.id)
    AND NOT EXISTS (
        SELECT 1 FROM tags JOIN topics ON topics.id = tags.value
        WHERE tags.item_id = items.id AND tags.facet = 'topic' AND tags.candidate = 0
    )
    ORDER BY items.id LIMIT ?
"""


def prune(newsroom: Newsroom, *, days: int) -> int:
    """Drop the text of what was held for ``days`` days and has no topic; how many items.

    Only of sources with relevance ``topic``: such items never leave the newsroom. Of each stay
    address, date, kind and content hash, so that crawling it again says SAME; its earlier
    versions, links, tags and places go. Works in short transactions and may be killed and called
    again.
    """
    limit = stamp(newsroom.now() - timedelta(days=days))
    last = pruned = 0
    while True:
        with newsroom.batch() as connection:
            ids = [row["id"] for row in connection.execute(_DUE, (last, limit, BATCH))]
            for item_id in ids:
                _drop_text(connection, item_id, newsroom.stamp())
        if not ids:
            break
        last = ids[-1]
        pruned += len(ids)
    if pruned:
        _empty_log(newsroom.connection)
    return pruned


def _empty_log(connection: sqlite3.Connection) -> None:
    """Leave none of the dropped text in the write-ahead log, unless someone reads it all the time.

    Writers wait while this waits for readers, so it waits only briefly; a later one succeeds.
    """
    connection.execute("PRAGMA busy_timeout = 1000")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    connection.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")


def _drop_text(connection: sqlite3.Connection, item_id: int, now: str) -> None:
    connection.execute(
        "UPDATE items SET title = ?, kicker = NULL, teaser = NULL, section = NULL, body = NULL, "
        "author = NULL, published_raw = NULL, image = NULL, image_credit = NULL, place = NULL, "
        "pruned_at = ? WHERE id = ?",
        (NO_TITLE, now, item_id),
    )
    for table in ("versions", "links", "tags", "item_places"):
        connection.execute(f"DELETE FROM {table} WHERE item_id = ?", (item_id,))
