"""What editors say of groups holds, whatever the texts say."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from store.duplicates import cluster_of, update_clusters
from store.grouping import join, part
from store.newsroom import Newsroom
from store.schema import StoreError
from tests.datasette_config import newsdesk

NOW = datetime(2026, 3, 12, 9, 0, tzinfo=UTC)


@pytest.fixture
def newsroom(tmp_path: Path) -> Iterator[Newsroom]:
    newsdesk.build(tmp_path)
    with Newsroom(tmp_path / "newsroom.db", now=lambda: NOW) as opened:
        yield opened


def group_of(newsroom: Newsroom, item_id: int) -> set[int]:
    return {item.id for item in cluster_of(newsroom, item_id)}


def the_group(newsroom: Newsroom) -> list[int]:
    row = newsroom.connection.execute("SELECT id FROM clusters").fetchone()
    return [item.id for item in newsroom.cluster_members(row[0])]


def test_an_item_leaves_its_group_for_good(newsroom: Newsroom) -> None:
    first, *rest = the_group(newsroom)
    part(newsroom, first)
    assert group_of(newsroom, first) == set()
    assert group_of(newsroom, rest[0]) == set(rest)
    newsroom.connection.execute("DELETE FROM signatures")
    update_clusters(newsroom)
    assert group_of(newsroom, first) == set()
    join(newsroom, first, rest[0])
    assert group_of(newsroom, first) == {first, *rest}
    assert len(newsroom.connection.execute("SELECT * FROM clusters").fetchall()) == 1


def test_items_of_other_texts_become_one_story(newsroom: Newsroom) -> None:
    members = the_group(newsroom)
    strangers = [item.id for item in newsroom.items() if item.cluster_id is None][:2]
    join(newsroom, *strangers)
    assert group_of(newsroom, strangers[0]) == set(strangers)
    join(newsroom, strangers[0], members[0])
    update_clusters(newsroom)
    assert group_of(newsroom, members[1]) == {*members, *strangers}
    part(newsroom, strangers[0])
    assert group_of(newsroom, members[1]) == set(members), "the other one hung by it alone"


def test_a_change_is_published_again(newsroom: Newsroom) -> None:
    first, *_ = the_group(newsroom)
    before = newsroom.connection.execute("SELECT value FROM counters WHERE name = 'change'")
    seq = before.fetchone()[0]
    part(newsroom, first)
    assert first in {item.id for item in newsroom.changed_since(seq, 10)}


def test_what_cannot_be_grouped(newsroom: Newsroom) -> None:
    alone = next(item.id for item in newsroom.items() if item.cluster_id is None)
    part(newsroom, alone)
    with pytest.raises(StoreError, match="itself"):
        join(newsroom, alone, alone)
    with pytest.raises(StoreError, match="not in the newsroom"):
        join(newsroom, alone, 10**9)
    with pytest.raises(StoreError, match="not in the newsroom"):
        part(newsroom, 10**9)
