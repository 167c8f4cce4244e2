"""Owns how a database file is opened and brought to its newest shape."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from store.disk import DiskFullError, is_full
from store.errors import RadarError

#: How long a writer waits for another before it gives up. Crawl, tag, publish and desk hold the
#: write lock for one short transaction each; a minute is far beyond any of them.
BUSY_SECONDS = 60

#: Endings of the files that SQLite keeps a database in: its own, and those of its logs. The journal
#: is there while a file changes from one kind of log to the other, and after a kill in that moment;
#: beside another file of that name it would be rolled back into it.
DATABASE_FILES = ("", "-journal", "-wal", "-shm")


class StoreError(RadarError):
    """The store cannot do what was asked; the message names the item or file and the mend."""


class DamagedError(StoreError):
    """A file is no database, or one that is damaged; the message names where it comes from anew."""


def connect(path: Path, *, read_only: bool = False, throwaway: bool = False) -> sqlite3.Connection:
    """A connection in WAL mode with explicit transactions (autocommit until BEGIN).

    ``secure_delete`` overwrites what is deleted, so that erased text does not live on in free
    pages. ``synchronous=NORMAL`` may lose the last commits when the power fails, never the
    file's integrity nor anything when a process is killed; the fetch state is lost with the
    items, so the next crawl fetches them again. ``throwaway``: nobody else reads the file and a
    kill makes it worthless, so its pages are written once, without a log.

    Raises ``StoreError`` when the file cannot be opened, ``DamagedError`` when it is no SQLite
    database or a damaged one, ``DiskFullError`` when there is no room to open it.
    """
    try:
        if read_only:
            connection = sqlite3.connect(
                f"{path.absolute().as_uri()}?mode=ro",
                uri=True,
                timeout=BUSY_SECONDS,
                isolation_level=None,
                check_same_thread=False,
            )
        else:
            connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
            connection.execute(f"PRAGMA journal_mode = {'OFF' if throwaway else 'WAL'}")
            connection.execute(f"PRAGMA synchronous = {'OFF' if throwaway else 'NORMAL'}")
            connection.execute("PRAGMA secure_delete = ON")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("SELECT count(*) FROM sqlite_master")
    except sqlite3.DatabaseError as error:
        if is_full(error):
            raise DiskFullError(path, cause=error) from error
        if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
            raise DamagedError(
                f"{path}: {error}. archive.db and search.db are made anew by `radar publish "
                "--rebuild`, newsroom.db comes back with `radar restore`."
            ) from error
        raise StoreError(
            f"{path}: {error}. Check that the directory exists and is writable, and that the file "
            "is a SQLite database of this project."
        ) from error
    connection.row_factory = sqlite3.Row
    return connection


def is_older(path: Path, migrations: Migrations) -> bool:
    """Whether the file is there and of an older shape; ``StoreError`` if it is no database.

    One that holds nothing, because it could not be made on a full disk, has no shape yet.
    """
    if not path.is_file():
        return False
    with closing(connect(path, read_only=True)) as connection:
        held = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        return held > 0 and bool(migrations.pending(Database(connection, execute_plugins=False)))


def migrate(
    connection: sqlite3.Connection, migrations: Migrations, *, stop_before: str = ""
) -> None:
    """Bring the file to the newest shape; two processes may call it at once."""
    database = Database(connection, execute_plugins=False)
    if not migrations.pending(database):
        return
    # The lock comes first: whoever waits for it finds nothing pending any more.
    connection.execute("BEGIN IMMEDIATE")
    try:
        migrations.apply(database, stop_before=stop_before or None)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # a full disk ends it by itself
            connection.execute("ROLLBACK")
        raise
