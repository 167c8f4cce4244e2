"""A trained model: classifying texts, and keeping the model in files that hold no code.

Loading and using one needs NumPy only; scikit-learn is imported when a model has to be trained.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import tempfile
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from classifier.context import SIGNS, Context, chosen, keywords_heard
from classifier.evidence import state_evidence, topic_evidence
from classifier.features import Reading, Row, WordFeatures
from classifier.gazetteer import load_gazetteer
from classifier.identity import features_id
from classifier.linear import LinearModel
from classifier.mentions import Mention
from classifier.relevance import SIGNS as RELEVANCE_SIGNS
from classifier.relevance import Relevance, digital_heard
from classifier.state_columns import BUND_COLUMNS, LAND_COLUMNS, LANDS, hear_words
from classifier.state_features import state_rows, states_given
from classifier.texts import Prediction, Text
from classifier.vocabulary import load_topics
from classifier.words import is_readable
from store.errors import RadarError
from store.types import Place

#: First word of every card; another word means the file is not ours.
FORMAT = "kommunalradar-model-1"
#: A label is a candidate from this probability on.
_CANDIDATE = 0.15
#: Evidence words kept for one label.
_EVIDENCE = 6

#: Texts classified together; what is in work at once stays small.
_TOGETHER = 50
_STATE_LABELS = (*LANDS, "bund")

Array = npt.NDArray[np.generic]
Scores = npt.NDArray[np.float64]
Given = npt.NDArray[np.bool_]


class ModelError(RadarError):
    """A model file that cannot be trusted or read; the message names it and the mend."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """Above which doubt an answer goes to review: chosen on texts the model had not seen."""

    topics: float
    states: float


@dataclass(frozen=True)
class Model:
    """Everything that classifying needs. Get one from ``registry.active_model``."""

    id: str
    words: WordFeatures
    topics: LinearModel
    context: Context
    relevance: Relevance
    lands: LinearModel
    bund: LinearModel
    doubt: Doubt
    card: dict[str, object]

    def classify(self, texts: Sequence[Text]) -> list[Prediction]:
        """One prediction per text, in order. Never raises on any text."""
        answers: list[Prediction] = []
        for start in range(0, len(texts), _TOGETHER):
            answers += self._classify(texts[start : start + _TOGETHER])
        return answers

    def threshold(self, facet: str, label: str) -> float:
        """The probability from which a label of ``topics`` or ``states`` is given."""
        if facet == "topics":
            return float(self.topics.thresholds[self.topics.labels.index(label)])
        return float((self.bund if label == "bund" else self.lands).thresholds[0])

    def _classify(self, texts: Sequence[Text]) -> list[Prediction]:
        # Step by step for all, not text by text: what a step looks up stays in the processor's
        # cache, which makes tagging a third quicker.
        cleaned = [text.cleaned() for text in texts]
        asked = [at for at, fields in enumerate(cleaned) if is_readable(fields)]
        readings = [self.words.read(cleaned[at]) for at in asked]
        rows = [self.words.row_of(reading) for reading in readings]
        found = [state_rows(texts[at], cleaned[at], load_gazetteer()) for at in asked]
        answers = [Prediction({}, {}, True, {"topics": {}, "states": {}}) for _ in texts]
        if not asked:
            return answers
        by_words = np.stack([self.topics.of_row(row) for row in rows])
        for names, scores in zip(found, by_words, strict=True):
            hear_words(names, float(scores[-1]))
        heard = np.stack([keywords_heard(row, self.words.offset) for row in rows])
        digital = np.stack([digital_heard(row, self.words.offset) for row in rows])
        second = self.context.weigh(by_words[:, :-1], heard)
        relevant = self.relevance.weigh(by_words[:, -2], second, digital)
        topic_scores = np.column_stack([second, relevant])
        topics = chosen(topic_scores, self.topics.thresholds[:-1].astype(np.float64))
        lands = self.lands.of_matrix(np.concatenate([names.lands for names in found]))
        bund = self.bund.of_matrix(np.stack([names.bund for names in found]))
        state_scores = np.concatenate([lands.reshape(len(found), len(LANDS)), bund], axis=1)
        states = states_given(
            state_scores, float(self.lands.thresholds[0]), float(self.bund.thresholds[0])
        )
        for at, number in enumerate(asked):
            answers[number] = self._answer(
                readings[at], rows[at], found[at].mentions,
                topic_scores[at], topics[at], state_scores[at], states[at],
            )  # fmt: skip
        return answers

    def _answer(
        self,
        reading: Reading,
        row: Row,
        mentions: Sequence[Mention],
        topic_scores: Scores,
        topics_given: Given,
        state_scores: Scores,
        states_given: Given,
    ) -> Prediction:
        # The last score is that of any topic.
        topics, near_topics = _given_and_near(self.topics.labels, topic_scores[:-1], topics_given)
        states, near_states = _given_and_near(_STATE_LABELS, state_scores, states_given)
        review = (
            doubt_of_topics(topic_scores, topics_given) > self.doubt.topics
            or doubt_of_states(state_scores) > self.doubt.states
        )
        evidence = topic_evidence(
            self.words, self.topics, row, reading, (*topics, *near_topics), _EVIDENCE
        )
        for label in (*states, *near_states):
            evidence[label] = state_evidence(label, mentions, _EVIDENCE)
        towns = {
            mention.place.ags: mention.place
            for mention in mentions
            if mention.place and not mention.role and mention.place.land in states
        }
        return Prediction(
            topics=topics,
            states=states,
            review=bool(review),
            candidates={"topics": near_topics, "states": near_states},
            evidence=evidence,
            places=tuple(
                Place(town.ags, town.plain_name, town.land, town.lat, town.lon)
                for town in towns.values()
            ),
        )


def _given_and_near(
    labels: Sequence[str], scores: Scores, chosen_ones: Given
) -> tuple[dict[str, float], dict[str, float]]:
    """The labels given and those that came close, strongest first, with their probabilities."""
    given: dict[str, float] = {}
    near: dict[str, float] = {}
    ranked = sorted(
        (-score, at, wanted)
        for at, (score, wanted) in enumerate(
            zip(scores.tolist(), chosen_ones.tolist(), strict=True)
        )
        if wanted or score > _CANDIDATE - 0.001
    )
    for likely, at, wanted in ranked:
        score = round(-likely, 3)
        if wanted:
            given[labels[at]] = score
        elif score >= _CANDIDATE:
            near[labels[at]] = score
    return given, near


def doubt_of_topics(scores: npt.NDArray[np.float64], given: npt.NDArray[np.bool_]) -> float:
    """How likely an answer is wrong, 0 (clear) to 1 (a coin's toss, or worse).

    That of the least likely topic given; without one, that of there being none.
    """
    if given.any():
        return min(1.0, 2.0 * (1.0 - float(scores[:-1][given].min())))
    return min(1.0, 2.0 * float(scores[-1]))


def doubt_of_states(scores: npt.NDArray[np.float64]) -> float:
    """The same for Länder and the federation."""
    # Of all doubts the greatest: that of the probability nearest to a half.
    return float((1 - np.abs(2 * scores - 1)).max())


# -- files ----------------------------------------------------------------------------------------


#: The arrays of a linear model.
_LINEAR = ("weights", "intercept", "slope", "shift", "thresholds")


def write_whole(path: Path, content: bytes) -> None:
    """Writes by a temporary file and a rename: a reader sees all of it or nothing."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            os.fchmod(handle, 0o644)  # whoever serves the site need not be who trained
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def save(model: Model, directory: Path) -> Path:
    """Writes ``{id}.npz`` (arrays), then ``{id}.json`` (the card, with the arrays' hash).

    Returns the card's path; a model without card does not exist, so a killed save leaves none.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except FileExistsError as error:
        raise ModelError(f"{directory}: a file where models are kept; move it away") from error
    arrays: dict[str, Array] = {
        "terms": np.frombuffer("\n".join(model.words.terms).encode(), dtype=np.uint8),
        "parts": np.frombuffer("\n".join(sorted(model.words.parts)).encode(), dtype=np.uint8),
        "idf": model.words.idf,
        "context_weights": model.context.weights,
        "context_intercept": model.context.intercept,
        "relevance_weights": model.relevance.weights,
        "relevance_intercept": model.relevance.intercept,
    }
    for name, linear in (("topics", model.topics), ("lands", model.lands), ("bund", model.bund)):
        for key in _LINEAR:
            arrays[f"{name}_{key}"] = getattr(linear, key)
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)  # type: ignore[arg-type]
    content = buffer.getvalue()
    write_whole(directory / f"{model.id}.npz", content)
    card = {**model.card, "arrays_sha256": hashlib.sha256(content).hexdigest()}
    path = directory / f"{model.id}.json"
    write_whole(path, (json.dumps(card, ensure_ascii=False, indent=1) + "\n").encode())
    return path


def _shapes(columns: int, terms: int, topics: int) -> dict[str, tuple[int, ...]]:
    """The arrays of numbers in a model's file."""
    shapes: dict[str, tuple[int, ...]] = {
        "idf": (terms,),
        "context_weights": (topics, SIGNS),
        "context_intercept": (topics,),
        "relevance_weights": (RELEVANCE_SIGNS,),
        "relevance_intercept": (1,),
    }
    for part, rows, labels in (
        ("topics", columns, topics + 2),
        ("lands", len(LAND_COLUMNS), 1),
        ("bund", len(BUND_COLUMNS), 1),
    ):
        shapes[f"{part}_weights"] = (rows, labels)
        shapes |= {f"{part}_{key}": (labels,) for key in _LINEAR[1:]}
    return shapes


def load(card_path: Path) -> Model:
    """The model of a card. Raises ``ModelError`` when card or arrays are damaged, altered, of
    another format or of another vocabulary."""
    mend = f"delete {card_path.with_suffix('.*').name} and run 'radar train'"
    try:
        card = json.loads(card_path.read_bytes())
        content = card_path.with_suffix(".npz").read_bytes()
    except (OSError, ValueError) as error:
        raise ModelError(f"model {card_path}: cannot be read ({error}); {mend}") from error
    if not isinstance(card, dict) or card.get("format") != FORMAT:
        raise ModelError(f"model {card_path}: not a model of this program's format; {mend}")
    if card.get("id") != card_path.stem:
        raise ModelError(f"model {card_path}: the card is of model {card.get('id')!r}; {mend}")
    if card.get("features") != features_id():
        raise ModelError(
            f"model {card_path}: made by another version of this program; run 'radar train'"
        )
    if hashlib.sha256(content).hexdigest() != card.get("arrays_sha256"):
        raise ModelError(f"model {card_path}: the arrays are not those it was saved with; {mend}")
    labels = tuple(str(label) for label in card.get("topics", ()))
    if labels != tuple(topic.id for topic in load_topics()):
        raise ModelError(f"model {card_path}: made for another list of topics; {mend}")
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as file:
            arrays = dict(file)
            words = WordFeatures(
                load_topics(),
                arrays["terms"].tobytes().decode().split("\n"),
                arrays["idf"],
                arrays["parts"].tobytes().decode().split("\n"),
            )
            topics, lands, bund = (
                LinearModel(
                    names,
                    *(arrays[f"{part}_{key}"] for key in _LINEAR),
                )
                for part, names in (
                    ("topics", (*labels, "any", "bund")),
                    ("lands", ("land",)),
                    ("bund", ("bund",)),
                )
            )
            context = Context(arrays["context_weights"], arrays["context_intercept"])
            relevance = Relevance(arrays["relevance_weights"], arrays["relevance_intercept"])
        doubt = Doubt(float(card["doubt"]["topics"]), float(card["doubt"]["states"]))
    except (KeyError, ValueError, TypeError, zipfile.BadZipFile) as error:
        raise ModelError(f"model {card_path}: incomplete ({error!r}); {mend}") from error
    for name, shape in _shapes(words.width, len(words.terms), len(labels)).items():
        if arrays[name].shape != shape or not np.isfinite(arrays[name]).all():
            raise ModelError(f"model {card_path}: its {name} cannot be used; {mend}")
    return Model(str(card["id"]), words, topics, context, relevance, lands, bund, doubt, card)
