"""Reads stored responses again after a page class improved: what would change, field by field."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from w3lib.encoding import http_content_type_encoding

from crawler.archives import PAGE_TYPES
from crawler.articles import ArticleError, entry_of, make_article
from crawler.lists import ListError, parse_list
from crawler.pages import PageError
from crawler.pages.limited import LimitedParser
from crawler.types import Entry
from crawler.urls import UrlError, canonical_url
from store.errors import RadarError
from store.newsroom import Newsroom
from store.responses import Response, files, read
from store.tombstones import ErasedError
from store.types import Article, PublicationDate, Source, StoredItem

#: What an item is known by, and what a fetch tells of itself: no page class decides these.
_NOT_COMPARED = frozenset({"source_id", "url", "guid", "fetched_at", "reservation", "views"})
_COMPARED = tuple(f.name for f in fields(Article) if f.name not in _NOT_COMPARED)

#: An item's time is taken when its page is read, a moment after the response came.
_SLACK = timedelta(minutes=1)

#: Letters of a field that are shown, and of what both have in common before they differ.
_SHOWN, _BEFORE = 160, 30


class ReplayError(RadarError):
    """There is nothing to read again; the message says why and the mend."""


@dataclass(frozen=True, slots=True)
class Change:
    """One item that would be read otherwise today."""

    item_id: int
    url: str
    #: field → (what is kept, what the page says today)
    fields: dict[str, tuple[object, object]]
    #: the page cannot be read any more; then there are no fields
    lost: str | None = None
    written: bool = False


def span_of_run(newsroom: Newsroom, number: int) -> tuple[datetime, datetime, str]:
    """When a run began and ended, and its source. Raises ``ReplayError`` if there is none."""
    for run in newsroom.runs(limit=number):
        if run.id == number and run.finished_at is not None:
            return run.started_at, run.finished_at, run.source_id
    raise ReplayError(f"{number}: no run of that number has ended; the desk lists them")


def replay(
    newsroom: Newsroom,
    folder: Path,
    *,
    begin: datetime,
    end: datetime,
    source_id: str | None,
    write: bool,
) -> Iterator[Change]:
    """Items whose stored response, fetched from ``begin`` to ``end``, is read otherwise today.

    ``source_id``: of this source only. The newest response of an item counts, and only if it is
    as new as what is kept. With ``write`` each is saved, what was there becoming a version; a page
    that has become unreadable never is. Raises ``ReplayError`` when no response is stored.
    """
    if not files(folder):
        raise ReplayError(
            f"{folder}: no responses are stored; set [crawl] keep_responses_days, then crawl"
        )
    sources = {
        status.source.id: status.source
        for status in newsroom.sources()
        if source_id in (None, status.source.id)
    }
    pages, entries = _responses(newsroom, folder, begin, end, sources)
    with LimitedParser() as parser:
        for item, response in pages.values():
            source = sources[item.article.source_id]
            entry = entries.get((source.id, response.url)) or entries.get(
                (source.id, item.article.url)
            )
            change = _changed(parser, source, item, response, entry)
            if change is None:
                continue
            article, told = change
            if write and article is not None:
                try:
                    newsroom.save(article)
                except ErasedError:
                    continue
                told = replace(told, written=True)
            yield told


def _responses(
    newsroom: Newsroom, folder: Path, begin: datetime, end: datetime, sources: dict[str, Source]
) -> tuple[dict[int, tuple[StoredItem, Response]], dict[tuple[str, str], Entry]]:
    """The newest response of each item, and what the lists among the responses said."""
    lists = {source.url.partition("?")[0]: source for source in sources.values()}
    known = {
        (source_id, visit.url): visit.item_url
        for source_id in sources
        for visit in newsroom.visits(source_id).values()
    }
    by_url: dict[str, list[tuple[str, str]]] = {}
    for (source_id, url), item_url in known.items():
        if item_url:
            by_url.setdefault(url, []).append((source_id, item_url))
    pages: dict[int, tuple[StoredItem, Response]] = {}
    entries: dict[tuple[str, str], Entry] = {}
    for path in files(folder):
        for response in read(path):
            if not begin <= response.at <= end or response.status != 200:
                continue
            if source := lists.get(response.url.partition("?")[0]):
                entries |= {(source.id, entry.url): entry for entry in _listed(source, response)}
                continue
            for _, item_url in by_url.get(response.url, [("", response.url)]):
                item = newsroom.item_by_url(item_url)
                if (
                    item is not None
                    and item.article.source_id in sources
                    and item.pruned_at is None
                    and response.at + _SLACK >= item.article.fetched_at
                ):
                    pages[item.id] = (item, response)
    return pages, entries


def _listed(source: Source, response: Response) -> tuple[Entry, ...]:
    try:
        return parse_list(
            source,
            response.body,
            response.url,
            now=response.at,
            content_type=_header(response, "content-type"),
        ).entries
    except ListError:
        return ()  # what the crawl itself could not read says nothing of its items


def _changed(
    parser: LimitedParser,
    source: Source,
    item: StoredItem,
    response: Response,
    entry: Entry | None,
) -> tuple[Article | None, Change] | None:
    kept = item.article
    content_type = _header(response, "content-type") or "text/html"
    if content_type.partition(";")[0].strip().lower() not in PAGE_TYPES:
        return None
    if entry is None:
        # Its list is not among the responses. What the page itself gave must not speak for it.
        entry = replace(entry_of(kept, kept.url), body=None, teaser=None, author=None, image=None)
        if not (kept.date_source or "").startswith("entry"):
            entry = replace(entry, published=None)
    try:
        page = parser.parse(
            response.body,
            canonical_url(response.url),
            now=response.at,
            page=source.page,
            charset=http_content_type_encoding(content_type),
            dated=entry.published is not None,
        )
        if page.found.get("body") == "timeout":
            return None, Change(item.id, kept.url, {}, lost="not read in time")
        article = make_article(source, entry, page, fetched_at=response.at)
    except (PageError, ArticleError, UrlError) as error:
        return None, Change(item.id, kept.url, {}, lost=str(error))
    article = replace(article, url=kept.url, guid=kept.guid, reservation=kept.reservation)
    differences = {
        name: (getattr(kept, name), getattr(article, name))
        for name in _COMPARED
        if getattr(kept, name) != getattr(article, name)
    }
    return (article, Change(item.id, kept.url, differences)) if differences else None


def _header(response: Response, name: str) -> str | None:
    return next((value for key, value in response.headers if key.lower() == name), None)


def as_dict(change: Change) -> dict[str, Any]:
    """The change as plain data for JSON: of each field ``before`` and ``after``."""
    return {
        "id": change.item_id,
        "url": change.url,
        "lost": change.lost,
        "written": change.written,
        "fields": {
            name: {"before": _plain(before), "after": _plain(after)}
            for name, (before, after) in change.fields.items()
        },
    }


def as_text(change: Change) -> str:
    """The change for people: a line a field, long texts where they begin to differ."""
    if change.lost is not None:
        return f"{change.url}\n  lost: {change.lost}"
    lines = [change.url]
    for name, (before, after) in change.fields.items():
        old, new = str(_plain(before)), str(_plain(after))
        begin = max(_in_common(old, new) - _BEFORE, 0)
        for sign, text in (("-", old), ("+", new)):
            cut = text[begin : begin + _SHOWN].replace("\n", " ⏎ ")
            lines.append(f"  {sign} {name}: {'…' if begin else ''}{cut}")
    return "\n".join(lines)


def _in_common(first: str, second: str) -> int:
    pairs = enumerate(zip(first, second, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(first), len(second)))


def _plain(value: object) -> object:
    if isinstance(value, PublicationDate):
        return value.iso()
    if isinstance(value, tuple):
        return [link.url for link in value]
    return value
