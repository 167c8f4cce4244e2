"""The private store: versions, withdrawals, visits, runs, tags, and writers at the same time."""

from __future__ import annotations

import multiprocessing
import sqlite3
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlite_utils import Database

from store.connection import BusyError, transaction
from store.migrations import newsroom_migrations
from store.newsroom import Newsroom
from store.schema import StoreError, connect, migrate
from store.types import (
    Article,
    FetchState,
    Link,
    PublicationDate,
    RunResult,
    Saved,
    Tag,
    Tagging,
    Visit,
)
from tests.store.desk import MODEL, START, Clock, Desk, make_article, make_source, topics_of

#: Any sign that can be stored; those that JSON writes otherwise, and the null, more often.
TEXTS = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from('"\\\n\t\x00\x1f/ß'))

FULL = Article(
    source_id="stadt_a",
    url="https://stadt_a.example/voll",
    kind="video",
    title="Gespräch über Straßen",
    fetched_at=START,
    guid="g-1",
    kicker="Köln",
    teaser="Vorspann",
    section="Rubrik",
    body="Text",
    author="Redaktion",
    published=PublicationDate(START, True, "10.3.2026", "given"),
    date_source="json-ld",
    image="https://stadt_a.example/bild.jpg",
    duration_s=95,
    views=12,
    language="de",
    image_credit="Foto: Stadt A",
    paywalled=False,
    place="Köln",
    reservation="header tdm-reservation: 1 at https://stadt_a.example/voll",
    links=(
        Link("https://x.example/1", "Erster", "Dach", PublicationDate(START, False, "r"), "T", "g"),
        Link("https://x.example/2", "Zweiter"),
    ),
)


