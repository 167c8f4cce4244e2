"""The only door out: what reaches the public files, step by step, after kills, and never."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import store.publish
from store.archive import TABLES, columns
from store.duplicates import update_clusters
from store.erasure import erase
from store.grouping import join
from store.newsroom import Newsroom
from store.publish import Published, publish
from store.schema import DamagedError, StoreError, connect
from store.search import Query, Search
from store.tombstones import ErasedError
from store.types import DISPLAYS, Article, Link, RunResult, Saved
from store.views import VIEWS
from tests.store.desk import (
    TOPICS,
    Clock,
    Desk,
    index_content,
    make_article,
    make_source,
    public_content,
    rows,
    topics_of,
)

COLUMNS = columns("items")
RELEASE = " ".join(
    f"Die Verwaltung Nummer {number} stellt ihren Dienst im Quartal {number % 4} um."
    for number in range(12)
)


def item_row(desk: Desk, item_id: int) -> dict[str, Any] | None:
    connection = sqlite3.connect(desk.archive)
    connection.row_factory = sqlite3.Row
    row = connection.execute("SELECT * FROM items WHERE id = ?", (item_id,)).fetchone()
    connection.close()
    return dict(row) if row else None


def test_an_item_with_all_that_hangs_on_it(desk: Desk) -> None:
    article = make_article(
        kicker="Köln",
        links=(Link("https://x.example/", "Andere", "Dach", teaser="Mehr", genre="Bericht"),),
    )
    (item_id,) = desk.save(article)
    desk.tag(item_id, "ozg", states=["DE-NW"])
    assert desk.publish() == Published(
        items=1, written=1, unchanged=0, withdrawn=0, removed=0, rebuilt=False
    )
    row = item_row(desk, item_id)
    assert row is not None
    assert (row["title"], row["kicker"], row["body"]) == (article.title, "Köln", article.body)
    assert row["published_at"] == "2026-03-10T08:00:00+00:00"
    assert row["published"] == "2026-03-10T09:00:00+01:00"
    assert (row["is_primary"], row["cluster_id"], row["review"]) == (1, None, 0)
    assert rows(desk.archive, "item_topics") == [(item_id, "ozg", 0.9, "model-1", '["wort"]')]
    assert rows(desk.archive, "item_states") == [(item_id, "DE-NW", 0.8, "model-1", "[]")]
    assert rows(desk.archive, "item_links") == [
        (item_id, 0, "https://x.example/", "Andere", "Dach", None, "Bericht", "Mehr")
    ]
    source = {row[0]: row for row in rows(desk.archive, "sources")}["stadt_a"]
    assert source[-1] == 1


def test_publishing_again_changes_no_byte(desk: Desk) -> None:
    desk.save(make_article())
    desk.publish()
    before = [path.read_bytes() for path in (desk.archive, desk.search)]
    desk.clock.move(minutes=5)
    assert desk.publish().written == 0
    assert [path.read_bytes() for path in (desk.archive, desk.search)] == before


def test_every_table_and_column_is_described(desk: Desk) -> None:
    desk.publish()
    connection = sqlite3.connect(desk.archive)
    described = {
        (table, column): text
        for table, column, text in connection.execute("SELECT * FROM descriptions")
    }
    found = {
        (table, column)
        for (table,) in connection.execute(
            "SELECT name FROM sqlite_master WHERE sql LIKE 'CREATE %' AND type != 'index'"
        )
        for column in ["", *(row[1] for row in connection.execute(f"PRAGMA table_info({table})"))]
    }
    assert found == set(described)
    assert all(described.values())
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    assert {table for table, _ in found} == {*TABLES, *VIEWS}
    connection.close()


def test_a_correction_is_shown_with_before_and_after(desk: Desk) -> None:
    (item_id,) = desk.save(make_article(body="Am Montag.\nUm acht."))
    desk.clock.move(hours=3)
    desk.save(make_article(body="Am Dienstag.\nUm acht."))
    desk.publish()
    ((number_of, number, seen_at, changes),) = rows(desk.archive, "versions")
    assert (number_of, number, seen_at) == (item_id, 2, "2026-03-10T12:00:00+00:00")
    assert json.loads(changes) == [
        {"field": "body", "before": "Am Montag.", "after": "Am Dienstag."}
    ]


def test_a_withdrawn_item_says_so_and_keeps_its_headline(desk: Desk) -> None:
    (item_id,) = desk.save(make_article(body="Zurückgezogenes Zahlenwerk."))
    desk.save(make_article(body="Zurückgezogenes Zahlenwerk, berichtigt."))
    desk.tag(item_id, "ozg", states=["DE-NI"])
    desk.publish()
    assert [tag[-1] for tag in rows(desk.archive, "item_topics")] == ['["wort"]']
    desk.newsroom.withdraw("stadt_a", make_article().url, reason="HTTP 410")
    assert desk.publish().withdrawn == 1
    row = item_row(desk, item_id)
    assert row is not None
    assert (row["title"], row["teaser"], row["body"]) == ("Meldung 1", None, None)
    assert row["withdrawn_at"] == "2026-03-10T09:00:00+00:00"
    assert rows(desk.archive, "versions") == []
    for table in ("item_topics", "item_states"):
        assert [tag[-1] for tag in rows(desk.archive, table)] == ["[]"]
    assert b"Zahlenwerk" not in desk.archive.read_bytes()
    assert desk.titles("Meldung") == ["Meldung 1"]
    assert desk.titles("Zahlenwerk") == []
    desk.save(make_article(body="Zurückgezogenes Zahlenwerk."))
    assert desk.titles("Zahlenwerk") == ["Meldung 1"]


def test_a_town_halls_items_come_and_go_with_their_topic(desk: Desk) -> None:
    first, second = desk.save(make_article(1, "rathaus"), make_article(2, "rathaus"))
    desk.tag(first, "ozg")
    desk.tag(second, states=["DE-BY"])
    assert desk.publish().items == 1
    assert desk.titles() == ["Meldung 1"]
    desk.tag(first)
    desk.tag(second, "ki")
    published = desk.publish()
    assert (published.written, published.removed) == (1, 1)
    assert desk.titles() == ["Meldung 2"]
    assert item_row(desk, first) is None


def test_a_topic_that_leaves_the_vocabulary_takes_its_tags_along(desk: Desk) -> None:
    (item_id,) = desk.save(make_article(1, "rathaus"))
    desk.tag(item_id, "ki")
    desk.publish()
    desk.newsroom.set_topics([topic for topic in TOPICS if topic[0] != "ki"])
    assert desk.publish().removed == 1
    assert {row[0] for row in rows(desk.archive, "topics")} == {"ozg", "e-akte"}
    desk.newsroom.set_topics(TOPICS)
    assert desk.publish().written == 1


def test_sources_tell_how_they_are(desk: Desk) -> None:
    for hours in range(0, 24 * 7 * 6, 24 * 7):
        desk.save(make_article(hours + 24 * 70))
    newsroom = desk.newsroom
    newsroom.finish_run(newsroom.start_run("stadt_a"), RunResult("ok"))
    for _ in range(2):
        newsroom.finish_run(
            newsroom.start_run("zeitung"), RunResult("failed", "private detail", http_status=503)
        )
    newsroom.finish_run(newsroom.start_run("kurz"), RunResult("unchanged"))
    newsroom.set_sources(
        [status.source for status in newsroom.sources() if status.source.id != "verweis"]
    )
    desk.publish()
    told = {row[0]: (row[10], row[11]) for row in rows(desk.archive, "sources")}
    assert told == {
        "stadt_a": ("silent", "Seit 70 Tagen nichts Neues; üblich ist etwa alle 5 Werktage etwas."),
        "zeitung": ("failed", "Der letzte Abruf ist gescheitert (HTTP 503), 2-mal in Folge."),
        "kurz": ("ok", None),
        "verweis": (
            "retired",
            "Diese Quelle wird nicht mehr gelesen; ihre Einträge bleiben.",
        ),
        "rathaus": ("never", None),
    }
    assert b"private detail" not in desk.archive.read_bytes()


def test_reprints_stand_together_and_fall_apart(desk: Desk) -> None:
    town = make_article(5, body=RELEASE)
    paper = make_article(1, "zeitung", body=RELEASE.replace("Quartal 3", "Herbst"))
    other = make_article(2, "kurz", teaser=RELEASE, body=None)
    ids = desk.save(paper, other, town)
    assert update_clusters(desk.newsroom) == 1
    desk.publish()
    assert rows(desk.archive, "clusters") == [(ids[0], ids[2], 3)]
    hits = desk.find("Meldung").hits
    assert [(hit.item_id, hit.also_at) for hit in hits] == [(ids[2], 2)]
    assert set(hits[0].also_sources) == {"Quelle zeitung", "Quelle kurz"}
    desk.newsroom.withdraw("stadt_a", town.url, reason="HTTP 404")
    update_clusters(desk.newsroom)
    desk.publish()
    assert rows(desk.archive, "clusters") == [(ids[0], ids[1], 2)]
    desk.save(replace(paper, body="Ganz etwas anderes.", teaser=None))
    update_clusters(desk.newsroom)
    desk.publish()
    assert rows(desk.archive, "clusters") == []
    assert {row[COLUMNS.index("cluster_id")] for row in rows(desk.archive, "items")} == {None}
    assert {hit.item_id for hit in desk.find("Meldung").hits} == set(ids)


def test_a_cluster_counts_only_what_is_public(desk: Desk) -> None:
    ids = desk.save(
        make_article(1, "zeitung", body=RELEASE), make_article(2, "rathaus", body=RELEASE)
    )
    assert update_clusters(desk.newsroom) == 1
    desk.publish()
    assert rows(desk.archive, "clusters") == []
    desk.tag(ids[1], "ozg")
    desk.publish()
    assert rows(desk.archive, "clusters") == [(ids[0], ids[1], 2)]
    desk.tag(ids[1])
    desk.publish()
    assert rows(desk.archive, "clusters") == []
    assert [hit.also_at for hit in desk.find("").hits] == [0]


SECRET = [f"Schattenwort{letter}" for letter in "abcdefghijklmnopqrstuvwxyz"]


@pytest.mark.parametrize("source_id", ["zeitung", "kurz", "verweis", "rathaus"])
def test_private_text_never_reaches_the_public_file(desk: Desk, source_id: str) -> None:
    """Each word of the body's end, of the title where that is private, is looked for in bytes."""
    article = make_article(
        1,
        source_id,
        title="Titelgeheimnis",
        teaser=None,
        body=" ".join([*(f"Anfang{number}" for number in range(40)), *SECRET]),
    )
    ids = desk.save(article, make_article(2, source_id))
    desk.publish()
    desk.save(
        replace(article, body=(article.body or "") + " Nachsatz", title="Titelgeheimnis zwei")
    )
    desk.tag(ids[1], "ozg")
    update_clusters(desk.newsroom)
    desk.publish()
    desk.publish(rebuild=True)
    for path in desk.folder.glob("archive.db*"):
        content = path.read_bytes()
        for word in [*SECRET, "Nachsatz", "Anfang40"]:
            assert word.encode() not in content
        if source_id != "zeitung":
            assert b"Anfang0" not in content
        if source_id in ("verweis", "rathaus"):
            assert b"Titelgeheimnis" not in content


