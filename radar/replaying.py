"""Reads stored responses again after a page class improved: what would change, field by field."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from w3lib.encoding import http_content_type_encoding

from crawler.archives import PAGE_TYPES, is_cut_off
from crawler.articles import ArticleError, entry_of, make_article
from crawler.lists import ListError, parse_list
from crawler.pages import PageError
from crawler.pages.limited import LimitedParser
from crawler.types import Entry
from crawler.urls import UrlError, canonical_url
from store.errors import RadarError
from store.newsroom import Newsroom
from store.responses import Response, files, read
from store.rows import BESIDE_COLUMNS
from store.tombstones import ErasedError
from store.types import Article, PublicationDate, Source, StoredItem

#: What an item is known by, and what a fetch tells of itself: no page class decides these.
_NOT_COMPARED = frozenset({"source_id", "url", "guid", "fetched_at", "reservation", "views"})
_COMPARED = tuple(f.name for f in fields(Article) if f.name not in _NOT_COMPARED)
#: What is written over where a reader would call the content the same (``Newsroom.save``); an image
#: or a link alone makes no other item.
_BESIDE = tuple(name for name in BESIDE_COLUMNS if name not in _NOT_COMPARED)

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


@dataclass(frozen=True, slots=True)
class Replay:
    """What is read again."""

    #: items of which there is a response as new as what is kept
    items: int
    #: files of responses that cannot be read to their end: damaged, or cut off by a kill
    damaged: tuple[Path, ...]
    #: what would change, as it is found
    changes: Iterator[Change]


def span_of_run(newsroom: Newsroom, number: int) -> tuple[datetime, datetime, str]:
    """When a run began and ended, and its source. Raises ``ReplayError`` if there is none."""
    run = newsroom.run(number)
    if run is None or run.finished_at is None:
        raise ReplayError(
            f"{number}: no run of that number has ended; the desk lists a source's, or name a day "
            "with --since"
        )
    return run.started_at, run.finished_at, run.source_id


def replay(
    newsroom: Newsroom,
    folder: Path,
    *,
    begin: datetime,
    end: datetime,
    source_id: str | None,
    write: bool,
) -> Replay:
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
    found = _looked_through(newsroom, folder, begin, end, sources)
    changes = _changes(newsroom, found, sources, write=write)
    return Replay(len(found.newest), tuple(sorted(found.damaged)), changes)


@dataclass(frozen=True, slots=True)
class _Found:
    """The stored responses of a span; their bodies stay where they are."""

    #: by an item's address: the file of its newest response, and which one of that file it is
    newest: dict[str, tuple[Path, int]]
    #: what the lists among them said, by source and address
    entries: dict[tuple[str, str], Entry]
    damaged: set[Path]


def _looked_through(
    newsroom: Newsroom, folder: Path, begin: datetime, end: datetime, sources: dict[str, Source]
) -> _Found:
    lists = {source.url.partition("?")[0]: source for source in sources.values()}
    by_url: dict[str, list[str]] = {}
    for source_id in sources:
        for visit in newsroom.visits(source_id).values():
            if visit.item_url:
                by_url.setdefault(visit.url, []).append(visit.item_url)
    found = _Found({}, {}, set())
    for path in files(folder):
        with path.open("rb") as file:
            if is_cut_off(file):
                found.damaged.add(path)
        for number, response in enumerate(read(path, partial(found.damaged.add, path))):
            if not begin <= response.at <= end or response.status != 200:
                continue
            if source := lists.get(response.url.partition("?")[0]):
                found.entries.update(
                    ((source.id, entry.url), entry) for entry in _listed(source, response)
                )
                continue
            for item_url in by_url.get(response.url, [response.url]):
                item = newsroom.item_by_url(item_url)
                if (
                    item is not None
                    and item.article.source_id in sources
                    and item.pruned_at is None
                    and response.at + _SLACK >= item.article.fetched_at
                ):
                    found.newest[item_url] = path, number
    return found


def _changes(
    newsroom: Newsroom, found: _Found, sources: dict[str, Source], *, write: bool
) -> Iterator[Change]:
    wanted: dict[Path, dict[int, list[str]]] = {}
    for item_url, (path, number) in found.newest.items():
        wanted.setdefault(path, {}).setdefault(number, []).append(item_url)
    with LimitedParser() as parser:
        for path, numbers in wanted.items():
            for number, response in enumerate(read(path)):
                for item_url in numbers.get(number, ()):
                    item = newsroom.item_by_url(item_url)
                    if item is None:  # erased meanwhile
                        continue
                    source = sources[item.article.source_id]
                    entry = found.entries.get((source.id, response.url)) or found.entries.get(
                        (source.id, item_url)
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
    same = article.content_hash() == kept.content_hash()
    differences = {
        name: (getattr(kept, name), getattr(article, name))
        for name in (_BESIDE if same else _COMPARED)
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
