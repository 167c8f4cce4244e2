"""Pages from web to store, and how well they are read: the pieces ``pages``, ``extraction``."""

from __future__ import annotations

import gzip
import json
import os
import statistics
import sys
import tempfile
from collections import Counter
from importlib.metadata import version as installed
from pathlib import Path
from typing import Any

from benchmarks.extraction import DATA, half_of, judge, ours, summary
from benchmarks.peers.measuring import HERE, Ran, press, run
from benchmarks.peers.piece import Cell, Piece, Ratio, Table
from benchmarks.peers.venvs import python_of, version

RUNNERS = HERE / "runners"
#: A small and a large crawl: the slope between them has no start in it.
FEW, MANY = 20, 120
PEERS = {
    "spider": ("Scrapy + trafilatura spider", "trafilatura"),
    "newsplease": ("news-please", "news-please"),
    "fundus": ("Fundus, own parser of 20 lines", "fundus"),
}
ALONE = """
import gzip, json, sys, time
from pathlib import Path
from trafilatura import bare_extraction
pages = [gzip.decompress(path.read_bytes()) for path in sorted(Path(sys.argv[1]).iterdir())]
pages = pages[: int(sys.argv[2])]
bare_extraction(pages[0], with_metadata=True)
begun = time.process_time()
for page in pages:
    bare_extraction(page, url="https://presse.example/p/1", with_metadata=True)
print(json.dumps({"ms": (time.process_time() - begun) / len(pages) * 1000}))
"""


def crawl(name: str, address: str, number: int, venvs: Path) -> Ran:
    """One end-to-end run of a peer, or of us, over so many pages."""
    with tempfile.TemporaryDirectory() as folder:
        if name == "ours":
            command = [sys.executable, str(RUNNERS / "ours.py"), "pages"]
        else:
            command = [python_of(name, venvs), str(RUNNERS / f"pages_{name}.py")]
        return run([*command, address, folder, str(number)])


def pages(venvs: Path, rounds: int) -> Piece:
    """Pages fetched → stored with title, date and text."""
    html = DATA / "html"
    if not html.is_dir():
        raise SystemExit(f"{html}: the pages that all read are not here")
    costs: dict[str, list[float]] = {}
    large: dict[str, Ran] = {}
    alone = []
    with press(html) as (address, _):
        for _ in range(rounds):
            for name in ("ours", *PEERS):
                small = crawl(name, address, FEW, venvs)
                large[name] = crawl(name, address, MANY, venvs)
                cost = (large[name].cpu_s - small.cpu_s) / (MANY - FEW) * 1000
                costs.setdefault(name, []).append(cost)
            told = run([python_of("spider", venvs), "-c", ALONE, str(html), str(MANY)])
            alone.append(told.told["ms"])
    ms = {name: statistics.median(values) for name, values in costs.items()}
    base = statistics.median(alone)
    rows = [
        (
            "Kommunalradar" if name == "ours" else PEERS[name][0],
            1000 / ms[name], ms[name] / base, large[name].cpu_s, large[name].peak_mb,
            large[name].told["stored"], large[name].told["with_text"],
        )
        for name in ms
    ]  # fmt: skip
    ratio = ms["ours"] / base
    return Piece(
        name="pages",
        title="End to end: pages fetched, read and stored",
        how=(
            f"One feed of {MANY} real German pages on loopback, no pause between requests; each "
            "page is fetched, its title, date and text are read and stored in SQLite. Pages a "
            f"processor second are the slope between {FEW} and {MANY} pages, so that no start "
            f"counts; all processes of a peer count; median of {rounds} rounds. Ours also asks "
            "robots.txt and tdmrep.json, reads in a process with a time limit, keeps versions and "
            "visits."
        ),
        tables=(
            Table(
                "Pages to the store",
                ("who", "pages a CPU-s", "CPU a page, trafilatura with metadata alone = 1",
                 f"CPU-s of all {MANY} with start", "peak MB", "stored", "with text"),
                tuple(rows),
            ),
        ),
        ratios=tuple(
            ratio
            for name, (label, _) in PEERS.items()
            for ratio in (
                Ratio("pages a CPU-s, fetched to stored", label, ms[name] / ms["ours"]),
                Ratio("peak memory of a crawl", label, large[name].peak_mb / large["ours"].peak_mb),
            )
        ),
        bars=(
            (
                f"our CPU per new page ≤ 1.3 × trafilatura with metadata alone: {ratio:.2f} ×",
                ratio <= 1.3,
            ),
        ),
        versions={package: version(peer, package) for peer, (_, package) in PEERS.items()}
        | {"Scrapy": version("spider", "Scrapy"), "our Scrapy": installed("scrapy")},
        notes=(
            "Fundus knows publishers, not pages: for any other site somebody writes a parser. Here "
            "it has one that takes every paragraph, so it does less than the others, and its texts "
            "are not compared. It was pinned with the curl_cffi of its release's time: with newer "
            "ones it does not start.",
        ),
    )  # fmt: skip


