"""An engine that stays open answers as one opened anew, whatever was published meanwhile."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from store.columns import Columns, Labels
from store.duplicates import update_clusters
from store.erasure import erase
from store.search import Query, Search
from store.splice import Splice
from store.tombstones import ErasedError
from store.types import Place, Tag
from tests.store.desk import MODEL, START, TOPICS, Desk, make_article, topics_of

_TEXT = (
    "Stadt Antrag Bürgeramt Portal Rathaus Ausweis Schule Netz Daten Sitzung Gebühr Ausbau Kreis "
    "Chatbot Register Server Vertrag Bescheid Digitalstrategie Personalakte Köln Haus"
)
_WORDS = _TEXT.split()
_TOWNS = [("05315000", "Köln", "DE-NW"), ("09162000", "München", "DE-BY"), ("05315", "K", "DE-NW")]
_QUERIES = (
    Query(),
    Query("Stadt"),
    Query("Akte"),
    Query("Haus -Köln", limit=7, offset=3),
    Query("Portal ODER Netz", order="relevance"),
    Query('"Rathaus"', topics=("ozg",)),
    Query("Daten", states=("DE-BY",)),
    Query(topics=("ki", "e-akte")),
    Query(sources=("zeitung",), limit=50),
    Query(kinds=("video",)),
    Query(towns=("05315000",)),
    Query("Schule", towns=("09162000", "05315")),
    Query(since=(START - timedelta(days=2)).date()),
    Query("Nirgendwo"),
)


def told(search: Search, items: range) -> Iterator[object]:
    """Everything the engine says."""
    for query in _QUERIES:
        yield search.run(query)
        yield search.run(query, counts=False)
    for item_id in items:
        yield search.similar(item_id)
    yield search.completions("s")


def step(desk: Desk, chance: random.Random, bodies: dict[tuple[str, int], str]) -> None:
    """Save, change, tag, group and erase some items, several of a minute among them.

    Those of ``rathaus`` are public while they have a topic.
    """
    newsroom = desk.newsroom
    for _ in range(chance.randrange(1, 14)):
        number, source = chance.randrange(40), chance.choice(("stadt_a", "rathaus", "zeitung"))
        body = " ".join(chance.choices(_WORDS, k=40))
        if chance.random() < 0.4 and bodies:
            body = chance.choice(list(bodies.values()))
        bodies[source, number] = body
        desk.clock.move(minutes=chance.randrange(3))
        article = make_article(
            number // 2 * 5,
            source,
            url=f"https://{source}.example/{number}",
            title=" ".join(chance.choices(_WORDS, k=3)),
            body=body,
            kind=chance.choice(("article", "video")),
        )
        with suppress(ErasedError):
            newsroom.save(article)
    items = list(newsroom.items())
    some = chance.sample(items, min(len(items), 8))
    taggings = []
    for item in some:
        topics = chance.sample([topic for topic, _, _ in TOPICS], chance.randrange(3))
        states = chance.sample(["DE-NW", "DE-BY", "bund"], chance.randrange(3))
        places = tuple(
            Place(*town, None, None) for town in chance.sample(_TOWNS, chance.randrange(3))
        )
        made = topics_of(item.id, item.content_hash, *topics, states=states)
        taggings.append(replace(made, places=places))
    newsroom.set_taggings(taggings)
    if chance.random() < 0.5:
        update_clusters(newsroom)
    if chance.random() < 0.3:
        newsroom.set_topics(TOPICS + [(f"neu-{n}", f"Neu {n}", "") for n in range(12)])
        item = chance.choice(items)
        made = topics_of(item.id, item.content_hash)
        tags = (Tag("topic", f"neu-{chance.randrange(12)}", 0.9, MODEL),)
        newsroom.set_taggings([replace(made, tags=tags)])
    if chance.random() < 0.1:
        erase(newsroom, chance.choice(items).id, reason="Antrag")


@pytest.mark.parametrize(("seed", "few"), [(0, False), (1, False), (2, False), (3, True)])
def test_a_refreshed_engine_answers_as_one_opened_anew(
    desk: Desk, seed: int, few: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(seed)
    monkeypatch.setattr("store.publish.BATCH", 5)
    monkeypatch.setattr("store.holders.DUE", "documents >= 9 AND NOT counted")
    monkeypatch.setattr("store.counting.COMMON", 5)
    if few:
        monkeypatch.setattr("store.indexing.RECENT", 2)
    bodies: dict[tuple[str, int], str] = {}
    step(desk, chance, bodies)
    desk.publish()
    changes = 0
    changed = Columns.changed

    def counted(
        self: Columns, index: sqlite3.Connection, labels: Labels, items: Iterable[int]
    ) -> Columns:
        nonlocal changes
        changes += 1
        return changed(self, index, labels, items)

    monkeypatch.setattr(Columns, "changed", counted)
    with Search(desk.search, desk.archive) as kept:
        list(told(kept, range(0)))
        for turn in range(9):
            step(desk, chance, bodies)
            desk.publish(rebuild=chance.random() < 0.1)
            if turn % 3 == 1:
                continue  # several publishings between two questions
            known = range(1, 1 + max(item.id for item in desk.newsroom.items()))
            with Search(desk.search, desk.archive) as fresh:
                assert list(told(kept, known)) == list(told(fresh, known))
    assert changes or few


def test_an_erasure_is_taken_over_like_any_batch(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Merging and wiping change nothing that a reader holds."""
    chance = random.Random(5)
    for _ in range(4):
        step(desk, chance, {})
    desk.publish()
    with Search(desk.search, desk.archive) as kept:
        whole = kept.run(Query(limit=100))
        gone = whole.hits[0].item_id
        erase(desk.newsroom, gone, reason="Antrag")
        desk.publish()
        with Search(desk.search, desk.archive) as fresh:
            expected = list(told(fresh, range(1, 30)))
        monkeypatch.setattr("store.search.Columns", None)  # nothing may be read as a whole
        assert gone not in [hit.item_id for hit in kept.run(Query(limit=100)).hits]
        assert list(told(kept, range(1, 30))) == expected


@pytest.mark.parametrize("seed", range(20))
def test_splicing_is_dropping_and_inserting(seed: int) -> None:
    chance = np.random.default_rng(seed)
    numbers = np.sort(chance.choice(60, size=chance.integers(0, 30), replace=False))
    fresh = np.sort(chance.choice(60, size=chance.integers(0, 15), replace=False))
    dropped = np.flatnonzero(np.isin(numbers, fresh) | (chance.random(len(numbers)) < 0.2))
    splice = Splice(dropped, np.searchsorted(numbers, fresh))
    stayed = np.delete(numbers, dropped)
    found = splice.joined(numbers, fresh)
    assert found.tolist() == sorted([*stayed.tolist(), *fresh.tolist()])
    kept = np.setdiff1d(np.arange(len(numbers)), dropped)
    assert found[splice.moved(kept)].tolist() == stayed.tolist()
