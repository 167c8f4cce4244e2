"""How good the classifier is on texts it has not seen, and how diverse its training texts are.

Prints JSON: cross-validation on the project's texts; relevance (any topic at all) of everyday news
mixed nine to one with real items; how many texts there are of what, their near-duplicates and the
growth of their vocabulary; the learning curve; and, where the file lies beside the checkout, the
recipe on the 1,028 articles of 10kGNAD's test part.

    python benchmarks/classifier_quality.py [--only own|curve|articles] [--articles PATH]
        [--folds 10] [--letters 6000]
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from classifier.corpus import REGISTERS, Example, load_examples
from classifier.evaluation import Gold, evaluate
from classifier.features import WordFeatures
from classifier.texts import Text, clean
from classifier.thresholds import make_folds
from classifier.topics import RECALL, Doubles, _fit_members, answers, fit_topics, matrix
from classifier.training import headline_only, train
from classifier.vocabulary import load_topics
from classifier.words import words_of

ARTICLES = Path(__file__).resolve().parents[2] / "shared" / "labelled" / "gnad10k_test.csv"
#: Two texts are nearly the same from this share of common word triples on.
NEAR = 0.5
#: The precision asked of relevance where everyday news come nine to one.
PRECISION = 0.9
#: Everyday news are told apart as municipal where offices and local papers print them.
MUNICIPAL = ("office", "local")
#: The learning curve's shares of the texts.
SHARES = (0.25, 0.5, 0.75, 1.0)


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
    topics = Counter(topic for example in examples for topic in example.topics)
    states = Counter(state for example in examples for state in example.states)
    return {
        "texts": len(examples),
        "with_body": sum(bool(example.text.body) for example in examples),
        "without_topic": sum(not example.topics for example in examples),
        "fewest_of_a_topic": topics.most_common()[-1],
        "fewest_of_a_land": states.most_common()[-1],
        "near_duplicates": round(near / len(examples), 4),
        "different_first_three_words_of_title": round(len(starts) / len(examples), 4),
        "growth": growth,
    }


def relevance(examples: Sequence[Example]) -> dict[str, object]:
    """Having any topic at all, asked of texts that the model had not seen, everyday news nine to
    one: at the model's own threshold, at the recall of .97 and at the precision of .90.

    ``municipal`` counts as everyday only what offices and local papers print; ``any`` also what
    lies outside the field for other reasons, such as digital news of companies.
    """
    topics = load_topics()
    number = len(examples)
    folds = [
        (np.concatenate([inside, inside + number]), np.concatenate([outside, outside + number]))
        for inside, outside in make_folds(answers(examples, topics))
    ]
    words = WordFeatures.learn(topics, [one.text.cleaned() for one in examples])
    doubled = [*examples, *(headline_only(one) for one in examples)]
    fitted = fit_topics(doubled, topics, words, folds)
    likely = fitted.likely[:number, -2]
    real = likely[[bool(one.topics) for one in examples]]
    told: dict[str, object] = {"real": len(real)}
    for name, registers in (("municipal", MUNICIPAL), ("any", REGISTERS)):
        everyday = likely[[not one.topics and one.register in registers for one in examples]]

        def point(limit: float, everyday: Doubles = everyday) -> dict[str, float]:
            hit, wrong = float((real >= limit).mean()), float((everyday >= limit).mean())
            return {
                "recall": round(hit, 4),
                "false_alarms": round(wrong, 4),
                "precision_one_to_nine": round(hit / (hit + 9 * wrong), 4),
            }

        precise = [
            limit
            for limit in np.unique(likely)
            if point(float(limit))["precision_one_to_nine"] >= PRECISION
        ]
        told[name] = {
            "everyday": len(everyday),
            "own_threshold": point(float(fitted.words.thresholds[-2])),
            "at_recall": point(float(np.quantile(real, 1 - RECALL))),
            "at_precision": point(float(precise[0])) if precise else None,
        }
    return told


def learning_curve(examples: Sequence[Example]) -> list[dict[str, float]]:
    """What models of a share of the texts say of every fifth text, which none of them has seen:
    F1 of topics and Länder, recall of any topic, false alarms on everyday municipal news. Where
    the last step still gains, more texts would."""
    ids = [topic.id for topic in load_topics()]
    inside, outside = make_folds(answers(examples, load_topics()))[0]
    shuffled = np.random.default_rng(0).permutation(inside)
    held = [examples[at] for at in outside]
    nothing: frozenset[str] = frozenset()
    gold = [Gold(one.id, one.text, one.topics, nothing, one.states, nothing) for one in held]
    curve = []
    for share in SHARES:
        known = [examples[at] for at in sorted(shuffled[: int(share * len(shuffled))])]
        model = train(known)
        report = evaluate(model, gold, ids)
        given = np.array([bool(answer.topics) for answer in model.classify([e.text for e in held])])
        relevant = np.array([bool(one.topics) for one in held])
        everyday = ~relevant & np.array([one.register in MUNICIPAL for one in held])
        curve.append(
            {
                "texts": len(known),
                "topics_f1": round(report.topics.micro.f1, 4),
                "topics_macro_f1": round(report.topics.macro_f1, 4),
                "states_f1": round(report.states.micro.f1, 4),
                "relevance_recall": round(float(given[relevant].mean()), 4),
                "false_alarms": round(float(given[everyday].mean()), 4),
            }
        )
    return curve


def articles(path: Path, folds: int, letters: int) -> dict[str, object]:
    """The recipe as one class of nine: the label with the highest sum of scaled margins.

    Without the lexicon: its keywords are those of our topics and say nothing of sports or culture
    (with them: .806).
    """
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.reader(file, delimiter=";", quotechar="'") if len(row) == 2]
    labels = sorted({label for label, _ in rows})
    truth = np.array([labels.index(label) for label, _ in rows])
    texts = [Text(body=text) for _, text in rows]
    fields = [{**one.cleaned(), "body": clean(one.body, letters)} for one in texts]
    wanted = truth[:, None] == np.arange(len(labels))
    right = np.zeros(len(rows), dtype=bool)
    for inside, outside in make_folds(wanted, folds):
        words = WordFeatures.learn((), [fields[at] for at in inside])
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
    parser.add_argument("--only", choices=("own", "curve", "articles"))
    arguments = parser.parse_args()
    examples = load_examples([topic.id for topic in load_topics()])
    told: dict[str, object] = {}
    if arguments.only in (None, "own"):
        told["cross_validation"] = train(examples).card["cross_validation"]
        told["relevance"] = relevance(examples)
        told["diversity"] = diversity(examples)
    if arguments.only in (None, "curve"):
        told["learning_curve"] = learning_curve(examples)
    if arguments.only in (None, "articles") and arguments.articles.exists():
        told["articles"] = articles(arguments.articles, arguments.folds, arguments.letters)
    sys.stdout.write(json.dumps(told, indent=1) + "\n")


if __name__ == "__main__":
    main()
