"""How fast the search engine is, and how large its index, from 10⁴ items on: one JSON object.

    python benchmarks/search_speed.py [SIZE ...] [--publish N] [--folder DIR]

Every size is built anew from invented items (``search_items``) and asked the same kinds of
questions, beside a bare contentless FTS5 table (unicode61) of the same texts in the same run: its
``MATCH … LIMIT 20`` and its building are what the ratios divide by. Times in ms unless named
otherwise; every question is asked once, so nothing is cached but where it says so. ``common`` words
are the 30 content words in most documents, ``middling`` ones stand in 0.1 to 1 % of them, ``rare``
ones in fewer. ``--publish`` adds ``radar publish --rebuild`` from a newsroom of so many items.
"""

from __future__ import annotations

import argparse
import json
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
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
from store.archive import create_archive, insert_sql  # noqa: E402
from store.dictionary import load_dictionary  # noqa: E402
from store.index import PLACES, create_index  # noqa: E402
from store.indexing import IndexWriter  # noqa: E402
from store.lemmas import key  # noqa: E402
from store.newsroom import Newsroom  # noqa: E402
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


def percentiles(seconds: list[float]) -> dict[str, float]:
    """Median and 95th percentile in ms."""
    p50, p95 = np.percentile(np.array(seconds) * 1000, (50, 95))
    return {"p50": round(float(p50), 3), "p95": round(float(p95), 3)}


def timed(calls: Iterable[Callable[[], object]]) -> list[float]:
    taken = []
    for call in calls:
        start = time.perf_counter()
        call()
        taken.append(time.perf_counter() - start)
    return taken


def batches(count: int) -> Iterator[list[Item]]:
    made = items(count)
    while batch := list(islice(made, BATCH)):
        yield batch


def write_archive(archive: sqlite3.Connection, batch: list[Item]) -> None:
    """The public rows that hits are shown from."""
    rows = []
    for item in batch:
        document = item.document
        at = stamp(document.at)
        rows.append(
            (
                document.item_id, document.source, f"https://a.example/{document.item_id}",
                document.kind, None, item.title, item.teaser, item.body or None, None, None, at, at,
                0, "entry", at, at, None, None, None, None, "de", None, 1, 0,
            )
        )  # fmt: skip
    archive.executemany(insert_sql("items"), rows)


def begin_archive(path: Path) -> sqlite3.Connection:
    archive = connect(path)
    archive.execute("PRAGMA synchronous = OFF")
    archive.execute("BEGIN")
    create_archive(archive)
    archive.executemany(insert_sql("states"), STATES.items())
    archive.executemany(
        insert_sql("topics"), [(topic, topic, topic, n) for n, topic in enumerate(TOPICS)]
    )
    archive.executemany(
        insert_sql("sources"),
        [
            (name, name, name, "https://a.example/", None, "feed", "official", "full", None, None,
             "ok", None, 0)
            for name in SOURCES
        ],
    )  # fmt: skip
    archive.execute("COMMIT")
    return archive


def build(folder: Path, count: int) -> dict[str, Any]:
    """Write index, archive and the bare table; how fast and how large."""
    archive = begin_archive(folder / "archive.db")
    index, bare = connect(folder / "search.db"), connect(folder / "bare.db")
    index.execute("BEGIN")
    create_index(index)
    index.execute("COMMIT")
    bare.execute(BARE)
    load_dictionary()
    writer = IndexWriter(index)
    text = 0
    spent = {"index": 0.0, "index_cpu": 0.0, "bare": 0.0}
    writer.begin_bulk()
    bare.execute("INSERT INTO bare (bare, rank) VALUES ('automerge', 0)")
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
        start = time.perf_counter()
        rows.sort()
        bare.execute("BEGIN")
        bare.executemany("INSERT INTO bare (rowid, title, text) VALUES (?, ?, ?)", rows)
        bare.execute("COMMIT")
        spent["bare"] += time.perf_counter() - start
    start, cpu = time.perf_counter(), time.process_time()
    index.execute("BEGIN")
    writer.end_bulk()
    index.execute("COMMIT")
    index.execute("VACUUM")
    index.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    spent["index"] += time.perf_counter() - start
    spent["index_cpu"] += time.process_time() - cpu
    start = time.perf_counter()
    bare.execute("INSERT INTO bare (bare) VALUES ('optimize')")
    bare.execute("VACUUM")
    bare.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    spent["bare"] += time.perf_counter() - start
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
        "speed_to_bare": round(spent["bare"] / spent["index"], 3),
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


