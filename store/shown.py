"""Owns what a search hit shows: public columns of archive.db with the matches marked."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from store.marks import Terms, extract, mark
from store.policy import cut

#: Words of a teaser in a list of hits.
TEASER_WORDS = 40


@dataclass(frozen=True, slots=True)
class Hit:
    """One found item. ``*_html`` is escaped, matches in ``<mark>``; the rest is plain text."""

    item_id: int
    source_id: str
    source_name: str
    url: str
    kind: str
    title: str
    title_html: str
    kicker: str | None
    kicker_html: str | None
    teaser_html: str | None
    #: as shown: the plain day, or ISO 8601 with the offset of Berlin; None: not known
    published: str | None
    day_only: bool
    first_seen: str
    changed_at: str
    withdrawn_at: str | None
    duration_s: int | None
    topics: tuple[str, ...]
    states: tuple[str, ...]
    #: further public items of the same text, and the names of their sources
    also_at: int
    also_sources: tuple[str, ...]


def load_hits(archive: sqlite3.Connection, item_ids: list[int], terms: Terms) -> tuple[Hit, ...]:
    """The hits of these items in this order.

    An item that the index knows and the archive no longer holds is left out: it is being
    withdrawn from the public at this moment.
    """
    marks = ", ".join("?" * len(item_ids))
    rows = {
        row["id"]: row
        for row in archive.execute(
            "SELECT items.*, sources.name AS source_name, "
            "(SELECT group_concat(topic_id, ' ') FROM (SELECT topic_id FROM item_topics "
            "  WHERE item_id = items.id ORDER BY score DESC, topic_id)) AS topics, "
            "(SELECT group_concat(state_code, ' ') FROM (SELECT state_code FROM item_states "
            "  WHERE item_id = items.id ORDER BY score DESC, state_code)) AS states "
            "FROM items JOIN sources ON sources.id = items.source_id "
            f"WHERE items.id IN ({marks})",
            item_ids,
        )
    }
    return tuple(_hit(archive, rows[item_id], terms) for item_id in item_ids if item_id in rows)


def _hit(archive: sqlite3.Connection, row: sqlite3.Row, terms: Terms) -> Hit:
    also = []
    if row["cluster_id"] is not None:
        also = archive.execute(
            "SELECT name FROM items JOIN sources ON sources.id = items.source_id "
            "WHERE cluster_id = ? AND items.id <> ? ORDER BY items.id",
            (row["cluster_id"], row["id"]),
        ).fetchall()
    return Hit(
        item_id=row["id"],
        source_id=row["source_id"],
        source_name=row["source_name"],
        url=row["url"],
        kind=row["kind"],
        title=row["title"],
        title_html=mark(row["title"], terms),
        kicker=row["kicker"],
        kicker_html=mark(row["kicker"], terms) if row["kicker"] else None,
        teaser_html=_teaser(row["teaser"], row["body"], terms),
        published=row["published"],
        day_only=bool(row["day_only"]),
        first_seen=row["first_seen"],
        changed_at=row["changed_at"],
        withdrawn_at=row["withdrawn_at"],
        duration_s=row["duration_s"],
        topics=tuple((row["topics"] or "").split()),
        states=tuple((row["states"] or "").split()),
        also_at=len(also),
        also_sources=tuple(dict.fromkeys(name for (name,) in also)),
    )


def _teaser(teaser: str | None, body: str | None, terms: Terms) -> str | None:
    """The teaser marked; where it holds no match and the public body does, an extract of that."""
    whole = teaser or body
    marked = mark(cut(whole, TEASER_WORDS), terms) if whole else None
    if body and (marked is None or "<mark>" not in marked):
        found = extract(body, terms)
        if found:
            return mark(found, terms)
    return marked