def extraction(venvs: Path, rounds: int) -> Piece:
    """F1, title and date on the gold pages."""
    gold = DATA / "gold.jsonl"
    if not gold.is_file():
        raise SystemExit(f"{gold}: the gold pages are not here")
    rows = [json.loads(line) for line in gold.read_text(encoding="utf-8").splitlines()]
    answers: dict[str, dict[str, Any]] = {"Kommunalradar": {}}
    spent = {}
    begun = os.times()
    for row in rows:
        page = gzip.decompress((DATA / "html" / row["file"]).read_bytes())
        body, title, day, _ = ours(page, row["url"])
        answers["Kommunalradar"][row["file"]] = (body, title, day, None)
    ended = os.times()
    spent["Kommunalradar"] = ended.user + ended.system - begun.user - begun.system
    for label, peer, name in (
        ("trafilatura", "spider", "trafilatura"),
        ("news-please", "newsplease", "newsplease"),
        ("Fundus", "fundus", "fundus"),
    ):
        command = [python_of(peer, venvs), str(RUNNERS / "extract.py"), name]
        done = run([*command, str(gold), str(DATA / "html")])
        told = [json.loads(line) for line in done.lines]
        spent[label] = told.pop()["cpu_s"]
        answers[label] = {
            one["file"]: (one["body"] or "", one["title"], one["day"], None) for one in told
        }
    tables, ratios = [], []
    for title, chosen in (
        ("All pages (the half called tune shaped our rules)", rows),
        ("The half called test", [row for row in rows if half_of(row["file"]) == "test"]),
        ("Fundus' own test pages", [row for row in rows if row["file"] in answers["Fundus"]]),
    ):
        lines = []
        for label, found in answers.items():
            if not all(row["file"] in found for row in chosen):
                continue
            counts: Counter[str] = Counter()
            for row in chosen:
                counts.update(judge(row, found[row["file"]]))
            shares = summary(counts, 0.0)
            whole = shares["full_text_f1"] if counts["full_texts"] else None
            lines.append(
                (
                    label, shares["f1"] if counts["tp"] + counts["fn"] else None, whole,
                    shares["exact_title"], shares["date"],
                    f"{shares['dates_wrong']} of {shares['dates']}",
                )
            )  # fmt: skip
        tables.append(
            Table(
                f"{title}: {len(chosen)}",
                ("who", "F1 of segments", "F1 of full texts", "exact title", "right date",
                 "wrong dates"),
                tuple(lines),
            )
        )  # fmt: skip
        if title.startswith("The half"):
            mine = lines[0]
            for other in lines[1:]:
                for at, what in ((1, "F1 of the text"), (3, "exact titles"), (4, "right dates")):
                    against = f"{other[0]}, gold pages (test half)"
                    ratios.append(Ratio(what, against, _over(mine[at], other[at])))
        if title.startswith("Fundus"):
            mine, other = lines[0], next(line for line in lines if line[0] == "Fundus")
            for at, what in ((2, "F1 of full texts"), (3, "exact titles"), (4, "right dates")):
                if mine[at] and other[at]:
                    against = "Fundus, its own test pages"
                    ratios.append(Ratio(what, against, _over(mine[at], other[at])))
    speed = tuple(
        (label, len(rows) / seconds)
        for label, seconds in spent.items()
        if len(answers[label]) == len(rows)
    )
    tables.append(Table("Speed of reading alone", ("who", "pages a CPU-s"), speed))
    for label, rate in speed[1:]:
        ratios.append(Ratio("pages read a CPU-s, in memory", label, speed[0][1] / rate))
    return Piece(
        name="extraction",
        title="How well pages are read",
        how=(
            "Hand-marked German pages (annotations of trafilatura, htmldate and Fundus): segments "
            "that must and must not be in the text, titles, dates. Our rules were tuned on one "
            "half by file name; the other was only looked at to measure. Peers with their defaults."
        ),
        tables=tuple(tables),
        ratios=tuple(ratios),
        versions={package: version(peer, package) for peer, (_, package) in PEERS.items()},
    )


def _over(mine: Cell, other: Cell) -> float:
    assert isinstance(mine, float)
    assert isinstance(other, float)
    return mine / other
