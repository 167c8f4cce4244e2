"""Spiders that only look, many in one process, as `tests.crawls` does it for crawls.

`Probes.probe` stands in for `radar.probing.probe`: the same spiders and settings over real HTTP,
without a start of Scrapy each time. That `radar` starts such a process itself is tested where that
is the point.
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
from pathlib import Path
from typing import Any

from radar.config import Config
from radar.probing import probe_settings

ROOT = Path(__file__).resolve().parents[1]


class Probes:
    """Runs spiders one after another; each gives what it yields."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def probe(
        self, config: Config, spider: str, arguments: dict[str, str], settings: dict[str, object]
    ) -> Iterator[dict[str, Any]]:
        """Like `radar.probing.probe`."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        order = {
            "spider": spider,
            "arguments": arguments,
            "settings": {**probe_settings(config), **settings},
        }
        print(json.dumps(order, default=str), file=self._process.stdin, flush=True)
        found: list[dict[str, Any]] = json.loads(self._process.stdout.readline())
        yield from found


@contextmanager
def probes() -> Iterator[Probes]:
    """A process that looks, ended at the end."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.probes"],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env={**os.environ, "SCRAPY_SETTINGS_MODULE": "crawler.settings"},
    )  # fmt: skip
    try:
        yield Probes(process)
    finally:
        process.communicate(timeout=60)


async def serve() -> None:
    """Carry out orders from standard input until it closes."""
    from scrapy import signals
    from scrapy.crawler import AsyncCrawlerRunner
    from scrapy.utils.project import get_project_settings

    while line := await asyncio.to_thread(sys.stdin.readline):
        order = json.loads(line)
        settings = get_project_settings()
        settings.update(order["settings"], priority="cmdline")
        runner = AsyncCrawlerRunner(settings)
        crawler = runner.create_crawler(order["spider"])
        found: list[dict[str, Any]] = []

        def keep(item: dict[str, Any], found: list[dict[str, Any]] = found) -> None:
            found.append(item)

        crawler.signals.connect(keep, signals.item_scraped)
        await runner.crawl(crawler, **order["arguments"])
        sys.stdout.write(json.dumps(found) + "\n")
        sys.stdout.flush()


def main() -> None:
    """Run the reactor as long as there are orders."""
    from scrapy.utils.reactor import install_reactor

    install_reactor("twisted.internet.asyncioreactor.AsyncioSelectorReactor")
    from twisted.internet import reactor
    from twisted.internet.defer import Deferred

    from crawler.middlewares.private_addresses import PublicOnlyResolver

    # as Scrapy's own process does
    PublicOnlyResolver(reactor, 1000, 30.0).install_on_reactor()
    logging.getLogger().setLevel(logging.ERROR)
    done = Deferred.fromFuture(asyncio.ensure_future(serve()))
    done.addErrback(lambda failure: failure.printTraceback(file=sys.stderr))
    done.addBoth(lambda _: reactor.stop())  # type: ignore[attr-defined]
    reactor.run()  # type: ignore[attr-defined]


if __name__ == "__main__":
    main()
