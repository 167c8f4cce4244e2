"""Owns the only door out: newsroom.db → archive.db and search.db, in small steps, resumable."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from store.archive import columns, create_archive, insert_sql
from store.newsroom import Newsroom
from store.policy import is_published, public_article, public_changes, public_evidence
from store.rows import maybe_stamp, stamp
from store.schema import connect
from store.types import STATES, Article, Source, StoredItem, Tag

#: Items in one transaction: readers and other writers wait for tens of milliseconds at most.
BATCH = 200


@dataclass(frozen=True, slots=True)
class Published:
    """What one call of ``publish`` did. ``items``: public items now; the rest: this call's."""

    items: int
    written: int
    removed: int
    withdrawn: int


def publish(
    newsroom: Newsroom,
    archive: Path,
    search: Path,
    *,
    teaser_words: int = 40,
    rebuild: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Published:
    """Bring the public files up to date with the newsroom."""
    connection = connect(archive)
    try:
        if not connection.execute("PRAGMA user_version").fetchone()[0]:
            connection.execute("BEGIN IMMEDIATE")
            create_archive(connection)
            connection.execute("COMMIT")
        return _publish(newsroom, connection, teaser_words, progress)
    finally:
        connection.close()


def _publish(
    newsroom: Newsroom,
    archive: sqlite3.Connection,
    teaser_words: int,
    progress: Callable[[int, int], None] | None,
) -> Published:
    archive.execute("BEGIN IMMEDIATE")
    _publish_lists(newsroom, archive)
    archive.execute("COMMIT")
    sources = {status.source.id: status.source for status in newsroom.sources()}
    row = archive.execute("SELECT value FROM info WHERE key = 'change_seq'").fetchone()
    seq = int(row[0]) if row else 0
    written = removed = withdrawn = 0
    while batch := newsroom.changed_since(seq, BATCH):
        archive.execute("BEGIN IMMEDIATE")
        for item in batch:
            source = sources[item.article.source_id]
            tags = newsroom.tags(item.id)
            archive.execute("DELETE FROM items WHERE id = ?", (item.id,))
            if not is_published(source, tags):
                removed += 1
                continue
            written += 1
            withdrawn += item.withdrawn_at is not None
            _publish_item(newsroom, archive, item, source, tags, teaser_words)
        seq = batch[-1].change_seq
        archive.execute(insert_sql("info"), ("change_seq", str(seq)))
        archive.execute("COMMIT")
        if progress is not None:
            progress(written + removed, written + removed)
    total = archive.execute("SELECT count(*) FROM items").fetchone()[0]
    archive.execute(
        "UPDATE sources SET items = (SELECT count(*) FROM items WHERE items.source_id = sources.id)"
    )
    return Published(items=total, written=written, removed=removed, withdrawn=withdrawn)


def _publish_lists(newsroom: Newsroom, archive: sqlite3.Connection) -> None:
    archive.executemany(insert_sql("states"), STATES.items())
    for position, topic in enumerate(newsroom.topics()):
        archive.execute(insert_sql("topics"), (*topic, position))
    for status in newsroom.sources():
        source = status.source
        result = status.last_run.result if status.last_run else None
        archive.execute(
            "INSERT INTO sources VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0) "
            "ON CONFLICT (id) DO UPDATE SET "
            + ", ".join(f"{name} = excluded.{name}" for name in columns("sources")[1:-1]),
            (
                source.id, source.name, source.publisher, source.homepage, source.land,
                source.kind, source.licence, source.display, maybe_stamp(status.last_success),
                maybe_stamp(status.last_new_item),
                "never" if result is None else result.status.replace("unchanged", "ok"),
                result.message if result else None,
            ),
        )  # fmt: skip


def item_row(item: StoredItem, shown: Article, *, review: bool) -> tuple[object, ...]:
    """The item's row of archive.db, alone in its cluster; ``shown`` is its public article."""
    date = shown.published
    return (
        item.id, shown.source_id, shown.url, shown.kind, shown.kicker, shown.title, shown.teaser,
        shown.body, shown.section, shown.author, stamp(date.at) if date else None,
        date.iso() if date else None, int(date.day_only) if date else None, shown.date_source,
        stamp(item.first_seen), stamp(item.changed_at), maybe_stamp(item.withdrawn_at),
        shown.image, shown.duration_s, shown.views, shown.language, None, 1, int(review),
    )  # fmt: skip


def _publish_item(
    newsroom: Newsroom,
    archive: sqlite3.Connection,
    item: StoredItem,
    source: Source,
    tags: list[Tag],
    teaser_words: int,
) -> None:
    withdrawn = item.withdrawn_at is not None
    shown = public_article(item.article, source, teaser_words=teaser_words, withdrawn=withdrawn)
    archive.execute(
        insert_sql("items"), item_row(item, shown, review=newsroom.needs_review(item.id))
    )
    for tag in tags:
        archive.execute(
            insert_sql("item_topics" if tag.facet == "topic" else "item_states"),
            (
                item.id,
                tag.value,
                tag.score,
                tag.model_id,
                json.dumps(public_evidence(tag), ensure_ascii=False),
            ),
        )
    for position, link in enumerate(shown.links):
        archive.execute(
            insert_sql("item_links"),
            (
                item.id, position, link.url, link.title, link.kicker,
                link.date.iso() if link.date else None, link.genre, link.teaser,
            ),
        )  # fmt: skip
    if item.version > 1 and not withdrawn:
        for version, changes in public_changes(
            newsroom.versions(item.id), source, teaser_words=teaser_words
        ):
            archive.execute(
                insert_sql("versions"),
                (
                    item.id,
                    version.number,
                    stamp(version.seen_at),
                    json.dumps([asdict(change) for change in changes], ensure_ascii=False),
                ),
            )
