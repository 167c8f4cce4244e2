"""Items and lines go in, tags come out, in order, with their reasons."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from classifier.models import Model
from classifier.tagging import classify_lines, tag
from classifier.texts import TextError
from store.types import Article


@dataclass(frozen=True)
class Item:
    id: int
    article: Article
    content_hash: str
    publisher_land: str | None


def item(number: int, title: str, teaser: str, land: str | None = None) -> Item:
    article = Article(
        source_id="s", url=f"https://www.stadt.example/{number}", kind="article", title=title,
        teaser=teaser, fetched_at=datetime(2026, 11, 22, tzinfo=UTC),
    )  # fmt: skip
    return Item(number, article, article.content_hash(), land)


def test_items_become_taggings_in_order(model: Model) -> None:
    items = [
        item(7, "Chatbot der Stadt Bonn", "Das Sprachmodell der Stadt beantwortet Fragen."),
        item(3, "Freibad öffnet", "Das Becken ist gefüllt, die Wiese gemäht.", "DE-HE"),
    ] * 30
    taggings = list(tag(items, model))
    assert [tagging.item_id for tagging in taggings] == [7, 3] * 30
    first, second = taggings[:2]
    assert first.content_hash == items[0].content_hash
    values = {tag_.value: tag_ for tag_ in first.tags}
    assert values["ki"].facet == "topic"
    assert values["DE-NW"].facet == "state"
    assert "Chatbot" in values["ki"].evidence
    assert "Bonn" in values["DE-NW"].evidence
    assert [tag_.value for tag_ in second.tags] == ["DE-HE"]
    for tagging in taggings:
        assert all(tag_.model_id == model.id for tag_ in (*tagging.tags, *tagging.candidates))
        facets = [tag_.facet for tag_ in tagging.tags]
        assert facets == sorted(facets, reverse=True)


def test_one_answer_per_line(model: Model) -> None:
    lines = [
        json.dumps({"id": "a", "title": "Glasfaser für den Landkreis Gotha", "body": None}),
        json.dumps({"id": 2}),
        json.dumps({"title": "Weinfest in Mainz beginnt", "unknown": [1]}),
    ]
    answers = list(classify_lines(lines, model))
    assert [answer["id"] for answer in answers] == ["a", 2, None]
    for answer in answers:
        assert {"id", "topics", "states", "review", "candidates"} <= set(answer)
        json.dumps(answer)
    assert answers[0]["states"] == answers[0]["states"] | {}
    assert "DE-TH" in answers[0]["states"]  # type: ignore[operator]
    assert answers[0]["places"] == [{"ags": "16067", "name": "Gotha", "land": "DE-TH"}]
    assert (answers[1]["topics"], answers[1]["states"], answers[1]["review"]) == ({}, {}, True)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{]", "line 2: not JSON"),
        ("[1]", "line 2: a JSON object"),
        ('{"body": 1}', "line 2: .*body"),
    ],
)
def test_a_broken_line_is_named(model: Model, line: str, said: str) -> None:
    with pytest.raises(TextError, match=said):
        list(classify_lines(['{"title": "Gut"}', line], model))
