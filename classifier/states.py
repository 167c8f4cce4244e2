"""The states model: one decision shared by all Länder, and one for the federation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.linear_model import LogisticRegression

from classifier.corpus import Example
from classifier.gazetteer import Gazetteer, load_gazetteer
from classifier.linear import LinearModel
from classifier.state_columns import LANDS, StateRows, hear_words
from classifier.state_features import state_rows
from classifier.state_views import (
    addressed,
    at_home,
    by_an_office,
    in_a_paper,
    with_other_publisher,
)
from classifier.texts import Text
from classifier.thresholds import Folds, platt

Doubles = npt.NDArray[np.float64]
#: Inverse strength of the pull towards zero; by cross-validation over 0.2, 1, 3 and 5.
_C = 3.0
#: Probabilities from which a Land and the federation are given. Trained on some files of our texts
#: and asked of the headlines of the others, a Land is right in .97 of cases from a half on, which
#: is also best for F1; the federation needs more: from a half on it is right in .87 only.
_FROM = {"land": 0.5, "bund": 0.6}


class StateFeatures(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Scikit-learn transformer: texts → per text a row for each Land, laid end to end, and the
    federation's row. The numbers are those of ``state_features``; nothing is learnt."""

    def __init__(self, gazetteer: Gazetteer | None = None) -> None:
        self.gazetteer = gazetteer

    def fit(self, texts: Sequence[Text], truth: object = None) -> StateFeatures:
        """Nothing to learn; the gazetteer is loaded if none was given."""
        return self

    def transform(self, texts: Sequence[Text]) -> npt.NDArray[np.float32]:
        """Texts × (len(LANDS) · len(LAND_COLUMNS) + len(BUND_COLUMNS))."""
        return np.stack(
            [np.concatenate([rows.lands.ravel(), rows.bund]) for rows in self.rows(texts)]
        )

    def rows(self, texts: Sequence[Text]) -> list[StateRows]:
        """The same, text by text, with the names found."""
        gazetteer = self.gazetteer or load_gazetteer()
        return [state_rows(text, text.cleaned(), gazetteer) for text in texts]


@dataclass(frozen=True, slots=True)
class StatesModel:
    """Both decisions. ``lands`` has the one label ``land``, ``bund`` the one label ``bund``."""

    lands: LinearModel
    bund: LinearModel


def fit_states(
    examples: Sequence[Example], folds: Folds, words: Doubles
) -> tuple[StatesModel, Doubles]:
    """The model, and examples × (Länder, bund): probabilities from models that had not seen them.

    ``words``: per example what the words model, which had not seen it, gives for ``bund``.

    Texts are seen as they are and in the ways of ``state_views``: real items are told by their
    address as often as by their words, and our texts have none.
    """
    transformer = StateFeatures()
    found, other, printed, issued, home, held = (
        transformer.rows([view(example) for example in examples])
        for view in (
            lambda example: example.text,
            with_other_publisher, in_a_paper, by_an_office, at_home, addressed,
        )
    )  # fmt: skip
    wanted = np.array([[code in e.states for code in LANDS] for e in examples])
    federal = np.array([["bund" in e.states] for e in examples])
    seen = (found, other, printed, issued, home, held)
    seen_of_bund = (found, other, printed, home, held)
    for rows in seen:
        for at, row in enumerate(rows):
            hear_words(row, float(words[at]))

    def shared(rows: list[StateRows], at: npt.NDArray[np.intp]) -> npt.NDArray[np.float32]:
        return np.concatenate([rows[i].lands for i in at])

    def national(rows: list[StateRows], at: npt.NDArray[np.intp]) -> npt.NDArray[np.float32]:
        return np.stack([rows[i].bund for i in at])

    everything = np.arange(len(examples))
    margins = np.zeros((len(examples), len(LANDS)))
    margins_bund = np.zeros((len(examples), 1))
    fitted: list[LogisticRegression] = []
    for train, test in (*folds, (everything, everything[:0])):
        lands = _fit_lands(
            np.concatenate([shared(rows, train) for rows in seen]),
            np.concatenate([wanted[train].ravel()] * len(seen)),
        )
        bund = LogisticRegression(C=_C, max_iter=2000).fit(
            np.concatenate([national(rows, train) for rows in seen_of_bund]),
            np.concatenate([federal[train, 0]] * len(seen_of_bund)),
        )
        fitted = [lands, bund]
        if len(test):
            margins[test] = lands.decision_function(shared(found, test)).reshape(len(test), -1)
            margins_bund[test, 0] = bund.decision_function(national(found, test))
    models = []
    likely = []
    for label, estimator, margin, truth in (
        ("land", fitted[0], margins.reshape(-1, 1), wanted.reshape(-1, 1)),
        ("bund", fitted[1], margins_bund, federal),
    ):
        slope, shift = platt(margin, truth)
        probability = 1 / (1 + np.exp(-(margin * slope + shift)))
        likely.append(probability.reshape(len(examples), -1))
        models.append(
            LinearModel(
                labels=(label,),
                weights=estimator.coef_.T.astype(np.float32),
                intercept=estimator.intercept_.astype(np.float32),
                slope=slope.astype(np.float32),
                shift=shift.astype(np.float32),
                thresholds=np.array([_FROM[label]], dtype=np.float32),
            )
        )
    return StatesModel(*models), np.concatenate(likely, axis=1)


def _fit_lands(rows: npt.NDArray[np.float32], truth: npt.NDArray[np.bool_]) -> LogisticRegression:
    """The decision for a Land. Nine rows in ten are of Länder that a text does not touch: they are
    all zero, and stand as one row of each answer with its number as weight."""
    touched = rows.any(axis=1)
    silent = truth[~touched]
    return LogisticRegression(C=_C, max_iter=2000).fit(
        np.concatenate([rows[touched], np.zeros((2, rows.shape[1]), dtype=rows.dtype)]),
        np.concatenate([truth[touched], [True, False]]),
        sample_weight=np.concatenate(
            [np.ones(touched.sum()), [silent.sum() + 1e-9, (~silent).sum() + 1e-9]]
        ),
    )
