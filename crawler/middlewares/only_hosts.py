"""Leaves alone the hosts that are not this crawl's, where several crawls share out the hosts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest, NotConfigured
from scrapy.http import Request

from crawler.pauses import HostOnHoldError
from store.types import RunResult, Source

if TYPE_CHECKING:
    from crawler.spiders.sources import SourcesSpider


class HostElsewhereError(HostOnHoldError):
    """The host may be in other hands: its page waits for a crawl that has it."""

    def __init__(self, host: str) -> None:
        IgnoreRequest.__init__(self, f"{host} is left to a crawl that has it for itself")


class OnlyHostsMiddleware:
    """Drops requests to hosts that the file ``ONLY_HOSTS`` (a line each, without ``www.``) lacks.

    Each is told once a source to the process that follows the crawl, as the event ``elsewhere``
    with the host as its message: there it is known who may ask it.
    """

    def __init__(self, crawler: Crawler) -> None:
        path = crawler.settings["ONLY_HOSTS"]
        if not path:
            raise NotConfigured
        self._crawler = crawler
        self._hosts = frozenset(Path(path).read_text(encoding="utf-8").split())
        self._told: set[tuple[str, str]] = set()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> OnlyHostsMiddleware:
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Raises ``HostElsewhereError``; a host's own files come along with what asked for them."""
        source: Source | None = request.cb_kwargs.get("source")
        host = (urlsplit(request.url).hostname or "").removeprefix("www.")
        if source is None or host in self._hosts:
            return
        if (source.id, host) not in self._told:
            self._told.add((source.id, host))
            spider: SourcesSpider = self._crawler.spider  # type: ignore[assignment]
            if spider.listener:
                spider.listener("elsewhere", source.id, RunResult("ok", message=host))
        raise HostElsewhereError(host)
