"""How good the answers are: precision, recall and F1 per label and over all, with intervals."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from classifier.models import Model
from classifier.tagging import parse_record
from classifier.texts import Text, TextError, text_from
from store.errors import RadarError
from store.types import STATES

#: Resamples of a bootstrap interval (Efron 1979); the figures' third decimal is stable with it.
_RESAMPLES = 1000
#: Labels with fewer gold items than this do not count in the macro mean.
MACRO_LEAST = 5

Counts = npt.NDArray[np.int64]  # items × labels × (right, given, wanted)


class GoldError(RadarError):
    """A gold item that cannot be used; the message names line and mend."""


@dataclass(frozen=True, slots=True)
class Gold:
    """An item with the labels people gave; optional ones count neither way."""

    id: str
    text: Text
    topics: frozenset[str]
    topics_optional: frozenset[str]
    states: frozenset[str]
    states_optional: frozenset[str]


@dataclass(frozen=True, slots=True)
class Figures:
    """Figures of one label or of many. Intervals: 95 %, bootstrap over items."""

    wanted: int
    given: int
    right: int
    precision: float
    recall: float
    f1: float
    f1_interval: tuple[float, float]
    precision_interval: tuple[float, float]
    recall_interval: tuple[float, float]


@dataclass(frozen=True, slots=True)
class FacetReport:
    """How one facet (topics or states) was answered."""

    micro: Figures
    #: mean F1 over labels with at least ``MACRO_LEAST`` gold items
    macro_f1: float
    labels: Mapping[str, Figures]
    #: items answered without review, as a share of all, and the figures on those alone
    share_without_review: float
    without_review: Figures
    #: mean distance between score and truth over ten bins of labels given or near (ECE)
    calibration_error: float


@dataclass(frozen=True, slots=True)
class Report:
    """The whole evaluation of one model on one file."""

    model_id: str
    items: int
    topics: FacetReport
    states: FacetReport


def read_gold(lines: Iterable[str], topic_ids: Collection[str]) -> list[Gold]:
    """Gold items from lines of JSON with ``id title summary|teaser body url topics
    topics_optional states states_optional``. Raises ``GoldError`` naming line and mend."""
    gold = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            record = parse_record(line, number)
        except TextError as error:
            raise GoldError(str(error)) from error
        try:
            text = text_from(record)
        except TextError as error:
            raise GoldError(f"line {number}: {error}") from error
        sets: dict[str, frozenset[str]] = {}
        for key in ("topics", "topics_optional", "states", "states_optional"):
            values = record.get(key) or []
            known = list(topic_ids if key.startswith("topics") else STATES)
            if not isinstance(values, list):
                raise GoldError(f"line {number}: {key} must be a list of labels; mend it")
            if unknown := [value for value in values if value not in known]:
                raise GoldError(f"line {number}: {key} holds unknown labels {unknown!r}; mend it")
            sets[key] = frozenset(values)
        gold.append(Gold(id=str(record.get("id", number)), text=text, **sets))
    return gold


def count(
    given: Sequence[Collection[str]],
    wanted: Sequence[Collection[str]],
    optional: Sequence[Collection[str]],
    labels: Sequence[str],
) -> Counts:
    """Per item and label: right, given, wanted. Optional labels are left out of all three."""
    counts = np.zeros((len(given), len(labels), 3), dtype=np.int64)
    for at, (mine, theirs, disputed) in enumerate(zip(given, wanted, optional, strict=True)):
        for column, label in enumerate(labels):
            if label in disputed:
                continue
            counts[at, column] = (label in mine and label in theirs, label in mine, label in theirs)
    return counts


def _ratios(totals: Counts) -> npt.NDArray[np.float64]:
    """Precision, recall and F1 of (… × (right, given, wanted)); 1 where nothing was to be found."""
    right, given, wanted = totals[..., 0], totals[..., 1], totals[..., 2]
    precision = np.where(given > 0, right / np.maximum(given, 1), 1.0)
    recall = np.where(wanted > 0, right / np.maximum(wanted, 1), 1.0)
    both = given + wanted
    f1 = np.where(both > 0, 2 * right / np.maximum(both, 1), 1.0)
    return np.stack([precision, recall, f1], axis=-1)


def figures(counts: Counts, seed: int = 0) -> Figures:
    """The figures over items × (right, given, wanted)."""
    totals = counts.sum(axis=0)
    precision, recall, f1 = _ratios(totals)
    if len(counts):
        draws = np.random.default_rng(seed).integers(len(counts), size=(_RESAMPLES, len(counts)))
        low, high = np.percentile(_ratios(counts[draws].sum(axis=1)), [2.5, 97.5], axis=0)
    else:
        low, high = np.zeros(3), np.ones(3)
    intervals = [(round(float(a), 3), round(float(b), 3)) for a, b in zip(low, high, strict=True)]
    return Figures(
        wanted=int(totals[2]),
        given=int(totals[1]),
        right=int(totals[0]),
        precision=round(float(precision), 4),
        recall=round(float(recall), 4),
        f1=round(float(f1), 4),
        precision_interval=intervals[0],
        recall_interval=intervals[1],
        f1_interval=intervals[2],
    )


def calibration_error(scores: npt.NDArray[np.float64], truth: npt.NDArray[np.bool_]) -> float:
    """Expected calibration error over ten equal bins (Naeini 2015); 0 without scores."""
    if not len(scores):
        return 0.0
    bins = np.minimum((scores * 10).astype(int), 9)
    error = sum(
        (bins == k).sum() * abs(scores[bins == k].mean() - truth[bins == k].mean())
        for k in range(10)
        if (bins == k).any()
    )
    return round(float(error / len(scores)), 4)


def evaluate(model: Model, gold: Sequence[Gold], topic_ids: Sequence[str]) -> Report:
    """The model's answers to the gold items, measured."""
    answers = model.classify([item.text for item in gold])
    review = np.array([answer.review for answer in answers], dtype=bool)

    def facet(name: str, labels: Sequence[str]) -> FacetReport:
        wanted = [getattr(item, name) for item in gold]
        optional = [getattr(item, f"{name}_optional") for item in gold]
        given = [getattr(answer, name) for answer in answers]
        counts = count(given, wanted, optional, labels)
        by_label = {label: figures(counts[:, at]) for at, label in enumerate(labels)}
        counted = [f.f1 for f in by_label.values() if f.wanted >= MACRO_LEAST]
        overall = counts.sum(axis=1)
        scored = [
            (score, label in wanted[at])
            for at, answer in enumerate(answers)
            for label, score in (*given[at].items(), *answer.candidates[name].items())
            if label not in optional[at]
        ]
        return FacetReport(
            micro=figures(overall),
            macro_f1=round(float(np.mean(counted)), 4) if counted else 1.0,
            labels=by_label,
            share_without_review=round(float((~review).mean()), 4) if len(gold) else 1.0,
            without_review=figures(overall[~review]),
            calibration_error=calibration_error(
                np.array([score for score, _ in scored], dtype=np.float64),
                np.array([true for _, true in scored], dtype=bool),
            ),
        )

    return Report(model.id, len(gold), facet("topics", topic_ids), facet("states", tuple(STATES)))