def test_hidden_text_is_found_by_word_and_never_by_phrase(desk: Desk) -> None:
    body = " ".join([*(f"Anfang{number}" for number in range(40)), *SECRET])
    desk.save(make_article(1, "zeitung", teaser=None, body=body))
    assert desk.titles("Schattenworta Schattenwortz") == ["Meldung 1"]
    assert desk.titles('"Schattenworta Schattenwortb"') == []
    assert desk.titles("Schattenworta-Schattenwortb") == []
    assert desk.titles("Schattenworta/Schattenwortb") == []
    assert desk.titles('"Anfang1 Anfang2"') == ["Meldung 1"]
    assert desk.find("Schattenworta").hits[0].teaser_html == (
        " ".join(f"Anfang{number}" for number in range(40)) + " …"
    )


def test_a_stricter_policy_leaves_no_trace(desk: Desk) -> None:
    desk.save(
        *(make_article(number, body=f"Offenes Wort {number}. {RELEASE}") for number in range(1, 80))
    )
    desk.publish()
    assert b"Offenes Wort" in desk.archive.read_bytes()
    sources = [status.source for status in desk.newsroom.sources()]
    desk.newsroom.set_sources(
        replace(source, display="headline") if source.id == "stadt_a" else source
        for source in sources
    )
    assert desk.publish().written == 79
    connection = sqlite3.connect(desk.archive)
    assert connection.execute("PRAGMA freelist_count").fetchone()[0] == 0
    connection.close()
    for path in desk.folder.glob("archive.db*"):
        assert b"Offenes Wort" not in path.read_bytes()
        assert b"Die Verwaltung Nummer" not in path.read_bytes()
    assert desk.titles("Verwaltung", limit=100) != []
    assert desk.titles('"Offenes Wort"') == []


