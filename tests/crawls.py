"""Real crawls for tests, many in one process: a start of Scrapy costs more than what is tested.

`Crawls` starts this module as a process and tells it, line by line, what to crawl. The reactor, the
imports and the page worker are shared; each crawl has its own spider, store, log and settings, and
speaks real HTTP. That `radar` starts such a process itself is tested where that is the point.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from radar.config import Config
from radar.crawling import scrapy_settings
from store.newsroom import Newsroom
from store.types import RunResult, Source

ROOT = Path(__file__).resolve().parents[1]


class Crawls:
    """Runs crawls one after another; each gives the results by source id."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def run(
        self,
        config: Config,
        newsroom: Newsroom,
        *sources: Source,
        later: timedelta = timedelta(),
        **settings: object,
    ) -> dict[str, RunResult]:
        """Crawl the sources with the clock set ``later``; what each run ended with."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        config.crawl_log.parent.mkdir(parents=True, exist_ok=True)
        order = {
            "sources": ",".join(source.id for source in sources),
            "settings": {**scrapy_settings(config), "PROGRESS": "", **settings},
            "log": str(config.crawl_log),
            "later": later.total_seconds(),
        }
        print(json.dumps(order, default=str), file=self._process.stdin, flush=True)
        answer = self._process.stdout.readline()
        assert answer.strip() == "done", f"the crawling process broke off: {answer!r}"
        results = {}
        for source in sources:
            (run,) = newsroom.runs(source.id, limit=1)
            assert run.result is not None, f"the run of {source.id} was never closed"
            results[source.id] = run.result
        return results


@contextmanager
def crawls() -> Iterator[Crawls]:
    """A process that crawls, ended at the end."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.crawls"],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env={**os.environ, "SCRAPY_SETTINGS_MODULE": "crawler.settings"},
    )  # fmt: skip
    try:
        yield Crawls(process)
    finally:
        process.communicate(timeout=60)


async def serve() -> None:
    """Carry out orders from standard input until it closes."""
    from scrapy.crawler import AsyncCrawlerRunner
    from scrapy.utils.project import get_project_settings

    from crawler.pages.limited import LimitedParser
    from crawler.spiders.sources import SourcesSpider

    class Kept:
        """The shared worker, which no crawl ends."""

        def __init__(self, parser: LimitedParser) -> None:
            self.parse = parser.parse

    with LimitedParser() as parser:
        SourcesSpider.make_parser = lambda self: Kept(parser)  # type: ignore[method-assign]
        while line := await asyncio.to_thread(sys.stdin.readline):
            order = json.loads(line)
            later = timedelta(seconds=order["later"])
            settings = get_project_settings()
            settings.update(order["settings"], priority="cmdline")
            settings.set("CLOCK", lambda later=later: datetime.now(UTC) + later, "cmdline")
            handler = logging.FileHandler(order["log"], encoding="utf-8")
            logging.getLogger().addHandler(handler)
            await AsyncCrawlerRunner(settings).crawl("sources", source=order["sources"])
            logging.getLogger().removeHandler(handler)
            handler.close()
            sys.stdout.write("done\n")
            sys.stdout.flush()


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
