"""`radar backfill` and `radar replay` as a person types them."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread

import pytest
from click.testing import CliRunner, Result

from crawler.pages import PageError
from crawler.source_files import write_source
from radar.backfill_commands import backfill, replay
from radar.config import Config
from store.errors import RadarError
from store.newsroom import Newsroom
from store.provenance import provenance
from store.responses import ResponseFile
from store.types import Article, RunResult, Visit
from tests.archive import german_page, packed, record
from tests.press import source
from tests.store.test_full_disk import Disk, a_disk
from tests.store.town import ROOT, faults

PAGES = 100
NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """A catalogue of one town."""
    write_source(tmp_path / "sources", source("stadt"))
    return Config(paths_data=tmp_path / "data", paths_catalogue=tmp_path / "sources")


def archive(folder: Path, name: str, numbers: range) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    pages = ((f"https://www.stadt.example/{n}", german_page(n, "Stadt")) for n in numbers)
    path.write_bytes(packed(record(url, page) for url, page in pages))
    return path


def run(command: object, config: Config, *words: str) -> Result:
    """A fault of ours is raised; what a person can mend comes back."""
    done = CliRunner().invoke(command, list(words), obj=config)  # type: ignore[arg-type]
    if done.exception and not isinstance(done.exception, SystemExit | RadarError):
        raise done.exception
    return done


def refusal(command: object, config: Config, *words: str) -> str:
    done = run(command, config, *words)
    assert done.exit_code != 0
    line = str(done.exception) if isinstance(done.exception, RadarError) else done.output
    return line.strip().splitlines()[-1]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "Missing argument"),
        (["FOLDER/none.warc.gz"], "none.warc.gz: no such file"),
        (["FOLDER"], "a folder; name its archives, such as"),
        (["http://[x/y.warc.gz"], "no address that could be asked"),
        (["http:///y.warc.gz"], "no address that could be asked"),
        (["x", "--part-hours", "nan"], "--part-hours must be a number of hours"),
        (["x", "--part-hours", "0"], "'--part-hours': 0.0 is not in the range"),
        (["x", "--workers", "0"], "'--workers': 0 is not in the range"),
        (["x", "--since", "2024-02-30"], "'--since': '2024-02-30' does not match"),
        (["x", "--since", "2024-02-02", "--until", "2024-02-02"], "--since must be before"),
    ],
)
def test_a_backfill_that_cannot_be_is_refused_in_one_line(
    words: list[str], said: str, config: Config, tmp_path: Path
) -> None:
    placed = [word.replace("FOLDER", str(tmp_path)) for word in words]
    assert said in refusal(backfill, config, *placed)
    assert not config.newsroom.exists()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[str, list[str]]]:
    """A web server's address, its folder being ``web``, and what it was asked."""
    asked: list[str] = []

    class Handler(SimpleHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            super().do_GET()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(
        ("127.0.0.1", 0), partial(Handler, directory=str(tmp_path / "web"))
    )
    thread = Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/", asked
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_paths_list_of_common_crawls_over_http(
    config: Config,
    served: tuple[str, list[str]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    address, asked = served
    monkeypatch.setattr("radar.backfill_parts.COMMON_CRAWL", address)
    names = [f"crawl-data/CC-NEWS/2020/01/CC-NEWS-2020010{n}-00001.warc.gz" for n in range(3)]
    for number, name in enumerate(names[:2]):
        archive(tmp_path / "web", name, range(number * 3, number * 3 + 3))
    (tmp_path / "web" / "warc.paths.gz").write_bytes(gzip.compress("\n".join(names).encode()))
    words = [f"{address}warc.paths.gz", "--everything", "--workers", "1"]
    sample = json.loads(run(backfill, config, *words, "--dry-run", "--json").stdout)
    assert (sample["archives"], sample["sampled"], sample["sampled_records"]) == (3, 2, 6)
    assert sample["items"] == sample["records"] == 9  # the third by the two that could be had
    assert sample["cpu_hours"] > 0
    assert sample["newsroom_bytes"] > 0
    assert sample["failed"] == {address + names[2]: "not loaded: HTTP 404; check the address"}
    with Newsroom(config.newsroom, now=lambda: NOW) as newsroom:
        assert list(newsroom.items()) == []
    done = run(backfill, config, *words)
    assert done.exit_code == 3
    assert "3 archives read, 0 were done before; 6 records: 6 kept; newsroom: 6 new" in done.stdout
    assert re.search(
        r"^1 of 3 archives: 3 records, 3 kept, \d+ records/s, \d+ s left$",
        done.stderr,
        re.MULTILINE,
    )
    assert f"left out: {address}{names[2]}: not loaded: HTTP 404; check" in done.stderr
    with Newsroom(config.newsroom, now=lambda: NOW) as newsroom:
        first, *_ = newsroom.items()
        (record,) = provenance(newsroom, first.id)
    assert record.archive == address + names[0]
    assert record.captured_at == first.article.fetched_at
    assert first.article.published
    assert first.article.published.at < record.captured_at
    # what was done, and what was left out, is asked for no more
    asked.clear()
    assert "0 archives read, 3 were done before" in run(backfill, config, *words).stdout
    assert asked == ["/warc.paths.gz"]
    archive(tmp_path / "web", names[2], range(6, 9))
    done = run(backfill, config, *words, "--retry")
    assert done.exit_code == 0
    assert "newsroom: 3 new" in done.stdout


def test_an_archive_beyond_its_hours_is_left_out_until_it_gets_more(
    config: Config, tmp_path: Path
) -> None:
    path = str(archive(tmp_path, "x.warc.gz", range(3)))
    words = [path, "--everything", "--workers", "1"]
    done = run(backfill, config, *words, "--part-hours", "1e-9")
    assert done.exit_code == 3
    assert f"left out: {path}: not read within 3.6e-06 s; 1 records were" in done.stderr
    done = run(backfill, config, *words, "--retry")
    assert done.exit_code == 0
    assert "newsroom: 3 new" in done.stdout


def test_a_full_disk_stops_a_backfill_which_goes_on_when_there_is_room(
    config: Config, tmp_path: Path
) -> None:
    for number in range(3):
        archive(tmp_path, f"{number}.warc.gz", range(number * PAGES, (number + 1) * PAGES))

    def radar(disk: Disk) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", "from radar.cli import main; main()",
             "backfill", str(tmp_path / "*.warc.gz"), "--everything", "--workers", "1"],
            cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
            preexec_fn=disk.limit,
            env={"RADAR_PATHS_DATA": str(disk.folder),
                 "RADAR_PATHS_CATALOGUE": str(config.paths_catalogue)},
        )  # fmt: skip

    with a_disk(tmp_path / "disk") as disk:
        # full while the newsroom is made, and while items are stored
        for room in (50_000, 700_000):
            disk.room(room)
            done = radar(disk)
            assert done.returncode == 1, done.stderr
            told = [line for line in done.stderr.splitlines() if "records/s" not in line]
            assert len(told) == 1, done.stderr
            assert f"radar: {disk.folder}" in told[0]
            assert "the disk is full" in told[0]
        disk.room(None)
        done = radar(disk)
        assert done.returncode == 0, done.stderr
        path = disk.folder / "newsroom.db"
        assert faults(path) == []
        with Newsroom(path, now=lambda: NOW) as newsroom:
            items = list(newsroom.items())
        assert len(items) == 3 * PAGES
        assert {item.version for item in items} == {1}
        assert list(disk.folder.rglob("*.ndjson.gz")) == []


def test_a_full_temporary_folder_is_named(
    config: Config, served: tuple[str, list[str]], tmp_path: Path
) -> None:
    archive(tmp_path / "web", "x.warc.gz", range(PAGES))
    address, _ = served
    # tmp_path may be too long for a socket
    with TemporaryDirectory() as name, a_disk(Path(name) / "disk") as disk:
        disk.room(20_000)
        done = subprocess.run(
            [sys.executable, "-c", "from radar.cli import main; main()",
             "backfill", f"{address}x.warc.gz", "--everything", "--workers", "1"],
            cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
            preexec_fn=disk.limit,
            env={"RADAR_PATHS_DATA": str(config.paths_data), "TMPDIR": str(disk.folder),
                 "RADAR_PATHS_CATALOGUE": str(config.paths_catalogue)},
        )  # fmt: skip
    assert done.returncode == 3, done.stderr
    assert f"not loaded: {disk.folder} on" in done.stderr
    assert "is full; make room there" in done.stderr


def test_a_temporary_folder_with_a_long_name_is_named(config: Config, tmp_path: Path) -> None:
    archive(tmp_path / "web", "x.warc.gz", range(PAGES))
    folder = tmp_path / ("lang" * 25)
    folder.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", "from radar.cli import main; main()",
         "backfill", str(tmp_path / "web" / "x.warc.gz"), "--everything", "--workers", "1"],
        cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
        env={"RADAR_PATHS_DATA": str(config.paths_data), "TMPDIR": str(folder),
             "RADAR_PATHS_CATALOGUE": str(config.paths_catalogue)},
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.startswith(f"radar: {folder}: too long a name")
    assert done.stderr.count("\n") == 1