def test_a_smaller_word_cap_is_applied_to_everything(desk: Desk) -> None:
    teaser = " ".join(f"Wort{number}" for number in range(30))
    desk.save(make_article(1, "zeitung", teaser=teaser), make_article(2, "zeitung"))
    desk.publish(teaser_words=25)
    assert b"Wort24" in desk.archive.read_bytes()
    assert desk.publish(teaser_words=3).written == 2
    assert b"Wort3" not in desk.archive.read_bytes()
    assert desk.publish(teaser_words=3).written == 0
    desk.publish(teaser_words=25)
    assert b"Wort24" in desk.archive.read_bytes()


def reserve(desk: Desk, article: Article, evidence: str | None) -> Saved:
    """Save the article again with what this fetch found of a reservation."""
    return desk.newsroom.save(replace(article, reservation=evidence))


def test_reserved_rights_leave_a_teaser_and_take_the_body_out_of_the_index(desk: Desk) -> None:
    body = "Offen " + " ".join(SECRET)
    article = make_article(1, teaser="Ein kurzer Vorspann.", body=body, image="https://a.example/i")
    (item_id, other) = desk.save(article, make_article(2))
    desk.save(replace(article, body=body + " Nachsatz"))
    desk.save(replace(article, body=body))
    assert desk.titles(SECRET[3]) == ["Meldung 1"]
    evidence = "header tdm-reservation: 1 at https://stadt_a.example/1"
    assert reserve(desk, article, evidence) is Saved.SAME
    assert desk.publish().written == 1
    row = item_row(desk, item_id)
    assert row is not None
    assert (row["teaser"], row["body"], row["image"]) == ("Ein kurzer Vorspann.", None, None)
    assert row["reserved"] == 1
    for path in (desk.archive, desk.search):
        content = path.read_bytes()
        connection = sqlite3.connect(path)
        assert connection.execute("PRAGMA freelist_count").fetchone()[0] == 0
        connection.close()
        for word in [*SECRET, "Nachsatz"]:
            for form in (word, word.lower(), word.lower()[::-1]):
                assert form.encode() not in content
    assert desk.titles(SECRET[3]) == []
    assert desk.titles("Vorspann") == ["Meldung 1", "Meldung 2"]
    assert item_row(desk, other) is not None
    whole = public_content(desk.archive), index_content(desk.search)
    desk.publish(rebuild=True)
    assert (public_content(desk.archive), index_content(desk.search)) == whole
    assert reserve(desk, article, None) is Saved.SAME
    assert desk.titles(SECRET[3]) == ["Meldung 1"]
    assert len(desk.newsroom.versions(item_id)) == 3


