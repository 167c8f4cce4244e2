"""Keeps what servers sent, word for word, for as many days as is wished; by default nothing."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.http import Request, Response

from crawler.clock import clock_of
from store.disk import DiskFullError
from store.responses import ResponseFile, drop_old

if TYPE_CHECKING:
    from crawler.spiders.sources import SourcesSpider


class KeepResponses:
    """Writes lists and pages, unpacked, to one file a crawl in the folder ``RESPONSES``.

    Files older than ``RESPONSES_DAYS`` go when a crawl begins. Answers without a body of their own
    (304, errors) are not kept.
    """

    def __init__(self, crawler: Crawler) -> None:
        settings = crawler.settings
        if not settings["RESPONSES"]:
            raise NotConfigured
        self._crawler = crawler
        self._folder = Path(settings["RESPONSES"])
        self._days = timedelta(days=settings.getfloat("RESPONSES_DAYS"))
        self._clock = clock_of(settings)
        self._file: ResponseFile | None = None
        crawler.signals.connect(self._open, signals.spider_opened)
        crawler.signals.connect(self._close, signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> KeepResponses:
        return cls(crawler)

    def _open(self, spider: Spider) -> None:
        now = self._clock()
        if self._folder.is_dir():
            drop_old(self._folder, before=now - self._days)
        # Noted first: an erasure must find every folder that may hold a copy.
        spider.crawl.newsroom.note_copies("responses", self._folder)  # type: ignore[attr-defined]
        self._file = ResponseFile(self._folder, now=now)

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()

    def process_response(self, request: Request, response: Response) -> Response:
        if self._file is not None and response.status == 200 and request.meta.get("asks_for"):
            headers = [
                (name.decode("latin-1"), value.decode("latin-1"))
                for name, values in response.headers.items()
                for value in values
            ]
            try:
                self._file.keep(
                    response.url, status=200, headers=headers, body=response.body, at=self._clock()
                )
            except DiskFullError as error:
                spider: SourcesSpider = self._crawler.spider  # type: ignore[assignment]
                spider.stop(error)
        return response
