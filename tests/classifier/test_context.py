"""The second look: what speaks for a topic besides its words, and which topics are given."""

from __future__ import annotations

import numpy as np
import pytest

from classifier.context import SIGNS, Context, chosen, keywords_heard, logit, signs
from classifier.features import Row

THRESHOLDS = np.array([0.4, 0.4, 0.4, 0.4, 0.5])


@pytest.mark.parametrize(
    ("scores", "given"),
    [
        ([0.9, 0.5, 0.1, 0.1, 0.8], [0, 1]),
        ([0.9, 0.5, 0.1, 0.1, 0.4], []),  # nothing is given to what has no topic
        ([0.2, 0.3, 0.1, 0.1, 0.9], [1]),  # the likeliest, below its own threshold
        ([0.05, 0.1, 0.1, 0.1, 0.9], []),  # none is likely enough
        ([0.5, 0.9, 0.6, 0.7, 0.9], [1, 2, 3]),  # three at most, the likeliest ones
    ],
)
def test_which_topics_are_given(scores: list[float], given: list[int]) -> None:
    assert list(np.flatnonzero(chosen(np.array([scores]), THRESHOLDS)[0])) == given


def test_signs_see_the_others_and_not_the_topic_itself() -> None:
    scores = np.array([[0.7, 0.2, 0.1, 0.6]])
    found = signs(scores, np.array([[1.5, 2.5]]))[0]
    assert found.shape == (3, SIGNS)
    assert found[:, 0] == pytest.approx(logit(scores[0, :3]))
    assert found[:, 1] == pytest.approx([0.2, 0.7, 0.7])
    assert found[:, 2] == pytest.approx([0.1, 0.1, 0.2])
    assert found[:, 3] == pytest.approx(logit(np.full(3, 0.6)))
    others = [1 - 0.8 * 0.9, 1 - 0.3 * 0.9, 1 - 0.3 * 0.8]
    assert np.exp(found[:, 4]) == pytest.approx(others)
    assert found[:, 5:].tolist() == [[1.5, 2.5]] * 3


def test_signs_stay_finite_at_certainty() -> None:
    scores = np.array([[0.0] * 4, [1.0] * 4])
    assert np.isfinite(signs(scores, np.zeros((2, 2)))).all()


def test_an_empty_second_look_leaves_the_first_as_it_was() -> None:
    weights = np.zeros((3, SIGNS), dtype=np.float32)
    weights[:, 0] = 1.0
    context = Context(weights, np.zeros(3, dtype=np.float32))
    scores = np.array([[0.2, 0.7, 0.1, 0.9]])
    assert context.weigh(scores, np.zeros((1, 2)))[0] == pytest.approx(scores[0, :3])


def test_keywords_are_summed_for_the_headline_and_for_all() -> None:
    row = Row(np.array([1, 5, 9, 30], dtype=np.int32), np.array([0.5, 0.25, 1, 7], np.float32))
    assert keywords_heard(row, 10).tolist() == [0.5, 1.75]
