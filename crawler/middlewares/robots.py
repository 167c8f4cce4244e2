"""Obeys robots.txt by RFC 9309, and keeps its word on AI and mining for those who ask.

Scrapy's own middleware reads error pages as rules and goes ahead where robots.txt cannot be had;
RFC 9309 (section 2.3.1) lets a crawler do so after 4xx only.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Request, Response

from crawler.middlewares.host_files import HostFiles
from crawler.reservations import RobotsRules
from crawler.robots_text import parse_robots

#: The name by which robots.txt may address us: the first word of our User-Agent.
AGENT = "Kommunalradar"
#: More of the file is not read (RFC 9309, section 2.5, asks for at least this much).
MAX_BYTES = 500 * 1024


class RobotsError(IgnoreRequest):
    """An address that robots.txt keeps us from, or would if it could be read."""


class Robots:
    """What one host's robots.txt says, read for us."""

    def __init__(self, text: str, *, refusal: str | None = None) -> None:
        parsed = parse_robots(text)
        self.reservations = RobotsRules(text)
        #: seconds it wants between two requests
        self.delay: float = parsed.crawl_delay(AGENT) or 0.0
        self._parsed = parsed
        self._refusal = refusal

    def check(self, url: str) -> None:
        """Raises `RobotsError` if the address must not be fetched."""
        if self._refusal:
            raise RobotsError(f"{url}: {self._refusal}")
        if not self._parsed.can_fetch(url, AGENT):
            raise RobotsError(
                f"{url}: robots.txt forbids it; ask the publisher, or drop the source"
            )


def read_robots(response: Response) -> Robots:
    """What an answer for robots.txt means (RFC 9309, section 2.3.1)."""
    if response.status == 200:
        return Robots(response.body[:MAX_BYTES].decode("utf-8-sig", "replace"))
    # A pause that was asked for is told by the request itself, which then waits for it.
    if (response.status == 429 or response.status >= 500) and "retry_after" not in response.meta:
        return Robots(
            "",
            refusal=f"robots.txt answers HTTP {response.status}, so nothing may be fetched; it is "
            "tried again with the next crawl",
        )
    return Robots("")


class RobotsMiddleware:
    """Holds each request until its host's robots.txt is known, and drops what it forbids.

    A robots.txt that cannot be fetched fails the request with the same error: the host would not
    answer it either.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._longest_delay = crawler.settings.getfloat("AUTOTHROTTLE_MAX_DELAY")
        self._files: HostFiles[Robots] = HostFiles(crawler, "/robots.txt", read_robots)
        #: seconds between two requests that hosts ask for
        self.delays: dict[str, float] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> RobotsMiddleware:
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        if request.meta.get("for_robots"):
            return
        robots = await self.of(request.url)
        robots.check(request.url)
        if robots.delay:
            host = urlsplit(request.url).hostname or ""
            self.delays[host] = min(robots.delay, self._longest_delay)

    async def of(self, url: str) -> Robots:
        """What the robots.txt of the address's host says."""
        return await self._files.of(url, for_robots=True)
