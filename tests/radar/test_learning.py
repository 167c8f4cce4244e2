"""Corrections are learnt from, held out and measured, and a model that is worse stays aside."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from classifier import models
from classifier.corpus import Example
from classifier.models import Model
from classifier.registry import Registry
from radar import learning
from radar.config import Config
from radar.crawling import open_newsroom, utc_now
from store.newsroom import Newsroom
from store.types import Article, Source

SITE = "https://stadt.example"
SOURCE = Source(
    id="stadt", name="Stadt", publisher="Stadt", homepage=f"{SITE}/", kind="feed",
    url=f"{SITE}/feed.xml", licence="official", display="full", relevance="all",
    schedule="adaptive", reference=f"{SITE}/", follow=False, land="DE-SH",
)  # fmt: skip


@pytest.fixture
def config(tmp_path: Path, model: Model) -> Config:
    config = Config(paths_data=tmp_path / "data")
    models.save(model, config.models)
    Registry(config.models).promote(model.id, by="test", why="first", now=utc_now())
    return config


@pytest.fixture(autouse=True)
def frozen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A part of the frozen set: the whole takes seconds."""
    lines = learning.FROZEN.read_text("utf-8").splitlines()[::6]
    part = tmp_path / "frozen.jsonl"
    part.write_text("\n".join(lines), "utf-8")
    monkeypatch.setattr(learning, "FROZEN", part)


@pytest.fixture
def newsroom(config: Config) -> Iterator[Newsroom]:
    with open_newsroom(config) as opened:
        opened.set_sources([SOURCE])
        yield opened


def corrected(newsroom: Newsroom, number: int, topics: Sequence[str] = ("bauen",)) -> None:
    """So many items, whose topics an editor decided."""
    for at in range(number):
        teaser = f"Die Bauaufsicht nimmt Plan {at} allein über das Portal an."
        url = f"{SITE}/{at}"
        newsroom.save(
            Article("stadt", url, "press_release", f"Antrag {at}", utc_now(), teaser=teaser)
        )
        item = newsroom.item_by_url(url)
        assert item is not None
        newsroom.correct(item.id, "topic", list(topics), editor="anna", expected=[])


def variant(model: Model, letter: str, least: float | None = None) -> Model:
    """The model under another id; with ``least``, it gives no topic below this probability."""
    topics = model.topics
    if least is not None:
        topics = replace(topics, thresholds=np.full_like(topics.thresholds, least))
    return replace(model, id=letter * 12, topics=topics, card={**model.card, "id": letter * 12})


def trained_as(monkeypatch: pytest.MonkeyPatch, made: Model) -> list[Sequence[Example]]:
    """What training is given, and that it makes ``made`` of it."""
    asked: list[Sequence[Example]] = []

    def train(corrections: Sequence[Example] = ()) -> Model:
        asked.append(corrections)
        return made

    monkeypatch.setattr("classifier.training.train", train)
    return asked


def in_force(config: Config) -> str | None:
    current = Registry(config.models).current()
    return current.model_id if current else None


def test_a_fifth_of_the_corrections_measures_and_the_others_are_learnt(newsroom: Newsroom) -> None:
    corrected(newsroom, 60)
    learnt, held_out = learning.examples_of(newsroom), learning.held_out_of(newsroom)
    assert len(learnt) + len(held_out) == 60
    assert 5 <= len(held_out) <= 20
    assert not {one.id for one in learnt} & {one.id for one in held_out}
    assert {one.topics for one in learnt} == {frozenset({"bauen"})}
    assert learnt[0].text.publisher_land == "DE-SH"


def test_of_two_editors_the_later_word_is_learnt_and_only_what_was_decided(
    newsroom: Newsroom,
) -> None:
    corrected(newsroom, 3)
    item = newsroom.item_by_url(f"{SITE}/0")
    assert item is not None
    first = item.id
    newsroom.correct(first, "topic", ["ozg"], editor="bert", expected=["bauen"])
    newsroom.save(
        Article("stadt", f"{SITE}/x", "press_release", "Unberührt", utc_now(), teaser="x")
    )
    learnt = {one.id: one.topics for one in learning.examples_of(newsroom)}
    learnt |= {one.id: one.topics for one in learning.held_out_of(newsroom)}
    assert learnt[f"item-{first}"] == frozenset({"ozg"})
    assert len(learnt) == 3


