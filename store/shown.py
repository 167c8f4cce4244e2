"""Owns what a search hit shows: public columns of archive.db with the matches marked."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from store.marks import Terms, extract, mark_all
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
    rows = [row for row in _rows(archive, item_ids) if row is not None]
    texts = [row["title"] for row in rows]
    texts += [row["kicker"] or "" for row in rows]
    texts += [cut(row["teaser"] or row["body"] or "", TEASER_WORDS) for row in rows]
    marked = mark_all(texts, terms)
    titles, kickers = marked[: len(rows)], marked[len(rows) : 2 * len(rows)]
    teasers = _teasers(rows, marked[2 * len(rows) :], terms)
    topics = _labels(archive, "topic_id", "item_topics", item_ids)
    states = _labels(archive, "state_code", "item_states", item_ids)
    members = _members(archive, rows)
    return tuple(
        _hit(
            row,
            title_html=title,
            kicker_html=kicker or None,
            teaser_html=teaser,
            topics=tuple(topics[row["id"]]),
            states=tuple(states[row["id"]]),
            also=[
                name for item_id, name in members[row["cluster_id"] or 0] if item_id != row["id"]
            ],
        )
        for row, title, kicker, teaser in zip(rows, titles, kickers, teasers, strict=True)
    )


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))


def _rows(archive: sqlite3.Connection, item_ids: list[int]) -> list[sqlite3.Row | None]:
    found = {
        row["id"]: row
        for row in archive.execute(
            "SELECT items.*, sources.name AS source_name "
            "FROM items JOIN sources ON sources.id = items.source_id "
            f"WHERE items.id IN ({_marks(item_ids)})",
            item_ids,
        )
    }
    return [found.get(item_id) for item_id in item_ids]


def _labels(
    archive: sqlite3.Connection, column: str, table: str, item_ids: list[int]
) -> dict[int, list[str]]:
    """The topics or states of each item, the surest first."""
    found: dict[int, list[str]] = {item_id: [] for item_id in item_ids}
    for item_id, value in archive.execute(
        f"SELECT item_id, {column} FROM {table} WHERE item_id IN ({_marks(item_ids)}) "
        f"ORDER BY score DESC, {column}",
        item_ids,
    ):
        found[item_id].append(value)
    return found


def _members(
    archive: sqlite3.Connection, rows: Sequence[sqlite3.Row]
) -> defaultdict[int, list[tuple[int, str]]]:
    """The public items of each cluster in these rows, with the names of their sources."""
    found: defaultdict[int, list[tuple[int, str]]] = defaultdict(list)
    clusters = list({row["cluster_id"] for row in rows if row["cluster_id"] is not None})
    for cluster, item_id, name in archive.execute(
        "SELECT cluster_id, items.id, name FROM items JOIN sources ON sources.id = source_id "
        f"WHERE cluster_id IN ({_marks(clusters)}) ORDER BY items.id",
        clusters,
    ):
        found[cluster].append((item_id, name))
    return found


def _teasers(rows: Sequence[sqlite3.Row], marked: list[str], terms: Terms) -> list[str | None]:
    """The marked teasers; where one holds no match and the public body does, an extract of that."""
    bare = [
        place for place, row in enumerate(rows) if row["body"] and "<mark>" not in marked[place]
    ]
    if terms and bare:
        found = [extract(rows[place]["body"], terms) for place in bare]
        places = [place for place, text in zip(bare, found, strict=True) if text]
        texts = mark_all([text for text in found if text], terms)
        for place, text in zip(places, texts, strict=True):
            marked[place] = text
    return [text or None for text in marked]


def _hit(
    row: sqlite3.Row,
    *,
    title_html: str,
    kicker_html: str | None,
    teaser_html: str | None,
    topics: tuple[str, ...],
    states: tuple[str, ...],
    also: list[str],
) -> Hit:
    return Hit(
        item_id=row["id"],
        source_id=row["source_id"],
        source_name=row["source_name"],
        url=row["url"],
        kind=row["kind"],
        title=row["title"],
        title_html=title_html,
        kicker=row["kicker"],
        kicker_html=kicker_html,
        teaser_html=teaser_html,
        published=row["published"],
        day_only=bool(row["day_only"]),
        first_seen=row["first_seen"],
        changed_at=row["changed_at"],
        withdrawn_at=row["withdrawn_at"],
        duration_s=row["duration_s"],
        topics=topics,
        states=states,
        also_at=len(also),
        also_sources=tuple(dict.fromkeys(also)),
    )
