"""Backfilling a synthetic archive, faults included, against a warcio+trafilatura loop: JSON.

    python benchmarks/backfill.py [--pages 20000] [--repeat 1] [--peer PYTHON] [--cluster]

Eight WARC files: a third of the pages are news of a catalogue's host, a sixth its everyday news,
the rest foreign pages and other hosts. One file is cut off, one has a flipped bit, one is missing.

``identical``: the newsroom of one process, of two, of two of which one is killed, and
(``--cluster``) of a Dask scheduler and two workers, undisturbed and one killed, item by item with
versions and records. ``struck`` shows that the kills bit: pieces that were tried again, or that the
killed Dask worker held. ``records_a_cpu_second``: all processes' time, page readers included.
``two_workers``: wall time of one worker over that of two, in turns (only on a machine with two idle
cores does it say anything), how much processor time two take for the work of one, the writer's
share of all processor time (it has a core to itself beside one worker, beside two it has not), and
``two_loops``: how much two empty loops at once do over one, which no two workers can surpass.
``peer``: PYTHON has warcio and trafilatura; its loop reads the same files, once extracting every
HTML page, once only those of the catalogue's host, as we do.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import multiprocessing
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from radar.backfill import Options
from radar.backfill_hosts import hosts_of
from radar.backfill_manifest import Manifest
from radar.backfill_parts import Part, parts_of
from radar.backfill_pool import prepare, run_here
from radar.backfill_relevance import Relevance
from radar.backfill_results import Results
from radar.backfill_run import Report, Run, backfill
from store.newsroom import Newsroom
from store.provenance import provenance
from store.types import Source
from tests.archive import foreign_page, german_page, packed, record
from tests.clusters import local_cluster, wait_for_workers

FILES = 8
NOW = datetime(2026, 11, 1, tzinfo=UTC)
SOURCE = Source(
    id="stadt", name="Stadt", publisher="Stadt", homepage="https://www.stadt.example/", kind="feed",
    url="https://www.stadt.example/feed", licence="official", display="full", relevance="topic",
    schedule="adaptive", reference="https://www.stadt.example/",
)  # fmt: skip

PEER = """
import json, sys, time
from warcio.archiveiterator import ArchiveIterator
from trafilatura import bare_extraction
files, only = sys.argv[2:], sys.argv[1]
begun, records, items = time.process_time(), 0, 0
for name in files:
    try:
        with open(name, "rb") as file:
            for record in ArchiveIterator(file):
                if record.rec_type != "response":
                    continue
                records += 1
                url = record.rec_headers.get_header("WARC-Target-URI")
                if only not in url or record.http_headers.get_statuscode() != "200":
                    continue
                found = bare_extraction(
                    record.content_stream().read(), url=url, with_metadata=True
                )
                items += found is not None
    except Exception as error:
        print(f"{name}: {type(error).__name__}: {error}", file=sys.stderr)
