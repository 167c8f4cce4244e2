"""Topics by our recipe, usual classifiers and a keyword list, same folds: ``classification``."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.model_selection import cross_val_predict
from sklearn.multiclass import OneVsRestClassifier
from sklearn.naive_bayes import ComplementNB
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

from benchmarks.peers.piece import Piece, Ratio, Table
from classifier.corpus import Example, load_examples
from classifier.thresholds import make_folds
from classifier.topics import answers
from classifier.training import train
from classifier.vocabulary import load_topics

Truth = NDArray[np.bool_]
#: Gives the labels of the second texts, having seen the first with theirs.
Learn = Callable[[Sequence[Example], Truth, Sequence[Example]], Truth]
FOLDS = 3
#: The endings that the head of topics.toml calls usual.
_ENDING = "(?:e|en|er|es|em|n|s)?"


def recipe(known: Sequence[Example], _: Truth, asked: Sequence[Example]) -> Truth:
    """What ``radar train`` does, thresholds included."""
    ids = [topic.id for topic in load_topics()]
    told = train(known).classify([one.text for one in asked])
    return np.array([[name in one.topics for name in ids] for one in told])


def usual(classifiers: Sequence[object], method: str) -> Learn:
    """Words by tf-idf, one classifier a topic: of those given, the one that knows best.

    That one, and each topic's threshold, is the one with the best micro-F1 (a topic's F1) on folds
    of the known texts, as in our recipe: with the defaults' threshold rare topics would never be
    given, and with the default smoothing naive Bayes tells little of so many rare words.
    """

    def learn(known: Sequence[Example], truth: Truth, asked: Sequence[Example]) -> Truth:
        texts = [text_of(one) for one in known]
        tried = []
        for classifier in classifiers:
            model = make_pipeline(
                TfidfVectorizer(sublinear_tf=True), OneVsRestClassifier(classifier)
            )
            scores = cross_val_predict(model, texts, truth, cv=FOLDS, method=method)
            limits = np.array(
                [best_threshold(scores[:, at], truth[:, at]) for at in range(truth.shape[1])]
            )
            tried.append((f1(truth, scores >= limits)[0], model, limits))
        _, model, limits = max(tried, key=lambda one: one[0])
        model.fit(texts, truth)
        found: Truth = getattr(model, method)([text_of(one) for one in asked]) >= limits
        return found

    return learn


def best_threshold(scores: NDArray[np.float64], truth: Truth) -> float:
    """The score from which on giving the label has the best F1."""
    order = np.argsort(-scores)
    hits = np.cumsum(truth[order])
    f1s = 2 * hits / (np.arange(1, len(order) + 1) + truth.sum())
    return float(scores[order[f1s.argmax()]])


def keywords(_: Sequence[Example], __: Truth, asked: Sequence[Example]) -> Truth:
    """A topic where one of its keywords stands, by the rules of topics.toml."""
    patterns = [
        re.compile(rf"\b(?:{'|'.join(_pattern(word) for word in topic.keywords)})\b", re.IGNORECASE)
        for topic in load_topics()
    ]
    texts = [text_of(one) for one in asked]
    return np.array([[bool(one.search(text)) for one in patterns] for text in texts])


def _pattern(keyword: str) -> str:
    words = []
    for word in keyword.split():
        bare = re.escape(word.strip("*"))
        begin = r"\w*" if word.startswith("*") else ""
        words.append(begin + bare + (r"\w*" if word.endswith("*") else _ENDING))
    return r"\s+".join(words)


def text_of(example: Example) -> str:
    return " ".join(example.text.cleaned().values())


def f1(truth: Truth, given: Truth) -> tuple[float, float]:
    """Micro and macro."""
    hit = (truth & given).sum(axis=0).astype(float)
    all_of = truth.sum(axis=0) + given.sum(axis=0)
    each = 2 * hit / np.maximum(all_of, 1)
    return float(2 * hit.sum() / all_of.sum()), float(each.mean())


def classification(venvs: Path, rounds: int) -> Piece:
    """Cross-validation on our training texts."""
    examples = load_examples([topic.id for topic in load_topics()])
    truth = answers(examples, load_topics())[:, : len(load_topics())]
    ways: dict[str, Learn] = {
        "Kommunalradar": recipe,
        "LinearSVC": usual([LinearSVC(C=c) for c in (0.1, 1, 10)], "decision_function"),
        "ComplementNB": usual([ComplementNB(alpha=a) for a in (0.01, 0.1, 1)], "predict_proba"),
        "keyword list": keywords,
    }
    given = {name: np.zeros_like(truth) for name in ways}
    spent = dict.fromkeys(ways, 0.0)
    for inside, outside in make_folds(truth, FOLDS):
        known, asked = [examples[at] for at in inside], [examples[at] for at in outside]
        for name, learn in ways.items():
            begun = time.process_time()
            given[name][outside] = learn(known, truth[inside], asked)
            spent[name] += time.process_time() - begun
    scores = {name: f1(truth, found) for name, found in given.items()}
    return Piece(
        name="classification",
        title="Topics",
        how=(
            f"{len(examples):,} training texts of ours, {truth.shape[1]} topics, none to three a "
            f"text, {FOLDS} folds, the same for all. The usual classifiers see words by tf-idf, "
            "one a topic, with thresholds and strength (C, smoothing) chosen on folds of what they "
            "know. The keyword list is that of topics.toml, written with these texts at hand."
        ),
        tables=(
            Table(
                "Cross-validation",
                ("who", "micro-F1", "macro-F1", "CPU-s of training and asking, all folds"),
                tuple((name, *scores[name], spent[name]) for name in ways),
            ),
        ),
        ratios=tuple(
            ratio
            for name in ways
            if name != "Kommunalradar"
            for ratio in (
                Ratio("topics: micro-F1", name, scores["Kommunalradar"][0] / scores[name][0]),
                Ratio("topics: macro-F1", name, scores["Kommunalradar"][1] / scores[name][1]),
                Ratio("topics: CPU of training and asking", name,
                      spent[name] / spent["Kommunalradar"]),
            )
        ),
        versions={"scikit-learn": version("scikit-learn")},
    )  # fmt: skip
