"""What a list tells of its items: the newest of them, and how often it fills each field. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from crawler.articles import ArticleError, make_article
from crawler.types import Entry
from store.types import Source

#: Items that are shown of a list: enough to see what it is about.
SHOWN = 5
#: Fields of an entry whose filling tells what a list is worth.
FIELDS = ("title", "published", "teaser", "body", "section", "author", "image")


@dataclass(frozen=True, slots=True)
class Sample:
    """One item as it would be kept by what its list alone says."""

    url: str
    #: None: only its page has one
    title: str | None
    #: ISO 8601 with zone, or a day
    date: str | None
    #: one of store.types.KINDS; None: only its page can tell
    kind: str | None


def newest(entries: Iterable[Entry], number: int = SHOWN) -> list[Entry]:
    """The newest entries, those without a date last."""

    def age(entry: Entry) -> float:
        return -entry.published.at.timestamp() if entry.published else 0.0

    return sorted(entries, key=age)[:number]


def samples(source: Source, entries: Iterable[Entry], *, now: datetime) -> tuple[Sample, ...]:
    """The newest entries as items of the source."""
    return tuple(_sample(source, entry, now) for entry in newest(entries))


def filled(entries: Sequence[Entry]) -> dict[str, float]:
    """The share of entries, 0–1, that have each of `FIELDS`; empty without entries."""
    if not entries:
        return {}
    return {
        name: sum(bool(getattr(entry, name)) for entry in entries) / len(entries) for name in FIELDS
    }


def _sample(source: Source, entry: Entry, now: datetime) -> Sample:
    date = entry.published.iso() if entry.published else None
    try:
        article = make_article(source, entry, None, fetched_at=now)
    except ArticleError:  # such as an address in a sitemap, whose title stands on its page
        return Sample(entry.url, entry.title, date, None)
    return Sample(article.url, article.title, date, article.kind)
