"""Owns backups of newsroom.db and the way back; the public files are made anew from it."""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from store.disk import full_disk_told, is_full, nothing_half_done
from store.erasure import recorded, replay
from store.erasure_log import Entry, log_beside, read_log, write_log
from store.newsroom import Newsroom
from store.schema import DATABASE_FILES, StoreError, connect
from store.wiping import wipe

#: A finished backup's name: the moment in UTC, so that names sort by age.
_NAME = re.compile(r"newsroom-\d{8}T\d{6}Z\.db")
_STAMP = "newsroom-%Y%m%dT%H%M%SZ.db"
#: Item numbers left out after a restoration: those given since the backup are in readers' links
#: and must not come to mean other items.
GAP = 100_000

_CHECKSUM = ".sha256"
_PARTIAL = ".partial"


class BackupError(StoreError):
    """A backup that cannot be made or used; the message names the file and the mend."""


@dataclass(frozen=True, slots=True)
class Backup:
    """A finished backup, checked; ``deleted``: older ones that made room for it."""

    path: Path
    items: int
    bytes: int
    sha256: str
    deleted: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Restored:
    """A newsroom put back: ``erased`` items of the backup were erased again.

    ``aside``: where the file lies that stood in its place, if one did and it was to be replaced.
    ``checksum``: whether there was one to compare with.
    """

    path: Path
    items: int
    erased: int
    aside: Path | None
    checksum: bool


def back_up(newsroom: Path, folder: Path, *, keep: int, now: Callable[[], datetime]) -> Backup:
    """Copy newsroom.db as it is at one moment, while others read and write, into ``folder``.

    The copy gets its name only when it is complete, has passed SQLite's integrity check and its
    checksum lies beside it; a failure leaves nothing, a kill at most a ``.partial`` file, which
    the next call removes. The log of erasures is copied too. Of finished backups the ``keep``
    newest stay. Raises ``BackupError``, or ``DiskFullError`` when there is no room.
    """
    if not newsroom.is_file():
        raise BackupError(f"{newsroom}: there is no newsroom yet; crawl something first.")
    if keep < 1:
        raise BackupError(f"{keep} backups to keep? At least the new one must stay.")
    path = folder / now().astimezone(UTC).strftime(_STAMP)
    with full_disk_told(folder), _alone(folder):
        if path.exists():
            raise BackupError(f"{path} was made this very second; there is nothing newer to keep.")
        for leftover in _leftovers(folder):
            leftover.unlink()
        partial = path.with_name(path.name + _PARTIAL)
        with nothing_half_done(lambda: _leftovers(folder)):
            _copy(newsroom, partial)
            items = _examine(partial)
            digest = _sha256(partial)
            _write(path.with_name(path.name + _CHECKSUM), f"{digest}  {path.name}\n")
            partial.replace(path)
        entries = {*read_log(log_beside(path)), *read_log(log_beside(newsroom))}
        if entries:
            write_log(log_beside(path), _in_order(entries))
        _sync(folder)
        deleted = _delete_all_but(keep, folder)
    return Backup(path, items, path.stat().st_size, digest, deleted)


def restore(
    backup: Path,
    target: Path,
    *,
    now: Callable[[], datetime],
    logs: Sequence[Path] = (),
    replace: bool = False,
) -> Restored:
    """Put a backup in the place ``target``, where no newsroom may be unless ``replace``.

    Checks it first (checksum, integrity), brings it to the newest shape and repeats every erasure
    known beside the backup, beside the target and in ``logs``, so that nothing erased comes back.
    It counts as another newsroom from then on, and the next publishing makes the public files
    anew. What stood at ``target`` is moved aside, not deleted; nothing may have it open. Raises
    ``BackupError``, and ``StoreError`` for a log that cannot be read.
    """
    if not backup.is_file():
        raise BackupError(f"{backup}: no such file. Give a backup, such as newsroom-….db.")
    if not replace and any(_part(target, part).exists() for part in DATABASE_FILES):
        raise BackupError(
            f"{target} exists and is not overwritten. Restore elsewhere with --to, or stop "
            "everything that uses it and say --replace: it is then moved aside."
        )
    checked = _compare_checksum(backup)
    _examine(backup)
    entries: set[Entry] = set()
    for log in (log_beside(backup), log_beside(target), *logs):
        entries |= set(read_log(log))
    partial = target.with_name(target.name + _PARTIAL)
    parts = [_part(partial, part) for part in DATABASE_FILES]
    with full_disk_told(target), nothing_half_done(lambda: parts):
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            for part in parts:
                part.unlink(missing_ok=True)
        except OSError as error:
            raise BackupError(f"{target.parent}: cannot be written: {error.strerror}.") from error
        _copy(backup, partial)
        with Newsroom(partial, now=now) as newsroom:
            erased = replay(newsroom, _in_order(entries))
            with newsroom.batch() as connection:
                # Its change numbers start again from the past: as the same newsroom, the public
                # files would take what comes next for known.
                connection.execute("UPDATE counters SET value = random() WHERE name = 'identity'")
                connection.execute(
                    "UPDATE sqlite_sequence SET seq = seq + ? WHERE name = 'items'", (GAP,)
                )
            wipe(newsroom.connection)
            entries |= set(recorded(newsroom))
            items = int(connection.execute("SELECT count(*) FROM items").fetchone()[0])
        _examine(partial)
        aside = _move_aside(target, now()) if replace else None
        write_log(log_beside(target), _in_order(entries))
        partial.replace(target)
        _sync(target.parent)
    return Restored(target, items, erased, aside, checked)


