"""The model card: how topics and Länder are given, and how often that is right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from datasette_config.model_card import Card, read_card
from datasette_config.site import Site
from datasette_config.web import N_, Ask, MissingPageError, Page


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table of figures, shares of 0 to 1."""

    label: str
    precision: float
    recall: float
    f1: float


#: What is told of a card's figures: (kind of text, facet, in words).
_LINES = (
    ("whole", "any_topic", N_("Gehört ein Text überhaupt ins Archiv?")),
    ("whole", "topics", N_("Themen, ganze Texte")),
    ("headlines", "topics", N_("Themen, nur Überschrift und Anriss")),
    ("whole", "states", N_("Länder und Bund, ganze Texte")),
    ("headlines", "states", N_("Länder und Bund, nur Überschrift und Anriss")),
)


def page(site: Site, ask: Ask) -> Page:
    """The card of the model in force; raises :class:`MissingPageError` where there is none."""
    card = read_card(site.config.models) if site.config.models else None
    if card is None:
        raise MissingPageError(N_("Über das Modell liegt hier nichts vor."))
    lines = [
        Line(label, figure["precision"], figure["recall"], figure["f1"])
        for register, facet, label in _LINES
        if (figure := _figure(card, register, facet))
    ]
    topics = _figure(card, "whole", "topics")
    return site.page("model.html", ask, card=card, lines=lines, topics=topics)


def _figure(card: Card, register: str, facet: str) -> dict[str, Any]:
    found: dict[str, Any] = card.figures.get(register, {}).get(facet, {})
    return found
