"""Owns the only door out: newsroom.db → archive.db and search.db, in small steps, resumable."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from store.archive import ARCHIVE_VERSION, create_archive
from store.changes import Index, publish_changes
from store.connection import transaction
from store.disk import full_disk_told, nothing_half_done
from store.index import INDEX_VERSION
from store.index_file import IndexFile, index_file
from store.index_process import IndexProcess
from store.newsroom import Newsroom
from store.notes import note, set_note
from store.public_rows import drop_topics, write_lists
from store.removal import finish, remove_erased, waiting
from store.schema import DATABASE_FILES, DamagedError, StoreError, connect
from store.types import DISPLAYS
from store.wiping import wipe

#: Items in one transaction: readers and other writers wait for tenths of a second at most. Where
#: files are made anew nobody waits, and larger pieces leave less to merge.
BATCH = 400
REBUILD_BATCH = 2000

#: Items from which on a new index is written by a process of its own: it takes half a second to
#: come up, in which a thousand are written.
HELPED = 5000


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
    their place, with the same result; so does a file of an older shape or of another newsroom, and
    so do many items of which most are not public yet, since that is quicker.
    ``teaser_words`` is the cap for sources with the policy ``teaser``. ``progress`` is told items
    done and items in all. A second call waits for the first. Raises ``StoreError`` when a file
    cannot be opened, ``DiskFullError`` when there is no room for them.
    """
    with full_disk_told(archive, search), _alone(archive) as lock:
        return _publish_alone(newsroom, archive, search, teaser_words, rebuild, progress, lock)


@contextmanager
def _alone(archive: Path) -> Iterator[int]:
    """One publisher at a time; the lock ends with the process that holds it, however that ends.

    It is given as the number of the open file.
    """
    try:
        lock = archive.with_name(archive.name + ".lock").open("w")
    except OSError as error:
        raise StoreError(f"{archive}: {error}. Check that its directory is writable.") from error
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield lock.fileno()


def _publish_alone(
    newsroom: Newsroom,
    archive: Path,
    search: Path,
    teaser_words: int,
    rebuild: bool,
    progress: Callable[[int, int], None] | None,
    lock: int,
) -> Published:
    stale = (
        rebuild
        or _is_stale(archive, ARCHIVE_VERSION, newsroom)
        or _is_stale(search, INDEX_VERSION, newsroom)
    )
    # Read before anything else: an item erased from now on may still be written below.
    erasures = waiting(newsroom)
    fresh_archive, fresh_search = _beside(archive), _beside(search)
    if stale or _is_mostly_new(newsroom, archive, search):
        with nothing_half_done(lambda: [*_parts(fresh_archive), *_parts(fresh_search)]):
            with _new_index(newsroom, fresh_search, lock) as index:
                published = _publish(
                    newsroom, fresh_archive, index, teaser_words, progress, (), rebuilt=True
                )
            for fresh, path in ((fresh_archive, archive), (fresh_search, search)):
                _take_place(fresh, path)
    else:
        with index_file(search, newsroom.identity()) as index:
            published = _publish(
                newsroom, archive, index, teaser_words, progress, erasures, rebuilt=False
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
            found != version or note(connection, "newsroom") not in (None, newsroom.identity())
        )
    finally:
        connection.close()


def _is_mostly_new(newsroom: Newsroom, archive: Path, search: Path) -> bool:
    """Whether there are many items and the files have less than half of them yet."""
    held = newsroom.changes_since(0)
    if held < HELPED:
        return False
    reached = min(_reached(archive), _reached(search))
    return 2 * newsroom.changes_since(reached) > held


def _reached(path: Path) -> int:
    """The change up to which the file has everything."""
    if not path.exists():
        return 0
    with closing(connect(path)) as connection:
        made = connection.execute("PRAGMA user_version").fetchone()[0]
        return int(note(connection, "change_seq") or 0) if made else 0


