"""Backfills over real archives, real processes, a real newsroom and a real Dask cluster."""

from __future__ import annotations

import gzip
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from classifier import models
from classifier.models import Model
from classifier.registry import Registry
from crawler.pages.limited import LimitedParser
from radar.backfill import Options, PartTimeoutError, process
from radar.backfill_hosts import Hosts, HostsError, hosts_of
from radar.backfill_items import unpack
from radar.backfill_manifest import Manifest
from radar.backfill_parts import ArchiveError, Part, parts_of
from radar.backfill_pieces import Assembly, Piece, pieces_of
from radar.backfill_pool import TRIES, _Slot, failed, run_here
from radar.backfill_relevance import glimpse
from radar.backfill_results import PartResult, Results
from radar.backfill_run import Progress, Report, Run, backfill, estimate
from radar.backfill_store import spellings
from store.disk import DiskFullError
from store.erasure import erase
from store.newsroom import Newsroom
from store.provenance import provenance
from store.types import Article, Source
from tests.archive import foreign_page, german_page, packed, record
from tests.clusters import local_cluster, wait_for_workers

NOW = datetime(2026, 11, 1, tzinfo=UTC)
KOELN = Source(
    id="nw_koeln", name="Köln", publisher="Stadt Köln", homepage="https://www.koeln.example/",
    kind="feed", url="https://www.koeln.example/presse/feed.xml", licence="official",
    display="full", relevance="topic", schedule="adaptive", reference="https://koeln.example/",
)  # fmt: skip
REST = replace(KOELN, id="rest", homepage="https://rest.example/", url="https://rest.example/f")
HOSTS = hosts_of([KOELN])
OPTIONS = Options(hosts=HOSTS, relevance=None)


def records(first: int, number: int, host: str = "www.koeln.example") -> list[bytes]:
    return [
        record(f"https://{host}/presse/{n}", german_page(n, "Köln"))
        for n in range(first, first + number)
    ]


@pytest.fixture
def archives(tmp_path: Path) -> Path:
    """Three archives with an item each five hundred bytes, foreign pages between, one damaged."""
    folder = tmp_path / "archives"
    folder.mkdir()
    for number in range(3):
        found = records(number * 4, 4)
        found.insert(1, record("https://news.example/1", foreign_page(1)))
        found.append(record("https://www.koeln.example/", german_page(1, "Köln")))
        # the second capture of the first archive's first page, seen later
        if number == 2:
            later = german_page(0, "Köln").replace(b"sch\xc3\xb6n", b"gut")
            at = datetime(2023, 1, 1, tzinfo=UTC)
            found.append(record("http://koeln.example/presse/0", later, at=at))
        data = bytearray(packed(found))
        if number == 1:
            data[-30] ^= 0xFF
        (folder / f"part{number}.warc.gz").write_bytes(data)
    return folder


@pytest.fixture(scope="module")
def here() -> Iterator[Run]:
    """Parts read one after another with one page reader: its start costs more than the parts."""
    with LimitedParser() as parser:

        def run(parts: Sequence[Part], options: Options) -> Results:
            for part in parts:
                try:
                    yield process(Piece(part), options, parser)
                except (ArchiveError, PartTimeoutError) as error:
                    yield failed(part, str(error))

        yield run


@pytest.fixture
def newsroom(tmp_path: Path) -> Iterator[Newsroom]:
    with Newsroom(tmp_path / "newsroom.db", now=lambda: NOW) as newsroom:
        newsroom.set_sources([KOELN, REST])
        yield newsroom


def go(
    newsroom: Newsroom,
    parts: list[Part],
    folder: Path,
    run: Run,
    options: Options = OPTIONS,
    limit: int | None = None,
) -> Report:
    told: list[Progress] = []
    manifest = Manifest.of(folder, options)
    report = backfill(newsroom, parts, options, manifest, run, limit=limit, on_progress=told.append)
    assert len(told) == report.read
    return report


def content(newsroom: Newsroom) -> list[tuple[Article, int, list[str]]]:
    """Everything that a backfill decides of the items."""
    return [
        (item.article, item.version, [found.record_id for found in provenance(newsroom, item.id)])
        for item in newsroom.items()
    ]


def named(folder: Path) -> list[Part]:
    return parts_of([str(folder / "*.warc.gz")])


