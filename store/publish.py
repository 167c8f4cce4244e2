"""Owns the only door out: newsroom.db → archive.db and search.db, in small steps, resumable."""

from __future__ import annotations

import fcntl
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from store.archive import ARCHIVE_VERSION, create_archive
from store.changes import info, publish_changes, set_info
from store.connection import transaction
from store.disk import full_disk_told
from store.index import INDEX_VERSION, create_index
from store.indexing import IndexWriter
from store.newsroom import Newsroom
from store.public_rows import drop_topics, write_lists
from store.removal import finish, remove_erased, waiting, wipe
from store.schema import StoreError, connect
from store.types import DISPLAYS

#: Items in one transaction: readers and other writers wait for tenths of a second at most. Where
#: files are made anew nobody waits, and larger pieces leave less to merge.
BATCH = 200
REBUILD_BATCH = 2000


@dataclass(frozen=True, slots=True)
class Published:
    """What a call of ``publish`` did.

    ``items``: public items now; ``unchanged`` of them were left alone, ``written`` were written
    (``withdrawn`` of those as withdrawn). ``removed``: public before, and no longer.
    """

    items: int
    written: int
    unchanged: int
    withdrawn: int
    removed: int
    rebuilt: bool


def publish(
    newsroom: Newsroom,
    archive: Path,
    search: Path,
    *,
    teaser_words: int = 40,
    rebuild: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Published:
    """Bring the public files up to date with the newsroom.

    Writes what changed since the last call, in small batches; may be killed at any point
    and called again. ``rebuild`` makes both files anew beside the old ones and then puts them in
    their place, with the same result; so does a file of an older shape or of another newsroom.
    ``teaser_words`` is the cap for sources with the policy ``teaser``. ``progress`` is told items
    done and items in all. A second call waits for the first. Raises ``StoreError`` when a file
    cannot be opened, ``DiskFullError`` when there is no room for them.
    """
    with full_disk_told(archive, search), _alone(archive):
        return _publish_alone(newsroom, archive, search, teaser_words, rebuild, progress)


@contextmanager
def _alone(archive: Path) -> Iterator[None]:
    """One publisher at a time; the lock ends with the process that holds it, however that ends."""
    try:
        lock = archive.with_name(archive.name + ".lock").open("w")
    except OSError as error:
        raise StoreError(f"{archive}: {error}. Check that its directory is writable.") from error
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _publish_alone(
    newsroom: Newsroom,
    archive: Path,
    search: Path,
    teaser_words: int,
    rebuild: bool,
    progress: Callable[[int, int], None] | None,
) -> Published:
    stale = _is_stale(archive, ARCHIVE_VERSION, newsroom) or _is_stale(
        search, INDEX_VERSION, newsroom
    )
    # Read before anything else: an item erased from now on may still be written below.
    erasures = waiting(newsroom)
    fresh_archive, fresh_search = _beside(archive), _beside(search)
    if rebuild or stale:
        published = _publish(
            newsroom, fresh_archive, fresh_search, teaser_words, progress, (), rebuilt=True
        )
        _make_private(search)
        for fresh, path in ((fresh_archive, archive), (fresh_search, search)):
            _take_place(fresh, path)
    else:
        published = _publish(
            newsroom, archive, search, teaser_words, progress, erasures, rebuilt=False
        )
    if erasures:
        finish(newsroom, archive, search, erasures)
    return published


def _is_stale(path: Path, version: int, newsroom: Newsroom) -> bool:
    """Whether the file exists and can only be made anew."""
    if not path.exists():
        return False
    connection = connect(path)
    try:
        found = connection.execute("PRAGMA user_version").fetchone()[0]
        return found != 0 and (
            found != version or info(connection, "newsroom") not in (None, newsroom.identity())
        )
    finally:
        connection.close()


def _beside(path: Path) -> Path:
    """The name of the file made anew; what an interrupted attempt left there is dropped."""
    fresh = path.with_name(path.name + ".rebuild")
    for ending in ("", "-wal", "-shm"):
        fresh.with_name(fresh.name + ending).unlink(missing_ok=True)
    return fresh


def _make_private(search: Path) -> None:
    """Make the index's file, if there is none, its owner's alone: words of private texts go in."""
    if search.parent.is_dir() and not search.exists():
        search.touch(mode=0o600)


def _take_place(fresh: Path, path: Path) -> None:
    """Replace the file's content in one transaction: whoever has it open sees old or new."""
    source, target = connect(fresh), connect(path)
    try:
        source.backup(target)
        target.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        source.close()
        target.close()
    _beside(path)


def _publish(
    newsroom: Newsroom,
    archive_path: Path,
    search_path: Path,
    teaser_words: int,
    progress: Callable[[int, int], None] | None,
    erasures: Sequence[int],
    *,
    rebuilt: bool,
) -> Published:
    archive = connect(archive_path, throwaway=rebuilt)
    _make_private(search_path)
    search = connect(search_path, throwaway=rebuilt)
    try:
        if not archive.execute("PRAGMA user_version").fetchone()[0]:
            with transaction(archive):
                create_archive(archive)
        if not search.execute("PRAGMA user_version").fetchone()[0]:
            with transaction(search):
                create_index(search)
        _take_notice(newsroom, archive, search, teaser_words)
        index = IndexWriter(search)
        if rebuilt:
            index.begin_bulk()
        counts = publish_changes(
            newsroom, archive, index, teaser_words, progress, REBUILD_BATCH if rebuilt else BATCH
        )
        counts.removed += remove_erased(newsroom, archive, index, erasures)
        with transaction(archive):
            write_lists(newsroom, archive)
            drop_topics(newsroom, archive)
            if counts.written or counts.removed or not info(archive, "published_at"):
                set_info(archive, "published_at", newsroom.stamp())
        _wipe(archive, index)
        if rebuilt:
            with transaction(search):
                index.end_bulk()
            search.execute("VACUUM")
        for connection in (archive, search):
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        items = archive.execute("SELECT count(*) FROM items").fetchone()[0]
    finally:
        archive.close()
        search.close()
    return Published(
        items=items,
        written=counts.written,
        unchanged=max(0, items - counts.written),
        withdrawn=counts.withdrawn,
        removed=counts.removed,
        rebuilt=rebuilt,
    )


def _take_notice(
    newsroom: Newsroom, archive: sqlite3.Connection, search: sqlite3.Connection, teaser_words: int
) -> None:
    """Bring the lists up to date; notice rules that changed since the last call.

    Another word cap means that every item is written again. A rule that became stricter is noted
    for ``_wipe`` before anything is written, so that a kill cannot make it forgotten.
    """
    before = int(info(archive, "teaser_words") or teaser_words)
    shown = dict(archive.execute("SELECT id, display FROM sources").fetchall())
    stricter = teaser_words < before or any(
        DISPLAYS.index(status.source.display) < DISPLAYS.index(shown[status.source.id])
        for status in newsroom.sources()
        if status.source.id in shown
    )
    with transaction(archive):
        write_lists(newsroom, archive)
        set_info(archive, "teaser_words", str(teaser_words))
        set_info(archive, "newsroom", newsroom.identity())
        if teaser_words != before:
            set_info(archive, "change_seq", "0")
        if stricter:
            set_info(archive, "wipe", "1")
    with transaction(search):
        set_info(search, "newsroom", newsroom.identity())


def _wipe(archive: sqlite3.Connection, index: IndexWriter) -> None:
    """After a rule became stricter, leave nothing of what may no longer be shown in free pages.

    Nor in the index, where FTS5 only marks what is deleted until its pieces are merged. A reader
    in the way puts it off to the next call.
    """
    if info(archive, "wipe") is not None:
        with transaction(index.connection):
            index.end_bulk()
        if all(wipe(connection) for connection in (archive, index.connection)):
            archive.execute("DELETE FROM info WHERE key = 'wipe'")
