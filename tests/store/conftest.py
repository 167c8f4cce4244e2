"""Fixtures of the store's tests: real SQLite files in a temporary folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from store.newsroom import Newsroom
from tests.store.desk import TOPICS, Clock, Desk, make_source


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A newsroom with four sources, one for each display policy, and three topics."""
    clock = Clock()
    with Newsroom(tmp_path / "newsroom.db", now=clock) as newsroom:
        newsroom.set_sources(
            [
                make_source(),
                make_source("zeitung", display="teaser", licence="press", land=None),
                make_source("kurz", display="headline", licence="press", land=None),
                make_source("verweis", display="link", licence="press", land=None),
                make_source("rathaus", relevance="topic", land="DE-BY"),
            ]
        )
        newsroom.set_topics(TOPICS)
        yield Desk(newsroom, clock, tmp_path)
