"""Processes killed at random moments: nothing committed is lost, nothing half done is to be seen.

``RADAR_CRASHES=200`` kills as often; the suite is content with a few.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import pytest

from classifier.models import Model
from radar import rounds
from radar.crawling import crawl
from store.backup import back_up, backups, restore
from store.duplicates import cluster_of
from store.erasure import erase, unfinished
from store.erasure_log import log_beside, read_log
from store.newsroom import Newsroom
from store.search import Query, Search
from tests.store.desk import START, Clock, index_content, make_article, public_content
from tests.store.stage import ERASED, KEPT, Stage
from tests.store.town import PAPER, ROOT, SOURCE, Town, WordModel, articles, faults, serve_press
from tests.web import LocalWeb, local_web

CRASHES = int(os.environ.get("RADAR_CRASHES", "7"))
STAGES = ("crawl", "tag", "publish", "rebuild", "helped", "backup", "erase")
PAGES = 30
ITEMS = 150
MODEL = cast(Model, WordModel())

Row = tuple[Any, ...]


def crashes_of(*stages: str) -> pytest.MarkDecorator:
    """One case a crash; the stages take turns."""
    turns = [(STAGES[number % len(STAGES)], number) for number in range(CRASHES)]
    cases = [(stage, number) for stage, number in turns if stage in stages]
    return pytest.mark.parametrize(("stage", "crash"), cases)


# --- crawl ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def web() -> Iterator[LocalWeb]:
    with local_web() as web:
        serve_press(web, PAGES)
        yield web


@crashes_of("crawl")
def test_killed_crawl(stage: str, crash: int, tmp_path: Path, web: LocalWeb) -> None:
    town = Town(tmp_path)
    config = replace(town.config, crawl_connect_to=web.address, crawl_delay_s=0.0)
    with town.open():
        pass
    said = kill_crawl(town, web, random.Random(crash))
    assert faults(config.newsroom) == []
    with town.open() as newsroom:
        kept = {item.article.url: item for item in newsroom.items()}
        assert len(kept) >= said
        for item in kept.values():
            assert item.content_hash == item.article.content_hash()
            assert len(newsroom.versions(item.id)) == 1
        visits = newsroom.visits(SOURCE.id)
        assert {visit.item_url for visit in visits.values()} == set(kept)
        (outcome,) = crawl(config, [SOURCE.id], lambda *_: None)
        assert outcome.result.new == PAGES - len(kept)
        assert len(list(newsroom.items())) == PAGES
        for item in kept.values():
            again = newsroom.item(item.id)
            assert again is not None
            assert again.article == item.article


def kill_crawl(town: Town, web: LocalWeb, chance: random.Random) -> int:
    """Kill a crawl at some moment of its work; how many items it had said to have stored."""
    process = subprocess.Popen(
        [sys.executable, "-m", "scrapy", "crawl", "sources", "-a", f"source={SOURCE.id}",
         "-s", f"NEWSROOM={town.config.newsroom}", "-s", "CATALOGUE=", "-s", "DOWNLOAD_DELAY=0",
         "-s", f"CONNECT_TO={web.address}", "-s", "AUTOTHROTTLE_ENABLED=False",
         "-s", "PROGRESS=-"],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    assert process.stdout is not None
    wanted, said = chance.randrange(PAGES), 0
    for line in process.stdout:
        said = json.loads(line)["new"]
        if said >= wanted:
            break
    time.sleep(chance.uniform(0, 0.02))
    process.kill()
    rest, _ = process.communicate()
    for line in rest.splitlines(keepends=True):
        if line.endswith(b"\n"):
            said = max(said, json.loads(line)["new"])
    return said


# --- tag -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Work:
    """A town with work left to do, how long that takes, and what must be there afterwards."""

    folder: Path
    #: the last change that was published before
    start: int
    seconds: float
    #: the same for making everything anew with a process beside
    helped_s: float
    before: dict[int, list[Row]]
    after: dict[int, list[Row]]
    archive: dict[str, list[Row]]
    search: dict[str, Any]

    def copy(self, folder: Path) -> Town:
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        return Town(folder)


def kill_stage(town: Town, stage: str, seconds: float, chance: random.Random) -> int:
    """Kill a stage at some moment of its work; with how many items it had said to be done."""
    work = Stage(stage, town)
    time.sleep(chance.uniform(0, seconds))
    return work.kill()


def timed(town: Town, stage: str) -> float:
    """How long the stage's work takes undisturbed, in seconds."""
    work = Stage(stage, town)
    start = time.monotonic()
    work.finish()
    return time.monotonic() - start


@pytest.fixture(scope="module")
def untagged(tmp_path_factory: pytest.TempPathFactory) -> Work:
    folder = tmp_path_factory.mktemp("untagged")
    with Town(folder).open() as newsroom:
        for article in articles(range(ITEMS)):
            newsroom.save(article)
    done = Town(tmp_path_factory.mktemp("tagged") / "town")
    work = Work(folder, 0, 0.0, 0.0, {}, {}, {}, {})
    work.copy(done.folder)
    return replace(work, seconds=timed(done, "tag"), after=tag_rows(done.config.newsroom))


