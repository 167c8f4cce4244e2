"""Owns the reading of pages: an item's page becomes an article, its absence a withdrawal."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from scrapy.http import Request, Response
from twisted.python.failure import Failure
from w3lib.encoding import http_content_type_encoding

from crawler.articles import ArticleError, make_article
from crawler.asking import (
    asked_to_wait,
    behind_a_login,
    full_look_due,
    header,
    moved_for_good,
    page_request,
    redirected_from,
)
from crawler.crawl import Crawl
from crawler.documents import DocumentError, is_pdf, parse_pdf
from crawler.failures import describe
from crawler.mail_teasers import is_personal
from crawler.pages import PageError
from crawler.pages.limited import PageTimeoutError
from crawler.pipelines import Found
from crawler.types import Entry, PageData
from crawler.urls import is_home
from store.types import Article, Source, Visit

#: Types of answers that are read as pages; XHTML is often sent as XML.
_PAGE_TYPES = ("text/html", "application/xhtml+xml", "text/xml", "application/xml")


class PageParser(Protocol):
    """What reads pages: `LimitedParser`, in a worker process."""

    def parse(
        self,
        html: bytes | str,
        url: str,
        *,
        now: datetime,
        page: str | None = None,
        charset: str | None = None,
        dated: bool = False,
    ) -> PageData: ...


class PageReader:
    """Asks for items' pages and reads them."""

    def __init__(self, crawl: Crawl, parser: PageParser) -> None:
        self._crawl = crawl
        self._parser = parser

    def request(self, source: Source, entry: Entry, digest: str, known: Visit | None) -> Request:
        """A request for the page of a new or changed entry, whole; ``known``: its last visit."""
        return self._request(source, entry, digest, known, None)

    def revisit(self, source: Source, entry: Entry, visit: Visit) -> Request:
        """A request for a page of which the list says nothing new, mostly conditional."""
        whole = full_look_due(visit.url, self._crawl.clock())
        return self._request(source, entry, visit.entry_hash or "", visit, None if whole else visit)

    def _request(
        self, source: Source, entry: Entry, digest: str, known: Visit | None, visit: Visit | None
    ) -> Request:
        return page_request(
            entry.url,
            self.read,
            self.failed,
            visit=visit,
            source=source,
            entry=entry,
            digest=digest,
            known_as=known.item_url if known else None,
        )

    async def read(
        self, response: Response, source: Source, entry: Entry, digest: str, known_as: str | None
    ) -> AsyncIterator[Found]:
        """Turn an item's page into an article, or its absence into a withdrawal."""
        self._crawl.book.answered()
        article = None
        if self._is_there(response, source, entry, digest):
            article = await self._article(response, source, entry, digest, known_as)
        if article is None:
            self._crawl.book.settle(source.id)
            return
        yield Found(  # the pipeline settles it
            article,
            Visit(
                url=entry.url,
                entry_hash=digest,
                visited_at=article.fetched_at,
                etag=header(response, "ETag"),
                last_modified=header(response, "Last-Modified"),
                item_url=article.url,
            ),
        )

    def _is_there(self, response: Response, source: Source, entry: Entry, digest: str) -> bool:
        """Whether there is a page to read; else its absence is noted."""
        crawl, url = self._crawl, entry.url
        if response.status == 200:
            return True
        if response.status == 304:
            crawl.newsroom.touch(source.id, url, visited=True)
            crawl.book.count(source.id, "same")
        elif response.status in (404, 410):
            if crawl.newsroom.withdraw(source.id, url, reason=f"HTTP {response.status}"):
                crawl.book.count(source.id, "withdrawn")
            else:
                self._no_item(source, url, digest, f"HTTP {response.status}")
        else:
            asked_to_wait(crawl, response, source)
            crawl.incomplete.add(source.id)
            crawl.book.skip(source.id, f"{url}: HTTP {response.status}; asked again next time")
        return False

    async def _article(
        self, response: Response, source: Source, entry: Entry, digest: str, known_as: str | None
    ) -> Article | None:
        """The article that page and entry make; None, with the reason in the log, if none."""
        now = self._crawl.clock()
        if reason := self._elsewhere(response, entry):
            self._no_item(source, entry.url, digest, reason)
            return None
        content_type = header(response, "Content-Type") or "text/html"
        try:
            if content_type.partition(";")[0].strip().lower() in _PAGE_TYPES:
                page = await asyncio.to_thread(
                    self._parser.parse,
                    response.body,
                    response.url,
                    now=now,
                    page=source.page,
                    charset=http_content_type_encoding(content_type),
                    dated=entry.published is not None,
                )
            elif is_pdf(response.body):
                page = await asyncio.to_thread(parse_pdf, response.body, response.url, now=now)
            else:
                self._no_item(source, entry.url, digest, f"{content_type} is not a page")
                return None
            if page.found.get("body") == "timeout" and known_as is not None:
                # What was read of it in an earlier crawl is more than its metadata now.
                self._crawl.book.skip(source.id, f"{response.url}: took too long to read; kept")
                return None
            if page.kind == "listing":
                self._no_item(source, entry.url, digest, "a page that only lists others is no item")
                return None
            article = make_article(source, entry, _at_home(page, response, entry), fetched_at=now)
        except DocumentError as error:
            self._no_item(source, entry.url, digest, str(error))
            return None
        except (PageError, ArticleError) as error:
            if isinstance(error, PageTimeoutError):
                # perhaps it was our machine: the list is read again though it may not change
                self._crawl.incomplete.add(source.id)
            self._crawl.book.skip(source.id, str(error))
            return None
        return replace(
            article,
            # An item keeps the address it was first stored under: a moved page is no new item.
            url=known_as or article.url,
            reservation=response.meta.get("reservation"),
        )

    @staticmethod
    def _elsewhere(response: Response, entry: Entry) -> str | None:
        """Why the answer is another page than the one asked for, if it is."""
        if clause := behind_a_login(response, a_page=True):
            return f"{clause}; no item"
        if is_home(response.url) and not is_home(entry.url):
            return "leads to the front page, as what is gone often does; no item"
        return None

    def _no_item(self, source: Source, url: str, digest: str, reason: str) -> None:
        """Leave out an address that leads to no item, and remember it until the list changes it."""
        self._crawl.newsroom.set_visit(source.id, Visit(url, digest, self._crawl.clock()))
        self._crawl.book.skip(source.id, f"{url}: {reason}")

    def failed(self, failure: Failure) -> None:
        """Leave out an item whose page could not be fetched; it stays due."""
        request: Request = failure.request  # type: ignore[attr-defined]
        source: Source = request.cb_kwargs["source"]
        self._crawl.incomplete.add(source.id)
        self._crawl.book.skip(source.id, f"{request.url}: {describe(failure)}")
        self._crawl.book.settle(source.id)


def _at_home(page: PageData, response: Response, entry: Entry) -> PageData:
    """The page under the address that the list names, if it is elsewhere for the moment only.

    A page that names its canonical address is believed. Never under one that tells who clicked:
    that is the newsroom's own, from a letter to it.
    """
    elsewhere = page.url == response.url and redirected_from(response) is not None
    if elsewhere and not moved_for_good(response) and not is_personal(entry.url):
        return replace(page, url=entry.url)
    return page
