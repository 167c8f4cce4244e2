"""The words behind an answer: which of a text spoke most for each of its topics and Länder."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from classifier.features import Phrase, Reading, Row, WordFeatures
from classifier.linear import LinearModel
from classifier.mentions import Mention
from classifier.state_columns import PART_WEIGHT
from classifier.texts import FIELDS
from classifier.words import WORDS_IN

#: Letters of a field in which they are looked for.
LETTERS = 800
#: Columns of a label whose words are looked for.
_COLUMNS = 30
#: How much a name of each kind says for the federation.
_NATIONAL_WEIGHT = {"bund": 1.0, "bund_word": 0.8, "bund_term": 0.6, "bund_weak": 0.3}


def topic_evidence(
    words: WordFeatures,
    model: LinearModel,
    row: Row,
    text: Reading,
    labels: Sequence[str],
    most: int,
) -> dict[str, tuple[str, ...]]:
    """For each label up to ``most`` words whose features add most to it, the strongest first."""
    if not labels:
        return {}
    parts = model.contributions(row, [model.labels.index(label) for label in labels], _COLUMNS)
    behind = words_behind(words, text, {column for found in parts for column, _ in found})
    evidence: dict[str, tuple[str, ...]] = {}
    for label, found in zip(labels, parts, strict=True):
        weights: dict[str, float] = {}
        for column, part in found:
            for word in behind.get(column, ()):
                weights[word] = weights.get(word, 0.0) - part
        # The strongest first, equals by the alphabet.
        ranked = sorted(zip(weights.values(), weights, strict=True))
        evidence[label] = tuple([word for _, word in ranked[:most]])
    return evidence


def words_behind(
    words: WordFeatures, text: Reading, wanted: Collection[int]
) -> dict[int, set[str]]:
    """For each wanted column of a row the words of the text that brought it in, as they stand
    there."""
    # The lexicon's columns stand before the terms' in rows, apart for headline and rest, and
    # behind them in readings.
    half = words.lexicon.width
    asked = np.zeros(words.mark + 1, dtype=bool)
    asked[[at if at >= words.offset else words.width + at % half for at in wanted]] = True
    limits = [
        begin + text.fields.begun(name, LETTERS)
        for name, begin in zip(FIELDS, text.begins[:-1], strict=True)
    ]
    end = text.ends[limits[-1] - 1] if limits[-1] else 0
    hits = np.flatnonzero(asked[text.columns[:end]])
    pieces = text.ends.searchsorted(hits, side="right").tolist()
    behind: dict[int, set[str]] = {}
    field = until = limit = shift = 0
    for column, at in zip(text.columns[hits].tolist(), pieces, strict=True):
        while at >= until:
            limit, shift = limits[field], words.shifts[field] - words.width
            field += 1
            until = text.begins[field]
        if at >= limit:
            continue
        found: Collection[str] = WORDS_IN[text.pieces[at]]
        if len(found) > 1:
            found = [word for word in found if words.brings(word, column)]
        if column >= words.width:
            column += shift
        if column in behind:
            behind[column].update(found)
        else:
            behind[column] = set(found)
    for phrase in text.phrases:
        field = text.field_of(phrase.piece)
        if phrase.piece < limits[field]:
            behind.setdefault(phrase.column + words.shifts[field], set()).add(_said(text, phrase))
    return behind


def _said(text: Reading, phrase: Phrase) -> str:
    """The words of a phrase as they stand in the text."""
    words: list[str] = []
    at = phrase.piece
    while len(words) < phrase.end:
        words += WORDS_IN[text.pieces[at]]
        at += 1
    return " ".join(words[phrase.start : phrase.end])


def state_evidence(label: str, mentions: Sequence[Mention], most: int) -> tuple[str, ...]:
    """Up to ``most`` words that speak for a Land or the federation, strongest first."""
    weights: dict[str, float] = {}
    for mention in mentions:
        if label == "bund":
            weight = _NATIONAL_WEIGHT.get(mention.kind, 0.0)
        else:
            weight = mention.lands.get(label, 0.0) * mention.strength
        if not weight:
            continue
        weight *= PART_WEIGHT[mention.field] * (0.2 if mention.role else 1.0)
        if weight > 0.1:
            weights[mention.words] = weights.get(mention.words, 0.0) + weight
    return tuple(sorted(weights, key=lambda word: (-weights[word], word))[:most])