def test_one_that_is_not_worse_comes_into_force_and_can_be_rolled_back(
    config: Config, newsroom: Newsroom, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    corrected(newsroom, 8)
    asked = trained_as(monkeypatch, variant(model, "b"))
    told = learning.train_again(config, newsroom, by="test", now=utc_now)
    assert [len(corrections) for corrections in asked] == [told.corrections]
    assert told.corrections + told.held_out == 8
    assert told.promotion is not None
    assert told.verdict == f"{'b' * 12} is in force now, {model.id} can be rolled back to"
    assert [one.name for one in told.comparisons] == ["frozen"]
    assert not told.comparisons[0].changes
    assert in_force(config) == "b" * 12
    Registry(config.models).roll_back(by="test", now=utc_now())
    assert in_force(config) == model.id
    measured = json.loads((config.models / "measured" / f"{'b' * 12}.json").read_text("utf-8"))
    assert measured["topics"]["micro"]["f1"] > 0.7


def test_one_that_is_worse_is_kept_aside_and_says_at_what(
    config: Config, newsroom: Newsroom, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    trained_as(monkeypatch, variant(model, "c", least=1.1))
    told = learning.train_again(config, newsroom, by="test", now=utc_now)
    assert told.promotion is None
    assert "kept aside: worse at topics on frozen" in told.verdict
    assert in_force(config) == model.id
    changes = told.comparisons[0].changes
    assert sum(change.lost for change in changes.values()) > 5
    assert sum(change.found + change.spoilt for change in changes.values()) == 0
    assert (config.models / f"{'c' * 12}.npz").exists()


def test_enough_corrections_held_out_are_measured_too(
    config: Config, newsroom: Newsroom, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(learning, "LEAST", 5)
    corrected(newsroom, 60)
    trained_as(monkeypatch, variant(model, "d"))
    told = learning.train_again(config, newsroom, by="test", now=utc_now)
    assert [one.name for one in told.comparisons] == ["frozen", "corrections"]
    assert told.comparisons[1].new.items == told.held_out


def test_nothing_new_to_learn_is_said(
    config: Config, newsroom: Newsroom, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    trained_as(monkeypatch, model)
    told = learning.train_again(config, newsroom, by="test", now=utc_now)
    assert told.promotion is None
    assert told.verdict == f"nothing new to learn: {model.id} is in force already"


@pytest.mark.parametrize("damage", ["arrays", "card", "gone"])
def test_training_replaces_a_model_in_force_that_is_damaged_or_gone(
    config: Config, newsroom: Newsroom, model: Model, monkeypatch: pytest.MonkeyPatch, damage: str
) -> None:
    """Every message about a damaged model says "run 'radar train'": that has to help."""
    card = config.models / f"{model.id}.json"
    if damage == "arrays":
        card.with_suffix(".npz").write_bytes(b"x")
    elif damage == "card":
        card.write_bytes(b"\xff")
    else:
        card.unlink()
        card.with_suffix(".npz").unlink()
    with pytest.raises(models.ModelError, match="run 'radar train'"):
        learning.model_in_force(config, newsroom, utc_now)
    trained_as(monkeypatch, model)
    told = learning.train_again(config, newsroom, by="test", now=utc_now)
    assert "is in force now, compared with none: model " in told.verdict
    assert told.promotion is not None
    assert learning.model_in_force(config, newsroom, utc_now).id == model.id


def test_explaining_names_scores_words_and_what_editors_said(
    config: Config, newsroom: Newsroom
) -> None:
    corrected(newsroom, 1)
    told = learning.explain(config, newsroom, f"{SITE}/0", utc_now)
    (row,) = [row for row in told["topics"] if row["label"] == "bauen"]
    assert row["given"]
    assert row["score"] >= row["needed"]
    assert "Bauaufsicht" in row["words"]
    assert told["decided"] == {"topics": ("bauen",)}
    assert learning.explain(config, newsroom, str(told["id"]), utc_now) == told


@pytest.mark.parametrize("which", ["7", "9" * 30, "²", "", "-1", "https://"])
def test_no_such_item_is_said_in_one_line(config: Config, newsroom: Newsroom, which: str) -> None:
    with pytest.raises(learning.ExplainError, match="no such item; name the original's address"):
        learning.explain(config, newsroom, which, utc_now)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "holds no items"),
        (b"\n\n", "holds no items"),
        (b"\xff", "not UTF-8"),
        (b"[]", "line 1: a JSON object is wanted"),
        (b'{"title": "T", "topics": "ki"}', "line 1: topics must be a list of labels"),
        (
            b'{"title": "T", "topics": [["ki"]]}',
            r"line 1: topics holds unknown labels \[\['ki'\]\]",
        ),
        (b'{"title": "T", "states": ["NRW"]}', r"line 1: states holds unknown labels \['NRW'\]"),
    ],
)
def test_files_that_cannot_be_measured_on_say_why(
    tmp_path: Path, content: bytes, said: str
) -> None:
    file = tmp_path / "gold.jsonl"
    file.write_bytes(content)
    with pytest.raises(learning.EvaluationError, match=said):
        learning.read_file(file)
