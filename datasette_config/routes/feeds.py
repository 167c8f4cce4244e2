"""Atom feeds of any search, topic or Land."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from datasette_config.addresses import Address, read_address
from datasette_config.atom import FeedHead, feed
from datasette_config.listing import query_of
from datasette_config.site import Site
from datasette_config.web import ATOM, Ask, MissingPageError, Page
from datasette_config.wording import describe, names_in
from store.types import STATES

ENTRIES = 50
SUBTITLE = "Nachrichten und Pressemitteilungen zur Digitalisierung der Kommunen"
#: Seconds: feed readers ask often, and a round of crawling takes minutes.
MAX_AGE = 300


def search(site: Site, ask: Ask) -> Page:
    """The newest entries of the search in the URL."""
    names = names_in(site.archive())
    reading = read_address(ask.arguments, topics=names["topics"], sources=names["sources"])
    address = replace(reading.address, order="date", page=1)
    words = describe(address, names)
    return _feed(
        site,
        ask,
        address,
        title=f"Kommunalradar: {words}" if words else "Kommunalradar",
        path=address.url("/suche.atom"),
        page=address.url() if words else "/",
    )


def topic(site: Site, ask: Ask) -> Page:
    """The newest entries of a topic."""
    found = site.archive().topics().get(ask.parts["id"])
    if found is None:
        raise MissingPageError("Dieses Thema gibt es nicht.")
    path = f"/thema/{found.id}"
    title = f"Kommunalradar: {found.label}"
    return _feed(
        site, ask, Address(topics=(found.id,)), title=title, path=f"{path}.atom", page=path
    )


def state(site: Site, ask: Ask) -> Page:
    """The newest entries of a Land."""
    code = ask.parts["code"]
    if code not in STATES:
        raise MissingPageError("Dieses Land gibt es nicht.")
    path = f"/land/{code}"
    title = f"Kommunalradar: {STATES[code]}"
    return _feed(site, ask, Address(states=(code,)), title=title, path=f"{path}.atom", page=path)


def _feed(site: Site, ask: Ask, address: Address, *, title: str, path: str, page: str) -> Page:
    archive = site.archive()
    hits = site.search.run(query_of(address, ENTRIES), counts=False).hits
    published = archive.info().get("published_at")
    head = FeedHead(
        title=title,
        subtitle=SUBTITLE,
        path=path,
        page=page,
        published=datetime.fromisoformat(published) if published else site.now(),
    )
    rows = archive.rows([hit.item_id for hit in hits])
    body = feed(head, rows, origin=ask.origin, address=site.config.address)
    return Page(body, content_type=ATOM, max_age=MAX_AGE)