def _beside(path: Path) -> Path:
    """The name of the file made anew; what an interrupted attempt left there is dropped."""
    fresh = path.with_name(path.name + ".rebuild")
    for part in _parts(fresh):
        part.unlink(missing_ok=True)
    return fresh


def _parts(path: Path) -> list[Path]:
    """The files that SQLite keeps a database in."""
    return [path.with_name(path.name + ending) for ending in DATABASE_FILES]


def _take_place(fresh: Path, path: Path) -> None:
    """Replace the file's content in one transaction: whoever has it open sees old or new.

    A damaged one gives way as a file.
    """
    if path.exists() and not _is_damaged(path):
        with closing(connect(fresh)) as source, closing(connect(path)) as target:
            source.backup(target)
            target.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    else:
        # Nobody can use it. A log that a deleted file left would be taken for the new one's.
        for part in _parts(path)[1:]:
            part.unlink(missing_ok=True)
        with fresh.open("rb") as file:
            os.fsync(file.fileno())
        fresh.replace(path)
    _beside(path)


def _is_damaged(path: Path) -> bool:
    try:
        connect(path).close()
    except DamagedError:
        return True
    return False


@contextmanager
def _new_index(newsroom: Newsroom, path: Path, lock: int) -> Iterator[Index]:
    """An index to be made anew: of many items by a process of its own."""
    if newsroom.changes_since(0) >= HELPED:
        index: Index = IndexProcess(path, newsroom.identity(), lock=lock)
    else:
        index = IndexFile(path, newsroom.identity(), anew=True)
    with closing(index):
        yield index


def _publish(
    newsroom: Newsroom,
    archive_path: Path,
    index: Index,
    teaser_words: int,
    progress: Callable[[int, int], None] | None,
    erasures: Sequence[int],
    *,
    rebuilt: bool,
) -> Published:
    with closing(connect(archive_path, throwaway=rebuilt)) as archive:
        if not archive.execute("PRAGMA user_version").fetchone()[0]:
            with transaction(archive):
                create_archive(archive)
        _take_notice(newsroom, archive, teaser_words)
        counts = publish_changes(
            newsroom, archive, index, teaser_words, progress, REBUILD_BATCH if rebuilt else BATCH
        )
        counts.removed += remove_erased(newsroom, archive, index, erasures)
        with transaction(archive):
            write_lists(newsroom, archive)
            drop_topics(newsroom, archive)
            if counts.written or counts.removed or not note(archive, "published_at"):
                set_note(archive, "published_at", newsroom.stamp())
        # After a rule became stricter, nothing of what may no longer be shown stays in free pages.
        # A reader in the way puts that off to the next call.
        if note(archive, "wipe") is not None and all((wipe(archive), index.wipe())):
            archive.execute("DELETE FROM info WHERE key = 'wipe'")
        archive.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        index.finish()
        items = archive.execute("SELECT count(*) FROM items").fetchone()[0]
    return Published(
        items=items,
        written=counts.written,
        unchanged=max(0, items - counts.written),
        withdrawn=counts.withdrawn,
        removed=counts.removed,
        rebuilt=rebuilt,
    )


def _take_notice(newsroom: Newsroom, archive: sqlite3.Connection, teaser_words: int) -> None:
    """Bring the lists up to date; notice rules that changed since the last call.

    Another word cap means that every item is written again. A rule that became stricter is noted
    to be wiped before anything is written, so that a kill cannot make it forgotten.
    """
    before = int(note(archive, "teaser_words") or teaser_words)
    shown = dict(archive.execute("SELECT id, display FROM sources").fetchall())
    stricter = teaser_words < before or any(
        DISPLAYS.index(status.source.display) < DISPLAYS.index(shown[status.source.id])
        for status in newsroom.sources()
        if status.source.id in shown
    )
    with transaction(archive):
        write_lists(newsroom, archive)
        set_note(archive, "teaser_words", str(teaser_words))
        set_note(archive, "newsroom", newsroom.identity())
        if teaser_words != before:
            set_note(archive, "change_seq", "0")
        if stricter:
            set_note(archive, "wipe", "1")
