"""The crawl of a batch of sources of any kind: lists first, then the pages of what is new.

Thin on purpose: bytes become entries in `crawler.lists`, pages in `crawler.pages`, articles
in `crawler.articles`; this module only decides what to ask for next.
"""

from __future__ import annotations

import hashlib
import logging
import socket
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import UsageError
from scrapy.http import Request, Response
from scrapy.utils.defer import deferred_from_coro
from twisted.python.failure import Failure
from w3lib.encoding import http_content_type_encoding

from crawler.articles import ArticleError, entry_hash, entry_of, make_article
from crawler.catalogue import load_catalogue
from crawler.clock import clock_of
from crawler.failures import describe, is_unreachable
from crawler.lists import ListError, list_url, parse_list
from crawler.pages import PageError, parse_page
from crawler.pauses import HostOnHoldError
from crawler.pipelines import Found
from crawler.runs import RunBook
from crawler.types import Entry
from store.disk import DiskFullError
from store.newsroom import Newsroom
from store.types import FetchState, RunResult, Source, StoredItem, Visit

log = logging.getLogger(__name__)

#: Answers that the spider judges itself instead of Scrapy's HttpError middleware.
JUDGED = [304, *range(400, 600)]


class SourcesSpider(Spider):
    """Crawls the sources named by ``-a source=ID[,ID…]``, or all of this spider's kinds."""

    name = "sources"
    kinds: tuple[str, ...] = ("feed", "sitemap", "listing", "wordpress", "video")

    def __init__(self, source: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._wanted = [part.strip() for part in source.split(",") if part.strip()]

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> SourcesSpider:
        spider = super().from_crawler(crawler, *args, **kwargs)
        settings = crawler.settings
        spider.clock = clock_of(settings)
        spider.newsroom = Newsroom(Path(settings["NEWSROOM"]), now=spider.clock)
        if settings["CATALOGUE"]:
            spider.newsroom.set_sources(load_catalogue(Path(settings["CATALOGUE"])))
        spider.book = RunBook(spider.newsroom, spider._notify)
        spider.read_lists = {}
        spider.incomplete = set()
        crawler.signals.connect(spider._spider_error, signals.spider_error)
        return spider

    clock: Any
    newsroom: Newsroom
    book: RunBook
    #: what to remember of a list once all that it named has been fetched
    read_lists: dict[str, FetchState]
    #: sources of which some page could not be fetched
    incomplete: set[str]
    #: why the crawl ends before everything was asked
    stopped: DiskFullError | None = None
    #: the progress extension replaces this
    listener: Any = None

    def _notify(self, event: str, source_id: str, result: RunResult) -> None:
        # Only now, and only if nothing is missing: after a crawl that was killed or met a
        # faulty page, the list must be read again even if it has not changed.
        if event == "finish" and result.status == "ok" and source_id not in self.incomplete:
            state = self.read_lists.get(source_id)
            if state:
                self.newsroom.set_fetch_state(source_id, state)
        if self.listener:
            self.listener(event, source_id, result)

    def batch(self) -> list[Source]:
        """The sources of this crawl. Raises `UsageError` naming an unknown or unfit id."""
        known = {
            status.source.id: status.source for status in self.newsroom.sources() if status.active
        }
        unknown = [name for name in self._wanted if name not in known]
        if unknown:
            raise UsageError(f"no such source: {', '.join(unknown)} (see `radar sources list`)")
        wanted = [known[name] for name in self._wanted or sorted(known)]
        unfit = [source.id for source in wanted if source.kind not in self.kinds]
        if unfit and self._wanted:
            raise UsageError(f"spider {self.name!r} cannot crawl {', '.join(unfit)}")
        return [source for source in wanted if source.kind in self.kinds]

    async def start(self) -> AsyncIterator[Request]:
        try:
            for source in self.batch():
                request = self._first_request(source)
                if request:
                    yield request
        except DiskFullError as error:
            self.stop(error)

    def _first_request(self, source: Source) -> Request | None:
        """Open the source's run; None if its server asked for a pause that is not over."""
        self.book.start(source)
        state = self.newsroom.fetch_state(source.id)
        if state.retry_after and state.retry_after > self.clock():
            self.book.judge(
                source.id,
                "postponed",
                f"the server asked for a pause until {state.retry_after:%Y-%m-%d %H:%M} UTC",
            )
            self.book.settle(source.id)
            return None
        return self._list_request(source, list_url(source), state=state, depth=1)

    # --- lists -------------------------------------------------------------------------

    def _list_request(
        self, source: Source, url: str, *, depth: int, state: FetchState | None = None
    ) -> Request:
        headers = {}
        if state and not self._full_fetch_due(state):
            headers = conditional_headers(state.etag, state.last_modified)
        return Request(
            url,
            callback=self.parse_source_list,
            errback=self.list_failed,
            headers=headers,
            meta={"handle_httpstatus_list": JUDGED},
            cb_kwargs={"source": source, "depth": depth},
            dont_filter=True,
            priority=10,
        )

    def _full_fetch_due(self, state: FetchState) -> bool:
        hours = self.settings.getfloat("FULL_FETCH_AFTER_HOURS")
        last = state.full_fetch_at
        return last is None or self.clock() - last > timedelta(hours=hours)

    def parse_source_list(
        self, response: Response, source: Source, depth: int
    ) -> Iterator[Request | Found]:
        """Read one list: ask for what is new, due or further on; judge what is wrong."""
        self.book.answered()
        yield from self._read_list(response, source, depth)
        self.book.settle(source.id)

    def _read_list(
        self, response: Response, source: Source, depth: int
    ) -> Iterator[Request | Found]:
        now = self.clock()
        if response.status == 304:
            self.book.judge(source.id, "unchanged", None)
            yield from self._revisit(source, self._due(source, now))
            return
        if self._asked_to_wait(response, source):
            return
        if response.status != 200:
            self.book.judge(
                source.id,
                "failed",
                f"HTTP {response.status} for {response.url}: look whether the address has moved",
                response.status,
            )
            return
        digest = hashlib.sha256(response.body).hexdigest()
        if depth == 1:
            state = self.newsroom.fetch_state(source.id)
            if state.body_hash == digest:
                self.book.judge(source.id, "unchanged", None)
                yield from self._revisit(source, self._due(source, now))
                return
        try:
            found = parse_list(
                source,
                response.body,
                response.url,
                now=now,
                content_type=(response.headers.get("Content-Type") or b"").decode("latin-1"),
            )
        except ListError as error:
            self.book.judge(source.id, "failed", str(error), response.status)
            return
        for reason in found.skipped:
            self.book.skip(source.id, reason)
        for note in found.notes:
            log.info("%s: %s", source.id, note)
        entries = {entry.url: entry for entry in found.entries}
        self.book.count(source.id, "entries", len(entries))
        if depth == 1:
            self.newsroom.save_listing(
                source.id, response.url, found.title, found.teaser, len(entries)
            )
        if len(entries) < source.min_items and not found.further:
            self.book.judge(
                source.id,
                "failed",
                f"{response.url} lists {len(entries)} items where at least {source.min_items} "
                "are usual: its layout has probably changed, look at it and mend the page class",
                response.status,
            )
            return
        known = self.newsroom.visits(source.id, entries)
        for url in found.further:
            if depth < self.settings.getint("MAX_LISTS") and not entries.keys() <= known.keys():
                self.book.expect(source.id)
                yield self._list_request(source, url, depth=depth + 1)
        due = self._due(source, now) if depth == 1 else {}
        hashes = {url: entry_hash(entry) for url, entry in entries.items()}
        same = self.newsroom.unchanged(source.id, hashes)
        for url, entry in entries.items():
            if url not in same:
                due.pop(url, None)
                yield from self._follow(source, entry, hashes[url], now)
            elif url not in due:
                self.book.count(source.id, "same")
        if depth == 1:
            yield from self._revisit(source, due)
            self.read_lists[source.id] = _fetch_state(response, digest, now)

    def _asked_to_wait(self, response: Response, source: Source) -> bool:
        """Whether the server sent Retry-After; the next runs will wait for it."""
        until: datetime | None = response.meta.get("retry_after")
        if until is None:
            return False
        state = self.newsroom.fetch_state(source.id)
        self.newsroom.set_fetch_state(source.id, replace(state, retry_after=until))
        self.book.judge(
            source.id,
            "postponed",
            f"HTTP {response.status}: the server asks for a pause until {until:%Y-%m-%d %H:%M} UTC",
            response.status,
        )
        return True

    def _follow(
        self,
        source: Source,
        entry: Entry,
        digest: str,
        now: datetime,
    ) -> Iterator[Request | Found]:
        """Ask for the page of a new or changed entry, or take the entry for all there is."""
        self.book.expect(source.id)
        if source.follow:
            yield self._page_request(source, entry, digest)
            return
        try:
            article = make_article(source, entry, None, fetched_at=now)
        except ArticleError as error:
            self.book.skip(source.id, str(error))
            self.book.settle(source.id)
            return
        yield Found(article, Visit(entry.url, digest, now, item_url=article.url))

    def _due(self, source: Source, now: datetime) -> dict[str, tuple[Visit, StoredItem]]:
        """Young items of the source whose pages are to be looked at again, by listed address."""
        if not source.follow:
            return {}
        hours = self.settings.getfloat("RECHECK_AFTER_HOURS")
        days = self.settings.getfloat("RECHECK_UNTIL_DAYS")
        revisits = self.newsroom.revisits(
            source.id,
            published_after=now - timedelta(days=days),
            visited_before=now - timedelta(hours=hours),
        )
        return {visit.url: (visit, item) for visit, item in revisits}

    def _revisit(
        self, source: Source, due: dict[str, tuple[Visit, StoredItem]]
    ) -> Iterator[Request]:
        """Look at items again, whether or not the list still names them.

        What was stored takes the place of the entry, so that fields which only the list had
        are not lost.
        """
        for visit, item in due.values():
            self.book.expect(source.id)
            entry = entry_of(item.article, visit.url)
            yield self._page_request(source, entry, visit.entry_hash or "", visit)

    def list_failed(self, failure: Failure) -> None:
        """Judge a list that could not be fetched at all."""
        source: Source = failure.request.cb_kwargs["source"]  # type: ignore[attr-defined]
        reason = describe(failure)
        if is_unreachable(failure):
            self.book.unreachable(source.id, reason)
        elif isinstance(failure.value, HostOnHoldError):
            self.book.judge(source.id, "postponed", reason)
        else:
            self.book.answered()
            self.book.judge(source.id, "failed", reason)
        self.book.settle(source.id)

    # --- pages -------------------------------------------------------------------------

    def _page_request(
        self, source: Source, entry: Entry, digest: str, visit: Visit | None = None
    ) -> Request:
        """A request for an item's page; ``visit``: the last one, if the list says nothing new."""
        return Request(
            entry.url,
            callback=self.parse_item_page,
            errback=self.page_failed,
            headers=conditional_headers(visit.etag, visit.last_modified) if visit else {},
            meta={"handle_httpstatus_list": JUDGED},
            cb_kwargs={"source": source, "entry": entry, "digest": digest},
            dont_filter=True,
        )

    def parse_item_page(
        self, response: Response, source: Source, entry: Entry, digest: str
    ) -> Iterator[Found]:
        """Turn an item's page into an article, or its absence into a withdrawal."""
        self.book.answered()
        found = self._read_page(response, source, entry, digest)
        if found:
            yield found  # the pipeline settles it
        else:
            self.book.settle(source.id)

    def _read_page(
        self, response: Response, source: Source, entry: Entry, digest: str
    ) -> Found | None:
        url = entry.url
        if response.status == 304:
            self.newsroom.touch(source.id, url, visited=True)
            self.book.count(source.id, "same")
            return None
        if response.status in (404, 410):
            if self.newsroom.withdraw(source.id, url, reason=f"HTTP {response.status}"):
                self.book.count(source.id, "withdrawn")
            else:
                self._no_item(source, url, digest, f"HTTP {response.status}")
            return None
        if response.status != 200:
            self._asked_to_wait(response, source)
            self.incomplete.add(source.id)
            self.book.skip(source.id, f"{url}: HTTP {response.status}; asked again next time")
            return None
        content_type = _text(response.headers.get("Content-Type")) or "text/html"
        if "html" not in content_type:
            self._no_item(source, url, digest, f"{content_type} is not a page")
            return None
        now = self.clock()
        try:
            page = parse_page(
                response.body,
                response.url,
                now=now,
                page=source.page,
                charset=http_content_type_encoding(content_type),
            )
            if page.kind == "listing":
                self._no_item(source, url, digest, "a page that only lists others is no item")
                return None
            article = make_article(source, entry, page, fetched_at=now)
        except (PageError, ArticleError) as error:
            self.book.skip(source.id, str(error))
            return None
        visit = Visit(
            url=url,
            entry_hash=digest,
            visited_at=now,
            etag=_text(response.headers.get("ETag")),
            last_modified=_text(response.headers.get("Last-Modified")),
            item_url=article.url,
        )
        return Found(article, visit)

    def _no_item(self, source: Source, url: str, digest: str, reason: str) -> None:
        """Leave out an address that leads to no item, and remember it until the list changes it."""
        self.newsroom.set_visit(source.id, Visit(url, digest, self.clock()))
        self.book.skip(source.id, f"{url}: {reason}")

    def page_failed(self, failure: Failure) -> None:
        """Leave out an item whose page could not be fetched; it stays due."""
        kwargs = failure.request.cb_kwargs  # type: ignore[attr-defined]
        source: Source = kwargs["source"]
        self.incomplete.add(source.id)
        self.book.skip(source.id, f"{failure.request.url}: {describe(failure)}")  # type: ignore[attr-defined]
        self.book.settle(source.id)

    # --- the end -----------------------------------------------------------------------

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
        self.book.judge(
            source.id, "failed", f"a fault of ours at {response.url}: {describe(failure)}; see log"
        )
        self.book.settle(source.id)

    def closed(self, reason: str) -> None:
        """Close every run and the newsroom."""
        try:
            if self.stopped is None:
                self.book.close(line_is_down=self._line_is_down)
        except DiskFullError as error:
            self.stop(error)
        finally:
            self.newsroom.close()

    def _line_is_down(self) -> bool:
        hosts = {urlsplit(status.source.url).hostname for status in self.newsroom.sources()}
        return not any(_resolves(host) for host in sorted(filter(None, hosts))[:3])


def conditional_headers(etag: str | None, last_modified: str | None) -> dict[str, str]:
    """The request headers that let a server answer 304 (RFC 9110, section 13.1)."""
    headers = {"If-None-Match": etag, "If-Modified-Since": last_modified}
    return {name: value for name, value in headers.items() if value}


def _fetch_state(response: Response, digest: str, now: datetime) -> FetchState:
    header = response.headers.get
    return FetchState(
        etag=_text(header("ETag")),
        last_modified=_text(header("Last-Modified")),
        body_hash=digest,
        full_fetch_at=now,
    )


def _text(value: bytes | None) -> str | None:
    return value.decode("latin-1") if value else None


def _resolves(host: str) -> bool:
    try:
        socket.getaddrinfo(host, 443)
    except OSError:
        return False
    return True
