"""Owns erasing an item from the newsroom for good, with every trace of it there."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from store.duplicates import update_clusters
from store.erasure_log import Entry, append, log_beside, remember
from store.newsroom import Newsroom
from store.rows import moment
from store.schema import StoreError
from store.tombstones import url_hash

#: Stands where something of an erased item stood.
GONE = "[erased]"

_LISTED = "IN (SELECT value FROM json_each(?))"


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasure took.

    ``items``: their numbers; ``traces``: other items that carried a teaser or an earlier copy of
    them, which went too; ``similar``: numbers of near-duplicates that stay, since their text
    differs: someone should look at them.
    """

    items: tuple[int, ...]
    traces: int
    similar: tuple[int, ...]


def erase(newsroom: Newsroom, which: int | Sequence[str], *, reason: str) -> Erased:
    """Erase an item by number, or by any of several spellings of its address, from the newsroom.

    With it go every item at the same address or with the same content, all their versions,
    visits, tags and signatures, and the teasers of them on other items' pages. Tombstones refuse
    their return. The log is written first. The next ``publish`` takes them out of the public
    files and wipes all three; until then `unfinished` counts them.

    Raises ``StoreError`` when no such item is held or the log cannot be written.
    """
    if not reason.strip():
        raise StoreError("An erasure needs a reason; it is kept in the log.")
    _add_functions(newsroom.connection)
    with newsroom.batch() as connection:
        found = _find(connection, which)
        if not found:
            told = f"Item {which}" if isinstance(which, int) else which[0]
            raise StoreError(
                f"{told} is not in the newsroom, nothing was erased. Give the item's number (the "
                "last part of its address on the site) or the exact address of the original."
            )
        hashes = _hashes(connection, found)
        entry = Entry(newsroom.stamp(), reason.strip(), tuple(sorted(hashes)))
        append(log_beside(newsroom.path), entry)
        erased = _apply(newsroom, entry)
    update_clusters(newsroom)
    return erased


def replay(newsroom: Newsroom, entries: Iterable[Entry]) -> int:
    """Repeat erasures after a backup was restored; how many items they took."""
    _add_functions(newsroom.connection)
    items = 0
    with newsroom.batch():
        for entry in entries:
            items += len(_apply(newsroom, entry).items)
    if items:
        update_clusters(newsroom)
    return items


def recorded(newsroom: Newsroom) -> list[Entry]:
    """The erasures that the newsroom itself remembers, the earliest first."""
    return [
        Entry(row["erased_at"], row["reason"], tuple(json.loads(row["hashes"])))
        for row in newsroom.connection.execute(
            "SELECT erased_at, reason, (SELECT json_group_array(hash) FROM "
            "(SELECT hash FROM tombstones WHERE erasure_id = erasures.id ORDER BY hash)) AS hashes "
            "FROM erasures ORDER BY id"
        )
        if json.loads(row["hashes"])
    ]


def erased_before(newsroom: Newsroom, which: int | Sequence[str]) -> datetime | None:
    """When the item of this number or address was erased; None if it never was."""
    if isinstance(which, int):
        where, values = "id IN (SELECT erasure_id FROM erased_items WHERE item_id = ?)", which
    else:
        where = f"id IN (SELECT erasure_id FROM tombstones WHERE hash {_LISTED})"
        values = json.dumps([url_hash(url) for url in which])  # type: ignore[assignment]
    row = newsroom.connection.execute(
        f"SELECT min(erased_at) FROM erasures WHERE {where}", (values,)
    ).fetchone()
    return moment(row[0]) if row[0] else None


def holds(newsroom: Newsroom, which: int | Sequence[str]) -> bool:
    """Whether an item of this number or address is held."""
    return bool(_find(newsroom.connection, which))


def unfinished(newsroom: Newsroom) -> int:
    """Erasures that the public files, or the free pages of any file, may not have followed yet."""
    row = newsroom.connection.execute(
        "SELECT count(*) FROM erasures WHERE finished_at IS NULL"
    ).fetchone()
    return int(row[0])


def _add_functions(connection: sqlite3.Connection) -> None:
    connection.create_function("url_hash", 1, url_hash, deterministic=True)


