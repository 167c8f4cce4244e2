"""How well pages are read, against plain trafilatura in the same run: one JSON object.

    python benchmarks/extraction.py [--half tune|test|all] [--data DIR] [--misses]

The gold pages lie beside the checkout (``../shared/extraction``; its README has the metric): a
segment that must be in the body and is counts as true positive, one that must not and is as false
positive, after folding white space; titles are equal after NFKC and folding quotes, dashes and
case; dates agree by calendar day, authors as a set of names. Rules are tuned on the half "tune"
only.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import random
import re
import sys
import time
import unicodedata
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from trafilatura import bare_extraction

from crawler.pages import PageError, parse_page

DATA = Path(__file__).resolve().parents[2] / "shared" / "extraction"
_FOLDED = str.maketrans("‘’‚‛“”„‟«»‹›–—−‐‑´`", "''''\"\"\"\"\"\"''-----''")
Row = dict[str, Any]
Answer = tuple[str, str | None, str | None, str | None]  # body, title, day, author


def half_of(file: str) -> str:
    """The half a page belongs to, by the hash of its file name."""
    return "test" if int(hashlib.sha256(file.encode()).hexdigest(), 16) % 2 else "tune"


def ours(html: bytes, url: str) -> Answer:
    """Body, title and day as this project reads them."""
    try:
        page = parse_page(html, url, now=datetime.now(UTC))
    except PageError:
        return "", None, None, None
    day = page.published.iso()[:10] if page.published else None
    return page.body or "", page.title, day, page.author


def plain(html: bytes, url: str) -> Answer:
    """The same as trafilatura gives them with its defaults."""
    found = bare_extraction(html, url=url, with_metadata=True, include_comments=False)
    if found is None:
        return "", None, None, None
    day = (found.date or "")[:10] or None  # type: ignore[union-attr]
    return found.text or "", found.title, day, found.author  # type: ignore[union-attr]


def fold(text: str) -> str:
    """White space folded, for segments."""
    return " ".join(text.split())


def fold_title(text: str) -> str:
    """Quotes, dashes and case folded, for titles."""
    text = unicodedata.normalize("NFKC", text).translate(_FOLDED).casefold()
    return fold(text.replace("''", '"')).replace('"', "'")


def tokens(text: str) -> Counter[str]:
    """Words of a full text with their counts."""
    return Counter(re.findall(r"\w+", text.casefold()))


def judge(row: Row, answer: Answer) -> Counter[str]:
    """What one answer adds to the counts."""
    body, title, day, author = answer
    counts: Counter[str] = Counter()
    text = fold(body)
    for segment in row.get("with") or ():
        counts["tp" if fold(segment) in text else "fn"] += 1
    for segment in row.get("without") or ():
        counts["fp" if fold(segment) in text else "tn"] += 1
    if row.get("text"):
        want, got = tokens(row["text"]), tokens(body)
        shared = sum((want & got).values())
        counts["full_texts"] += 1
        total = sum(want.values()) + sum(got.values())
        counts["full_text_f1_x1000"] += round(2000 * shared / total) if total else 0
    if row.get("title"):
        counts["titles"] += 1
        counts["titles_exact"] += fold_title(title or "") == fold_title(row["title"])
    if re.fullmatch(r"\d{4}-\d\d-\d\d", row.get("date") or ""):
        counts["dates"] += 1
        counts["dates_right"] += day == row["date"]
        counts["dates_wrong"] += day is not None and day != row["date"]
    if row.get("author"):
        counts["authors"] += 1
        counts["authors_right"] += names(author) == names(row["author"])
        counts["authors_wrong"] += author is not None and names(author) != names(row["author"])
    return counts


def names(authors: str | list[str] | None) -> set[str]:
    """Several names as a set, whatever stands between them."""
    if isinstance(authors, list):
        authors = ", ".join(authors)
    return {fold_title(name) for name in re.split(r"[;,&]| und ", authors or "") if name.strip()}


def summary(counts: Counter[str], seconds: float) -> dict[str, float | int]:
    """Shares of the counts."""
    precision = counts["tp"] / max(1, counts["tp"] + counts["fp"])
    recall = counts["tp"] / max(1, counts["tp"] + counts["fn"])
    return {
        "precision": round(precision, 4),
        "recall": round(recall, 4),
        "f1": round(f1(counts), 4),
        "full_text_f1": round(
            counts["full_text_f1_x1000"] / 1000 / max(1, counts["full_texts"]), 4
        ),
        "exact_title": round(counts["titles_exact"] / max(1, counts["titles"]), 4),
        "date": round(counts["dates_right"] / max(1, counts["dates"]), 4),
        "dates_wrong": counts["dates_wrong"],
        "dates": counts["dates"],
        "author": round(counts["authors_right"] / max(1, counts["authors"]), 4),
        "authors_wrong": counts["authors_wrong"],
        "authors": counts["authors"],
        "seconds": round(seconds, 2),
    }


def f1(counts: Counter[str]) -> float:
    """F1 over segments."""
    return 2 * counts["tp"] / max(1, 2 * counts["tp"] + counts["fp"] + counts["fn"])


def interval(pairs: list[tuple[Counter[str], Counter[str]]]) -> tuple[float, float]:
    """95 % of the paired bootstrap of our F1 less trafilatura's, over pages."""
    chance = random.Random(20261122)
    gains = []
    for _ in range(1000):
        mine: Counter[str] = Counter()
        theirs: Counter[str] = Counter()
        for first, second in chance.choices(pairs, k=len(pairs)):
            mine.update(first)
            theirs.update(second)
        gains.append(f1(mine) - f1(theirs))
    gains.sort()
    return round(gains[25], 4), round(gains[974], 4)


