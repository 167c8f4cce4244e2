"""The stylesheet, the script and the icon, cached for good: their address holds their digest."""

from __future__ import annotations

from datasette_config.site import Site
from datasette_config.web import Ask, MissingPageError, Page

_YEAR_S = 365 * 24 * 3600


def page(site: Site, ask: Ask) -> Page:
    """The file; an outdated digest gets the present file, kept only for a minute."""
    asset = site.assets.get(ask.parts["name"])
    if asset is None:
        raise MissingPageError("Diese Datei gibt es nicht.")
    current = ask.parts["digest"] == asset.digest
    return Page(asset.body, content_type=asset.content_type, max_age=_YEAR_S if current else 60)
