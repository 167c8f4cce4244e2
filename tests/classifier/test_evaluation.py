"""The figures are those a person gets by counting."""

from __future__ import annotations

import json

import numpy as np
import pytest

from classifier.evaluation import (
    GoldError,
    calibration_error,
    count,
    evaluate,
    figures,
    read_gold,
)
from classifier.models import Model
from classifier.vocabulary import load_topics

IDS = [topic.id for topic in load_topics()]


def test_counting_by_hand() -> None:
    given = [{"ki"}, {"ki", "ozg"}, set(), {"bauen"}]
    wanted = [{"ki"}, {"ozg"}, {"ki"}, {"bauen"}]
    none: list[set[str]] = [set()] * 4
    counts = count(given, wanted, none, ["ki", "ozg", "bauen"])
    overall = figures(counts.sum(axis=1))
    assert (overall.right, overall.given, overall.wanted) == (3, 4, 4)
    assert (overall.precision, overall.recall, overall.f1) == (0.75, 0.75, 0.75)
    ki = figures(counts[:, 0])
    assert (ki.precision, ki.recall, ki.f1) == (0.5, 0.5, 0.5)


def test_optional_labels_count_neither_way() -> None:
    labels = ["ki", "ozg"]
    for given in ({"ki"}, {"ki", "ozg"}):
        counts = count([given], [{"ki"}], [{"ozg"}], labels)
        assert figures(counts.sum(axis=1)).f1 == 1.0
    assert figures(count([set()], [{"ki"}], [{"ozg"}], labels).sum(axis=1)).recall == 0.0


def test_intervals_hold_the_figure_and_narrow_with_more_items() -> None:
    few = np.array([[1, 1, 1], [0, 1, 1]] * 5)
    many = np.array([[1, 1, 1], [0, 1, 1]] * 500)
    widths = []
    for counts in (few, many):
        found = figures(counts)
        low, high = found.f1_interval
        assert low <= found.f1 <= high
        widths.append(high - low)
    assert widths[1] < widths[0] / 5
    assert figures(few) == figures(few)


def test_nothing_to_find_and_nothing_found_is_perfect() -> None:
    assert figures(np.zeros((3, 3), dtype=np.int64)).f1 == 1.0
    assert figures(np.zeros((0, 3), dtype=np.int64)).f1 == 1.0


def test_calibration_error() -> None:
    truth = np.array([True] * 8 + [False] * 2)
    assert calibration_error(np.full(10, 0.8), truth) == pytest.approx(0.0)
    assert calibration_error(np.full(10, 0.3), truth) == pytest.approx(0.5)
    assert calibration_error(np.zeros(0), np.zeros(0, dtype=bool)) == 0.0


def test_a_whole_evaluation(model: Model) -> None:
    lines = [
        {"id": 1, "title": "Chatbot der Stadt Bonn", "summary": "Das Sprachmodell der Stadt Bonn "
         "beantwortet Fragen.", "topics": ["ki"], "states": ["DE-NW"], "topics_optional": ["ozg"]},
        {"id": 2, "title": "Weinfest in Mainz", "teaser": "Drei Tage Musik in Mainz am Rhein.",
         "topics": [], "states": ["DE-RP"], "states_optional": None},
    ]  # fmt: skip
    report = evaluate(model, read_gold((json.dumps(line) for line in lines), IDS), IDS)
    assert report.items == 2
    assert report.model_id == model.id
    assert report.states.micro.f1 == 1.0
    assert report.topics.labels["ki"].right == 1
    assert 0 <= report.topics.calibration_error <= 1


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "line 2: .*not JSON"),
        ('{"title": "T", "topics": ["kochen"]}', "line 2: topics holds unknown labels"),
        ('{"title": "T", "states": "DE-BY"}', "line 2: states must be a list of labels"),
        ('{"title": 5}', "line 2: .*'title'"),
    ],
)
def test_broken_gold_is_named(line: str, said: str) -> None:
    with pytest.raises(GoldError, match=said):
        read_gold(["", line], IDS)
