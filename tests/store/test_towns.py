"""Searching by town: filter, counts and folding agree, and follow what is published."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace

from store.search import Query, Search
from store.types import Place
from tests.store.desk import Desk, make_article, topics_of

BONN = Place("05314000", "Bonn", "DE-NW", 50.73, 7.1)
KLEVE = Place("05154", "Kleve", "DE-NW")


def _save(desk: Desk, *towns: tuple[Place, ...]) -> list[int]:
    articles = [
        make_article(url=f"https://a.example/{number}", title=f"Haushalt {number}")
        for number in range(len(towns))
    ]
    ids = desk.save(*articles)
    taggings = []
    for item_id, places in zip(ids, towns, strict=True):
        item = desk.newsroom.item(item_id)
        assert item is not None
        tagging = topics_of(item_id, item.content_hash, "ki", states=["DE-NW"])
        taggings.append(replace(tagging, places=places))
    desk.newsroom.set_taggings(taggings)
    desk.publish()
    return ids


def test_towns_filter_and_are_counted(desk: Desk) -> None:
    ids = _save(desk, (BONN,), (BONN, KLEVE), ())
    with Search(desk.search, desk.archive) as engine:
        assert engine.run(Query()).facets["town"] == (("05314000", 2), ("05154", 1))
        found = engine.run(Query(towns=("05154",)))
        assert [hit.item_id for hit in found.hits] == [ids[1]]
        assert found.facets["town"] == (("05154", 1), ("05314000", 1))
        both = engine.run(Query("Haushalt", towns=("05154", "05314000"), order="relevance"))
        assert both.total == len(both.hits) == 2
        newest = engine.run(Query(towns=("05314000",)), counts=False)
        assert {hit.item_id for hit in newest.hits} == set(ids[:2])
        assert engine.run(Query(towns=("99999999",))).hits == ()


def test_another_town_is_found_as_soon_as_it_is_published(desk: Desk) -> None:
    (item_id,) = _save(desk, (BONN,))
    with Search(desk.search, desk.archive) as engine:
        assert engine.run(Query(towns=("05154",))).total == 0
        item = desk.newsroom.item(item_id)
        assert item is not None
        tagging = topics_of(item_id, item.content_hash, "ki", states=["DE-NW"])
        desk.newsroom.set_taggings([replace(tagging, places=(KLEVE,))])
        desk.publish()
        assert engine.run(Query(towns=("05154",))).total == 1
        assert engine.run(Query()).facets["town"] == (("05154", 1),)


def test_numbers_that_lie_far_apart_take_no_memory(desk: Desk) -> None:
    near = _save(desk, (BONN,))
    desk.newsroom.connection.execute("UPDATE sqlite_sequence SET seq = 2000000000")
    article = make_article(url="https://a.example/fern", title="Haushalt fern")
    (far,) = desk.save(article)
    item = desk.newsroom.item(far)
    assert item is not None
    assert far > 2_000_000_000
    tagging = topics_of(far, item.content_hash, "ki", states=["DE-NW"])
    desk.newsroom.set_taggings([replace(tagging, places=(BONN, KLEVE))])
    desk.publish()
    tracemalloc.start()
    with Search(desk.search, desk.archive) as engine:
        assert engine.run(Query()).facets["town"] == (("05314000", 2), ("05154", 1))
        assert [hit.item_id for hit in engine.run(Query(towns=("05154",))).hits] == [far]
        assert {hit.item_id for hit in engine.run(Query(towns=("05314000",))).hits} == {far, *near}
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 100_000_000
