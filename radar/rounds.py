"""The later stages of a round: tag what was crawled, publish what was tagged."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path

from classifier.models import Model
from classifier.tagging import tag as tag_items
from radar.config import Config
from store.backup import back_up, backups, made_at
from store.duplicates import update_clusters
from store.newsroom import Newsroom
from store.publish import Published, publish
from store.retention import prune

#: Items tagged in one transaction.
TAG_CHUNK = 100


def tag(newsroom: Newsroom, model: Model, *, everything: bool = False) -> int:
    """Tag what the model has not tagged, and cluster near-duplicates. Returns items tagged.

    ``everything``: also what it has tagged before.
    """
    tagged = 0
    # No model has the empty id: none has looked at anything.
    taggings = tag_items(newsroom.untagged("" if everything else model.id), model)
    # One short transaction a chunk: a crawl may write between two of them.
    while chunk := list(islice(taggings, TAG_CHUNK)):
        newsroom.set_taggings(chunk)
        tagged += len(chunk)
    update_clusters(newsroom)
    return tagged


def publish_all(
    config: Config,
    newsroom: Newsroom,
    *,
    rebuild: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Published:
    """Bring archive.db and search.db up to the newsroom's state."""
    return publish(
        newsroom,
        config.archive,
        config.search,
        teaser_words=config.publish_teaser_words,
        rebuild=rebuild,
        progress=progress,
    )


def prune_old(config: Config, newsroom: Newsroom) -> int:
    """Drop the text of old items that have no topic and were never public. Returns how many."""
    return prune(newsroom, days=config.retention_days)


def back_up_if_due(config: Config, now: datetime) -> Path | None:
    """Make a backup if the newest is older than the configuration wants; its file."""
    if not config.backup_hours:
        return None
    known = backups(config.backups)
    if known and now - made_at(known[-1]) < timedelta(hours=config.backup_hours):
        return None
    return back_up(config.newsroom, config.backups, keep=config.backup_keep, now=lambda: now).path