def test_items_come_with_date_text_and_where_they_were_found(
    archives: Path, newsroom: Newsroom, tmp_path: Path, here: Run
) -> None:
    report = go(newsroom, named(archives), tmp_path / "work", here)
    assert report.counts == {"address": 3, "damaged": 1, "front page": 2, "kept": 13}
    assert report.stored == {"changed": 1, "new": 12}
    assert [line for line in report.troubles if "damaged" in line]
    first, *others = newsroom.items()
    assert len(others) == 11
    article = first.article
    assert article.source_id == "nw_koeln"
    assert article.kind == "press_release"
    assert article.title == "Köln: Online-Dienst Nummer 0"
    assert article.published is not None
    assert article.published.iso() == "2021-01-10T08:00:00+01:00"
    assert "gut weiter geht" in (article.body or "")
    captures = provenance(newsroom, first.id)
    assert [found.captured_at.year for found in captures] == [2022, 2023]
    assert captures[0].archive == str(archives / "part0.warc.gz")
    assert captures[0].offset == 0
    assert first.version == 2
    # another spelling of a known address is no other item
    assert article.url == "https://www.koeln.example/presse/0"


def test_what_is_done_is_not_done_again(
    archives: Path, newsroom: Newsroom, tmp_path: Path, here: Run
) -> None:
    go(newsroom, named(archives)[:2], tmp_path / "work", here)
    before = content(newsroom)
    report = go(newsroom, named(archives), tmp_path / "work", here)
    assert (report.done_before, report.read) == (2, 1)
    assert content(newsroom)[1 : len(before)] == before[1:]
    again = go(newsroom, named(archives), tmp_path / "work", here)
    assert (again.done_before, again.read, again.stored) == (3, 0, {})
    assert list((tmp_path / "work").rglob("*.ndjson.gz")) == []


def test_an_older_capture_takes_nothing_back_and_an_erased_item_stays_away(
    archives: Path, newsroom: Newsroom, tmp_path: Path, here: Run
) -> None:
    go(newsroom, named(archives)[:1], tmp_path / "first", here)
    first, second, *_ = [item.article for item in newsroom.items()]
    newsroom.save(replace(first, body="Heute.", fetched_at=NOW - timedelta(days=1)))
    erase(newsroom, [second.url], reason="Antrag")
    report = go(newsroom, named(archives)[:1], tmp_path / "second", here)
    assert report.stored == {"erased": 1, "older": 1, "same": 2}
    held = newsroom.item_by_url(first.url)
    assert held is not None
    assert held.article.body == "Heute."
    assert newsroom.item_by_url(second.url) is None


def test_of_new_items_only_the_erased_one_stays_away(
    newsroom: Newsroom, tmp_path: Path, here: Run
) -> None:
    """Items at new addresses are stored together, which is all or none."""
    one, all_of_them = tmp_path / "one.warc.gz", tmp_path / "all.warc.gz"
    one.write_bytes(packed(records(3, 1)))
    go(newsroom, parts_of([str(one)]), tmp_path / "work", here)
    erase(newsroom, ["https://www.koeln.example/presse/3"], reason="Antrag")
    twice = record("http://koeln.example/presse/2/", german_page(7, "Köln"), at=NOW)
    all_of_them.write_bytes(packed([*records(0, 4), twice, *records(4, 2)]))
    report = go(newsroom, parts_of([str(all_of_them)]), tmp_path / "work", here)
    assert report.stored == {"changed": 1, "erased": 1, "new": 5}
    numbers = [int(item.article.url.rpartition("/")[2]) for item in newsroom.items()]
    assert numbers == [0, 1, 2, 4, 5]
    assert [len(provenance(newsroom, item.id)) for item in newsroom.items()] == [1, 1, 2, 1, 1]


@pytest.fixture
def finely_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """Archives in pieces of about a record, however small they are."""
    monkeypatch.setattr("radar.backfill_pieces._LEAST", 800)