def everything(desk: Desk) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of newsroom.db."""
    connection = desk.newsroom.connection
    tables = [
        row["name"]
        for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    ]
    return {
        table: [tuple(row) for row in connection.execute(f"SELECT * FROM {table}")]
        for table in tables
    }


def test_an_article_comes_back_as_it_went_in(desk: Desk) -> None:
    assert desk.newsroom.save(FULL) is Saved.NEW
    item = desk.newsroom.item_by_url(FULL.url)
    assert item is not None
    assert item.article == FULL
    assert item.content_hash == FULL.content_hash()
    assert item.publisher_land == "DE-NW"
    assert item.first_seen == item.last_seen == item.changed_at == START
    assert item.withdrawn_at is None
    assert item.version == 1
    assert desk.newsroom.item(item.id) == item
    assert list(desk.newsroom.items()) == [item]
    assert desk.newsroom.item(99) is None
    assert desk.newsroom.item_by_url("https://nirgends.example/") is None


def test_the_same_content_writes_nothing_but_when_it_was_seen(desk: Desk) -> None:
    desk.save(make_article())
    before = everything(desk)
    desk.clock.move(hours=1)
    again = replace(make_article(), views=7, fetched_at=START + timedelta(hours=1), links=())
    assert desk.newsroom.save(again) is Saved.SAME
    after = everything(desk)
    seen = list(before["items"][0])
    columns = [row["name"] for row in desk.newsroom.connection.execute("PRAGMA table_info(items)")]
    seen[columns.index("last_seen")] = "2026-03-10T10:00:00+00:00"
    before["items"] = [tuple(seen)]
    assert after == before


@pytest.mark.parametrize(
    "told",
    [{"image_credit": "Foto: B"}, {"paywalled": True}, {"place": "Bonn"}, {"reservation": "meta"}],
)
def test_what_is_told_beside_the_content_is_no_version_but_a_change(
    desk: Desk, told: dict[str, Any]
) -> None:
    (item_id,) = desk.save(make_article())
    change = int(str(desk.newsroom.counts()["change"]))
    for article in (make_article(**told), make_article(**told), make_article()):
        assert article.content_hash() == make_article().content_hash()
        assert desk.newsroom.save(article) is Saved.SAME
        item = desk.newsroom.item(item_id)
        assert item is not None
        assert item.article == article
    assert desk.newsroom.counts()["change"] == change + 2
    assert len(desk.newsroom.versions(item_id)) == 1


def test_each_change_keeps_the_earlier_content(desk: Desk) -> None:
    first = make_article(links=(Link("https://x.example/1", "Alt"),))
    second = replace(first, body="Berichtigt.", links=(Link("https://x.example/2", "Neu"),))
    third = replace(second, title="Berichtigt", published=None)
    (item_id,) = desk.save(first)
    for change in (second, third):
        desk.clock.move(hours=1)
        assert desk.newsroom.save(change) is Saved.CHANGED
        assert desk.newsroom.save(change) is Saved.SAME
    versions = desk.newsroom.versions(item_id)
    assert [version.number for version in versions] == [1, 2, 3]
    assert [version.seen_at for version in versions] == [
        START + timedelta(hours=hours) for hours in range(3)
    ]
    assert versions[0].article == replace(first, links=())
    assert versions[1].article == replace(second, links=())
    assert versions[2].article == third
    assert [version.content_hash for version in versions] == [
        article.content_hash() for article in (first, second, third)
    ]
    item = desk.newsroom.item(item_id)
    assert item is not None
    assert (item.version, item.first_seen, item.changed_at) == (
        3,
        START,
        START + timedelta(hours=2),
    )


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(TEXTS, min_size=6, max_size=6), st.booleans() | st.none(), st.integers(0, 2**62))
def test_an_earlier_content_comes_back_sign_by_sign(
    desk: Desk, texts: list[str], paywalled: bool | None, views: int
) -> None:
    kicker, title, teaser, body, author, place = texts
    first = make_article(
        kicker=kicker, title=f"T{title}", teaser=teaser, body=body, author=author, place=place,
        paywalled=paywalled, views=views,
    )  # fmt: skip
    desk.newsroom.save(first)
    desk.newsroom.save(replace(first, body=f"Neu: {body}"))
    item = desk.newsroom.item_by_url(first.url)
    assert item is not None
    *_, before, now = desk.newsroom.versions(item.id)
    assert before.article == first
    assert before.content_hash == first.content_hash()
    assert now.article.body == f"Neu: {body}"


def test_going_back_to_an_earlier_content_is_a_change_too(desk: Desk) -> None:
    (item_id,) = desk.save(make_article())
    desk.newsroom.save(make_article(body="Anders."))
    assert desk.newsroom.save(make_article()) is Saved.CHANGED
    assert len(desk.newsroom.versions(item_id)) == 3


def test_a_withdrawn_item_keeps_its_text_and_may_come_back(desk: Desk) -> None:
    visit = Visit("https://stadt_a.example/liste?id=1", item_url=make_article().url)
    desk.newsroom.save(make_article(), visit=visit)
    desk.clock.move(days=1)
    assert desk.newsroom.withdraw("stadt_a", visit.url, reason="HTTP 410") is True
    assert desk.newsroom.withdraw("stadt_a", visit.url, reason="HTTP 410") is False
    assert desk.newsroom.withdraw("stadt_a", "https://stadt_a.example/nie", reason="x") is False
    item = desk.newsroom.item_by_url(make_article().url)
    assert item is not None
    assert (item.withdrawn_at, item.withdrawn_reason) == (desk.clock.at, "HTTP 410")
    assert item.article == make_article()
    assert desk.newsroom.visits("stadt_a")[visit.url].withdrawn is True
    assert desk.newsroom.counts()["withdrawn"] == 1
    assert desk.newsroom.save(make_article()) is Saved.CHANGED
    item = desk.newsroom.item_by_url(make_article().url)
    assert item is not None
    assert (item.withdrawn_at, item.version) == (None, 1)


def test_visits_are_remembered_by_the_address_in_the_list(desk: Desk) -> None:
    visit = Visit(
        url="https://stadt_a.example/kurz/1",
        entry_hash="e",
        visited_at=START,
        etag='"v1"',
        last_modified="Tue, 10 Mar 2026 09:00:00 GMT",
        item_url=make_article().url,
    )
    desk.newsroom.save(make_article(), visit=visit)
    desk.newsroom.set_visit("stadt_a", Visit("https://stadt_a.example/anderes"))
    assert desk.newsroom.visits("stadt_a") == {
        visit.url: visit,
        "https://stadt_a.example/anderes": Visit("https://stadt_a.example/anderes"),
    }
    assert desk.newsroom.visits("zeitung") == {}
    desk.clock.move(hours=2)
    desk.newsroom.touch("stadt_a", visit.url, visited=False)
    assert desk.newsroom.visits("stadt_a")[visit.url] == visit
    item = desk.newsroom.item_by_url(make_article().url)
    assert item is not None
    assert item.last_seen == desk.clock.at
    desk.newsroom.touch("stadt_a", visit.url, visited=True)
    assert desk.newsroom.visits("stadt_a")[visit.url].visited_at == desk.clock.at


def test_only_young_items_are_due_for_another_visit(desk: Desk) -> None:
    for number, hours in ((1, 1), (2, 2), (3, 100)):
        article = make_article(hours, url=f"https://stadt_a.example/{number}")
        visited = START - timedelta(hours=number)
        desk.newsroom.save(
            article, visit=Visit(article.url, visited_at=visited, item_url=article.url)
        )
    due = desk.newsroom.revisits(
        "stadt_a",
        published_after=START - timedelta(hours=48),
        visited_before=START - timedelta(hours=2),
    )
    assert [visit.url for visit, _ in due] == ["https://stadt_a.example/2"]
    assert due[0][1].article.title == "Meldung 2"


def test_two_sources_may_list_the_same_page(desk: Desk) -> None:
    one, other = make_article(), replace(make_article(), source_id="zeitung")
    desk.newsroom.save(one)
    desk.newsroom.save(other)
    found = desk.newsroom.item_by_url(one.url)
    assert found is not None
    assert found.article.source_id == "stadt_a"
    assert desk.newsroom.counts()["items"] == 2


@pytest.mark.parametrize(
    "article",
    [
        make_article(source_id="unbekannt"),
        make_article(title=""),
        make_article(kind="listing"),
        make_article(duration_s=-1),
    ],
)
def test_what_the_schema_refuses_names_source_and_address(desk: Desk, article: Article) -> None:
    with pytest.raises(StoreError, match=rf"{article.source_id}: {article.url} cannot be stored"):
        desk.newsroom.save(article, visit=Visit(article.url))
    assert desk.newsroom.counts()["items"] == 0
    assert desk.newsroom.visits(article.source_id) == {}


def test_a_batch_is_kept_whole_or_not_at_all(desk: Desk) -> None:
    class PowerCut(Exception):
        pass

    def interrupted() -> None:
        with desk.newsroom.batch():
            desk.newsroom.save(make_article())
            raise PowerCut

    with pytest.raises(PowerCut):
        interrupted()
    assert desk.newsroom.counts()["items"] == 0
    with desk.newsroom.batch():
        desk.newsroom.save(make_article())
        with pytest.raises(StoreError, match="cannot be stored"):
            desk.newsroom.save(make_article(2), visit=Visit("x", withdrawn=2))  # type: ignore[arg-type]
    assert desk.newsroom.counts()["items"] == 1


def test_many_at_once_are_saved_as_one_by_one(desk: Desk, tmp_path: Path) -> None:
    link = Link("https://x.example/1", "Erster")
    known = make_article(1)
    press = [
        make_article(2, links=(link,)), known, make_article(3), make_article(1, body="Neu."),
        make_article(4, links=(link, link)), make_article(3), make_article(4, body="Neu."),
    ]  # fmt: skip
    desk.save(known)
    saved = desk.newsroom.save_all(press)
    assert saved == [
        Saved.NEW, Saved.SAME, Saved.NEW, Saved.CHANGED, Saved.NEW, Saved.SAME, Saved.CHANGED,
    ]  # fmt: skip
    assert desk.newsroom.save_all([]) == []
    with Newsroom(tmp_path / "other.db", now=desk.clock) as other:
        other.set_sources([make_source()])
        other.save(known)
        assert [other.save(article) for article in press] == saved
        for one, many in zip(other.items(), desk.newsroom.items(), strict=True):
            assert replace(one, change_seq=0) == replace(many, change_seq=0)
            assert other.versions(one.id) == desk.newsroom.versions(many.id)
    assert [len(item.article.links) for item in desk.newsroom.items()] == [0, 1, 0, 0]


def test_the_one_of_many_that_is_refused_is_named(desk: Desk) -> None:
    press = [make_article(1), make_article(2), make_article(3, title=""), make_article(4)]
    with pytest.raises(StoreError, match=r"stadt_a.example/3 cannot be stored"):
        desk.newsroom.save_all(press)
    assert desk.newsroom.counts()["items"] == 0


def test_times_without_a_zone_are_refused(tmp_path: Path) -> None:
    naive = Clock(START.replace(tzinfo=None))
    with Newsroom(tmp_path / "n.db", now=naive) as newsroom:
        newsroom.set_sources([make_source()])
        with pytest.raises(ValueError, match="no time zone"):
            newsroom.start_run("stadt_a")


def test_runs_tell_how_a_source_is_doing(desk: Desk) -> None:
    newsroom = desk.newsroom
    newsroom.set_sources([make_source("neu", checked=None)])
    assert _status(desk, "neu").on_probation is True
    run_id = newsroom.start_run("neu")
    assert _status(desk, "neu").last_run == newsroom.runs()[0]
    assert newsroom.runs()[0].result is None
    desk.clock.move(minutes=1)
    result = RunResult("ok", http_status=200, entries=3, new=2, same=1)
    newsroom.finish_run(run_id, result)
    assert newsroom.runs("neu")[0].result == result
    with pytest.raises(StoreError, match=f"Run {run_id} is not under way"):
        newsroom.finish_run(run_id, result)
    success = desk.clock.at
    for status in ("failed", "postponed", "failed", "offline"):
        desk.clock.move(hours=1)
        newsroom.finish_run(newsroom.start_run("neu"), RunResult(status, "warum"))
    status = _status(desk, "neu")
    assert status.error_streak == 2
    assert status.last_success == success
    assert status.on_probation is False
    assert [run.result.status for run in newsroom.runs("neu", limit=2) if run.result] == [
        "offline",
        "failed",
    ]
    newsroom.finish_run(newsroom.start_run("neu"), RunResult("unchanged"))
    assert _status(desk, "neu").error_streak == 0


def _status(desk: Desk, source_id: str) -> Any:
    return {status.source.id: status for status in desk.newsroom.sources()}[source_id]


def test_a_source_that_left_the_catalogue_stays_with_its_items(desk: Desk) -> None:
    desk.save(make_article())
    desk.newsroom.set_sources([make_source("zeitung")])
    status = _status(desk, "stadt_a")
    assert (status.active, status.items, status.last_new_item) == (False, 1, START)
    assert _status(desk, "zeitung").active is True
    desk.newsroom.set_sources([make_source("zeitung"), make_source()])
    assert _status(desk, "stadt_a").active is True


@pytest.mark.parametrize("wrong", [{"land": "DE-XX"}, {"display": "all"}, {"kind": "html"}])
def test_a_source_outside_the_schema_is_named(desk: Desk, wrong: dict[str, str]) -> None:
    with pytest.raises(StoreError, match=r"falsch: .*catalogue"):
        desk.newsroom.set_sources([make_source("gut"), make_source("falsch", **wrong)])
    assert "gut" not in {status.source.id for status in desk.newsroom.sources()}


def test_fetch_states_and_listings_come_back(desk: Desk) -> None:
    assert desk.newsroom.fetch_state("stadt_a") == FetchState()
    state = FetchState('"e"', "Tue", "hash", START, START + timedelta(hours=1))
    desk.newsroom.set_fetch_state("stadt_a", state)
    assert desk.newsroom.fetch_state("stadt_a") == state
    assert _status(desk, "stadt_a").retry_after == state.retry_after
    desk.newsroom.save_listing("stadt_a", "https://stadt_a.example/feed", "Presse", None, 12)
    (listing,) = desk.newsroom.listings()
    assert (listing.title, listing.teaser, listing.entries) == ("Presse", None, 12)
    with pytest.raises(StoreError, match="unknown source"):
        desk.newsroom.set_fetch_state("unbekannt", state)


def test_items_stay_untagged_until_the_model_saw_their_present_content(desk: Desk) -> None:
    newsroom = desk.newsroom
    first, second = desk.save(make_article(1), make_article(2))
    assert [item.id for item in newsroom.untagged(MODEL)] == [first, second]
    desk.tag(first, "ozg", states=["DE-NW"])
    assert [item.id for item in newsroom.untagged(MODEL)] == [second]
    assert [item.id for item in newsroom.untagged("model-2")] == [first, second]
    assert [(tag.facet, tag.value) for tag in newsroom.tags(first)] == [
        ("topic", "ozg"),
        ("state", "DE-NW"),
    ]
    assert newsroom.counts()["topics"] == {"ozg": 1}
    newsroom.save(make_article(1, body="Neu."))
    assert [item.id for item in newsroom.untagged(MODEL)] == [first, second]
    newsroom.withdraw("stadt_a", make_article(2).url, reason="HTTP 404")
    assert [item.id for item in newsroom.untagged(MODEL)] == [first]


def test_tagging_while_reading_untagged_items_sees_each_once(desk: Desk) -> None:
    desk.save(*(make_article(number) for number in range(1, 451)))
    seen = []
    for item in desk.newsroom.untagged(MODEL):
        seen.append(item.id)
        desk.newsroom.set_taggings([topics_of(item.id, item.content_hash, "ozg")])
    assert seen == list(range(1, 451))
    assert list(desk.newsroom.untagged(MODEL)) == []


def test_an_answer_for_an_outdated_content_is_dropped(desk: Desk) -> None:
    (item_id,) = desk.save(make_article())
    desk.newsroom.set_taggings([topics_of(item_id, "another hash", "ozg")])
    assert desk.newsroom.tags(item_id) == []
    assert len(list(desk.newsroom.untagged(MODEL))) == 1


def test_the_same_answer_again_is_no_change(desk: Desk) -> None:
    (item_id,) = desk.save(make_article())
    desk.tag(item_id, "ozg")
    change = desk.newsroom.counts()["change"]
    desk.tag(item_id, "ozg")
    assert desk.newsroom.counts()["change"] == change
    desk.tag(item_id, "ki")
    assert desk.newsroom.counts()["change"] == int(str(change)) + 1


def test_candidates_are_kept_apart_from_tags(desk: Desk) -> None:
    (item_id,) = desk.save(make_article())
    item = desk.newsroom.item(item_id)
    assert item is not None
    tag, near = Tag("topic", "ozg", 0.6, MODEL, ("a", "b")), Tag("topic", "ki", 0.4, MODEL)
    desk.newsroom.set_taggings(
        [Tagging(item_id, item.content_hash, MODEL, (tag,), (tag, near), review=True)]
    )
    assert desk.newsroom.tags(item_id) == [tag]
    assert desk.newsroom.tags(item_id, candidates=True) == [near]
    assert desk.newsroom.needs_review(item_id) is True


#: What the first shape kept of a version besides the columns that are never empty.
VERSION_1_COLUMNS = (
    "guid", "kicker", "teaser", "section", "body", "author", "published_at", "published_raw",
    "published_zone", "day_only", "date_source", "image", "duration_s", "views", "language",
)  # fmt: skip
MIGRATIONS = [migration.name for migration in newsroom_migrations._migrations]


def test_steps_are_taken_in_the_order_of_their_numbers() -> None:
    assert sorted(MIGRATIONS) == MIGRATIONS
    assert [name[:4] for name in MIGRATIONS] == [f"m{n:03}" for n in range(1, len(MIGRATIONS) + 1)]


@pytest.mark.parametrize("stop_before", MIGRATIONS[1:])
def test_every_earlier_shape_with_data_is_brought_up(tmp_path: Path, stop_before: str) -> None:
    path = tmp_path / "n.db"
    connection = connect(path)
    migrate(connection, newsroom_migrations, stop_before=stop_before)
    connection.execute(
        "INSERT INTO sources (id, name, publisher, homepage, kind, url, licence, display, "
        "relevance, schedule, reference, land, follow, min_items, active) VALUES ('alt', 'n', 'p', "
        "'h', 'feed', 'u', 'official', 'full', 'all', 'adaptive', 'r', 'DE-NW', 1, 1, 1)"
    )
    if MIGRATIONS.index(stop_before) > MIGRATIONS.index("m002_items"):
        connection.execute(
            "INSERT INTO items (source_id, url, kind, title, content_hash, version, fetched_at, "
            "first_seen, last_seen, changed_at, change_seq) VALUES ('alt', 'https://a.example/', "
            "'article', 'Titel', 'h', 1, ?, ?, ?, ?, 1)",
            ["2026-01-01T00:00:00+00:00"] * 4,
        )
        connection.execute("UPDATE counters SET value = 1 WHERE name = 'change'")
        connection.execute(
            "INSERT INTO versions VALUES (1, 1, ?1, 'h', json_object('source_id', 'alt', 'url', "
            "'https://a.example/', 'kind', 'article', 'title', 'Alt', 'fetched_at', ?1, "
            + ", ".join(f"'{name}', NULL" for name in VERSION_1_COLUMNS)
            + "))",
            ["2026-01-01T00:00:00+00:00"],
        )
    connection.close()
    with Newsroom(path, now=Clock()) as newsroom:
        for item in newsroom.items():
            titles = [version.article.title for version in newsroom.versions(item.id)]
            assert titles == ["Alt", "Titel"]
            assert item.article.reservation is None
        assert not newsroom_migrations.pending(Database(newsroom.connection))
        assert [status.source.id for status in newsroom.sources()] == ["alt"]
        assert newsroom.save(make_article(source_id="alt")) is Saved.NEW
        assert newsroom.connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"


def test_a_file_from_before_a_kind_of_source_takes_it(tmp_path: Path) -> None:
    path = tmp_path / "n.db"
    connection = connect(path)
    migrate(connection, newsroom_migrations, stop_before="m009_kinds_of_source")
    connection.execute("PRAGMA writable_schema = ON")
    connection.execute(
        "UPDATE sqlite_schema SET sql = replace(sql, ?, '') WHERE name = 'sources'", [", 'mail'"]
    )
    connection.close()
    connection = connect(path)
    told = connection.execute("SELECT sql FROM sqlite_schema WHERE name = 'sources'").fetchone()[0]
    assert "'mail'" not in told
    connection.close()
    with Newsroom(path, now=Clock()) as newsroom:
        newsroom.set_sources([make_source(), make_source("post", kind="mail")])
        assert newsroom.save(make_article(source_id="post")) is Saved.NEW
        with pytest.raises(StoreError, match="falsch"):
            newsroom.set_sources([make_source("falsch", kind="fax")])
        assert newsroom.connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        assert newsroom.connection.execute("PRAGMA foreign_key_check").fetchall() == []


def test_every_table_is_strict(desk: Desk) -> None:
    loose = desk.newsroom.connection.execute(
        "SELECT name FROM pragma_table_list WHERE type = 'table' AND NOT strict "
        "AND name NOT LIKE 'sqlite_%' AND name <> '_sqlite_migrations'"
    ).fetchall()
    assert [tuple(row) for row in loose] == []
    with pytest.raises(sqlite3.IntegrityError):
        desk.newsroom.connection.execute("UPDATE counters SET value = 'x'")


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    path = tmp_path / "n.db"
    path.write_text("no database at all, only a text file of some length" * 50)
    with pytest.raises(StoreError, match=r"n\.db"):
        Newsroom(path, now=Clock())
    with pytest.raises(StoreError, match="nowhere"):
        Newsroom(tmp_path / "nowhere" / "n.db", now=Clock())


def _write(path: Path, writer: int, count: int, failures: Any) -> None:
    """One of several processes that save, tag and read at the same time."""
    try:
        with Newsroom(path, now=Clock()) as newsroom:
            for number in range(count):
                newsroom.save(make_article(number + 1, f"q{writer}"))
                newsroom.set_taggings(
                    topics_of(item.id, item.content_hash, "ozg")
                    for item in list(newsroom.untagged(MODEL))[:1]
                )
                newsroom.counts()
    except (sqlite3.Error, StoreError) as error:
        failures.put(f"{writer}: {error}")


def test_writers_at_the_same_time_wait_for_each_other(tmp_path: Path) -> None:
    path, writers, count = tmp_path / "n.db", 4, 40
    context = multiprocessing.get_context("fork")
    failures = context.Queue()
    with Newsroom(path, now=Clock()) as newsroom:
        newsroom.set_sources([make_source(f"q{writer}") for writer in range(writers)])
    processes = [
        context.Process(target=_write, args=(path, writer, count, failures))
        for writer in range(writers)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0] * writers
    assert failures.empty()
    with Newsroom(path, now=Clock()) as newsroom:
        assert newsroom.counts()["items"] == writers * count
        seqs = [item.change_seq for item in newsroom.items()]
        assert len(set(seqs)) == len(seqs)


def _open(path: Path, failures: Any) -> None:
    try:
        Newsroom(path, now=Clock()).close()
    except (sqlite3.Error, StoreError) as error:
        failures.put(str(error))


def test_two_processes_may_make_the_file_at_once(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    failures = context.Queue()
    processes = [
        context.Process(target=_open, args=(tmp_path / "n.db", failures)) for _ in range(6)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert failures.empty()
    assert [process.exitcode for process in processes] == [0] * 6


def test_writer_that_never_lets_go_is_told_in_one_line(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store.schema.BUSY_SECONDS", 0.1)
    path = desk.newsroom.path
    with Newsroom(path, now=Clock()) as late:
        with transaction(desk.newsroom.connection), pytest.raises(BusyError) as told:
            late.take_lease("a", "b", 60)
        assert str(told.value).startswith(f"{path}: another program has been writing")
        assert late.take_lease("a", "b", 60)
