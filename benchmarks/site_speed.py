"""How fast the site's pages come, from 10⁴ items on: one JSON object.

    python benchmarks/site_speed.py [SIZE ...] [--folder DIR] [--paint] [--crawl]

Every size is built from invented items (``search_speed``) and served by a process of its own over
real HTTP. ``warm``: requests a second of the server's processor for pages it has made before, and
their ratio to Datasette's own JSON of one row, asked in turns in the same run. ``uncached``: search
pages of words asked for the first time, one reader after another; ``open_loop``: five a second,
whether or not the last is answered. Times in ms by the clock, and of the server's processor: on a
busy machine only the latter can be compared. ``--crawl``: the open loop again, on copies of the
files, while a crawl writes and publishes (``site_crawl``). ``--paint``: first contentful paint in
Chromium at 1.6 Mbit/s, 150 ms round trip and a processor four times slower (Lighthouse's mobile
profile).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.search_speed import build, choose_words  # noqa: E402
from benchmarks.site_crawl import crawl_beside  # noqa: E402

SERVER = """
import sys
from pathlib import Path
import uvicorn
from datasette_config.app import make_datasette
site = make_datasette(Path(sys.argv[1]), Path(sys.argv[2]))
uvicorn.run(site.app(), host="127.0.0.1", port=int(sys.argv[3]), log_level="error")
"""
ROUNDS = 7
IN_A_ROUND = 40
ASKED = 150
A_SECOND = 5
OPEN_FOR_S = 20
OPEN_BESIDE_CRAWL_S = 40
ROW = "row"


@contextmanager
def served(folder: Path) -> Iterator[tuple[httpx.Client, int]]:
    """A client of the site over these files, and the process that serves it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-c", SERVER, str(folder / "archive.db"), str(folder / "search.db")]
    process = subprocess.Popen([*command, str(port)], cwd=ROOT)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
            for _ in range(600):
                try:
                    client.get("/robots.txt")
                    break
                except httpx.ConnectError:
                    time.sleep(0.1)
            yield client, process.pid
    finally:
        process.terminate()
        process.wait()


def spent(pid: int) -> float:
    """Seconds of processor the process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def spent_exactly(pid: int) -> float:
    """The same in steps of the scheduler, not of ten milliseconds: enough for one request."""
    threads = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(one.read_text().split()[0]) for one in threads) / 1e9


def percentiles(taken: list[float]) -> dict[str, float]:
    """Median, 95th percentile and maximum in ms."""
    ms = np.array(taken) * 1000
    return {
        "p50": round(float(np.percentile(ms, 50)), 2),
        "p95": round(float(np.percentile(ms, 95)), 2),
        "max": round(float(ms.max()), 2),
    }


def warm(client: httpx.Client, pid: int, item: int) -> dict[str, Any]:
    """Pages a second of processor, in turns with Datasette's JSON of a row."""
    paths = {
        ROW: f"/archive/items/{item}.json", "home": "/", "search": "/suche",
        "item": f"/eintrag/{item}", "topic": "/thema/ozg", "feed": "/suche.atom",
    }  # fmt: skip
    rates: dict[str, list[float]] = {name: [] for name in paths}
    for path in paths.values():
        client.get(path).raise_for_status()
    for _ in range(ROUNDS):
        for name, path in paths.items():
            start = spent(pid)
            count = 0
            while spent(pid) - start < 0.1 or count < IN_A_ROUND:  # ten ticks of the kernel's clock
                client.get(path)
                count += 1
            rates[name].append(count / (spent(pid) - start))
    median = {name: statistics.median(found) for name, found in rates.items()}
    return {
        "pages_per_cpu_s": {name: round(rate) for name, rate in median.items()},
        "to_row_json": {
            name: round(rate / median[ROW], 2) for name, rate in median.items() if name != ROW
        },
        "to_row_json_least": {
            name: round(min(f / r for f, r in zip(found, rates[ROW], strict=True)), 2)
            for name, found in rates.items()
            if name != ROW
        },
    }


def queries(folder: Path, count: int) -> list[str]:
    """Search pages nobody has asked for: words common and rare, some filtered."""
    words = choose_words(folder, count)
    mixed = [word for group in zip(*words.values(), strict=False) for word in group]
    ends = ("", "&thema=ki", "&land=DE-SN", "&sortierung=relevanz", "&von=2024-01-01")
    return [
        f"/suche?q={quote(word)}{ends[(place + turn) % len(ends)]}"
        for turn in range(len(ends))
        for place, word in enumerate(mixed)
    ]


def uncached(client: httpx.Client, pid: int, paths: list[str]) -> dict[str, Any]:
    """Search pages one after another, by the clock and by the server's processor."""
    taken, worked = [], []
    for path in paths:
        began, start = time.perf_counter(), spent_exactly(pid)
        client.get(path).raise_for_status()
        taken.append(time.perf_counter() - began)
        worked.append(spent_exactly(pid) - start)
    return {**percentiles(taken), "cpu": percentiles(worked)}


