"""Reads what the classifier's folder says of the model in force, without loading the model."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from store.errors import RadarError


class CardError(RadarError):
    """A card that cannot be read; the message names the file and the mend."""


@dataclass(frozen=True, slots=True)
class Card:
    """The model that answers. ``figures``: kind of text → facet → precision, recall, f1."""

    id: str
    since: datetime
    examples: int
    corrections: int
    figures: Mapping[str, Mapping[str, Any]]
    #: share of whole texts that are answered without an editor's look
    sure: float | None


def read_card(folder: Path) -> Card | None:
    """The card of the model in force (``promotions.jsonl``, last line); None where there is none.

    Raises :class:`CardError`.
    """
    promotions = folder / "promotions.jsonl"
    if not promotions.is_file():
        return None
    path = promotions
    try:
        lines = promotions.read_text("utf-8").split("\n")
        # A last line without its end is being written just now.
        last = json.loads([line for line in lines[:-1] if line.strip()][-1])
        if not re.fullmatch(r"[0-9a-z_-]{1,64}", last["model_id"]):
            raise ValueError(f"model_id {last['model_id']!r}")
        path = folder / f"{last['model_id']}.json"
        card = json.loads(path.read_text("utf-8"))
        figures = card["cross_validation"]
        return Card(
            id=card["id"],
            since=datetime.fromisoformat(last["at"]),
            examples=int(card["examples"]),
            corrections=int(card["corrections"]),
            figures=figures,
            sure=figures.get("whole", {}).get("share_without_review"),
        )
    except (OSError, ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        raise CardError(f"{path}: is no model card ({error}); `radar train` makes one") from error
