"""How fast the search engine is, and how large its index, from 10⁴ items on: one JSON object.

    python benchmarks/search_speed.py [SIZE ...] [--publish N] [--keep DIR]

With ``--keep`` each size is built in ``DIR/SIZE`` and stays there with what was measured so far:
called again, only what is missing is built and measured, and the questions are always asked anew.
Without it every size is built anew from invented items (``search_items``) and asked the same
kinds of questions, beside a bare contentless FTS5 table (unicode61) of the same texts in the same
run: its ``MATCH … LIMIT 20`` and its building are what the ratios divide by. Times in ms unless
named otherwise, by the clock and of the processor: on a busy machine only the latter can be
compared. Every question is asked once, so no answer is cached but where it says so; the files are
read through before, as they stand in the memory of a server that answers (``from_disk``: every
sixth question with nothing of them there). ``common`` words are the 30 content words in most
documents, ``middling`` ones stand in 0.1 to 1 % of them, ``rare`` ones in fewer. ``--publish``
adds ``radar publish --rebuild`` from a newsroom of so many items: of few, most of the time goes
to words that are met for the first time. ``asked`` sets the figures of writing beside their bars.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.search_items import (  # noqa: E402
    END,
    FUNCTION_WORDS,
    SOURCES,
    TOPICS,
    Item,
    items,
    vocabulary,
)
from store.archive import create_archive  # noqa: E402
from store.dictionary import load_dictionary  # noqa: E402
from store.index import PLACES, Document, create_index  # noqa: E402
from store.indexing import CACHE_KB, IndexWriter  # noqa: E402
from store.lemmas import key  # noqa: E402
from store.newsroom import Newsroom  # noqa: E402
from store.publish import BATCH as PUBLISH_BATCH  # noqa: E402
from store.publish import publish  # noqa: E402
from store.rows import stamp  # noqa: E402
from store.schema import connect  # noqa: E402
from store.search import Query, Search  # noqa: E402
from store.types import STATES, Article, PublicationDate, Source  # noqa: E402

BATCH = 2000
BARE = "CREATE VIRTUAL TABLE bare USING fts5(title, text, content='', tokenize='unicode61')"
OPENING = r"""
import json, re, sys, time
from pathlib import Path
from store.search import Query, Search
start = time.perf_counter()
search = Search(Path(sys.argv[1]), Path(sys.argv[2]))
opened = time.perf_counter()
search.run(Query(sys.argv[3]))
answered = time.perf_counter()
status = Path("/proc/self/status").read_text()
print(json.dumps({
    "open_s": round(opened - start, 3),
    "open_and_first_answer_s": round(answered - start, 3),
    # ru_maxrss would be that of the process that started this one.
    "resident_mb": round(int(re.search(r"VmHWM:\s+(\d+)", status)[1]) / 1024),
}))
"""


Taken = list[tuple[float, float]]


def percentiles(taken: Taken) -> dict[str, float]:
    """In ms: median and 95th percentile by the clock, and of the processor's time."""
    clock, cpu = np.array(taken).T * 1000
    return {
        "p50": round(float(np.percentile(clock, 50)), 3),
        "p95": round(float(np.percentile(clock, 95)), 3),
        "cpu_p50": round(float(np.percentile(cpu, 50)), 3),
        "cpu_p95": round(float(np.percentile(cpu, 95)), 3),
    }


def timed(calls: Iterable[Callable[[], object]]) -> Taken:
    """For each call the seconds that passed, and those of this thread on the processor."""
    taken = []
    for call in calls:
        start, cpu = time.perf_counter(), time.thread_time()
        call()
        taken.append((time.perf_counter() - start, time.thread_time() - cpu))
    return taken


def batches(count: int) -> Iterator[list[Item]]:
    made = items(count)
    while batch := list(islice(made, BATCH)):
        yield batch


