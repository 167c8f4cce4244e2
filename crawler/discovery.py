"""What a homepage offers to be read: candidates for a source, and which of them is best. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urljoin, urlsplit

from lxml import etree
from lxml.html import HTMLParser, document_fromstring

from crawler.robots_text import parse_robots
from crawler.text import clean
from crawler.types import Entry, EntryList
from crawler.urls import UrlError, canonical_url, is_home, same_site
from store.types import BERLIN, Source

#: Addresses under which systems used by German public bodies keep their feeds, tried where the
#: homepage names none: WordPress, Drupal, TYPO3's news, Government Site Builder, and what is usual.
WELL_KNOWN = {
    "feed": (
        "/feed/", "/rss.xml", "/feed.xml", "/atom.xml", "/rss/", "/index.php?type=9818",
        "/SiteGlobals/Functions/RSSFeed/DE/RSSNewsfeed/RSSNewsfeed.xml",
    ),
    "wordpress": ("/wp-json/wp/v2/posts",),
    "sitemap": ("/sitemap.xml", "/sitemap_index.xml", "/news-sitemap.xml"),
}  # fmt: skip

#: Candidates that are fetched of one homepage, and pages that are searched for more of them.
MAX_CANDIDATES = 24
MAX_PAGES = 4
#: Requests in all, the homepage's own aside: at a pause of two seconds a little over a minute.
MAX_REQUESTS = 36

_FEED_TYPES = (
    "application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json",
    "text/xml", "application/xml",
)  # fmt: skip
_FEED_ADDRESS = re.compile(
    r"(?:^|[/._?&=-])(?:rss2?|feeds?|atom|rdf|newsfeed|rssfeed)(?:$|[/._?&=-])|\.(?:rss2?|atom|rdf)$",
    re.IGNORECASE,
)
_FEED_WORD = re.compile(r"\b(?:rss|atom|newsfeed|feed)\b", re.IGNORECASE)
#: Pages on which a body keeps its news, or the list of its feeds.
_NEWS_WORD = re.compile(
    r"^(?:alle |zu den |zum |zur )?(?:presse|presse(?:mitteilungen|meldungen|informationen|service"
    r"|portal|stelle|bereich)|medien(?:mitteilungen|informationen)?|aktuelle meldungen|aktuelles"
    r"|nachrichten|neuigkeiten|meldungen|news|rss(?:[ -]?feeds?)?|presse (?:&|und) \w+)$",
    re.IGNORECASE,
)
_PRESS = re.compile(r"presse|medien(?:mitteilung|information)|meldung|nachricht|aktuell|news", re.I)
#: Lists of other things than news.
_OTHER = re.compile(
    r"veranstaltung|termin|kalender|event|stellen|jobs?\b|karriere|ausschreibung|vergabe|podcast"
    r"|wetter|baustelle|verkehr|abfall|bildergalerie",
    re.IGNORECASE,
)
_COMMENTS = re.compile(r"comments?\b|kommentar", re.IGNORECASE)

#: Addresses of YouTube and PeerTube.
_VIDEO = re.compile(r"feeds/videos\.xml|/watch\?v=|/videos/watch/|/w/[A-Za-z0-9]{22}$")

#: What each kind tells by itself, from most to least: a feed has titles, dates and teasers; a
#: sitemap often nothing but addresses.
_KIND_POINTS = {"feed": 50, "video": 45, "wordpress": 45, "listing": 30, "sitemap": 15}


@dataclass(frozen=True, slots=True)
class Candidate:
    """An address that may be a source's list."""

    url: str
    kind: str  # one of store.types.SOURCE_KINDS
    #: how it was found, for people
    why: str
    #: the page that names it; for a well-known path the homepage
    named_by: str


@dataclass(frozen=True, slots=True)
class Offer:
    """A candidate that was fetched and could be read."""

    candidate: Candidate
    title: str | None
    entries: tuple[Entry, ...]
    #: shares of entries with a date, a teaser, a title, 0–1
    dated: float
    teased: float
    titled: float
    newest: datetime | None
    points: int
    #: why it stands where it stands, in one line
    reason: str


def read_links(html: bytes, url: str) -> tuple[list[Candidate], list[Candidate]]:
    """What a page names: candidates, then pages that may name more (``listing``)."""
    try:
        root = document_fromstring(html, parser=HTMLParser(encoding=_charset(html)))
    except (etree.ParserError, etree.XMLSyntaxError, ValueError, LookupError):
        return [], []
    named = next((element.get("href") for element in root.iter("base")), None)
    base = _address(named, url) or url
    found: dict[str, Candidate] = {}
    pages: dict[str, Candidate] = {}
    for candidate in [*_named(root, base, url), *_anchors(root, base, url)]:
        found.setdefault(candidate.url, candidate)
    for link in root.iter("a"):
        text = _text(link)
        if not _NEWS_WORD.match(text):
            continue
        address = _address(link.get("href"), base)
        if address and same_site(address, url) and address not in found and not is_home(address):
            why = f"linked as “{text}”"
            pages.setdefault(address, Candidate(address, "listing", why, url))
    return list(found.values()), list(pages.values())


def read_robots(text: str, url: str) -> list[Candidate]:
    """The sitemaps that a robots.txt names."""
    found = []
    for link in parse_robots(text).sitemaps:
        if address := _address(link, url):
            found.append(Candidate(address, "sitemap", "named by robots.txt", url))
    return found