def test_a_paper_that_reserves_its_rights_is_found_by_what_is_shown(desk: Desk) -> None:
    teaser = " ".join(f"Anfang{number}" for number in range(10))
    article = make_article(1, "zeitung", teaser=teaser, body=" ".join(SECRET))
    desk.save(article)
    assert desk.titles(SECRET[0]) == ["Meldung 1"]
    reserve(desk, article, "meta tdm-reservation: 1 at https://zeitung.example/1")
    assert desk.titles(SECRET[0]) == []
    assert desk.titles("Anfang3") == ["Meldung 1"]
    assert SECRET[0].lower().encode() not in desk.search.read_bytes()


def test_what_is_told_beside_the_text_is_public_as_far_as_the_policy_goes(desk: Desk) -> None:
    told = {"image_credit": "Foto: Stadt A", "paywalled": True, "place": "Köln"}
    ids = desk.save(
        *(make_article(1, source, **told) for source in ("stadt_a", "zeitung", "verweis"))
    )
    desk.publish()
    found = [
        (row["image_credit"], row["paywalled"], row["place"])
        for row in (item_row(desk, item_id) for item_id in ids)
        if row is not None
    ]
    assert found == [("Foto: Stadt A", 1, "Köln"), (None, 1, "Köln"), (None, 1, None)]