def test_few_archives_are_cut_where_records_may_begin(
    archives: Path, finely_cut: None, tmp_path: Path
) -> None:
    (tmp_path / "plain.warc").write_bytes(b"".join(records(0, 9)))
    parts = [*named(archives), *parts_of([str(tmp_path / "plain.warc")])]
    web, gone = Part("https://web.example/x.warc.gz", None), Part("/nowhere.warc.gz", 2000)
    pieces = pieces_of([*parts, web, gone], 2)
    assert pieces[-3:] == [Piece(parts[-1]), Piece(web), Piece(gone)]
    first = [piece.span for piece in pieces if piece.part == parts[0]]
    assert len(first) > 2
    assert first[0][0] == 0
    assert [end for _, end in first] == [*(begin for begin, _ in first[1:]), None]
    assert pieces_of(parts, 1) == [Piece(part) for part in parts]
    assert pieces_of([], 2) == []


def test_the_last_archive_is_cut_finer_so_that_workers_end_together(
    archives: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("radar.backfill_pieces._LEAST", 1)
    parts = named(archives)
    first, *_, last = ([one for one in pieces_of(parts, 2) if one.part == part] for part in parts)
    assert len(last) > 3 * len(first) > 3


def test_an_archive_is_whole_with_its_last_piece_and_failed_with_its_first(
    archives: Path, finely_cut: None
) -> None:
    parts = named(archives)[::2]
    pieces = pieces_of(parts, 2)
    assembly = Assembly(pieces)
    first, second = ([one for one in pieces if one.part == part] for part in parts)
    for number, piece in enumerate(reversed(first)):
        some = PartResult(piece.part.key, "x", counts={"kept": number}, items=b"%d" % piece.begin)
        whole = assembly.put(piece, replace(some, again=1))
        assert (whole is not None) == (number == len(first) - 1)
    assert whole is not None
    assert whole.items == b"".join(b"%d" % piece.begin for piece in first)
    assert whole.counts == {"kept": sum(range(len(first)))}
    assert whole.again == len(first)
    assembly.put(second[0], PartResult(second[0].part.key, "y", counts={"kept": 1}, items=b"x"))
    lost = assembly.put(second[2], failed(second[2].part, "it hung"))
    assert lost is not None
    assert (lost.failed, lost.counts, lost.items) == ("it hung", {}, b"")
    assert not assembly.wants(second[1])
    assert assembly.put(second[1], PartResult(second[1].part.key, "y")) is None


def test_the_order_of_the_list_decides_and_not_the_fastest_worker(
    archives: Path, tmp_path: Path, here: Run, finely_cut: None
) -> None:
    def backwards(parts: Sequence[Part], options: Options) -> Results:
        return here(parts[::-1], options)

    results = []
    for name, run in (("a", here), ("b", backwards), ("c", partial(run_here, workers=2))):
        with Newsroom(tmp_path / f"{name}.db", now=lambda: NOW) as newsroom:
            newsroom.set_sources([KOELN])
            go(newsroom, named(archives), tmp_path / name, run)
            results.append(content(newsroom))
    assert results[0] == results[1] == results[2]


def test_a_limit_stops_behind_the_archive_that_reaches_it(
    archives: Path, newsroom: Newsroom, tmp_path: Path, here: Run
) -> None:
    report = go(newsroom, named(archives), tmp_path / "work", here, limit=1)
    assert report.stored == {"new": 4}
    rest = go(newsroom, named(archives), tmp_path / "work", here)
    assert rest.stored == {"changed": 1, "new": 8}


def test_an_archive_that_cannot_be_read_is_left_out_with_its_reason(
    archives: Path, newsroom: Newsroom, tmp_path: Path, here: Run
) -> None:
    parts = named(archives)
    Path(parts[0].location).unlink()
    report = go(newsroom, parts, tmp_path / "work", here)
    assert "cannot be read" in report.quarantined[parts[0].location]
    assert report.read == 3
    assert sum(report.stored.values()) == 9


def test_what_is_no_archive_is_left_out_with_its_reason(tmp_path: Path, newsroom: Newsroom) -> None:
    path = tmp_path / "seite.warc.gz"
    path.write_text("<html>404</html>", encoding="utf-8")
    run = partial(run_here, workers=1)
    report = go(newsroom, parts_of([str(path)]), tmp_path / "work", run)
    assert report.quarantined[str(path)].startswith("no web archive: damaged: behind byte 0")


def test_an_archive_that_takes_too_long_is_left_out(
    archives: Path, newsroom: Newsroom, tmp_path: Path, here: Run
) -> None:
    options = replace(OPTIONS, part_s=0.0)
    report = go(newsroom, named(archives)[:1], tmp_path / "work", here, options=options)
    assert "not read within 0 s" in next(iter(report.quarantined.values()))


def children(pid: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            found += [int(stat.parent.name), *children(int(stat.parent.name))]
    return found


def kill_first(parts: Sequence[Part], options: Options, times: int) -> Results:
    """``run_here`` whose worker is killed so often while it reads."""
    before = set(children(os.getpid()))

    def strike() -> None:
        for _ in range(times):
            deadline = time.monotonic() + 20
            while time.monotonic() < deadline:
                workers = [
                    pid
                    for pid in set(children(os.getpid())) - before
                    if b"crawler.pages.worker" in _cmdline(pid)
                ]
                if workers:
                    parent = _parent(workers[0])
                    os.kill(parent, signal.SIGKILL)
                    before.update(workers)
                    break
                time.sleep(0.01)

    thread = Thread(target=strike)
    thread.start()
    yield from run_here(parts, options, 1)
    thread.join()


def _cmdline(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def _parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


@pytest.mark.parametrize("times", [1, TRIES])
def test_a_killed_worker_is_replaced_until_it_is_enough(
    archives: Path, newsroom: Newsroom, tmp_path: Path, times: int
) -> None:
    parts = named(archives)[:1]
    report = go(newsroom, parts, tmp_path / "work", partial(kill_first, times=times))
    if times < TRIES:
        assert report.stored == {"new": 4}
        assert report.again == times
    else:
        assert report.quarantined[parts[0].location] == "the worker ended with code -9"


def test_a_worker_that_hangs_is_killed_and_told(archives: Path) -> None:
    (part, *_) = named(archives)
    context = multiprocessing.get_context("forkserver")
    line, theirs = context.Pipe()
    hanging = context.Process(target=time.sleep, args=(600,))
    hanging.start()
    slot = _Slot(hanging, line, limit_s=-1.0)
    slot.read(Piece(part), 1)
    result = slot.result()
    assert result == failed(part, "the worker hung and was killed")
    assert hanging.exitcode == -signal.SIGKILL
    assert slot.line.closed
    theirs.close()


def test_a_full_disk_leaves_nothing_half(
    archives: Path,
    newsroom: Newsroom,
    tmp_path: Path,
    here: Run,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def full(fd: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("radar.backfill_manifest.os.fsync", full)
    with pytest.raises(DiskFullError, match="Make room"):
        go(newsroom, named(archives), tmp_path / "work", here)
    monkeypatch.undo()
    assert [path for path in (tmp_path / "work").rglob("*") if path.is_file()] == []
    assert go(newsroom, named(archives), tmp_path / "work", here).stored == {
        "changed": 1,
        "new": 12,
    }


@pytest.mark.parametrize("listed", ["plain", "gzipped"])
def test_archives_are_named_by_file_pattern_address_and_list(archives: Path, listed: str) -> None:
    lines = "part1.warc.gz\n# a remark\ncrawl-data/CC-NEWS/2020/01/x.warc.gz\n"
    text = f"{lines}https://web.example/y.warc\n".encode()
    paths = archives / "warc.paths"
    paths.write_bytes(gzip.compress(text) if listed == "gzipped" else text)
    first = str(archives / "part0.warc.gz")
    parts = parts_of([first, str(paths), str(archives / "*.warc.gz")])
    assert [part.location for part in parts] == [
        first,
        str(archives / "part1.warc.gz"),
        "https://data.commoncrawl.org/crawl-data/CC-NEWS/2020/01/x.warc.gz",
        "https://web.example/y.warc",
        str(archives / "part2.warc.gz"),
    ]
    assert len({part.key for part in parts}) == 5


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("fehlt.warc.gz", None, "no such file"),
        ("liste.txt", "nicht-da.warc.gz", "no such file beside the list"),
        ("liste.txt", "https://web.example/index.html", "is no archive"),
        ("bild.png", "\udcff", "nor a list"),
    ],
)
def test_what_names_no_archive_is_told(
    tmp_path: Path, name: str, text: str | None, said: str
) -> None:
    path = tmp_path / name
    if text is not None:
        path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(ArchiveError, match=said):
        parts_of([str(path)])


def test_hosts_of_the_catalogue_and_of_a_file(tmp_path: Path) -> None:
    podcast = replace(KOELN, id="podcast", url="https://hoster.example/feed")
    warnings = replace(
        KOELN, id="warnungen", url="https://koeln.example/warnung/feed", paths="/warnung/"
    )
    file = tmp_path / "hosts.txt"
    file.write_text("alt.example nw_koeln # before the relaunch\n* rest\n")
    hosts = hosts_of([podcast, KOELN, warnings, REST], file)

    def source(url: str) -> str | None:
        found = hosts.source_of(url)
        return found.id if found else None

    assert source("https://koeln.example/presse/1") == "nw_koeln"
    assert source("https://m.koeln.example/warnung/1") == "warnungen"
    assert source("https://hoster.example/anderes") == "rest"
    assert source("http://www.alt.example/1") == "nw_koeln"
    assert hosts.is_rest("https://irgendwo.example/")
    assert hosts_of([KOELN]).source_of("https://irgendwo.example/1") is None
    assert not hosts_of([KOELN]).knows("https://irgendwo.example/1")
    file.write_text("koeln.example unbekannt\n")
    with pytest.raises(HostsError, match="line 1"):
        hosts_of([KOELN], file)


def test_of_unknown_hosts_only_german_pages_are_read(
    tmp_path: Path, newsroom: Newsroom, here: Run
) -> None:
    path = tmp_path / "x.warc.gz"
    foreign = record("https://www.koeln.example/en/1", foreign_page(2))
    path.write_bytes(
        packed([*records(1, 2, "neu.example"), record("https://x.example/1", foreign_page(1))])
        + packed([foreign])
    )
    options = replace(OPTIONS, hosts=Hosts(HOSTS.sources, REST))
    report = go(newsroom, parts_of([str(path)]), tmp_path / "work", here, options)
    assert report.counts == {"kept": 3, "language": 1}
    assert {item.article.source_id for item in newsroom.items()} == {"rest", "nw_koeln"}


def test_since_and_until_mean_the_publication(archives: Path, here: Run) -> None:
    span = replace(
        OPTIONS, since=datetime(2021, 2, 1, tzinfo=UTC), until=datetime(2021, 4, 1, tzinfo=UTC)
    )
    (result,) = here(named(archives)[:1], span)
    days = [item.article.published for item in unpack(result.items)]
    assert [day.at.month for day in days if day] == [2, 3]
    assert result.counts["other time"] == 2
    late = replace(OPTIONS, since=datetime(2022, 6, 1, tzinfo=UTC))
    (result,) = here(named(archives)[:1], late)
    assert result.counts == {"address": 6}


def test_a_first_look_sees_title_lead_and_language() -> None:
    seen = glimpse(german_page(3, "Aachen"), "utf-8")
    assert seen.title.startswith("Aachen: KI-Chatbot Nummer 3")
    assert seen.description.startswith("Ein Chatbot")
    assert seen.lead.startswith("Ein Chatbot")
    assert seen.is_german
    assert not glimpse(foreign_page(1)).is_german
    assert glimpse("<p>Für</p>".encode("latin-1")).is_german


@pytest.mark.parametrize("charset", [None, "nonsense", "utf-8"])
def test_a_first_look_survives_anything(charset: str | None) -> None:
    assert glimpse(bytes(range(256)) * 40, charset).lead == ""


def test_a_reservation_in_the_archive_is_kept(tmp_path: Path, here: Run) -> None:
    path = tmp_path / "x.warc"
    page = german_page(1, "Köln").replace(
        b"<head>", b"<head><meta name='tdm-reservation' content='1'>"
    )
    path.write_bytes(record("https://koeln.example/presse/9", page))
    (result,) = here(parts_of([str(path)]), OPTIONS)
    (item,) = unpack(result.items)
    assert (item.article.reservation or "").startswith("meta tdm-reservation: 1")


def test_every_spelling_of_an_address() -> None:
    found = spellings("http://www.a.example/x/")
    assert len(found) == len(set(found)) == 8
    assert set(spellings("https://a.example/x")) == set(found)
    assert len(spellings("https://a.example/?id=1")) == 4


def test_a_dry_run_stores_nothing_and_reckons(archives: Path) -> None:
    told = estimate(named(archives), OPTIONS, 2)
    assert told.sampled == 3
    assert told.items == 13
    assert told.records == told.sampled_records == 18
    assert told.bytes == sum(part.size or 0 for part in named(archives))
    assert (told.cpu_hours or 0) > 0


@pytest.fixture
def cluster() -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """A real scheduler and two workers on loopback."""
    pytest.importorskip("distributed", reason="needs the extra `dask`")
    with local_cluster() as found:
        yield found


def test_a_cluster_gives_the_same_though_a_worker_dies(
    archives: Path,
    tmp_path: Path,
    here: Run,
    cluster: tuple[str, list[subprocess.Popen[bytes]]],
    finely_cut: None,
) -> None:
    from radar.backfill_cluster import run_there

    address, processes = cluster
    wait_for_workers(address, 2)
    told: list[str] = []

    def run(parts: Sequence[Part], options: Options) -> Results:
        results = run_there(parts, options, address, told.append)
        for number, result in enumerate(results):
            if number == 0:
                processes[-1].kill()
            yield result

    found = []
    for name, one in (("here", here), ("there", run)):
        with Newsroom(tmp_path / f"{name}.db", now=lambda: NOW) as newsroom:
            newsroom.set_sources([KOELN])
            report = go(newsroom, named(archives), tmp_path / name, one)
            assert report.quarantined == {}
            found.append(content(newsroom))
    assert found[0] == found[1]
    assert told[0].startswith("Dask dashboard:")


def test_no_scheduler_is_told() -> None:
    pytest.importorskip("distributed", reason="needs the extra `dask`")
    from radar import backfill_cluster
    from radar.cluster import ClusterError

    with pytest.raises(ClusterError, match="no Dask scheduler answers"):
        list(backfill_cluster.run_there([], OPTIONS, "tcp://127.0.0.1:9", print, connect_s=1))


@pytest.mark.parametrize("address", ["http://x", "tcp://127.0.0.1", "10.0.0.1", "tcp://:8786", ""])
def test_what_is_no_address_of_a_scheduler_is_told_at_once(address: str) -> None:
    pytest.importorskip("distributed", reason="needs the extra `dask`")
    from radar.cluster import ClusterError, connected

    with (
        pytest.raises(ClusterError, match="no address of a Dask scheduler"),
        connected(address, print),
    ):
        pass


def test_archives_come_over_http_though_the_connection_breaks(
    archives: Path, here: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = (archives / "part0.warc.gz").read_bytes()
    asked: list[str | None] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.headers["Range"])
            begin = int((self.headers["Range"] or "bytes=0-")[6:].partition("-")[0])
            self.send_response(206 if begin else 200)
            self.send_header("Content-Length", str(len(content) - begin))
            self.end_headers()
            # the first answer ends before its time
            self.wfile.write(content[begin:] if begin else content[:1000])

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        (result,) = here(parts_of([f"http://127.0.0.1:{server.server_port}/a.warc.gz"]), OPTIONS)
    finally:
        server.shutdown()
        server.server_close()
    assert result.counts["kept"] == 4
    assert asked == [None, "bytes=1000-"]


def test_the_command(archives: Path, tmp_path: Path, model: Model) -> None:
    """From files to the newsroom, as a person would."""
    page = german_page(2, "Köln")
    url = "https://www.stadt-koeln.de/politik-und-verwaltung/presse/mitteilungen/2"
    everyday = german_page(5, "Köln", relevant=False)
    (archives / "k.warc.gz").write_bytes(
        packed([record(url, page), record(url + "5", everyday), b"nonsense"])
    )
    folder = tmp_path / "data" / "models"
    models.save(model, folder)
    Registry(folder).promote(model.id, by="test", why="first", now=NOW)
    environment = {**os.environ, "RADAR_PATHS_DATA": str(tmp_path / "data")}
    command = [sys.executable, "-c", "from radar.cli import main; main()", "backfill"]
    arguments = [str(archives / "k.warc.gz"), "--json", "--workers", "1"]
    done = subprocess.run([*command, *arguments], env=environment, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    swapped = ["--since", "2024-01-01", "--until", "2023-01-01", arguments[0]]
    refused = subprocess.run(
        [*command, *swapped], env=environment, capture_output=True, check=False
    )
    assert refused.returncode == 2
    assert b"--since must be before --until" in refused.stderr
    report = json.loads(done.stdout)
    assert report["counts"] == {"damaged": 1, "irrelevant": 1, "kept": 1}
    assert report["stored"] == {"new": 1}
