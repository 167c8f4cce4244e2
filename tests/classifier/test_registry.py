"""Which model answers: promoted, rolled back, trained when there is none, never lost."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from classifier import identity, models
from classifier.corpus import Example
from classifier.identity import features_id
from classifier.models import Model, ModelError
from classifier.registry import Registry, active_model

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)


def add(directory: Path, model: Model, model_id: str, **card: object) -> str:
    """A copy of the trained model under another id."""
    directory.mkdir(exist_ok=True)
    models.save(model, directory)
    saved = directory / f"{model.id}.json"
    if model_id != model.id:
        shutil.copy(saved.with_suffix(".npz"), directory / f"{model_id}.npz")
        told = json.loads(saved.read_text("utf-8")) | {"id": model_id} | card
        (directory / f"{model_id}.json").write_text(json.dumps(told), "utf-8")
    return model_id


def promote(registry: Registry, *ids: str) -> None:
    for model_id in ids:
        registry.promote(model_id, by="test", why="test", now=NOW)


def test_every_module_is_counted_to_answering_learning_or_using() -> None:
    """A module that none of the three lists names could change answers under an old id."""
    package = Path(identity.__file__).parent
    named = [*identity._ANSWERING, *identity._LEARNING, *identity._USING]
    assert sorted(named) == sorted(path.stem for path in package.glob("*.py"))


def test_last_promotion_is_in_force_and_survives(model: Model, tmp_path: Path) -> None:
    first, second = add(tmp_path, model, "a" * 12), add(tmp_path, model, "b" * 12)
    promote(Registry(tmp_path), first, second)
    current = Registry(tmp_path).current()
    assert current is not None
    assert (current.model_id, current.by, current.at) == (
        second,
        "test",
        "2026-03-10T09:00:00+00:00",
    )
    in_force = {entry.id: entry.in_force for entry in Registry(tmp_path).entries()}
    assert (in_force[first], in_force[second]) == (False, True)


def test_unknown_and_damaged_models_are_not_promoted(model: Model, tmp_path: Path) -> None:
    registry = Registry(tmp_path)
    add(tmp_path, model, "a" * 12)
    with pytest.raises(ModelError, match=r"no model 'nix' in .*there are: "):
        promote(registry, "nix")
    (tmp_path / f"{'a' * 12}.npz").write_bytes(b"other")
    with pytest.raises(ModelError, match="not those it was saved with"):
        promote(registry, "a" * 12)
    assert registry.promotions() == []


def test_rolling_back_goes_further_back_each_time(model: Model, tmp_path: Path) -> None:
    registry = Registry(tmp_path)
    ids = [add(tmp_path, model, letter * 12) for letter in "abc"]
    promote(registry, *ids)
    assert registry.roll_back(by="test", now=NOW).model_id == ids[1]
    assert registry.roll_back(by="test", now=NOW).model_id == ids[0]
    with pytest.raises(ModelError, match="before aaaaaaaaaaaa there is no model"):
        registry.roll_back(by="test", now=NOW)
    assert [promotion.model_id for promotion in registry.promotions()] == [*ids, ids[1], ids[0]]


def test_rolling_back_passes_over_what_this_program_cannot_use(
    model: Model, tmp_path: Path
) -> None:
    registry = Registry(tmp_path)
    ids = [add(tmp_path, model, letter * 12) for letter in "abc"]
    promote(registry, *ids)
    card = tmp_path / f"{ids[1]}.json"
    card.write_text(
        json.dumps(json.loads(card.read_text("utf-8")) | {"features": "0" * 12}), "utf-8"
    )
    assert registry.roll_back(by="test", now=NOW).model_id == ids[0]


def test_damaged_log_is_named(tmp_path: Path) -> None:
    (tmp_path / "promotions.jsonl").write_text("{}\n", "utf-8")
    with pytest.raises(ModelError, match=r"promotions.jsonl, line 1: .*remove the line"):
        Registry(tmp_path).current()


def test_a_log_that_is_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "promotions.jsonl").write_bytes(b"\xff\n")
    with pytest.raises(ModelError, match=r"promotions.jsonl, line 1: .*remove the line"):
        Registry(tmp_path).current()


@pytest.mark.parametrize("figures", [None, {}, {"whole": {"topics": {"f1": "x"}}}])
def test_cards_without_figures_are_named_when_listed(
    model: Model, tmp_path: Path, figures: object
) -> None:
    add(tmp_path, model, "a" * 12, cross_validation=figures)
    with pytest.raises(ModelError, match=f"{'a' * 12}.json: the card lacks its figures"):
        Registry(tmp_path).entries()


def test_a_model_without_arrays_is_listed_as_no_use(model: Model, tmp_path: Path) -> None:
    add(tmp_path, model, "a" * 12)
    (tmp_path / f"{'a' * 12}.npz").unlink()
    usable = {entry.id: entry.usable for entry in Registry(tmp_path).entries()}
    assert usable == {model.id: True, "a" * 12: False}


def test_model_in_force_is_used_as_it_is(
    model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    older = add(tmp_path, model, "a" * 12)
    promote(Registry(tmp_path), older)
    monkeypatch.setattr("classifier.training.train", lambda **_: pytest.fail("trained"))
    assert active_model(tmp_path, now=lambda: NOW).id == older


def test_first_use_and_a_new_program_train(
    model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Sequence[Example]] = []

    def train(corrections: Sequence[Example]) -> Model:
        asked.append(corrections)
        return model

    monkeypatch.setattr("classifier.training.train", train)
    assert active_model(tmp_path, now=lambda: NOW).id == model.id
    monkeypatch.setattr("classifier.registry.expected_id", lambda: "0" * 12)
    assert active_model(tmp_path, now=lambda: NOW, corrections=list).id == model.id
    assert [list(corrections) for corrections in asked] == [[], []]
    assert [p.why for p in Registry(tmp_path).promotions()] == [
        "first model", "the program or its training texts changed",
    ]  # fmt: skip
    assert model.card["features"] == features_id()
