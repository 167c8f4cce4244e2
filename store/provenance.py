"""Owns where items out of web archives came from: archive, record, offset, day of the capture."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from store.newsroom import Newsroom
from store.rows import moment, stamp


@dataclass(frozen=True, slots=True)
class Provenance:
    """One record of a web archive that an item was found in."""

    #: file or address of the archive
    archive: str
    #: WARC-Record-ID
    record_id: str
    #: where the record begins in the archive, in bytes as stored
    offset: int
    #: when the archive's crawler fetched it: never a date of publication
    captured_at: datetime


@dataclass(frozen=True, slots=True)
class Kept:
    """What the newsroom holds of an address already."""

    item_id: int
    url: str
    content_hash: str
    fetched_at: datetime


def kept(newsroom: Newsroom, source_id: str, urls: Collection[str]) -> Kept | None:
    """The source's item under one of these spellings of its address, the first one stored."""
    row = newsroom.connection.execute(
        "SELECT id, url, content_hash, fetched_at FROM items WHERE source_id = ? "
        "AND url IN (SELECT value FROM json_each(?)) ORDER BY id LIMIT 1",
        (source_id, json.dumps(sorted(urls))),
    ).fetchone()
    if row is None:
        return None
    return Kept(row["id"], row["url"], row["content_hash"], moment(row["fetched_at"]))


def any_kept(newsroom: Newsroom, urls: Collection[str]) -> set[str]:
    """Those of the addresses that any source's item has."""
    rows = newsroom.connection.execute(
        "SELECT DISTINCT url FROM json_each(?) AS wanted CROSS JOIN items ON url = wanted.value",
        (json.dumps(list(urls)),),
    )
    return {row["url"] for row in rows}


def note_all(newsroom: Newsroom, found: Iterable[tuple[str, str, Provenance]]) -> None:
    """``note`` for many items, each by its source and the address it is kept under."""
    with newsroom.batch() as connection:
        connection.executemany(
            "INSERT OR IGNORE INTO provenance SELECT id, ?, ?, ?, ? FROM items "
            "WHERE url = ? AND source_id = ?",
            [
                (one.archive, one.record_id, one.offset, stamp(one.captured_at), url, source_id)
                for source_id, url, one in found
            ],
        )


def note(newsroom: Newsroom, item_id: int, found: Provenance) -> None:
    """Keep where an item was found; the same record twice is one."""
    with newsroom.batch() as connection:
        connection.execute(
            "INSERT OR IGNORE INTO provenance VALUES (?, ?, ?, ?, ?)",
            (item_id, found.archive, found.record_id, found.offset, stamp(found.captured_at)),
        )


def provenance(newsroom: Newsroom, item_id: int) -> list[Provenance]:
    """The records an item was found in, by the day of their capture."""
    rows = newsroom.connection.execute(
        "SELECT * FROM provenance WHERE item_id = ? ORDER BY captured_at, archive, record_id",
        (item_id,),
    )
    return [
        Provenance(row["archive"], row["record_id"], row["offset"], moment(row["captured_at"]))
        for row in rows
    ]