def _find(connection: sqlite3.Connection, which: int | Sequence[str]) -> set[int]:
    if isinstance(which, int):
        rows = connection.execute("SELECT id FROM items WHERE id = ?", (which,))
    else:
        listed = json.dumps(list(which))
        rows = connection.execute(
            f"SELECT id FROM items WHERE url {_LISTED} UNION SELECT items.id FROM visits "
            "JOIN items ON items.source_id = visits.source_id AND items.url = visits.item_url "
            f"WHERE visits.url {_LISTED}",
            (listed, listed),
        )
    return {row["id"] for row in rows}


def _hashes(connection: sqlite3.Connection, ids: set[int]) -> set[str]:
    """The tombstones: hashes of all addresses and contents of these items and of their copies."""
    hashes = _hashes_of(connection, ids)
    return hashes | _hashes_of(connection, _matching(connection, hashes))


def _hashes_of(connection: sqlite3.Connection, ids: set[int]) -> set[str]:
    listed = json.dumps(sorted(ids))
    # A bare headline ("Bekanntmachung") is no content that only one item could have.
    rows = connection.execute(
        f"SELECT url_hash(url) FROM items WHERE id {_LISTED} "
        "UNION SELECT url_hash(visits.url) FROM visits JOIN items "
        "ON items.source_id = visits.source_id AND items.url = visits.item_url "
        f"WHERE items.id {_LISTED} "
        f"UNION SELECT content_hash FROM items WHERE id {_LISTED} "
        "AND (pruned_at IS NOT NULL OR coalesce(teaser, body) IS NOT NULL) "
        f"UNION SELECT content_hash FROM versions WHERE item_id {_LISTED} "
        "AND coalesce(article ->> 'teaser', article ->> 'body') IS NOT NULL",
        [listed] * 4,
    )
    return {row[0] for row in rows}


def _matching(connection: sqlite3.Connection, hashes: Iterable[str]) -> set[int]:
    listed = json.dumps(sorted(hashes))
    rows = connection.execute(
        f"SELECT id FROM items WHERE content_hash {_LISTED} OR url_hash(url) {_LISTED}",
        (listed, listed),
    )
    return {row[0] for row in rows}


def _apply(newsroom: Newsroom, entry: Entry) -> Erased:
    """Erase what carries these hashes, within the caller's transaction."""
    connection = newsroom.connection
    hashes = json.dumps(entry.hashes)
    ids = _matching(connection, entry.hashes)
    listed = json.dumps(sorted(ids))
    known = connection.execute(
        f"SELECT count(*) FROM tombstones WHERE hash {_LISTED}", (hashes,)
    ).fetchone()[0]
    if not ids and known == len(set(entry.hashes)):
        return Erased((), 0, ())
    remember(connection, entry, ids)
    _forget_messages(connection, listed)
    _forget_jobs(connection, ids)
    similar = _leave_clusters(newsroom, ids)
    traces = set()
    for table, value in (("links", "url_hash(url)"), ("versions", "content_hash")):
        rows = connection.execute(
            f"DELETE FROM {table} WHERE {value} {_LISTED} RETURNING item_id", (hashes,)
        )
        traces |= {row["item_id"] for row in rows.fetchall()}
    connection.execute(
        f"DELETE FROM visits WHERE url_hash(url) {_LISTED} OR url_hash(item_url) {_LISTED}",
        (hashes, hashes),
    )
    connection.execute(
        f"DELETE FROM redirects WHERE url_hash(from_url) {_LISTED} OR url_hash(to_url) {_LISTED}",
        (hashes, hashes),
    )
    connection.execute(f"DELETE FROM items WHERE id {_LISTED}", (listed,))
    traces -= ids
    _publish_again(newsroom, traces)
    return Erased(tuple(sorted(ids)), len(traces), tuple(sorted(similar)))


def _forget_messages(connection: sqlite3.Connection, listed: str) -> None:
    """Take the items' addresses out of what runs reported, and out of what alerts told of it."""
    addresses = _addresses(connection, listed)
    connection.executemany(
        "UPDATE runs SET message = replace(message, ?1, ?2) WHERE instr(message, ?1) > 0",
        [(url, GONE) for url in addresses],
    )
    for row in connection.execute("SELECT id, line, mend FROM alerts").fetchall():
        # Facts in JSON; an older program wrote sentences (``alerts``).
        told = [row["line"], row["mend"]] if row["mend"] else [json.loads(row["line"]), ""]
        kept, _ = _without(told, addresses)
        if kept != told:
            line = kept[0] if row["mend"] else json.dumps(kept[0], ensure_ascii=False)
            connection.execute(
                "UPDATE alerts SET line = ?, mend = ? WHERE id = ?", (line, kept[1], row["id"])
            )


