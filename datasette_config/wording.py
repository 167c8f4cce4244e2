"""A search put into words: the names of its filters, one by one and as a title."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from datasette_config.addresses import FILTERS, Address
from datasette_config.archive import Archive
from datasette_config.formats import KIND_LABELS, day, kind_label, listed
from store.types import STATES

#: Heading of each filter.
TITLES: Final = {"topics": "Thema", "states": "Land", "sources": "Quelle", "kinds": "Art"}

#: Label of each value of each filter.
Names = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Chip:
    """An active filter, and the search without it."""

    kind: str
    label: str
    without: Address


def names_in(archive: Archive) -> Names:
    """What the values of the filters are called."""
    return {
        "topics": {topic.id: topic.label for topic in archive.topics().values()},
        "states": STATES,
        "sources": archive.source_names(),
        "kinds": {kind: many for kind, (_, many) in KIND_LABELS.items()},
    }


def chips(address: Address, names: Names) -> list[Chip]:
    """Every active filter in the order of the search page."""
    found: list[Chip] = []
    for field in FILTERS.values():
        for value in getattr(address, field):
            label = kind_label(value) if field == "kinds" else names[field].get(value, value)
            found.append(Chip(TITLES[field], label, address.toggled(field, value)))
    if address.since or address.until:
        found.append(Chip("Zeitraum", period(address), address.in_period(None, None)))
    return found


def period(address: Address) -> str:
    """``1. März 2026 bis 31. März 2026``, ``ab …``, ``bis …``, one day, or nothing."""
    since, until = address.since, address.until
    if since and until:
        return day(since) if since == until else f"{day(since)} bis {day(until)}"
    if since:
        return f"ab {day(since)}"
    return f"bis {day(until)}" if until else ""


def describe(address: Address, names: Names) -> str:
    """The search as a title: ``„Breitband“, Hessen``; empty for the whole archive."""
    words = [f"„{address.text}“"] if address.text else []
    return ", ".join([*words, *(chip.label for chip in chips(address, names))])


def also_at(sources: Sequence[str]) -> str:
    """``auch bei A``, ``auch bei A und B``, ``auch bei A und 3 weiteren``; empty for nobody."""
    if not sources:
        return ""
    if len(sources) <= 2:
        return f"auch bei {listed(list(sources))}"
    return f"auch bei {sources[0]} und {len(sources) - 1} weiteren"
