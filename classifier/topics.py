"""The words model: a calibrated yes or no per topic, for any topic at all, and for the federation;
and the second look, in which a topic is weighed against the others.

The only module besides ``states`` and ``thresholds`` that needs scikit-learn, and only to train.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import ComplementNB
from sklearn.svm import LinearSVC

from classifier.context import SIGNS, Context, keywords_heard, signs
from classifier.corpus import Example
from classifier.features import Row, WordFeatures
from classifier.linear import LinearModel
from classifier.thresholds import Folds, best_thresholds, platt
from classifier.vocabulary import Topic

#: The labels after the topics: the text has a topic at all; it is about the federation (whose
#: items often name no body: the states model takes this as one sign among others).
FURTHER = ("any", "bund")

#: Classifiers in the first look's ensemble.
MEMBERS = 2
#: Share of the texts with a topic that are to be recognised as such (the bar set for relevance).
RECALL = 0.97

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]


def matrix(rows: Sequence[Row], width: int) -> csr_matrix:
    """The rows as one sparse matrix."""
    pointers = np.cumsum([0, *(len(row.columns) for row in rows)])
    columns = np.concatenate([row.columns for row in rows])
    values = np.concatenate([row.values for row in rows])
    return csr_matrix((values, columns, pointers), shape=(len(rows), width))


def answers(examples: Sequence[Example], topics: Sequence[Topic]) -> npt.NDArray[np.bool_]:
    """Examples × (topics and ``FURTHER``): what a person said."""
    return np.array(
        [
            [*(topic.id in e.topics for topic in topics), bool(e.topics), "bund" in e.states]
            for e in examples
        ],
        dtype=bool,
    )


@dataclass(frozen=True, slots=True)
class Member:
    """One linear classifier of the ensemble: weights and intercept of every label."""

    weights: Doubles
    intercept: Doubles


def _fit_members(rows: csr_matrix, wanted: npt.NDArray[np.bool_]) -> list[Member]:
    """The two classifiers, each one-vs-rest over all labels.

    Support vectors separate best, complement naive Bayes does best where a topic has few texts
    (Rennie 2003). Constants by cross-validation; logistic regression as a third gains nothing.
    """
    width, labels = rows.shape[1], wanted.shape[1]
    members = [Member(np.zeros((width, labels)), np.zeros(labels)) for _ in range(MEMBERS)]
    # A missed topic costs more than a doubtful one: thresholds can still take it back.
    weight = {True: 2.0, False: 1.0}
    for label in range(labels):
        truth = wanted[:, label]
        if truth.all() or not truth.any():
            for member in members:
                member.intercept[label] = 1.0 if truth.any() else -1.0
            continue
        margin = LinearSVC(C=1.0, class_weight=weight, random_state=0).fit(rows, truth)
        bayes = ComplementNB(alpha=0.02).fit(rows, truth)
        members[0].weights[:, label] = margin.coef_[0]
        members[0].intercept[label] = margin.intercept_[0]
        members[1].weights[:, label] = bayes.feature_log_prob_[1] - bayes.feature_log_prob_[0]
    return members


@dataclass(frozen=True, slots=True)
class FittedTopics:
    """Both looks, and what they said of texts that they had not seen."""

    words: LinearModel
    context: Context
    #: examples × (topics, ``FURTHER``): after the second look, but for the federation
    likely: Doubles


def fit_topics(
    examples: Sequence[Example], topics: Sequence[Topic], words: WordFeatures, folds: Folds
) -> FittedTopics:
    """The models, and the probabilities that each example got from models that had not seen it.

    The words of the vocabulary come from all examples, which leaks frequencies but no labels.
    """
    sparse = [words.row(example.text.cleaned()) for example in examples]
    heard = np.array([keywords_heard(row, words.offset) for row in sparse])
    rows = matrix(sparse, words.width)
    wanted = answers(examples, topics)
    unseen = np.zeros((MEMBERS, *wanted.shape))
    for train, test in folds:
        for at, member in enumerate(_fit_members(rows[train], wanted[train])):
            unseen[at, test] = rows[test] @ member.weights + member.intercept
    # Every member speaks with the same voice: margins are scaled by their spread on unseen texts.
    spread = unseen.std(axis=1) + 1e-9
    margins = (unseen / spread[:, None, :]).sum(axis=0)
    weights = np.zeros((words.width, wanted.shape[1]))
    intercept = np.zeros(wanted.shape[1])
    for at, member in enumerate(_fit_members(rows, wanted)):
        weights += member.weights / spread[at]
        intercept += member.intercept / spread[at]
    slope, shift = platt(margins, wanted)
    likely = 1 / (1 + np.exp(-(margins * slope + shift)))
    context, likely[:, :-1] = _fit_context(likely[:, :-1], heard, wanted[:, :-1], folds)
    thresholds = best_thresholds(likely, wanted, least=0.3)
    thresholds[-2] = _recall_threshold(likely[:, -2], wanted[:, -2])
    return FittedTopics(
        LinearModel(
            labels=(*(topic.id for topic in topics), *FURTHER),
            weights=weights.astype(np.float32),
            intercept=intercept.astype(np.float32),
            slope=slope.astype(np.float32),
            shift=shift.astype(np.float32),
            thresholds=thresholds.astype(np.float32),
        ),
        context,
        likely,
    )


def _fit_context(
    likely: Doubles, heard: Doubles, wanted: npt.NDArray[np.bool_], folds: Folds
) -> tuple[Context, Doubles]:
    """The second look, learnt from what the first said of texts it had not seen; and what it says
    itself of texts that it had not seen either."""
    labels = wanted.shape[1]
    found = signs(likely, heard)
    context = Context(np.zeros((labels, SIGNS), np.float32), np.zeros(labels, np.float32))
    again = likely.copy()
    for label in range(labels):
        truth = wanted[:, label]
        seen = found[:, label]
        mean, spread = seen.mean(axis=0), seen.std(axis=0) + 1e-9
        if min(truth.sum(), (~truth).sum()) < 2 * len(folds):  # too few to learn from: as it was
            context.weights[label, 0] = 1.0
            continue
        for train, test in folds:
            fitted = _second_look((seen[train] - mean) / spread, truth[train])
            again[test, label] = fitted.predict_proba((seen[test] - mean) / spread)[:, 1]
        fitted = _second_look((seen - mean) / spread, truth)
        context.weights[label] = fitted.coef_[0] / spread
        context.intercept[label] = fitted.intercept_[0] - (fitted.coef_[0] * mean / spread).sum()
    return context, again


def _second_look(rows: Doubles, truth: npt.NDArray[np.bool_]) -> LogisticRegression:
    return LogisticRegression(C=1.0, max_iter=500).fit(rows, truth)


def _recall_threshold(likely: Doubles, wanted: npt.NDArray[np.bool_]) -> float:
    """The probability that ``RECALL`` of the texts with a topic reach: who has none is held back
    from the public where the source is not about the field alone, so missing one costs most."""
    if not wanted.any():
        return 0.5
    return float(np.clip(np.quantile(likely[wanted], 1 - RECALL), 0.1, 0.65))
