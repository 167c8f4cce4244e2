"""Tagging against a bare TfidfVectorizer(1,2) + LinearSVC on the same texts, and memory.

Prints JSON: CPU milliseconds a text of both, interleaved in one run, and their ratio (the bar is
0.5: tagging may cost twice as much), and how much memory 100,000 further items add (flat).

    python benchmarks/classifier_speed.py [--texts 300] [--items 100000]
"""

from __future__ import annotations

import argparse
import json
import random
import re
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.multiclass import OneVsRestClassifier
from sklearn.svm import LinearSVC

from classifier.corpus import Example, load_examples
from classifier.models import Model
from classifier.texts import Text
from classifier.topics import answers
from classifier.training import train
from classifier.vocabulary import load_topics

#: Letters of a body: an ordinary press release.
LETTERS = 3000
#: Texts after which memory is looked at; everything that is built once is there by then.
WARM = 2000
#: Texts classified at a time, as `radar tag` does.
_BATCH = 50


def long_texts(examples: Sequence[Example], number: int, seed: int) -> list[Text]:
    """Texts of 3 kB: the examples' own headlines, and bodies of sentences of many of them."""
    chance = random.Random(seed)
    sentences = [
        sentence
        for example in examples
        for sentence in re.split(
            r"(?<=[.!?]) ", f"{example.text.teaser or ''} {example.text.body or ''}"
        )
        if len(sentence) > 30
    ]
    texts = []
    for _ in range(number):
        body = ""
        while len(body) < LETTERS:
            body += chance.choice(sentences) + " "
        texts.append(replace(chance.choice(examples).text, body=body[:LETTERS]))
    return texts


def cpu(work: Callable[[], object]) -> float:
    """Seconds of CPU."""
    start = time.process_time()
    work()
    return time.process_time() - start


def resident() -> int:
    """Resident memory now, KiB (Linux); its highest mark so far would be that of the training."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() // 1024


def speed(
    model: Model, examples: Sequence[Example], texts: Sequence[Text], rounds: int
) -> dict[str, object]:
    """Both, interleaved."""
    plain = [" ".join(text.cleaned().values()) for text in texts]
    vectorizer = TfidfVectorizer(ngram_range=(1, 2))
    rows = vectorizer.fit_transform([" ".join(e.text.cleaned().values()) for e in examples])
    bare = OneVsRestClassifier(LinearSVC()).fit(rows, answers(examples, load_topics()))
    model.classify(texts[:20])
    ours, theirs = [], []
    for _ in range(rounds):
        ours.append(cpu(lambda: model.classify(texts)) / len(texts))
        theirs.append(cpu(lambda: bare.predict(vectorizer.transform(plain))) / len(texts))
    ratios = [b / a for a, b in zip(ours, theirs, strict=True)]
    return {
        "texts": len(texts),
        "rounds": rounds,
        "tagging_ms": {"min": min(ours) * 1000, "median": statistics.median(ours) * 1000},
        "bare_ms": {"min": min(theirs) * 1000, "median": statistics.median(theirs) * 1000},
        "ratio": {"min": min(ratios), "median": statistics.median(ratios), "bar": 0.5},
    }


def memory(model: Model, examples: Sequence[Example], items: int) -> dict[str, object]:
    """What ``items`` short texts, each with words of its own, add to the resident memory, and
    what the second half of them adds (the words kept reach their bound in the first)."""

    def endless() -> Iterator[Text]:
        for number in range(items):
            example = examples[number % len(examples)]
            yield replace(
                example.text, body=f"Az {number} {number:x}wort{number} {example.text.teaser or ''}"
            )

    marks: list[int] = []
    batch: list[Text] = []
    for number, text in enumerate(endless(), start=1):
        batch.append(text)
        if len(batch) == _BATCH:
            model.classify(batch)
            batch = []
        marks += [resident() for mark in (WARM, items // 2, items) if number == mark]
    warm, half, end = marks
    return {
        "items": items, "warm_kib": warm, "grown_kib": end - warm, "second_half_kib": end - half,
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--items", type=int, default=100_000, help="for memory; 0 leaves it out")
    arguments = parser.parse_args()
    if 0 < arguments.items < 2 * WARM:
        parser.error(f"--items: 0, or at least {2 * WARM}")
    examples = load_examples([topic.id for topic in load_topics()])
    texts = long_texts(examples, arguments.texts, seed=1)
    model = train(examples)
    told: dict[str, object] = {"speed": speed(model, examples, texts, arguments.rounds)}
    if arguments.items:
        told["memory"] = memory(model, examples, arguments.items)
    sys.stdout.write(json.dumps(told, indent=1) + "\n")


if __name__ == "__main__":
    main()