def tag_rows(path: Path) -> dict[int, list[Row]]:
    """What each tagged item was given."""
    connection = sqlite3.connect(path)
    rows = connection.execute(
        "SELECT taggings.item_id, content_hash, facet, value, score FROM taggings "
        "LEFT JOIN tags ON tags.item_id = taggings.item_id ORDER BY 1, 3, 4"
    ).fetchall()
    connection.close()
    found: dict[int, list[Row]] = {}
    for row in rows:
        found.setdefault(row[0], []).append(row[1:])
    return found


@crashes_of("tag")
def test_killed_tagging(stage: str, crash: int, tmp_path: Path, untagged: Work) -> None:
    town = untagged.copy(tmp_path)
    kill_stage(town, stage, untagged.seconds, random.Random(crash))
    assert faults(town.config.newsroom) == []
    given = tag_rows(town.config.newsroom)
    assert all(rows == untagged.after[item_id] for item_id, rows in given.items())
    with town.open() as newsroom:
        assert rounds.tag(newsroom, MODEL) == len(untagged.after) - len(given)
        assert tag_rows(town.config.newsroom) == untagged.after
        reprints = [item for item in newsroom.items() if item.article.source_id == PAPER.id]
        assert reprints
        for item in reprints:
            titles = {other.article.title for other in cluster_of(newsroom, item.id)}
            assert titles == {item.article.title}


# --- publish -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def unpublished(tmp_path_factory: pytest.TempPathFactory) -> Work:
    town = Town(tmp_path_factory.mktemp("unpublished"))
    with town.open() as newsroom:
        for article in articles(range(ITEMS)):
            newsroom.save(article)
        rounds.tag(newsroom, MODEL)
        rounds.publish_all(town.config, newsroom)
        before = public_records(town.config.archive)
        for article in articles(range(ITEMS, ITEMS + 60)):
            newsroom.save(article)
        for article in articles(range(40)):
            newsroom.save(replace(article, body=f"Neu: {article.body}"))
        for article in articles(range(40, 50)):
            newsroom.withdraw(article.source_id, article.url, reason="HTTP 410")
        rounds.tag(newsroom, MODEL)
    done = Town(tmp_path_factory.mktemp("published") / "town")
    work = Work(town.folder, progress(town.config.archive), 0.0, 0.0, before, {}, {}, {})
    work.copy(done.folder)
    seconds = timed(done, "publish")
    return replace(
        work,
        seconds=seconds,
        helped_s=timed(done, "helped"),
        after=public_records(done.config.archive),
        archive=public_content(done.config.archive),
        search=index_content(done.config.search),
    )


def progress(archive: Path) -> int:
    """Up to which change the file says it is."""
    connection = sqlite3.connect(archive)
    row = connection.execute("SELECT value FROM info WHERE key = 'change_seq'").fetchone()
    connection.close()
    return int(row[0])


def change_numbers(newsroom: Path) -> dict[int, int]:
    """The number of each item's last change."""
    connection = sqlite3.connect(newsroom)
    found = dict(connection.execute("SELECT id, change_seq FROM items").fetchall())
    connection.close()
    return found


def public_records(archive: Path) -> dict[int, list[Row]]:
    """All that is shown of each item by itself: its row, tags and versions."""
    connection = sqlite3.connect(archive)
    connection.row_factory = sqlite3.Row
    found = {}
    for item in connection.execute("SELECT * FROM items").fetchall():
        rows: list[Row] = [
            tuple(item[name] for name in item.keys() if name not in ("cluster_id", "is_primary"))  # noqa: SIM118
        ]
        for table in ("item_topics", "item_states", "versions"):
            parts = connection.execute(f"SELECT * FROM {table} WHERE item_id = ?", (item["id"],))
            rows += sorted((tuple(part) for part in parts), key=repr)
        found[item["id"]] = rows
    connection.close()
    return found


@crashes_of("publish", "rebuild", "helped")
def test_killed_publishing(stage: str, crash: int, tmp_path: Path, unpublished: Work) -> None:
    town = unpublished.copy(tmp_path)
    config = town.config
    seconds = unpublished.helped_s if stage == "helped" else unpublished.seconds
    said = kill_stage(town, stage, seconds, random.Random(crash))
    for path in (config.newsroom, config.archive, config.search):
        assert faults(path) == []
    shown = public_records(config.archive)
    if stage in ("rebuild", "helped"):
        assert shown in (unpublished.before, unpublished.after)
    else:
        reached = progress(config.archive)
        changes = change_numbers(config.newsroom)
        assert said <= sum(unpublished.start < number <= reached for number in changes.values())
        for item_id, number in changes.items():
            state = unpublished.after if number <= reached else unpublished.before
            assert shown.get(item_id) == state.get(item_id)
    with Search(config.search, config.archive) as search:
        hits = search.run(Query(text="portal", limit=100)).hits
        assert {hit.item_id for hit in hits} <= shown.keys()
    with town.open() as newsroom:
        rounds.publish_all(config, newsroom)
    assert public_content(config.archive) == unpublished.archive
    assert index_content(config.search) == unpublished.search
    assert not list(tmp_path.glob("*.rebuild*"))


