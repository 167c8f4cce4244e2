"""How good the classifier is on texts it has not seen, and how diverse its training texts are.

Prints JSON: cross-validation on the project's texts; relevance (any topic at all) of everyday news
mixed nine to one with real items; near-duplicates and vocabulary growth of the texts; and, where
the file lies beside the checkout, the recipe on the 1,028 articles of 10kGNAD's test part.

    python benchmarks/classifier_quality.py [--articles PATH] [--folds 10] [--letters 6000]
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from classifier.corpus import Example, load_examples
from classifier.features import WordFeatures, words_of
from classifier.texts import Text, clean
from classifier.thresholds import make_folds
from classifier.topics import _fit_members, answers, matrix
from classifier.training import train
from classifier.vocabulary import load_topics

ARTICLES = Path(__file__).resolve().parents[2] / "shared" / "labelled" / "gnad10k_test.csv"
#: Two texts are nearly the same from this share of common word triples on.
NEAR = 0.5


def triples(example: Example) -> set[tuple[str, ...]]:
    """The word triples of a text."""
    words = words_of(" ".join(example.text.cleaned().values()))
    return {tuple(words[at : at + 3]) for at in range(len(words) - 2)}


def diversity(examples: Sequence[Example]) -> dict[str, object]:
    """Share of texts with a near-duplicate, and different words after each quarter of them."""
    sets = [triples(example) for example in examples]
    near = sum(
        any(
            len(one & other) >= NEAR * max(1, min(len(one), len(other)))
            for at, other in enumerate(sets)
            if at != number
        )
        for number, one in enumerate(sets)
    )
    shuffled = list(examples)
    random.Random(0).shuffle(shuffled)
    seen: set[str] = set()
    growth = []
    total = 0
    for number, example in enumerate(shuffled, start=1):
        words = words_of(" ".join(example.text.cleaned().values()))
        total += len(words)
        seen |= set(words)
        if number % (len(shuffled) // 4) == 0:
            growth.append({"texts": number, "words": total, "different": len(seen)})
    starts = {" ".join(words_of(example.text.title or "")[:3]) for example in examples}
    return {
        "texts": len(examples),
        "near_duplicates": round(near / len(examples), 4),
        "different_first_three_words_of_title": round(len(starts) / len(examples), 4),
        "growth": growth,
    }


def relevance(examples: Sequence[Example], number: int = 5) -> dict[str, object]:
    """Having any topic at all, everyday news weighed nine to one: models asked about texts that
    they had not seen; ``held`` is what a source with relevance ``topic`` would hold back."""
    topics = load_topics()
    rows = []
    for inside, outside in make_folds(answers(examples, topics), number, seed=1):
        model = train([examples[at] for at in inside])
        told = model.classify([examples[at].text for at in outside])
        rows += [
            (bool(examples[at].topics), bool(one.topics), one.review)
            for at, one in zip(outside, told, strict=True)
        ]
    real = [row for row in rows if row[0]]
    everyday = [row for row in rows if not row[0]]
    hit = np.mean([given for _, given, _ in real])
    wrong = np.mean([given for _, given, _ in everyday])
    kept = np.mean([given or review for _, given, review in real])
    return {
        "real": len(real),
        "everyday": len(everyday),
        "recall": round(float(hit), 4),
        "recall_with_review": round(float(kept), 4),
        "false_alarms_of_everyday": round(float(wrong), 4),
        "precision_one_to_nine": round(float(hit / (hit + 9 * wrong)), 4),
        "precision_nine_to_one": round(float(9 * hit / (9 * hit + wrong)), 4),
    }


def articles(path: Path, folds: int, letters: int) -> dict[str, object]:
    """The recipe as one class of nine: the label with the highest sum of scaled margins."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.reader(file, delimiter=";", quotechar="'") if len(row) == 2]
    labels = sorted({label for label, _ in rows})
    truth = np.array([labels.index(label) for label, _ in rows])
    texts = [Text(body=text) for _, text in rows]
    fields = [{**one.cleaned(), "body": clean(one.body, letters)} for one in texts]
    wanted = truth[:, None] == np.arange(len(labels))
    right = np.zeros(len(rows), dtype=bool)
    for inside, outside in make_folds(wanted, folds):
        words = WordFeatures.learn(load_topics(), [fields[at] for at in inside])
        known = matrix([words.row(fields[at]) for at in inside], words.width)
        asked = matrix([words.row(fields[at]) for at in outside], words.width)
        margins = np.zeros((len(outside), len(labels)))
        for member in _fit_members(known, wanted[inside]):
            seen = known @ member.weights + member.intercept
            margins += (asked @ member.weights + member.intercept) / seen.std()
        right[outside] = margins.argmax(axis=1) == truth[outside]
    return {"articles": len(rows), "letters": letters, "accuracy": round(float(right.mean()), 4)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=Path, default=ARTICLES)
    parser.add_argument("--folds", type=int, default=10)
    parser.add_argument("--letters", type=int, default=6000)
    parser.add_argument("--only", choices=("own", "articles"))
    arguments = parser.parse_args()
    examples = load_examples([topic.id for topic in load_topics()])
    told: dict[str, object] = {}
    if arguments.only != "articles":
        told["cross_validation"] = train(examples).card["cross_validation"]
        told["relevance"] = relevance([replace(one, register="trade") for one in examples])
        told["diversity"] = diversity(examples)
    if arguments.only != "own" and arguments.articles.exists():
        told["articles"] = articles(arguments.articles, arguments.folds, arguments.letters)
    sys.stdout.write(json.dumps(told, indent=1) + "\n")


if __name__ == "__main__":
    main()
