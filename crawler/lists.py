"""Turns the bytes of a source's list into entries, by the source's kind. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlsplit

from w3lib.encoding import http_content_type_encoding

from crawler.feeds import FeedError, parse_feed, parse_posts
from crawler.pages import PageError, parse_listing
from crawler.sitemaps import SitemapError, parse_sitemap
from crawler.types import EntryList
from store.errors import RadarError
from store.types import Source


class ListError(RadarError):
    """A list in which nothing is readable; the message is one line naming URL and mend."""


def parse_list(
    source: Source,
    body: bytes,
    url: str,
    *,
    now: datetime,
    content_type: str | None = None,
    known: Mapping[str, str] | None = None,
) -> EntryList:
    """The entries of one list of ``source``, in its order, each URL once.

    ``known``: entry hash → address of what was visited; such entries are in ``unchanged`` only.
    Raises `ListError` when nothing in the body is readable as the source's kind.
    """
    try:
        match source.kind:
            case "feed" | "video":
                entries = parse_feed(body, url, now=now, content_type=content_type, known=known)
            case "sitemap":
                entries = parse_sitemap(body, url, now=now, known=known)
            case "wordpress":
                entries = parse_posts(body, url, now=now, known=known)
            case "listing":
                entries = parse_listing(
                    body,
                    url,
                    now=now,
                    page=source.page,
                    charset=http_content_type_encoding(content_type),
                )
            case kind:
                raise ListError(f"unknown kind of source {kind!r}")
    except (FeedError, SitemapError, PageError) as error:
        raise ListError(str(error)) from error
    return _within(source.paths, entries) if source.paths else entries


def is_within(paths: str, url: str) -> bool:
    """Whether an address is of the part of the site that ``Source.paths`` names."""
    parts = paths.split()
    wanted = tuple(part for part in parts if not part.startswith("-"))
    unwanted = tuple(part[1:] for part in parts if part.startswith("-"))
    path = urlsplit(url).path
    return (not wanted or path.startswith(wanted)) and not path.startswith(unwanted)


def _within(paths: str, found: EntryList) -> EntryList:
    """The list without the entries that are not of the source's part of the site."""
    return replace(
        found,
        entries=tuple(entry for entry in found.entries if is_within(paths, entry.url)),
        unchanged={url: mark for url, mark in found.unchanged.items() if is_within(paths, url)},
    )


def list_url(source: Source) -> str:
    """The address to fetch the source's list from.

    WordPress answers at most 100 posts a page and leaves terms and images out unless asked
    (REST API Handbook, "Pagination" and "Global Parameters": ``_embed``).
    """
    if source.kind != "wordpress" or "?" in source.url:
        return source.url
    return f"{source.url}?per_page=50&_embed=1"


def feed_instead(source: Source) -> Source:
    """The feed of the WordPress site whose interface the source names: WordPress has both.

    Without readable addresses it has them as parameters (WordPress.org, "WordPress Feeds").
    """
    site, plain, _ = source.url.partition("?rest_route=")
    feed = f"{site}?feed=rss2" if plain else f"{site.partition('/wp-json')[0].rstrip('/')}/feed/"
    return replace(source, kind="feed", url=feed)


def is_index(found: EntryList) -> bool:
    """Whether a list names only other lists."""
    return bool(found.further) and not found.entries and not found.unchanged


@dataclass(slots=True)
class ListsRead:
    """The lists of one source in one run."""

    asked: int = 1
    #: parts of an index that are still to be read
    parts: int = 0
    #: entries that the others named
    entries: int = 0

    def listed(self, found: EntryList, depth: int, count: int) -> int | None:
        """How many entries the source lists, when that is known; older pages may hold few."""
        if not self.parts:
            return None if depth > 1 or found.further else count
        self.entries += count
        self.parts -= 1
        return None if self.parts or found.further else self.entries
