"""Editors' corrections: they win over the model, never overwrite each other, and are kept."""

from __future__ import annotations

import sqlite3
from dataclasses import replace

import pytest

from store.corrections import StaleError
from store.duplicates import update_clusters
from store.retention import prune
from store.schema import StoreError
from store.types import EDITOR, Article, PublicationDate, Saved, Tag, Tagging, Word
from tests.store.desk import MODEL, START, Desk, make_article, public_content, rows

DAY = PublicationDate(START, True, "10. März 2026")


def labels(desk: Desk, item_id: int) -> list[tuple[str, str]]:
    return [(tag.value, tag.model_id) for tag in desk.newsroom.tags(item_id)]


def test_an_editors_word_wins_over_every_later_answer(desk: Desk) -> None:
    (item_id,) = desk.save(make_article())
    desk.tag(item_id, "ozg", states=["DE-NW"])
    made = desk.newsroom.correct(
        item_id, "topic", ["ki", "e-akte"], editor="anna", expected=["ozg"], note="Aktenzeichen"
    )
    assert (made.before, made.after, made.at) == (("ozg",), ("e-akte", "ki"), START)
    wanted = [("e-akte", EDITOR), ("ki", EDITOR), ("DE-NW", MODEL)]
    assert labels(desk, item_id) == wanted
    desk.tag(item_id, "ozg", states=["DE-NW"])
    assert labels(desk, item_id) == wanted
    assert desk.newsroom.tags(item_id)[0] == Tag("topic", "e-akte", 1.0, EDITOR)
    assert desk.newsroom.counts()["topics"] == {"e-akte": 1, "ki": 1}
    desk.publish()
    shown = {row[1]: row[2:4] for row in rows(desk.archive, "item_topics")}
    assert shown == {"e-akte": (1.0, EDITOR), "ki": (1.0, EDITOR)}
    assert desk.find(topics=("ki",)).total == 1
    assert list(desk.newsroom.corrections()) == [made]
    assert list(desk.newsroom.corrections(item_id)) == [made]
    assert list(desk.newsroom.corrections(99)) == []


def test_a_confirmed_answer_needs_no_review(desk: Desk) -> None:
    (item_id,) = desk.save(make_article())
    item = desk.newsroom.item(item_id)
    assert item is not None
    near = Tag("topic", "ki", 0.4, MODEL)
    tag = Tag("topic", "ozg", 0.6, MODEL)

    desk.newsroom.set_taggings(
        [Tagging(item_id, item.content_hash, MODEL, (tag,), (near,), review=True)]
    )
    assert desk.newsroom.needs_review(item_id)
    made = desk.newsroom.correct(item_id, "topic", ["ozg"], editor="anna", expected=("ozg",))
    assert made.before == made.after == ("ozg",)
    assert not desk.newsroom.needs_review(item_id)
    assert desk.newsroom.tags(item_id, candidates=True) == []
    desk.newsroom.undo_correction(made.id, editor="anna")
    assert desk.newsroom.needs_review(item_id)
    assert desk.newsroom.tags(item_id) == [tag]
    assert desk.newsroom.tags(item_id, candidates=True) == [near]


def test_two_editors_do_not_overwrite_each_other(desk: Desk) -> None:
    (item_id,) = desk.save(make_article())
    desk.tag(item_id, "ozg")
    desk.newsroom.correct(item_id, "topic", ["ki"], editor="anna", expected=["ozg"])
    with pytest.raises(StaleError, match=f"Item {item_id}: topic is ki by now"):
        desk.newsroom.correct(item_id, "topic", ["e-akte"], editor="bert", expected=["ozg"])
    assert [made.editor for made in desk.newsroom.corrections()] == ["anna"]
    assert desk.newsroom.word(item_id, "topic") == ("ki",)
    desk.newsroom.correct(item_id, "state", ["DE-NW"], editor="bert", expected=[])
    assert desk.newsroom.decisions() == {item_id: {"topic": ("ki",), "state": ("DE-NW",)}}


def test_each_correction_can_be_taken_back_in_turn(desk: Desk) -> None:
    newsroom = desk.newsroom
    (item_id,) = desk.save(make_article())
    desk.tag(item_id, "ozg")
    first = newsroom.correct(item_id, "topic", ["ki"], editor="anna", expected=["ozg"])
    second = newsroom.correct(item_id, "topic", [], editor="bert", expected=["ki"])
    assert newsroom.tags(item_id) == []
    with pytest.raises(StaleError, match="not the last one"):
        newsroom.undo_correction(first.id, editor="anna")
    undone = newsroom.undo_correction(second.id, editor="bert", note="doch")
    assert (undone.undoes, undone.before, undone.after, undone.in_force) == (
        second.id, (), ("ki",), True,
    )  # fmt: skip
    assert newsroom.word(item_id, "topic") == ("ki",)
    with pytest.raises(StaleError):
        newsroom.undo_correction(second.id, editor="bert")
    last = newsroom.undo_correction(first.id, editor="anna")
    assert (last.after, last.in_force) == (("ozg",), False)
    assert labels(desk, item_id) == [("ozg", MODEL)]
    assert newsroom.decisions() == {}
    assert len(list(newsroom.corrections())) == 4
    with pytest.raises(StaleError):
        newsroom.undo_correction(last.id, editor="anna")
    with pytest.raises(StoreError, match="Correction 99 is not"):
        newsroom.undo_correction(99, editor="anna")


