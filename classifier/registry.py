"""Which model answers: the models in a folder, the one in force, and every change of that.

The last line of ``promotions.jsonl`` in the folder names the model in force; no line ever goes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from classifier.corpus import Example
from classifier.identity import expected_id, features_id
from classifier.models import FORMAT, Model, ModelError, load, save, write_whole

_LOG = "promotions.jsonl"


@dataclass(frozen=True, slots=True)
class Promotion:
    """A model came into force: which, when, by whose doing and why."""

    model_id: str
    #: ISO 8601, UTC
    at: str
    by: str
    why: str
    #: ``identity.expected_id`` of the program that was running
    program: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A model of the folder."""

    id: str
    card: dict[str, object]
    in_force: bool
    #: it can answer with the program as it is today
    usable: bool


class Registry:
    """The models of one folder. Nothing is cached: several processes may look at once."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def promotions(self) -> list[Promotion]:
        """Every promotion, oldest first. Raises ``ModelError`` on a damaged line."""
        path = self.directory / _LOG
        if not path.exists():
            return []
        found = []
        for number, line in enumerate(path.read_bytes().splitlines(), start=1):
            try:
                found.append(Promotion(**json.loads(line)))
            except (ValueError, TypeError) as error:
                raise ModelError(f"{path}, line {number}: {error}; remove the line") from error
        return found

    def current(self) -> Promotion | None:
        """The promotion in force; None before the first."""
        promotions = self.promotions()
        return promotions[-1] if promotions else None

    def entries(self) -> list[Entry]:
        """The models of the folder, in the order of their files' age, newest last."""
        current = self.current()
        found = []
        for path in sorted(self.directory.glob("*.json"), key=lambda path: path.stat().st_mtime_ns):
            try:
                card = json.loads(path.read_bytes())
            except ValueError:
                card = None
            if not isinstance(card, dict) or card.get("format") != FORMAT:
                raise ModelError(f"model {path}: not a model of this program; delete it")
            if not _tells_figures(card):
                raise ModelError(f"model {path}: the card lacks its figures; delete it")
            found.append(
                Entry(
                    id=path.stem,
                    card=card,
                    in_force=current is not None and current.model_id == path.stem,
                    usable=card.get("features") == features_id()
                    and path.with_suffix(".npz").exists(),
                )
            )
        return found

    def load(self, model_id: str) -> Model:
        """The model of that id. Raises ``ModelError`` if there is none, or none to trust."""
        path = self.directory / f"{model_id}.json"
        if not path.exists():
            known = ", ".join(entry.id for entry in self.entries()) or "none"
            raise ModelError(f"no model {model_id!r} in {self.directory}; there are: {known}")
        return load(path)

    def promote(self, model_id: str, *, by: str, why: str, now: datetime) -> Promotion:
        """Put a model in force. Raises ``ModelError`` if it could not answer."""
        self.load(model_id)
        told = Promotion(
            model_id=model_id,
            at=now.astimezone(UTC).isoformat(timespec="seconds"),
            by=by,
            why=why,
            program=expected_id(),
        )
        lines = [*self.promotions(), told]
        text = "".join(json.dumps(asdict(line), ensure_ascii=False) + "\n" for line in lines)
        write_whole(self.directory / _LOG, text.encode())
        return told

    def roll_back(self, *, by: str, now: datetime) -> Promotion:
        """Put the model in force that was so before the present one.

        Raises ``ModelError`` when there is none, or none that today's program can use.
        """
        promotions = self.promotions()
        if not promotions:
            raise ModelError(f"no model is in force in {self.directory}; run 'radar train'")
        present = promotions[-1].model_id
        # A step back from a step back goes further back, not forth again.
        before: list[str] = []
        for promotion in promotions:
            if promotion.model_id in before:
                before = before[: before.index(promotion.model_id)]
            before.append(promotion.model_id)
        usable = {entry.id for entry in self.entries() if entry.usable}
        for model_id in reversed(before[:-1]):
            if model_id in usable:
                return self.promote(model_id, by=by, why=f"rolled back from {present}", now=now)
        raise ModelError(
            f"before {present} there is no model in {self.directory} that this version of the "
            "program can use; 'radar models list' shows them"
        )


def _tells_figures(card: dict[str, object]) -> bool:
    """Whether a card holds what a list of models tells."""
    match card:
        case {
            "examples": int(),
            "corrections": int(),
            "cross_validation": {
                "whole": {"topics": {"f1": float()}, "states": {"f1": float()}},
            },
        }:
            return True
    return False


def active_model(
    directory: Path,
    *,
    now: Callable[[], datetime],
    corrections: Callable[[], Sequence[Example]] = lambda: (),
) -> Model:
    """The model in force; trained first if there is none, or none of today's program and texts.

    Corrections alone do not train anew: that is ``radar train``. Training takes seconds. Raises
    ``ModelError`` on a damaged file, ``CorpusError`` on a broken training text.
    """
    registry = Registry(directory)
    current = registry.current()
    if current is not None and current.program == expected_id():
        if not (directory / f"{current.model_id}.json").exists():
            raise ModelError(
                f"model {current.model_id} is in force, but not in {directory}; run 'radar train'"
            )
        return registry.load(current.model_id)
    from classifier.training import train  # imports scikit-learn

    model = train(corrections=corrections())
    save(model, directory)
    why = "first model" if current is None else "the program or its training texts changed"
    registry.promote(model.id, by="radar", why=why, now=now())
    return load(directory / f"{model.id}.json")
