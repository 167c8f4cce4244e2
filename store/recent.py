"""Owns what readers are told of the last batches: which items each of them touched."""

from __future__ import annotations

import json
import sqlite3

#: More items than these are quicker read with all the others than put in among them.
MOST_TOUCHED = 10_000


def last_batch(index: sqlite3.Connection) -> tuple[int, int] | None:
    """Number and token of the last batch; None where none are noted."""
    if not _noted(index):
        return None
    row = index.execute("SELECT seq, token FROM recent ORDER BY seq DESC LIMIT 1").fetchone()
    return (row["seq"], row["token"]) if row else None


def touched_since(index: sqlite3.Connection, seq: int, token: int) -> set[int] | None:
    """The items touched by batches after this one; None if it is not known or they are too many."""
    if not _noted(index):
        return None
    rows = index.execute(
        "SELECT token, items FROM recent WHERE seq >= ? ORDER BY seq", (seq,)
    ).fetchall()
    if not rows or rows[0]["token"] != token:
        return None
    touched: set[int] = set()
    for row in rows[1:]:
        touched.update(json.loads(row["items"]))
    return touched if len(touched) <= MOST_TOUCHED else None


def _noted(index: sqlite3.Connection) -> bool:
    """Whether the file has the table: one written before there was such a thing has not."""
    found = index.execute("SELECT 1 FROM sqlite_master WHERE name = 'recent'").fetchone()
    return found is not None
