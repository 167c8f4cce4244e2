"""Fetches one well-known file of each host, once in a while, for all requests that wait for it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Generic, TypeVar
from urllib.parse import urlsplit

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.http import Request, Response
from scrapy.http.request import NO_CALLBACK

from crawler.clock import clock_of
from crawler.shelf import Kept, Shelf

T = TypeVar("T")

#: Such a file is kept for a day at most (RFC 9309, section 2.4, of robots.txt).
LONGEST = timedelta(days=1)
#: … and for a while at least, whatever the server says: it must not double our requests.
SHORTEST = timedelta(hours=1)
_MAX_AGE = re.compile(r"\bmax-age\s*=\s*\"?(\d{1,9})", re.IGNORECASE)


def max_age(cache_control: str) -> timedelta:
    """How long a file is kept by its Cache-Control header, between `SHORTEST` and `LONGEST`."""
    found = _MAX_AGE.search(cache_control)
    return min(max(timedelta(seconds=int(found[1])), SHORTEST), LONGEST) if found else LONGEST


class HostFiles(Generic[T]):
    """``path`` of every host, read by ``read``; asked for again when its age is over.

    What was found (2xx) or refused (4xx) is kept for the next crawls, too. What ``read`` or the
    fetch raises is raised to everyone who waits in this crawl.
    """

    def __init__(self, crawler: Crawler, path: str, read: Callable[[Response], T]) -> None:
        self._crawler = crawler
        self._path = path
        self._read = read
        self._clock = clock_of(crawler.settings)
        kept_in = crawler.settings.get("HOST_FILES")
        # A file for each kind: several shelves must not write over each other.
        name = path.rpartition("/")[2]
        self._shelf = Shelf(Path(kept_in, f"{name}.json") if kept_in else None, self._clock)
        self._known: dict[str, asyncio.Task[tuple[T, datetime]]] = {}
        crawler.signals.connect(self._save, signals.spider_closed)

    def _save(self) -> None:
        self._shelf.save()

    async def of(self, url: str, **meta: object) -> T:
        """What the file of the host of ``url`` says; ``meta`` goes with the request for it."""
        parts = urlsplit(url)
        host = f"{parts.scheme}://{parts.netloc}"
        task = self._known.get(host)
        if task is None or (
            task.done() and not task.exception() and task.result()[1] <= self._clock()
        ):
            task = asyncio.ensure_future(self._have(host + self._path, meta))
            self._known[host] = task
        # One that stops waiting must not take the file from the others.
        return (await asyncio.shield(task))[0]

    async def _have(self, url: str, meta: dict[str, object]) -> tuple[T, datetime]:
        request = Request(url, priority=1000, meta=meta, callback=NO_CALLBACK)
        if kept := self._shelf.get(url):
            old = Response(url, status=kept.status, body=kept.body, request=request)
            return self._read(old), kept.until
        assert self._crawler.engine is not None
        response = await self._crawler.engine.download_async(request)
        age = max_age((response.headers.get("Cache-Control") or b"").decode("latin-1"))
        until = self._clock() + age
        if response.status < 500 and response.status != 429:
            self._shelf.put(url, Kept(response.status, response.body, until))
        return self._read(response), until
