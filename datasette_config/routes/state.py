"""The page of one Land, or of the federation: how much there is of it, the newest."""

from __future__ import annotations

from datasette_config.addresses import Address
from datasette_config.dossier import dossier
from datasette_config.site import Site
from datasette_config.web import Ask, MissingPageError, Page
from store.types import STATES

DESCRIPTION = (
    "Meldungen, die in {name} spielen: aus Städten, Gemeinden, Kreisen und dem Land selbst."
)
CITY_STATE = "Meldungen, die in {name} spielen: aus den Behörden und Bezirken des Stadtstaats."
FEDERATION = (
    "Meldungen über den Bund und über das, was das ganze Land betrifft: IT-Planungsrat, FITKO, "
    "Bundesministerien, bundesweite Verbände und Studien."
)


def page(site: Site, ask: Ask) -> Page:
    """The Land; raises :class:`MissingPageError` for a code that is none."""
    code = ask.parts["code"]
    if code not in STATES:
        raise MissingPageError("Dieses Land gibt es nicht.")
    name = STATES[code]
    wording = CITY_STATE if code in ("DE-BE", "DE-HB", "DE-HH") else DESCRIPTION
    place = "im Saarland" if code == "DE-SL" else f"in {name}"
    return dossier(
        site,
        Address(states=(code,)),
        kind="Ebene" if code == "bund" else "Land",
        title=name,
        description=FEDERATION if code == "bund" else wording.replace("in {name}", place),
        path=f"/land/{code}",
    )
