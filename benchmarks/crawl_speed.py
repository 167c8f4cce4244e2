"""How quick and how steady the crawl itself is, each figure as a ratio in the same run: JSON.

    python benchmarks/crawl_speed.py [cpu] [polite] [memory] [--pages 1500] [--rounds 3]
                                     [--hosts 300] [--polite-pages 20]

``cpu``: processor time a page of our whole crawl (robots.txt, reservations, caps, redirects, book,
store) with a parser that always answers the same, against a bare Scrapy spider with Scrapy's own
settings that reads one selector and yields an item. The slope between a small and a large crawl is
taken, so that neither start counts.
``polite``: 300 hosts at one request in two seconds; pages in a second as a share of the 150 that
are possible, and the shortest gap between two requests to one host as a share of the delay.
``memory``: growth of the crawling process between the first thousand pages and the last.

All is served by one other process on loopback, under as many host names as are wanted.
"""

from __future__ import annotations

import argparse
import itertools
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

START = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
WORDS = ("Stadt", "Rat", "Dienst", "Portal", "Antrag", "Bürger", "Verwaltung", "digital", "Amt")


def page(number: int) -> bytes:
    """A page of the size of a usual press release: 30 kB, most of it furniture."""
    menu = "".join(
        f'<li class="menu-item"><a href="/thema/{n}">Thema {n}</a></li>' for n in range(330)
    )
    text = " ".join(WORDS[(number + n) % len(WORDS)] for n in range(60))
    body = "".join(f"<p>{text} Absatz {n}.</p>" for n in range(12))
    head = f'<meta charset="utf-8"><title>Meldung {number}</title>'
    main = f"<main><h1>Meldung {number}</h1>{body}</main>"
    return (
        f'<!DOCTYPE html><html lang="de"><head>{head}</head><body><nav><ul>{menu}</ul></nav>{main}'
        "</body></html>"
    ).encode()


def feed(host: str, pages: int) -> bytes:
    """A feed naming all pages of a host."""
    rows = "".join(
        f"<item><title>Meldung {n}</title><link>https://{host}/{n}</link><guid>{host}-{n}</guid>"
        "<pubDate>Tue, 10 Mar 2026 08:00:00 +0100</pubDate></item>"
        for n in range(pages)
    )
    return f'<rss version="2.0"><channel><title>Presse</title>{rows}</channel></rss>'.encode()


# --- the server, in a process of its own -----------------------------------------------


def serve(pages: int, log: str) -> None:
    """Answer for every host name: ``/feed.xml``, ``/N``; write (moment, host, path) to ``log``."""
    from twisted.internet import reactor
    from twisted.web.http import Request
    from twisted.web.resource import Resource
    from twisted.web.server import Site

    asked: list[tuple[float, str, str]] = []
    bodies = [page(number) for number in range(50)]

    class Everything(Resource):
        isLeaf = True

        def render_GET(self, request: Request) -> bytes:
            host = request.getRequestHostname().decode()
            path = request.path.decode()
            asked.append((time.monotonic(), host, path))
            if path == "/feed.xml":
                request.setHeader("Content-Type", "application/rss+xml")
                return feed(host, pages)
            if path == "/robots.txt":
                request.setHeader("Content-Type", "text/plain")
                return b"User-agent: *\nDisallow: /suche/\nDisallow: /*?druck=1\n"
            if not path[1:].isdigit():
                request.setResponseCode(404)
                return b"nicht da"
            request.setHeader("Content-Type", "text/html; charset=utf-8")
            return bodies[int(path[1:]) % len(bodies)]

    def write() -> None:
        Path(log).write_text(json.dumps(asked), encoding="utf-8")

    port = reactor.listenTCP(0, Site(Everything()), backlog=1000, interface="127.0.0.1")
    reactor.addSystemEventTrigger("before", "shutdown", write)
    sys.stdout.write(f"{port.getHost().port}\n")
    sys.stdout.flush()
    reactor.run()


