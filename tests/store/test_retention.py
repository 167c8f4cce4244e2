"""Pruning: what is never public loses its text in time, and is known again by its hash."""

from __future__ import annotations

from dataclasses import replace

from store.duplicates import update_clusters
from store.retention import BATCH, prune
from store.types import Article, Link, Saved, Tag, Tagging, Visit
from tests.store.desk import MODEL, START, Desk, make_article, make_source, rows

SECRET = "Quastenflossersee"


def town_hall(number: int = 1, **changes: object) -> Article:
    """News of a source of which only items with a topic are published."""
    return make_article(
        number,
        "rathaus",
        **{
            "title": f"{SECRET} {number}",
            "body": f"Am {SECRET} {number} wird gebaut.",
            "kicker": SECRET,
            "author": SECRET,
            "image": f"https://rathaus.example/{SECRET}.jpg",
            "links": (Link("https://rathaus.example/x", SECRET),),
            **changes,
        },
    )


def look_at(desk: Desk, item_id: int, *topics: str) -> None:
    """The model's answer, with the words that moved it."""
    item = desk.newsroom.item(item_id)
    assert item is not None
    tags = tuple(Tag("topic", topic, 0.9, MODEL, (SECRET,)) for topic in topics)
    near = (Tag("topic", "e-akte", 0.3, MODEL, (SECRET,)),)
    tagging = Tagging(item_id, item.content_hash, MODEL, tags, near, review=False)
    desk.newsroom.set_taggings([tagging])


def test_old_text_without_topic_goes_and_the_hash_stays(desk: Desk) -> None:
    desk.save(town_hall(1, body=f"Früher am {SECRET}."))
    visit = Visit(town_hall(1).url, "entry", desk.clock(), item_url=town_hall(1).url)
    desk.newsroom.save(town_hall(1), visit=visit)
    item = desk.newsroom.item_by_url(town_hall(1).url)
    assert item is not None
    look_at(desk, item.id)
    desk.publish()
    desk.clock.move(days=89)
    assert prune(desk.newsroom, days=90) == 0
    desk.clock.move(days=1)
    assert prune(desk.newsroom, days=90) == 1
    assert prune(desk.newsroom, days=90) == 0
    found = desk.newsroom.item(item.id)
    assert found is not None
    assert found.pruned_at == desk.clock()
    assert found.content_hash == item.content_hash
    assert (found.article.url, found.article.kind) == (item.article.url, item.article.kind)
    assert found.article.published is not None
    assert found.article.published.at == START.replace(hour=8)
    for path in desk.folder.glob("*.db*"):
        assert SECRET.encode() not in path.read_bytes(), path
        assert SECRET.lower().encode() not in path.read_bytes(), path
    desk.clock.move(days=1)
    assert desk.newsroom.save(town_hall(1), visit=visit) is Saved.SAME
    again = desk.newsroom.item(item.id)
    assert again is not None
    assert again.article.body is None
    assert again.last_seen == desk.clock()


def test_what_has_a_topic_or_is_published_anyway_stays(desk: Desk) -> None:
    tagged, untagged, changed = desk.save(town_hall(1), town_hall(2), town_hall(3))
    (public,) = desk.save(make_article(4))
    for item_id in (tagged, changed, public):
        look_at(desk, item_id, *(("ozg",) if item_id == tagged else ()))
    # Changed since the model looked at it: it may have a topic now.
    desk.save(town_hall(3, body="Ganz anderes"))
    desk.clock.move(days=400)
    assert prune(desk.newsroom, days=90) == 0
    look_at(desk, untagged)
    assert prune(desk.newsroom, days=90) == 1
    assert [item.id for item in desk.newsroom.items() if item.pruned_at] == [untagged]


def test_a_topic_that_the_vocabulary_lost_is_none(desk: Desk) -> None:
    (item_id,) = desk.save(town_hall(1))
    look_at(desk, item_id, "ki")
    desk.newsroom.set_topics([("ozg", "OZG", "Online-Dienste")])
    desk.clock.move(days=91)
    assert prune(desk.newsroom, days=90) == 1


def test_an_item_announced_for_later_counts_from_its_day(desk: Desk) -> None:
    later = town_hall(-24 * 30)
    assert later.published is not None
    (item_id,) = desk.save(later)
    look_at(desk, item_id)
    desk.clock.move(days=100)
    assert prune(desk.newsroom, days=90) == 0
    desk.clock.move(days=20)
    assert prune(desk.newsroom, days=90) == 1


def test_a_new_text_starts_anew_without_the_dropped_one(desk: Desk) -> None:
    (item_id,) = desk.save(town_hall(1))
    look_at(desk, item_id)
    desk.clock.move(days=91)
    prune(desk.newsroom, days=90)
    assert list(desk.newsroom.untagged("another model")) == []
    assert desk.newsroom.save(town_hall(1, body="Nun mit Online-Dienst.")) is Saved.CHANGED
    assert [item.id for item in desk.newsroom.untagged(MODEL)] == [item_id]
    assert prune(desk.newsroom, days=90) == 0
    look_at(desk, item_id, "ozg")
    desk.publish()
    item = desk.newsroom.item(item_id)
    assert item is not None
    assert item.pruned_at is None
    assert [version.article.body for version in desk.newsroom.versions(item_id)] == [
        "Nun mit Online-Dienst."
    ]
    assert rows(desk.archive, "versions") == []


def test_it_is_never_public_even_if_its_source_becomes_so(desk: Desk) -> None:
    (item_id,) = desk.save(town_hall(1))
    look_at(desk, item_id)
    desk.clock.move(days=91)
    prune(desk.newsroom, days=90)
    sources = [replace(status.source, relevance="all") for status in desk.newsroom.sources()]
    desk.newsroom.set_sources(sources)
    desk.save(town_hall(2))
    assert desk.publish().items == 1
    assert [row[1] for row in rows(desk.archive, "items")] == ["rathaus"]
    assert item_id not in [row[0] for row in rows(desk.archive, "items")]


def test_clusters_bear_a_member_without_text(desk: Desk) -> None:
    text = " ".join(f"Wort{n} und Satz{n}" for n in range(40))
    pruned, public = desk.save(town_hall(1, body=text), make_article(2, body=text))
    look_at(desk, pruned)
    look_at(desk, public)
    update_clusters(desk.newsroom)
    desk.clock.move(days=91)
    assert prune(desk.newsroom, days=90) == 1
    desk.save(make_article(2, body=text + " Ende"), make_article(3, "zeitung", body=text))
    update_clusters(desk.newsroom)
    assert desk.publish().items == 2
    assert [row[2] for row in rows(desk.archive, "clusters")] == [2]


def test_more_than_one_transaction(desk: Desk) -> None:
    count = 2 * BATCH + 50
    desk.newsroom.set_sources([make_source("rathaus", relevance="topic")])
    with desk.newsroom.batch():
        for item_id in desk.save(*(town_hall(number) for number in range(1, count + 1))):
            look_at(desk, item_id)
    desk.clock.move(days=91)
    assert prune(desk.newsroom, days=90) == count
    assert desk.newsroom.counts()["items"] == count
