"""Looks for what a homepage offers to be read: ``scrapy crawl discover -a url=… -o -:jsonlines``.

Yields one plain dictionary a finding: ``offer``, ``refused`` (fetched, but no list), and one
``site`` that says what the homepage says of itself. Stores nothing.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterator
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any
from urllib.parse import urljoin

from scrapy import Spider
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Request, Response
from twisted.python.failure import Failure

from crawler.asking import JUDGED, header, redirected_from
from crawler.clock import clock_of
from crawler.discovery import (
    MAX_CANDIDATES,
    MAX_PAGES,
    MAX_REQUESTS,
    Candidate,
    Offer,
    as_source,
    judge,
    ranked,
    read_links,
    read_robots,
    well_known,
)
from crawler.failures import FETCH_ERRORS, describe, is_unreachable
from crawler.lists import ListError, list_url, parse_list
from crawler.samples import newest
from crawler.types import EntryList
from crawler.urls import same_site

log = logging.getLogger(__name__)


class DiscoverSpider(Spider):
    """Fetches one homepage, what it names, and the usual addresses; judges what it got."""

    name = "discover"
    custom_settings = {"ITEM_PIPELINES": {}}  # noqa: RUF012 - Scrapy declares it so

    def __init__(self, url: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._url = url
        #: addresses asked for after the homepage
        self._asked: set[str] = set()

    def _now(self) -> datetime:
        return clock_of(self.settings)()

    async def start(self) -> AsyncIterator[Request]:
        yield Request(
            self._url,
            callback=self.explore,
            errback=self.failed,
            meta={"handle_httpstatus_list": JUDGED, "asks_for": "page"},
            dont_filter=True,
        )

    def failed(self, failure: Failure) -> Iterator[dict[str, Any]]:
        """Without its homepage nothing is known of a site."""
        yield {"what": "site", "url": self._url, "error": describe(failure)}

    async def explore(self, home: Response) -> AsyncIterator[dict[str, Any]]:
        """Fetch and judge what the homepage names, and usual addresses."""
        if home.status != 200:
            yield {"what": "site", "url": self._url, "error": f"HTTP {home.status}"}
            return
        candidates, pages = read_links(home.body, home.url)
        candidates += await self._sitemaps(home.url)
        refused: list[tuple[Candidate, str]] = []
        offers: dict[str, Offer] = {}
        itself = Candidate(home.url, "listing", "the page itself", home.url)
        if found := self._read(itself, home):
            offers[home.url] = judge(itself, found, now=self._now())
        for page in pages[:MAX_PAGES]:
            named = await self._look(page, offers, refused)
            candidates += [one for one in named if one.url not in {c.url for c in candidates}]
        tried = set(offers)
        for candidate in [*candidates, *well_known(home.url, candidates)]:
            if candidate.url in tried or len(tried) >= MAX_CANDIDATES:
                continue
            usual = candidate.why.startswith("the usual")
            if usual and any(o.candidate.kind == candidate.kind for o in offers.values()):
                continue
            tried.add(candidate.url)
            problem = await self._try(candidate, offers)
            if problem and not usual:
                refused.append((candidate, problem))
        yield {"what": "site", "url": home.url, "error": None, **_said(home)}
        for offer in ranked(offers.values()):
            yield {"what": "offer", **_plain(offer)}
        for candidate, problem in refused:
            yield {"what": "refused", **asdict(candidate), "error": problem}

    async def _sitemaps(self, url: str) -> list[Candidate]:
        robots = await self._fetch(urljoin(url, "/robots.txt"), for_robots=True)
        if isinstance(robots, str) or robots.status != 200:
            return []
        return read_robots(robots.body.decode("utf-8-sig", "replace"), url)

    async def _look(
        self, page: Candidate, offers: dict[str, Offer], refused: list[tuple[Candidate, str]]
    ) -> list[Candidate]:
        """What a page of news names; the page itself may be the list."""
        response = await self._fetch(page.url, a_page=True)
        if isinstance(response, str):
            refused.append((page, response))
            return []
        named, _ = read_links(response.body, response.url)
        if found := self._read(page, response):
            offers[page.url] = judge(page, found, now=self._now())
        return named

    async def _try(self, candidate: Candidate, offers: dict[str, Offer]) -> str | None:
        """Fetch and judge a candidate; why it is none."""
        response = await self._fetch(list_url(as_source(candidate)))
        if isinstance(response, str):
            return response
        if candidate.kind == "feed" and _is_html(response):
            named, _ = read_links(response.body, response.url)
            for one in named[:MAX_CANDIDATES]:
                if one.url not in self._asked and same_site(one.url, candidate.url):
                    inner = await self._fetch(one.url)
                    if not isinstance(inner, str) and not _is_html(inner):
                        await self._offer(replace(one, named_by=response.url), inner, offers)
            return None if named else "a page, not a feed, and it names none"
        return await self._offer(candidate, response, offers)

    async def _offer(
        self, candidate: Candidate, response: Response, offers: dict[str, Offer]
    ) -> str | None:
        first: str | None = None
        for kind in dict.fromkeys((candidate.kind, "feed", "sitemap")):
            meant = replace(candidate, kind=kind)
            try:
                found = self._parsed(meant, response)
            except ListError as error:
                first = first or str(error)
                continue
            if not found.entries:
                found = await self._part(meant, found)
            if found.entries:
                moved = redirected_from(response) is not None and kind != "wordpress"
                meant = replace(meant, url=response.url) if moved else meant
                offers[meant.url] = judge(meant, found, now=self._now())
                return None
            first = first or "it lists nothing"
        return first

    async def _part(self, candidate: Candidate, index: EntryList) -> EntryList:
        """The entries of the part of a sitemap index that most likely holds news."""
        for url in index.further[:1]:
            response = await self._fetch(url)
            if not isinstance(response, str):
                try:
                    return self._parsed(replace(candidate, kind="sitemap"), response)
                except ListError as error:
                    log.info("%s", error)
        return index

    def _read(self, candidate: Candidate, response: Response) -> EntryList | None:
        try:
            found = self._parsed(candidate, response)
        except ListError as error:
            log.info("%s", error)
            return None
        return found if found.entries else None

    def _parsed(self, candidate: Candidate, response: Response) -> EntryList:
        return parse_list(
            as_source(candidate),
            response.body,
            response.url,
            now=self._now(),
            content_type=header(response, "Content-Type"),
        )

    async def _fetch(
        self, url: str, *, a_page: bool = False, for_robots: bool = False
    ) -> Response | str:
        """The answer with status 200, else one line saying why there is none.

        After `MAX_REQUESTS` nothing more is asked: a page that names hundreds of feeds, each of
        them a page that names more, must not become a crawl.
        """
        if len(self._asked) >= MAX_REQUESTS:
            return f"not asked: {MAX_REQUESTS} addresses of this site were"
        self._asked.add(url)
        meta: dict[str, Any] = {"handle_httpstatus_list": JUDGED}
        meta["asks_for"] = "page" if a_page else "list"
        if for_robots:
            meta["for_robots"] = True
        request = Request(url, meta=meta, dont_filter=True)
        assert self.crawler.engine is not None
        try:
            response = await self.crawler.engine.download_async(request)
        except (*FETCH_ERRORS, IgnoreRequest) as error:
            failure = Failure(error)  # type: ignore[no-untyped-call]
            log.info("%s: %s", url, describe(failure))
            unreachable = "unreachable: " if is_unreachable(failure) else ""
            return f"{unreachable}{describe(failure)}"
        return response if response.status == 200 else f"HTTP {response.status}"


def _is_html(response: Response) -> bool:
    head = response.body[:1000].lstrip().lower()
    return head.startswith((b"<!doctype html", b"<html")) or b"<html" in head


def _said(home: Response) -> dict[str, Any]:
    site = home.xpath("string(//meta[@property='og:site_name']/@content)").get()
    title = home.xpath("string(//title)").get()
    return {"site_name": (site or "").strip() or None, "title": (title or "").strip() or None}


def _plain(offer: Offer) -> dict[str, Any]:
    return {
        **asdict(offer.candidate),
        "title": offer.title,
        "entries": len(offer.entries),
        "dated": round(offer.dated, 2),
        "teased": round(offer.teased, 2),
        "newest": offer.newest.isoformat() if offer.newest else None,
        "points": offer.points,
        "reason": offer.reason,
        "samples": [
            {
                "title": entry.title,
                "date": entry.published.iso() if entry.published else None,
                "teaser": entry.teaser or (entry.body or "")[:200] or None,
                "url": entry.url,
            }
            for entry in newest(offer.entries)
        ],
    }
