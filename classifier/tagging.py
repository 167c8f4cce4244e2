"""Items in, their tags out: for the newsroom's items and for lines of JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Protocol

from classifier.models import Model
from classifier.texts import Prediction, Text, TextError, text_from
from store.types import Article, Tag, Tagging

#: Items classified at a time; results flow while memory stays flat.
_BATCH = 50


class TaggableItem(Protocol):
    """What tagging reads of a stored item."""

    @property
    def id(self) -> int: ...
    @property
    def article(self) -> Article: ...
    @property
    def content_hash(self) -> str: ...
    @property
    def publisher_land(self) -> str | None: ...


def text_of(article: Article, publisher_land: str | None) -> Text:
    """What the classifier reads of an article."""
    return Text(
        kicker=article.kicker,
        title=article.title,
        teaser=article.teaser,
        body=article.body,
        publisher_land=publisher_land,
        url=article.url,
    )


def _tags(
    topics: Mapping[str, float], states: Mapping[str, float], prediction: Prediction, model_id: str
) -> tuple[Tag, ...]:
    tags = [
        Tag(facet, value, score, model_id, prediction.evidence.get(value, ()))
        for facet, scores in (("topic", topics), ("state", states))
        for value, score in scores.items()
    ]
    return tuple(sorted(tags, key=lambda tag: (tag.facet != "topic", -tag.score, tag.value)))


def tag(items: Iterable[TaggableItem], model: Model) -> Iterator[Tagging]:
    """One tagging per item, in order: tags and candidates with their evidence."""
    remaining = iter(items)
    while batch := list(islice(remaining, _BATCH)):
        texts = [text_of(item.article, item.publisher_land) for item in batch]
        for item, found in zip(batch, model.classify(texts), strict=True):
            near = found.candidates
            yield Tagging(
                item_id=item.id,
                content_hash=item.content_hash,
                model_id=model.id,
                tags=_tags(found.topics, found.states, found, model.id),
                candidates=_tags(near["topics"], near["states"], found, model.id),
                review=found.review,
                places=found.places,
            )


def parse_record(line: str, number: int) -> dict[str, object]:
    """A line of JSON as a record. Raises ``TextError`` naming the line."""
    try:
        record = json.loads(line)
    except json.JSONDecodeError as error:
        raise TextError(f"line {number}: not JSON ({error}); mend or remove the line") from error
    if not isinstance(record, dict):
        raise TextError(f"line {number}: a JSON object is wanted; mend or remove the line")
    return record


def classify_lines(lines: Iterable[str], model: Model) -> Iterator[dict[str, object]]:
    """For every line of JSON one answer, in order; empty lines are passed over.

    Lines have any of ``id url publisher_land kicker title teaser summary body``; answers have
    ``id topics states review candidates`` and the ``evidence`` and ``places`` behind them. Raises
    ``TextError``, naming the line, when one cannot be read.
    """
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        record = parse_record(line, number)
        try:
            text = text_from(record)
        except TextError as error:
            raise TextError(f"line {number}: {error}") from error
        found = model.classify([text])[0]
        yield {
            "id": record.get("id"),
            "topics": found.topics,
            "states": found.states,
            "review": found.review,
            "candidates": found.candidates,
            "evidence": {label: list(words) for label, words in found.evidence.items()},
            "places": [
                {"ags": place.ags, "name": place.name, "land": place.land} for place in found.places
            ],
        }
