"""Owns how changed items reach the public files: batch by batch, noting how far each file is."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from store.connection import transaction
from store.corrections import corrected
from store.index import Document
from store.index_file import IndexFile
from store.index_process import IndexProcess
from store.newsroom import Newsroom
from store.notes import note, set_note
from store.policy import is_published, public_article, public_changes
from store.public_rows import PublicRows, clusters_shown, delete_items, write_clusters
from store.types import BERLIN, Article, Source, StoredItem, Tag

#: What writes the index, here or in a process beside this one.
Index = IndexFile | IndexProcess


@dataclass(frozen=True, slots=True)
class _Rules:
    """What decides what is shown, besides the item."""

    sources: dict[str, Source]
    topics: frozenset[str]
    teaser_words: int


@dataclass(slots=True)
class Counts:
    """Items written and taken out so far."""

    written: int = 0
    withdrawn: int = 0
    removed: int = 0


def publish_changes(
    newsroom: Newsroom,
    archive: sqlite3.Connection,
    index: Index,
    teaser_words: int,
    progress: Callable[[int, int], None] | None,
    size: int,
) -> Counts:
    """Write what changed since either file was last written, ``size`` items in a transaction."""
    counts = Counts()
    rules = _Rules(
        sources={status.source.id: status.source for status in newsroom.sources()},
        topics=frozenset(topic[0] for topic in newsroom.topics()),
        teaser_words=teaser_words,
    )
    # Each file notes how far it is: after a kill between the two commits the one behind decides,
    # and writing an item twice does no harm.
    seq = min(int(note(archive, "change_seq") or 0), index.reached())
    done, total = 0, newsroom.changes_since(seq)
    while batch := newsroom.changed_since(seq, size):
        with index.transaction(), transaction(archive):
            clusters = clusters_shown(archive, [item.id for item in batch])
            clusters |= {item.cluster_id for item in batch if item.cluster_id is not None}
            _write_items(newsroom, archive, index, batch, rules, counts)
            places = write_clusters(newsroom, archive, clusters, rules.sources)
            for item_id, cluster, stands in places:
                index.set_cluster(item_id, cluster, is_primary=stands)
            seq = batch[-1].change_seq
            index.flush(seq)
            set_note(archive, "change_seq", str(seq))
        done += len(batch)
        if progress is not None:
            progress(done, max(done, total))
    return counts


def _write_items(
    newsroom: Newsroom,
    archive: sqlite3.Connection,
    index: Index,
    batch: Sequence[StoredItem],
    rules: _Rules,
    counts: Counts,
) -> None:
    """Write the items of a batch, or take them out, within the caller's transactions."""
    ids = [item.id for item in batch]
    given, decided = newsroom.tags_of(ids), newsroom.decisions(ids)
    review, places = newsroom.in_review(ids), newsroom.places_of(ids)
    was_reserved = delete_items(archive, ids)
    rows = PublicRows()
    for item in batch:
        source = rules.sources[item.article.source_id]
        words = decided.get(item.id, {})
        hidden = words.get("hidden")
        tags = [tag for tag in given[item.id] if tag.facet != "topic" or tag.value in rules.topics]
        reserved = item.article.reservation is not None
        if item.id in was_reserved and (hidden or (reserved and not was_reserved[item.id])):
            set_note(archive, "wipe", "1")
        if item.pruned_at is not None or not is_published(
            source, tags, hidden=None if hidden is None else bool(hidden)
        ):
            index.remove(item.id)
            counts.removed += item.id in was_reserved
            continue
        shown = public_article(
            corrected(item.article, words),
            source,
            teaser_words=rules.teaser_words,
            withdrawn=item.withdrawn_at is not None,
        )
        rows.add(item, shown, tags, places[item.id], source=source, review=item.id in review)
        if item.version > 1 and item.withdrawn_at is None:
            versions = newsroom.versions(item.id)
            rows.add_changes(
                item.id, public_changes(versions, source, teaser_words=rules.teaser_words)
            )
        index.put(_document(item, shown, tags))
        counts.written += 1
        counts.withdrawn += item.withdrawn_at is not None
    rows.write(archive)


def _document(item: StoredItem, shown: Article, tags: list[Tag]) -> Document:
    """What the index knows of an item: shown text by phrase, the rest by single words.

    Of a withdrawn item only what is shown is found: its publisher took the text back; and so it is
    where text and data mining are reserved.
    """
    at = shown.published.at if shown.published else item.first_seen
    local = at.astimezone(BERLIN)
    hidden = ""
    if item.withdrawn_at is None and item.article.reservation is None:
        whole = item.article
        hidden = "\n".join(
            text or ""
            for text, public in (
                (whole.kicker, shown.kicker),
                (whole.title, shown.title),
                (whole.teaser, shown.teaser),
                (whole.body, shown.body),
            )
            if text != public
        )
    return Document(
        item_id=item.id,
        at=at,
        month=local.year * 12 + local.month - 1,
        source=shown.source_id,
        kind=shown.kind,
        topics=tuple(tag.value for tag in tags if tag.facet == "topic"),
        states=tuple(tag.value for tag in tags if tag.facet == "state"),
        title="\n".join(filter(None, (shown.kicker, shown.title))),
        shown="\n".join(filter(None, (shown.teaser, shown.body))),
        hidden=hidden,
    )
