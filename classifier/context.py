"""A second look at a text's topics, each in the light of the others: which are given."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from classifier.features import Row

#: The codebook's limit.
MOST_TOPICS = 3
#: Signs by which a topic is looked at again; see ``signs``.
SIGNS = 7
#: A text that has a topic gets the likeliest one from this probability on, whatever its own
#: threshold; by cross-validation anything from .10 to .15 gains the same.
LEAST_LIKELY = 0.12
#: Probabilities are held this far from certainty: one feature must not outweigh all others.
_CERTAIN = 1e-4

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
Truth = npt.NDArray[np.bool_]


def logit(probabilities: Doubles) -> Doubles:
    """The inverse of the logistic function, finite."""
    held = np.clip(probabilities, _CERTAIN, 1 - _CERTAIN)
    result: Doubles = np.log(held / (1 - held))
    return result


def keywords_heard(row: Row, keyword_columns: int) -> Doubles:
    """How much of the lexicon a text holds: in the headline, and in all of it.

    ``keyword_columns`` is the number of the row's first columns that stand for keywords, those of
    the headline before those of the rest.
    """
    headline, whole = row.columns.searchsorted((keyword_columns // 2, keyword_columns))
    return np.array([row.values[:headline].sum(), row.values[:whole].sum()], dtype=np.float64)


def signs(scores: Doubles, heard: Doubles) -> Doubles:
    """Items × topics × ``SIGNS``: what speaks for a topic besides its own words.

    ``scores``: items × (topics, then "any topic"); ``heard``: items × 2 (``keywords_heard``). In
    order: the topic's own logit, the probability of the likeliest and of the second likeliest
    other topic, the logit of "any topic", the logarithm of the probability that at least one other
    topic holds, and the keywords heard.
    """
    topics = scores[:, :-1]
    order = np.argsort(-topics, axis=1, kind="stable")
    best = np.take_along_axis(topics, order[:, :3], axis=1)
    rank = np.argsort(order, axis=1, kind="stable")
    missing = np.log1p(-np.minimum(topics, 1 - _CERTAIN))
    none_other = missing.sum(axis=1, keepdims=True) - missing
    found = np.empty((*topics.shape, SIGNS))
    found[..., 0] = logit(topics)
    found[..., 1] = np.where(rank == 0, best[:, 1:2], best[:, :1])
    found[..., 2] = np.where(rank <= 1, best[:, 2:3], best[:, 1:2])
    found[..., 3] = logit(scores[:, -1:])
    found[..., 4] = np.log(np.maximum(-np.expm1(none_other), 1e-6))
    found[..., 5:] = heard[:, None, :]
    return found


@dataclass(frozen=True, slots=True)
class Context:
    """One logistic decision per topic over ``signs``."""

    weights: Floats  # topics × signs
    intercept: Floats

    def weigh(self, scores: Doubles, heard: Doubles) -> Doubles:
        """Calibrated probabilities, items × topics; ``scores`` as for ``signs``."""
        margins = np.einsum("ils,ls->il", signs(scores, heard), self.weights) + self.intercept
        result: Doubles = 1.0 / (1.0 + np.exp(-np.clip(margins, -40, 40)))
        return result


def chosen(scores: Doubles, thresholds: Doubles) -> Truth:
    """Items × topics: which are given. ``scores`` and ``thresholds`` end with "any topic".

    None below the threshold of "any topic"; else those from their own threshold on, the likeliest
    ``MOST_TOPICS`` of them; else the likeliest alone, if it is likely enough.
    """
    topics = scores[:, :-1]
    rank = np.argsort(np.argsort(-topics, axis=1, kind="stable"), axis=1, kind="stable")
    given = (topics >= thresholds[:-1]) & (rank < MOST_TOPICS)
    alone = ~given.any(axis=1, keepdims=True) & (rank == 0) & (topics >= LEAST_LIKELY)
    result: Truth = (given | alone) & (scores[:, -1:] >= thresholds[-1])
    return result
