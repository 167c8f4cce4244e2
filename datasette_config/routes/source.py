"""The page of one source: what it delivers, what may be shown of it, how it is doing."""

from __future__ import annotations

from datasette_config.dossier import Subject, dossier
from datasette_config.health import health
from datasette_config.language import language
from datasette_config.site import Site
from datasette_config.web import N_, Ask, MissingPageError, Page


def page(site: Site, ask: Ask) -> Page:
    """The source; raises :class:`MissingPageError` where there is none of that name."""
    source = site.archive().source(ask.parts["id"])
    if source is None:
        raise MissingPageError(N_("Diese Quelle gibt es nicht."))
    _ = language(ask.language).gettext
    about = _("Was das Archiv von %(name)s führt.", name=source.publisher)
    subject = Subject("sources", source.id, _("Quelle"), source.name, about)
    return dossier(site, ask, subject, source=health(source))
