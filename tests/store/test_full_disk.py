"""A full disk stops whatever writes with one clear line; the next run goes on from there."""

from __future__ import annotations

import os
import random
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from crawler.source_files import write_source
from radar import keeping, rounds
from store import partitions, responses
from store.disk import DiskFullError
from store.exports import FORMATS
from store.newsroom import Newsroom
from store.responses import ResponseFile
from store.types import Article
from tests.store.desk import START, rows
from tests.store.town import PAPER, ROOT, SOURCE, Town, articles, faults, serve_press
from tests.web import LocalWeb, local_web

PAGES = 24
#: About 20 kB a page: a crawl soon needs more than there is.
WORDS = 2500


class Disk:
    """A folder whose files can be kept from growing: here by a limit on each file's size."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._most = resource.RLIM_INFINITY

    def room(self, more: int | None) -> None:
        """Leave room for so many bytes; None: for as many as are wanted."""
        largest = max((path.stat().st_size for path in self.folder.rglob("*")), default=0)
        self._most = resource.RLIM_INFINITY if more is None else largest + more

    def limit(self) -> None:
        """Called in the process that is to be limited."""
        _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (self._most, hard))


class SmallDisk(Disk):
    """A disk of its own, in memory."""

    PLENTY = 64 << 20

    def room(self, more: int | None) -> None:
        at = os.statvfs(self.folder)
        used = (at.f_blocks - at.f_bfree) * at.f_frsize
        size = self.PLENTY if more is None else used + more
        subprocess.run(["mount", "-o", f"remount,size={size}", str(self.folder)], check=True)

    def limit(self) -> None:
        """Nothing to do: the disk itself is small."""


@contextmanager
def a_disk(folder: Path) -> Iterator[Disk]:
    """A small disk, or a limit in its stead where mounting is not allowed."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={SmallDisk.PLENTY}", "tmpfs", str(folder)]
    if (
        shutil.which("mount") is None
        or subprocess.run(command, stderr=subprocess.DEVNULL).returncode
    ):
        yield Disk(folder)
        return
    try:
        yield SmallDisk(folder)
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    with a_disk(tmp_path / "data") as disk:
        yield disk


@pytest.fixture
def limited(tmp_path: Path) -> Iterator[Disk]:
    disk = Disk(tmp_path)
    yield disk
    disk.room(None)
    disk.limit()


@pytest.fixture
def web() -> Iterator[LocalWeb]:
    with local_web() as web:
        serve_press(web, PAGES, words=WORDS)
        yield web


def test_the_next_run_goes_on(disk: Disk, web: LocalWeb, tmp_path: Path) -> None:
    town = Town(disk.folder)
    config = town.config
    write_source(tmp_path / "sources", SOURCE)

    def radar(stage: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "tests.store.stage", stage, *arguments],
            cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
            preexec_fn=disk.limit,
            env={
                **os.environ,
                "RADAR_PATHS_DATA": str(disk.folder),
                "RADAR_PATHS_CATALOGUE": str(tmp_path / "sources"),
                "RADAR_CRAWL_CONNECT_TO": web.address,
                "RADAR_CRAWL_DELAY_S": "0",
            },
        )  # fmt: skip

    def stopped(stage: str, file: Path) -> None:
        done = radar(stage)
        assert done.returncode == 1, done.stderr
        assert "Traceback" not in done.stderr, done.stderr
        (line,) = [line for line in done.stderr.splitlines() if line.startswith("radar: ")]
        assert f"{file}: the disk is full" in line.replace(f" or {config.search}", "")
        assert faults(config.newsroom) == []

    def finished(stage: str) -> None:
        disk.room(None)
        done = radar(stage)
        assert done.returncode == 0, done.stderr

    def urls() -> set[str]:
        with town.open() as newsroom:
            return {item.article.url for item in newsroom.items()}

    disk.room(700_000)
    stopped("crawl", config.newsroom)
    kept = urls()
    assert 0 < len(kept) < PAGES
    finished("crawl")
    assert kept < urls()
    assert len(urls()) == PAGES

    town_items = articles(range(PAGES, 400), words=60)
    with town.open() as newsroom:
        for article in town_items:
            newsroom.save(article)
        newsroom.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        everything = len(list(newsroom.items()))
    disk.room(1_200_000)
    stopped("tag", config.newsroom)
    tagged = set(rows(config.newsroom, "taggings"))
    assert 0 < len(tagged) < everything
    finished("tag")
    assert tagged < set(rows(config.newsroom, "taggings"))

    disk.room(400_000)
    stopped("publish", config.archive)
    for path in (config.archive, config.search):
        assert faults(path) == []
    finished("publish")
    assert len(rows(config.archive, "items")) == everything


def save_all(newsroom: Newsroom, press: list[Article]) -> None:
    for article in press:
        newsroom.save(article)


