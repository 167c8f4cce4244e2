"""Towns found by the classifier reach the public file, and follow what editors say of Länder."""

from __future__ import annotations

from dataclasses import replace

from store.types import Place
from tests.store.desk import Desk, make_article, rows, topics_of

BONN = Place("05314000", "Bonn", "DE-NW", 50.73, 7.1)
AHRWEILER = Place("07131", "Ahrweiler", "DE-RP")


def _tag(desk: Desk, item_id: int, *places: Place) -> None:
    item = desk.newsroom.item(item_id)
    assert item is not None
    states = sorted({place.land for place in places})
    answer = topics_of(item_id, item.content_hash, "ki", states=states)
    desk.newsroom.set_taggings([replace(answer, places=places)])


def test_places_are_published_with_their_key_and_position(desk: Desk) -> None:
    (item_id,) = desk.save(make_article())
    _tag(desk, item_id, BONN, AHRWEILER)
    assert desk.newsroom.places_of([item_id]) == {item_id: [BONN, AHRWEILER]}
    desk.publish()
    assert rows(desk.archive, "item_places") == [
        (item_id, "05314000", "Bonn", "DE-NW", 50.73, 7.1),
        (item_id, "07131", "Ahrweiler", "DE-RP", None, None),
    ]


def test_another_place_alone_makes_an_item_new_to_publish(desk: Desk) -> None:
    (item_id,) = desk.save(make_article())
    _tag(desk, item_id, BONN)
    desk.publish()
    _tag(desk, item_id, BONN)
    assert desk.publish().written == 0
    _tag(desk, item_id, replace(BONN, ags="05382056", name="Sankt Augustin"))
    assert desk.publish().written == 1
    assert [row[2] for row in rows(desk.archive, "item_places")] == ["Sankt Augustin"]


def test_a_place_goes_with_the_land_an_editor_takes_away(desk: Desk) -> None:
    (item_id,) = desk.save(make_article())
    _tag(desk, item_id, BONN, AHRWEILER)
    seen = desk.newsroom.word(item_id, "state")
    desk.newsroom.correct(item_id, "state", ("DE-RP",), editor="redaktion", expected=seen)
    desk.publish()
    assert [row[2] for row in rows(desk.archive, "item_places")] == ["Ahrweiler"]
