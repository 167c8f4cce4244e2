"""What reading a page costs against trafilatura with metadata, in the same run: one JSON object.

    python benchmarks/extraction_speed.py [--data DIR] [--repeat 5]

Processor time, ours and trafilatura's in turns, the least of the repetitions of each page. Real
pages are those of ``../shared/extraction`` on the half that rules were tuned on, told apart by how
their text was found: by a page class's marks (``container``), or by the generic way. Recorded pages
are the cases of tests/crawler/pages, which are small. For each: the ratio of the sums, the median
of the pages' own ratios, milliseconds a page. ``limited`` is what the worker with its time limit
adds to a page: the message there and back.
"""

from __future__ import annotations

import argparse
import gzip
import json
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

from extraction import DATA, half_of, plain

from crawler.pages import PageError, parse_page
from crawler.pages.limited import LimitedParser

CASES = Path(__file__).resolve().parents[1] / "tests" / "crawler" / "pages"
NOW = datetime.now(UTC)
Page = tuple[str, bytes, str]


def real_pages(data: Path) -> Iterable[Page]:
    """The gold pages of the half "tune" by the way their text was found."""
    for text in (data / "gold.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(text)
        if half_of(row["file"]) == "tune":
            html = gzip.decompress((data / "html" / row["file"]).read_bytes())
            try:
                found = parse_page(html, row["url"], now=NOW)
            except PageError:
                continue
            yield found.found.get("body", "none"), html, row["url"]


def recorded_pages() -> Iterable[Page]:
    """The recorded cases by the page class that reads them."""
    for folder in sorted(CASES.iterdir()):
        expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
        yield expected["page"], (folder / "input.html").read_bytes(), expected["url"]


def seconds(read: Callable[[], object]) -> float:
    """Processor time of one call."""
    start = time.process_time()
    read()
    return time.process_time() - start


def compare(pages: list[Page], repeat: int, *, dated: bool = False) -> dict[str, float | int]:
    """Ratios of trafilatura's time to ours."""
    mine, theirs = [], []
    for _, html, url in pages:
        ours, other = [], []
        for _ in range(repeat):
            ours.append(seconds(lambda: parse_page(html, url, now=NOW, dated=dated)))  # noqa: B023
            other.append(seconds(lambda: plain(html, url)))  # noqa: B023
        mine.append(min(ours))
        theirs.append(min(other))
    ratios = [other / own for own, other in zip(mine, theirs, strict=True)]
    return {
        "pages": len(pages),
        "times_as_fast": round(sum(theirs) / sum(mine), 2),
        "median": round(statistics.median(ratios), 2),
        "share_of_time": round(sum(mine) / sum(theirs), 3),
        "ms": round(1000 * sum(mine) / len(mine), 2),
        "trafilatura_ms": round(1000 * sum(theirs) / len(theirs), 2),
    }


def limited(pages: list[Page]) -> dict[str, float | int]:
    """Milliseconds that the worker adds to a page, in both processes together."""
    with LimitedParser() as parser:
        _, html, url = pages[0]
        parser.parse(html, url, now=NOW)
        own = seconds(lambda: [parse_page(html, url, now=NOW) for _, html, url in pages])
        here = seconds(lambda: [parser.parse(html, url, now=NOW) for _, html, url in pages])
        assert parser._worker is not None
        begun = _processor_time(parser._worker.process.pid)
        here = seconds(lambda: [parser.parse(html, url, now=NOW) for _, html, url in pages])
        there = _processor_time(parser._worker.process.pid) - begun
    count = len(pages)
    return {
        "pages": count,
        "ms_in_process": round(1000 * own / count, 2),
        "ms_caller": round(1000 * here / count, 2),
        "ms_worker": round(1000 * there / count, 2),
    }


def _processor_time(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / 100  # user and system time in clock ticks


def main() -> None:
    """Read the arguments, print the JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--repeat", type=int, default=5)
    arguments = parser.parse_args()
    if not (arguments.data / "gold.jsonl").exists():
        sys.exit(f"{arguments.data}: no gold pages here; give their folder with --data")
    real = list(real_pages(arguments.data))
    container = [page for page in real if page[0] == "container"]
    generic = [page for page in real if page[0] != "container"]
    recorded = [page for page in recorded_pages() if page[0] != "generic"]
    repeat = arguments.repeat
    result = {
        "page_class": compare(container, repeat),
        "generic": compare(generic, repeat),
        "generic_dated": compare(generic, repeat, dated=True),
        "recorded": {
            name: compare([page for page in recorded if page[0] == name], repeat)
            for name in sorted({page[0] for page in recorded})
        },
        "limited": limited(container),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }
    print(json.dumps(result, indent=1))  # noqa: T201


if __name__ == "__main__":
    main()
