"""The page of one town or county, by its official key (AGS)."""

from __future__ import annotations

from datasette_config.dossier import Subject, dossier
from datasette_config.language import language
from datasette_config.site import Site
from datasette_config.web import N_, Ask, MissingPageError, Page


def page(site: Site, ask: Ask) -> Page:
    """The town; raises :class:`MissingPageError` where no item is set in one of this key."""
    ags = ask.parts["ags"]
    town = site.archive().towns([ags]).get(ags)
    if town is None:
        raise MissingPageError(N_("Zu diesem Ort steht nichts im Archiv."))
    spoken = language(ask.language)
    _ = spoken.gettext
    about = _(
        "Meldungen, die in %(name)s spielen (%(state)s, amtlicher Gemeindeschlüssel %(ags)s).",
        name=town.name, state=spoken.state(town.state), ags=ags,
    )  # fmt: skip
    kind = _("Kreis") if town.is_county else _("Ort")
    subject = Subject("towns", ags, kind, town.name, about)
    return dossier(site, ask, subject, town=town)
