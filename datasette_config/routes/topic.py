"""The page of one topic: what it is, how much there is of it, the newest."""

from __future__ import annotations

from datasette_config.addresses import Address
from datasette_config.dossier import dossier
from datasette_config.site import Site
from datasette_config.web import Ask, MissingPageError, Page


def page(site: Site, ask: Ask) -> Page:
    """The topic; raises :class:`MissingPageError` where the vocabulary has none."""
    topic = site.archive().topics().get(ask.parts["id"])
    if topic is None:
        raise MissingPageError("Dieses Thema gibt es nicht.")
    return dossier(
        site,
        Address(topics=(topic.id,)),
        kind="Thema",
        title=topic.label,
        description=topic.description,
        path=f"/thema/{topic.id}",
    )
