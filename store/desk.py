"""Owns what the desk asks of newsroom.db: review queue, items by a filter, filling of fields."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from store.connection import NewsroomFile
from store.corrections import make_correction
from store.rows import moment, stamp
from store.types import Correction

#: Which items a filter of the desk's list keeps.
SHOWN: Final = ("all", "review", "corrected", "hidden", "undated", "withdrawn", "pruned")

#: Fields whose filling tells whether a source's layout is still read right.
FIELDS: Final = ("teaser", "body", "published", "author", "section", "image")
_FILLED: Final = {
    "teaser": "teaser IS NOT NULL", "body": "body IS NOT NULL",
    "published": "published_at IS NOT NULL", "author": "author IS NOT NULL",
    "section": "section IS NOT NULL", "image": "image IS NOT NULL",
}  # fmt: skip

_WAITS: Final = (
    "FROM taggings JOIN items ON items.id = taggings.item_id WHERE review "
    "AND withdrawn_at IS NULL AND pruned_at IS NULL AND NOT EXISTS (SELECT 1 FROM decisions "
    "WHERE decisions.item_id = taggings.item_id AND decisions.facet = 'topic')"
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """An item of the review queue; ``doubt`` is 1 where a label might as well be given as not."""

    item_id: int
    doubt: float


@dataclass(frozen=True, slots=True)
class Line:
    """One item in the desk's list."""

    id: int
    source_id: str
    title: str
    kind: str
    published_at: datetime | None
    day_only: bool
    first_seen: datetime
    withdrawn: bool
    pruned: bool
    review: bool
    corrected: bool
    hidden: bool | None


@dataclass(frozen=True, slots=True)
class Filling:
    """How many of some items of a source have each of ``FIELDS``."""

    source_id: str
    #: the month (``2026-03``), or the empty text
    month: str
    items: int
    filled: dict[str, int]


