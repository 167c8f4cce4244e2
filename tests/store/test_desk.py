"""What the desk asks of the newsroom: the queue, items by a filter, how full fields are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from store.desk import SHOWN
from store.newsroom import Newsroom
from store.types import Tag, Tagging
from tests.datasette_config import newsdesk
from tests.datasette_config.newsdesk import NOW


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("redaktion")
    newsdesk.build(folder)
    return folder / "newsroom.db"


@pytest.fixture
def newsroom(filled: Path) -> Iterator[Newsroom]:
    """What a test writes is taken back."""
    with Newsroom(filled, now=lambda: NOW) as opened:
        opened.connection.execute("BEGIN")
        yield opened
        opened.connection.execute("ROLLBACK")


def unsure(newsroom: Newsroom, scores: list[float]) -> list[int]:
    """Make the first items unsure with these scores of one label; their numbers."""
    items = [item for item in newsroom.items() if item.withdrawn_at is None][: len(scores)]
    newsroom.connection.execute("UPDATE taggings SET review = 0")
    newsroom.set_taggings(
        Tagging(item.id, item.content_hash, "m", (Tag("topic", "ki", score, "m"),), (), review=True)
        for item, score in zip(items, scores, strict=True)
    )
    return [item.id for item in items]


def test_the_least_certain_comes_first(newsroom: Newsroom) -> None:
    sure, half, near, no = unsure(newsroom, [0.99, 0.5, 0.6, 0.05])
    assert [one.item_id for one in newsroom.review_queue(9)] == [half, near, no, sure]
    assert [round(one.doubt, 2) for one in newsroom.review_queue(9)] == [1.0, 0.8, 0.1, 0.02]
    assert [one.item_id for one in newsroom.review_queue(2, surest=True)] == [sure, no]
    assert [one.item_id for one in newsroom.review_queue(9, 3)] == [sure]
    assert newsroom.review_count() == 4


def test_what_is_decided_or_withdrawn_does_not_wait(newsroom: Newsroom) -> None:
    one, two, three = unsure(newsroom, [0.5, 0.5, 0.5])
    newsroom.correct(one, "topic", ("ki",), editor="a", expected=("ki",))
    newsroom.correct(two, "state", ("bund",), editor="a", expected=newsroom.word(two, "state"))
    item = newsroom.item(three)
    assert item is not None
    newsroom.withdraw(item.article.source_id, item.article.url, reason="410")
    assert [waiting.item_id for waiting in newsroom.review_queue(9)] == [two]
    assert newsroom.review_count() == 1


def test_items_by_a_filter(newsroom: Newsroom) -> None:
    one, two = unsure(newsroom, [0.5, 0.5])
    newsroom.correct(one, "hidden", True, editor="a", expected=None)
    newsroom.correct(two, "topic", (), editor="a", expected=("ki",))
    found = {
        shown: {line.id for line in newsroom.lines(shown=shown, limit=1000)} for shown in SHOWN
    }
    assert found["hidden"] == {one}
    assert found["corrected"] == {one, two}
    assert found["review"] == {one}
    assert found["withdrawn"] < found["all"]
    assert found["pruned"] == set()
    undated = {item.id for item in newsroom.items() if item.article.published is None}
    assert found["undated"] == undated
    assert len(found["all"]) == sum(1 for _ in newsroom.items())
    line = next(line for line in newsroom.lines(limit=1000) if line.id == one)
    assert (line.hidden, line.corrected, line.review) == (True, True, True)


@pytest.mark.parametrize(
    ("words", "count"), [("wohngeld", 1), ("GELD wohn", 1), ("wohngeld xyz", 0), ("%", 0), ("'", 0)]
)
def test_words_of_the_title(newsroom: Newsroom, words: str, count: int) -> None:
    assert (len(newsroom.lines(words=words)) > 0) is bool(count)


def test_pages_of_the_list(newsroom: Newsroom) -> None:
    first, second = newsroom.lines(limit=5), newsroom.lines(limit=5, offset=5)
    numbers = [line.id for line in (*first, *second)]
    assert numbers == sorted(numbers, reverse=True)
    assert len(set(numbers)) == 10
    assert {line.source_id for line in newsroom.lines(source="ulm")} == {"ulm"}


def test_how_full_the_fields_are(newsroom: Newsroom) -> None:
    months = newsroom.filling("leipzig", NOW - timedelta(days=400))
    assert sum(month.items for month in months) == len(newsroom.lines(source="leipzig"))
    assert all(month.filled["teaser"] <= month.items for month in months)
    new, old = newsroom.filling_lately(["leipzig"], 2, 100)["leipzig"]
    assert new.items == 2
    assert new.items + old.items == sum(month.items for month in months)
    assert newsroom.filling_lately(["gibt_es_nicht"], 2, 2)["gibt_es_nicht"][0].items == 0


def test_reservations_and_days(newsroom: Newsroom) -> None:
    assert newsroom.reservations() == {}
    item = next(i for i in newsroom.items() if i.article.source_id == "kiel")
    evidence = "header tdm-reservation: 1 at https://kiel.example/"
    newsroom.save(
        replace(item.article, url="https://kiel.example/neu", reservation=evidence, title="Neu")
    )
    assert newsroom.reservations() == {"kiel": evidence}
    assert newsroom.found_by_day(NOW - timedelta(hours=1)) == {"2026-03-12": 1}
    last = newsroom.last_finished()
    assert last is not None
    assert (last[0], sum(last[1].values())) == (NOW - timedelta(minutes=25), 12)


def test_corrections_by_their_numbers(newsroom: Newsroom) -> None:
    (one,) = unsure(newsroom, [0.5])
    made = newsroom.correct(one, "hidden", True, editor="a", expected=None)
    assert newsroom.these_corrections([made.id, 10**9]) == [made]