def well_known(url: str, known: Iterable[Candidate]) -> list[Candidate]:
    """Usual addresses, of the kinds of which nothing is known yet; feeds only if there is none."""
    kinds = {candidate.kind for candidate in known}
    return [
        Candidate(urljoin(url, path), kind, f"the usual address {path}", url)
        for kind, paths in WELL_KNOWN.items()
        if kind not in kinds
        for path in paths
    ]


def as_source(candidate: Candidate, **facts: Any) -> Source:
    """The candidate as the catalogue would have it; ``facts`` are what an editor knows.

    What nobody said is set so that least is shown: ``press``, ``headline``, ``topic``.
    """
    parts = urlsplit(candidate.url)
    given: dict[str, Any] = {
        "id": "candidate",
        "name": parts.hostname or candidate.url,
        "publisher": parts.hostname or candidate.url,
        "homepage": f"{parts.scheme}://{parts.netloc}/",
        "kind": candidate.kind,
        "url": candidate.url,
        "licence": "press",
        "display": "headline",
        "relevance": "topic",
        "schedule": "adaptive",
        "reference": candidate.named_by,
        **facts,
    }
    return Source(**given)


def judge(candidate: Candidate, found: EntryList, *, now: datetime) -> Offer:
    """Weigh what a candidate lists: its kind, what it tells of its items, how fresh they are."""
    entries = found.entries
    if candidate.kind == "feed" and _are_videos(candidate, entries):
        candidate = replace(candidate, kind="video")
    dates = [entry.published.at for entry in entries if entry.published]
    share = 1 / max(1, len(entries))
    dated = len(dates) * share
    teased = sum(bool(entry.teaser or entry.body) for entry in entries) * share
    titled = sum(bool(entry.title) for entry in entries) * share
    newest = max(dates, default=None)
    about = f"{found.title or ''} {urlsplit(candidate.url).path} {candidate.why}"
    age = now - newest if newest else None
    points = _KIND_POINTS[candidate.kind] + round(20 * dated + 10 * teased + 10 * titled)
    notes = [f"{len(entries)} items", _share(dated, "dated")]
    if age is None:
        notes.append("no date at all")
    else:
        points += 15 if age < timedelta(days=60) else 5 if age < timedelta(days=365) else -20
        assert newest is not None
        notes.append(f"newest {newest.astimezone(BERLIN).date().isoformat()}")
    notes.append(_share(teased, "with a teaser") if titled else "addresses only")
    if len(entries) < 2:
        points -= 20
    if _COMMENTS.search(about):
        points -= 80
        notes.append("comments, not news")
    elif _OTHER.search(about):
        points -= 35
        notes.append("seems to be about something else than news")
    elif _PRESS.search(about):
        points += 15
        notes.append("its name says news")
    reason = f"{candidate.why}; {', '.join(notes)}"
    return Offer(
        candidate, clean(found.title), entries, dated, teased, titled, newest, points, reason
    )


def _are_videos(candidate: Candidate, entries: tuple[Entry, ...]) -> bool:
    """Whether a feed is a video channel's. A length alone may be that of a podcast."""
    watched = sum(entry.views is not None or bool(_VIDEO.search(entry.url)) for entry in entries)
    return bool(_VIDEO.search(candidate.url)) or 2 * watched > len(entries)


def ranked(offers: Iterable[Offer]) -> list[Offer]:
    """The best first; of two that list the same items only the better one."""
    best: list[Offer] = []
    seen: list[set[str]] = []
    for offer in sorted(offers, key=lambda offer: (-offer.points, len(offer.candidate.url))):
        urls = {entry.url for entry in offer.entries}
        if any(urls and len(urls & other) > 0.8 * len(urls | other) for other in seen):
            continue
        best.append(offer)
        seen.append(urls)
    return best


def _share(share: float, what: str) -> str:
    if share in (0, 1):
        return f"{'all' if share else 'none'} {what}"
    return f"{share:.0%} {what}"


def _named(root: etree._Element, base: str, url: str) -> Iterator[Candidate]:
    for link in root.iter("link"):
        rel = (link.get("rel") or "").lower().split()
        kind = (link.get("type") or "").lower().partition(";")[0].strip()
        address = _address(link.get("href"), base)
        if address is None:
            continue
        title = clean(link.get("title"))
        called = f" as “{title}”" if title else ""
        if "alternate" in rel and kind in _FEED_TYPES:
            yield Candidate(address, "feed", f"the page names it{called}", url)
        elif "https://api.w.org/" in rel:
            posts = f"{address.rstrip('/')}/wp/v2/posts"
            yield Candidate(posts, "wordpress", "the page names its WordPress interface", url)
        elif "sitemap" in rel:
            yield Candidate(address, "sitemap", "the page names it", url)


def _anchors(root: etree._Element, base: str, url: str) -> Iterator[Candidate]:
    for link in root.iter("a"):
        href = link.get("href") or ""
        text = _text(link)
        path = href.partition("#")[0].partition("?")[0]
        looks = _FEED_ADDRESS.search(path) or _FEED_WORD.search(text)
        address = _address(href, base) if looks else None
        if address and not is_home(address) and same_site(address, url):
            yield Candidate(address, "feed", f"linked as “{(text or href)[:60]}”", url)


def _text(link: etree._Element) -> str:
    words = "".join(str(piece) for piece in link.itertext())
    return clean(words.strip() or link.get("title")) or ""


def _address(href: str | None, base: str) -> str | None:
    if not href or href.startswith("#"):
        return None
    try:
        return canonical_url(href, base)
    except UrlError:
        return None


def _charset(html: bytes) -> str | None:
    try:
        html.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return "utf-8"
