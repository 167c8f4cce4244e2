"""Owns the wiping of a database file: written anew without free pages, its log emptied."""

from __future__ import annotations

import sqlite3


def wipe(connection: sqlite3.Connection) -> bool:
    """Write the file anew without free pages and empty its log; False if others are in the way.

    Waits for them up to ``schema.BUSY_SECONDS``.
    """
    try:
        connection.execute("VACUUM")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
            raise
        return False
    return not connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