class DeskTables(NewsroomFile):
    """Reads for the desk's pages."""

    def review_queue(self, limit: int, offset: int = 0, *, surest: bool = False) -> list[Waiting]:
        """Items the model was unsure of and no editor has decided, least certain first.

        The doubt of an item is that of its most doubtful label: 1 at a probability of ½, 0 at 0
        and at 1. ``surest``: the other way round, for what can be decided many at a time.
        """
        order = "doubt ASC" if surest else "doubt DESC"
        rows = self.connection.execute(
            "SELECT taggings.item_id, coalesce((SELECT max(1 - abs(2 * score - 1)) FROM tags "
            f"WHERE tags.item_id = taggings.item_id), 0) AS doubt {_WAITS} "
            f"ORDER BY {order}, taggings.item_id DESC LIMIT ? OFFSET ?",
            (limit, offset),
        )
        return [Waiting(row["item_id"], row["doubt"]) for row in rows]

    def review_count(self) -> int:
        """How many items wait for a review."""
        return int(self.connection.execute(f"SELECT count(*) {_WAITS}").fetchone()[0])

    def lines(
        self,
        *,
        words: str = "",
        source: str | None = None,
        shown: str = "all",
        limit: int = 50,
        offset: int = 0,
    ) -> list[Line]:
        """Items, newest found first: with all ``words`` in the title, of a source, of a state."""
        conditions, values = ["1"], list[object]()
        for word in words.split()[:8]:
            conditions.append("instr(lower(items.title), lower(?))")
            values.append(word)
        if source:
            conditions.append("items.source_id = ?")
            values.append(source)
        conditions.append(_SHOWN[shown])
        rows = self.connection.execute(
            "SELECT items.id, source_id, title, items.kind, published_at, day_only, first_seen, "
            "withdrawn_at, pruned_at, coalesce(review, 0) AS review, "
            "EXISTS (SELECT 1 FROM decisions WHERE item_id = items.id) AS corrected, "
            "(SELECT value FROM decisions WHERE item_id = items.id AND facet = 'hidden') AS hidden "
            "FROM items LEFT JOIN taggings ON taggings.item_id = items.id "
            f"WHERE {' AND '.join(conditions)} ORDER BY items.id DESC LIMIT ? OFFSET ?",
            [*values, limit, offset],
        )
        return [
            Line(
                id=row["id"],
                source_id=row["source_id"],
                title=row["title"],
                kind=row["kind"],
                published_at=moment(row["published_at"]) if row["published_at"] else None,
                day_only=bool(row["day_only"]),
                first_seen=moment(row["first_seen"]),
                withdrawn=row["withdrawn_at"] is not None,
                pruned=row["pruned_at"] is not None,
                review=bool(row["review"]),
                corrected=bool(row["corrected"]),
                hidden={"true": True, "false": False}.get(row["hidden"]),
            )
            for row in rows
        ]

    def these_corrections(self, numbers: Iterable[int]) -> list[Correction]:
        """The corrections of these numbers, as far as there are such, in their order."""
        rows = self.connection.execute(
            "SELECT * FROM corrections WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id",
            (json.dumps(list(numbers)),),
        )
        return [make_correction(row) for row in rows]

    def filling(self, source_id: str, since: datetime) -> list[Filling]:
        """How full the fields of a source's items are, by the month they were found in."""
        rows = self.connection.execute(
            f"SELECT substr(first_seen, 1, 7) AS month, count(*) AS items, {_sums()} FROM items "
            "WHERE source_id = ? AND first_seen >= ? AND pruned_at IS NULL "
            "GROUP BY month ORDER BY month",
            (source_id, stamp(since)),
        )
        return [
            Filling(source_id, row["month"], row["items"], {name: row[name] for name in FIELDS})
            for row in rows
        ]

    def filling_lately(
        self, source_ids: Iterable[str], newest: int, before: int
    ) -> dict[str, tuple[Filling, Filling]]:
        """Of each source: the filling of its ``newest`` items and of ``before`` ones before."""
        found = {}
        for source_id in source_ids:
            parts = []
            for limit, offset in ((newest, 0), (before, newest)):
                row = self.connection.execute(
                    f"SELECT count(*) AS items, {_sums()} FROM (SELECT * FROM items "
                    "WHERE source_id = ? AND pruned_at IS NULL AND withdrawn_at IS NULL "
                    "ORDER BY first_seen DESC, id DESC LIMIT ? OFFSET ?)",
                    (source_id, limit, offset),
                ).fetchone()
                filled = {name: row[name] or 0 for name in FIELDS}
                parts.append(Filling(source_id, "", row["items"], filled))
            found[source_id] = (parts[0], parts[1])
        return found

    def reservations(self) -> dict[str, str]:
        """The newest evidence of 90 days that a source reserves text and data mining, by source."""
        rows = self.connection.execute(
            "SELECT source_id, reservation, max(first_seen) FROM sources CROSS JOIN items "
            "ON source_id = sources.id AND first_seen >= ? "
            "WHERE reservation IS NOT NULL GROUP BY source_id",
            (stamp(self.now() - timedelta(days=90)),),
        )
        return {row["source_id"]: row["reservation"] for row in rows}

    def found_by_day(self, since: datetime) -> dict[str, int]:
        """How many items were first seen on each day (``2026-03-12``, Berlin's to the hour)."""
        # One hour for the whole year: a count of days is not worth a calendar in SQL.
        rows = self.connection.execute(
            "SELECT date(first_seen, '+1 hour') AS day, count(*) AS items FROM items "
            "WHERE first_seen >= ? GROUP BY day",
            (stamp(since),),
        )
        return {row["day"]: row["items"] for row in rows}

    def last_finished(self) -> tuple[datetime, dict[str, int]] | None:
        """When the newest run ended, and how the runs of the hour up to it ended, by status."""
        row = self.connection.execute("SELECT max(finished_at) AS at FROM runs").fetchone()
        if row["at"] is None:
            return None
        at = moment(row["at"])
        rows = self.connection.execute(
            "SELECT status, count(*) AS runs FROM runs WHERE finished_at >= ? GROUP BY status",
            (stamp(at - timedelta(hours=1)),),
        )
        return at, {row["status"]: row["runs"] for row in rows}


#: The filters of ``lines`` as conditions.
_SHOWN: Final = {
    "all": "1",
    "review": "review AND withdrawn_at IS NULL AND pruned_at IS NULL AND NOT EXISTS "
    "(SELECT 1 FROM decisions WHERE item_id = items.id AND facet = 'topic')",
    "corrected": "EXISTS (SELECT 1 FROM decisions WHERE item_id = items.id)",
    "hidden": "EXISTS (SELECT 1 FROM decisions WHERE item_id = items.id AND facet = 'hidden' "
    "AND value = 'true')",
    "undated": "published_at IS NULL AND NOT EXISTS (SELECT 1 FROM decisions "
    "WHERE item_id = items.id AND facet = 'published')",
    "withdrawn": "withdrawn_at IS NOT NULL",
    "pruned": "pruned_at IS NOT NULL",
}


def _sums() -> str:
    return ", ".join(f"sum({condition}) AS {name}" for name, condition in _FILLED.items())
