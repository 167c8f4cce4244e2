"""The routes that programs read: feeds, OPML, OpenSearch, calendar, sitemaps, robots.txt."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from datasette_config.routes import calendar, feeds, opensearch, sitemap
from datasette_config.site import Site
from datasette_config.web import Ask, Page

_FORM: Final = r"\.(?P<form>atom|json)$"

ROUTES: Final[tuple[tuple[str, Callable[[Site, Ask], Page]], ...]] = (
    (rf"/suche{_FORM}", feeds.search),
    (rf"/thema/(?P<id>[a-z0-9-]{{1,64}}){_FORM}", feeds.topic),
    (rf"/land/(?P<code>[A-Za-z-]{{1,16}}){_FORM}", feeds.state),
    (rf"/ort/(?P<ags>[0-9]{{5}}|[0-9]{{8}}){_FORM}", feeds.town),
    (rf"/quelle/(?P<id>[a-z0-9_]{{1,64}}){_FORM}", feeds.source),
    (r"/feeds\.opml$", feeds.listed),
    (r"/veranstaltungen\.ics$", calendar.page),
    (r"/opensearch\.xml$", opensearch.description),
    (r"/vorschlaege\.json$", opensearch.suggestions),
    (r"/sitemap\.xml$", sitemap.index),
    (r"/sitemap-seiten\.xml$", sitemap.pages),
    (r"/sitemap-(?P<number>[0-9]{1,9})\.xml$", sitemap.items),
    (r"/robots\.txt$", sitemap.robots),
    (r"/\.well-known/tdmrep\.json$", sitemap.mining),
)
