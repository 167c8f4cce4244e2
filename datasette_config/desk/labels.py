"""The labels of an item as a form offers them: what it carries, what came close, the rest."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from datasette_config.desk.visit import Visit
from store.types import EDITOR, STATES, Tag


@dataclass(frozen=True, slots=True)
class Label:
    """One label that may be given."""

    id: str
    name: str
    given: bool
    #: the model's probability, or None where it said nothing of it
    score: float | None = None
    #: the words that moved the model
    evidence: tuple[str, ...] = ()
    by_editor: bool = False
    description: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """The labels of one facet: near ones first, strongest first; the rest in their own order."""

    facet: str
    near: tuple[Label, ...]
    rest: tuple[Label, ...]

    @property
    def given(self) -> tuple[Label, ...]:
        """What the item carries."""
        return tuple(label for label in self.near if label.given)


def choices(visit: Visit, item_id: int) -> tuple[Choice, Choice]:
    """Topics and Länder to choose from."""
    newsroom = visit.newsroom
    tags = newsroom.tags(item_id)
    near = newsroom.tags(item_id, candidates=True)
    topics = {id: (label, about) for id, label, about in newsroom.topics()}
    states = {code: (visit.language.state(code), "") for code in STATES}
    return (
        _choice("topic", tags, near, topics),
        _choice("state", tags, near, states),
    )


def _choice(
    facet: str, tags: list[Tag], near: list[Tag], names: dict[str, tuple[str, str]]
) -> Choice:
    found = {
        tag.value: Label(
            tag.value,
            names.get(tag.value, (tag.value, ""))[0],
            given,
            None if tag.model_id == EDITOR else tag.score,
            tag.evidence,
            tag.model_id == EDITOR,
            names.get(tag.value, ("", ""))[1],
        )
        for given, group in ((False, near), (True, tags))
        for tag in group
        if tag.facet == facet
    }
    ordered = sorted(found.values(), key=lambda one: (not one.given, -(one.score or 1.0), one.name))
    rest = [
        Label(id, name, False, description=about)
        for id, (name, about) in names.items()
        if id not in found
    ]
    return Choice(facet, tuple(ordered), tuple(rest))


def picked(wanted: Collection[str], choice: Choice) -> tuple[str, ...]:
    """The labels of a form that there are, in the vocabulary's spelling."""
    known = {label.id for label in (*choice.near, *choice.rest)}
    return tuple(sorted(set(wanted) & known))
