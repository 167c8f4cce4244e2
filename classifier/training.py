"""Training: all the data of this package in, one model out; the same data give the same model."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Sequence
from dataclasses import astuple, replace

import numpy as np
import numpy.typing as npt
import sklearn
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from classifier.context import chosen
from classifier.corpus import Example, load_examples
from classifier.features import WordFeatures
from classifier.identity import expected_id, features_id
from classifier.models import (
    FORMAT,
    Doubt,
    Model,
    doubt_of_states,
    doubt_of_topics,
)
from classifier.state_columns import LANDS
from classifier.state_features import states_given
from classifier.states import fit_states
from classifier.texts import Text
from classifier.thresholds import make_folds
from classifier.topics import answers, fit_topics
from classifier.vocabulary import load_topics

#: Share of right labels among those given without review, on training texts the model had not
#: seen: the bars set for topics and Länder. Many of those texts were made to be hard: on the
#: evaluation set the shares are .96 and .97.
_SURE = {"topics": 0.92, "states": 0.95}

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


def headline_only(example: Example) -> Example:
    """The example as a feed often gives it: without kicker, body and publisher."""
    text = Text(title=example.text.title, teaser=example.text.teaser)
    return replace(example, text=text)


@threadpool_limits.wrap(limits=1)  # type: ignore[untyped-decorator]
def train(examples: Sequence[Example] | None = None, corrections: Sequence[Example] = ()) -> Model:
    """A model of the given examples, by default of all in ``data/examples``, and of what editors
    corrected.

    Every example is seen whole and as its headline alone, both in the same fold, so that scores
    are honest for either. One thread: on a busy machine more of them wait for each other, and the
    order of sums would change. The card names data, versions and the figures of cross-validation.
    """
    topics = load_topics()
    own = list(corrections)
    if examples is None:
        examples = load_examples([topic.id for topic in topics])
    else:
        own = [*examples, *own]
    identity = expected_id()
    if own:
        told = [(e.id, astuple(e.text), sorted(e.topics), sorted(e.states)) for e in own]
        identity = hashlib.sha256((identity + json.dumps(told)).encode()).hexdigest()[:12]
    examples = [*examples, *corrections]
    number = len(examples)
    folds = [
        (np.concatenate([train, train + number]), np.concatenate([test, test + number]))
        for train, test in make_folds(answers(examples, topics))
    ]
    examples = [*examples, *(headline_only(example) for example in examples)]
    wanted = answers(examples, topics)
    words = WordFeatures.learn(topics, [example.text.cleaned() for example in examples[:number]])
    fitted = fit_topics(examples, topics, words, folds)
    states, likely_states = fit_states(examples, folds, fitted.likely[:, -1])

    likely_topics, wanted = fitted.likely[:, :-1], wanted[:, :-1]
    thresholds = fitted.words.thresholds[:-1].astype(np.float64)
    given = chosen(likely_topics, thresholds)
    given_states = states_given(
        likely_states, float(states.lands.thresholds[0]), float(states.bund.thresholds[0])
    )
    wanted_states = np.array([[code in e.states for code in (*LANDS, "bund")] for e in examples])
    doubts = np.array([doubt_of_topics(*pair) for pair in zip(likely_topics, given, strict=True)])
    doubts_states = np.array([doubt_of_states(row) for row in likely_states])
    doubt = Doubt(
        topics=_doubt_limit(doubts, given, wanted[:, :-1], _SURE["topics"]),
        states=_doubt_limit(doubts_states, given_states, wanted_states, _SURE["states"]),
    )
    review = (doubts > doubt.topics) | (doubts_states > doubt.states)

    def figures_of(rows: slice) -> dict[str, object]:
        sure = ~review[rows]
        topics_given, topics_wanted = given[rows], wanted[rows, :-1]
        states_given, states_wanted = given_states[rows], wanted_states[rows]
        return {
            "topics": _figures(topics_given, topics_wanted),
            "any_topic": _figures(likely_topics[rows, -1:] >= thresholds[-1], wanted[rows, -1:]),
            "states": _figures(states_given, states_wanted),
            "share_without_review": round(float(sure.mean()), 4),
            "topics_without_review": _figures(topics_given[sure], topics_wanted[sure]),
            "states_without_review": _figures(states_given[sure], states_wanted[sure]),
        }

    card: dict[str, object] = {
        "format": FORMAT,
        "id": identity,
        "topics": [topic.id for topic in topics],
        "features": features_id(),
        "program": expected_id(),
        "examples": number - len(corrections),
        "corrections": len(corrections),
        "doubt": {"topics": doubt.topics, "states": doubt.states},
        # Five folds; "headlines" are the same items with title and teaser alone, no publisher.
        "cross_validation": {
            "whole": figures_of(slice(None, number)),
            "headlines": figures_of(slice(number, None)),
        },
        "versions": {
            "python": platform.python_version(),
            "numpy": np.__version__,
            "scikit-learn": sklearn.__version__,
        },
    }
    return Model(
        identity, words, fitted.words, fitted.context, fitted.relevance,
        states.lands, states.bund, doubt, card,
    )  # fmt: skip
