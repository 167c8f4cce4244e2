"""What pages for programs read of archive.db: what changed lately, every page there is."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime

from store.rows import stamp


@dataclass(frozen=True, slots=True)
class Block:
    """A span of item numbers that one sitemap holds: how many are public, the latest change."""

    number: int
    items: int
    changed: datetime


def corrected_since(archive: sqlite3.Connection, moment: datetime, limit: int) -> list[int]:
    """Items corrected or withdrawn since then, the latest change first."""
    since = stamp(moment)
    found = archive.execute(
        "select item_id from ("
        " select item_id, seen_at as at from versions where seen_at >= ?"
        " union all select id, withdrawn_at from items where withdrawn_at >= ?"
        ") group by item_id order by max(at) desc, item_id desc limit ?",
        (since, since, limit),
    )
    return [int(row[0]) for row in found]


def blocks(archive: sqlite3.Connection, size: int) -> list[Block]:
    """The sitemaps of items: a number stays in its own whatever is published later."""
    found = archive.execute(
        "select id / ? as block, count(*), max(changed_at) from items "
        "where withdrawn_at is null group by block order by block",
        (size,),
    )
    return [Block(int(row[0]), int(row[1]), datetime.fromisoformat(row[2])) for row in found]


def pages_of_block(
    archive: sqlite3.Connection, number: int, size: int
) -> list[tuple[int, datetime]]:
    """The items of a block with their last change."""
    found = archive.execute(
        "select id, changed_at from items where id >= ? and id < ? and withdrawn_at is null "
        "order by id",
        (number * size, (number + 1) * size),
    )
    return [(int(row[0]), datetime.fromisoformat(row[1])) for row in found]


def town_keys(archive: sqlite3.Connection) -> list[str]:
    """Every town that an item is set in (AGS)."""
    return [str(row[0]) for row in archive.execute("select distinct ags from item_places")]
