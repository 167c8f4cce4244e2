"""Every source with its health: what it delivers, and what is wrong where it does not."""

from __future__ import annotations

from datasette_config.health import ordered, summary
from datasette_config.site import Site
from datasette_config.web import Ask, Page
from store.types import STATES


def page(site: Site, ask: Ask) -> Page:
    """The sources, those in trouble first."""
    sources = list(site.archive().sources().values())
    return site.page(
        "sources.html",
        here=ask.path,
        sources=ordered(sources),
        health=summary(sources),
        states=STATES,
    )
