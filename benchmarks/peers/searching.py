"""Search beside plain FTS5 and Tantivy: quality, time, size, memory. The piece ``search``."""

from __future__ import annotations

import json
import sqlite3
import statistics
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import search_speed
from benchmarks.peers.measuring import HERE, run
from benchmarks.peers.piece import Piece, Ratio, Table
from benchmarks.peers.venvs import python_of, version
from benchmarks.search_items import items
from benchmarks.search_quality import (
    _folded,
    bare_engine,
    fill,
    load_queries,
    measure,
    public_texts,
)
from store.schema import connect
from store.search import Query, Search

ITEMS = 100_000
BARE_MEMORY = """
import re, sqlite3, sys
from pathlib import Path
table = sqlite3.connect(sys.argv[1])
asked = "SELECT rowid FROM bare WHERE bare MATCH ? ORDER BY rank LIMIT 20"
for word in sys.argv[2:]:
    table.execute(asked, (word,)).fetchall()
print(int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) / 1024)
"""
OUR_MEMORY = """
import re, sys
from pathlib import Path
from store.search import Query, Search
search = Search(Path(sys.argv[1]), Path(sys.argv[2]))
for word in sys.argv[3:]:
    search.run(Query(word, order="relevance"), counts=False)
print(int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) / 1024)
"""


def tantivy(job: dict[str, Any], folder: Path, venvs: Path) -> dict[str, Any]:
    """What Tantivy says to a job (see its runner)."""
    path = folder / "job.json"
    path.write_text(json.dumps(job | {"folder": str(folder / "tantivy")}), encoding="utf-8")
    runner = str(HERE / "runners" / "tantivy_search.py")
    return run([python_of("tantivy", venvs), runner, str(path)]).told


def write_texts(path: Path, texts: dict[int, str]) -> None:
    with path.open("w", encoding="utf-8") as lines:
        lines.writelines(json.dumps(pair) + "\n" for pair in texts.items())


def quality(venvs: Path) -> dict[str, dict[str, Any]]:
    """Recall and precision of each engine over the judged queries, by category."""
    queries = load_queries()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        fill(folder, queries)
        texts = public_texts(folder / "archive.db")
        folded = {number: _folded(text) for number, text in texts.items()}
        relevant = {query.text: query.relevant(folded) for query in queries}
        write_texts(folder / "texts", texts)
        asked = [query.text for query in queries]
        told = tantivy(
            {
                "texts": str(folder / "texts"), "queries": asked, "build": True,
                "limit": len(texts), "keep_answers": True,
            },
            folder, venvs,
        )  # fmt: skip
        answers = dict(zip(asked, told["answers"], strict=True))
        with Search(folder / "search.db", folder / "archive.db") as search:

            def ours(text: str) -> list[int]:
                hits = search.run(Query(text, order="relevance", limit=len(texts))).hits
                return [hit.item_id for hit in hits]

            judged = partial(measure, queries=queries, relevant=relevant, texts=texts, misses=False)
            return {
                "Kommunalradar": judged(ours),
                "plain FTS5": judged(bare_engine(texts, None)),
                "Tantivy, German stemmer": judged(answers.__getitem__),
            }


