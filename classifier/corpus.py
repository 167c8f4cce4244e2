"""The training texts: reading and checking ``data/examples/*.jsonl``."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from classifier.texts import Text, TextError, text_from
from store.errors import RadarError
from store.types import STATES

EXAMPLES_DIR = Path(__file__).with_name("data") / "examples"
#: Who would have written it: the trade press, a press office, an association, a local paper.
REGISTERS = ("trade", "office", "association", "local")


class CorpusError(RadarError):
    """A training text that cannot be used; the message names file, line and mend."""


@dataclass(frozen=True, slots=True)
class Example:
    """One text with the labels a person gave it by the codebook."""

    id: str
    text: Text
    topics: frozenset[str]
    states: frozenset[str]
    register: str
    #: stem of the file it stands in
    origin: str


def read_examples(path: Path, topic_ids: Collection[str]) -> list[Example]:
    """The examples of one file. Raises ``CorpusError`` on the first line that breaks the format."""
    examples = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        where = f"{path.name}, line {number}"
        try:
            record = json.loads(line)
            example = Example(
                id=record["id"],
                text=text_from(record),
                topics=frozenset(record["topics"]),
                states=frozenset(record["states"]),
                register=record["register"],
                origin=path.stem,
            )
        except (json.JSONDecodeError, KeyError, TypeError, TextError) as error:
            raise CorpusError(f"{where}: {error!r}; mend or remove the line") from error
        for kind, unknown in (
            ("topic", example.topics - set(topic_ids)),
            ("state", example.states - STATES.keys()),
            ("register", {example.register} - set(REGISTERS)),
            ("publisher_land", {example.text.publisher_land} - {None, *STATES}),
        ):
            if unknown:
                raise CorpusError(f"{where}: unknown {kind} {unknown}; see the codebook")
        if len(example.topics) > 3:
            raise CorpusError(f"{where}: more than three topics; keep the three it is about")
        examples.append(example)
    return examples


def load_examples(topic_ids: Collection[str], directory: Path = EXAMPLES_DIR) -> list[Example]:
    """All examples of a directory, by file name and line. Raises ``CorpusError``, also on a
    repeated id."""
    examples: list[Example] = []
    seen: dict[str, str] = {}
    for path in sorted(directory.glob("*.jsonl")):
        for example in read_examples(path, topic_ids):
            if example.id in seen:
                raise CorpusError(
                    f"{path.name}: id {example.id!r} stands in {seen[example.id]} too; rename one"
                )
            seen[example.id] = path.name
            examples.append(example)
    return examples
