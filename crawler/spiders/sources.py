"""The crawl of a batch of sources of any kind: lists first, then the pages of what is new.

Thin on purpose: what to ask of a list is decided in `crawler.list_reading`, of a page in
`crawler.page_reading`; bytes become entries in `crawler.lists`, pages in `crawler.pages`, articles
in `crawler.articles`. This module opens the crawl and closes it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import UsageError
from scrapy.http import Request, Response
from scrapy.utils.defer import deferred_from_coro
from twisted.python.failure import Failure

from crawler.catalogue import load_catalogue
from crawler.clock import clock_of
from crawler.crawl import Crawl, Rules
from crawler.failures import describe
from crawler.line import line_is_down
from crawler.list_reading import ListReader
from crawler.mail_reading import MailReader
from crawler.page_reading import PageParser, PageReader
from crawler.pages.limited import LimitedParser
from crawler.pipelines import Found
from crawler.runs import RunBook
from store.disk import DiskFullError
from store.newsroom import Newsroom
from store.types import SOURCE_KINDS, RunResult, Source

log = logging.getLogger(__name__)


class SourcesSpider(Spider):
    """Crawls the sources named by ``-a source=ID[,ID…]``, or all of this spider's kinds."""

    name = "sources"
    kinds: tuple[str, ...] = SOURCE_KINDS

    def __init__(self, source: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._wanted = [part.strip() for part in source.split(",") if part.strip()]

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> SourcesSpider:
        spider = super().from_crawler(crawler, *args, **kwargs)
        settings = crawler.settings
        clock = clock_of(settings)
        newsroom = Newsroom(Path(settings["NEWSROOM"]), now=clock)
        if settings["CATALOGUE"]:
            own = settings["OWN_SOURCES"]
            catalogue = load_catalogue(Path(settings["CATALOGUE"]), Path(own) if own else None)
            newsroom.set_sources(catalogue)
        book = RunBook(newsroom, spider._notify)
        spider.crawl = Crawl(newsroom, book, clock, Rules.of(settings))
        spider.parser = spider.make_parser()
        pages = PageReader(spider.crawl, spider.parser)
        spider.lists = ListReader(spider.crawl, pages)
        secrets = settings["MAIL_SECRETS"]
        spider.mail = MailReader(spider.crawl, pages, Path(secrets) if secrets else None)
        # Scrapy filters at its handlers, after each page's debug lines have been made.
        logging.getLogger("scrapy").setLevel(settings["LOG_LEVEL"])
        crawler.signals.connect(spider._spider_error, signals.spider_error)
        return spider

    crawl: Crawl
    lists: ListReader
    mail: MailReader
    parser: PageParser
    #: why the crawl ends before everything was asked
    stopped: DiskFullError | None = None
    #: the progress extension replaces this
    listener: Any = None

    def make_parser(self) -> PageParser:
        """What reads the pages of this crawl; ended with it if it has a ``close``."""
        return LimitedParser()

    def _notify(self, event: str, source_id: str, result: RunResult) -> None:
        # Only now, and only if nothing is missing: after a crawl that was killed or met a
        # faulty page, the list must be read again even if it has not changed.
        if event == "finish" and result.status == "ok" and source_id not in self.crawl.incomplete:
            state = self.crawl.read_lists.get(source_id)
            if state:
                self.crawl.newsroom.set_fetch_state(source_id, state)
        if self.listener:
            self.listener(event, source_id, result)

    def batch(self) -> list[Source]:
        """The sources of this crawl. Raises `UsageError` naming an unknown or unfit id."""
        statuses = self.crawl.newsroom.sources()
        self.crawl.note_holds(statuses)
        known = {status.source.id: status.source for status in statuses if status.active}
        unknown = [name for name in self._wanted if name not in known]
        if unknown:
            raise UsageError(f"no such source: {', '.join(unknown)} (see `radar sources list`)")
        wanted = [known[name] for name in self._wanted or sorted(known)]
        unfit = [source.id for source in wanted if source.kind not in self.kinds]
        if unfit and self._wanted:
            raise UsageError(f"spider {self.name!r} cannot crawl {', '.join(unfit)}")
        return [source for source in wanted if source.kind in self.kinds]

    async def start(self) -> AsyncIterator[Request | Found]:
        try:
            batch = self.batch()
            # Hosts keep their pace: if all began at once, all would be due at once ever after.
            step = min(self.settings.getfloat("DOWNLOAD_DELAY") / len(batch), 0.01) if batch else 0
            for source in batch:
                request = self.lists.first_request(source) if source.kind != "mail" else None
                if request:
                    yield request
                    await asyncio.sleep(step)
            # last, since a mail server is waited for here, and no host need wait for it
            for source in batch:
                if source.kind == "mail":
                    async for found in self.mail.read(source):
                        yield found
        except DiskFullError as error:
            self.stop(error)

    def stop(self, error: DiskFullError) -> None:
        """End the crawl, since nothing more can be stored.

        The runs stay open as after a kill: no source is to blame.
        """
        if self.stopped is None:
            self.stopped = error
            log.critical("%s", error)
            if self.listener:
                self.listener("stopped", "", RunResult("failed", str(error)))
            assert self.crawler.engine is not None
            deferred_from_coro(self.crawler.engine.close_spider_async(reason="disk full"))

    def _spider_error(self, failure: Failure, response: Response) -> None:
        if isinstance(failure.value, DiskFullError):
            self.stop(failure.value)
            return
        source: Source = response.cb_kwargs["source"]
        self.crawl.book.judge(
            source.id, "failed", f"a fault of ours at {response.url}: {describe(failure)}; see log"
        )
        self.crawl.book.settle(source.id)

    def closed(self, reason: str) -> None:
        """Close every run, the parser and the newsroom."""
        newsroom = self.crawl.newsroom
        try:
            if self.stopped is None:
                self.crawl.book.close(line_is_down=lambda: line_is_down(newsroom.sources()))
        except DiskFullError as error:
            self.stop(error)
        finally:
            newsroom.close()
            if isinstance(self.parser, LimitedParser):
                self.parser.close()
