"""Feeds of every kind: bytes → entries. The only user of feedparser.

feedparser is given a `BytesIO` alone (a string may make it open a file or an address), UTF-8 that
is already known to be harmless, and no sanitising or link resolution of its own: both are done here
for what is kept, at less than half the cost. Its dates are not used; it reads MEZ as UTC. Items
that are as they were last time are cut out before it reads (`crawler.items`).
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from io import BytesIO
from typing import Any
from urllib.parse import urljoin

import feedparser

from crawler.decoding import DecodingError, decode_xml, gunzip
from crawler.entries import RawEntry, make_entries
from crawler.items import Item, split_items, without
from crawler.json_feeds import JsonFeedError, looks_like_json, read_json_feed, read_posts
from crawler.text import clean
from crawler.types import EntryList
from store.errors import RadarError

#: What hostile or broken input has made feedparser 6.0.14 raise (found by fuzzing): impossible
#: ports and IPv6 hosts in links, character references beyond Unicode, sgmllib's assertions.
_PARSER_ERRORS = (ValueError, OverflowError, LookupError, AssertionError, TypeError, AttributeError)

_ROOT = re.compile(r"<(?:\w+:)?(rss|feed|RDF|channel)\b", re.IGNORECASE)
_HTML = re.compile(r"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_HTML_ROOT = re.compile(r"<(?:html|head|body)\b", re.IGNORECASE)
_HTML_TITLE = re.compile(r"<title[^>]*>(.*?)</title", re.IGNORECASE | re.DOTALL)
_LOGIN = re.compile(r"type\s*=\s*[\"']?password|\b(?:log-?in|anmeld\w+|sign in)\b", re.IGNORECASE)
_ALTERNATE = re.compile(r"<link\b[^<>]*application/(?:rss|atom|feed)\+(?:xml|json)[^<>]*>", re.I)
_HREF = re.compile(r"href\s*=\s*[\"']([^\"']+)", re.IGNORECASE)
_GUID = re.compile(r"<(?:\w+:)?(?:guid|id)\b[^<>]*>\s*(?:<!\[CDATA\[)?\s*([^<\]]+)", re.IGNORECASE)
#: Elements by which German newsrooms give the line above the headline, and the form of an item.
_KICKERS = re.compile(r"(?:^|_)(?:kicker|dachzeile|spitzmarke|overline|roofline)$")
_GENRES = re.compile(r"(?:^|_)(?:genre|genres|textsorte|dc_type|articletype)$")


#: As many as the sitemap protocol allows a sitemap; a feed is for what is new.
MAX_ITEMS = 50_000


class FeedError(RadarError):
    """A feed in which nothing is readable; the message is one line with address and mend."""


def parse_feed(
    body: bytes,
    url: str,
    *,
    now: datetime,
    content_type: str | None = None,
    known: Mapping[str, str] | None = None,
) -> EntryList:
    """Read RSS 0.9x/1.0/2.0, Atom 0.3/1.0, RDF or JSON Feed 1.x.

    ``url`` is the address it was fetched from, ``content_type`` the HTTP header, ``known`` the
    ``fingerprints`` of earlier readings: items that are as they were then are not read again, only
    named in ``unchanged``. Bad entries are left out and named in ``skipped``; a feed that is valid
    and empty has no entries. Raises ``FeedError`` if the body is no feed, or if none of its entries
    could be read.
    """
    known = known or {}
    try:
        raw = gunzip(body)
        if looks_like_json(raw):
            found = read_json_feed(raw, url, now=now, known=known)
        else:
            found = _read_xml(decode_xml(raw, content_type), url, now=now, known=known)
    except (DecodingError, JsonFeedError) as error:
        raise FeedError(f"{url}: {error}; open the address in a browser and compare") from error
    return _checked(found, url)


def parse_posts(
    body: bytes, url: str, *, now: datetime, known: Mapping[str, str] | None = None
) -> EntryList:
    """Read an answer of WordPress's REST API (``/wp-json/wp/v2/posts``).

    ``known`` is as in ``parse_feed``. Raises ``FeedError``.
    """
    try:
        raw = gunzip(body)
        if not looks_like_json(raw):
            raise FeedError(_not_a_feed(decode_xml(raw), url, "WordPress answer (JSON)"))
        found = read_posts(raw, url, now=now, known=known or {})
    except (DecodingError, JsonFeedError) as error:
        mend = 'the site may have closed its REST API: use its feed instead (kind = "feed")'
        raise FeedError(f"{url}: {error}; {mend}") from error
    return _checked(found, url)


def _checked(found: EntryList, url: str) -> EntryList:
    if found.skipped and not found.entries and not found.unchanged:
        raise FeedError(
            f"{url}: none of its {len(found.skipped)} entries can be read ({found.skipped[0]}); "
            "look at the feed, its export is probably broken"
        )
    return found


def _read_xml(text: str, url: str, *, now: datetime, known: Mapping[str, str]) -> EntryList:
    root = _ROOT.search(text)
    if root is None or _HTML_ROOT.search(text, 0, root.start()):
        raise FeedError(_not_a_feed(text, url, "feed"))
    # notices that a PHP system prints before the document
    text = text[_document_start(text, root.start()) :]
    items = split_items(text)
    if len(items) > MAX_ITEMS:
        raise FeedError(
            f"{url}: it has {len(items):,} entries, more than {MAX_ITEMS:,}; "
            "ask its publisher for a feed of what is new"
        )
    new = [item for item in items if item.fingerprint not in known or not item.closed]
    old = [item for item in items if item.fingerprint in known and item.closed]
    try:
        parsed = _parsed(without(text, old))
    except _PARSER_ERRORS:
        return _one_by_one(text, items, url, now=now, known=known)
    if not parsed.version and not parsed.entries and not old:
        raise FeedError(_not_a_feed(text, url, "feed"))
    if len(parsed.entries) == len(new):
        raws = [_raw_entry(entry, parsed) for entry in parsed.entries]
        raws = _in_order(text, items, new, raws)
    elif old:
        # its items are not where they seem to be: read it as if none were known
        return _read_xml(text, url, now=now, known={})
    else:
        raws = [_raw_entry(entry, parsed) for entry in parsed.entries]
    if raws and parsed.bozo and items and not items[-1].closed:
        # its last entry is there, but nobody knows how much of it
        raws[-1] = RawEntry(title=raws[-1].title, damage="the feed breaks off in the middle of it")
    feed = parsed.feed
    return make_entries(
        raws,
        url,
        now=now,
        known=known,
        title=feed.get("title"),
        teaser=feed.get("subtitle") or feed.get("description"),
        # RFC 5005, section 3: paged feeds
        further=[link.get("href", "") for link in feed.get("links", ()) if _rel(link) == "next"],
    )


def _in_order(
    text: str, items: list[Item], new: list[Item], read: list[RawEntry]
) -> list[RawEntry]:
    """Return what was read of the new items, and of the others just fingerprint and guid."""
    entries = {item.start: raw for item, raw in zip(new, read, strict=True)}
    raws = []
    for item in items:
        raw = entries.get(item.start)
        if raw is None:
            guid = _GUID.search(text, item.start, item.end)
            raw = RawEntry(guid=html.unescape(guid[1]) if guid else None)
        raws.append(replace(raw, fingerprint=item.fingerprint))
    return raws


def _parsed(text: str) -> Any:
    # Without a content-location: addresses stay as they are written (but for an xml:base), so that
    # a guid of "42" does not become an address.
    return feedparser.parse(
        BytesIO(text.encode("utf-8", "replace")),
        response_headers={"content-type": "application/xml; charset=utf-8"},
        sanitize_html=False,
        resolve_relative_uris=False,
    )


def _one_by_one(
    text: str, items: list[Item], url: str, *, now: datetime, known: Mapping[str, str]
) -> EntryList:
    """Read the entries of a feed on which the parser fails each by itself, to lose only the bad."""
    if not items:
        raise FeedError(f"{url}: the feed is damaged beyond reading; tell its publisher")
    head = text[: items[0].start]
    raws = []
    for item in items:
        try:
            parsed = _parsed(head + text[item.start : item.end])
            raws += [
                replace(_raw_entry(entry, parsed), fingerprint=item.fingerprint)
                for entry in parsed.entries
            ]
        except _PARSER_ERRORS as error:
            raws.append(RawEntry(damage=f"the parser fails on it ({type(error).__name__})"))
    return make_entries(raws, url, now=now, known=known)


def _raw_entry(entry: Any, parsed: Any) -> RawEntry:
    contents = [str(part.get("value") or "") for part in entry.get("content", ())]
    summary = entry.get("summary")
    # feedparser copies a content into a missing summary
    if summary is not None and any(summary == part for part in contents):
        summary = None
    published, date_source = _published(entry, is_atom=parsed.version.startswith("atom"))
    updated = _text_of(_own(entry, "updated"))
    media = [*entry.get("media_content", ()), *_enclosures(entry)]
    durations = [*(item.get("duration") for item in media), entry.get("itunes_duration")]
    return RawEntry(
        links=tuple(_links(entry)),
        title=_text_of(entry.get("title")),
        guid=_text_of(entry.get("id")),
        kicker=_own_element(entry, _KICKERS),
        summary=_text_of(summary),
        content=max(contents, key=len, default="") or None,
        categories=tuple(
            str(tag.get("label") or tag.get("term") or "") for tag in entry.get("tags", ())
        ),
        author=_author(entry),
        published=published,
        date_source=date_source,
        modified=updated if updated != published else None,
        genre=_own_element(entry, _GENRES),
        images=tuple(_images(entry, media)),
        duration=next((str(duration) for duration in durations if duration), None),
        views=_text_of(_mapping(entry, "media_statistics").get("views")),
    )


def _author(entry: Any) -> str | None:
    names = [_text_of(person.get("name")) for person in entry.get("authors", ())]
    if len(names) > 1:
        return ", ".join(dict.fromkeys(filter(None, names))) or None
    # as written: feedparser cuts a name that follows an address with a long domain
    return _text_of(entry.get("author"))


def _links(entry: Any) -> Iterator[str]:
    # a redirecting service's own record of where it leads
    if origin := entry.get("feedburner_origlink"):
        yield str(origin)
    guid = str(entry.get("id") or "")
    # feedparser takes a guid for a link unless the feed says otherwise; "42" was never one
    guid_is_address = guid.lower().startswith(("http://", "https://"))
    link = str(entry.get("link") or "")
    if link and (link != guid or guid_is_address):
        yield link
    links = entry.get("links", ())
    yield from (str(link.get("href", "")) for link in links if _rel(link) == "alternate")
    if guid_is_address:
        yield guid
    if player := _mapping(entry, "media_player").get("url"):
        yield str(player)
    yield from (str(link.get("href", "")) for link in links if _rel(link) == "enclosure")
    yield from (str(item["url"]) for item in entry.get("media_content", ()) if item.get("url"))
    # RFC 4287, 4.1.3.2: content that lies elsewhere
    yield from (str(part["src"]) for part in entry.get("content", ()) if part.get("src"))


def _published(entry: Any, *, is_atom: bool) -> tuple[str | None, str]:
    for key in ("published", "created"):
        if value := _own(entry, key):
            return str(value), "entry"
    if value := _own(entry, "updated"):
        # dc:date, which RSS uses for publication, arrives here too; Atom's updated is a change
        return str(value), "entry-updated" if is_atom else "entry"
    for key in ("date", "dc_date", "prism_publicationdate"):
        if value := _own(entry, key):
            return str(value), "entry"
    return None, "entry"


def _own(entry: Any, key: str) -> Any:
    """Return a value that stands in the entry itself: feedparser answers for absent dates."""
    return dict.get(entry, key)


def _own_element(entry: Any, names: re.Pattern[str]) -> str | None:
    for key in entry:
        if _is_named(str(key), names) and (value := _text_of(entry[key])):
            return value
    return None


@lru_cache(maxsize=1000)
def _is_named(key: str, names: re.Pattern[str]) -> bool:
    # the same few dozen keys in every entry of every feed
    return bool(names.search(key))


def _enclosures(entry: Any) -> list[Any]:
    return [link for link in entry.get("links", ()) if _rel(link) == "enclosure"]


def _rel(link: Any) -> str:
    return str(link.get("rel") or "")


def _images(entry: Any, media: Iterable[Any]) -> Iterator[str]:
    for item in media:
        if item.get("medium") == "image" or str(item.get("type", "")).startswith("image/"):
            yield str(item.get("url") or item.get("href") or "")
    yield from (str(item.get("url") or "") for item in entry.get("media_thumbnail", ()))
    if href := _mapping(entry, "image").get("href"):
        yield str(href)


def _mapping(entry: Any, key: str) -> dict[str, Any]:
    value = entry.get(key)
    return value if isinstance(value, dict) else {}


def _text_of(value: Any) -> str | None:
    return value if isinstance(value, str) and value.strip() else None


def _document_start(text: str, root: int) -> int:
    doctype = text.rfind("<!DOCTYPE", 0, root)
    return doctype if doctype >= 0 else root


def _not_a_feed(text: str, url: str, wanted: str) -> str:
    """Return the one line that says what came instead of a feed and what to do."""
    head = text[:20_000]
    if not _HTML.search(head):
        start = clean(head[:60]) or ""
        return f"{url}: this is no {wanted}, it begins with {start!r}; look whether it has moved"
    title = _HTML_TITLE.search(head)
    name = (clean(title[1]) if title else None) or "without a title"
    if _LOGIN.search(name) or re.search(r"type\s*=\s*[\"']?password", head, re.IGNORECASE):
        return (
            f"{url}: a login page came instead of a {wanted} ({name[:80]}); find its public address"
        )
    mend = "look whether the feed has moved"
    for link in _ALTERNATE.finditer(text[:200_000]):
        if href := _HREF.search(link[0]):
            mend = f"the page names {_joined(url, href[1])} as its feed, try that"
            break
    return f"{url}: an HTML page came instead of a {wanted} ({name[:80]}); {mend}"


def _joined(url: str, href: str) -> str:
    try:
        return urljoin(url, href)
    except ValueError:
        return href
