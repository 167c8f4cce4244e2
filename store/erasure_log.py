"""Owns the log of erasures, which lies beside newsroom.db and outlives any backup of it."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from store.connection import transaction
from store.rows import moment
from store.schema import StoreError

#: Name of the log, which lies beside newsroom.db: one JSON object a line.
LOG_NAME = "erasures.jsonl"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the log. ``hashes``: SHA-256 of addresses and contents; no text, no address."""

    erased_at: str
    reason: str
    hashes: tuple[str, ...]


def log_beside(newsroom: Path) -> Path:
    """Where the log of this newsroom lies."""
    return newsroom.with_name(LOG_NAME)


def read_log(path: Path) -> Iterator[Entry]:
    """The entries of a log, the earliest first; none where there is no file.

    Raises ``StoreError`` naming the line that cannot be read: to go on without it could bring
    back what was erased.
    """
    if not path.exists():
        return
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            found = json.loads(line)
            entry = Entry(
                str(found["erased_at"]), str(found["reason"]), tuple(map(str, found["hashes"]))
            )
            moment(entry.erased_at)
        except (ValueError, KeyError, TypeError) as error:
            raise StoreError(
                f"{path}:{number}: not a line of an erasure log ({error}). Mend the line; without "
                "it, erased items would come back."
            ) from error
        yield entry


def write_log(path: Path, entries: Iterable[Entry]) -> None:
    """Make the log anew with these entries; a kill leaves the old or the new one."""
    fresh = path.with_name(path.name + ".new")
    with fresh.open("w", encoding="utf-8") as file:
        file.writelines(_line(entry) for entry in entries)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def take_over(connection: sqlite3.Connection, path: Path) -> None:
    """Let a newsroom that never held an item know the erasures of the log beside it.

    They were another newsroom's, which was lost or deleted; its sources are crawled again. One
    that held items knows its own log, and a backup is told when it is restored.
    """
    if not path.exists() or _is_known(connection):
        return
    with transaction(connection):
        if not _is_known(connection):
            for entry in read_log(path):
                remember(connection, entry, set())


def _is_known(connection: sqlite3.Connection) -> bool:
    """Whether items were ever held, or erasures are remembered already."""
    row = connection.execute(
        "SELECT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'items') "
        "OR EXISTS (SELECT 1 FROM erasures)"
    ).fetchone()
    return bool(row[0])


def append(path: Path, entry: Entry) -> None:
    """Add a line that is on disk when this returns; where that fails, nothing is added."""
    size = None
    try:
        with path.open("a", encoding="utf-8") as file:
            size = file.tell()
            file.write(_line(entry))
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        if size is not None:  # half a line could not be read again
            os.truncate(path, size)
        raise StoreError(
            f"{path}: {error.strerror}; nothing was erased. An erasure must be logged first, or a "
            "restored backup would undo it: make the file writable."
        ) from error


def _line(entry: Entry) -> str:
    return json.dumps(asdict(entry), ensure_ascii=False) + "\n"


def remember(connection: sqlite3.Connection, entry: Entry, ids: set[int]) -> None:
    """Note in the newsroom what was erased; its tombstones refuse it from now on."""
    cursor = connection.execute(
        "INSERT INTO erasures (erased_at, reason) VALUES (?, ?)", (entry.erased_at, entry.reason)
    )
    connection.executemany(
        "INSERT OR IGNORE INTO tombstones VALUES (?, ?)",
        [(value, cursor.lastrowid) for value in entry.hashes],
    )
    connection.executemany(
        "INSERT OR REPLACE INTO erased_items VALUES (?, ?)",
        [(item_id, cursor.lastrowid) for item_id in ids],
    )
