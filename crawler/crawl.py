"""Owns what the parts of one crawl share: store, book, clock, rules, what is to be remembered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Self

from scrapy.settings import BaseSettings

from crawler.runs import RunBook
from store.newsroom import Newsroom
from store.types import FetchState


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
    #: sources of which some page could not be fetched
    incomplete: set[str] = field(default_factory=set)

    def postpone(self, source_id: str, until: datetime) -> None:
        """Leave the source's list alone until then; its runs before that ask nothing."""
        state = self.newsroom.fetch_state(source_id)
        self.newsroom.set_fetch_state(source_id, replace(state, retry_after=until))
