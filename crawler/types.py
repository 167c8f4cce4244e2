"""What a list says of an item, and what the item's page says: the crawler's two inputs."""

from __future__ import annotations

from dataclasses import dataclass, field

from store.types import Link, PublicationDate


@dataclass(frozen=True, slots=True)
class Entry:
    """What a feed, sitemap or list page said of one item. URLs are absolute http(s)."""

    url: str
    title: str | None = None
    guid: str | None = None
    kicker: str | None = None
    teaser: str | None = None
    body: str | None = None
    section: str | None = None
    author: str | None = None
    published: PublicationDate | None = None
    genre: str | None = None
    image: str | None = None
    duration_s: int | None = None
    views: int | None = None
    #: where ``published`` stood: ``entry``, or ``entry-updated`` if the list tells only when the
    #: item was last changed (an Atom entry with ``updated`` alone)
    date_source: str = "entry"
    #: the list's own word for the item's state (``lastmod``, ``updated``), as written there: never
    #: a publication date, but a reason to look at the page again
    modified: str | None = None
    #: hash of what the list wrote of the item, markup and counters aside (`crawler.items`)
    fingerprint: str | None = None


@dataclass(frozen=True, slots=True)
class EntryList:
    """A whole feed, sitemap or list page: its own heading and its entries in its order."""

    title: str | None
    teaser: str | None
    entries: tuple[Entry, ...]
    #: one line for each entry that had to be left out, with the reason
    skipped: tuple[str, ...] = ()
    #: further lists this one names (sitemap index, next page)
    further: tuple[str, ...] = ()
    #: one line for each thing that was read otherwise than written (a refused date)
    notes: tuple[str, ...] = ()
    #: entries that were not read because they are as they were last time: address → fingerprint
    unchanged: dict[str, str] = field(default_factory=dict)

    @property
    def fingerprints(self) -> dict[str, str]:
        """What the next reading of the list may be told as ``known``: fingerprint → address."""
        new = {entry.fingerprint: entry.url for entry in self.entries if entry.fingerprint}
        return new | {fingerprint: url for url, fingerprint in self.unchanged.items()}


@dataclass(frozen=True, slots=True)
class PageData:
    """What a page said. ``found`` names, for each known field, where it stood."""

    url: str
    kind: str  # one of store.types.KINDS, or "listing"
    title: str | None
    kicker: str | None = None
    teaser: str | None = None
    section: str | None = None
    published: PublicationDate | None = None
    body: str | None = None
    author: str | None = None
    image: str | None = None
    #: whose picture it is
    image_credit: str | None = None
    #: only a part is shown to those who do not pay; None if the page does not say
    paywalled: bool | None = None
    #: the place line („Köln“ of „Köln, 3. März“), which is no part of the body
    place: str | None = None
    duration_s: int | None = None
    views: int | None = None
    language: str | None = None
    links: tuple[Link, ...] = ()
    found: dict[str, str] = field(default_factory=dict)
