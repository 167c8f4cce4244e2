"""The vocabulary is the codebook's; the training texts keep to it."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from classifier.corpus import REGISTERS, CorpusError, load_examples, read_examples
from classifier.vocabulary import VocabularyError, load_topics, read_topics
from store.types import STATES

SHARED = Path(__file__).resolve().parents[2].parent / "shared"
IDS = [topic.id for topic in load_topics()]
GOOD = {
    "id": "x-1", "kicker": None, "title": "T", "teaser": "S", "body": None, "topics": ["ozg"],
    "states": ["DE-BY"], "publisher_land": None, "register": "trade",
}  # fmt: skip


def test_topics_are_those_of_the_codebook() -> None:
    codebook = SHARED / "CODEBOOK.md"
    if not codebook.exists():
        pytest.skip("the codebook is not beside this checkout")
    rows = re.findall(r"^\| `([\w-]+)` \| ([^|]+?) \|", codebook.read_text("utf-8"), re.MULTILINE)
    assert [(topic.id, topic.label) for topic in load_topics()] == rows


def test_every_topic_can_start_cold() -> None:
    for topic in load_topics():
        assert len(topic.keywords) >= 20, topic.id
        assert topic.description.endswith("."), topic.id
        patterns = topic.keywords + topic.hints
        assert all(p == p.lower() and p.strip() == p for p in patterns), topic.id


def test_examples_cover_topics_and_states() -> None:
    examples = load_examples(IDS)
    topics = Counter(topic for example in examples for topic in example.topics)
    states = Counter(state for example in examples for state in example.states)
    assert set(topics) == set(IDS)
    assert set(states) == set(STATES)
    assert {example.register for example in examples} == set(REGISTERS)
    assert len(examples) >= 1000
    assert sum(bool(example.text.body) for example in examples) >= 1000 / 3
    assert sum(not example.topics for example in examples) >= 250
    assert min(topics.values()) >= 45
    assert min(states.values()) >= 30


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"topics": ["ozgg"]}, "line 1: unknown topic"),
        ({"states": ["DE-XX"]}, "line 1: unknown state"),
        ({"register": "blog"}, "line 1: unknown register"),
        ({"publisher_land": "Bayern"}, "line 1: unknown publisher_land"),
        ({"title": 3}, "line 1"),
        ({"topics": IDS[:4]}, "more than three topics"),
    ],
)
def test_a_broken_example_is_named(tmp_path: Path, change: dict[str, object], said: str) -> None:
    path = tmp_path / "some.jsonl"
    path.write_text(json.dumps(GOOD | change) + "\n", encoding="utf-8")
    with pytest.raises(CorpusError, match=said):
        read_examples(path, IDS)


def test_broken_json_and_repeated_ids_are_named(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(json.dumps(GOOD) + "\n\n" + json.dumps(GOOD), "utf-8")
    with pytest.raises(CorpusError, match=r"id .x-1. stands in a\.jsonl too"):
        load_examples(IDS, tmp_path)
    (tmp_path / "a.jsonl").write_text('{"id": ', "utf-8")
    with pytest.raises(CorpusError, match=r"a\.jsonl, line 1"):
        load_examples(IDS, tmp_path)


def test_a_broken_vocabulary_is_named(tmp_path: Path) -> None:
    path = tmp_path / "topics.toml"
    entry = '[[topic]]\nid="a"\nlabel="A"\ndescription="D."\nkeywords=[]\nhints=[]\n'
    path.write_text(entry + entry, "utf-8")
    with pytest.raises(VocabularyError, match="topic ids occur twice: a"):
        read_topics(path)
    path.write_text('[[topic]]\nid="a"\n', "utf-8")
    with pytest.raises(VocabularyError, match="label"):
        read_topics(path)
