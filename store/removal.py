"""Owns how an erasure reaches the public files: rows out, then every free page and log wiped."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from store.changes import Index
from store.connection import transaction
from store.copies import forget_copies
from store.index_file import index_file
from store.newsroom import Newsroom
from store.public_rows import clusters_shown, delete_items, write_clusters
from store.schema import connect
from store.wiping import wipe

#: Erased items that are taken out in one transaction.
BATCH = 200


def waiting(newsroom: Newsroom) -> list[int]:
    """The erasures that are not known to be finished."""
    rows = newsroom.connection.execute(
        "SELECT id FROM erasures WHERE finished_at IS NULL ORDER BY id"
    )
    return [row["id"] for row in rows]


def remove_erased(
    newsroom: Newsroom, archive: sqlite3.Connection, index: Index, erasures: Sequence[int]
) -> int:
    """Take the items of these erasures out of archive and index; how many were public."""
    marks = ", ".join("?" * len(erasures))
    ids = [
        row["item_id"]
        for row in newsroom.connection.execute(
            f"SELECT item_id FROM erased_items WHERE erasure_id IN ({marks}) ORDER BY item_id",
            list(erasures),
        )
    ]
    sources = {status.source.id: status.source for status in newsroom.sources()}
    removed = 0
    for start in range(0, len(ids), BATCH):
        batch = ids[start : start + BATCH]
        with index.transaction(), transaction(archive):
            clusters = clusters_shown(archive, batch)
            removed += len(delete_items(archive, batch))
            for item_id in batch:
                index.remove(item_id)
            for item_id, cluster, stands in write_clusters(newsroom, archive, clusters, sources):
                index.set_cluster(item_id, cluster, is_primary=stands)
            index.flush()
    return removed


def finish(newsroom: Newsroom, archive: Path, search: Path, erasures: Sequence[int]) -> bool:
    """Wipe all three files, see to the copies, and note that these erasures are finished.

    False when another process reads or writes for so long that a file cannot be wiped; nothing
    is noted then, and the next publishing tries again.
    """
    forgotten = forget_copies(newsroom, erasures)
    with closing(connect(archive)) as public, index_file(search, newsroom.identity()) as index:
        # All three, even if the first is busy: the less is left the better.
        wiped = [wipe(public), index.wipe(), wipe(newsroom.connection)]
    if not all(wiped) or forgotten.busy:
        return False
    with newsroom.batch() as connection:
        connection.executemany(
            "UPDATE erasures SET finished_at = ? WHERE id = ?",
            [(newsroom.stamp(), erasure_id) for erasure_id in erasures],
        )
    return True
