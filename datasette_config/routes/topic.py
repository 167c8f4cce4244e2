"""The page of one topic: what it is, how much there is of it, the newest."""

from __future__ import annotations

from datasette_config.dossier import Subject, dossier
from datasette_config.language import language
from datasette_config.site import Site
from datasette_config.web import N_, Ask, MissingPageError, Page


def page(site: Site, ask: Ask) -> Page:
    """The topic; raises :class:`MissingPageError` where the vocabulary has none."""
    topic = site.archive().topics().get(ask.parts["id"])
    if topic is None:
        raise MissingPageError(N_("Dieses Thema gibt es nicht."))
    _ = language(ask.language).gettext
    about = _(topic.description)
    german = about == topic.description
    subject = Subject("topics", topic.id, _("Thema"), _(topic.label), about, german)
    return dossier(site, ask, subject)