@contextmanager
def web(pages: int, log: Path) -> Iterator[str]:
    """The server's address; ``log`` is written when it ends."""
    command = [sys.executable, __file__, "--serve", str(log), "--pages", str(pages)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield f"127.0.0.1:{process.stdout.readline().strip()}"
        finally:
            process.terminate()


# --- the crawls, each in a process of its own ------------------------------------------


def crawl_ours(address: str, folder: str, hosts: int, delay: float) -> None:
    """Our crawl with a constant parser; prints what it cost."""
    from scrapy.crawler import AsyncCrawlerProcess
    from scrapy.utils.project import get_project_settings

    from crawler.spiders.sources import SourcesSpider
    from crawler.types import PageData
    from store.newsroom import Newsroom
    from store.types import Source

    class Constant:
        """Answers at once, and the same but for the number."""

        def parse(self, html: bytes | str, url: str, **_: object) -> PageData:
            return PageData(url=url, kind="article", title=f"Meldung {url}", body="Text " * 300)

    names = [f"www.stadt{number}.example" for number in range(hosts)]
    with Newsroom(Path(folder, "newsroom.db"), now=lambda: START) as newsroom:
        newsroom.set_sources(
            Source(
                id=f"stadt{number}", name=name, publisher=name, homepage=f"https://{name}/",
                kind="feed", url=f"https://{name}/feed.xml", licence="official", display="full",
                relevance="all", schedule="adaptive", reference=f"https://{name}/",
            )
            for number, name in enumerate(names)
        )  # fmt: skip
    SourcesSpider.make_parser = lambda self: Constant()  # type: ignore[method-assign]
    settings = get_project_settings()
    chosen = {
        "NEWSROOM": str(Path(folder, "newsroom.db")), "CATALOGUE": "", "CONNECT_TO": address,
        "DOWNLOAD_DELAY": delay, "AUTOTHROTTLE_ENABLED": delay > 0,
        "AUTOTHROTTLE_START_DELAY": delay, "LOG_FILE": str(Path(folder, "crawl.log")),
        "PROGRESS": "-", "HOST_FILES": str(Path(folder, "hosts")),
    }  # fmt: skip
    settings.update(chosen, priority="cmdline")
    process = AsyncCrawlerProcess(settings)
    process.crawl(SourcesSpider)
    process.start()
    _tell()


def crawl_bare(address: str, folder: str, hosts: int, pages: int, delay: float = 0.0) -> None:
    """A bare spider over the same pages with Scrapy settings of its own, politely if told so."""
    import scrapy
    from scrapy.crawler import AsyncCrawlerProcess

    class Bare(scrapy.Spider):
        name = "bare"

        async def start(self) -> Any:
            for number in range(hosts):
                host = f"www.stadt{number}.example" if delay else address
                yield scrapy.Request(f"http://{host}/feed.xml", dont_filter=True)

        def parse(self, response: Any) -> Any:
            for number in range(pages):
                url = response.urljoin(f"/{number}")
                yield scrapy.Request(url, callback=self.parse_page, dont_filter=True)

        def parse_page(self, response: Any) -> Any:
            yield {"url": response.url, "title": response.css("h1::text").get()}

    settings: dict[str, Any] = {
        "LOG_LEVEL": "INFO", "LOG_FILE": str(Path(folder, "bare.log")), "ROBOTSTXT_OBEY": False,
        "TELNETCONSOLE_ENABLED": False,
    }  # fmt: skip
    if delay:
        settings |= {
            "DOWNLOAD_HANDLERS": {"http": "crawler.download.DownloadHandler"}, "PDF_MAXSIZE": 0,
            "CONNECT_TO": address, "DOWNLOAD_DELAY": delay, "DOWNLOAD_DELAY_JITTER": 0.0,
            "CONCURRENT_REQUESTS": 1000, "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
        }  # fmt: skip
    process = AsyncCrawlerProcess(settings)
    process.crawl(Bare)
    process.start()
    _tell()


def _tell() -> None:
    used = resource.getrusage(resource.RUSAGE_SELF)
    told = {"cpu_s": used.ru_utime + used.ru_stime, "peak_mb": used.ru_maxrss / 1024}
    sys.stdout.write(json.dumps(told) + "\n")


def _run(kind: str, address: str, folder: str, hosts: int, extra: float) -> dict[str, float]:
    """What a crawl in a process of its own says it cost.

    It writes into files: our crawl reports its progress on standard output, and a pipe that is not
    read while it runs would stop it after 64 kB.
    """
    command = [sys.executable, __file__, "--crawl", kind, address, folder, str(hosts), str(extra)]
    said, faults = Path(folder, "said"), Path(folder, "faults")
    with said.open("w", encoding="utf-8") as out, faults.open("w", encoding="utf-8") as err:
        done = subprocess.run(command, stdout=out, stderr=err, check=False, cwd=_ROOT)
    if done.returncode:
        raise SystemExit(faults.read_text(encoding="utf-8"))
    told: dict[str, float] = json.loads(said.read_text(encoding="utf-8").splitlines()[-1])
    return told


_ROOT = Path(__file__).resolve().parents[1]


# --- the figures -----------------------------------------------------------------------


def _cost(kind: str, pages: int) -> tuple[float, dict[str, float]]:
    """Processor seconds of one crawl of ``pages`` pages on ten hosts."""
    with tempfile.TemporaryDirectory() as folder, web(pages // 10, Path(folder, "asked")) as at:
        told = _run(kind, at, folder, 10, 0 if kind == "ours" else pages // 10)
    return told["cpu_s"], told


def cpu(pages: int, rounds: int) -> dict[str, object]:
    """Processor time a page, ours against the bare spider's."""
    slopes: dict[str, list[float]] = {"ours": [], "bare": []}
    few = pages // 5
    for _ in range(rounds):
        for kind, found in slopes.items():
            small, large = _cost(kind, few)[0], _cost(kind, pages)[0]
            found.append((large - small) / (pages - few) * 1000)
    ratios = [ours / bare for ours, bare in zip(slopes["ours"], slopes["bare"], strict=True)]
    return {
        "pages": pages,
        "ours_ms_a_page": _summary(slopes["ours"]),
        "bare_ms_a_page": _summary(slopes["bare"]),
        "ratio": _summary(ratios),
        "bar": "median ratio ≤ 1.3",
    }


def polite(hosts: int, pages: int, delay: float = 2.0) -> dict[str, object]:
    """Throughput and gaps at one request to a host in ``delay`` seconds.

    On a busy machine the bare spider, crawling the same right before, tells how much of the
    shortfall is the machine's.
    """
    found: dict[str, object] = {"bar": "ours: share of ceiling ≥ 0.85, no gap under 0.9"}
    for kind in ("bare-polite", "ours"):
        with tempfile.TemporaryDirectory() as folder:
            log = Path(folder, "asked")
            with web(pages, log) as address:
                told = _run(kind, address, folder, hosts, delay if kind == "ours" else pages)
            asked = json.loads(log.read_text(encoding="utf-8"))
        found[kind] = _pace(asked, hosts, delay) | {"cpu_s": round(told["cpu_s"], 1)}
    return found


def _pace(asked: list[tuple[float, str, str]], hosts: int, delay: float) -> dict[str, float]:
    by_host = defaultdict(list)
    for moment, host, _ in asked:
        by_host[host].append(moment)
    gaps = [b - a for moments in by_host.values() for a, b in itertools.pairwise(moments)]
    first, last = asked[0][0], asked[-1][0]
    # The end, when hosts fall silent one by one, is no measure of the pace.
    steady = [moment for moment, _, _ in asked if first + 4 <= moment <= last - 6]
    pace = len(steady) / (last - first - 10)
    return {
        "hosts": len(by_host),
        "requests": len(asked),
        "seconds": round(last - first, 1),
        "a_second": round(pace, 1),
        "share_of_ceiling": round(pace * delay / hosts, 3),
        "shortest_gap_share": round(min(gaps) / delay, 3),
        "gaps_under_0.9": sum(gap < 0.9 * delay for gap in gaps),
    }


def memory(pages: int = 5000) -> dict[str, object]:
    """Growth of resident memory from 500 pages to ``pages``."""
    small, large = _cost("ours", 500)[1], _cost("ours", pages)[1]
    return {
        "pages": pages,
        "peak_mb_500": round(small["peak_mb"], 1),
        "peak_mb": round(large["peak_mb"], 1),
        "growth_mb": round(large["peak_mb"] - small["peak_mb"], 1),
        "bar": "growth ≤ 100",
    }


def _summary(values: list[float]) -> dict[str, float]:
    return {"min": round(min(values), 3), "median": round(statistics.median(values), 3)}


def main() -> None:
    """Print the wanted figures, all by default."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", default=["cpu", "polite", "memory"])
    parser.add_argument("--pages", type=int, default=1500)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--hosts", type=int, default=300)
    parser.add_argument("--polite-pages", type=int, default=20, help="pages of each host")
    parser.add_argument("--serve", metavar="LOG")
    parser.add_argument("--crawl", nargs=5, metavar="ARGUMENT")
    given = parser.parse_args()
    if given.serve:
        serve(given.pages, given.serve)
    elif given.crawl:
        kind, address, folder, hosts, extra = given.crawl
        if kind == "ours":
            crawl_ours(address, folder, int(hosts), float(extra))
        else:
            polite_delay = 2.0 if kind == "bare-polite" else 0.0
            crawl_bare(address, folder, int(hosts), int(float(extra)), polite_delay)
    else:
        found: dict[str, object] = {}
        if "cpu" in given.parts:
            found["cpu"] = cpu(given.pages, given.rounds)
        if "polite" in given.parts:
            found["polite"] = polite(given.hosts, given.polite_pages)
        if "memory" in given.parts:
            found["memory"] = memory()
        sys.stdout.write(json.dumps(found, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
