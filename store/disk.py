"""Owns how a full disk shows in SQLite and in files, the one line that tells it, what is left."""

from __future__ import annotations

import errno
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from store.errors import RadarError

#: How SQLite reports that it could not write (sqlite.org/rescode.html). Only ENOSPC becomes
#: SQLITE_FULL; a used-up quota or a limit on file sizes becomes an error of writing, and a
#: file system that allots late reports it at fsync.
_SQLITE = frozenset(
    {
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR_WRITE,
        sqlite3.SQLITE_IOERR_FSYNC,
        sqlite3.SQLITE_IOERR_SHMSIZE,
    }
)
_SYSTEM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class DiskFullError(RadarError):
    """Nothing more can be written; what was committed is kept. The message names the files."""

    def __init__(self, *paths: Path, cause: BaseException) -> None:
        super().__init__(
            f"{' or '.join(map(str, paths))}: the disk is full, or its quota is used up ({cause}). "
            "Make room and run the command again: what was stored is kept, and it goes on there."
        )


def is_full(error: BaseException) -> bool:
    """Whether the error says that no more can be written."""
    if isinstance(error, sqlite3.Error):
        return getattr(error, "sqlite_errorcode", None) in _SQLITE
    return isinstance(error, OSError) and error.errno in _SYSTEM


@contextmanager
def full_disk_told(*paths: Path) -> Iterator[None]:
    """Turn what a full disk raises inside into a ``DiskFullError`` that names the files."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        if not is_full(error):
            raise
        raise DiskFullError(*paths, cause=error) from error


@contextmanager
def nothing_half_done(leftovers: Callable[[], Iterable[Path]]) -> Iterator[None]:
    """Delete files and folders that the block leaves when it fails.

    They would take the room that is missing, and may hold private texts. A kill leaves them; who
    writes them again deletes them first.
    """
    done = False
    try:
        yield
        done = True
    finally:
        if not done:
            for path in leftovers():
                if path.is_dir():
                    shutil.rmtree(path)
                else:
                    path.unlink(missing_ok=True)
