"""The front page: search box, newest items, what moved this week, the Länder, the sources."""

from __future__ import annotations

from collections import Counter

from datasette_config.addresses import Address
from datasette_config.formats import local
from datasette_config.health import summary
from datasette_config.language import language
from datasette_config.listing import by_day, find
from datasette_config.moved import moves, notable
from datasette_config.site import Site
from datasette_config.tiles import tiles
from datasette_config.web import Ask, Page
from datasette_config.wording import LICENCES
from store.types import STATES

NEWEST = 12
#: Topics and Länder that are told to have moved, each.
MOST_MOVES = 4


def page(site: Site, ask: Ask) -> Page:
    """The front page."""
    archive = site.archive()
    spoken = language(ask.language)
    found = find(site, Address(), spoken, limit=NEWEST)
    facets = found.results.facets
    by_topic, by_state = dict(facets["topic"]), dict(facets["state"])
    topics = archive.topics()
    today = local(site.now())
    moved = moves(site.search, today)
    names = {
        "topic": {id: spoken.gettext(topic.label) for id, topic in topics.items()},
        "state": {code: spoken.state(code) for code in STATES},
    }
    sources = list(archive.sources().values())
    return site.page(
        "home.html",
        ask,
        found=found,
        days=list(by_day(found.entries)),
        today=today,
        moved=moved,
        movers=[
            (move, names[facet][move.id], f"/{path}/{move.id}")
            for facet, path in (("topic", "thema"), ("state", "land"))
            for move in notable((moved or {}).get(facet, {}).values(), MOST_MOVES)
            if move.id in names[facet]
        ],
        topics=[(id, name, by_topic.get(id, 0)) for id, name in names["topic"].items()],
        states=[(code, name, by_state.get(code, 0)) for code, name in names["state"].items()],
        tiles=tiles(by_state),
        health=summary(sources, spoken),
        breadth=_breadth([source.licence for source in sources]),
        lands=len({source.land for source in sources} & set(STATES) - {"bund"}),
        feed="/suche.atom",
    )


def _breadth(licences: list[str]) -> list[tuple[str, str, int]]:
    """(licence, its name, sources), the most frequent first."""
    counted = Counter(licences).most_common()
    return [(licence, LICENCES.get(licence, licence), count) for licence, count in counted]
