"""Owns the writing of archive.db: one item's public rows, the lists, clusters, what is known."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import asdict

from store.archive import insert_sql, upsert_sql
from store.clusters import choose_primary
from store.health import RHYTHM_ITEMS, public_status
from store.newsroom import Newsroom
from store.policy import public_changes, public_evidence
from store.rows import maybe_stamp, stamp
from store.types import STATES, Article, Source, StoredItem, Tag


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


def delete_item(archive: sqlite3.Connection, item_id: int) -> bool | None:
    """Take the item and all that hangs on it out.

    None if it was not there, else whether it was shown as one with reserved rights.
    """
    row = archive.execute(
        "DELETE FROM items WHERE id = ? RETURNING reserved", (item_id,)
    ).fetchone()
    return None if row is None else bool(row["reserved"])


def write_item(
    newsroom: Newsroom,
    archive: sqlite3.Connection,
    item: StoredItem,
    shown: Article,
    source: Source,
    tags: list[Tag],
    teaser_words: int,
) -> None:
    """Write the item's public rows; ``shown`` is its public article. It must not be there yet."""
    date = shown.published
    archive.execute(
        insert_sql("items"),
        (
            item.id, shown.source_id, shown.url, shown.kind, shown.kicker, shown.title,
            shown.teaser, shown.body, shown.section, shown.author, shown.place,
            stamp(date.at) if date else None, date.iso() if date else None,
            int(date.day_only) if date else None, shown.date_source, stamp(item.first_seen),
            stamp(item.changed_at), maybe_stamp(item.withdrawn_at), shown.image,
            shown.image_credit, shown.duration_s, shown.views, shown.language,
            None if shown.paywalled is None else int(shown.paywalled),
            int(shown.reservation is not None), None, 1, int(newsroom.needs_review(item.id)),
        ),
    )  # fmt: skip
    for tag in tags:
        archive.execute(
            insert_sql("item_topics" if tag.facet == "topic" else "item_states"),
            (item.id, tag.value, tag.score, tag.model_id, _json(public_evidence(tag))),
        )
    for position, link in enumerate(shown.links):
        archive.execute(
            insert_sql("item_links"),
            (
                item.id, position, link.url, link.title, link.kicker,
                link.date.iso() if link.date else None, link.genre, link.teaser,
            ),
        )  # fmt: skip
    if item.version > 1 and item.withdrawn_at is None:
        versions = newsroom.versions(item.id)
        for version, changes in public_changes(versions, source, teaser_words=teaser_words):
            archive.execute(
                insert_sql("versions"),
                (
                    item.id,
                    version.number,
                    stamp(version.seen_at),
                    _json([asdict(change) for change in changes]),
                ),
            )


def write_cluster(
    newsroom: Newsroom, archive: sqlite3.Connection, cluster_id: int, sources: dict[str, Source]
) -> list[tuple[int, int, bool]]:
    """Bring a cluster's public rows up to date: (item, its cluster or 0, stands for it).

    Only public items count; fewer than two are no cluster.
    """
    before = archive.execute(
        "SELECT id FROM items WHERE cluster_id = ? ORDER BY id", (cluster_id,)
    ).fetchall()
    members = [
        item for item in newsroom.members([cluster_id])[cluster_id] if _is_public(archive, item.id)
    ]
    archive.execute(
        "UPDATE items SET cluster_id = NULL, is_primary = 1 WHERE cluster_id = ?", (cluster_id,)
    )
    archive.execute("DELETE FROM clusters WHERE id = ?", (cluster_id,))
    places = {row["id"]: (0, True) for row in before}
    if len(members) > 1:
        primary = choose_primary(members, sources)
        archive.execute(insert_sql("clusters"), (cluster_id, primary.id, len(members)))
        for item in members:
            places[item.id] = (cluster_id, item.id == primary.id)
            archive.execute(
                "UPDATE items SET cluster_id = ?, is_primary = ? WHERE id = ?",
                (cluster_id, int(item.id == primary.id), item.id),
            )
    return [(item_id, cluster, primary) for item_id, (cluster, primary) in places.items()]


def cluster_ids(archive: sqlite3.Connection, item_ids: Iterable[int]) -> set[int]:
    """The clusters that these items are shown in now."""
    ids = list(item_ids)
    rows = archive.execute(
        "SELECT DISTINCT cluster_id FROM items WHERE cluster_id IS NOT NULL "
        f"AND id IN ({', '.join('?' * len(ids))})",
        ids,
    )
    return {row["cluster_id"] for row in rows}


def _is_public(archive: sqlite3.Connection, item_id: int) -> bool:
    row = archive.execute("SELECT 1 FROM items WHERE id = ?", (item_id,)).fetchone()
    return row is not None


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
