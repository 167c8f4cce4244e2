"""Atom and JSON feeds of any search, topic, Land, town or source; every feed as OPML."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.utils import format_datetime

from datasette_config import atom, json_feed
from datasette_config.addresses import Address, read_address
from datasette_config.archive import Row
from datasette_config.inventory import corrected_since
from datasette_config.language import SOURCE, language
from datasette_config.listing import query_of
from datasette_config.opml import Line, opml
from datasette_config.site import Site
from datasette_config.syndication import FeedHead, latest
from datasette_config.web import ATOM, Ask, MissingPageError, Page
from datasette_config.wording import describe, names_in
from store.search import Query
from store.types import STATES

ENTRIES = 50
SUBTITLE = "Nachrichten und Pressemitteilungen zur Digitalisierung der Kommunen"
#: Seconds: feed readers ask often, and a round of crawling takes minutes.
MAX_AGE = 300
#: Corrections of older entries stay in a feed so long: whoever reads once a week sees them.
CORRECTIONS_FOR = timedelta(days=14)
#: Corrected items that are looked at, and entries of one minute among which one is sought.
MOST_CORRECTIONS = 30
MOST_OF_A_MINUTE = 200

JSON_FEED = "application/feed+json; charset=utf-8"
OPML = "text/x-opml; charset=utf-8"


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A feed: what it searches, what it is called, its page and its own path without ending."""

    address: Address
    title: str
    page: str
    path: str


def search(site: Site, ask: Ask) -> Page:
    """The newest entries of the search in the URL."""
    spoken = language(SOURCE)
    names = names_in(site.archive(), spoken, ask.arguments.get("ort", ()))
    address = replace(read_address(ask.arguments, names, spoken).address, order="date")
    whole = address.on_page(1)
    words = describe(whole, names, spoken)
    title = f"Kommunalradar: {words}" if words else "Kommunalradar"
    page = whole.url() if words else "/"
    return _feed(site, ask, _Wanted(address, title, page, whole.url("/suche.FORM")))


def topic(site: Site, ask: Ask) -> Page:
    """The newest entries of a topic."""
    found = site.archive().topics().get(ask.parts["id"])
    if found is None:
        raise MissingPageError("Dieses Thema gibt es nicht.")
    return _of(site, ask, "topics", found.id, found.label, f"/thema/{found.id}")


def state(site: Site, ask: Ask) -> Page:
    """The newest entries of a Land."""
    code = ask.parts["code"]
    if code not in STATES:
        raise MissingPageError("Dieses Land gibt es nicht.")
    return _of(site, ask, "states", code, STATES[code], f"/land/{code}")


def town(site: Site, ask: Ask) -> Page:
    """The newest entries of a town or county."""
    ags = ask.parts["ags"]
    found = site.archive().towns([ags]).get(ags)
    if found is None:
        raise MissingPageError("Zu diesem Ort steht nichts im Archiv.")
    return _of(site, ask, "towns", ags, found.name, f"/ort/{ags}")


def source(site: Site, ask: Ask) -> Page:
    """The newest entries of a source."""
    found = site.archive().sources().get(ask.parts["id"])
    if found is None:
        raise MissingPageError("Diese Quelle gibt es nicht.")
    return _of(site, ask, "sources", found.id, found.name, f"/quelle/{found.id}")


def listed(site: Site, ask: Ask) -> Page:
    """Every feed in one file that feed readers import."""
    archive = site.archive()
    by_land: dict[str | None, list[Line]] = defaultdict(list)
    for one in archive.sources().values():
        if one.items:
            by_land[one.land].append(_line(one.name, f"/quelle/{one.id}"))
    lands = [(name, by_land[code]) for code, name in STATES.items() if by_land[code]]
    lands += [("Überregional", by_land[None])] if by_land[None] else []
    lines = (
        Line("Kommunalradar: alle Einträge", "/suche.atom", "/"),
        Line("Themen", lines=tuple(
            _line(topic.label, f"/thema/{topic.id}") for topic in archive.topics().values()
        )),
        Line("Länder", lines=tuple(
            _line(name, f"/land/{code}") for code, name in STATES.items()
        )),
        Line("Quellen", lines=tuple(Line(name, lines=tuple(lines)) for name, lines in lands)),
    )  # fmt: skip
    body = opml("Kommunalradar", lines, origin=ask.origin, changed=_published(site))
    headers = {"Content-Disposition": 'attachment; filename="kommunalradar.opml"'}
    return Page(body, content_type=OPML, max_age=MAX_AGE, headers=headers)


def _line(text: str, page: str) -> Line:
    return Line(text, f"{page}.atom", page)


def _of(site: Site, ask: Ask, field: str, value: str, label: str, path: str) -> Page:
    spoken = language(SOURCE)
    pages = {"seite": ask.arguments.get("seite", ())}
    address = read_address(pages, {}, spoken).address
    chosen = replace(address, **{field: (value,)})  # type: ignore[arg-type]
    return _feed(site, ask, _Wanted(chosen, f"Kommunalradar: {label}", path, f"{path}.FORM"))


def _feed(site: Site, ask: Ask, wanted: _Wanted) -> Page:
    archive = site.archive()
    form = ask.parts["form"]
    query = query_of(wanted.address, archive, ENTRIES)
    # One more than shown tells whether there is another page.
    found = site.search.run(replace(query, limit=ENTRIES + 1), counts=False).hits
    ids = [hit.item_id for hit in found[:ENTRIES]]
    if wanted.address.page == 1:
        ids += _corrected(site, query, ids)
    rows = archive.rows(ids)
    head = FeedHead(
        title=wanted.title,
        subtitle=SUBTITLE,
        path=wanted.path.replace(".FORM", f".{form}", 1),
        page=wanted.page,
        published=_published(site),
        number=wanted.address.page,
        more=len(found) > ENTRIES,
    )
    make = atom.feed if form == "atom" else json_feed.feed
    body = make(head, rows, origin=ask.origin, address=site.config.address)
    return Page(
        body,
        content_type=ATOM if form == "atom" else JSON_FEED,
        max_age=MAX_AGE,
        headers={"Last-Modified": format_datetime(latest(head, rows), usegmt=True)},
    )


def _corrected(site: Site, query: Query, shown: list[int]) -> list[int]:
    """Items of the search, older than those shown, that were corrected or withdrawn lately."""
    archive = site.archive()
    since = site.now() - CORRECTIONS_FOR
    changed = corrected_since(archive.connection, since, MOST_CORRECTIONS)
    return [
        row.id
        for row in archive.rows([id for id in changed if id not in shown])
        if _is_found(site, query, row)
    ]


def _is_found(site: Site, query: Query, row: Row) -> bool:
    """Whether the search finds the item: asked again for the one minute it stands at."""
    at = row.published_at or row.first_seen
    if (query.since and at < query.since) or (query.until and at > query.until):
        return False
    minute = replace(query, since=at, until=at, limit=MOST_OF_A_MINUTE, offset=0)
    hits = site.search.run(minute, counts=False).hits
    return any(hit.item_id == row.id for hit in hits)


def _published(site: Site) -> datetime:
    published = site.archive().info().get("published_at")
    return datetime.fromisoformat(published) if published else site.now()