# --- backup --------------------------------------------------------------------------------


def save_until(newsroom: Newsroom, end: float) -> int:
    """Save new items one by one until then; the number after the last."""
    number = ITEMS + 100
    while time.monotonic() < end:
        newsroom.save(make_article(number))
        number += 1
    return number


@crashes_of("backup")
def test_killed_backup(stage: str, crash: int, tmp_path: Path, unpublished: Work) -> None:
    town = unpublished.copy(tmp_path / "town")
    config, folder = town.config, tmp_path / "town" / "backups"
    earlier = Clock(START)
    first = back_up(config.newsroom, folder, keep=KEPT, now=earlier)
    earlier.move(hours=1)
    back_up(config.newsroom, folder, keep=KEPT, now=earlier)
    timed_copy = Town(tmp_path / "timed")
    shutil.copytree(town.folder, timed_copy.folder)
    seconds = timed(timed_copy, stage)
    with town.open() as newsroom:
        held = len(list(newsroom.items()))
        work = Stage(stage, town)
        # A crawl goes on meanwhile.
        wait = random.Random(crash).uniform(0, 1.2 * seconds)
        last = save_until(newsroom, time.monotonic() + wait)
        work.kill()
        assert len(list(newsroom.items())) == held + last - ITEMS - 100
    assert faults(config.newsroom) == []
    finished = backups(folder)
    assert 1 < len(finished) <= 3
    assert len(finished) < 3 or first.path in finished
    for number, path in enumerate(finished):
        drill = restore(path, tmp_path / f"drill{number}.db", now=earlier)
        assert drill.checksum
        assert faults(drill.path) == []
        with Newsroom(drill.path, now=earlier) as restored:
            titles = [item.article.title for item in restored.items()][held:]
        assert titles == [f"Meldung {n}" for n in range(ITEMS + 100, ITEMS + 100 + len(titles))]
        assert len(titles) <= last - ITEMS - 100
    made = back_up(config.newsroom, folder, keep=KEPT, now=lambda: START.replace(year=2100))
    assert made.items == held + last - ITEMS - 100
    assert len(backups(folder)) == KEPT
    assert not list(folder.glob("*.partial*"))
    sums = {path.name.removesuffix(".sha256") for path in folder.glob("*.sha256")}
    assert sums == {path.name for path in backups(folder)}


# --- erase ---------------------------------------------------------------------------------

SECRET = "Quastenflossersee"


def held_bytes(folder: Path) -> list[str]:
    """The database files that hold the secret, as it was written or as the index keeps it."""
    forms = [form.encode() for form in (SECRET, SECRET.lower(), SECRET.lower()[::-1])]
    return [
        path.name
        for path in sorted(folder.glob("*.db*"))
        if any(form in path.read_bytes() for form in forms)
    ]


@pytest.fixture(scope="module")
def erasable(tmp_path_factory: pytest.TempPathFactory) -> Work:
    town = Town(tmp_path_factory.mktemp("erasable"))
    with town.open() as newsroom:
        newsroom.save(make_article(9999, title=SECRET, body=f"{SECRET} und mehr"))
        newsroom.save_all(articles(range(ITEMS)))
        rounds.tag(newsroom, MODEL)
        rounds.publish_all(town.config, newsroom)
    before = public_records(town.config.archive)
    assert ERASED in before
    done = Town(tmp_path_factory.mktemp("erased") / "town")
    work = Work(town.folder, 0, 0.0, 0.0, before, {}, {}, {})
    work.copy(done.folder)
    seconds = timed(done, "erase")
    return replace(
        work,
        seconds=seconds,
        after=public_records(done.config.archive),
        archive=public_content(done.config.archive),
        search=index_content(done.config.search),
    )


@crashes_of("erase")
def test_killed_erasure(stage: str, crash: int, tmp_path: Path, erasable: Work) -> None:
    town = erasable.copy(tmp_path)
    config = town.config
    kill_stage(town, stage, erasable.seconds, random.Random(crash))
    for path in (config.newsroom, config.archive, config.search):
        assert faults(path) == []
    assert public_records(config.archive) in (erasable.before, erasable.after)
    with town.open() as newsroom:
        gone = newsroom.item(ERASED) is None
        log = list(read_log(log_beside(config.newsroom)))
        assert log or not gone
        rounds.publish_all(config, newsroom)
        assert bool(held_bytes(tmp_path)) is not gone
        if not gone:
            assert public_records(config.archive) == erasable.before
            erase(newsroom, ERASED, reason="Antrag")
            rounds.publish_all(config, newsroom)
        assert unfinished(newsroom) == 0
    assert held_bytes(tmp_path) == []
    assert public_content(config.archive) == erasable.archive
    assert index_content(config.search) == erasable.search