@pytest.mark.parametrize("kind", ["disk", "limited"])
def test_the_newsroom_goes_on_when_there_is_room_again(
    kind: str, request: pytest.FixtureRequest
) -> None:
    disk: Disk = request.getfixturevalue(kind)
    path = disk.folder / "newsroom.db"
    press = articles(range(100), words=WORDS)
    with Newsroom(path, now=lambda: START) as newsroom:
        newsroom.set_sources([SOURCE, PAPER])
        disk.room(300_000)
        disk.limit()
        with pytest.raises(DiskFullError) as stopped:
            save_all(newsroom, press)
        assert str(stopped.value).startswith(f"{path}: the disk is full")
        assert "\n" not in str(stopped.value)
        assert not newsroom.connection.in_transaction
        kept = [item.article for item in newsroom.items()]
        assert kept
        assert kept == press[: len(kept)]
        disk.room(None)
        disk.limit()
        save_all(newsroom, press)
        assert [item.article for item in newsroom.items()] == press
    assert faults(path) == []


@pytest.mark.parametrize("helped", [False, True])
def test_files_made_anew_need_room_and_stay_as_they_were_without(
    helped: bool, limited: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store.publish.HELPED", 0 if helped else 10**9)
    town = Town(limited.folder)
    config = town.config
    with town.open() as newsroom:
        # Of hidden texts the index is far larger than the archive: it is what finds no room.
        newsroom.set_sources([replace(SOURCE, display="headline")])
        for article in articles(range(1, 5)):
            words = random.Random(article.url).sample(range(10**6, 10**7), 2000)
            newsroom.save(replace(article, body=" ".join(f"wort{word}" for word in words)))
        rounds.publish_all(config, newsroom, rebuild=True)
        before = rows(config.archive, "items")
        size = config.search.stat().st_size
        assert config.archive.stat().st_size < size // 2
        limited.room(size // 2 - max(path.stat().st_size for path in limited.folder.iterdir()))
        limited.limit()
        with pytest.raises(DiskFullError, match=r"search\.db: the disk is full") as stopped:
            rounds.publish_all(config, newsroom, rebuild=True)
        assert "\n" not in str(stopped.value)
        assert rows(config.archive, "items") == before
        assert not list(limited.folder.glob("*.rebuild*"))
        limited.room(None)
        limited.limit()
        rounds.publish_all(config, newsroom, rebuild=True)
    assert rows(config.archive, "items") == before
    assert not list(limited.folder.glob("*.rebuild*"))


def keep_responses(town: Town, folder: Path) -> None:
    """Store a response for each of the town's items."""
    with town.open() as newsroom, ResponseFile(folder, now=START) as file:
        for item in newsroom.items():
            body = random.Random(item.id).randbytes(20_000)
            file.keep(item.article.url, status=200, headers=(), body=body, at=START)


def export_as(format: str) -> Callable[[Town, Path], object]:
    return lambda town, folder: keeping.export(town.config, folder, format=format)


def restore_to(town: Town, folder: Path) -> None:
    """Put a backup of the town, which lies elsewhere, into the folder."""
    backups = town.folder / "backups"
    made = sorted(backups.glob("*.db"))
    backup = made[0] if made else keeping.back_up(town.config, backups, keep=1).path
    keeping.restore(town.config, backup, to=folder / "newsroom.db", replace=False)


COPIES: dict[str, Callable[[Town, Path], object]] = {
    "backup": lambda town, folder: keeping.back_up(town.config, folder, keep=2),
    "restore": restore_to,
    "responses": keep_responses,
    **{format: export_as(format) for format in (*FORMATS, partitions.FORMAT)},
}


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """A town of which something can be copied."""
    town = Town(tmp_path_factory.mktemp("published"))
    with town.open() as newsroom:
        newsroom.save_all(articles(range(60), words=WORDS))
        rounds.publish_all(town.config, newsroom)
    return town


@pytest.mark.parametrize("kind", ["disk", "limited"])
@pytest.mark.parametrize("copy", COPIES)
def test_a_copy_that_finds_no_room_is_told_and_made_again(
    kind: str, copy: str, published: Town, request: pytest.FixtureRequest
) -> None:
    if copy.startswith("parquet"):
        pytest.importorskip("pyarrow", reason="pyarrow is an extra of its own")
    disk: Disk = request.getfixturevalue(kind)
    folder = disk.folder / "copies"
    folder.mkdir()
    # What others hold of the newsroom is not to grow: only the folder is short of room.
    disk.room(100_000 if copy.startswith("parquet") else 300_000)
    disk.limit()
    with pytest.raises(DiskFullError, match=r"copies.*: the disk is full") as stopped:
        COPIES[copy](published, folder)
    assert "\n" not in str(stopped.value)
    # Nor is what was missing taken by half a copy.
    left = {path.name for path in folder.iterdir()} - {".backup.lock"}
    assert not left or copy == "responses"
    disk.room(None)
    disk.limit()
    COPIES[copy](published, folder)
    assert not list(folder.glob("*.partial*"))
    for path in [*folder.glob("*.db"), *folder.glob("*.sqlite")]:
        assert faults(path) == []
    if copy == "responses":
        held = sorted(len(list(responses.read(path))) for path in responses.files(folder))
        assert 0 < held[0] < held[1] == 72
    assert faults(published.config.newsroom) == []
