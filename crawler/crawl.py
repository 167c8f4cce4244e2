"""Owns what the parts of one crawl share: store, book, clock, rules, what is to be remembered."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Self
from urllib.parse import urlsplit

from scrapy.settings import BaseSettings

from crawler.runs import RunBook
from store.newsroom import Newsroom
from store.types import FetchState, SourceStatus


@dataclass(frozen=True, slots=True)
class Rules:
    """How often is asked, and how much; from the settings of the same names."""

    full_fetch_after: timedelta
    recheck_after: timedelta
    recheck_until: timedelta
    max_lists: int
    max_pages: int
    redirect_believed_after: int

    @classmethod
    def of(cls, settings: BaseSettings) -> Self:
        """Read the rules from Scrapy's settings."""
        return cls(
            full_fetch_after=timedelta(hours=settings.getfloat("FULL_FETCH_AFTER_HOURS")),
            recheck_after=timedelta(hours=settings.getfloat("RECHECK_AFTER_HOURS")),
            recheck_until=timedelta(days=settings.getfloat("RECHECK_UNTIL_DAYS")),
            max_lists=settings.getint("MAX_LISTS"),
            max_pages=settings.getint("MAX_PAGES"),
            redirect_believed_after=settings.getint("REDIRECT_BELIEVED_AFTER"),
        )


@dataclass(slots=True)
class Crawl:
    """One crawl of a batch of sources."""

    newsroom: Newsroom
    book: RunBook
    clock: Callable[[], datetime]
    rules: Rules
    #: what to remember of a list once all that it named has been fetched
    read_lists: dict[str, FetchState] = field(default_factory=dict)
    #: hosts that asked one of their sources for a pause, and until when
    holds: dict[str, datetime] = field(default_factory=dict)
    #: sources of which some page could not be fetched
    incomplete: set[str] = field(default_factory=set)

    def note_holds(self, sources: Iterable[SourceStatus]) -> None:
        """Learn from all known sources which hosts are to be left alone: a pause is the host's."""
        now = self.clock()
        for status in sources:
            if status.retry_after and status.retry_after > now:
                host = urlsplit(status.source.url).netloc
                self.holds[host] = max(status.retry_after, self.holds.get(host, now))

    def postpone(self, source_id: str, until: datetime) -> None:
        """Leave the source's list alone until then; its runs before that ask nothing."""
        state = self.newsroom.fetch_state(source_id)
        self.newsroom.set_fetch_state(source_id, replace(state, retry_after=until))
