"""The page that topics, Länder, towns and sources share: trend, newest, neighbours, feed."""

from __future__ import annotations

from dataclasses import dataclass

from datasette_config import country
from datasette_config.addresses import Address
from datasette_config.archive import Town
from datasette_config.formats import local
from datasette_config.health import Health
from datasette_config.histogram import bars
from datasette_config.language import language
from datasette_config.listing import by_day, find
from datasette_config.moved import Move, moves
from datasette_config.site import Site
from datasette_config.web import Ask, Page
from store.types import STATES

NEWEST = 20
NEIGHBOURS = 8

#: Path of the page of a value of a filter.
PATHS = {"topics": "thema", "states": "land", "towns": "ort", "sources": "quelle"}


@dataclass(frozen=True, slots=True)
class Subject:
    """What a dossier is about, already in the reader's language."""

    #: the filter and its value
    field: str
    value: str
    #: ``Thema``, ``Land`` …
    kind: str
    title: str
    description: str
    #: the description is of a vocabulary that no catalogue knows, and in German on every page
    german: bool = False

    @property
    def path(self) -> str:
        """The address of its page, in German."""
        return f"/{PATHS[self.field]}/{self.value}"


@dataclass(frozen=True, slots=True)
class Neighbour:
    """What often comes with the subject: its name, entries with both, its own page, both."""

    label: str
    count: int
    page: str
    both: str


def dossier(
    site: Site,
    ask: Ask,
    subject: Subject,
    *,
    town: Town | None = None,
    source: Health | None = None,
) -> Page:
    """The page of a subject; ``town`` and ``source`` where it is one."""
    spoken = language(ask.language)
    address = Address(**{subject.field: (subject.value,)})  # type: ignore[arg-type]
    found = find(site, address, spoken, limit=NEWEST)
    archive = site.archive()
    facets = found.results.facets
    near = archive.towns([ags for ags, _ in facets["town"][: NEIGHBOURS + 1]])
    labels: dict[str, dict[str, str]] = {
        "topics": {id: spoken.gettext(t.label) for id, t in archive.topics().items()},
        "states": {code: spoken.state(code) for code in STATES},
        "towns": {ags: place.name for ags, place in near.items()},
        "sources": archive.source_names(),
    }

    def neighbours(field: str, facet: str) -> list[Neighbour]:
        return [
            Neighbour(
                labels[field][value],
                count,
                f"/{PATHS[field]}/{value}",
                address.toggled(field, value).url(),
            )
            for value, count in facets[facet]
            if value in labels[field] and value not in getattr(address, field)
        ][:NEIGHBOURS]

    return site.page(
        "dossier.html",
        ask,
        subject=subject,
        address=address,
        found=found,
        days=list(by_day(found.entries)),
        today=local(site.now()),
        bars=bars(found.results.months, spoken),
        move=_move(site, subject),
        topics=neighbours("topics", "topic"),
        states=neighbours("states", "state"),
        towns=neighbours("towns", "town"),
        sources=neighbours("sources", "source") if subject.field != "sources" else [],
        feed=feed_of(subject, address),
        town=town,
        source=source,
        country=country,
    )


def feed_of(subject: Subject, address: Address) -> str:
    """The address of the subject's Atom feed."""
    return f"{subject.path}.atom"


def _move(site: Site, subject: Subject) -> Move | None:
    facet = {"topics": "topic", "states": "state"}.get(subject.field)
    found = moves(site.search, local(site.now())) if facet else None
    return found[facet].get(subject.value) if found and facet else None