def speed(venvs: Path) -> dict[str, dict[str, float]]:
    """Time, size and memory of each engine over invented items."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        built = search_speed.build(folder, ITEMS)
        words = search_speed.choose_words(folder, ITEMS)
        asked = [word for group in words.values() for word in group]
        write_texts(
            folder / "texts",
            {
                item.document.item_id: "\n".join(
                    (item.title, item.document.shown, item.document.hidden)
                )
                for item in items(ITEMS)
            },
        )
        job = {
            "texts": str(folder / "texts"), "queries": asked, "limit": 20, "keep_answers": False,
        }  # fmt: skip
        first = tantivy(job | {"build": True}, folder, venvs)
        again = tantivy(job | {"build": False}, folder, venvs)
        bare = connect(folder / "bare.db", read_only=True)
        statement = "SELECT rowid FROM bare WHERE bare MATCH ? ORDER BY rank LIMIT 20"

        def fetch(word: str) -> list[sqlite3.Row]:
            return bare.execute(statement, (f'"{word}"',)).fetchall()

        plain = search_speed.timed(partial(fetch, word) for word in asked)
        bare.close()
        with Search(folder / "search.db", folder / "archive.db") as search:
            ours = search_speed.timed(
                partial(search.run, Query(word, order="relevance"), counts=False) for word in asked
            )
        text = built["text_mb"] * 1e6

        def ms(taken: list[tuple[float, float]]) -> list[float]:
            return [cpu * 1000 for _, cpu in taken]

        def memory(code: str, *arguments: str) -> float:
            command = [sys.executable, "-c", code, *arguments, *asked[:100]]
            done = subprocess.run(
                command, capture_output=True, text=True, check=True, cwd=search_speed.ROOT
            )
            return float(done.stdout)

        def figures(
            taken: list[float], size: float, build_cpu_s: float, peak_mb: float
        ) -> dict[str, float]:
            taken = sorted(taken)
            return {
                "median_ms": statistics.median(taken),
                "p95_ms": taken[int(len(taken) * 0.95)],
                "index_to_text": size / text,
                "items_a_cpu_s": ITEMS / build_cpu_s,
                "peak_mb": peak_mb,
            }

        return {
            "Kommunalradar": figures(
                ms(ours),
                (folder / "search.db").stat().st_size,
                ITEMS / built["index_items_per_cpu_s"],
                memory(OUR_MEMORY, str(folder / "search.db"), str(folder / "archive.db")),
            ),
            "plain FTS5": figures(
                ms(plain),
                (folder / "bare.db").stat().st_size,
                ITEMS / built["bare_items_per_cpu_s"],
                memory(BARE_MEMORY, str(folder / "bare.db")),
            ),
            "Tantivy, German stemmer": figures(
                again["ms"], first["index_bytes"], first["build_cpu_s"], again["peak_mb"]
            ),
        }


def search(venvs: Path, rounds: int) -> Piece:
    """Quality on the judged queries; time, size and memory on invented items."""
    judged, fast = quality(venvs), speed(venvs)
    rows = tuple(
        (who, told["all"]["recall"], told["all"]["precision_at_10"],
         *(told[name]["recall"] for name in told if name != "all"))
        for who, told in judged.items()
    )  # fmt: skip
    categories = tuple(f"recall {name}" for name in judged["Kommunalradar"] if name != "all")
    mine = fast["Kommunalradar"]
    ratios = []
    for who in ("plain FTS5", "Tantivy, German stemmer"):
        told, other = judged[who]["all"], fast[who]
        own = judged["Kommunalradar"]["all"]
        ratios += [
            Ratio("search: recall", who, own["recall"] / told["recall"]),
            Ratio("search: precision of the first ten", who,
                  own["precision_at_10"] / told["precision_at_10"]),
            Ratio("search: CPU of an answer by relevance, median", who,
                  other["median_ms"] / mine["median_ms"]),
            Ratio("search: CPU of an answer by relevance, p95", who,
                  other["p95_ms"] / mine["p95_ms"]),
            Ratio("search: index to text", who, other["index_to_text"] / mine["index_to_text"]),
            Ratio("search: items indexed a CPU-s", who,
                  mine["items_a_cpu_s"] / other["items_a_cpu_s"]),
            Ratio("search: memory of a process that answers", who,
                  other["peak_mb"] / mine["peak_mb"]),
        ]  # fmt: skip
    return Piece(
        name="search",
        title="Search",
        how=(
            "Quality: the judged German queries of the search (`search_queries.toml`), all that is "
            f"found for recall, the first ten for precision. Time, size and memory: {ITEMS:,} "
            "invented items of 170 words, one word a query from common to rare, twenty hits by "
            "relevance; ours loads what is shown of each hit and counts nothing. Ours and FTS5 "
            "share Python and SQLite; Tantivy is Rust, and stores only a number."
        ),
        tables=(
            Table("Quality", ("engine", "recall", "precision at 10", *categories), rows),
            Table(
                "Time, size, memory",
                ("engine", "ms CPU median", "ms CPU p95", "index to text", "items indexed a CPU-s",
                 "MB of a process that answers"),
                tuple((who, *told.values()) for who, told in fast.items()),
            ),
        ),
        ratios=tuple(ratios),
        versions={"tantivy": version("tantivy", "tantivy"), "SQLite": sqlite3.sqlite_version},
        notes=(
            "Meilisearch is a server that no Python package brings; it was not measured. Tantivy's "
            "memory contains no archive of texts, ours opens one.",
        ),
    )  # fmt: skip