print(json.dumps({"records": records, "items": items, "cpu_s": time.process_time() - begun}))
"""


def make(folder: Path, pages: int) -> list[Part]:
    """The archives, the same for the same number of pages."""
    each = pages // FILES
    for number in range(FILES):
        found = []
        for at in range(number * each, (number + 1) * each):
            url, when = f"https://www.stadt.example/news/{at}", datetime(2022, 1, 1, tzinfo=UTC)
            kind = at % 6
            if kind in (0, 3):
                body = german_page(at, "Stadt")
            elif kind == 1:
                body = german_page(at, "Stadt", relevant=False)
            else:
                url = f"https://h{at % 97}.example/{at}"
                body = foreign_page(at) if kind == 2 else german_page(at, "Anderswo")
            found.append(record(url, body, at=when + timedelta(minutes=at)))
        data = bytearray(packed(found))
        if number == 1:
            data[len(data) // 2] ^= 0xFF
        if number == 2:
            del data[-200:]
        (folder / f"{number}.warc.gz").write_bytes(data)
    parts = parts_of([str(folder / "*.warc.gz")])
    (folder / "3.warc.gz").unlink()
    return parts


@dataclass(frozen=True, slots=True)
class Once:
    """One backfill: its report, a hash of all items with versions and records, and the processor
    seconds of who hands out and stores."""

    report: Report
    digest: str
    writer_s: float


def run_once(folder: Path, parts: Sequence[Part], options: Options, run: Run) -> Once:
    """Backfill into a new newsroom in a new folder."""
    folder.mkdir()
    begun = time.process_time()
    with Newsroom(folder / "newsroom.db", now=lambda: NOW) as newsroom:
        newsroom.set_sources([SOURCE])
        manifest = Manifest.of(folder / "work", options)
        report = backfill(
            newsroom, parts, options, manifest, run, limit=None, on_progress=lambda _: None
        )
        writer_s = time.process_time() - begun
        digest = hashlib.sha256()
        for item in newsroom.items():
            records = [found.record_id for found in provenance(newsroom, item.id)]
            digest.update(f"{item.article} {item.version} {records}\n".encode())
    return Once(report, digest.hexdigest(), writer_s)


def page_readers() -> list[int]:
    """Processes that read pages, anywhere below this one."""
    parents, readers = {}, []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            stat = (entry / "stat").read_text().rpartition(")")[2].split()
            line = (entry / "cmdline").read_bytes()
        except OSError:
            continue
        parents[int(entry.name)] = int(stat[1])
        if b"crawler.pages.worker" in line:
            readers.append(int(entry.name))

    def below(pid: int) -> bool:
        while pid > 1:
            pid = parents.get(pid, 0)
            if pid == os.getpid():
                return True
        return False

    return [parents[pid] for pid in readers if below(pid)]


def run_struck(parts: Sequence[Part], options: Options) -> Results:
    """Two workers, of which one is killed once while it reads."""

    def strike() -> None:
        while not page_readers():
            time.sleep(0.05)
        time.sleep(2)
        os.kill(page_readers()[0], signal.SIGKILL)

    threading.Thread(target=strike, daemon=True).start()
    yield from run_here(parts, options, 2)


@contextmanager
def cluster(held: list[int] | None) -> Iterator[Run]:
    """A scheduler and two workers on loopback. With ``held`` one is killed after the third archive,
    while it reads; the number of pieces that it held then is added."""
    from distributed import Client

    from radar.backfill_cluster import run_there

    with local_cluster() as (address, started):
        wait_for_workers(address, 2)

        def strike() -> None:
            with Client(address, set_as_default=False) as client:  # type: ignore[no-untyped-call]
                pids = client.run(os.getpid)
                (victim,) = [name for name, pid in pids.items() if pid == started[-1].pid]
                while not (pieces := client.processing()[victim]):
                    time.sleep(0.02)
                started[-1].kill()
                assert held is not None
                held.append(len(pieces))

        def run(parts: Sequence[Part], options: Options) -> Results:
            results = run_there(parts, options, address, lambda _: None)
            for number, result in enumerate(results):
                if held is not None and number == 2:
                    strike()
                yield result

        yield run


def loop_s() -> float:
    """Seconds of an empty loop."""
    begun = time.perf_counter()
    for _ in range(20_000_000):
        pass
    return time.perf_counter() - begun


def two_loops() -> float:
    """What two empty loops at once do over one: the most that a second worker can bring here."""
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        pool.map(abs, range(2))
        found = []
        for _ in range(3):
            one = loop_s()
            both = [pool.apply_async(loop_s) for _ in range(2)]
            found.append(2 * one / max(each.get() for each in both))
    return statistics.median(found)


def peer(python: str, parts: Sequence[Part], only: str) -> dict[str, float]:
    """What the loop says of itself."""
    files = [part.location for part in parts if Path(part.location).exists()]
    done = subprocess.run(
        [python, "-c", PEER, only, *files], check=True, capture_output=True, text=True
    )
    return json.loads(done.stdout)  # type: ignore[no-any-return]


def told_of_two(
    one: Sequence[Once], two: Sequence[Once], loops: Sequence[float]
) -> dict[str, object]:
    """What a second worker brings, and what bounds it."""

    def median(times: Iterable[float]) -> float:
        return statistics.median(times)

    walls = [
        first.report.seconds / second.report.seconds for first, second in zip(one, two, strict=True)
    ]
    cpu = median(once.report.cpu_s for once in two) / median(once.report.cpu_s for once in one)
    share = median(once.writer_s / (once.writer_s + once.report.cpu_s) for once in two)
    return {
        "wall": round(median(walls), 2),
        "walls": [round(wall, 2) for wall in walls],
        "cpu": round(cpu, 2),
        "writer_share": round(share, 3),
        "two_loops": round(median(loops), 2),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=20_000)
    parser.add_argument("--repeat", type=int, default=1)
    parser.add_argument("--peer")
    parser.add_argument("--cluster", action="store_true")
    chosen = parser.parse_args()
    # here, because each worker imports this script: a command's own script loads as little
    from classifier.training import train

    prepare()
    found: dict[str, object] = {"pages": chosen.pages, "load": os.getloadavg()[0]}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        parts = make(folder, chosen.pages)
        options = Options(hosts_of([SOURCE]), Relevance.of(train()))
        hashes: dict[str, str] = {}
        took: dict[str, list[Once]] = {"one": [], "two": []}
        loops = []
        for turn in range(chosen.repeat):
            loops.append(two_loops())
            for label, workers in (("one", 1), ("two", 2)):
                once = run_once(
                    folder / f"{label}{turn}", parts, options, partial(run_here, workers=workers)
                )
                hashes[label] = once.digest
                took[label].append(once)
        report = took["two"][-1].report
        found["counts"], found["stored"] = report.counts, report.stored
        found["left out"] = len(report.quarantined)
        # the writer's and the coordinator's time counts as ours, too
        ours = report.records / min(one.report.cpu_s + one.writer_s for one in took["one"])
        found["records_a_cpu_second"] = round(ours, 1)
        found["two_workers"] = told_of_two(took["one"], took["two"], loops)
        if chosen.peer:
            for label, only in (("every page", ""), ("our host", "www.stadt.example")):
                told = peer(chosen.peer, parts, only)
                theirs = told["records"] / told["cpu_s"]
                found[f"peer, {label}"] = told | {"ratio": round(ours / theirs, 2)}
        once = run_once(folder / "struck", parts, options, run_struck)
        hashes["struck"] = once.digest
        # the missing archive is tried again, too
        again = once.report.again - report.again
        struck = {"pieces tried again by the pool": again}
        if again == 0:
            raise SystemExit("the backfill ended before its worker was killed: more pages?")
        if chosen.cluster:
            held: list[int] = []
            for label, victims in (("dask", None), ("dask struck", held)):
                with cluster(victims) as run:
                    hashes[label] = run_once(folder / label, parts, options, run).digest
            struck["pieces held by the killed Dask worker"] = held[0]
        found["struck"] = struck
        found["identical"] = len(set(hashes.values())) == 1
        found["compared"] = sorted(hashes)
    sys.stdout.write(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
