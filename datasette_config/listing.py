"""Search results as the entries of a list: hits joined with what archive.db says of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import groupby

from markupsafe import Markup

from datasette_config.addresses import PAGE_SIZE, Address
from datasette_config.archive import Archive, Row
from datasette_config.language import Language
from datasette_config.site import Site
from datasette_config.wording import also_at
from store.search import Query, Results
from store.shown import Hit
from store.types import BERLIN


@dataclass(frozen=True, slots=True)
class ListEntry:
    """One line of a list of items."""

    row: Row
    title: Markup
    kicker: Markup | None
    teaser: Markup | None
    #: „auch bei …“: who else carries the same text; empty for nobody
    also: str


@dataclass(frozen=True, slots=True)
class Found:
    """The answer to one search."""

    results: Results
    entries: tuple[ListEntry, ...]


def find(site: Site, address: Address, spoken: Language, *, limit: int = PAGE_SIZE) -> Found:
    """The entries of one page of a search, with counts for the filters."""
    results = site.search.run(query_of(address, site.archive(), limit))
    return Found(results, entries_of(site, results.hits, spoken))


def query_of(address: Address, archive: Archive, limit: int = PAGE_SIZE) -> Query:
    """The search engine's query for an address."""
    return Query(
        text=address.text,
        topics=address.topics,
        states=address.states,
        sources=_sources(address, archive),
        kinds=address.kinds,
        towns=address.towns,
        since=address.since and datetime.combine(address.since, time.min, BERLIN),
        until=address.until and datetime.combine(address.until, time.max, BERLIN),
        order="relevance" if address.order == "relevance" else "date",
        limit=limit,
        offset=(address.page - 1) * limit,
    )


def _sources(address: Address, archive: Archive) -> tuple[str, ...]:
    """The sources asked for: rights are a source's, not an item's."""
    if not address.licences:
        return address.sources
    licensed = [s.id for s in archive.sources().values() if s.licence in address.licences]
    if address.sources:
        licensed = [source for source in licensed if source in address.sources]
    return tuple(licensed) or ("",)  # a source that does not exist: nothing is found


def entries_of(site: Site, hits: Sequence[Hit], spoken: Language) -> tuple[ListEntry, ...]:
    """The hits with their rows; a hit whose item left the archive meanwhile is left out."""
    rows = {row.id: row for row in site.archive().rows([hit.item_id for hit in hits])}
    return tuple(
        ListEntry(
            row=rows[hit.item_id],
            title=Markup(hit.title_html),
            kicker=Markup(hit.kicker_html) if hit.kicker_html else None,
            teaser=Markup(hit.teaser_html) if hit.teaser_html else None,
            also=also_at(hit.also_sources, spoken),
        )
        for hit in hits
        if hit.item_id in rows
    )


def by_day(entries: Sequence[ListEntry]) -> Iterator[tuple[date, list[ListEntry]]]:
    """The entries of a list in date order, grouped by their Berlin day."""
    for day, group in groupby(entries, key=lambda entry: entry.row.day):
        yield day, list(group)
