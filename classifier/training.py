"""Training: all the data of this package in, one model out; the same data give the same model."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import sklearn

from classifier.corpus import Example, load_examples
from classifier.features import WordFeatures
from classifier.models import FORMAT, Doubt, Model, doubt_of_states, doubt_of_topics, expected_id
from classifier.state_features import LANDS
from classifier.states import fit_states
from classifier.thresholds import make_folds
from classifier.topics import answers, fit_topics
from classifier.vocabulary import load_topics

#: Share of right labels among those given without review, on texts the model had not seen.
_SURE = {"topics": 0.93, "states": 0.97}

Doubles = npt.NDArray[np.float64]
Truth = npt.NDArray[np.bool_]


def _doubt_limit(doubts: Doubles, given: Truth, truth: Truth, sure: float) -> float:
    """The highest doubt up to which the labels given are right in ``sure`` of cases."""
    order = np.argsort(doubts, kind="stable")
    right = np.cumsum((given & truth).sum(axis=1)[order])
    all_given = np.cumsum(given.sum(axis=1)[order])
    enough = np.flatnonzero(right >= sure * np.maximum(all_given, 1))
    limit = float(doubts[order[enough[-1]]]) if len(enough) else 0.0
    # Below 0.2 hardly a text is left, and above 0.9 a coin's toss would count as an answer.
    return float(np.clip(limit, 0.2, 0.9))


def _figures(given: Truth, truth: Truth) -> dict[str, float]:
    right = int((given & truth).sum())
    return {
        "precision": round(right / max(int(given.sum()), 1), 4),
        "recall": round(right / max(int(truth.sum()), 1), 4),
        "f1": round(2 * right / max(int(given.sum() + truth.sum()), 1), 4),
    }


def train(examples: Sequence[Example] | None = None) -> Model:
    """A model of the given examples, by default of all in ``data/examples``.

    Its card names the data, the versions and the figures of five-fold cross-validation.
    """
    topics = load_topics()
    identity = expected_id()
    if examples is None:
        examples = load_examples([topic.id for topic in topics])
    else:
        own = "\n".join(f"{example!r}" for example in examples)
        identity = hashlib.sha256((identity + own).encode()).hexdigest()[:12]
    wanted = answers(examples, topics)
    folds = make_folds(wanted)
    words = WordFeatures.learn(topics, [example.text.cleaned() for example in examples])
    topic_model, likely_topics = fit_topics(examples, topics, words, folds)
    states, likely_states = fit_states(examples, folds)

    thresholds = topic_model.thresholds
    given = (likely_topics[:, :-1] >= thresholds[:-1]) & (likely_topics[:, -1:] >= thresholds[-1])
    limits = np.array([states.lands.thresholds[0]] * len(LANDS) + [states.bund.thresholds[0]])
    given_states = likely_states >= limits
    wanted_states = np.array([[code in e.states for code in (*LANDS, "bund")] for e in examples])
    doubts = np.array([doubt_of_topics(row, thresholds) for row in likely_topics])
    doubts_states = np.array([doubt_of_states(row) for row in likely_states])
    doubt = Doubt(
        topics=_doubt_limit(doubts, given, wanted[:, :-1], _SURE["topics"]),
        states=_doubt_limit(doubts_states, given_states, wanted_states, _SURE["states"]),
    )
    review = (doubts > doubt.topics) | (doubts_states > doubt.states)
    card: dict[str, object] = {
        "format": FORMAT,
        "id": identity,
        "topics": [topic.id for topic in topics],
        "examples": len(examples),
        "doubt": {"topics": doubt.topics, "states": doubt.states},
        "cross_validation": {
            "folds": len(folds),
            "topics": _figures(given, wanted[:, :-1]),
            "any_topic": _figures(likely_topics[:, -1:] >= thresholds[-1], wanted[:, -1:]),
            "states": _figures(given_states, wanted_states),
            "share_without_review": round(float((~review).mean()), 4),
            "topics_without_review": _figures(given[~review], wanted[~review, :-1]),
            "states_without_review": _figures(given_states[~review], wanted_states[~review]),
        },
        "versions": {
            "python": platform.python_version(),
            "numpy": np.__version__,
            "scikit-learn": sklearn.__version__,
        },
    }
    return Model(identity, words, topic_model, states.lands, states.bund, doubt, card)
