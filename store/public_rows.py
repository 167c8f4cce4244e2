"""Owns the writing of archive.db: the public rows of items, the lists, clusters."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import asdict, astuple

from store.archive import insert_sql, upsert_sql
from store.clusters import choose_primary
from store.health import RHYTHM_ITEMS, public_status
from store.newsroom import Newsroom
from store.policy import Change, public_evidence
from store.rows import maybe_stamp, stamp
from store.types import STATES, Article, Place, Source, StoredItem, Tag, Version


def write_lists(newsroom: Newsroom, archive: sqlite3.Connection) -> None:
    """Bring states, topics and sources up to date; rows that are the same are not written."""
    archive.executemany(upsert_sql("states"), STATES.items())
    archive.executemany(
        upsert_sql("topics"),
        [(*topic, position) for position, topic in enumerate(newsroom.topics())],
    )
    counts = dict(
        archive.execute("SELECT source_id, count(*) FROM items GROUP BY source_id").fetchall()
    )
    for status in newsroom.sources():
        source = status.source
        published = newsroom.publication_times(source.id, RHYTHM_ITEMS)
        word, sentence = public_status(status, published, newsroom.now())
        archive.execute(
            upsert_sql("sources"),
            (
                source.id, source.name, source.publisher, source.homepage, source.land,
                source.kind, source.licence, source.display, maybe_stamp(status.last_success),
                maybe_stamp(published[0] if published else None), word, sentence,
                counts.get(source.id, 0),
            ),
        )  # fmt: skip


def drop_topics(newsroom: Newsroom, archive: sqlite3.Connection) -> None:
    """Take topics out that the vocabulary no longer has; no item carries them any more."""
    known = {topic[0] for topic in newsroom.topics()}
    for (topic_id,) in archive.execute("SELECT id FROM topics").fetchall():
        if topic_id not in known:
            archive.execute("DELETE FROM topics WHERE id = ?", (topic_id,))


def delete_items(archive: sqlite3.Connection, item_ids: Iterable[int]) -> dict[int, bool]:
    """Take these items and all that hangs on them out.

    Of those that were there: whether each was shown as one with reserved rights.
    """
    rows = archive.execute(
        "DELETE FROM items WHERE id IN (SELECT value FROM json_each(?)) RETURNING id, reserved",
        (json.dumps(list(item_ids)),),
    )
    return {row["id"]: bool(row["reserved"]) for row in rows.fetchall()}


class PublicRows:
    """The public rows of a batch of items, collected and then written table by table."""

    def __init__(self) -> None:
        self._rows: dict[str, list[tuple[object, ...]]] = {
            table: []
            for table in (
                "items",
                "item_topics",
                "item_states",
                "item_places",
                "item_links",
                "versions",
            )
        }

    def add(
        self,
        item: StoredItem,
        shown: Article,
        tags: Iterable[Tag],
        places: Iterable[Place],
        *,
        source: Source,
        review: bool,
    ) -> None:
        """Note the item itself; ``shown`` is its public article."""
        date = shown.published
        self._rows["items"].append(
            (
                item.id, shown.source_id, shown.url, shown.kind, shown.kicker, shown.title,
                shown.teaser, shown.body, shown.section, shown.author, shown.place,
                stamp(date.at) if date else None, date.iso() if date else None,
                int(date.day_only) if date else None, shown.date_source, stamp(item.first_seen),
                stamp(item.changed_at), maybe_stamp(item.withdrawn_at), shown.image,
                shown.image_credit, shown.duration_s, shown.views, shown.language,
                None if shown.paywalled is None else int(shown.paywalled),
                int(shown.reservation is not None), None, 1, int(review),
            )
        )  # fmt: skip
        for tag in tags:
            words = public_evidence(tag, source, withdrawn=item.withdrawn_at is not None)
            self._rows["item_topics" if tag.facet == "topic" else "item_states"].append(
                (item.id, tag.value, tag.score, tag.model_id, _json(words))
            )
        self._rows["item_places"] += [(item.id, *astuple(place)) for place in places]
        self._rows["item_links"] += [
            (
                item.id, position, link.url, link.title, link.kicker,
                link.date.iso() if link.date else None, link.genre, link.teaser,
            )
            for position, link in enumerate(shown.links)
        ]  # fmt: skip

    def add_changes(self, item_id: int, changed: Iterable[tuple[Version, list[Change]]]) -> None:
        """Note what each version of an item changed."""
        self._rows["versions"] += [
            (
                item_id,
                version.number,
                stamp(version.seen_at),
                _json([asdict(change) for change in changes]),
            )
            for version, changes in changed
        ]

    def write(self, archive: sqlite3.Connection) -> None:
        """Insert all that was noted; none of the items may be there yet."""
        for table, rows in self._rows.items():
            archive.executemany(insert_sql(table), rows)


def write_clusters(
    newsroom: Newsroom,
    archive: sqlite3.Connection,
    cluster_ids: Iterable[int],
    sources: dict[str, Source],
) -> list[tuple[int, int, bool]]:
    """Bring the clusters' public rows up to date: (item, its cluster or 0, stands for it).

    Only public items count; fewer than two are no cluster.
    """
    members = newsroom.members(sorted(cluster_ids))
    if not members:
        return []
    listed = json.dumps(list(members))
    of_these = "cluster_id IN (SELECT value FROM json_each(?))"
    before = archive.execute(f"SELECT id FROM items WHERE {of_these} ORDER BY id", (listed,))
    places = {row["id"]: (0, True) for row in before}
    archive.execute(
        f"UPDATE items SET cluster_id = NULL, is_primary = 1 WHERE {of_these}", (listed,)
    )
    archive.execute("DELETE FROM clusters WHERE id IN (SELECT value FROM json_each(?))", (listed,))
    public = _public(archive, (member.id for group in members.values() for member in group))
    clusters = []
    for cluster_id, group in members.items():
        shown = [member for member in group if member.id in public]
        if len(shown) > 1:
            primary = choose_primary(shown, sources)
            clusters.append((cluster_id, primary.id, len(shown)))
            places |= {member.id: (cluster_id, member == primary) for member in shown}
    archive.executemany(insert_sql("clusters"), clusters)
    archive.executemany(
        "UPDATE items SET cluster_id = ?, is_primary = ? WHERE id = ?",
        [
            (cluster_id, int(stands), item_id)
            for item_id, (cluster_id, stands) in places.items()
            if cluster_id
        ],
    )
    return [(item_id, cluster, stands) for item_id, (cluster, stands) in places.items()]


def clusters_shown(archive: sqlite3.Connection, item_ids: Iterable[int]) -> set[int]:
    """The clusters that these items are shown in now."""
    rows = archive.execute(
        "SELECT DISTINCT cluster_id FROM items WHERE cluster_id IS NOT NULL "
        "AND id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(item_ids)),),
    )
    return {row["cluster_id"] for row in rows}


def _public(archive: sqlite3.Connection, item_ids: Iterable[int]) -> set[int]:
    rows = archive.execute(
        "SELECT id FROM items WHERE id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(item_ids)),),
    )
    return {row["id"] for row in rows}


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
