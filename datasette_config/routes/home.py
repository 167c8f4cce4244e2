"""The front page: search box, newest items, topics and Länder, how the sources are doing."""

from __future__ import annotations

from datasette_config.addresses import Address
from datasette_config.formats import local
from datasette_config.health import summary
from datasette_config.listing import by_day, find
from datasette_config.site import Site
from datasette_config.web import Ask, Page
from store.types import STATES

NEWEST = 15


def page(site: Site, ask: Ask) -> Page:
    """The front page."""
    archive = site.archive()
    found = find(site, Address(), limit=NEWEST)
    by_topic = dict(found.results.facets["topic"])
    by_state = dict(found.results.facets["state"])
    now = site.now()
    return site.page(
        "home.html",
        found=found,
        days=list(by_day(found.entries)),
        today=local(now),
        topics=[(topic, by_topic.get(topic.id, 0)) for topic in archive.topics().values()],
        states=[(code, name, by_state.get(code, 0)) for code, name in STATES.items()],
        health=summary(archive.sources().values()),
        feed="/suche.atom",
    )
