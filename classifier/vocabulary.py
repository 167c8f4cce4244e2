"""The topics: what ``topics.toml`` says of each."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from store.errors import RadarError

TOPICS_FILE = Path(__file__).with_name("topics.toml")


class VocabularyError(RadarError):
    """``topics.toml`` cannot be used; the message names the file, the entry and the mend."""


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic of the codebook. Patterns of keywords and hints: see the head of topics.toml."""

    id: str
    label: str
    description: str
    keywords: tuple[str, ...]
    hints: tuple[str, ...] = ()


def read_topics(path: Path) -> tuple[Topic, ...]:
    """The topics of a file, in its order. Raises ``VocabularyError``."""
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8"))["topic"]
        topics = tuple(
            Topic(
                id=entry["id"],
                label=entry["label"],
                description=entry["description"],
                keywords=tuple(entry["keywords"]),
                hints=tuple(entry["hints"]),
            )
            for entry in entries
        )
    except (tomllib.TOMLDecodeError, KeyError) as error:
        raise VocabularyError(
            f"{path}: {error}; every [[topic]] needs id, label, description, keywords and hints"
        ) from error
    ids = [topic.id for topic in topics]
    if len(set(ids)) < len(ids):
        twice = sorted({name for name in ids if ids.count(name) > 1})
        raise VocabularyError(f"{path}: topic ids occur twice: {', '.join(twice)}; remove one each")
    return topics


@cache
def load_topics() -> tuple[Topic, ...]:
    """The project's topics, in the order of the site."""
    return read_topics(TOPICS_FILE)
