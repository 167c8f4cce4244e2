"""The later stages of a round: tag what was crawled, publish what was tagged."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice

from classifier.models import Model, load_or_train
from classifier.tagging import tag as tag_items
from radar.config import Config
from store.disk import full_disk_told
from store.duplicates import update_clusters
from store.newsroom import Newsroom
from store.publish import Published, publish
from store.retention import prune

#: Items tagged in one transaction.
TAG_CHUNK = 100


def train(config: Config) -> Model:
    """The model for today's training data: loaded, or trained in seconds if there is none."""
    with full_disk_told(config.models):
        return load_or_train(config.models)


def tag(newsroom: Newsroom, model: Model) -> int:
    """Tag what the model has not tagged, and cluster near-duplicates. Returns items tagged."""
    tagged = 0
    taggings = tag_items(newsroom.untagged(model.id), model)
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
