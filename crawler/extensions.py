"""Writes the crawl's progress as JSON lines, for the process that started it."""

from __future__ import annotations

import dataclasses
import json
import sys

from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured

from store.types import RunResult


class ProgressLines:
    """With ``PROGRESS = "-"``: one line an event on standard output.

    ``{"event": "start"|"count"|"finish", "source": ID, …}`` with the fields of `RunResult`;
    ``stopped`` without a source and with a message when the crawl cannot go on.
    """

    def __init__(self, crawler: Crawler) -> None:
        if crawler.settings.get("PROGRESS") != "-":
            raise NotConfigured
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
