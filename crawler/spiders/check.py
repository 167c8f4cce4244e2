"""Looks once at sources' lists: ``scrapy crawl check -a source=ID,… -o -:jsonlines``.

Yields each `Look` as a plain dictionary. Stores nothing and asks for no item's page.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from dataclasses import asdict
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
from crawler.lists import ListError, list_url, parse_list
from crawler.mail_url import parse_mail_url
from crawler.mailboxes import (
    MailboxError,
    MailboxUnreachableError,
    find_password,
    read_mailbox,
)
from crawler.pauses import HostOnHoldError
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
                yield Request(
                    list_url(source),
                    callback=self.look,
                    errback=self.failed,
                    meta={
                        "handle_httpstatus_list": JUDGED,
                        "asks_for": "list",
                        # so that its reservation of rights is looked for, too
                        "becomes_items": True,
                    },
                    cb_kwargs={"source": source},
                    dont_filter=True,
                )
        for source in wanted:
            if source.kind == "mail":
                yield _plain(await self._mailbox(source))

    def look(self, response: Response, source: Source) -> Iterator[dict[str, Any]]:
        """What an answer says."""
        yield _plain(self._look(response, source))

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

    def _look(self, response: Response, source: Source) -> Look:
        where, status = response.url, response.status
        if until := response.meta.get("retry_after"):
            pause = f"HTTP {status}: the server asks for a pause until {until:%Y-%m-%d %H:%M} UTC"
            return Look(source.id, where, status, pause, waits=True)
        if status != 200:
            return Look(source.id, where, status, f"HTTP {status} for {where}")
        if clause := behind_a_login(response, a_page=source.kind == "listing"):
            return Look(source.id, where, status, f"{source.url} {clause}: it is not public")
        try:
            found = parse_list(
                source,
                response.body,
                where,
                now=clock_of(self.settings)(),
                content_type=header(response, "Content-Type"),
            )
        except ListError as error:
            return Look(source.id, where, status, str(error))
        dates = [entry.published.at for entry in found.entries if entry.published]
        return Look(
            source.id,
            where,
            status,
            moved_for_good=moved_for_good(response),
            # an index of sitemaps names parts, which are read when it is crawled
            entries=len(found.entries) or len(found.further),
            dated=len(dates) / max(1, len(found.entries)),
            newest=max(dates, default=None),
            skipped=len(found.skipped),
            reservation=response.meta.get("reservation"),
        )

    async def _mailbox(self, source: Source) -> Look:
        secrets = self.settings["MAIL_SECRETS"]
        url = parse_mail_url(source.url)
        try:
            password = find_password(source.id, os.environ, Path(secrets) if secrets else None)
            post = await maybe_deferred_to_future(deferToThread(read_mailbox, url, None, password))
        except MailboxError as error:
            gone = isinstance(error, MailboxUnreachableError)
            return Look(source.id, source.url, error=str(error), unreachable=gone)
        return Look(source.id, source.url, entries=len(post.letters), skipped=len(post.skipped))


def _plain(look: Look) -> dict[str, Any]:
    newest = look.newest.isoformat() if look.newest else None
    return {**asdict(look), "newest": newest}
