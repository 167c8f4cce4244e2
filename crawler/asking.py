"""Owns how sources are asked: the requests for lists and pages, and what is read off an answer."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from scrapy.http import Request, Response
from twisted.python.failure import Failure

from crawler.crawl import Crawl
from crawler.doors import login_page
from store.types import FetchState, Source, Visit

#: Every answer is judged by us: Scrapy's own middleware would drop all but 200.
JUDGED = [304, *range(400, 600)]
#: A young page is fetched without conditions on every n-th look: some servers never change a tag.
FULL_LOOK = 3
#: Answers by which a server says that an address has moved for good (RFC 9110, section 15.4).
_FOR_GOOD = {301, 308}


def list_request(
    url: str,
    callback: Callable[..., Any],
    errback: Callable[[Failure], Any],
    *,
    source: Source,
    state: FetchState | None = None,
    **kwargs: Any,
) -> Request:
    """A request for a list of ``source``; ``state``: what makes it conditional."""
    return Request(
        url,
        callback=callback,
        errback=errback,
        headers=conditional_headers(state.etag, state.last_modified) if state else {},
        meta={
            "handle_httpstatus_list": JUDGED,
            "asks_for": "list",
            "becomes_items": not source.follow,
        },
        cb_kwargs={"source": source, **kwargs},
        dont_filter=True,
        priority=10,
    )


def page_request(
    url: str,
    callback: Callable[..., Any],
    errback: Callable[[Failure], Any],
    *,
    visit: Visit | None = None,
    **kwargs: Any,
) -> Request:
    """A request for an item's page; ``visit``: the last one, which makes it conditional."""
    return Request(
        url,
        callback=callback,
        errback=errback,
        headers=conditional_headers(visit.etag, visit.last_modified) if visit else {},
        meta={"handle_httpstatus_list": JUDGED, "asks_for": "page", "becomes_items": True},
        cb_kwargs=kwargs,
        dont_filter=True,
    )


def conditional_headers(etag: str | None, last_modified: str | None) -> dict[str, str]:
    """The request headers that let a server answer 304 (RFC 9110, section 13.1)."""
    headers = {"If-None-Match": etag, "If-Modified-Since": last_modified}
    return {name: value for name, value in headers.items() if value}


def full_look_due(url: str, now: datetime) -> bool:
    """Whether a page is to be fetched whole today: each on every `FULL_LOOK`-th day."""
    return (zlib.crc32(url.encode()) + now.toordinal()) % FULL_LOOK == 0


def header(response: Response, name: str) -> str | None:
    """A header's value; None if it is absent or empty."""
    value = response.headers.get(name)
    return value.decode("latin-1") if value else None


def redirected_from(response: Response) -> str | None:
    """The address first asked for, if the answer came from another one."""
    urls: list[str] = response.meta.get("redirect_urls") or []
    return urls[0] if urls else None


def moved_for_good(response: Response) -> bool:
    """Whether every step of the redirect says so."""
    reasons = response.meta.get("redirect_reasons") or []
    return bool(reasons) and set(reasons) <= _FOR_GOOD


def behind_a_login(response: Response, *, a_page: bool) -> str | None:
    """One clause saying that the answer is a login page, else None."""
    redirected = redirected_from(response) is not None
    if not login_page(response.url, response.body, redirected=redirected, a_page=a_page):
        return None
    where = urlsplit(response.url)
    return f"leads to a login page ({where.scheme}://{where.netloc}{where.path})"


def asked_to_wait(crawl: Crawl, response: Response, source: Source) -> bool:
    """Whether the server asked for a pause; the source's next runs will wait for it."""
    until: datetime | None = response.meta.get("retry_after")
    if until is None:
        return False
    crawl.postpone(source.id, until)
    crawl.book.judge(
        source.id,
        "postponed",
        f"HTTP {response.status}: the server asks for a pause until {until:%Y-%m-%d %H:%M} UTC",
        response.status,
    )
    return True
