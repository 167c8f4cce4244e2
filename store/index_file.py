"""Owns search.db while publishing writes it: opened or made, filled batch by batch, finished."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from store.connection import transaction
from store.index import Document, create_index
from store.indexing import IndexWriter
from store.notes import note, set_note
from store.reading import Read
from store.schema import connect
from store.wiping import wipe


class IndexFile:
    """search.db as the one who writes it holds it."""

    def __init__(self, path: Path, newsroom: str, *, anew: bool) -> None:
        """Open the file, made where there is none.

        ``newsroom`` is the identity of the newsroom that it is written from. ``anew``: an empty
        file that nobody reads until `finish`, written once. Raises as ``connect`` does.
        """
        make_private(path)
        self._connection = connect(path, throwaway=anew)
        self._anew = anew
        try:
            if not self._connection.execute("PRAGMA user_version").fetchone()[0]:
                with transaction(self._connection):
                    create_index(self._connection)
            with transaction(self._connection):
                set_note(self._connection, "newsroom", newsroom)
            self._writer = IndexWriter(self._connection)
            if anew:
                self._writer.begin_bulk()
        except BaseException:
            self._connection.close()
            raise

    def reached(self) -> int:
        """The change up to which it has everything."""
        return int(note(self._connection, "change_seq") or 0)

    def transaction(self) -> AbstractContextManager[None]:
        """What is written inside is kept as a whole or not at all; `flush` before it ends."""
        return transaction(self._connection)

    def put(self, document: Document) -> None:
        """Index an item, in place of what was indexed of it before."""
        self._writer.put(document)

    def remove(self, item_id: int) -> None:
        """Take an item out, if it is there."""
        self._writer.remove(item_id)

    def set_cluster(self, item_id: int, cluster: int, *, is_primary: bool) -> None:
        """Record the item's cluster (0: none) and whether it stands for it."""
        self._writer.set_cluster(item_id, cluster, is_primary=is_primary)

    def flush(self, reached: int | None = None, read: Read | None = None) -> None:
        """Write what waits; note up to which change everything is there, if that moved.

        ``read``: see `IndexWriter.flush`.
        """
        self._writer.flush(read)
        if reached is not None:
            set_note(self._connection, "change_seq", str(reached))

    def finish(self) -> None:
        """After the last batch: one whole file without a log beside it."""
        if self._anew:
            with transaction(self._connection):
                self._writer.end_bulk()
            self._connection.execute("VACUUM")
        self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def wipe(self) -> bool:
        """Leave nothing of what was deleted; False if a reader is in the way.

        FTS5 only marks what is deleted until its pieces are merged.
        """
        with transaction(self._connection):
            self._writer.end_bulk()
        return wipe(self._connection)

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()


@contextmanager
def index_file(path: Path, newsroom: str) -> Iterator[IndexFile]:
    """The file of an index in use, closed at the end."""
    index = IndexFile(path, newsroom, anew=False)
    try:
        yield index
    finally:
        index.close()


def make_private(path: Path) -> None:
    """Make the index's file, if there is none, its owner's alone: words of private texts go in."""
    if path.parent.is_dir() and not path.exists():
        path.touch(mode=0o600)
