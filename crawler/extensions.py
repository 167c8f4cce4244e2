"""Beside the crawl: its pace for each host, and its progress for the process that started it."""

from __future__ import annotations

import dataclasses
import json
import sys
from urllib.parse import urlsplit

from scrapy import Spider, signals
from scrapy.core.downloader import Slot
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.extensions.throttle import AutoThrottle
from scrapy.http import Response

from crawler.log_lines import write_json
from crawler.middlewares.robots import RobotsMiddleware
from crawler.orphans import end_with_stdin
from store.types import RunResult


class HostThrottle(AutoThrottle):
    """Scrapy's AutoThrottle, which never goes below the ``Crawl-delay`` of a host's robots.txt."""

    def _adjust_delay(self, slot: Slot, latency: float, response: Response) -> None:
        super()._adjust_delay(slot, latency, response)
        robots = self.crawler.get_downloader_middleware(RobotsMiddleware)
        if robots and robots.delays:
            asked = robots.delays.get(urlsplit(response.url).hostname or "", 0.0)
            slot.delay = max(slot.delay, asked)


class ProgressLines:
    """With ``PROGRESS = "-"``: one line an event on standard output.

    ``{"event": "start"|"count"|"finish", "source": ID, …}`` with the fields of `RunResult`;
    ``stopped`` without a source and with a message when the crawl cannot go on.
    """

    def __init__(self, crawler: Crawler) -> None:
        if crawler.settings.get("PROGRESS") != "-":
            raise NotConfigured
        if crawler.settings.get("LOG_JSON_RUN"):
            write_json(crawler.settings["LOG_JSON_RUN"])
        if crawler.settings.getbool("ENDS_WITH_STDIN"):
            end_with_stdin()
        crawler.signals.connect(self.spider_opened, signals.spider_opened)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> ProgressLines:
        return cls(crawler)

    def spider_opened(self, spider: Spider) -> None:
        spider.listener = self.write  # type: ignore[attr-defined]

    def write(self, event: str, source_id: str, result: RunResult) -> None:
        """One event as one line."""
        line = {"event": event, "source": source_id, **dataclasses.asdict(result)}
        print(json.dumps(line, ensure_ascii=True), file=sys.stdout, flush=True)  # noqa: T201
