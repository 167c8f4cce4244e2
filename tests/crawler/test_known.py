"""What was visited as a list names it is known again from the list's own text."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crawler.articles import entry_hash
from crawler.lists import parse_list
from store.newsroom import Newsroom
from store.types import Source, Visit

START = datetime(2026, 3, 10, 12, tzinfo=UTC)
SOURCE = Source(
    id="stadt", name="Stadt", publisher="Stadt", homepage="https://www.stadt.example/",
    kind="feed", url="https://www.stadt.example/rss.xml", licence="official", display="full",
    relevance="all", schedule="adaptive", reference="https://www.stadt.example/",
)  # fmt: skip


def feed(*numbers: int) -> bytes:
    items = "".join(f"<item><title>M{n}</title><link>/m/{n}</link></item>" for n in numbers)
    return f"<rss version='2.0'><channel><title>S</title>{items}</channel></rss>".encode()


class Clock:
    now = START

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def newsroom(tmp_path: Path, clock: Clock) -> Newsroom:
    newsroom = Newsroom(tmp_path / "newsroom.db", now=clock)
    newsroom.set_sources([SOURCE])
    return newsroom


def test_only_what_was_not_visited_is_read(newsroom: Newsroom, clock: Clock) -> None:
    def read(*numbers: int) -> tuple[list[str | None], list[str]]:
        known = newsroom.recent_entries(SOURCE.id)
        found = parse_list(SOURCE, feed(*numbers), SOURCE.url, now=clock.now, known=known)
        assert newsroom.unchanged(SOURCE.id, found.unchanged) == set(found.unchanged)
        return [entry.title for entry in found.entries], list(found.unchanged)

    assert newsroom.recent_entries(SOURCE.id) == {}
    for entry in parse_list(SOURCE, feed(1, 2), SOURCE.url, now=START).entries:
        newsroom.set_visit(SOURCE.id, Visit(entry.url, entry_hash(entry), START))
    newsroom.set_visit(SOURCE.id, Visit("https://www.stadt.example/m/3"))
    assert read(3, 2, 1) == (
        ["M3"],
        ["https://www.stadt.example/m/2", "https://www.stadt.example/m/1"],
    )
    # item 2 leaves the list; when it comes back after months it is read once more
    clock.now = START + timedelta(days=45)
    assert read(1)[0] == []
    clock.now = START + timedelta(days=75)
    assert read(2, 1) == (["M2"], ["https://www.stadt.example/m/1"])
