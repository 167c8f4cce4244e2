"""Imprint and privacy: what the operator wrote, and what holds of the software everywhere."""

from __future__ import annotations

from datasette_config.legal import read_legal
from datasette_config.site import Site
from datasette_config.web import N_, Ask, MissingPageError, Page


def imprint(site: Site, ask: Ask) -> Page:
    """The imprint; raises :class:`MissingPageError` where none is configured."""
    if site.config.imprint is None:
        raise MissingPageError(N_("Für diese Seiten ist kein Impressum hinterlegt."))
    return site.page("imprint.html", ask, blocks=read_legal(site.config.imprint))


def privacy(site: Site, ask: Ask) -> Page:
    """What the pages know of their readers, then the operator's own text if there is one."""
    path = site.config.privacy
    return site.page("privacy.html", ask, blocks=read_legal(path) if path else ())