def open_loop(base: httpx.URL, paths: list[str]) -> dict[str, Any]:
    """Search pages at a fixed pace; the time counts from when each was due."""

    async def run() -> list[float]:
        async with httpx.AsyncClient(base_url=base, timeout=60) as client:
            begun = time.perf_counter()

            async def ask(number: int, path: str) -> float:
                due = begun + number / A_SECOND
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
                (await client.get(path)).raise_for_status()
                return time.perf_counter() - due

            return await asyncio.gather(*(ask(n, path) for n, path in enumerate(paths)))

    return percentiles(asyncio.run(run()))


def sizes(client: httpx.Client, item: int) -> dict[str, list[int]]:
    """Bytes of pages, styles and scripts: as they are, and as they are sent."""
    found: dict[str, list[int]] = {}
    paths = {"home": "/", "search": "/suche", "item": f"/eintrag/{item}", "topic": "/thema/ozg",
             "data": "/archive", "table": "/archive/items"}  # fmt: skip
    page = client.get("/archive").text + client.get("/").text
    for piece in page.split('"'):
        if piece.startswith("/static/"):
            paths[piece.rsplit("/", 1)[1]] = piece
    for name, path in paths.items():
        answer = client.get(path)
        found[name] = [len(answer.content), answer.num_bytes_downloaded]
    return found


def paint(base: httpx.URL, item: int) -> dict[str, float]:
    """First contentful paint in ms; the median of three visits with an empty cache."""
    from playwright.sync_api import sync_playwright

    found: dict[str, list[float]] = {}
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path="/usr/bin/chromium")
        for _ in range(3):
            for name, path in (("home", "/"), ("search", "/suche"), ("item", f"/eintrag/{item}")):
                context = browser.new_context(viewport={"width": 390, "height": 844})
                page = context.new_page()
                devtools = context.new_cdp_session(page)
                devtools.send("Network.enable")
                rate = 1_600_000 / 8
                devtools.send(
                    "Network.emulateNetworkConditions",
                    {"offline": False, "latency": 150, "downloadThroughput": rate,
                     "uploadThroughput": rate / 2},
                )  # fmt: skip
                devtools.send("Emulation.setCPUThrottlingRate", {"rate": 4})
                page.goto(str(base.join(path)))
                page.wait_for_function(
                    "performance.getEntriesByName('first-contentful-paint').length > 0"
                )
                first = page.evaluate(
                    "performance.getEntriesByName('first-contentful-paint')[0].startTime"
                )
                found.setdefault(name, []).append(float(first))
                context.close()
        browser.close()
    return {name: round(statistics.median(taken)) for name, taken in found.items()}


def beside_a_crawl(folder: Path, paths: list[str]) -> dict[str, Any]:
    """The open loop on copies of the files, while a crawl writes and publishes into them."""
    with tempfile.TemporaryDirectory() as temporary:
        copies = Path(temporary)
        for name in ("archive.db", "search.db"):
            shutil.copy(folder / name, copies / name)
        with (
            served(copies) as (client, _),
            crawl_beside(copies / "crawl", copies / "archive.db", copies / "search.db") as told,
        ):
            # A service has long read its dictionary, which the first unknown word makes it do.
            client.get("/suche?q=qqqwortgibtesnicht").raise_for_status()
            found = open_loop(client.base_url, paths)
        return {**found, **told}


def measure(folder: Path, count: int, *, with_paint: bool, with_crawl: bool) -> dict[str, Any]:
    """All figures of one size."""
    paths = queries(folder, count)
    once = min(ASKED, len(paths) - A_SECOND * OPEN_FOR_S)
    then = once + A_SECOND * OPEN_FOR_S
    with served(folder) as (client, pid):
        listed = client.get("/archive/items.json?_shape=array&_size=1&_nocount=1")
        item = int(listed.raise_for_status().json()[0]["id"])
        report = {
            "uncached_ms": uncached(client, pid, paths[:once]),
            "open_loop_ms": open_loop(client.base_url, paths[once:then]),
            "warm": warm(client, pid, item),
            "bytes_whole_and_sent": sizes(client, item),
        }
        if with_paint:
            report["first_paint_ms"] = paint(client.base_url, item)
    if with_crawl:
        print(json.dumps({count: report}), file=sys.stderr)  # noqa: T201  what is measured so far
        report["open_loop_beside_a_crawl_ms"] = beside_a_crawl(
            folder, paths[then : then + A_SECOND * OPEN_BESIDE_CRAWL_S]
        )
    return report


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("sizes", nargs="*", type=int, default=[10_000])
    parser.add_argument("--folder", type=Path, help="keep the files here, or use those there")
    parser.add_argument("--paint", action="store_true")
    parser.add_argument("--crawl", action="store_true")
    given = parser.parse_args()
    report = {}
    with tempfile.TemporaryDirectory() as temporary:
        for count in given.sizes:
            folder = (given.folder or Path(temporary)) / str(count)
            if not (folder / "search.db").exists():
                folder.mkdir(parents=True)
                build(folder, count)
            report[count] = measure(folder, count, with_paint=given.paint, with_crawl=given.crawl)
    print(json.dumps(report, indent=1))  # noqa: T201


if __name__ == "__main__":
    main()