def made_at(path: Path) -> datetime:
    """When a finished backup was made, which its name says."""
    return datetime.strptime(path.name, _STAMP).replace(tzinfo=UTC)


def backups(folder: Path) -> list[Path]:
    """The finished backups in a folder, the oldest first; none where there is no folder."""
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if _NAME.fullmatch(path.name))


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One backup into a folder at a time; the lock ends with the process that holds it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / ".backup.lock").open("w")
    except OSError as error:
        raise BackupError(f"{folder}: cannot be written: {error.strerror}.") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BackupError(f"{folder}: another backup into it is under way.") from error
        yield


def _copy(source: Path, target: Path) -> None:
    """Copy a database as one file without a log, by SQLite's online backup (one snapshot)."""
    target.touch(mode=0o600)  # private texts, as in the newsroom itself
    with closing(connect(source, read_only=True)) as old, closing(connect(target)) as new:
        try:
            old.backup(new)
        except sqlite3.DatabaseError as error:
            if is_full(error):
                raise
            raise BackupError(f"{source} cannot be copied: {error}.") from error
        new.execute("PRAGMA journal_mode = DELETE")
    with target.open("rb") as file:
        os.fsync(file.fileno())


def _examine(path: Path) -> int:
    """SQLite's own check and that of references; how many items the newsroom at ``path`` holds.

    Opened as a file that nobody changes, so that nothing is written beside it.
    """
    uri = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
    try:
        with closing(sqlite3.connect(uri, uri=True)) as connection:
            found = [str(row[0]) for row in connection.execute("PRAGMA integrity_check(3)")]
            loose = connection.execute("PRAGMA foreign_key_check").fetchone()
            items = int(connection.execute("SELECT count(*) FROM items").fetchone()[0])
            connection.execute("SELECT count(*) FROM counters").fetchone()
    except sqlite3.DatabaseError as error:
        raise BackupError(f"{path} is no usable newsroom: {error}. Take another backup.") from error
    if found != ["ok"] or loose is not None:
        told = "; ".join(found) if found != ["ok"] else f"{loose[0]} refers to rows that are gone"
        raise BackupError(f"{path} is damaged ({told}). Take another backup.")
    return items


def _compare_checksum(path: Path) -> bool:
    beside = path.with_name(path.name + _CHECKSUM)
    if not beside.exists():
        return False
    wanted = beside.read_text(encoding="utf-8").split()[:1]
    if wanted != [_sha256(path)]:
        raise BackupError(
            f"{path} is not as it was written: its checksum differs from {beside.name}. Take "
            "another backup."
        )
    return True


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _leftovers(folder: Path) -> list[Path]:
    """What a kill leaves: half a copy, or a checksum whose backup never got its name."""
    return [*folder.glob("*" + _PARTIAL + "*"), *_orphans(folder)]


def _orphans(folder: Path) -> list[Path]:
    return [
        path
        for path in folder.glob("newsroom-*.db" + _CHECKSUM)
        if not path.with_name(path.name.removesuffix(_CHECKSUM)).exists()
    ]


def _delete_all_but(keep: int, folder: Path) -> tuple[Path, ...]:
    old = backups(folder)[:-keep]
    for path in old:
        path.unlink()
        path.with_name(path.name + _CHECKSUM).unlink(missing_ok=True)
    return tuple(old)


def _move_aside(target: Path, at: datetime) -> Path | None:
    name = f"{target.name}.replaced-{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    aside = target.with_name(name)
    for part in DATABASE_FILES:
        if _part(target, part).exists():
            _part(target, part).replace(_part(aside, part))
    return aside if aside.exists() else None


def _part(path: Path, ending: str) -> Path:
    return path.with_name(path.name + ending)


def _in_order(entries: set[Entry]) -> list[Entry]:
    return sorted(entries, key=lambda entry: (entry.erased_at, entry.reason, entry.hashes))


def _write(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    """Make renames in the folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
