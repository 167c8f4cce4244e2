"""A search put into words: the names of its filters, one by one and as a title."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from datasette_config.addresses import FILTERS, Address
from datasette_config.archive import Archive
from datasette_config.language import Language
from datasette_config.web import N_
from store.types import KINDS, STATES

#: Heading of each filter.
TITLES: Final = {
    "topics": N_("Thema"),
    "states": N_("Land"),
    "towns": N_("Ort"),
    "sources": N_("Quelle"),
    "kinds": N_("Art"),
    "licences": N_("Rechte"),
}
#: What a source's legal status (``Source.licence``) is called.
LICENCES: Final = {
    "official": N_("Amtlich"),
    "association": N_("Verband"),
    "press": N_("Presse"),
}
#: The vocabulary's own labels, so that the catalogues know them; the labels themselves are data.
TOPIC_LABELS: Final = (
    N_("OZG & Online-Dienste"), N_("Smart City & Region"), N_("IT-Sicherheit"),
    N_("KI & Automatisierung"), N_("E-Akte & Prozesse"), N_("IT-Infrastruktur & Cloud"),
    N_("Breitband & Mobilfunk"), N_("Open Data & Geodaten"), N_("Finanzen & Vergabe"),
    N_("Schule & Bildung"), N_("Bürgerdialog & Beteiligung"), N_("Strategie & Politik"),
    N_("Register & Identität"), N_("Soziales & Gesundheit"), N_("Mobilität, Energie & Umwelt"),
    N_("Personal & Organisation"), N_("Bauen & Planen"),
)  # fmt: skip
_KINDS: Final = (
    N_("Artikel"), N_("Pressemitteilungen"), N_("Interviews"), N_("Berichte"), N_("Studien"),
    N_("Videos"), N_("Veranstaltungen"), N_("Hinweise"),
)  # fmt: skip

#: Label of each value of each filter.
Names = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Chip:
    """An active filter, and the search without it."""

    kind: str
    label: str
    without: Address


def names_in(archive: Archive, spoken: Language, towns: Sequence[str] = ()) -> Names:
    """What the values of the filters are called; of towns only those asked for."""
    sources = archive.sources().values()
    return {
        "topics": {topic.id: spoken.gettext(topic.label) for topic in archive.topics().values()},
        "states": {code: spoken.state(code) for code in STATES},
        "towns": {ags: town.name for ags, town in archive.towns(towns).items()},
        "sources": {source.id: source.name for source in sources},
        "kinds": {kind: spoken.gettext(many) for kind, many in zip(KINDS, _KINDS, strict=True)},
        "licences": {
            source.licence: spoken.gettext(LICENCES.get(source.licence, source.licence))
            for source in sources
        },
    }


def chips(address: Address, names: Names, spoken: Language) -> list[Chip]:
    """Every active filter in the order of the search page."""
    found: list[Chip] = []
    for field in FILTERS.values():
        for value in getattr(address, field):
            label = spoken.kind(value) if field == "kinds" else names[field].get(value, value)
            title = spoken.gettext(TITLES[field])
            found.append(Chip(title, label, address.toggled(field, value)))
    if address.since or address.until:
        without = address.in_period(None, None)
        found.append(Chip(spoken.gettext("Zeitraum"), period(address, spoken), without))
    return found


def period(address: Address, spoken: Language) -> str:
    """``1. März 2026 bis 31. März 2026``, ``ab …``, ``bis …``, one day, or nothing."""
    since, until = address.since, address.until
    if since and until:
        if since == until:
            return spoken.day(since)
        days = {"since": spoken.day(since), "until": spoken.day(until)}
        return spoken.gettext("%(since)s bis %(until)s", **days)
    if since:
        return spoken.gettext("ab %(day)s", day=spoken.day(since))
    return spoken.gettext("bis %(day)s", day=spoken.day(until)) if until else ""


def describe(address: Address, names: Names, spoken: Language) -> str:
    """The search as a title: ``„Breitband“, Hessen``; empty for the whole archive."""
    words = [f"„{address.text}“"] if address.text else []
    return ", ".join([*words, *(chip.label for chip in chips(address, names, spoken))])


def also_at(sources: Sequence[str], spoken: Language) -> str:
    """``auch bei A``, ``auch bei A und B``, ``auch bei A und 3 weiteren``; empty for nobody."""
    if not sources:
        return ""
    if len(sources) <= 2:
        return spoken.gettext("auch bei %(sources)s", sources=spoken.listed(list(sources)))
    return spoken.gettext(
        "auch bei %(source)s und %(number)s weiteren", source=sources[0], number=len(sources) - 1
    )
