"""erase, prune, backup, restore and export as an operator types them: outputs and exit codes."""

from __future__ import annotations

import hashlib
import json
import subprocess
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from classifier.vocabulary import load_topics
from radar import crawling, demo, rounds, scheduler
from radar.config import Config
from store.backup import GAP
from store.newsroom import Newsroom
from store.types import RunResult
from tests.radar.test_cli import radar
from tests.store.desk import make_article, make_source, topics_of

SECRET = "Quastenflossersee"
LONG_AGO = datetime.now(UTC) - timedelta(days=91)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a published newsroom of 91 days ago in ``data``."""
    config = Config(paths_data=tmp_path / "data")
    config.paths_data.mkdir()
    topics = [(topic.id, topic.label, topic.description) for topic in load_topics()]
    with Newsroom(config.newsroom, now=lambda: LONG_AGO) as newsroom:
        newsroom.set_topics(topics)
        newsroom.set_sources([make_source(), make_source("rathaus", relevance="topic")])
        newsroom.save(make_article(1, body=SECRET))
        newsroom.save(make_article(2))
        newsroom.save(make_article(3, "rathaus", body="Die Straße wird gebaut.", published=None))
        for item in list(newsroom.items()):
            newsroom.set_taggings([topics_of(item.id, item.content_hash)])
        rounds.publish_all(config, newsroom)
    return tmp_path


def failed(done: subprocess.CompletedProcess[str], said: str, code: int = 1) -> None:
    assert done.returncode == code, done.stderr
    assert said in done.stderr
    if code == 1:
        assert done.stderr.startswith("radar: ")
        assert done.stderr.count("\n") == 1
        assert done.stdout == ""


def test_erase_backup_restore(folder: Path) -> None:
    made = json.loads(radar("backup", "sicher", "--json", cwd=folder).stdout)
    assert made["items"] == 3
    url = "https://stadt_a.example/1?utm_source=feed#top"
    done = radar("erase", url, "--reason", "Antrag", "--json", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "items": [1], "traces": 0, "similar": [], "exports": [], "responses": 0,
    }  # fmt: skip
    for path in (folder / "data").glob("*.db*"):
        content = path.read_bytes()
        assert SECRET.encode() not in content
        assert SECRET.lower().encode() not in content
    # Again, as after an interruption: nothing to erase, and no error.
    again = radar("erase", "1", "--reason", "Antrag", cwd=folder)
    assert (again.returncode, again.stdout) == (
        0, "It was erased before; nothing of it was left\n",
    )  # fmt: skip
    failed(radar("restore", made["path"], cwd=folder), "exists and is not overwritten")
    back = radar("restore", made["path"], "--replace", cwd=folder)
    assert back.returncode == 0, back.stderr
    assert back.stdout == "data/newsroom.db: 2 items; 1 erased again\n"
    assert "delete it when all is well" in back.stderr
    published = json.loads(radar("publish", "--json", cwd=folder).stdout)
    assert (published["items"], published["rebuilt"]) == (1, True)
    there = radar("restore", made["path"], "--to", "anderswo/n.db", "--json", cwd=folder)
    assert json.loads(there.stdout) == {
        "path": "anderswo/n.db", "items": 2, "erased": 1, "aside": None, "checksum": True,
    }  # fmt: skip


def test_prune_and_its_setting(folder: Path) -> None:
    done = radar("prune", "--json", cwd=folder, RADAR_RETENTION_DAYS="120")
    assert json.loads(done.stdout) == {"pruned": 0}
    assert radar("prune", cwd=folder).stdout == "1 items lost their text\n"
    assert radar("prune", "--days", "8", cwd=folder).stdout == "0 items lost their text\n"
    failed(radar("prune", "--days", "3", cwd=folder), "is not in the range 8<=x", 2)


def test_a_round_on_schedule_prunes_after_publishing(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    catalogue = folder / "catalogue"
    catalogue.mkdir()
    (catalogue / "rathaus.toml").write_text(
        'name = "Rathaus"\npublisher = "Stadt A"\nhomepage = "https://rathaus.example/"\n'
        'kind = "feed"\nurl = "https://rathaus.example/feed"\nlicence = "official"\n'
        'display = "full"\nrelevance = "topic"\nschedule = "adaptive"\n'
        'reference = "https://rathaus.example/presse"\n',
        encoding="utf-8",
    )
    stop = threading.Event()

    def answer(config: Config, due: list[str], *_: object) -> list[crawling.Outcome]:
        return [crawling.Outcome(source_id, RunResult("unchanged")) for source_id in due]

    def prune_and_stop(config: Config, newsroom: Newsroom, prune: Any = rounds.prune_old) -> int:
        stop.set()
        return int(prune(config, newsroom))

    monkeypatch.setattr(crawling, "crawl", answer)
    monkeypatch.setattr(rounds, "prune_old", prune_and_stop)
    config = Config(paths_data=folder / "data", paths_catalogue=catalogue)
    scheduler.run(config, stop, crawling.utc_now)
    assert "1 old items without a topic lost their text" in capsys.readouterr().err
    with Newsroom(config.newsroom, now=crawling.utc_now) as newsroom:
        assert [item.id for item in newsroom.items() if item.pruned_at] == [3]


def test_a_demo_begins_without_the_erasures_of_the_last(tmp_path: Path) -> None:
    for name in ("erasures.jsonl", "newsroom.db-wal", "mine.txt", demo.MARKER):
        (tmp_path / name).write_text("")
    with demo.claimed(tmp_path):
        assert {path.name for path in tmp_path.iterdir()} == {demo.MARKER, "mine.txt"}


def test_an_erasure_says_which_exports_it_deleted(folder: Path) -> None:
    exported = json.loads(radar("export", "aus", "--format", "csv", "--json", cwd=folder).stdout)
    assert SECRET in "".join(path.read_text() for path in (folder / "aus").glob("*.csv"))
    done = radar("erase", "1", "--reason", "Antrag", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert done.stderr.splitlines()[-1] == (
        f"{len(exported['files'])} files of exports that held it are deleted, export anew: "
        f"{(folder / 'aus').resolve()}"
    )
    assert list((folder / "aus").iterdir()) == []


def test_export(folder: Path) -> None:
    done = radar("export", "aus", "--format", "csv", "--json", cwd=folder)
    assert done.returncode == 0, done.stderr
    files = [folder / name for name in json.loads(done.stdout)["files"]]
    assert any(path.name.endswith("-items.csv") for path in files)
    for line in files[-1].read_text().splitlines():
        digest, name = line.split("  ")
        assert hashlib.sha256((folder / "aus" / name).read_bytes()).hexdigest() == digest
    failed(radar("export", "aus", "--format", "xls", cwd=folder), "is not one of", 2)


def test_what_cannot_be_done_is_one_line(tmp_path: Path, folder: Path) -> None:
    failed(radar("erase", "999", "--reason", "x", cwd=folder), "Item 999 is not in the newsroom")
    failed(radar("erase", "kein-url", "--reason", "x", cwd=folder), "kein-url")
    failed(radar("erase", "1", cwd=folder), "--reason", 2)
    failed(radar("backup", "b", "--keep", "0", cwd=folder), "--keep", 2)
    empty = tmp_path / "leer"
    empty.mkdir()
    for command in (
        ("erase", "1", "--reason", "x"), ("prune",), ("backup", "b"), ("restore", "b.db"),
        ("export", "e", "--format", "sqlite"),
    ):  # fmt: skip
        failed(radar(*command, cwd=empty), ".db")
    assert list(empty.iterdir()) == []


def test_the_manual_tells_the_truth() -> None:
    root = Path(__file__).resolve().parents[2]
    manual = (root / "docs" / "keeping.md").read_text(encoding="utf-8")
    assert f"{GAP:,} further on" in " ".join(manual.split())
    assert f"`retention.days` ({Config().retention_days})" in manual
    litestream = yaml.safe_load((root / "docs" / "litestream.yml").read_text(encoding="utf-8"))
    assert [database["path"] for database in litestream["dbs"]] == [str(Config().newsroom)]
    assert litestream["snapshot"]["retention"] == "72h"