def write_archive(archive: sqlite3.Connection, batch: list[Item]) -> None:
    """The public rows that hits are shown from."""
    insert(
        archive,
        "items",
        [
            {
                "id": item.document.item_id,
                "source_id": item.document.source,
                "url": f"https://a.example/{item.document.item_id}",
                "kind": item.document.kind,
                "title": item.title,
                "teaser": item.teaser,
                "body": item.body or None,
                "published_at": stamp(item.document.at),
                "published": stamp(item.document.at),
                "day_only": 0,
                "date_source": "entry",
                "first_seen": stamp(item.document.at),
                "changed_at": stamp(item.document.at),
                "language": "de",
                "cluster_id": item.cluster or None,
                "is_primary": int(item.is_primary or not item.cluster),
                "reserved": 0,
                "review": 0,
            }
            for item in batch
        ],
    )
    tagged = {"score": 0.9, "model_id": "m", "evidence": "[]"}
    for table, column, facet in (
        ("item_topics", "topic_id", "topics"),
        ("item_states", "state_code", "states"),
    ):
        insert(
            archive,
            table,
            [
                {"item_id": item.document.item_id, column: value, **tagged}
                for item in batch
                for value in getattr(item.document, facet)
            ],
        )
    insert(
        archive,
        "clusters",
        [
            {"id": item.cluster, "primary_item_id": item.document.item_id, "size": 2}
            for item in batch
            if item.cluster and item.is_primary
        ],
    )


def insert(archive: sqlite3.Connection, table: str, rows: list[dict[str, Any]]) -> None:
    """Rows of the same columns; the others stay empty."""
    if rows:
        names = list(rows[0])
        archive.executemany(
            f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})",
            [tuple(row.values()) for row in rows],
        )


def begin_archive(path: Path) -> sqlite3.Connection:
    archive = connect(path)
    archive.execute("PRAGMA synchronous = OFF")
    archive.execute("BEGIN")
    create_archive(archive)
    insert(archive, "states", [{"code": code, "label": name} for code, name in STATES.items()])
    insert(
        archive,
        "topics",
        [
            {"id": topic, "label": topic, "description": topic, "position": position}
            for position, topic in enumerate(TOPICS)
        ],
    )
    insert(
        archive,
        "sources",
        [
            {
                "id": name, "name": name, "publisher": name, "homepage": "https://a.example/",
                "kind": "feed", "licence": "official", "display": "full", "status": "ok",
                "items": 0,
            }
            for name in SOURCES
        ],
    )  # fmt: skip
    archive.execute("COMMIT")
    return archive