def random_life(desk: Desk, seed: int, steps: int = 60) -> None:
    """Items arrive, change, are tagged, reprinted, withdrawn, hidden, grouped and erased; policies
    change; published now and then."""
    chance = random.Random(seed)
    source_ids = ["stadt_a", "zeitung", "kurz", "verweis", "rathaus"]
    known: list[Article] = []
    for step in range(steps):
        desk.clock.move(minutes=7)
        act = chance.random()
        if act < 0.45 or not known:
            # Many in one minute, so that the order inside a minute is put to the test.
            article = make_article(
                chance.randrange(3),
                chance.choice(source_ids),
                url=f"https://life.example/{step}",
                title=f"Stück {step} über Straßen",
                body=f"{RELEASE} Schluss {chance.randrange(4)}." if act < 0.2 else f"Text {step}.",
            )
            known.append(article)
            with suppress(ErasedError):  # of a text that was erased with another item
                desk.newsroom.save(article)
        elif act < 0.65:
            index = chance.randrange(len(known))
            known[index] = replace(
                known[index],
                title=f"Berichtigt {step}",
                published=make_article(chance.randrange(3)).published,
            )
            with suppress(ErasedError):
                desk.newsroom.save(known[index])
        elif act < 0.75:
            article = chance.choice(known)
            desk.newsroom.withdraw(article.source_id, article.url, reason="HTTP 410")
        elif act < 0.82:
            rule_anew(desk, chance)
        elif act < 0.92:
            for item in list(desk.newsroom.untagged("model-1"))[:10]:
                topics = chance.sample(["ozg", "ki", "e-akte"], chance.randrange(3))
                desk.newsroom.set_taggings(
                    [topics_of(item.id, item.content_hash, *topics, states=["DE-NW"])]
                )
        else:
            update_clusters(desk.newsroom)
            desk.publish()
    update_clusters(desk.newsroom)
    desk.publish()


def rule_anew(desk: Desk, chance: random.Random) -> None:
    """Another policy, or an editor's word on an item, or its end."""
    newsroom = desk.newsroom
    items = list(newsroom.items())
    if not items:
        return
    item, other = chance.choice(items), chance.choice(items)
    act = chance.randrange(4)
    if act == 0:
        changed = chance.choice([status.source for status in newsroom.sources()])
        newsroom.set_sources(
            replace(
                status.source,
                display=chance.choice(DISPLAYS),
                licence=chance.choice(["official", "press"]),
            )
            if status.source == changed
            else status.source
            for status in newsroom.sources()
        )
    elif act == 1:
        seen = newsroom.word(item.id, "hidden")
        newsroom.correct(item.id, "hidden", seen is not True, editor="anna", expected=seen)
    elif act == 2 and item != other:
        join(newsroom, item.id, other.id)
    elif act == 3 and len(items) > 5:
        erase(newsroom, item.id, reason="Antrag")


