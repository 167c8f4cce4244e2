"""Sitemaps: bytes → entries. Plain, index, Google News and video sitemaps, and lists of addresses.

``lastmod`` is when a page was last written, by any system for any reason: it is kept as
``Entry.modified`` and never taken for a publication date.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime

from lxml import etree

from crawler.decoding import DecodingError, decode_xml
from crawler.entries import RawEntry, make_entries
from crawler.text import clean
from crawler.types import EntryList
from store.errors import RadarError

#: Sitemap protocol, "Sitemap file limits".
MAX_ADDRESSES = 50_000

#: Google News' own words for the form of an item, as far as they say more than "news".
_GENRES = {"pressrelease": "Pressemitteilung", "opinion": "Kommentar", "oped": "Kommentar"}

_ROOT = re.compile(r"<(?:[\w.-]+:)?(\w+)")
#: Its last element, or at least its last entry, is closed.
_WHOLE = re.compile(
    r"</(?:[\w.-]+:)?url(?:set)?\s*>(?:\s|<!--(?:(?!-->).)*-->)*$", re.IGNORECASE | re.DOTALL
)
_BARE_AMPERSAND = re.compile(r"&(?!(?:#\d+|#x[0-9a-f]+|amp|lt|gt|quot|apos);)", re.IGNORECASE)
#: Names that systems give to the parts of an index: posts and news, and what is neither.
_NEWS = re.compile(
    r"presse|medien(?:mitteilung|information)|meldung|nachricht|aktuell|news|post|artikel|article"
    r"|beitr",
    re.IGNORECASE,
)
_NO_NEWS = re.compile(
    r"categor|kategori|(?:^|[/_=-])tags?[_.=-]|author|autor|attachment|image|bild|newsletter"
    r"|veranstaltung|termin|event",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"https?://\S+", re.IGNORECASE)


class SitemapError(RadarError):
    """A sitemap in which nothing is readable; the message is one line with address and mend."""


def parse_sitemap(
    body: bytes, url: str, *, now: datetime, known: Mapping[str, str] | None = None
) -> EntryList:
    """Read a sitemap, gzipped or not; an index gives its sitemaps in ``further``, those first that
    most likely hold the latest news.

    ``known``: the ``fingerprints`` of the last reading; entries that are as they were then are
    named in ``unchanged`` alone.
    An empty one has no entries. Raises ``SitemapError`` if the body is no sitemap, declares
    entities, is larger than `crawler.decoding.MAX_BYTES`, or if none of its entries can be read.
    """
    try:
        text = decode_xml(body)
    except DecodingError as error:
        raise SitemapError(f"{url}: {error}; open the address in a browser and compare") from error
    if _ADDRESS.match(text):
        found = make_entries(_plain(text), url, now=now, known=known)
    else:
        root = _root(text, url)
        if _name(root) == "sitemapindex":
            return make_entries((), url, now=now, further=_parts(root))
        raws = list(_raw_entries(root))
        if raws and not _WHOLE.search(text, max(0, len(text) - 2000)):
            raws[-1] = RawEntry(damage="the sitemap breaks off in the middle of it")
        found = make_entries(raws, url, now=now, known=known)
    if found.skipped and not found.entries and not found.unchanged:
        raise SitemapError(
            f"{url}: none of its {len(found.skipped)} entries can be read ({found.skipped[0]}); "
            "look at the sitemap, its export is probably broken"
        )
    return found


def _parts(index: etree._Element) -> list[str]:
    """The parts of an index: those named after news first, of them the last changed, and of those
    that do not say when, the one with the highest number."""

    def rank(part: tuple[str, str]) -> tuple[bool, str, list[tuple[int, str]]]:
        url, changed = part
        numbers = [(int(piece), "") if piece.isdigit() else (-1, piece)
                   for piece in re.split(r"([0-9]{1,18})", url)]  # fmt: skip
        return bool(_NEWS.search(url)) and not _NO_NEWS.search(url), changed, numbers

    parts = [
        (_child(node, "loc") or "", _child(node, "lastmod") or "")
        for node in _children(index, "sitemap")
    ]
    return [url for url, _ in sorted(parts, key=rank, reverse=True)]


def _root(text: str, url: str) -> etree._Element:
    if "<!DOCTYPE" in text[:2000] and "<!ENTITY" in text:
        raise SitemapError(f"{url}: it declares XML entities, which no sitemap needs; refused")
    first = _ROOT.search(text)
    name = first[1].lower() if first else ""
    if name in ("rss", "feed", "rdf"):
        raise SitemapError(f'{url}: this is a feed, not a sitemap; set kind = "feed"')
    if name not in ("urlset", "sitemapindex"):
        came = "an HTML page" if name in ("html", "head", "body") else f"{clean(text[:60])!r}"
        raise SitemapError(
            f"{url}: {came} came instead of a sitemap; robots.txt of the site names its sitemaps"
        )
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False, recover=True
    )
    # the most common mistake, and one that would otherwise cut addresses short
    text = _BARE_AMPERSAND.sub("&amp;", text)
    root = etree.fromstring(text.encode("utf-8", "replace"), parser)
    if root is None:
        raise SitemapError(f"{url}: the sitemap is damaged beyond reading; tell its publisher")
    return root


def _raw_entries(root: etree._Element) -> Iterator[RawEntry]:
    for number, node in enumerate(_children(root, "url")):
        if number >= MAX_ADDRESSES:
            yield RawEntry(damage=f"a sitemap has {MAX_ADDRESSES:,} addresses at most")
            return
        news = next(_children(node, "news"), None)
        video = next(_children(node, "video"), None)
        image = next(_children(node, "image"), None)
        about = news if news is not None else video
        genres = (_child(news, "genres") or "").lower().split(",")
        yield RawEntry(
            links=tuple(filter(None, [_child(node, "loc")])),
            title=_child(about, "title"),
            summary=_child(video, "description"),
            # keywords are no section; only the page knows that
            published=_child(about, "publication_date"),
            modified=_child(node, "lastmod"),
            genre=next((_GENRES[name.strip()] for name in genres if name.strip() in _GENRES), None),
            images=tuple(filter(None, [_child(image, "loc"), _child(video, "thumbnail_loc")])),
            duration=_child(video, "duration"),
            views=_child(video, "view_count"),
        )


def _plain(text: str) -> Iterator[RawEntry]:
    """Yield the addresses of a text sitemap, one a line (sitemap protocol, "Text file")."""
    for line in text.splitlines()[:MAX_ADDRESSES]:
        if _ADDRESS.match(line.strip()):
            yield RawEntry(links=(line.strip(),))
        elif line.strip():
            yield RawEntry(damage=f"{line.strip()[:60]!r} is no address")


def _name(node: etree._Element) -> str:
    # a prefix that was never declared stays before the name
    name = node.tag.rpartition("}")[2].rpartition(":")[2] if isinstance(node.tag, str) else ""
    return name.lower()


def _children(node: etree._Element, name: str) -> Iterator[etree._Element]:
    # by local name: half of all sitemaps misspell or leave out a namespace
    return (child for child in node if _name(child) == name)


def _child(node: etree._Element | None, name: str) -> str | None:
    if node is None:
        return None
    child = next(_children(node, name), None)
    return clean("".join(map(str, child.itertext()))) if child is not None else None
