"""Adding a source: an address, what it offers, a preview, the facts, saved."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from datasette_config.desk.asking import ask
from datasette_config.desk.deciding import FormError
from datasette_config.desk.request import Answer, whole
from datasette_config.desk.visit import Visit
from datasette_config.web import MissingPageError, safe_url
from store.types import DISPLAYS, STATES, Job

#: What an editor says of a new source beside what was found.
TEXTS = ("id", "name", "publisher", "licence", "schedule", "reference")


def show(visit: Visit) -> Answer:
    """The form for an address."""
    return visit.page("adding.html", address=visit.request.argument("adresse"))


def look(visit: Visit) -> Answer:
    """Ask for a look at the address."""
    address = visit.request.value("adresse")
    if "://" not in address:
        address = f"https://{address}"
    if not is_public_name(address):
        raise FormError(
            visit.language.gettext(
                "Das ist keine Adresse, die sich ansehen lässt: http oder https."
            )
        )
    return ask(visit, "discover", {"url": address})


def is_public_name(address: str) -> bool:
    """Whether it is an http address of a host with a dotted name; the crawl looks closer."""
    try:
        parts = urlsplit(address)
        dotted = "." in (parts.hostname or "") and parts.port in (None, 80, 443)
    except ValueError:
        return False
    return bool(safe_url(address)) and dotted and len(address) <= 500 and " " not in address


def offers(visit: Visit) -> Answer:
    """What the look found: each offer with five items, and the facts to save."""
    job = _job(visit)
    known = {one.source.url: one.source.id for one in visit.newsroom.sources()}
    result = job.result or {}
    found = [
        {**offer, "same": offer.get("known_as") or [
            known[url] for url in (offer["draft"]["url"],) if url in known
        ]}
        for offer in result.get("offers", ())
    ]  # fmt: skip
    return visit.page(
        "offers.html",
        job=job,
        offers=found,
        refused=result.get("refused", ()),
        states=STATES,
        displays=DISPLAYS,
    )


def save(visit: Visit) -> Answer:
    """Ask to save the chosen offer with the facts of the form."""
    request, found = visit.request, (_job(visit).result or {}).get("offers", [])
    number = whole(request.value("angebot"))
    if number is None or number >= len(found):
        raise MissingPageError(visit.language.gettext("Dieses Angebot gibt es nicht."))
    facts: dict[str, Any] = dict(found[number]["draft"])
    facts |= {name: request.value(name) for name in TEXTS if request.value(name)}
    facts["land"] = request.value("land") or None
    for name, allowed in (("display", DISPLAYS), ("relevance", ("topic", "all"))):
        if request.value(name) in allowed:
            facts[name] = request.value(name)
    return ask(visit, "save_source", {"facts": facts}, str(facts["id"]))


def _job(visit: Visit) -> Job:
    job = visit.newsroom.job(int(visit.request.parts["job"]))
    if job is None or job.kind != "discover" or job.result is None:
        raise MissingPageError(visit.language.gettext("Diese Suche gibt es nicht."))
    return job
