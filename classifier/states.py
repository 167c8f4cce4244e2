"""The states model: one decision shared by all Länder, and one for the federation."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.linear_model import LogisticRegression

from classifier.corpus import Example
from classifier.gazetteer import Gazetteer, load_gazetteer
from classifier.linear import LinearModel
from classifier.state_features import LANDS, StateRows, hear_words, state_rows
from classifier.texts import Text
from classifier.thresholds import Folds, platt

Doubles = npt.NDArray[np.float64]
#: Inverse strength of the pull towards zero; by cross-validation over 0.2, 1, 3 and 5.
_C = 3.0
#: Probabilities from which a Land and the federation are given: abstain rather than guess. Best F1
#: in cross-validation is at half for both, with .971 of what is given right (.955 of headlines);
#: with these it is .977 (.965), for one point of F1.
_FROM = {"land": 0.7, "bund": 0.6}


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

    Texts are seen as they are; with the publisher hidden, so that the model stands without it
    (those of associations without a Land as of a body of the whole country, for whom
    ``publisher_land`` is ``bund``); as a local paper would print them; and as an office of their
    Land would issue them.
    """
    found = StateFeatures().rows([example.text for example in examples])
    wanted = np.array([[code in e.states for code in LANDS] for e in examples])
    federal = np.array([["bund" in e.states] for e in examples])
    other = StateFeatures().rows([_with_other_publisher(example) for example in examples])
    printed = StateFeatures().rows([_in_a_paper(example) for example in examples])
    issued = StateFeatures().rows([_by_an_office(example) for example in examples])
    seen = (found, other, printed, issued)
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
        lands = LogisticRegression(C=_C, max_iter=2000).fit(
            np.concatenate([shared(rows, train) for rows in seen]),
            np.concatenate([wanted[train].ravel()] * len(seen)),
        )
        bund = LogisticRegression(C=_C, max_iter=2000).fit(
            np.concatenate([national(rows, train) for rows in seen[:3]]),
            np.concatenate([federal[train, 0]] * 3),
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


def _with_other_publisher(example: Example) -> Text:
    national = example.register == "association" and example.text.publisher_land is None
    return replace(example.text, publisher_land="bund" if national else None)


def _in_a_paper(example: Example) -> Text:
    """The text at the address of a local paper: nine times in ten one of the Land it is about,
    if there is one, else one of any."""
    homes = load_gazetteer().addresses.a_home
    lot = hashlib.sha256(example.id.encode()).digest()
    about = sorted(example.states - {"bund"})
    code = about[0] if about and lot[0] >= 26 else LANDS[lot[1] % len(LANDS)]
    return replace(example.text, publisher_land=None, url=f"https://www.{homes[code]}/")


def _by_an_office(example: Example) -> Text:
    """The text as issued by an office of the Land it is about; as it is, if it is about none."""
    about = sorted(example.states - {"bund"})
    if example.text.publisher_land is not None or not about:
        return example.text
    return replace(example.text, publisher_land=about[0], url=None)