def _addresses(connection: sqlite3.Connection, listed: str) -> list[str]:
    """The items' addresses, the longest first: one may begin with another."""
    rows = connection.execute(
        f"SELECT url FROM items WHERE id {_LISTED} UNION SELECT visits.url FROM visits "
        "JOIN items ON items.source_id = visits.source_id AND items.url = visits.item_url "
        f"WHERE items.id {_LISTED}",
        (listed, listed),
    )
    return sorted((row["url"] for row in rows), key=len, reverse=True)


def _forget_jobs(connection: sqlite3.Connection, ids: set[int]) -> None:
    """Take the items out of jobs that name them: by address, title or (``item…``) by number.

    Of such a job the address and title go out of its argument, and its words go altogether, since
    they may say anything of the item; that it was asked for and how it ended stays.
    """
    listed = json.dumps(sorted(ids))
    titles = {
        row["title"]
        for row in connection.execute(f"SELECT title FROM items WHERE id {_LISTED}", (listed,))
    }
    named = [*_addresses(connection, listed), *sorted(titles, key=len, reverse=True)]
    rows = connection.execute("SELECT id, argument, line, outcome, result FROM jobs").fetchall()
    for row in rows:
        argument, numbers = _without(json.loads(row["argument"]), named)
        # by its texts, not as JSON, where a quotation mark is written otherwise
        told = [row["line"], row["outcome"], json.loads(row["result"] or "null")]
        kept = json.dumps(argument, ensure_ascii=False)
        if kept != row["argument"] or numbers & ids or _without(told, named)[0] != told:
            connection.execute(
                "UPDATE jobs SET argument = ?, line = NULL, result = NULL, "
                "outcome = iif(outcome IS NULL, NULL, ?) WHERE id = ?",
                (kept, GONE, row["id"]),
            )


def _without(value: Any, named: Sequence[str], key: str = "") -> tuple[Any, set[int]]:
    """The JSON value without these words in its texts, and the item numbers in it."""
    if isinstance(value, str):
        for name in named:
            value = value.replace(name, GONE)
        return value, set()
    if isinstance(value, int):
        return value, {value} if key.startswith("item") else set()
    if isinstance(value, dict):
        pairs = {name: _without(part, named, name) for name, part in value.items()}
        return {n: kept for n, (kept, _) in pairs.items()}, set().union(
            *(numbers for _, numbers in pairs.values())
        )
    if isinstance(value, list):
        parts = [_without(part, named, key) for part in value]
        return [kept for kept, _ in parts], set().union(*(numbers for _, numbers in parts))
    return value, set()


def _leave_clusters(newsroom: Newsroom, ids: set[int]) -> set[int]:
    """Break up the clusters of these items; their other members, to be looked at anew."""
    connection = newsroom.connection
    listed = json.dumps(sorted(ids))
    clusters = json.dumps(
        [
            row[0]
            for row in connection.execute(
                "SELECT DISTINCT cluster_id FROM items WHERE cluster_id IS NOT NULL "
                f"AND id {_LISTED}",
                (listed,),
            )
        ]
    )
    rows = connection.execute(
        f"SELECT id FROM items WHERE cluster_id {_LISTED} AND NOT id {_LISTED}", (clusters, listed)
    )
    others = {row["id"] for row in rows.fetchall()}
    connection.execute(f"DELETE FROM clusters WHERE id {_LISTED}", (clusters,))
    connection.execute(
        f"UPDATE items SET cluster_id = NULL WHERE cluster_id {_LISTED}", (clusters,)
    )
    unsigned = json.dumps(sorted(ids | others))
    # Their pairs go with the signatures; ``update_clusters`` compares anew what has none.
    for table in ("signatures", "bands"):
        connection.execute(f"DELETE FROM {table} WHERE item_id {_LISTED}", (unsigned,))
    _publish_again(newsroom, others)
    return others


def _publish_again(newsroom: Newsroom, ids: Iterable[int]) -> None:
    for item_id in sorted(ids):
        newsroom.connection.execute(
            "UPDATE items SET change_seq = ? WHERE id = ?", (newsroom.next_change(), item_id)
        )