def run(rows: list[Row], data: Path, misses: Callable[[str], None] | None) -> dict[str, Any]:
    """Both readers over the same pages, alternately."""
    readers = {"ours": ours, "trafilatura": plain}
    totals = {name: Counter[str]() for name in readers}
    public = {name: Counter[str]() for name in readers}
    seconds = dict.fromkeys(readers, 0.0)
    pairs = []
    for row in rows:
        html = gzip.decompress((data / "html" / row["file"]).read_bytes())
        counts = {}
        for name, reader in readers.items():
            start = time.process_time()
            answer = reader(html, row["url"])
            seconds[name] += time.process_time() - start
            counts[name] = judge(row, answer)
            totals[name].update(counts[name])
            if row.get("public_sector"):
                public[name].update(counts[name])
            if misses and name == "ours":
                report(row, answer, misses)
        pairs.append((counts["ours"], counts["trafilatura"]))
    result: dict[str, Any] = {name: summary(totals[name], seconds[name]) for name in readers}
    for name in readers:
        result[name]["public_sector_f1"] = round(f1(public[name]), 4)
    low, high = interval(pairs)
    return {
        "pages": len(rows),
        **result,
        "f1_gain": round(f1(totals["ours"]) - f1(totals["trafilatura"]), 4),
        "f1_gain_95": [low, high],
        "time_ratio": round(seconds["ours"] / max(0.001, seconds["trafilatura"]), 3),
    }


def report(row: Row, answer: Answer, write: Callable[[str], None]) -> None:
    """One line for each thing of a page that was read wrongly."""
    body, title, day, author = answer
    where = f"{row['file']} {row['url'][:80]}"
    text = fold(body)
    for segment in row.get("with") or ():
        if fold(segment) not in text:
            write(f"FN   {where}: {segment[:110]}")
    for segment in row.get("without") or ():
        if fold(segment) in text:
            write(f"FP   {where}: {segment[:110]}")
    if row.get("title") and fold_title(title or "") != fold_title(row["title"]):
        write(f"TITLE {where}: got {title!r} want {row['title']!r}")
    if row.get("author") and names(author) != names(row["author"]):
        write(f"AUTHOR {where}: got {author!r} want {row['author']!r}")
    if row.get("date") and day != row["date"]:
        write(f"DATE {where}: got {day} want {row['date']}")


def main() -> None:
    """Read the arguments, print the JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--half", choices=["tune", "test", "all"], default="tune")
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--misses", action="store_true", help="list our misses on stderr")
    arguments = parser.parse_args()
    gold = arguments.data / "gold.jsonl"
    if not gold.exists():
        sys.exit(f"{gold}: no gold pages here; give their folder with --data")
    rows = [json.loads(text) for text in gold.read_text(encoding="utf-8").splitlines()]
    rows = [row for row in rows if arguments.half in {"all", half_of(row["file"])}]
    misses = (lambda text: print(text, file=sys.stderr)) if arguments.misses else None  # noqa: T201
    print(json.dumps({"half": arguments.half, **run(rows, arguments.data, misses)}, indent=1))  # noqa: T201


if __name__ == "__main__":
    main()
