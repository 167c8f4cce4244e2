"""Owns transactions on newsroom.db: one writer at a time, short, all or nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from store.disk import full_disk_told
from store.errors import RadarError
from store.rows import stamp
from store.schema import BUSY_SECONDS, connect


class BusyError(RadarError):
    """Another writer kept the file for longer than any of ours does; nothing was written."""


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """One write transaction on any of the files: all is kept or nothing.

    Raises `BusyError` when another writer does not let go for `schema.BUSY_SECONDS`.
    """
    try:
        connection.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
            raise
        path = connection.execute("PRAGMA database_list").fetchone()[2]
        raise BusyError(
            f"{path}: another program has been writing for {BUSY_SECONDS} seconds; nothing was "
            "written. See what has the file open, and run the command again."
        ) from error
    try:
        yield
        # A commit may fail too (disk full) and would leave the transaction open.
        connection.execute("COMMIT")
    except BaseException:
        # SQLite may have rolled back by itself (disk full); a second ROLLBACK would hide why.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


class NewsroomFile:
    """The open file. The clock is passed in; it must give aware times."""

    def __init__(self, path: Path, *, now: Callable[[], datetime]) -> None:
        self.path = Path(path)
        self.connection = connect(self.path)
        self._now = now

    def now(self) -> datetime:
        """The present moment by the clock that was passed in."""
        return self._now()

    def stamp(self) -> str:
        """The present moment as the database writes it."""
        return stamp(self._now())

    @contextmanager
    def batch(self) -> Iterator[sqlite3.Connection]:
        """One write transaction; writes called inside join it, all are kept or none.

        A call inside that fails undoes its own part only, should the caller go on.

        A writer that finds another at work waits up to ``schema.BUSY_SECONDS``. The lock is
        taken at the start: a transaction that read first and wrote later could fail however
        long it waited. Raises ``DiskFullError`` when there is no room for what was written.
        """
        if self.connection.in_transaction:
            with self._savepoint():
                yield self.connection
            return
        with full_disk_told(self.path), transaction(self.connection):
            yield self.connection

    @contextmanager
    def _savepoint(self) -> Iterator[None]:
        self.connection.execute("SAVEPOINT inner")
        try:
            yield
        except BaseException:
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK TO inner")
                self.connection.execute("RELEASE inner")
            raise
        self.connection.execute("RELEASE inner")

    def next_change(self, count: int = 1) -> int:
        """The next number of the change sequence; only inside a batch, so in commit order.

        The last of ``count`` numbers where more are taken at once; unused ones do no harm.
        """
        row = self.connection.execute(
            "UPDATE counters SET value = value + ? WHERE name = 'change' RETURNING value", (count,)
        ).fetchone()
        return int(row[0])

    def close(self) -> None:
        self.connection.close()
