"""Owns the order by relevance: BM25 over the words of a question, from the index's packed texts.

FTS5's own ``bm25`` first reads every document of each word in the expression, filters too, to learn
how rare it is: at a million items a quarter of a second. How many documents hold a word is known
here, and only those that match are read.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from store.packing import unpacked
from store.texts import packed_texts
from store.vocabulary import Known

Numbers = NDArray[np.int64]
Scores = NDArray[np.float64]

#: How much an occurrence counts in the title, in shown text, among hidden and among joined words.
WEIGHTS = (8.0, 3.0, 1.0, 2.0)

#: The customary constants of BM25, those of FTS5 too.
_K1 = 1.2
_B = 0.75

#: Texts weighed at once.
_AT_ONCE = 500


def scores(
    index: sqlite3.Connection, slots: Numbers, words: Sequence[Known], documents: int
) -> Scores:
    """How much the document in each of these slots says about the words; more is better."""
    asked = sorted({word.number: word for word in words}.values(), key=lambda word: word.number)
    numbers = np.array([word.number for word in asked], dtype=np.int64)
    holding = np.array([word.documents for word in asked], dtype=np.float64)
    rare = np.maximum(np.log((documents - holding + 0.5) / (holding + 0.5)), 1e-6)
    found = [
        _counted(packed_texts(index, slots[start : start + _AT_ONCE]), numbers)
        for start in range(0, len(slots), _AT_ONCE)
    ]
    often = np.concatenate([np.zeros((0, len(asked))), *(one for one, _ in found)])
    lengths = np.concatenate([np.zeros(0), *(one for _, one in found)])
    length = lengths / max(1.0, lengths.mean()) if len(lengths) else lengths
    damped = often * (_K1 + 1) / (often + _K1 * (1 - _B + _B * length)[:, None])
    result: Scores = damped @ rare
    return result


def _counted(texts: list[bytes], asked: Numbers) -> tuple[Scores, Scores]:
    """For each text how often it holds each word, by weight, and its length in words."""
    numbers = unpacked(b"\0".join(texts))
    # Zeros stand between the four columns, and by joining them between the texts.
    column = np.cumsum(numbers == 0)
    lengths = np.bincount(column[numbers > 0] // len(WEIGHTS), minlength=len(texts))
    place_of = np.full(int(numbers.max(initial=0)) + 1, -1)
    known = asked < len(place_of)
    place_of[asked[known]] = np.flatnonzero(known)
    places = place_of[numbers]
    hits = np.flatnonzero(places >= 0)
    cells = column[hits] // len(WEIGHTS) * len(asked) + places[hits]
    weights = np.array(WEIGHTS)[column[hits] % len(WEIGHTS)]
    often = np.bincount(cells, weights=weights, minlength=len(texts) * len(asked))
    return often.reshape(len(texts), len(asked)).astype(np.float64), lengths.astype(np.float64)
