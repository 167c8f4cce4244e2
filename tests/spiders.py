"""Real spiders for tests, many in one process: a start of Scrapy costs more than what is tested.

`Spiders` starts this module as a process and tells it, line by line, what to run. The reactor, the
imports and the page worker are shared; each run has its own spider, store, log and settings, and
speaks real HTTP. That `radar` starts such a process itself is tested where that is the point.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from radar.config import Config
from radar.crawling import scrapy_settings
from radar.probing import probe_settings
from store.newsroom import Newsroom
from store.types import RunResult, Source

ROOT = Path(__file__).resolve().parents[1]


class Spiders:
    """Runs spiders one after another."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def crawl(
        self,
        config: Config,
        newsroom: Newsroom,
        *sources: Source,
        later: timedelta = timedelta(),
        **settings: object,
    ) -> dict[str, RunResult]:
        """Crawl the sources with the clock set ``later``; what each run ended with."""
        self._run(
            config,
            "sources",
            {"source": ",".join(source.id for source in sources)},
            {**scrapy_settings(config), "PROGRESS": "", **settings},
            later=later,
        )
        results = {}
        for source in sources:
            (run,) = newsroom.runs(source.id, limit=1)
            assert run.result is not None, f"the run of {source.id} was never closed"
            results[source.id] = run.result
        return results

    def probe(
        self, config: Config, spider: str, arguments: dict[str, str], settings: dict[str, object]
    ) -> Iterator[dict[str, Any]]:
        """Like `radar.probing.probe`."""
        yield from self._run(config, spider, arguments, {**probe_settings(config), **settings})

    def _run(
        self,
        config: Config,
        spider: str,
        arguments: Mapping[str, str],
        settings: Mapping[str, object],
        *,
        later: timedelta = timedelta(),
    ) -> list[dict[str, Any]]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        config.crawl_log.parent.mkdir(parents=True, exist_ok=True)
        order = {
            "spider": spider,
            "arguments": arguments,
            "settings": settings,
            "log": str(config.crawl_log),
            "later": later.total_seconds(),
        }
        print(json.dumps(order, default=str), file=self._process.stdin, flush=True)
        answer = self._process.stdout.readline()
        assert answer, "the process with the spiders broke off"
        found: list[dict[str, Any]] = json.loads(answer)
        return found


@contextmanager
def spiders() -> Iterator[Spiders]:
    """A process for spiders, ended at the end."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.spiders"],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env={**os.environ, "SCRAPY_SETTINGS_MODULE": "crawler.settings"},
    )  # fmt: skip
    try:
        yield Spiders(process)
    finally:
        process.communicate(timeout=60)


async def serve() -> None:
    """Carry out orders from standard input until it closes."""
    from crawler.pages.limited import LimitedParser
    from crawler.spiders.sources import SourcesSpider

    class Kept:
        """The shared worker, which no crawl ends."""

        def __init__(self, parser: LimitedParser) -> None:
            self.parse = parser.parse

    with LimitedParser() as parser:
        SourcesSpider.make_parser = lambda self: Kept(parser)  # type: ignore[method-assign]
        while line := await asyncio.to_thread(sys.stdin.readline):
            sys.stdout.write(json.dumps(await carry_out(json.loads(line))) + "\n")
            sys.stdout.flush()


async def carry_out(order: dict[str, Any]) -> list[dict[str, Any]]:
    """Run one spider; the plain dictionaries that it yields."""
    from scrapy import signals
    from scrapy.crawler import AsyncCrawlerRunner
    from scrapy.utils.project import get_project_settings

    later = timedelta(seconds=order["later"])
    settings = get_project_settings()
    settings.update(order["settings"], priority="cmdline")
    settings.set("CLOCK", lambda: datetime.now(UTC) + later, "cmdline")
    runner = AsyncCrawlerRunner(settings)
    crawler = runner.create_crawler(order["spider"])
    found: list[dict[str, Any]] = []

    def keep(item: object) -> None:
        if isinstance(item, dict):
            found.append(item)

    crawler.signals.connect(keep, signals.item_scraped)
    handler = logging.FileHandler(order["log"], encoding="utf-8")
    logging.getLogger().addHandler(handler)
    await runner.crawl(crawler, **order["arguments"])
    logging.getLogger().removeHandler(handler)
    handler.close()
    return found


def main() -> None:
    """Run the reactor as long as there are orders."""
    from scrapy.utils.misc import load_object
    from scrapy.utils.project import get_project_settings
    from scrapy.utils.reactor import install_reactor

    install_reactor("twisted.internet.asyncioreactor.AsyncioSelectorReactor")
    from twisted.internet import reactor
    from twisted.internet.defer import Deferred

    # as Scrapy's own process does
    resolver = load_object(get_project_settings()["TWISTED_DNS_RESOLVER"])
    resolver(reactor, 1000, 30.0).install_on_reactor()
    logging.getLogger().setLevel(logging.INFO)
    done = Deferred.fromFuture(asyncio.ensure_future(serve()))
    done.addErrback(lambda failure: failure.printTraceback(file=sys.stderr))
    done.addBoth(lambda _: reactor.stop())  # type: ignore[attr-defined]
    reactor.run()  # type: ignore[attr-defined]


if __name__ == "__main__":
    main()
