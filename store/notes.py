"""Owns what a public file notes of itself: how far it is, whose it is, what is yet to be done."""

from __future__ import annotations

import sqlite3


def note(connection: sqlite3.Connection, key: str) -> str | None:
    """What the file notes under this key; None if nothing."""
    row = connection.execute("SELECT value FROM info WHERE key = ?", (key,)).fetchone()
    return None if row is None else str(row["value"])


def set_note(connection: sqlite3.Connection, key: str, value: str) -> None:
    """Note it, unless it is noted already: a file that needs no change stays as it is."""
    if note(connection, key) != value:
        connection.execute("INSERT OR REPLACE INTO info VALUES (?, ?)", (key, value))