def build(folder: Path, count: int) -> dict[str, Any]:
    """Write index, archive and the bare table; how fast and how large."""
    archive = begin_archive(folder / "archive.db")
    # Both without a log, as publishing makes a file anew.
    index = connect(folder / "search.db", throwaway=True)
    bare = connect(folder / "bare.db", throwaway=True)
    index.execute("BEGIN")
    create_index(index)
    index.execute("COMMIT")
    bare.execute(BARE)
    load_dictionary()
    writer = IndexWriter(index)
    text = 0
    spent = {"index": 0.0, "index_cpu": 0.0, "bare": 0.0, "bare_cpu": 0.0}
    writer.begin_bulk()
    bare.execute("INSERT INTO bare (bare, rank) VALUES ('automerge', 0)")
    bare.execute(f"PRAGMA cache_size = -{CACHE_KB}")
    for batch in batches(count):
        archive.execute("BEGIN")
        write_archive(archive, batch)
        archive.execute("COMMIT")
        start, cpu = time.perf_counter(), time.process_time()
        index.execute("BEGIN")
        for item in batch:
            writer.put(item.document)
            if item.cluster:
                writer.set_cluster(item.document.item_id, item.cluster, is_primary=item.is_primary)
        writer.flush()
        index.execute("COMMIT")
        spent["index"] += time.perf_counter() - start
        spent["index_cpu"] += time.process_time() - cpu
        places = [row[0] for row in index.execute(
            "SELECT id FROM documents WHERE item_id BETWEEN ? AND ? ORDER BY item_id",
            (batch[0].document.item_id, batch[-1].document.item_id),
        )]  # fmt: skip
        rows = []
        for place, item in zip(places, batch, strict=True):
            whole = f"{item.document.shown}\n{item.document.hidden}"
            rows.append((place, item.title, whole))
            text += len(item.title.encode()) + len(whole.encode())
        start, cpu = time.perf_counter(), time.process_time()
        rows.sort()
        bare.execute("BEGIN")
        bare.executemany("INSERT INTO bare (rowid, title, text) VALUES (?, ?, ?)", rows)
        bare.execute("COMMIT")
        spent["bare"] += time.perf_counter() - start
        spent["bare_cpu"] += time.process_time() - cpu
    start, cpu = time.perf_counter(), time.process_time()
    index.execute("BEGIN")
    writer.end_bulk()
    index.execute("COMMIT")
    index.execute("VACUUM")
    spent["index"] += time.perf_counter() - start
    spent["index_cpu"] += time.process_time() - cpu
    start, cpu = time.perf_counter(), time.process_time()
    bare.execute("INSERT INTO bare (bare) VALUES ('optimize')")
    bare.execute("VACUUM")
    spent["bare"] += time.perf_counter() - start
    spent["bare_cpu"] += time.process_time() - cpu
    for connection in (archive, index, bare):
        connection.close()
    size = (folder / "search.db").stat().st_size
    return {
        "text_mb": round(text / 1e6, 1),
        "text_bytes_an_item": round(text / count),
        "index_mb": round(size / 1e6, 1),
        "index_to_text": round(size / text, 3),
        "bare_to_text": round((folder / "bare.db").stat().st_size / text, 3),
        "index_items_per_s": round(count / spent["index"]),
        "index_items_per_cpu_s": round(count / spent["index_cpu"]),
        "bare_items_per_s": round(count / spent["bare"]),
        "bare_items_per_cpu_s": round(count / spent["bare_cpu"]),
        "speed_to_bare": round(spent["bare_cpu"] / spent["index_cpu"], 3),
        "peak_resident_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def choose_words(folder: Path, count: int) -> dict[str, list[str]]:
    """Words to ask for, by the share of documents that hold them."""
    index = connect(folder / "search.db", read_only=True)
    small = {key(word) for word in FUNCTION_WORDS}
    found = [
        (row["documents"], row["reversed"][::-1])
        for row in index.execute(
            "SELECT reversed, documents FROM vocabulary WHERE documents > 4 ORDER BY documents DESC"
        )
    ]
    index.close()
    found = [(often, word) for often, word in found if word.isalpha() and word not in small]
    random = np.random.default_rng(7)
    middling = [word for often, word in found if 0.001 <= often / count <= 0.01]
    rare = [word for often, word in found if often / count < 0.001]
    return {
        "common": [word for _, word in found[:30]],
        "middling": random.choice(middling, min(100, len(middling)), replace=False).tolist(),
        "rare": random.choice(rare, min(100, len(rare)), replace=False).tolist(),
    }


def read_files(folder: Path) -> None:
    """Have the files in the operating system's memory."""
    for path in folder.glob("*.db"):
        with path.open("rb") as file:
            while file.read(1 << 24):
                pass


def forget_files(folder: Path) -> None:
    """Have nothing of them there."""
    for path in folder.glob("*.db"):
        with path.open("rb") as file:
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def ask(folder: Path, count: int) -> dict[str, Any]:
    """The answers' times, and their ratios to the bare table's."""
    words = choose_words(folder, count)
    read_files(folder)
    everything = [word for group in words.values() for word in group]
    year = {"since": date(END.year - 2, 1, 1), "until": date(END.year - 2, 12, 31)}
    narrow: dict[str, Any] = {"topics": (TOPICS[1],), "states": ("DE-NW",), **year}
    answer: dict[str, Any] = {}
    bare = connect(folder / "bare.db", read_only=True)

    def fetch(statement: str, word: str) -> list[Any]:
        return bare.execute(statement, (f'"{word}"',)).fetchall()

    for name, order in (("bare_match_limit_20", ""), ("bare_bm25_limit_20", "ORDER BY rank")):
        statement = f"SELECT rowid FROM bare WHERE bare MATCH ? {order} LIMIT 20"
        answer[name] = percentiles(timed(partial(fetch, statement, word) for word in everything))
    bare.close()
    with Search(folder / "search.db", folder / "archive.db") as search:

        def each(chosen: list[str], *, counts: bool = True, **query: Any) -> dict[str, float]:
            return percentiles(
                timed(partial(search.run, Query(word, **query), counts=counts) for word in chosen)
            )

        search.run(Query())  # the first question opens what later ones share
        answer["first_page_by_date"] = each(everything, counts=False)
        answer["first_page_by_date_again"] = each(everything, counts=False, limit=21)
        answer["first_page_filtered"] = each(everything, counts=False, **narrow)
        answer["facets_cold_common"] = each(words["common"])
        answer["facets_cold_middling"] = each(words["middling"])
        answer["facets_cached"] = each(words["middling"])
        answer["facets_cold_two_common"] = each(
            [f"{one} {other}" for one, other in zip(words["common"], words["common"][7:])]  # noqa: B905
        )
        answer["bm25_filtered"] = each(everything, order="relevance", **narrow)
        answer["bm25_filtered_without_counts"] = each(
            everything, counts=False, order="relevance", limit=21, **narrow
        )
        answer["bm25_unfiltered"] = each(everything, order="relevance")
        taken: Taken = []
        for word in everything[::6]:
            forget_files(folder)
            taken += timed([partial(search.run, Query(word, limit=22), counts=False)])
        answer["first_page_by_date_from_disk"] = percentiles(taken)
        read_files(folder)
        chance = np.random.default_rng(11)
        some = chance.integers(1, count, 50).tolist()
        answer["similar"] = percentiles(timed(partial(search.similar, item) for item in some))
    return answer


def ratios(report: dict[str, Any]) -> dict[str, float]:
    """Every time in ms as a multiple of the bare ``MATCH … LIMIT 20`` (p95, processor)."""
    floor = report["answers_ms"]["bare_match_limit_20"]["cpu_p95"]
    times = {name: value["cpu_p95"] for name, value in report["answers_ms"].items()}
    times |= report["incremental_ms"]
    times["open"] = 1000 * report["opening"]["open_s"]
    times["open_and_first_answer"] = 1000 * report["opening"]["open_and_first_answer_s"]
    times["build_an_item"] = 1000 / report["build"]["index_items_per_cpu_s"]
    return {name: round(value / floor, 1) for name, value in times.items()}


def growth(sizes: dict[int, dict[str, Any]]) -> dict[str, list[float]]:
    """Each time, processor p95 in ms, from the smallest size to the largest."""
    return {
        name: [sizes[count]["answers_ms"][name]["cpu_p95"] for count in sorted(sizes)]
        for name in next(iter(sizes.values()))["answers_ms"]
    }


def asked(report: dict[str, Any]) -> dict[str, dict[str, float]]:
    """What is asked of writing, and what came out at the largest size: items a second, ms an item.

    Rebuilding on one core and what an item more costs are measured by the processor's time,
    publishing with its helper by the clock: compare that on a machine with nothing else to do.
    """
    one = report["sizes"][max(report["sizes"])]
    measured = {
        "index_items_per_cpu_s": (one["build"]["index_items_per_cpu_s"], 4000),
        "new_item_ms": (one["incremental_ms"]["new_item"], 0.4),
        "changed_item_ms": (one["incremental_ms"]["changed_item"], 0.4),
    }
    if "publish_rebuild" in report:
        rebuilt = report["publish_rebuild"]["items_per_s"]
        measured["publish_and_index_items_per_s"] = (rebuilt, 4000)
    return {name: {"found": found, "bar": bar} for name, (found, bar) in measured.items()}


def opening(folder: Path, _count: int) -> dict[str, Any]:
    """A fresh process: the engine's opening, the first answer with counts, its memory."""
    done = subprocess.run(
        [sys.executable, "-c", OPENING, str(folder / "search.db"), str(folder / "archive.db"),
         "Verwaltung"],
        capture_output=True, text=True, check=True, cwd=ROOT,
    )  # fmt: skip
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def grow(folder: Path, count: int) -> dict[str, float]:
    """What one more or one changed item costs in a copy of the index, by the processor's time.

    In batches as ``radar publish`` writes them: the first one of a process that has read
    nothing yet, then the median of the following.
    """
    copied = shutil.copy(folder / "search.db", folder / "grown.db")
    index = connect(Path(copied))
    writer = IndexWriter(index)
    documents = [item.document for item in islice(items(max(count, 4000)), 4000)]
    new = [
        replace(one, item_id=count + n, at=END + timedelta(minutes=n))
        for n, one in enumerate(documents[:2000], 1)
    ]
    times: dict[str, float] = {}
    for name, group in (("new_item", new), ("changed_item", documents[2000:])):
        taken = []
        for batch in batched(group, PUBLISH_BATCH):
            start = time.process_time()
            index.execute("BEGIN IMMEDIATE")
            for document in batch:
                writer.put(replace(document, title=document.title + " korrigiert"))
            writer.flush()
            index.execute("COMMIT")
            taken.append((time.process_time() - start) * 1000 / len(batch))
        times[f"{name}_first_batch"] = round(taken[0], 3)
        times[name] = round(float(np.median(taken[1:])), 3)
    index.close()
    for path in folder.glob("grown.db*"):
        path.unlink()
    return times


def batched(documents: list[Document], size: int) -> Iterator[list[Document]]:
    for start in range(0, len(documents), size):
        yield documents[start : start + size]


def rebuild(folder: Path, count: int) -> dict[str, Any]:
    """`radar publish --rebuild` as a whole: newsroom → archive.db and search.db."""
    sources = [
        Source(
            id=name, name=name, publisher=name, homepage="https://a.example/", kind="feed",
            url=f"https://a.example/{name}", licence="official", display="full", relevance="all",
            schedule="adaptive", reference="https://a.example/", land=None, checked="2026-02-01",
        )
        for name in SOURCES
    ]  # fmt: skip
    with Newsroom(folder / "newsroom.db", now=lambda: END) as newsroom:
        newsroom.set_sources(sources)
        newsroom.set_topics([(topic, topic, topic) for topic in TOPICS])
        for batch in batches(count):
            with newsroom.batch():
                for item in batch:
                    document = item.document
                    newsroom.save(
                        Article(
                            source_id=document.source,
                            url=f"https://a.example/{document.item_id}",
                            kind=document.kind,
                            title=item.title,
                            fetched_at=END,
                            teaser=item.teaser,
                            body=item.body or document.hidden,
                            published=PublicationDate(document.at, False, "x"),
                        )
                    )
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        start, cpu = time.perf_counter(), time.process_time()
        publish(newsroom, folder / "a.db", folder / "s.db", rebuild=True)
        took = time.perf_counter() - start
        cpu = time.process_time() - cpu
    helper = resource.getrusage(resource.RUSAGE_CHILDREN)
    helped = helper.ru_utime + helper.ru_stime - before.ru_utime - before.ru_stime
    return {
        "items": count,
        "items_per_s": round(count / took),
        "items_per_cpu_s": round(count / (cpu + helped)),
        "publishing_us_an_item": round(cpu / count * 1e6),
        "indexing_us_an_item": round(helped / count * 1e6),
    }


@contextmanager
def folder_for(count: int, keep: Path | None) -> Iterator[Path]:
    """Where the archive of this size is built: there to stay, or temporarily."""
    if keep is None:
        with tempfile.TemporaryDirectory() as name:
            yield Path(name)
    else:
        folder = keep / str(count)
        folder.mkdir(parents=True, exist_ok=True)
        yield folder


def measured(folder: Path, count: int) -> dict[str, Any]:
    """All that is measured of one size; what the folder's ``measured.json`` holds is not redone."""
    noted = folder / "measured.json"
    one: dict[str, Any] = json.loads(noted.read_text()) if noted.exists() else {}
    if not one:
        for path in folder.glob("*.db*"):
            path.unlink()
    for part, measure in (
        ("build", build),
        ("opening", opening),
        ("answers_ms", ask),
        ("incremental_ms", grow),
    ):
        if part not in one or part == "answers_ms":
            one[part] = measure(folder, count)
            sys.stderr.write(f"{count} {part}: {json.dumps(one[part])}\n")
            noted.write_text(json.dumps(one))
    return one


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("sizes", nargs="*", type=int, default=[10_000, 100_000])
    parser.add_argument("--publish", type=int, metavar="N")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="build here and leave it there")
    chosen = parser.parse_args()
    report: dict[str, Any] = {
        "forms_in_vocabulary": len(vocabulary()[0]),
        "document_numbers_a_minute": PLACES,
        "sizes": {},
    }
    for count in chosen.sizes:
        with folder_for(count, chosen.keep) as folder:
            one = measured(folder, count)
        report["sizes"][count] = {**one, "ratios_to_bare_match": ratios(one)}
    report["growth_ms"] = {"sizes": sorted(report["sizes"]), **growth(report["sizes"])}
    if chosen.publish:
        with tempfile.TemporaryDirectory(dir=chosen.keep) as name:
            report["publish_rebuild"] = rebuild(Path(name), chosen.publish)
    report["asked"] = asked(report)
    sys.stdout.write(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