@pytest.fixture
def crawled(config: Config) -> Config:
    """A newsroom of two runs; of the first the responses are stored, and its item is cut short."""
    url = "https://www.stadt.example/1"
    config.paths_data.mkdir()
    with Newsroom(config.newsroom, now=lambda: NOW) as newsroom:
        newsroom.set_sources([source("stadt")])
        first = newsroom.start_run("stadt")
        short = Article("stadt", url, "press_release", "Kurz", NOW, body="Nur ein Satz.")
        newsroom.save(short, visit=Visit(url, "h", NOW, item_url=url), run_id=first)
        newsroom.finish_run(first, RunResult("ok", new=1))
    with Newsroom(config.newsroom, now=lambda: NOW + timedelta(hours=1)) as newsroom:
        newsroom.finish_run(newsroom.start_run("stadt"), RunResult("unchanged"))
    with ResponseFile(config.paths_data / "responses", now=NOW) as file:
        html = [("Content-Type", "text/html; charset=utf-8")]
        file.keep(url, status=200, headers=html, body=german_page(1, "Stadt"), at=NOW)
    return config


def title(config: Config) -> tuple[str, int]:
    with Newsroom(config.newsroom, now=lambda: NOW) as newsroom:
        (item,) = newsroom.items()
    return item.article.title, item.version


