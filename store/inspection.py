"""Owns looking at database files without changing them: are they sound, how recent are they."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

from store.rows import moment
from store.schema import StoreError, connect


def sqlite_version() -> tuple[str, bool]:
    """SQLite's version, and whether it was built with full text search (FTS5)."""
    with closing(sqlite3.connect(":memory:")) as memory:
        options = {row[0] for row in memory.execute("PRAGMA compile_options")}
    return sqlite3.sqlite_version, "ENABLE_FTS5" in options


def faults(path: Path) -> list[str]:
    """What SQLite's integrity and foreign key checks find; empty if the file is sound."""
    try:
        with closing(connect(path, read_only=True)) as connection:
            found = [str(row[0]) for row in connection.execute("PRAGMA integrity_check(3)")]
            dangling = connection.execute("PRAGMA foreign_key_check").fetchmany(3)
    except StoreError as error:
        return [str(error)]
    except sqlite3.DatabaseError as error:
        return [str(error)]
    return [text for text in found if text != "ok"] + [
        f"a row of {row[0]} names one of {row[2]} that is not there" for row in dangling
    ]


def latest_moment(newsroom: Path) -> datetime | None:
    """When the newest run began; None if there is none, or no newsroom that can be read."""
    try:
        with closing(connect(newsroom, read_only=True)) as connection:
            row = connection.execute("SELECT max(started_at) FROM runs").fetchone()
    except (StoreError, sqlite3.DatabaseError):
        return None
    return moment(row[0]) if row[0] else None
