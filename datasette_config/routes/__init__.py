"""The site's routes: one small module a page, each a plain function from Ask to Page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from datasette_config.routes import (
    about,
    api,
    assets,
    data,
    errors,
    home,
    item,
    legal,
    machines,
    model,
    search,
    source,
    sources,
    state,
    topic,
    town,
)
from datasette_config.site import Site
from datasette_config.web import PREFIXES, Ask, Page

View = Callable[[Site, Ask], Page]

#: Pages for readers, in every language. Patterns match a whole path.
PAGES: Final[tuple[tuple[str, View], ...]] = (
    (r"/suche$", search.page),
    (r"/eintrag/(?P<id>[0-9]{1,15})$", item.page),
    (r"/thema/(?P<id>[a-z0-9-]{1,64})$", topic.page),
    (r"/land/(?P<code>[A-Za-z-]{1,16})$", state.page),
    (r"/ort/(?P<ags>[0-9]{5}|[0-9]{8})$", town.page),
    (r"/quelle/(?P<id>[a-z0-9_]{1,64})$", source.page),
    (r"/quellen$", sources.page),
    (r"/ueber$", about.page),
    (r"/daten$", data.page),
    (r"/modell$", model.page),
    (r"/impressum$", legal.imprint),
    (r"/datenschutz$", legal.privacy),
    (r"/barrierefreiheit$", about.accessibility),
    (r"/abo(/.*)?$", errors.no_letters),
)

#: All routes; they come before Datasette's own.
ROUTES: Final[tuple[tuple[str, View], ...]] = (
    (r"/$", home.page),
    *((rf"{prefix}/?$", home.page) for prefix in PREFIXES.values() if prefix),
    *((prefix + pattern, page) for prefix in PREFIXES.values() for pattern, page in PAGES),
    *machines.ROUTES,
    *api.ROUTES,
    (r"/eintrag/(?P<id>[0-9]{1,15})\.(?P<form>bib|ris)$", item.download),
    (r"/static/(?P<digest>[0-9a-f]{1,64})/(?P<name>[a-z.-]{1,64})$", assets.page),
    # Datasette's own pages about itself name paths of this machine and plugin settings.
    (r"/-(/.*)?$", errors.hidden),
)
