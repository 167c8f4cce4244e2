"""Looks once at sources' lists: ``scrapy crawl check -a source=ID,… -o -:jsonlines``.

Yields each `Look` as a plain dictionary. Stores nothing and asks for no item's page.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from scrapy import Spider
from scrapy.http import Request, Response
from scrapy.utils.defer import maybe_deferred_to_future
from twisted.internet.threads import deferToThread
from twisted.python.failure import Failure

from crawler.asking import JUDGED, behind_a_login, header, moved_for_good
from crawler.catalogue import load_catalogue
from crawler.clock import clock_of
from crawler.failures import describe, is_unreachable
from crawler.lists import ListError, feed_instead, is_index, list_url, parse_list
from crawler.mail import LetterError, parse_message
from crawler.mail_url import MailUrl, parse_mail_url
from crawler.mailboxes import (
    MailboxError,
    MailboxUnreachableError,
    find_password,
    read_mailbox,
)
from crawler.pauses import HostOnHoldError
from crawler.samples import filled, samples
from crawler.types import Entry, EntryList
from crawler.verdicts import Look
from store.types import Source


class CheckSpider(Spider):
    """Fetches each source's list once, without conditions."""

    name = "check"
    custom_settings = {"ITEM_PIPELINES": {}}  # noqa: RUF012 - Scrapy declares it so

    def __init__(self, source: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._wanted = {part.strip() for part in source.split(",") if part.strip()}

    async def start(self) -> AsyncIterator[Request | dict[str, Any]]:
        own = self.settings["OWN_SOURCES"]
        catalogue = load_catalogue(Path(self.settings["CATALOGUE"]), Path(own) if own else None)
        wanted = [s for s in catalogue if not self._wanted or s.id in self._wanted]
        for source in wanted:
            if source.kind != "mail":
                yield self._request(list_url(source), source)
        for source in wanted:
            if source.kind == "mail":
                yield _plain(await self._mailbox(source))

    def _request(
        self,
        url: str,
        source: Source,
        *,
        index: Response | None = None,
        instead_of: str | None = None,
    ) -> Request:
        return Request(
            url,
            callback=self.look,
            errback=self.failed,
            meta={
                "handle_httpstatus_list": JUDGED,
                "asks_for": "list",
                # so that its reservation of rights is looked for, too
                "becomes_items": True,
            },
            cb_kwargs={"source": source, "index": index, "instead_of": instead_of},
            dont_filter=True,
        )

    def look(
        self,
        response: Response,
        source: Source,
        index: Response | None,
        instead_of: str | None,
    ) -> Iterator[dict[str, Any] | Request]:
        """What an answer says. ``index``: the answer that names it as one of its parts;
        ``instead_of``: why the source's own list could not be read."""
        found = self._list(response, source)
        if isinstance(found, Look):
            closed = source.kind == "wordpress" and not found.waits and response.status < 500
            if closed:
                feed = feed_instead(source)
                yield self._request(feed.url, feed, instead_of=found.error)
            else:
                yield _plain(found)
        elif is_index(found) and index is None:
            # an index of sitemaps: the part that most likely holds news stands for all
            yield self._request(found.further[0], source, index=response)
        else:
            seen = self._seen(index or response, source, found)
            yield _plain(replace(seen, instead_of=instead_of))

    def failed(self, failure: Failure) -> Iterator[dict[str, Any]]:
        """No answer at all, or one that we must not ask for."""
        source: Source = failure.request.cb_kwargs["source"]  # type: ignore[attr-defined]
        yield _plain(
            Look(
                source.id,
                source.url,
                error=describe(failure),
                waits=isinstance(failure.value, HostOnHoldError),
                unreachable=is_unreachable(failure),
            )
        )

    def _list(self, response: Response, source: Source) -> EntryList | Look:
        """The list, or a look that says why there is none."""
        where, status = response.url, response.status
        if until := response.meta.get("retry_after"):
            pause = f"HTTP {status}: the server asks for a pause until {until:%Y-%m-%d %H:%M} UTC"
            return Look(source.id, where, status, pause, waits=True)
        if status != 200:
            return Look(source.id, where, status, f"HTTP {status} for {where}")
        if clause := behind_a_login(response, a_page=source.kind == "listing"):
            return Look(source.id, where, status, f"{source.url} {clause}: it is not public")
        try:
            return parse_list(
                source,
                response.body,
                where,
                now=clock_of(self.settings)(),
                content_type=header(response, "Content-Type"),
            )
        except ListError as error:
            return Look(source.id, where, status, str(error))

    def _seen(self, response: Response, source: Source, found: EntryList) -> Look:
        return Look(
            source.id,
            response.url,
            response.status,
            moved_for_good=moved_for_good(response),
            reservation=response.meta.get("reservation"),
            **self._told(source, found.entries),
            skipped=len(found.skipped),
            first_skipped=next(iter(found.skipped), None),
        )

    def _told(self, source: Source, entries: Sequence[Entry]) -> dict[str, Any]:
        dates = [entry.published.at for entry in entries if entry.published]
        return {
            "entries": len(entries),
            "dated": len(dates) / max(1, len(entries)),
            "newest": max(dates, default=None),
            "items": samples(source, entries, now=clock_of(self.settings)()),
            "filled": filled(entries),
        }

    async def _mailbox(self, source: Source) -> Look:
        secrets = self.settings["MAIL_SECRETS"]
        url = parse_mail_url(source.url)
        try:
            password = find_password(source.id, os.environ, Path(secrets) if secrets else None)
            post = await maybe_deferred_to_future(
                deferToThread(read_mailbox, url, None, password, newest=True)
            )
        except MailboxError as error:
            gone = isinstance(error, MailboxUnreachableError)
            return Look(source.id, source.url, error=str(error), unreachable=gone)
        entries, unread = await maybe_deferred_to_future(
            deferToThread(_read_letters, url, post.letters, clock_of(self.settings)())
        )
        skipped = [*post.skipped, *unread]
        return Look(
            source.id,
            source.url,
            **self._told(source, entries),
            skipped=len(skipped),
            first_skipped=next(iter(skipped), None),
        )


def _read_letters(
    url: MailUrl, letters: Iterable[bytes], now: datetime
) -> tuple[list[Entry], list[str]]:
    """The entries of a mailbox's letters from its senders, and why letters cannot be read."""
    entries: list[Entry] = []
    unread: list[str] = []
    for data in letters:
        try:
            letter = parse_message(data, now=now)
        except LetterError as error:
            unread.append(str(error))
            continue
        if url.is_from(letter.sender):
            entries += letter.entries.entries
    return entries, unread


def _plain(look: Look) -> dict[str, Any]:
    newest = look.newest.isoformat() if look.newest else None
    return {**asdict(look), "newest": newest}