def ask(folder: Path, count: int) -> dict[str, Any]:
    """The answers' times, and their ratios to the bare table's."""
    words = choose_words(folder, count)
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
        # The pages' words are analysed once in a process; a server has met them after some minutes.
        start = time.perf_counter()
        search.run(Query("verwaltung"), counts=False)
        answer["first_page_of_all"] = round((time.perf_counter() - start) * 1000, 1)

        def each(chosen: list[str], *, counts: bool = True, **query: Any) -> dict[str, float]:
            return percentiles(
                timed(partial(search.run, Query(word, **query), counts=counts) for word in chosen)
            )

        answer["first_page_by_date"] = each(everything, counts=False)
        answer["first_page_by_date_words_known"] = each(everything, counts=False, limit=21)
        answer["first_page_filtered"] = each(everything, counts=False, **narrow)
        answer["facets_cold_common"] = each(words["common"])
        answer["facets_cold_middling"] = each(words["middling"])
        answer["facets_cached"] = each(words["middling"])
        answer["bm25_filtered"] = each(everything, order="relevance", **narrow)
    floor = answer["bare_match_limit_20"]["p95"]
    answer["ratios_to_bare_match_p95"] = {
        name: round(value["p95"] / floor, 1)
        for name, value in answer.items()
        if isinstance(value, dict) and not name.startswith("bare")
    }
    return answer


def opening(folder: Path) -> dict[str, Any]:
    """A fresh process: the engine's opening, the first answer with counts, its memory."""
    done = subprocess.run(
        [sys.executable, "-c", OPENING, str(folder / "search.db"), str(folder / "archive.db"),
         "Verwaltung"],
        capture_output=True, text=True, check=True, cwd=ROOT,
    )  # fmt: skip
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def grow(folder: Path, count: int) -> dict[str, float]:
    """What one more or one changed item costs in the grown index, in batches of 200."""
    index = connect(folder / "search.db")
    writer = IndexWriter(index)
    documents = [item.document for item in items(400)]
    new = [
        replace(one, item_id=count + n, at=END + timedelta(minutes=n))
        for n, one in enumerate(documents[:200], 1)
    ]
    times = {}
    for name, batch in (("new_item", new), ("changed_item", documents[200:])):
        start = time.perf_counter()
        index.execute("BEGIN IMMEDIATE")
        for document in batch:
            writer.put(replace(document, title=document.title + " korrigiert"))
        writer.flush()
        index.execute("COMMIT")
        times[name] = round((time.perf_counter() - start) * 1000 / len(batch), 3)
    index.close()
    return times


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
        start, cpu = time.perf_counter(), time.process_time()
        publish(newsroom, folder / "a.db", folder / "s.db", rebuild=True)
        took = time.perf_counter() - start
        cpu = time.process_time() - cpu
    return {
        "items": count,
        "items_per_s": round(count / took),
        "items_per_cpu_s": round(count / cpu),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("sizes", nargs="*", type=int, default=[10_000, 100_000])
    parser.add_argument("--publish", type=int, metavar="N")
    parser.add_argument("--folder", type=Path, help="where the files are built; default: temporary")
    chosen = parser.parse_args()
    report: dict[str, Any] = {
        "forms_in_vocabulary": len(vocabulary()[0]),
        "document_numbers_a_minute": PLACES,
        "sizes": {},
    }
    for count in chosen.sizes:
        with tempfile.TemporaryDirectory(dir=chosen.folder) as name:
            folder = Path(name)
            report["sizes"][count] = {
                "build": build(folder, count),
                "opening": opening(folder),
                "answers_ms": ask(folder, count),
                "incremental_ms": grow(folder, count),
            }
        sys.stderr.write(f"{count} items: done\n")
    if chosen.publish:
        with tempfile.TemporaryDirectory(dir=chosen.folder) as name:
            report["publish_rebuild"] = rebuild(Path(name), chosen.publish)
    sys.stdout.write(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