@pytest.mark.parametrize("seed", range(6))
def test_step_by_step_gives_the_same_files_as_at_once(
    desk: Desk, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store.publish, "BATCH", 5)
    random_life(desk, seed)
    grown = public_content(desk.archive), index_content(desk.search)
    at_once = desk.folder / "at_once.db", desk.folder / "at_once_search.db"
    publish(desk.newsroom, *at_once)
    assert public_content(at_once[0]) == grown[0]
    assert index_content(at_once[1]) == grown[1]
    assert desk.publish(rebuild=True).rebuilt is True
    assert public_content(desk.archive) == grown[0]
    assert index_content(desk.search) == grown[1]
    assert not list(desk.folder.glob("*.rebuild*"))
    for path in (desk.archive, desk.search):
        connection = sqlite3.connect(path)
        assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        connection.close()
    connection = sqlite3.connect(desk.search)
    connection.execute("INSERT INTO keys (keys) VALUES ('integrity-check')")
    connection.close()


def test_a_process_beside_writes_the_same_index(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    random_life(desk, 7)
    grown = public_content(desk.archive), index_content(desk.search)
    monkeypatch.setattr(store.publish, "HELPED", 0)
    monkeypatch.setattr(store.publish, "REBUILD_BATCH", 7)
    assert desk.publish(rebuild=True).rebuilt is True
    assert public_content(desk.archive) == grown[0]
    assert index_content(desk.search) == grown[1]
    assert not list(desk.folder.glob("*.rebuild*"))
    for path in desk.folder.glob("search.db*"):
        assert path.stat().st_mode & 0o077 == 0, path


def test_what_is_mostly_new_is_published_by_making_the_files_anew(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store.publish, "HELPED", 8)
    desk.save(*(make_article(number) for number in range(1, 5)))
    assert desk.publish().rebuilt is False, "there are few"
    desk.save(*(make_article(number) for number in range(5, 16)))
    assert desk.publish().rebuilt is True
    assert _items(desk) == 15
    desk.save(make_article(16))
    assert desk.publish().rebuilt is False, "most are public"
    assert _items(desk) == 16
    grown = public_content(desk.archive)
    assert desk.publish(rebuild=True).rebuilt is True
    assert public_content(desk.archive) == grown


def _items(desk: Desk) -> int:
    with Search(desk.search, desk.archive) as engine:
        return engine.run(Query()).total


def test_a_process_beside_that_is_killed_is_told_and_changes_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.save(*(make_article(number) for number in range(1, 30)))
    desk.publish()
    before = public_content(desk.archive), index_content(desk.search)
    desk.save(make_article(99))
    monkeypatch.setattr(store.publish, "HELPED", 0)
    monkeypatch.setattr(store.publish, "REBUILD_BATCH", 5)

    def kill(done: int, total: int) -> None:
        children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
        # Once: of a dead process no command line is left, and its pipe takes some batches more.
        for child in children:
            if b"index_process" in Path(f"/proc/{child}/cmdline").read_bytes():
                os.kill(int(child), signal.SIGKILL)

    with pytest.raises(StoreError, match=r"search\.db.* ended by signal 9.*again") as told:
        desk.publish(rebuild=True, progress=kill)
    assert "\n" not in str(told.value)
    assert (public_content(desk.archive), index_content(desk.search)) == before
    assert desk.publish(rebuild=True).items == 30
    assert not list(desk.folder.glob("*.rebuild*"))


@pytest.mark.parametrize("left", [0, 10, 4096, 40_000])
@pytest.mark.parametrize("name", ["archive", "search"])
def test_a_damaged_file_is_made_anew(desk: Desk, name: str, left: int) -> None:
    desk.save(*(make_article(number, body=f"Text {number} " * 40) for number in range(30)))
    desk.publish()
    path: Path = getattr(desk, name)
    whole = path.read_bytes()
    for part in path.parent.glob(f"{path.name}-*"):
        part.unlink()
    path.write_bytes(whole[:left] if left != 10 else b"kein Archiv")
    if left == 10:
        with pytest.raises(DamagedError, match=f"{path.name}.*`radar publish --rebuild`"):
            desk.publish()
    assert desk.publish(rebuild=True).items == 30
    assert desk.find("Text").total == 30
    assert sqlite3.connect(path).execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_what_a_process_beside_refuses_is_told(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.save(make_article())
    monkeypatch.setattr(store.publish, "HELPED", 0)
    with pytest.raises(StoreError, match=r"nowhere.*Check that the directory exists"):
        publish(desk.newsroom, desk.archive, desk.folder / "nowhere" / "s.db", rebuild=True)


def test_a_kill_at_any_moment_leaves_nothing_half_published(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store.publish, "BATCH", 4)
    chance = random.Random(1)
    articles = [make_article(number, body=f"{RELEASE} {number}") for number in range(60)]
    desk.save(*articles)
    update_clusters(desk.newsroom)
    began = time.monotonic()
    whole = desk.folder / "whole.db", desk.folder / "whole_search.db"
    publish(desk.newsroom, *whole)
    duration = time.monotonic() - began
    path, clock = desk.newsroom.path, desk.clock
    desk.newsroom.close()
    kills = 0
    for attempt in range(25):
        child = os.fork()
        if child == 0:  # pragma: no cover
            # Whatever happens here must not go on as a second pytest.
            code = 1
            try:
                with Newsroom(path, now=clock) as newsroom:
                    publish(newsroom, desk.archive, desk.search, rebuild=attempt % 5 == 4)
                code = 0
            finally:
                os._exit(code)
        time.sleep(chance.random() * duration * 0.6)
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        assert status in (0, signal.SIGKILL)
        kills += os.WIFSIGNALED(status)
        _assert_sound(desk.archive, desk.search)
        if attempt % 5 == 2:
            with Newsroom(path, now=clock) as newsroom:
                newsroom.save(replace(chance.choice(articles), title=f"Neu {attempt}"))
                update_clusters(newsroom)
    assert kills >= 5
    with Newsroom(path, now=clock) as newsroom:
        publish(newsroom, desk.archive, desk.search)
        for file in whole:
            file.unlink()
        publish(newsroom, *whole)
        desk.newsroom = newsroom
        assert public_content(desk.archive) == public_content(whole[0])
        assert index_content(desk.search) == index_content(whole[1])


def _assert_sound(archive: Path, search: Path) -> None:
    """Whole items only: each with its text, no row that refers to nothing, files intact."""
    for path in (archive, search):
        if not path.exists():
            continue
        connection = sqlite3.connect(path)
        assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
        if "documents" in tables:
            assert connection.execute(
                "SELECT (SELECT count(*) FROM documents) - (SELECT count(*) FROM texts)"
            ).fetchone() == (0,)
        if "clusters" in tables:
            assert connection.execute(
                "SELECT count(*) FROM clusters WHERE size <> "
                "(SELECT count(*) FROM items WHERE cluster_id = clusters.id)"
            ).fetchone() == (0,)
        connection.close()


@pytest.mark.parametrize("behind", ["archive", "search"])
def test_the_file_that_is_behind_catches_up(desk: Desk, behind: str) -> None:
    """A kill between the two commits leaves one file a batch older than the other."""
    desk.save(make_article(1))
    desk.publish()
    path: Path = getattr(desk, behind)
    older = path.read_bytes()
    desk.save(make_article(1, title="Meldung anders"), make_article(2), make_article(3, "rathaus"))
    desk.publish()
    whole = public_content(desk.archive), index_content(desk.search)
    path.write_bytes(older)
    desk.publish()
    assert public_content(desk.archive) == whole[0]
    assert index_content(desk.search) == whole[1]


def test_two_publishers_at_once_take_turns(desk: Desk) -> None:
    desk.save(*(make_article(number, body=f"{RELEASE} {number}") for number in range(30)))
    path, clock = desk.newsroom.path, desk.clock
    desk.newsroom.close()
    children = []
    for rebuild in (False, True, False, True):
        child = os.fork()
        if child == 0:  # pragma: no cover
            code = 1
            try:
                with Newsroom(path, now=clock) as newsroom:
                    publish(newsroom, desk.archive, desk.search, rebuild=rebuild)
                code = 0
            finally:
                os._exit(code)
        children.append(child)
    assert [os.waitpid(child, 0)[1] for child in children] == [0] * 4
    _assert_sound(desk.archive, desk.search)
    assert len(rows(desk.archive, "items")) == 30
    with Search(desk.search, desk.archive) as search:
        assert search.run(Query("Meldung")).total == 30


def test_a_directory_that_is_missing_is_named(desk: Desk) -> None:
    with pytest.raises(StoreError, match="nowhere"):
        publish(desk.newsroom, desk.folder / "nowhere" / "a.db", desk.search)


def test_a_reader_keeps_reading_while_the_files_are_made_anew(desk: Desk) -> None:
    desk.save(make_article())
    desk.publish()
    with Search(desk.search, desk.archive) as search:
        assert search.run(Query()).total == 1
        desk.save(make_article(2))
        desk.publish(rebuild=True)
        assert search.run(Query()).total == 2
        desk.save(make_article(3))
        desk.publish()
        assert [hit.title for hit in search.run(Query("Meldung")).hits] == [
            "Meldung 1",
            "Meldung 2",
            "Meldung 3",
        ]


def test_what_a_kill_left_beside_the_files_goes(desk: Desk) -> None:
    """A journal would be rolled back into the next file of that name."""
    desk.save(make_article())
    desk.publish()
    for path in (desk.archive, desk.search):
        for ending in ("", "-journal", "-wal", "-shm"):
            path.with_name(f"{path.name}.rebuild{ending}").write_bytes(b"left")
    desk.publish()
    assert not list(desk.folder.glob("*.rebuild*"))
    with Search(desk.search, desk.archive) as engine:
        assert engine.run(Query()).total == 1


def test_files_of_another_newsroom_are_made_anew(desk: Desk, tmp_path: Path) -> None:
    desk.save(*(make_article(number) for number in range(1, 6)))
    desk.publish()
    with Newsroom(tmp_path / "other.db", now=Clock()) as other:
        other.set_sources([make_source("neu")])
        other.save(make_article(9, "neu"))
        published = publish(other, desk.archive, desk.search)
    assert (published.items, published.rebuilt) == (1, True)
    assert [row[5] for row in rows(desk.archive, "items")] == ["Meldung 9"]


def test_an_index_of_an_older_shape_is_refused_and_made_anew(desk: Desk) -> None:
    desk.save(make_article())
    desk.publish()
    connection = sqlite3.connect(desk.search)
    connection.execute("PRAGMA user_version = 1")
    connection.close()
    with pytest.raises(StoreError, match=r"version 1.*radar publish"):
        Search(desk.search, desk.archive)
    assert desk.publish().rebuilt is True
    assert desk.titles("Meldung") == ["Meldung 1"]


def test_progress_reaches_its_end(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store.publish, "BATCH", 4)
    desk.save(*(make_article(number) for number in range(1, 11)))
    told: list[tuple[int, int]] = []
    desk.publish(progress=lambda done, total: told.append((done, total)))
    assert told == [(4, 10), (8, 10), (10, 10)]


@pytest.mark.parametrize("rebuild", [False, True])
def test_the_index_of_private_words_is_its_owners_alone(desk: Desk, *, rebuild: bool) -> None:
    desk.save(make_article(1))
    desk.publish(rebuild=rebuild)
    desk.publish(rebuild=rebuild)
    for path in desk.search.parent.glob(desk.search.name + "*"):
        assert path.stat().st_mode & 0o077 == 0, path


def test_a_reader_in_the_way_only_puts_off_the_wiping(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store.schema.BUSY_SECONDS", 0.1)
    desk.save(make_article(1))
    desk.publish()
    desk.newsroom.set_sources([make_source(display="headline")])
    reader = connect(desk.archive, read_only=True)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM items").fetchone()
    desk.publish()
    assert ("wipe", "1") in rows(desk.archive, "info")
    reader.close()
    desk.publish()
    assert ("wipe", "1") not in rows(desk.archive, "info")
    assert b"Vorspann der Meldung" not in desk.archive.read_bytes()
