"""Owns which folders hold copies of items besides the databases, so that erasures reach them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from store import exports, partitions, responses
from store.connection import NewsroomFile
from store.tombstones import url_hash


class CopyTables(NewsroomFile):
    """Reads and writes of the folders to which copies were written."""

    def note_copies(self, kind: str, folder: Path) -> None:
        """Remember a folder of ``exports`` or ``responses``, before anything is written there."""
        path = str(folder.absolute())
        if folder.absolute() in self.copies(kind):
            return
        with self.batch() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO copies VALUES (?, ?, ?)", (path, kind, self.stamp())
            )

    def copies(self, kind: str) -> list[Path]:
        """The folders of that kind, by name."""
        rows = self.connection.execute(
            "SELECT folder FROM copies WHERE kind = ? ORDER BY 1", (kind,)
        )
        return [Path(row["folder"]) for row in rows]


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What went of the copies of erased items.

    ``exports``: deleted files, to be exported anew; ``responses``: stored responses;
    ``busy``: files that were being written and must be looked at again.
    """

    exports: tuple[Path, ...]
    responses: int
    busy: tuple[Path, ...]


def forget_copies(newsroom: CopyTables, erasures: Sequence[int]) -> Forgotten:
    """Take what these erasures erased out of exports and stored responses.

    A folder that is gone holds nothing. Raises ``DiskFullError``, and ``OSError`` where a file
    can be read but not changed: the erasure is not finished then.
    """
    ids: set[int] = set()
    hashes: set[str] = set()
    for erasure_id in erasures:
        found = newsroom.connection.execute(
            "SELECT item_id, NULL FROM erased_items WHERE erasure_id = ?1 "
            "UNION ALL SELECT NULL, hash FROM tombstones WHERE erasure_id = ?1",
            (erasure_id,),
        )
        for item_id, value in found:
            ids |= {item_id} - {None}
            hashes |= {value} - {None}

    def is_erased(url: str) -> bool:
        return url_hash(url) in hashes

    deleted: list[Path] = []
    for folder in newsroom.copies("exports"):
        deleted += exports.forget(folder, ids, is_erased)
        deleted += partitions.forget(folder, ids, is_erased)
    gone, busy = 0, []
    for folder in newsroom.copies("responses"):
        records, left = responses.forget(folder, is_erased)
        gone += records
        busy += left
    return Forgotten(tuple(deleted), gone, tuple(busy))
