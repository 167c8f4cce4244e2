"""Owns the reading of lists: what is asked of a source's list, and what follows from the answer."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlsplit

from scrapy.http import Request, Response
from twisted.python.failure import Failure

from crawler.articles import ArticleError, entry_hash, entry_of, make_article
from crawler.asking import (
    asked_to_wait,
    behind_a_login,
    header,
    list_request,
    moved_for_good,
    redirected_from,
)
from crawler.crawl import Crawl
from crawler.failures import describe, is_unreachable
from crawler.lists import ListError, ListsRead, feed_instead, is_index, list_url, parse_list
from crawler.page_reading import PageReader
from crawler.pauses import HostOnHoldError
from crawler.pipelines import Found
from crawler.settling import settle
from crawler.types import Entry, EntryList
from crawler.wishes import read_wishes
from store.types import FetchState, Source, StoredItem, Visit

log = logging.getLogger(__name__)


class ListReader:
    """Reads lists and asks for the pages of what is new in them."""

    def __init__(self, crawl: Crawl, pages: PageReader) -> None:
        self._crawl = crawl
        self._pages = pages
        self._lists: dict[str, ListsRead] = {}

    def first_request(self, source: Source) -> Request | None:
        """Open the source's run; None if its server asked for a pause that is not over."""
        crawl = self._crawl
        crawl.book.start(source)
        self._lists[source.id] = ListsRead()
        state = crawl.newsroom.fetch_state(source.id)
        host = urlsplit(source.url).netloc
        if host in crawl.holds:
            until = crawl.holds[host]
            crawl.book.judge(
                source.id,
                "postponed",
                f"{host} asked for a pause until {until:%Y-%m-%d %H:%M} UTC",
            )
            crawl.book.settle(source.id)
            return None
        url = list_url(source)
        if self._full_fetch_due(state):
            # The address of the catalogue is asked, too: perhaps it answers by itself again.
            return self._request(source, url, depth=1)
        return self._request(source, self._believed(source, url), depth=1, state=state)

    def _request(
        self, source: Source, url: str, *, depth: int, state: FetchState | None = None
    ) -> Request:
        return list_request(url, self.read, self.failed, state=state, source=source, depth=depth)

    def _full_fetch_due(self, state: FetchState) -> bool:
        last = state.full_fetch_at
        return last is None or self._crawl.clock() - last > self._crawl.rules.full_fetch_after

    def _believed(self, source: Source, url: str) -> str:
        """Where the list has moved, if that has been said often enough in a row."""
        to_url, times = self._crawl.newsroom.redirects(source.id).get(url, (url, 0))
        return to_url if times >= self._crawl.rules.redirect_believed_after else url

    def read(self, response: Response, source: Source, depth: int) -> Iterator[Request | Found]:
        """Read one list: ask for what is new, due or further on; judge what is wrong."""
        self._crawl.book.answered()
        yield from self._read(response, source, depth)
        self._crawl.book.settle(source.id)

    def _read(self, response: Response, source: Source, depth: int) -> Iterator[Request | Found]:
        crawl, now = self._crawl, self._crawl.clock()
        if response.status == 304:
            crawl.book.judge(source.id, "unchanged", None)
            yield from self._revisit(source, self._due(source, now))
            return
        if asked_to_wait(crawl, response, source):
            return
        if depth == 1 and not self._moved_well(response, source):
            return
        if response.status != 200:
            reason = (
                f"HTTP {response.status} for {response.url}: look whether the address has moved"
            )
            yield from self._unreadable(source, depth, reason, response.status)
            return
        state = _state_of(response, now)
        if depth == 1 and crawl.newsroom.fetch_state(source.id).body_hash == state.body_hash:
            crawl.book.judge(source.id, "unchanged", None)
            # Nothing is missing that this list named, so its new tags may be kept at once.
            crawl.newsroom.set_fetch_state(source.id, state)
            yield from self._revisit(source, self._due(source, now))
            return
        try:
            found = self._parsed(response, source, now)
        except ListError as error:
            yield from self._unreadable(source, depth, str(error), response.status)
            return
        yield from self._follow_all(response, source, found, depth, now)
        # An index tells nothing of its parts: it may stay as it is while they change.
        if depth == 1 and not is_index(found):
            crawl.read_lists[source.id] = state

    def _unreadable(
        self, source: Source, depth: int, reason: str, status: int
    ) -> Iterator[Request | Found]:
        """Judge what is no list; but where WordPress's interface is closed its feed may be open."""
        crawl = self._crawl
        if source.kind != "wordpress" or depth > 1 or status >= 500:
            crawl.book.judge(source.id, "failed", reason, status)
            return
        feed = feed_instead(source)
        log.warning("%s: %s; its feed %s is read instead", source.id, reason, feed.url)
        state = crawl.newsroom.fetch_state(source.id)
        crawl.book.expect(source.id)
        yield self._request(
            feed, feed.url, depth=1, state=None if self._full_fetch_due(state) else state
        )

    def _moved_well(self, response: Response, source: Source) -> bool:
        """Note where the list was found; False, with a judgement, if that is no list at all."""
        crawl, url = self._crawl, list_url(source)
        a_page = source.kind == "listing"
        if response.status == 200 and (clause := behind_a_login(response, a_page=a_page)):
            crawl.book.judge(
                source.id,
                "failed",
                f"{url} {clause}: it is not public (any more); look for another address",
                response.status,
            )
            return False
        asked = redirected_from(response) or response.request.url  # type: ignore[union-attr]
        if asked != url:
            if response.status != 200:  # the believed address failed, so the first one is asked
                crawl.newsroom.forget_redirect(source.id, url)
            return True
        if response.status != 200 or not moved_for_good(response):
            crawl.newsroom.forget_redirect(source.id, url)
            return True
        times = crawl.newsroom.seen_redirect(source.id, url, response.url)
        if times >= crawl.rules.redirect_believed_after:
            log.warning("%s: %s has moved for good to %s", source.id, url, response.url)
        return True

    def _parsed(self, response: Response, source: Source, now: datetime) -> EntryList:
        """What the list says. Raises `ListError`."""
        found = parse_list(
            source,
            response.body,
            response.url,
            now=now,
            content_type=header(response, "Content-Type") or "",
            known=self._crawl.newsroom.recent_entries(source.id),
        )
        for reason in found.skipped:
            self._crawl.book.skip(source.id, reason)
        for note in found.notes:
            log.warning("%s: %s", source.id, note)
        return found

    def _follow_all(
        self, response: Response, source: Source, found: EntryList, depth: int, now: datetime
    ) -> Iterator[Request | Found]:
        crawl = self._crawl
        settled = settle(crawl.newsroom, source.id, found.entries, found.unchanged)
        entries, known = settled.entries, settled.known
        count = len(entries) + len(found.unchanged)
        crawl.book.count(source.id, "entries", count)
        if depth == 1 and not is_index(found):
            crawl.newsroom.save_listing(source.id, response.url, found.title, found.teaser, count)
        lists = self._lists[source.id]
        if (listed := lists.listed(found, depth, count)) is not None and listed < source.min_items:
            crawl.book.judge(
                source.id,
                "failed",
                f"{response.url} lists {listed} items where at least {source.min_items} "
                "are usual: its layout has probably changed, look at it and mend the page class",
                response.status,
            )
            return
        if is_index(found) or not entries.keys() <= known.keys():
            for url in found.further[: crawl.rules.max_lists - lists.asked]:
                lists.asked += 1
                lists.parts += is_index(found)
                crawl.book.expect(source.id)
                yield self._request(source, url, depth=depth + 1)
        due = self._due(source, now) if depth == 1 else {}
        hashes = {url: entry_hash(entry) for url, entry in entries.items()}
        same = crawl.newsroom.unchanged(source.id, found.unchanged | hashes)
        for url in found.unchanged:
            if url not in due:
                crawl.book.count(source.id, "same")
        later = self._left_for_later(source, [e for e in entries.values() if e.url not in same])
        for url, entry in entries.items():
            if url in later:
                continue
            if url not in same:
                due.pop(url, None)
                yield from self._follow(source, entry, hashes[url], known.get(url), response, now)
            elif url not in due:
                crawl.book.count(source.id, "same")
        yield from self._revisit(source, due)

    def _left_for_later(self, source: Source, new: list[Entry]) -> set[str]:
        """The oldest of the new entries, if their pages are too many for one run."""
        most = self._crawl.rules.max_pages
        if not source.follow or len(new) <= most:
            return set()
        log.info(
            "%s: %d of %d new pages wait for the next run", source.id, len(new) - most, len(new)
        )
        self._crawl.incomplete.add(source.id)
        # Without any date the list's own order counts: newest first, as is usual.
        new.sort(key=lambda e: e.published.iso() if e.published else e.modified or "", reverse=True)
        return {entry.url for entry in new[most:]}

    def _follow(
        self,
        source: Source,
        entry: Entry,
        digest: str,
        known: Visit | None,
        response: Response,
        now: datetime,
    ) -> Iterator[Request | Found]:
        """Ask for the page of a new or changed entry, or take the entry for all there is."""
        book = self._crawl.book
        book.expect(source.id)
        if source.follow:
            yield self._pages.request(source, entry, digest, known)
            return
        try:
            article = make_article(source, entry, None, fetched_at=now)
        except ArticleError as error:
            book.skip(source.id, str(error))
            book.settle(source.id)
            return
        article = replace(
            article,
            url=(known and known.item_url) or article.url,
            reservation=response.meta.get("reservation"),
        )
        yield Found(article, Visit(entry.url, digest, now, item_url=article.url))

    def _due(self, source: Source, now: datetime) -> dict[str, tuple[Visit, StoredItem]]:
        """Young items of the source whose pages are to be looked at again, by listed address."""
        if not source.follow:
            return {}
        rules = self._crawl.rules
        revisits = self._crawl.newsroom.revisits(
            source.id,
            published_after=now - rules.recheck_until,
            visited_before=now - rules.recheck_after,
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
            self._crawl.book.expect(source.id)
            yield self._pages.revisit(source, entry_of(item.article, visit.url), visit)

    def failed(self, failure: Failure) -> None:
        """Judge a list that could not be fetched at all."""
        book = self._crawl.book
        source: Source = failure.request.cb_kwargs["source"]  # type: ignore[attr-defined]
        reason = describe(failure)
        url = failure.request.url  # type: ignore[attr-defined]
        if url not in reason:
            reason = f"{url}: {reason}"
        if is_unreachable(failure):
            book.unreachable(source.id, reason)
        elif isinstance(failure.value, HostOnHoldError):
            book.judge(source.id, "postponed", reason)
        else:
            book.answered()
            book.judge(source.id, "failed", reason)
        book.settle(source.id)


def _state_of(response: Response, now: datetime) -> FetchState:
    return FetchState(
        etag=header(response, "ETag"),
        last_modified=header(response, "Last-Modified"),
        body_hash=hashlib.sha256(response.body).hexdigest(),
        full_fetch_at=now,
        wishes=read_wishes(lambda name: header(response, name), response.body, now),
    )
