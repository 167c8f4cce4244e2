"""The words model: a calibrated yes or no per topic, for any topic at all, and for the federation.

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

from classifier.corpus import Example
from classifier.features import Row, WordFeatures
from classifier.linear import LinearModel
from classifier.thresholds import Folds, best_thresholds, platt
from classifier.vocabulary import Topic

#: The labels after the topics: the text has a topic at all; it is about the federation (whose
#: items often name no body: the states model takes this as one sign among others).
FURTHER = ("any", "bund")

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
    """The three classifiers, each one-vs-rest over all labels.

    Support vectors separate best, logistic regression orders the doubtful best, complement naive
    Bayes does best where a topic has few texts (Rennie 2003). Constants by cross-validation.
    """
    width, labels = rows.shape[1], wanted.shape[1]
    members = [Member(np.zeros((width, labels)), np.zeros(labels)) for _ in range(3)]
    # A missed topic costs more than a doubtful one: thresholds can still take it back.
    weight = {True: 2.0, False: 1.0}
    for label in range(labels):
        truth = wanted[:, label]
        if truth.all() or not truth.any():
            for member in members:
                member.intercept[label] = 1.0 if truth.any() else -1.0
            continue
        logistic = LogisticRegression(C=16.0, class_weight=weight, solver="liblinear")
        margin = LinearSVC(C=1.0, class_weight=weight, random_state=0)
        bayes = ComplementNB(alpha=0.1).fit(rows, truth)
        for member, fitted in zip(members, (logistic, margin), strict=False):
            fitted.fit(rows, truth)
            member.weights[:, label] = fitted.coef_[0]
            member.intercept[label] = fitted.intercept_[0]
        members[2].weights[:, label] = bayes.feature_log_prob_[1] - bayes.feature_log_prob_[0]
    return members


def fit_topics(
    examples: Sequence[Example], topics: Sequence[Topic], words: WordFeatures, folds: Folds
) -> tuple[LinearModel, Doubles]:
    """The model, and the probabilities that each example got from models that had not seen it.

    The words of the vocabulary come from all examples, which leaks frequencies but no labels.
    """
    rows = matrix([words.row(example.text.cleaned()) for example in examples], words.width)
    wanted = answers(examples, topics)
    unseen = np.zeros((3, *wanted.shape))
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
    thresholds = best_thresholds(likely, wanted, least=0.3)
    return (
        LinearModel(
            labels=(*(topic.id for topic in topics), *FURTHER),
            weights=weights.astype(np.float32),
            intercept=intercept.astype(np.float32),
            slope=slope.astype(np.float32),
            shift=shift.astype(np.float32),
            thresholds=thresholds.astype(np.float32),
        ),
        likely,
    )
