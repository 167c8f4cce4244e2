"""What corrections are worth: 0, 50, 200, 500 of them, chosen by doubt and at random: JSON.

Of the project's texts two fifths train the first model, two fifths wait to be corrected (their
labels are what an editor would say), a fifth is held out and measures. Beside the corrections
stand weak labels: the waiting texts whose kicker alone holds keywords of one topic, labelled so.

    python benchmarks/classifier_corrections.py [--steps 50 200 500] [--seeds 2]
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace

from classifier.corpus import Example, load_examples
from classifier.evaluation import Gold, evaluate
from classifier.lexicon import Lexicon
from classifier.models import Model
from classifier.texts import Prediction
from classifier.training import train
from classifier.vocabulary import load_topics
from classifier.words import words_of

TOPICS = load_topics()
IDS = [topic.id for topic in TOPICS]


def doubt(answer: Prediction) -> float:
    """How close the nearest decision was: 1 a coin's toss, 0 clear."""
    scores = [
        score
        for scores in (answer.topics, *answer.candidates.values())
        for score in scores.values()
    ]
    return max((1 - abs(2 * score - 1) for score in scores), default=0.0)


def figures(model: Model, held: Iterable[Example]) -> dict[str, float]:
    """Micro-F1 on texts that were held out."""
    gold = [
        Gold(one.id, one.text, one.topics, frozenset(), one.states, frozenset()) for one in held
    ]
    report = evaluate(model, gold, IDS)
    return {"topics": report.topics.micro.f1, "states": report.states.micro.f1}


def by_kicker(waiting: Sequence[Example]) -> list[Example]:
    """The texts whose kicker alone holds keywords of exactly one topic, with that topic."""
    lexicon = Lexicon(TOPICS)
    found = []
    for one in waiting:
        columns = {c for word in words_of(one.text.kicker or "") for c in lexicon.of_word(word)}
        topics = {IDS[column // 2] for column in columns if column % 2 == 0}
        if len(topics) == 1:
            found.append(replace(one, topics=frozenset(topics)))
    return found


def run(steps: Sequence[int], seed: int) -> dict[str, dict[str, float]]:
    """One shuffle of the texts."""
    texts = load_examples(IDS)
    random.Random(seed).shuffle(texts)
    fifth = len(texts) // 5
    first, waiting, held = texts[: 2 * fifth], texts[2 * fifth : 4 * fifth], texts[4 * fifth :]
    model = train(first)
    answers = model.classify([one.text for one in waiting])
    doubtful = sorted(range(len(waiting)), key=lambda at: -doubt(answers[at]))
    anyone = list(range(len(waiting)))
    told = {"0": figures(model, held)}
    for step in steps:
        for name, order in (("doubt", doubtful), ("random", anyone)):
            learnt = [waiting[at] for at in order[:step]]
            told[f"{step} by {name}"] = figures(train(first, learnt), held)
    weak = by_kicker(waiting)
    right = statistics.mean(
        bool(one.topics & true.topics) for one in weak for true in waiting if true.id == one.id
    )
    told["kickers"] = {
        "texts": len(weak), "right": round(right, 3), **figures(train(first, weak), held)
    }  # fmt: skip
    return told


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, nargs="+", default=[50, 200, 500])
    parser.add_argument("--seeds", type=int, default=2)
    arguments = parser.parse_args()
    runs = [run(arguments.steps, seed) for seed in range(arguments.seeds)]
    mean = {
        name: {key: round(statistics.mean(one[name][key] for one in runs), 4) for key in figures_}
        for name, figures_ in runs[0].items()
    }
    sys.stdout.write(json.dumps({"runs": len(runs), "mean": mean}, indent=1) + "\n")


if __name__ == "__main__":
    main()
