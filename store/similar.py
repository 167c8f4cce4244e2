"""Owns finding items on the same subject: by the rare words that two items have in common."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from math import log

import numpy as np
from numpy.typing import NDArray

from store.columns import Columns
from store.german import STOP_WORDS
from store.index import slot_of
from store.packing import unpacked

#: Words of an item that are asked for: the most telling ones. Of each the newest so many documents
#: count; a word in more of them tells little and would take long.
MOST_WORDS = 24
MOST_DOCUMENTS = 400

#: A word in a larger share of all documents says nothing of the subject, if they are more than ten.
_COMMON_SHARE = 0.1
_FEW = 10

#: How much a word of the title counts beside one of the text: it is what the item is about.
_TITLE = 2.0

#: What two items must have in common, of what the item's telling words weigh in all.
_LEAST = 0.12


def similar_documents(
    index: sqlite3.Connection, columns: Columns, item_id: int, limit: int
) -> list[int]:
    """The numbers of the documents most like an item, the likeliest first; none if it is unknown.

    The index's own words decide, those of texts that may not be shown too, but only as a set:
    nothing here depends on their order. Other items of the same cluster are found like any.
    """
    row = index.execute("SELECT id, facts FROM documents WHERE item_id = ?", (item_id,)).fetchone()
    if row is None:
        return []
    packed = index.execute(
        "SELECT numbers FROM texts WHERE slot = ?", (slot_of(row["facts"]),)
    ).fetchone()["numbers"]
    weights = _weights(index, unpacked(packed), len(columns))
    scores: defaultdict[int, float] = defaultdict(float)
    for word, weight in weights.items():
        # In one value: a row for each would take three times as long.
        (found,) = index.execute(
            "SELECT group_concat(rowid) FROM "
            "(SELECT rowid FROM keys WHERE keys MATCH ? ORDER BY rowid DESC LIMIT ?)",
            (f'"{word}"', MOST_DOCUMENTS),
        ).fetchone()
        for number in map(int, found.split(",")) if found else ():
            scores[number] += weight
    scores.pop(row["id"], None)
    least = _LEAST * sum(weights.values())
    ranked = sorted(scores.items(), key=lambda pair: (-pair[1], -pair[0]))
    return [number for number, score in ranked[:limit] if score >= least]


def _weights(
    index: sqlite3.Connection, numbers: NDArray[np.int64], documents: int
) -> dict[str, float]:
    """The telling words of a document, and how much each tells."""
    title_end = int(np.argmin(numbers))
    title = set(numbers[:title_end].tolist())
    weights: dict[str, float] = {}
    for number in np.unique(numbers[numbers > 0]).tolist():
        backwards, often = index.execute(
            "SELECT reversed, documents FROM vocabulary WHERE number = ?", (number,)
        ).fetchone()
        word = backwards[::-1]
        # A word that stands nowhere else leads nowhere.
        if often < 2 or often > max(_FEW, _COMMON_SHARE * documents) or word in STOP_WORDS:
            continue
        if len(word) > 2 and not word.isdigit():
            weights[word] = log(1 + documents / often) * (_TITLE if number in title else 1.0)
    telling = sorted(weights.items(), key=lambda pair: (-pair[1], pair[0]))
    return dict(telling[:MOST_WORDS])
