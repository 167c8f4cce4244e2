"""The page of one Land, or of the federation: how much there is of it, the newest."""

from __future__ import annotations

from datasette_config.dossier import Subject, dossier
from datasette_config.language import language
from datasette_config.site import Site
from datasette_config.web import N_, Ask, MissingPageError, Page
from store.types import STATES

_CITY_STATES = ("DE-BE", "DE-HB", "DE-HH")


def page(site: Site, ask: Ask) -> Page:
    """The Land; raises :class:`MissingPageError` for a code that is none."""
    code = ask.parts["code"]
    if code not in STATES:
        raise MissingPageError(N_("Dieses Land gibt es nicht."))
    spoken = language(ask.language)
    _ = spoken.gettext
    name = spoken.state(code)
    if code == "bund":
        about = _(
            "Meldungen über den Bund und über das, was das ganze Land betrifft: IT-Planungsrat, "
            "FITKO, Bundesministerien, bundesweite Verbände und Studien."
        )
    elif code in _CITY_STATES:
        about = _(
            "Meldungen, die in %(name)s spielen: aus den Behörden und Bezirken des Stadtstaats.",
            name=name,
        )
    elif code == "DE-SL":
        about = _(
            "Meldungen, die im Saarland spielen: aus Städten, Gemeinden, Kreisen und dem Land "
            "selbst."
        )
    else:
        about = _(
            "Meldungen, die in %(name)s spielen: aus Städten, Gemeinden, Kreisen und dem Land "
            "selbst.",
            name=name,
        )
    subject = Subject("states", code, _("Ebene") if code == "bund" else _("Land"), name, about)
    return dossier(site, ask, subject)
