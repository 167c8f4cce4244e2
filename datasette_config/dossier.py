"""The page that topics and Länder share: months, newest entries, neighbours, feed."""

from __future__ import annotations

from datasette_config.addresses import Address
from datasette_config.formats import local
from datasette_config.histogram import bars
from datasette_config.listing import by_day, find
from datasette_config.site import Site
from datasette_config.web import Page
from store.types import STATES

NEWEST = 20
NEIGHBOURS = 8


def dossier(
    site: Site, address: Address, *, kind: str, title: str, description: str, path: str
) -> Page:
    """The page of everything an address finds, under a title of its own."""
    found = find(site, address, limit=NEWEST)
    topics = site.archive().topics()
    facets = found.results.facets
    return site.page(
        "dossier.html",
        address=address,
        found=found,
        days=list(by_day(found.entries)),
        today=local(site.now()),
        kind=kind,
        title=title,
        description=description,
        bars=bars(found.results.months),
        topics=[
            (topics[id].label, count, address.toggled("topics", id).url())
            for id, count in facets["topic"]
            if id in topics and id not in address.topics and count
        ][:NEIGHBOURS],
        states=[
            (STATES[code], count, address.toggled("states", code).url())
            for code, count in facets["state"]
            if code in STATES and code not in address.states and count
        ][:NEIGHBOURS],
        feed=f"{path}.atom",
    )
