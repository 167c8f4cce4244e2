"""Owns the reading of mail sources: new letters become items, or lead to pages that do."""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from scrapy.http import Request
from scrapy.utils.defer import maybe_deferred_to_future
from twisted.internet.threads import deferToThread

from crawler.articles import ArticleError, entry_hash, make_article
from crawler.crawl import Crawl
from crawler.mail import Letter, LetterError, parse_message
from crawler.mail_teasers import is_personal
from crawler.mail_url import MailUrl, parse_mail_url
from crawler.mailboxes import (
    MailboxError,
    MailboxUnreachableError,
    Post,
    find_password,
    read_mailbox,
)
from crawler.page_reading import PageReader
from crawler.pipelines import Found
from crawler.types import Entry
from store.types import FetchState, Source, Visit

log = logging.getLogger(__name__)


class MailReader:
    """Reads mailboxes; what their digests lead to is asked for like any page."""

    def __init__(self, crawl: Crawl, pages: PageReader, secrets: Path | None) -> None:
        self._crawl = crawl
        self._pages = pages
        self._secrets = secrets

    async def read(self, source: Source) -> AsyncIterator[Request | Found]:
        """Read one source's new letters; judge what is wrong."""
        crawl = self._crawl
        crawl.book.start(source)
        try:
            url = parse_mail_url(source.url)
            password = None
            if url.path is None:
                password = find_password(source.id, os.environ, self._secrets)
                if password is None:
                    raise MailboxError(
                        f"no password for {url.user} at {url.host}: set "
                        f"RADAR_MAIL_PASSWORD_{source.id.upper()}, or write it into the file "
                        f"{source.id} in the folder that mail.secrets names"
                    )
            state = crawl.newsroom.fetch_state(source.id)
            post = await maybe_deferred_to_future(
                deferToThread(read_mailbox, url, state.etag, password)
            )
        except MailboxUnreachableError as error:
            crawl.book.unreachable(source.id, str(error))
        except MailboxError as error:
            crawl.book.answered()
            crawl.book.judge(source.id, "failed", str(error))
        else:
            if url.path is None:
                crawl.book.answered()
            for reason in post.skipped:
                crawl.book.skip(source.id, reason)
            letters = [
                letter
                for data in post.letters
                if (letter := self._letter(source, data)) and self._is_wanted(source, url, letter)
            ]
            if not letters:
                crawl.book.judge(source.id, "unchanged", None)
                crawl.newsroom.set_fetch_state(source.id, self._state(post))
            else:
                crawl.read_lists[source.id] = self._state(post)
            for letter in letters:
                for found in self._follow(source, letter, crawl.clock()):
                    yield found
        crawl.book.settle(source.id)

    def _state(self, post: Post) -> FetchState:
        return FetchState(etag=post.mark, full_fetch_at=self._crawl.clock())

    def _is_wanted(self, source: Source, url: MailUrl, letter: Letter) -> bool:
        if url.is_from(letter.sender):
            return True
        # the log outlives an erasure and names no person: neither sender nor subject stands there
        log.info("%s: left alone: letter %s is from another sender", source.id, letter.id)
        return False

    def _letter(self, source: Source, data: bytes) -> Letter | None:
        try:
            letter = parse_message(data, now=self._crawl.clock())
        except LetterError as error:
            self._crawl.book.skip(source.id, str(error))
            return None
        log.info("%s: %s: %s", source.id, letter.id, letter.reason)
        return letter

    def _follow(self, source: Source, letter: Letter, now: datetime) -> Iterator[Request | Found]:
        book, newsroom = self._crawl.book, self._crawl.newsroom
        book.count(source.id, "entries", len(letter.entries.entries))
        for reason in letter.entries.skipped:
            book.skip(source.id, f"letter {letter.id}: {reason}")
        entries = {_address(source, letter, entry): entry for entry in letter.entries.entries}
        digests = {url: entry_hash(entry) for url, entry in entries.items()}
        same = newsroom.unchanged(source.id, digests)
        known = newsroom.visits(source.id, entries)
        for url, entry in entries.items():
            if url in same:
                book.count(source.id, "same")
                continue
            book.expect(source.id)
            if letter.is_digest and source.follow:
                yield self._pages.request(source, entry, digests[url], known.get(url))
            elif letter.is_digest and is_personal(entry.url):
                book.skip(
                    source.id,
                    f"letter {letter.id}: a link counts who clicks; set follow = true",
                )
                book.settle(source.id)
            else:
                yield from self._item(source, replace(entry, url=url), digests[url], now)

    def _item(self, source: Source, entry: Entry, digest: str, now: datetime) -> Iterator[Found]:
        try:
            article = make_article(source, entry, None, fetched_at=now)
        except ArticleError as error:
            self._crawl.book.skip(source.id, str(error))
            self._crawl.book.settle(source.id)
            return
        # a fragment is no part of what can be fetched, so addresses are kept without: not this one
        article = replace(article, url=entry.url)
        yield Found(article, Visit(entry.url, digest, now, item_url=entry.url))


def _address(source: Source, letter: Letter, entry: Entry) -> str:
    """Where an item is: of a letter, that is its publisher's front page, with a mark of its own.

    Readers are led to the publisher; the mark tells the letters apart and is never sent anywhere.
    """
    if letter.is_digest:
        return entry.url
    mark = hashlib.sha256(letter.id.encode()).hexdigest()[:16]
    return f"{source.homepage.partition('#')[0]}#brief-{mark}"
