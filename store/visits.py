"""Owns what newsroom.db knows of visits: which addresses lists named and when they were fetched."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta

from store.connection import NewsroomFile
from store.rows import make_visit, maybe_stamp, stamp
from store.tombstones import erased_addresses
from store.types import Visit

#: How exactly it is known when an unchanged item was last seen in its list.
SEEN_STEP = timedelta(days=1)

#: How long what a list named is known again without being read: longer than lists keep an item,
#: or are silent; more would only make the question longer.
RECENT = timedelta(days=60)


class VisitTables(NewsroomFile):
    """Reads and writes of the addresses that a source's lists named."""

    @staticmethod
    def _set_visit(connection: sqlite3.Connection, source_id: str, visit: Visit, now: str) -> None:
        connection.execute(
            "INSERT OR REPLACE INTO visits VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                source_id,
                visit.url,
                visit.entry_hash,
                maybe_stamp(visit.visited_at),
                visit.etag,
                visit.last_modified,
                visit.item_url,
                int(visit.withdrawn),
                now,
            ),
        )

    def set_visit(self, source_id: str, visit: Visit) -> None:
        """Remember an address that led to no item (a list page, a refused address)."""
        with self.batch() as connection:
            self._set_visit(connection, source_id, visit, self.stamp())

    def visits(self, source_id: str, urls: Iterable[str] | None = None) -> dict[str, Visit]:
        """The addresses the source's lists have named (or those of ``urls``), by address."""
        if urls is None:
            rows = self.connection.execute("SELECT * FROM visits WHERE source_id = ?", (source_id,))
        else:
            rows = self.connection.execute(
                "SELECT * FROM visits WHERE source_id = ? AND url IN "
                "(SELECT value FROM json_each(?))",
                (source_id, json.dumps(list(urls))),
            )
        return {row["url"]: make_visit(row) for row in rows}

    def unchanged(self, source_id: str, hashes: Mapping[str, str]) -> set[str]:
        """Of the addresses a list names, with their entry hashes, those that are as last visited.

        They count as seen again. That is written down once in ``SEEN_STEP``: lists are asked
        every few minutes, and writing all that they name each time would be most of the work.
        Erased addresses are among them: they are not to be fetched again.
        """
        now = self.now()
        # The list comes first (LEFT JOIN): it is short, what was ever visited is not. Only what is
        # not as before is named, mostly little, and in one value, which is quicker than rows.
        changed, due = self.connection.execute(
            "SELECT json_group_array(listed.key) FILTER (WHERE visits.url IS NULL), "
            "json_group_array(visits.url) FILTER (WHERE seen_at <= ?) "
            "FROM json_each(?) AS listed LEFT JOIN visits "
            "ON source_id = ? AND visits.url = listed.key AND entry_hash = listed.value",
            (stamp(now - SEEN_STEP), json.dumps(dict(hashes)), source_id),
        ).fetchone()
        if due := json.loads(due):
            with self.batch():
                self._touch(source_id, due, stamp(now), visited=False)
        unchanged: set[str] = hashes.keys() - json.loads(changed)
        return unchanged | erased_addresses(self.connection, hashes)

    def recent_entries(self, source_id: str) -> dict[str, str]:
        """Entry hash → address of what the source's lists named of late, as it was last visited.

        What a list drops and takes up again after ``RECENT`` is read once more, no harm done.
        """
        row = self.connection.execute(
            "SELECT json_group_object(entry_hash, url) FROM visits "
            "WHERE source_id = ? AND seen_at >= ? AND entry_hash IS NOT NULL",
            (source_id, stamp(self.now() - RECENT)),
        ).fetchone()
        return json.loads(row[0])  # type: ignore[no-any-return]

    def guids(
        self, source_id: str, urls: Collection[str], guids: Collection[str]
    ) -> dict[str, str]:
        """Address → guid of the items that were listed under ``urls`` or have one of ``guids``.

        The address is the one a list named; an item has as many as it was listed under.
        """
        rows = self.connection.execute(
            "SELECT visits.url, items.guid FROM visits JOIN items ON items.source_id = ?1 "
            "AND items.url = coalesce(visits.item_url, visits.url) WHERE visits.source_id = ?1 "
            "AND items.guid IS NOT NULL AND (visits.url IN (SELECT value FROM json_each(?2)) "
            "OR items.guid IN (SELECT value FROM json_each(?3)))",
            (source_id, json.dumps(list(urls)), json.dumps(list(guids))),
        )
        return dict(tuple(row) for row in rows)

    def touch(self, source_id: str, url: str, *, visited: bool) -> None:
        """Seen again unchanged: in the list, or (``visited``) on its own page too.

        ``url`` is the address as the list names it, or the item's own.
        """
        with self.batch():
            self._touch(source_id, [url], self.stamp(), visited=visited)

    def _touch(self, source_id: str, urls: list[str], now: str, *, visited: bool) -> None:
        listed = json.dumps(urls)
        self.connection.execute(
            "UPDATE visits SET seen_at = ?1, visited_at = iif(?2, ?1, visited_at) "
            "WHERE source_id = ?3 AND url IN (SELECT value FROM json_each(?4))",
            (now, visited, source_id, listed),
        )
        self.connection.execute(
            "UPDATE items SET last_seen = ?1 WHERE source_id = ?2 AND url IN ("
            "SELECT coalesce(item_url, listed.value) FROM json_each(?3) AS listed LEFT JOIN visits "
            "ON visits.source_id = ?2 AND visits.url = listed.value)",
            (now, source_id, listed),
        )

    def _item_url(self, source_id: str, url: str) -> str:
        row = self.connection.execute(
            "SELECT item_url FROM visits WHERE source_id = ? AND url = ?", (source_id, url)
        ).fetchone()
        return row["item_url"] if row and row["item_url"] else url
