"""Whether a text has any topic at all: a decision of its own, made for everyday municipal news."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from classifier.context import logit
from classifier.features import Row
from classifier.vocabulary import load_topics

#: Signs by which relevance is decided; see ``signs``.
SIGNS = 10
#: Topics that are digital by themselves. The others are everyday subjects of a town hall, which
#: count only where they are handled digitally: budgets, staff, traffic, planning.
_BY_ITSELF = np.array(
    [
        topic.id
        in {
            "ozg", "smart-city", "it-sicherheit", "ki", "e-akte", "it-infrastruktur", "breitband",
            "open-data", "register",
        }
        for topic in load_topics()
    ]
)  # fmt: skip

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]


def digital_columns(keyword_columns: int) -> tuple[int, int, int, int]:
    """The columns of ``lexicon.DIGITAL``, the last two of either half of the lexicon's columns, of
    which there are ``keyword_columns``: words of digital things in the headline, words of their
    mere mention there, then both in the rest."""
    half = keyword_columns // 2
    return half - 2, half - 1, keyword_columns - 2, keyword_columns - 1


def digital_heard(row: Row, keyword_columns: int) -> Doubles:
    """How much a text holds of each of ``digital_columns``."""
    wanted = np.array(digital_columns(keyword_columns))
    if not len(row.columns):
        return np.zeros(len(wanted))
    at = np.minimum(np.searchsorted(row.columns, wanted), len(row.columns) - 1)
    result: Doubles = np.where(row.columns[at] == wanted, row.values[at], 0.0).astype(np.float64)
    return result


def kinds(digital: Doubles) -> npt.NDArray[np.intp]:
    """Per text 0: holds words of digital things; 1: merely mentions some; 2: nothing digital."""
    about = digital[:, 0::2].any(axis=1)
    result: npt.NDArray[np.intp] = np.where(about, 0, np.where(digital.any(axis=1), 1, 2))
    return result


def signs(own: Doubles, topics: Doubles, digital: Doubles) -> Doubles:
    """Texts × ``SIGNS``: what speaks for a text's having a topic.

    ``own``: the words' own probability of any topic; ``topics``: texts × topics, probabilities
    after the second look; ``digital``: texts × 4 (``digital_heard``). In order: the logits of
    ``own``, of the likeliest topic that is digital by itself, of the likeliest other one, and of
    at least one topic; whether it is about something digital, and whether it holds nothing of it;
    and ``digital``.
    """
    none = np.exp(np.log1p(-np.minimum(topics, 1 - 1e-4)).sum(axis=1))
    kind = kinds(digital)
    return np.column_stack(
        [
            logit(own),
            logit(topics[:, _BY_ITSELF].max(axis=1)),
            logit(topics[:, ~_BY_ITSELF].max(axis=1)),
            logit(1 - none),
            kind == 0,
            kind == 2,
            digital,
        ]
    )


@dataclass(frozen=True, slots=True)
class Relevance:
    """One logistic decision over ``signs``."""

    weights: Floats
    intercept: Floats  # one number

    def weigh(self, own: Doubles, topics: Doubles, digital: Doubles) -> Doubles:
        """The probability that each text has a topic, where nine in ten have none."""
        found = signs(own, topics, digital)
        margins = np.einsum("is,s->i", found, self.weights.astype(np.float64)) + self.intercept
        result: Doubles = 1.0 / (1.0 + np.exp(-np.clip(margins, -40, 40)))
        return result
