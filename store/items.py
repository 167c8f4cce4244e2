"""Owns the reading of items out of newsroom.db: contents, versions, links."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import datetime

from store.clusters import Member
from store.rows import (
    make_link,
    make_stored_item,
    make_version,
    make_visit,
    maybe_stamp,
)
from store.types import Link, StoredItem, Version, Visit
from store.visits import VisitTables

#: Items read at a time where all are walked: few enough to hold, many enough to be quick.
PAGE = 200

_ITEM = "SELECT items.*, sources.land FROM items JOIN sources ON sources.id = items.source_id"


class ItemTables(VisitTables):
    """Reads of items and of what hangs on one."""

    def revisits(
        self, source_id: str, *, published_after: datetime, visited_before: datetime
    ) -> list[tuple[Visit, StoredItem]]:
        """Items young enough to be corrected or taken back, not looked at since, by address.

        An item without a date counts as published when it was first seen.
        """
        rows = self.connection.execute(
            "SELECT visits.*, items.id AS item_id FROM visits JOIN items "
            "ON items.source_id = visits.source_id AND items.url = visits.item_url "
            "WHERE visits.source_id = ? AND NOT visits.withdrawn AND items.withdrawn_at IS NULL "
            "AND coalesce(items.published_at, items.first_seen) > ? "
            "AND visits.visited_at <= ? ORDER BY visits.url",
            (source_id, maybe_stamp(published_after), maybe_stamp(visited_before)),
        ).fetchall()
        found = [(make_visit(row), self.item(row["item_id"])) for row in rows]
        return [(visit, item) for visit, item in found if item is not None]

    def item(self, item_id: int) -> StoredItem | None:
        """The item of that number, or None."""
        return next(self._load(f"{_ITEM} WHERE items.id = ?", (item_id,)), None)

    def item_by_url(self, url: str) -> StoredItem | None:
        """The item of that address, or None; the earliest where two sources list it."""
        return next(self._load(f"{_ITEM} WHERE items.url = ? ORDER BY items.id", (url,)), None)

    def items(self) -> Iterator[StoredItem]:
        """Every item by number, read in pages: others may write meanwhile."""
        last = 0
        while page := list(
            self._load(f"{_ITEM} WHERE items.id > ? ORDER BY items.id LIMIT ?", (last, PAGE))
        ):
            yield from page
            last = page[-1].id

    def changed_since(self, change_seq: int, limit: int) -> list[StoredItem]:
        """The next ``limit`` items whose last change has a higher number, in its order."""
        return list(
            self._load(
                f"{_ITEM} WHERE change_seq > ? ORDER BY change_seq LIMIT ?", (change_seq, limit)
            )
        )

    def changes_since(self, change_seq: int) -> int:
        """How many items ``changed_since`` still has to give."""
        row = self.connection.execute(
            "SELECT count(*) FROM items WHERE change_seq > ?", (change_seq,)
        ).fetchone()
        return int(row[0])

    def cluster_members(self, cluster_id: int) -> list[StoredItem]:
        """The items of a cluster of near-duplicates, by number."""
        return list(self._load(f"{_ITEM} WHERE cluster_id = ? ORDER BY items.id", (cluster_id,)))

    def members(self, cluster_ids: Iterable[int]) -> dict[int, list[Member]]:
        """Who is in these clusters and when each was published, by cluster and number."""
        found: dict[int, list[Member]] = {cluster_id: [] for cluster_id in cluster_ids}
        for row in self.connection.execute(
            "SELECT cluster_id, items.id, source_id, coalesce(published_at, first_seen) AS at, "
            "withdrawn_at IS NOT NULL AS withdrawn FROM json_each(?) AS wanted CROSS JOIN items "
            "ON cluster_id = wanted.value ORDER BY items.id",
            (json.dumps(list(found)),),
        ):
            found[row["cluster_id"]].append(
                Member(row["id"], row["source_id"], row["at"], bool(row["withdrawn"]))
            )
        return found

    def _load(self, sql: str, values: tuple[object, ...]) -> Iterator[StoredItem]:
        rows = self.connection.execute(sql, values).fetchall()
        links: dict[int, list[Link]] = {}
        for row in self.connection.execute(
            "SELECT links.* FROM json_each(?) AS wanted CROSS JOIN links "
            "ON item_id = wanted.value ORDER BY item_id, position",
            (json.dumps([row["id"] for row in rows]),),
        ):
            links.setdefault(row["item_id"], []).append(make_link(row))
        for row in rows:
            yield make_stored_item(row, tuple(links.get(row["id"], ())))

    def versions(self, item_id: int) -> list[Version]:
        """Every content the item had, the earliest first, the present one last."""
        rows = self.connection.execute(
            "SELECT * FROM versions WHERE item_id = ? ORDER BY number", (item_id,)
        )
        versions = [make_version(row) for row in rows]
        item = self.item(item_id)
        if item is not None:
            versions.append(Version(item.version, item.changed_at, item.content_hash, item.article))
        return versions

    def untagged(self, model_id: str) -> Iterator[StoredItem]:
        """Items in force whose present content this model has not looked at, by number.

        Read in pages, so that ``set_taggings`` may be called between two of them.
        """
        last = 0
        while page := list(
            self._load(
                f"{_ITEM} LEFT JOIN taggings ON taggings.item_id = items.id "
                "WHERE items.id > ? AND withdrawn_at IS NULL AND pruned_at IS NULL "
                "AND (taggings.item_id IS NULL OR taggings.model_id <> ? "
                "OR taggings.content_hash <> items.content_hash) "
                "ORDER BY items.id LIMIT ?",
                (last, model_id, PAGE),
            )
        ):
            yield from page
            last = page[-1].id
