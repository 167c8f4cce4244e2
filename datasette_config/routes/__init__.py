"""The site's routes: one small module a page, each a plain function from Ask to Page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from datasette_config.routes import (
    about,
    assets,
    errors,
    feeds,
    home,
    item,
    search,
    sources,
    state,
    topic,
)
from datasette_config.site import Site
from datasette_config.web import Ask, Page

#: Patterns match a whole path and come before Datasette's own.
ROUTES: Final[tuple[tuple[str, Callable[[Site, Ask], Page]], ...]] = (
    (r"/$", home.page),
    (r"/suche$", search.page),
    (r"/suche\.atom$", feeds.search),
    (r"/eintrag/(?P<id>[0-9]{1,15})$", item.page),
    (r"/thema/(?P<id>[a-z0-9-]{1,64})$", topic.page),
    (r"/thema/(?P<id>[a-z0-9-]{1,64})\.atom$", feeds.topic),
    (r"/land/(?P<code>[A-Za-z-]{1,16})$", state.page),
    (r"/land/(?P<code>[A-Za-z-]{1,16})\.atom$", feeds.state),
    (r"/quellen$", sources.page),
    (r"/ueber$", about.page),
    (r"/static/(?P<digest>[0-9a-f]{1,64})/(?P<name>[a-z.-]{1,64})$", assets.page),
    # Datasette's own pages about itself name paths of this machine and plugin settings.
    (r"/-/(?!static/|static-plugins/|versions).*$", errors.hidden),
)