def test_a_run_is_replayed_dry_first_and_then_written(crawled: Config) -> None:
    dry = run(replay, crawled, "1")
    assert "  - title: Kurz\n  + title: Stadt: Glasfaserausbau Nummer 1" in dry.stdout
    assert "1 items read again: 1 would change (--write saves them); 0 can no" in dry.stdout
    assert title(crawled) == ("Kurz", 1)
    (told,) = [json.loads(line) for line in run(replay, crawled, "1", "--json").stdout.splitlines()]
    assert told["fields"]["body"]["before"] == "Nur ein Satz."
    written = run(replay, crawled, "1", "--write")
    assert "1 items read again: 1 changed; 0 can no longer" in written.stdout
    assert title(crawled) == ("Stadt: Glasfaserausbau Nummer 1", 2)
    assert "1 items read again: 0 would change" in run(replay, crawled, "1").stdout


def test_a_page_class_that_the_catalogue_names_since_the_crawl_counts(
    crawled: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str | None] = []

    def parse(self: object, html: bytes, url: str, *, page: str | None, **_: object) -> None:
        asked.append(page)
        raise PageError("no such page")

    monkeypatch.setattr("radar.replaying.LimitedParser.parse", parse)
    (crawled.paths_catalogue / "stadt.toml").unlink()
    write_source(crawled.paths_catalogue, source("stadt", page="typo3"))
    done = run(replay, crawled, "1")
    assert asked == ["typo3"]
    assert "0 would change (--write saves them); 1 can no longer be read" in done.stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "name either a RUN or --since"),
        (["1", "--since", "2024-01-01"], "name either a RUN or --since"),
        (["9"], "9: no run of that number has ended"),
        (["0"], "0 is not in the range"),
        (["9" * 30], "is not in the range"),
        (["eins"], "is not a valid integer"),
    ],
)
def test_a_replay_that_cannot_be_is_refused_in_one_line(
    words: list[str], said: str, crawled: Config
) -> None:
    assert said in refusal(replay, crawled, *words)


def test_a_span_without_responses_is_told(crawled: Config) -> None:
    for words in (["2"], ["--since", f"{NOW + timedelta(days=2):%Y-%m-%d}"]):
        done = run(replay, crawled, *words)
        assert done.exit_code == 0
        assert "0 items read again" in done.stdout
        assert "no response of that span is stored" in done.stderr
    for path in (crawled.paths_data / "responses").iterdir():
        path.unlink()
    assert "set [crawl] keep_responses_days" in refusal(replay, crawled, "1")
