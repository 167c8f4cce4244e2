"""What the classifier's folder tells of its models: their cards, and which came into force when.

Plain JSON, written by the classifier (``models.save``, ``registry.Registry``): read here without
loading a model.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from store.errors import RadarError

#: Kinds of texts that cross-validation measures, and what of each.
REGISTERS = ("whole", "headlines")
FACETS = ("topics", "states", "any_topic", "topics_without_review", "states_without_review")


class ModelFilesError(RadarError):
    """The models' folder cannot be read; the message names the file and the mend."""


@dataclass(frozen=True, slots=True)
class Promotion:
    """A model came into force."""

    model_id: str
    at: datetime
    by: str
    why: str


@dataclass(frozen=True, slots=True)
class Card:
    """What a model says of itself."""

    id: str
    made_at: datetime
    in_force: bool
    examples: int
    corrections: int
    #: precision, recall and f1 by register and facet
    figures: Mapping[str, Mapping[str, Mapping[str, float]]]
    #: share of texts that need no review, by register
    sure: Mapping[str, float]
    versions: Mapping[str, str]
    #: figures by facet and label on the frozen evaluation set, once it was held against another
    labels: Mapping[str, Mapping[str, Mapping[str, float]]] = field(default_factory=dict)

    def figure(self, register: str, facet: str, name: str = "f1") -> float | None:
        """One figure, or None where the card has none."""
        return self.figures.get(register, {}).get(facet, {}).get(name)


@dataclass(frozen=True, slots=True)
class Models:
    """Every model of the folder, newest first, and the promotions, newest first."""

    cards: tuple[Card, ...]
    promotions: tuple[Promotion, ...]

    def card(self, model_id: str) -> Card | None:
        """The card of that model, if it is still there."""
        return next((card for card in self.cards if card.id == model_id), None)

    @property
    def in_force(self) -> Card | None:
        """The model that answers."""
        return next((card for card in self.cards if card.in_force), None)


def read_models(folder: Path) -> Models:
    """What the folder holds; nothing where there is none. Raises :class:`ModelFilesError`."""
    promotions = _promotions(folder / "promotions.jsonl")
    current = promotions[0].model_id if promotions else None
    cards = []
    for path in folder.glob("*.json"):
        try:
            card = json.loads(path.read_bytes())
            measured = folder / "measured" / path.name
            report = json.loads(measured.read_bytes()) if measured.is_file() else {}
            made = datetime.fromtimestamp(path.stat().st_mtime).astimezone()
            cards.append(_make_card(path.stem, card, report, made, path.stem == current))
        except (ValueError, KeyError, TypeError, OSError) as error:
            raise ModelFilesError(f"{path}: not a model's card ({error}); delete it") from error
    cards.sort(key=lambda card: card.made_at, reverse=True)
    return Models(tuple(cards), tuple(promotions))


def _promotions(path: Path) -> list[Promotion]:
    if not path.exists():
        return []
    found = []
    for number, row in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            told = json.loads(row)
            found.append(
                Promotion(
                    told["model_id"], datetime.fromisoformat(told["at"]), told["by"], told["why"]
                )
            )
        except (ValueError, KeyError, TypeError) as error:
            raise ModelFilesError(f"{path}, line {number}: {error}; remove the line") from error
    return found[::-1]


def _make_card(
    model_id: str,
    card: Mapping[str, Any],
    report: Mapping[str, Any],
    made: datetime,
    in_force: bool,
) -> Card:
    measured = card["cross_validation"]
    return Card(
        id=model_id,
        made_at=made,
        in_force=in_force,
        examples=int(card["examples"]),
        corrections=int(card["corrections"]),
        figures={
            register: {
                facet: figures[facet] for facet in FACETS if isinstance(figures.get(facet), dict)
            }
            for register, figures in measured.items()
        },
        sure={
            register: float(figures["share_without_review"])
            for register, figures in measured.items()
            if "share_without_review" in figures
        },
        versions=dict(card.get("versions", {})),
        labels={facet: report[facet]["labels"] for facet in ("topics", "states") if report},
    )