def test_the_record_is_never_changed(desk: Desk) -> None:
    (item_id,) = desk.save(make_article())
    desk.newsroom.correct(item_id, "hidden", True, editor="anna", expected=None)
    with pytest.raises(sqlite3.IntegrityError, match="never changed"):
        desk.newsroom.connection.execute("UPDATE corrections SET editor = 'bert'")


def test_kind_and_date_are_put_right_at_publishing_and_nowhere_else(desk: Desk) -> None:
    article = make_article(published=None)
    (item_id,) = desk.save(article)
    newsroom = desk.newsroom
    newsroom.correct(item_id, "kind", "interview", editor="anna", expected="press_release")
    made = newsroom.correct(item_id, "published", DAY, editor="anna", expected=None)
    assert (made.before, made.after) == (None, DAY)
    desk.publish()
    (row,) = [dict(row) for row in _public(desk)]
    assert (row["kind"], row["published"], row["date_source"]) == (
        "interview", "2026-03-10", EDITOR,
    )  # fmt: skip
    assert desk.find(kinds=("interview",)).total == 1
    item = newsroom.item(item_id)
    assert item is not None
    assert item.article == article
    # The source's own text may change below it; the word stands.
    assert newsroom.save(replace(article, body="Neu.")) is Saved.CHANGED
    desk.publish()
    assert [dict(row)["kind"] for row in _public(desk)] == ["interview"]
    unknown = newsroom.correct(item_id, "published", None, editor="anna", expected=DAY)
    assert unknown.after is None
    desk.publish()
    assert [dict(row)["published_at"] for row in _public(desk)] == [None]
    newsroom.undo_correction(unknown.id, editor="anna")
    assert newsroom.word(item_id, "published") == DAY


def _public(desk: Desk) -> list[sqlite3.Row]:
    connection = sqlite3.connect(desk.archive)
    connection.row_factory = sqlite3.Row
    found = connection.execute("SELECT * FROM items ORDER BY id").fetchall()
    connection.close()
    return found


def test_a_hidden_item_leaves_no_trace_and_a_yes_brings_one_out(desk: Desk) -> None:
    hidden, plain, everyday = desk.save(
        make_article(1, body="Ein Schachtelhalmwort."), make_article(2), make_article(3, "rathaus")
    )
    desk.tag(everyday)
    assert set(desk.titles()) == {"Meldung 1", "Meldung 2"}
    made = desk.newsroom.correct(hidden, "hidden", True, editor="anna", expected=None)
    yes = desk.newsroom.correct(everyday, "hidden", False, editor="anna", expected=None)
    assert set(desk.titles()) == {"Meldung 2", "Meldung 3"}
    for path in (desk.archive, desk.search):
        content = path.read_bytes()
        assert b"Schachtelhalmwort" not in content
        assert b"trowmlahlethcahcs" not in content
    grown = public_content(desk.archive)
    desk.publish(rebuild=True)
    assert public_content(desk.archive) == grown
    desk.newsroom.undo_correction(made.id, editor="anna")
    desk.newsroom.undo_correction(yes.id, editor="anna")
    assert set(desk.titles()) == {"Meldung 1", "Meldung 2"}
    assert plain != hidden


def test_a_hidden_item_is_no_longer_counted_in_its_cluster(desk: Desk) -> None:
    text = " ".join(f"Der Rat der Stadt A beschliesst Punkt {n} der Ordnung." for n in range(30))
    ids = desk.save(make_article(1, body=text), make_article(2, "zeitung", body=text))
    update_clusters(desk.newsroom)
    desk.publish()
    assert len(rows(desk.archive, "clusters")) == 1
    desk.newsroom.correct(ids[0], "hidden", True, editor="anna", expected=None)
    desk.publish()
    assert rows(desk.archive, "clusters") == []


@pytest.mark.parametrize(
    ("facet", "value", "told"),
    [
        ("topic", ["strassenbau"], "strassenbau: no topic"),
        ("state", ["DE-XX"], "DE-XX: no state"),
        ("kind", "listing", "listing: no kind"),
        ("title", "Neu", "title: editors cannot change that"),
    ],
)
def test_what_is_not_known_is_refused(desk: Desk, facet: str, value: Word, told: str) -> None:
    (item_id,) = desk.save(make_article())
    with pytest.raises(StoreError, match=told):
        desk.newsroom.correct(item_id, facet, value, editor="anna", expected=value)
    with pytest.raises(StoreError, match="Item 99 is not"):
        desk.newsroom.correct(99, "hidden", True, editor="anna", expected=None)
    assert list(desk.newsroom.corrections()) == []


def test_what_an_editor_decided_is_not_pruned(desk: Desk) -> None:
    kept, dropped = desk.save(make_article(1, "rathaus"), make_article(2, "rathaus"))
    for item_id in (kept, dropped):
        desk.tag(item_id)
    desk.newsroom.correct(kept, "topic", [], editor="anna", expected=[])
    desk.clock.move(days=91)
    assert prune(desk.newsroom, days=90) == 1
    items: list[Article] = [item.article for item in desk.newsroom.items()]
    assert [item.body is None for item in items] == [False, True]


def test_topics_that_leave_the_vocabulary_leave_an_editors_word_too(desk: Desk) -> None:
    (item_id,) = desk.save(make_article(1, "rathaus"))
    desk.newsroom.correct(item_id, "topic", ["ki"], editor="anna", expected=[])
    assert desk.publish().items == 1
    topics = desk.newsroom.topics()
    desk.newsroom.set_topics([topic for topic in topics if topic[0] != "ki"])
    assert desk.publish().removed == 1
    desk.newsroom.set_topics(topics)
    assert desk.publish().written == 1
