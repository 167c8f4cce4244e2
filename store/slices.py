"""Owns slices: what a crawl of some sources needs of newsroom.db, carried elsewhere and back.

A slice is filled into a newsroom of its own, where the crawl is the same as anywhere; what it
wrote there comes back as ``SourceChanges`` and is merged, one transaction a source.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from store.newsroom import Newsroom
from store.rows import BESIDE_COLUMNS, RESULT_COLUMNS, make_article, make_link, stamp
from store.tombstones import ErasedError, erased_addresses
from store.types import Article
from store.visits import RECENT

#: Tables that go along as they are, with the columns that name a row.
_WHOLE = {
    "sources": ("id",),
    "fetch_states": ("source_id",),
    "visits": ("source_id", "url"),
    "redirects": ("source_id", "from_url"),
}
#: Of these, those a crawl writes; what it changed replaces what was there.
_WRITTEN = ("fetch_states", "visits", "redirects", "listings")
#: Columns of items that mean nothing elsewhere.
_AT_HOME = ("run_id", "cluster_id")

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Slice:
    """Rows of the newsroom, by table. Of older items the body is left out."""

    columns: Mapping[str, tuple[str, ...]]
    rows: Mapping[str, tuple[Row, ...]]
    #: hashes that must not be taken in again
    erased: tuple[str, ...]
    #: the newsroom's change number when the slice was taken
    change: int


@dataclass(frozen=True, slots=True)
class ItemChange:
    """What a crawl did to one item. ``article`` None: its content stayed as it was."""

    url: str
    article: Article | None
    #: what is told beside the content (``BESIDE_COLUMNS``)
    beside: Mapping[str, Any]
    #: None: it is there
    withdrawn: str | None


@dataclass(frozen=True, slots=True)
class SourceChanges:
    """All that one crawl of one source wrote."""

    source_id: str
    #: the columns of ``RESULT_COLUMNS`` with when it began and ended
    runs: tuple[Mapping[str, Any], ...]
    items: tuple[ItemChange, ...]
    #: addresses of items that were seen again, and when
    seen: tuple[tuple[str, str], ...]
    #: new and changed rows by table, each as a mapping
    rows: Mapping[str, tuple[Mapping[str, Any], ...]]
    #: redirects that are no more, by the address that was asked
    gone: tuple[str, ...]


def take_slice(newsroom: Newsroom, source_ids: Sequence[str], *, text_since: datetime) -> Slice:
    """What a crawl of these sources must know. Bodies only of items younger than ``text_since``:
    those are the ones whose pages are looked at again."""
    connection, wanted = newsroom.connection, json.dumps(list(source_ids))
    columns: dict[str, tuple[str, ...]] = {}
    rows: dict[str, tuple[Row, ...]] = {}

    def read(table: str, chosen: str, key: str, *values: object) -> None:
        cursor = connection.execute(
            f"SELECT {chosen} FROM {table} WHERE {key} IN (SELECT value FROM json_each(?))",
            (*values, wanted),
        )
        columns[table] = tuple(str(one[0]) for one in cursor.description)
        rows[table] = tuple(tuple(row) for row in cursor)

    connection.execute("BEGIN")  # all rows as they are at one moment
    try:
        for table, (key, *_) in _WHOLE.items():
            read(table, "*", key)
        names = [name for name in _columns(newsroom, "items") if name not in _AT_HOME]
        young = "CASE WHEN coalesce(published_at, first_seen) > ? THEN body END AS body"
        chosen = ", ".join(young if name == "body" else name for name in names)
        read("items", chosen, "source_id", stamp(text_since))
        erased = tuple(row["hash"] for row in connection.execute("SELECT hash FROM tombstones"))
        change = connection.execute("SELECT value FROM counters WHERE name = 'change'").fetchone()
    finally:
        connection.execute("ROLLBACK")
    return Slice(columns, rows, erased, int(change["value"]))


def fill(newsroom: Newsroom, held: Slice) -> None:
    """Make an empty newsroom hold the slice."""
    connection = newsroom.connection
    connection.execute("PRAGMA foreign_keys = OFF")  # the erasures behind tombstones stay at home
    with newsroom.batch():
        for table, names in held.columns.items():
            connection.executemany(
                f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})",
                held.rows[table],
            )
        connection.executemany(
            "INSERT INTO tombstones VALUES (?, 0)", [(value,) for value in held.erased]
        )
        connection.execute("UPDATE counters SET value = ? WHERE name = 'change'", (held.change,))
    connection.execute("PRAGMA foreign_keys = ON")


def changes(newsroom: Newsroom, held: Slice) -> Iterator[SourceChanges]:
    """What was written into a newsroom since the slice was filled into it, by source."""
    place = {name: at for at, name in enumerate(held.columns["items"])}
    before = {(row[place["source_id"]], row[place["url"]]): row for row in held.rows["items"]}
    for source_id in sorted(row[0] for row in held.rows["sources"]):
        connection = newsroom.connection
        items, seen = [], []
        for row in connection.execute(
            "SELECT * FROM items WHERE source_id = ? ORDER BY change_seq", (source_id,)
        ).fetchall():
            old = before.get((source_id, row["url"]))
            if row["change_seq"] > held.change:
                same = old is not None and old[place["content_hash"]] == row["content_hash"]
                links = connection.execute(
                    "SELECT * FROM links WHERE item_id = ? ORDER BY position", (row["id"],)
                )
                items.append(
                    ItemChange(
                        row["url"],
                        None if same else make_article(row, tuple(map(make_link, links))),
                        {name: row[name] for name in BESIDE_COLUMNS},
                        row["withdrawn_reason"],
                    )
                )
            elif old is not None and old[place["last_seen"]] != row["last_seen"]:
                seen.append((row["url"], row["last_seen"]))
        runs = connection.execute("SELECT * FROM runs WHERE source_id = ?", (source_id,))
        yield SourceChanges(
            source_id,
            tuple(dict(row) for row in runs),
            tuple(items),
            tuple(seen),
            {table: _new_rows(newsroom, held, table, source_id) for table in _WRITTEN},
            _gone(newsroom, held, source_id),
        )


def merge(newsroom: Newsroom, found: SourceChanges) -> None:
    """Write what a crawl elsewhere found of one source, all or nothing.

    What was erased meanwhile stays away. Raises ``StoreError`` when the source is unknown.
    """
    with newsroom.batch() as connection:
        numbers = {}
        for run in found.runs:
            numbers[run["id"]] = newsroom.start_run(found.source_id)
            names = ("started_at", "finished_at", *RESULT_COLUMNS)
            connection.execute(
                f"UPDATE runs SET {', '.join(f'{name} = ?' for name in names)} WHERE id = ?",
                (*(run[name] for name in names), numbers[run["id"]]),
            )
        run_id = max(numbers.values(), default=None)
        for change in found.items:
            _merge_item(newsroom, found.source_id, change, run_id)
        connection.executemany(
            "UPDATE items SET last_seen = max(last_seen, ?) WHERE url = ? AND source_id = ?",
            [(at, url, found.source_id) for url, at in found.seen],
        )
        for table, rows in found.rows.items():
            if table == "visits":
                named = {url for row in rows for url in (row["url"], row["item_url"]) if url}
                erased = erased_addresses(connection, named)
                rows = tuple(r for r in rows if not {r["url"], r["item_url"]} & erased)
            for row in rows:
                connection.execute(
                    f"INSERT OR REPLACE INTO {table} ({', '.join(row)}) "
                    f"VALUES ({', '.join('?' * len(row))})",
                    tuple(row.values()),
                )
        for url in found.gone:
            newsroom.forget_redirect(found.source_id, url)


def _merge_item(newsroom: Newsroom, source_id: str, change: ItemChange, run_id: int | None) -> None:
    article = change.article
    if article is None:
        held = newsroom.connection.execute(
            "SELECT id FROM items WHERE url = ? AND source_id = ?", (change.url, source_id)
        ).fetchone()
        item = newsroom.item(held["id"]) if held else None
        if item is None:
            return
        beside = dict(change.beside)
        if beside["paywalled"] is not None:
            beside["paywalled"] = bool(beside["paywalled"])
        article = replace(item.article, **beside)
    if change.withdrawn is not None:
        newsroom.withdraw(source_id, change.url, reason=change.withdrawn)
        return
    try:
        newsroom.save(article, run_id=run_id)
    except ErasedError:
        return


def _columns(newsroom: Newsroom, table: str) -> list[str]:
    rows = newsroom.connection.execute("SELECT name FROM pragma_table_info(?)", (table,))
    return [row["name"] for row in rows]


def _new_rows(
    newsroom: Newsroom, held: Slice, table: str, source_id: str
) -> tuple[Mapping[str, Any], ...]:
    before = set(held.rows.get(table, ()))
    rows = newsroom.connection.execute(f"SELECT * FROM {table} WHERE source_id = ?", (source_id,))
    return tuple(dict(row) for row in rows if tuple(row) not in before)


def _gone(newsroom: Newsroom, held: Slice, source_id: str) -> tuple[str, ...]:
    names = held.columns["redirects"]
    source, url = names.index("source_id"), names.index("from_url")
    before = {row[url] for row in held.rows["redirects"] if row[source] == source_id}
    return tuple(sorted(before - newsroom.redirects(source_id).keys()))


def named_hosts(newsroom: Newsroom, source_ids: Sequence[str]) -> dict[str, set[str]]:
    """Beginnings (``https://host``) of the addresses that sources' lists named, or led to, of late,
    by source."""
    wanted = json.dumps(list(source_ids))
    begin = "substr({0}, 1, instr(substr({0} || '/', 9), '/') + 7)"
    rows = newsroom.connection.execute(
        f"SELECT source_id, {begin.format('url')}, {begin.format('item_url')} FROM visits "
        "WHERE source_id IN (SELECT value FROM json_each(?1)) AND seen_at >= ?2 GROUP BY 1, 2, 3 "
        f"UNION SELECT source_id, {begin.format('to_url')}, NULL FROM redirects "
        "WHERE source_id IN (SELECT value FROM json_each(?1))",
        (wanted, stamp(newsroom.now() - RECENT)),
    )
    found: dict[str, set[str]] = {source_id: set() for source_id in source_ids}
    for source_id, *beginnings in rows:
        found[source_id].update(one for one in beginnings if one)
    return found
