"""What a list names again, and what is saved by the hundred."""

from __future__ import annotations

import pytest

from store.newsroom import StoreError
from store.types import Saved, Visit
from store.visits import SEEN_STEP
from tests.store.desk import Desk, make_article


def test_only_what_is_as_before_is_unchanged(desk: Desk) -> None:
    odd = 'https://stadt_a.example/grüße?a="b"\\c'
    for number, url in enumerate(("https://stadt_a.example/1", odd)):
        article = make_article(number, url=url)
        desk.newsroom.save(article, visit=Visit(url, f"hash {number}", item_url=url))
    listed = {"https://stadt_a.example/1": "other", odd: "hash 1", "https://stadt_a.example/9": "x"}
    assert desk.newsroom.unchanged("stadt_a", listed) == {odd}
    assert desk.newsroom.unchanged("zeitung", listed) == set()
    assert desk.newsroom.visits("stadt_a", listed).keys() == {"https://stadt_a.example/1", odd}
    assert desk.newsroom.visits("stadt_a", [odd]).keys() == {odd}


def test_seen_again_is_written_once_a_day(desk: Desk) -> None:
    url = make_article().url
    desk.newsroom.save(make_article(), visit=Visit(url, "hash", item_url=url))
    first = desk.clock.at
    for days, seen in ((0.5, first), (0.5, first + SEEN_STEP), (0.9, first + SEEN_STEP)):
        desk.clock.move(days=days)
        assert desk.newsroom.unchanged("stadt_a", {url: "hash"}) == {url}
        item = desk.newsroom.item_by_url(url)
        assert item is not None
        assert item.last_seen == seen


def test_many_are_saved_as_one_is(desk: Desk) -> None:
    one, two, three = (make_article(number) for number in (1, 2, 3))
    desk.newsroom.save(one)
    desk.newsroom.save(two)
    corrected = make_article(2, body="Berichtigt.")
    assert desk.newsroom.save_all([one, corrected, three, corrected]) == [
        Saved.SAME, Saved.CHANGED, Saved.NEW, Saved.SAME,
    ]  # fmt: skip
    items = list(desk.newsroom.items())
    assert [item.article for item in items] == [one, corrected, three]
    assert [item.version for item in items] == [1, 2, 1]
    assert len({item.change_seq for item in items}) == 3
    assert desk.newsroom.save_all([]) == []
    last = max(item.change_seq for item in items)
    desk.newsroom.save(make_article(4))
    assert [item.article.url for item in desk.newsroom.changed_since(last, 9)] == [
        make_article(4).url
    ]


def test_many_are_saved_all_or_none(desk: Desk) -> None:
    with pytest.raises(StoreError, match=r"stadt_a: .*/2 cannot be stored"):
        desk.newsroom.save_all([make_article(1), make_article(2, title="")])
    assert list(desk.newsroom.items()) == []
    assert not desk.newsroom.connection.in_transaction
