"""Erasing: no byte of the text in any of three files, no way back, and nothing else touched."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import sqlite3
import time
from dataclasses import asdict, replace
from datetime import timedelta
from pathlib import Path

import pytest

from store.alerts import Trouble
from store.duplicates import update_clusters
from store.erasure import erase, erased_before, replay, unfinished
from store.erasure_log import Entry, log_beside, read_log
from store.migrations import newsroom_migrations
from store.newsroom import Newsroom
from store.publish import publish
from store.schema import StoreError, connect, migrate
from store.search import Query, Search
from store.tombstones import ErasedError
from store.types import Link, RunResult, Saved, Visit
from tests.store.desk import Clock, Desk, index_content, make_article, public_content

#: Words that occur in no other text.
SECRET = "Quastenflossersee"
OLD_SECRET = "Zwiebelturmkapelle"
LINK_SECRET = "Murmeltierkolonie"
URL = "https://stadt_a.example/knut-mustermann"

RELEASE = " ".join(f"Der Rat der Stadt A beschliesst Punkt {n} der Ordnung." for n in range(30))


def held(folder: Path, *words: str) -> dict[str, list[str]]:
    """The words found in any byte of any file of the three databases, logs included.

    The index keeps words in small letters, and backwards too.
    """
    found: dict[str, list[str]] = {}
    for path in sorted(folder.iterdir()):
        if ".db" not in path.name:
            continue
        content = path.read_bytes()
        for word in words:
            forms = (word, word.lower(), word.lower()[::-1])
            if any(form.encode() in content for form in forms):
                found.setdefault(word, []).append(path.name)
    return found


def fill(desk: Desk) -> int:
    """Items around one that will be erased, published; its number."""
    desk.save(*(make_article(number) for number in range(10, 60)))
    body = f"{SECRET} und mehr.\n{RELEASE}"
    first = make_article(url=URL, title=f"Titel {SECRET}", body=f"{OLD_SECRET}.\n{body}")
    visit = Visit("https://stadt_a.example/rss/7", "h", desk.clock(), item_url=URL)
    run = desk.newsroom.start_run("stadt_a")
    desk.newsroom.save(first, visit=visit, run_id=run)
    desk.newsroom.finish_run(run, RunResult("failed", f"{URL}: HTTP 500"))
    desk.publish()
    desk.clock.move(hours=1)
    assert desk.newsroom.save(replace(first, body=body), visit=visit) is Saved.CHANGED
    item = desk.newsroom.item_by_url(URL)
    assert item is not None
    links = (Link(URL, f"Verweis {LINK_SECRET}"), Link("https://stadt_a.example/3", "Anderes"))
    desk.save(
        make_article(3, links=links),
        make_article(4, "zeitung", title="Nachdruck", body=RELEASE),
        make_article(5, "kurz", title="Nachdruck", body=RELEASE + " Ende."),
    )
    desk.tag(item.id, "ozg", states=["DE-NW"])
    update_clusters(desk.newsroom)
    desk.publish()
    return item.id


def copies(desk: Desk) -> tuple[int, int]:
    """The numbers of the two reprints."""
    found = [
        desk.newsroom.item_by_url(url)
        for url in ("https://zeitung.example/4", "https://kurz.example/5")
    ]
    first, second = (item.id for item in found if item is not None)
    return first, second


def test_no_byte_is_left_in_any_file(desk: Desk) -> None:
    item_id = fill(desk)
    words = (SECRET, OLD_SECRET, LINK_SECRET, URL)
    before = held(desk.folder, *words)
    assert {"newsroom.db", "archive.db", "search.db"} <= {
        name.removesuffix("-wal") for name in before[SECRET]
    }
    assert set(before) == set(words)
    erased = erase(desk.newsroom, item_id, reason="Antrag nach Art. 17 DSGVO")
    assert erased.items == (item_id,)
    assert erased.traces == 1
    assert unfinished(desk.newsroom) == 1
    assert desk.publish().removed == 1
    assert unfinished(desk.newsroom) == 0
    # While everything is still open, and again when SQLite has tidied up.
    assert held(desk.folder, *words) == {}
    log = log_beside(desk.newsroom.path).read_text(encoding="utf-8")
    assert not any(word in log for word in words)
    desk.newsroom.close()
    assert held(desk.folder, *words) == {}


def test_what_others_left_in_free_pages_goes_too(desk: Desk) -> None:
    """Whoever deletes with another program overwrites nothing."""
    item_id = fill(desk)
    residue = "Zwergtaucherteich"
    for path in (desk.newsroom.path, desk.archive, desk.search):
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("PRAGMA secure_delete = OFF")
        other.execute("CREATE TABLE scratch (text TEXT)")
        other.execute("INSERT INTO scratch VALUES (?)", (f"{residue} " * 1000,))
        other.execute("DROP TABLE scratch")
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        other.close()
    assert set(held(desk.folder, residue)[residue]) == {"newsroom.db", "archive.db", "search.db"}
    erase(desk.newsroom, item_id, reason="Antrag")
    desk.publish()
    assert held(desk.folder, residue, SECRET) == {}


def test_what_depended_on_it_is_put_right(desk: Desk) -> None:
    item_id = fill(desk)
    ids = copies(desk)
    assert {item.id for item in desk.newsroom.cluster_members(item_id)} == {item_id, *ids}
    erased = erase(desk.newsroom, item_id, reason="Antrag")
    assert erased.similar == ids
    assert {item.id for item in desk.newsroom.cluster_members(ids[0])} == set(ids)
    desk.publish()
    content = public_content(desk.archive)
    assert [row[0] for row in content["clusters"]] == [ids[0]]
    bearer = desk.newsroom.item_by_url("https://stadt_a.example/3")
    assert bearer is not None
    assert [link.title for link in bearer.article.links] == ["Anderes"]
    for path in (desk.newsroom.path, desk.archive, desk.search):
        connection = sqlite3.connect(path)
        assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        connection.close()
    with Search(desk.search, desk.archive) as search:
        assert search.run(Query(SECRET)).total == 0
        assert search.run(Query("Meldung")).total >= 50
    # The public files are those that a newsroom without the item would have given.
    index = index_content(desk.search)
    desk.publish(rebuild=True)
    assert public_content(desk.archive) == content
    assert index_content(desk.search) == index


def test_it_does_not_come_back(desk: Desk) -> None:
    item_id = fill(desk)
    item = desk.newsroom.item(item_id)
    assert item is not None
    article = item.article
    erase(desk.newsroom, [URL], reason="Antrag")
    listed = Visit("https://stadt_a.example/rss/7", item_url="https://stadt_a.example/8")
    for again, visit in (
        (article, None),
        (replace(article, body="Ganz neuer Text"), None),
        (replace(article, url="https://stadt_a.example/neue-adresse"), None),
        (replace(article, source_id="zeitung", url="https://zeitung.example/kopie"), None),
        (make_article(8), listed),
    ):
        with pytest.raises(ErasedError, match="was erased"):
            desk.newsroom.save(again, visit=visit)
    linking = make_article(70, links=(Link(URL, "Wieder da"), Link("https://b.example/", "B")))
    assert desk.newsroom.save(linking) is Saved.NEW
    saved = desk.newsroom.item_by_url(linking.url)
    assert saved is not None
    assert [link.title for link in saved.article.links] == ["B"]
    assert desk.newsroom.save(make_article(71)) is Saved.NEW


def test_what_a_list_still_names_is_not_fetched_again(desk: Desk) -> None:
    item_id = fill(desk)
    listed = {URL: "neu", "https://stadt_a.example/rss/7": "neu", "https://a.example/": "x"}
    assert desk.newsroom.unchanged("stadt_a", listed) == set()
    erase(desk.newsroom, item_id, reason="Antrag")
    assert desk.newsroom.unchanged("stadt_a", listed) == {URL, "https://stadt_a.example/rss/7"}
    assert desk.newsroom.unchanged("zeitung", listed) == {URL, "https://stadt_a.example/rss/7"}


def test_jobs_corrections_and_redirects_forget_it_too(desk: Desk) -> None:
    item_id = fill(desk)
    newsroom = desk.newsroom
    title = f"Titel {SECRET}"
    by_url = newsroom.ask_job("recrawl", {"urls": [URL, "https://b.example/"]}, asked_by="anna")
    by_number = newsroom.ask_job("explain", {"item_id": item_id, "days": 3}, asked_by="anna")
    by_title = newsroom.ask_job("export", {"days": item_id}, asked_by="anna")
    other = newsroom.ask_job("explain", {"items": [1], "days": item_id}, asked_by="anna")
    for job_id, outcome in (
        (by_url, f"{SECRET} gelesen"),
        (by_number, f"Grund: {OLD_SECRET}"),
        (by_title, f"{title} und mehr"),
        (other, "nichts"),
    ):
        assert newsroom.claim_job("w", lease_seconds=60)
        newsroom.progress_job(job_id, "w", lease_seconds=60, line=outcome)
        found = {"items": [{"title": outcome, "url": "https://b.example/"}]}
        newsroom.finish_job(job_id, "w", outcome=outcome, result=found)
    newsroom.correct(item_id, "topic", [], editor="anna", expected=["ozg"], note=f"{SECRET}!")
    newsroom.seen_redirect("stadt_a", URL, "https://stadt_a.example/neu")
    newsroom.seen_redirect("stadt_a", "https://stadt_a.example/3", "https://stadt_a.example/4")
    erase(newsroom, item_id, reason="Antrag")
    desk.publish()
    assert held(desk.folder, SECRET, OLD_SECRET, LINK_SECRET, URL) == {}
    jobs = {job.id: job for job in newsroom.jobs()}
    assert jobs[by_url].argument == {"urls": ["[erased]", "https://b.example/"]}
    assert [jobs[n].outcome for n in (by_url, by_number, by_title)] == ["[erased]"] * 3
    assert jobs[by_number].argument == {"item_id": item_id, "days": 3}
    assert [jobs[n].result for n in (by_url, by_number, by_title)] == [None] * 3
    assert (jobs[other].line, jobs[other].outcome) == ("nichts", "nichts")
    assert jobs[other].result is not None
    assert list(newsroom.corrections()) == []
    assert len(newsroom.redirects("stadt_a")) == 1


def test_alerts_forget_the_address_that_a_run_told_them(desk: Desk) -> None:
    item_id = fill(desk)
    facts = {"what": "failing", "message": f'{URL}: HTTP 500 ("{URL}")', "runs": item_id}
    desk.newsroom.tend_alerts(
        [Trouble("failing", "stadt_a", facts), Trouble("silent", "kurz", {"what": "silent"})],
        escalate_after=timedelta(days=7),
        letters=False,
    )
    desk.newsroom.connection.execute(
        "INSERT INTO alerts (kind, target, line, mend, since, seen_at, resolved_at) "
        "VALUES ('failing', 'alt', ?1, ?1, ?2, ?2, ?2)",
        (f"{URL} antwortet nicht.", desk.newsroom.stamp()),
    )
    erase(desk.newsroom, item_id, reason="Antrag")
    desk.publish()
    assert held(desk.folder, SECRET, URL) == {}
    told = {alert.trouble.target: alert.trouble.facts for alert in desk.newsroom.alerts()}
    assert told == {
        "stadt_a": {**facts, "message": '[erased]: HTTP 500 ("[erased]")'},
        "kurz": {"what": "silent"},
        "alt": {
            "what": "said",
            "line": "[erased] antwortet nicht.",
            "mend": "[erased] antwortet nicht.",
        },
    }


def test_a_title_with_quotation_marks_is_found_in_what_a_job_told(desk: Desk) -> None:
    title = f'Projekt "{SECRET}" beginnt'
    desk.save(replace(make_article(1), title=title))
    job_id = desk.newsroom.ask_job("discover", {"url": "https://b.example/"}, asked_by="anna")
    assert desk.newsroom.claim_job("w", lease_seconds=60)
    found = {"offers": [{"samples": [{"title": title}]}]}
    desk.newsroom.finish_job(job_id, "w", outcome="1 offers", result=found)
    erase(desk.newsroom, [make_article(1).url], reason="Antrag")
    job = desk.newsroom.job(job_id)
    assert job is not None
    assert (job.result, job.outcome) == (None, "[erased]")


def test_a_bare_headline_is_no_content_to_refuse(desk: Desk) -> None:
    bare = make_article(1, title="Bekanntmachung", teaser=None, body=None, published=None)
    (first,) = desk.save(bare)
    erase(desk.newsroom, first, reason="Antrag")
    other = replace(bare, url="https://stadt_a.example/andere")
    assert desk.newsroom.save(other) is Saved.NEW


def test_copies_of_the_same_content_go_too(desk: Desk) -> None:
    article = make_article(1)
    copy = replace(article, source_id="zeitung", url="https://zeitung.example/kopie")
    ids = desk.save(article, copy)
    former = replace(article, url="https://stadt_a.example/frueher", title="Anders")
    (bearer,) = desk.save(former)
    desk.save(replace(former, title=article.title))
    desk.save(replace(former, body="Heute steht hier anderes."))
    erased = erase(desk.newsroom, ids[0], reason="Antrag")
    assert erased.items == tuple(ids)
    assert erased.traces == 1
    assert [version.number for version in desk.newsroom.versions(bearer)] == [1, 3]
    desk.publish()
    assert unfinished(desk.newsroom) == 0


def test_any_of_its_addresses_names_it(desk: Desk) -> None:
    item_id = fill(desk)
    addresses = ["https://nirgends.example/", "https://stadt_a.example/rss/7"]
    assert erase(desk.newsroom, addresses, reason="Antrag").items == (item_id,)
    assert erased_before(desk.newsroom, [URL]) == desk.clock()
    assert erased_before(desk.newsroom, item_id) == desk.clock()
    assert erased_before(desk.newsroom, ["https://nirgends.example/"]) is None
    assert erased_before(desk.newsroom, 999) is None


def test_the_number_is_never_given_again(desk: Desk) -> None:
    desk.save(make_article(1))
    (last,) = desk.save(make_article(2))
    erase(desk.newsroom, last, reason="Antrag")
    assert desk.save(make_article(3)) == [last + 1]


@pytest.mark.parametrize("which", [999, ["https://nirgends.example/"]])
def test_what_is_not_held_is_told_and_nothing_logged(desk: Desk, which: int | list[str]) -> None:
    desk.save(make_article(1))
    with pytest.raises(StoreError, match="is not in the newsroom, nothing was erased"):
        erase(desk.newsroom, which, reason="Antrag")
    with pytest.raises(StoreError, match="needs a reason"):
        erase(desk.newsroom, 1, reason="  ")
    assert not log_beside(desk.newsroom.path).exists()


def test_without_a_log_nothing_is_erased(desk: Desk) -> None:
    (item_id,) = desk.save(make_article(1))
    log_beside(desk.newsroom.path).mkdir()
    with pytest.raises(StoreError, match="nothing was erased"):
        erase(desk.newsroom, item_id, reason="Antrag")
    assert desk.newsroom.item(item_id) is not None


def test_a_reader_in_the_way_only_delays_the_wiping(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store.schema.BUSY_SECONDS", 0.1)
    item_id = fill(desk)
    reader = connect(desk.archive, read_only=True)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM items").fetchone()
    erase(desk.newsroom, item_id, reason="Antrag")
    desk.publish()
    assert unfinished(desk.newsroom) == 1
    reader.close()
    desk.publish()
    assert unfinished(desk.newsroom) == 0
    assert held(desk.folder, SECRET, OLD_SECRET, LINK_SECRET, URL) == {}


def test_the_log_replays_on_a_newsroom_that_never_heard_of_it(desk: Desk) -> None:
    item_id = fill(desk)
    old_path = desk.folder / "alt.db"
    copy = sqlite3.connect(old_path)
    desk.newsroom.connection.backup(copy)
    copy.close()
    erase(desk.newsroom, item_id, reason="Antrag")
    entries = list(read_log(log_beside(desk.newsroom.path)))
    assert [(entry.reason, len(entry.hashes)) for entry in entries] == [("Antrag", 4)]
    with Newsroom(old_path, now=desk.clock) as old:
        assert replay(old, entries) == 1
        assert old.item(item_id) is None
        with pytest.raises(ErasedError):
            old.save(make_article(url=URL))
        assert replay(old, entries) == 0
        assert old.connection.execute("SELECT count(*) FROM erasures").fetchone()[0] == 1


def _erase_and_publish(folder: Path) -> None:
    with Newsroom(folder / "newsroom.db", now=Clock()) as newsroom:
        erase(newsroom, [URL], reason="Antrag")
        publish(newsroom, folder / "archive.db", folder / "search.db")


def _killed_copy(desk: Desk, name: str, after: float | None) -> Path:
    """A copy of the three files in which an erasure was killed after so many seconds, if at all."""
    folder = desk.folder / name
    folder.mkdir()
    for file in ("newsroom.db", "archive.db", "search.db"):
        (folder / file).write_bytes((desk.folder / file).read_bytes())
    context = multiprocessing.get_context("fork")
    process = context.Process(target=_erase_and_publish, args=(folder,))
    process.start()
    if after is not None:
        time.sleep(after)
        assert process.pid is not None
        os.kill(process.pid, signal.SIGKILL)
    process.join()
    return folder


def test_kill_at_any_moment_leaves_it_whole_or_for_the_next_publishing(desk: Desk) -> None:
    item_id = fill(desk)
    desk.newsroom.close()
    began = time.perf_counter()
    folders = [_killed_copy(desk, "whole", None)]
    usual = time.perf_counter() - began
    folders += [_killed_copy(desk, str(n), usual * n / 12) for n in range(15)]
    outcomes = set()
    for folder in folders:
        with Newsroom(folder / "newsroom.db", now=Clock()) as newsroom:
            gone = newsroom.item(item_id) is None
            publish(newsroom, folder / "archive.db", folder / "search.db")
            assert unfinished(newsroom) == 0
            public = {row[0] for row in public_content(folder / "archive.db")["items"]}
        outcomes.add(gone)
        assert (item_id in public) is not gone
        assert bool(held(folder, SECRET, LINK_SECRET)) is not gone
        # Logged before it is done, never the other way round.
        assert not gone or list(read_log(log_beside(folder / "newsroom.db")))
    assert outcomes == {True, False}


@pytest.mark.parametrize(
    "line", ["{", "[]", '{"erased_at": "gestern", "reason": "", "hashes": []}', "\N{DELETE}"]
)
def test_a_damaged_log_is_not_passed_over(tmp_path: Path, line: str) -> None:
    good = Entry("2026-03-10T09:00:00+00:00", "r", ("a" * 64,))
    path = tmp_path / "erasures.jsonl"
    path.write_text(f"{json.dumps(asdict(good))}\n{line}\n", encoding="utf-8")
    with pytest.raises(StoreError, match=r"erasures\.jsonl:2: not a line"):
        list(read_log(path))


def test_every_table_has_its_place_in_an_erasure(desk: Desk) -> None:
    """A new table of the newsroom must be thought of here, and in `store.erasure`."""
    tables = {
        row["name"]
        for row in desk.newsroom.connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        )
    }
    of_items = {
        "items", "versions", "links", "visits", "taggings", "tags", "signatures", "bands",
        "pairs", "clusters", "runs", "jobs", "corrections", "redirects", "groupings",
        "item_places", "publications", "provenance", "alerts",
    }  # fmt: skip
    without_texts_of_items = {
        "sources", "topics", "counters", "fetch_states", "listings", "erasures", "erased_items",
        "tombstones", "leases", "copies", "plans", "_sqlite_migrations",
        "accounts", "sessions", "sign_ins", "audit",
        "subscriptions", "sign_ups", "hooks", "outbox",
    }  # fmt: skip
    assert tables == of_items | without_texts_of_items


def test_a_file_of_the_earlier_shape_keeps_its_items_and_can_erase(tmp_path: Path) -> None:
    path = tmp_path / "n.db"
    connection = connect(path)
    migrate(connection, newsroom_migrations, stop_before="m005_erasures_and_retention")
    connection.execute(
        "INSERT INTO sources VALUES ('alt', 'n', 'p', 'h', 'feed', 'u', 'official', 'full', 'all', "
        "'adaptive', 'r', 'DE-NW', NULL, 1, 1, NULL, 1)"
    )
    for number in (1, 2):
        connection.execute(
            "INSERT INTO items (source_id, url, kind, title, body, content_hash, version, "
            "fetched_at, first_seen, last_seen, changed_at, change_seq) VALUES ('alt', ?, "
            f"'article', 'Titel', 'Text', ?, 1, ?, ?, ?, ?, {number})",
            [f"https://a.example/{number}", f"{number}" * 64, *["2026-01-01T00:00:00+00:00"] * 4],
        )
    connection.execute("UPDATE counters SET value = 2 WHERE name = 'change'")
    connection.close()
    with Newsroom(path, now=Clock()) as newsroom:
        assert [item.pruned_at for item in newsroom.items()] == [None, None]
        assert erase(newsroom, 1, reason="Antrag").items == (1,)
        publish(newsroom, tmp_path / "archive.db", tmp_path / "search.db")
        assert unfinished(newsroom) == 0
        assert [item.id for item in newsroom.items()] == [2]
