"""The states model beside what needs no training: names of Länder, the gazetteer, and both.

Prints JSON: precision, recall and F1 of each on texts of this package (five-fold
cross-validation), on the frozen evaluation set, and on gold files named; with ``--labels`` also
what each Land gained and lost. The bar is F1 .94 with precision .95; the names alone reach .87 on
187 real items.

    python benchmarks/classifier_states.py [--labels] [FILE.jsonl …]
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from classifier.corpus import Example, load_examples
from classifier.evaluation import Figures, Gold, count, figures, read_gold
from classifier.gazetteer import load_gazetteer
from classifier.mentions import find_mentions
from classifier.names import DATA
from classifier.texts import Text
from classifier.thresholds import make_folds
from classifier.topics import answers
from classifier.training import headline_only, train
from classifier.vocabulary import load_topics
from store.types import STATES

#: A town or county counts without any model from this certainty on.
_SURE = 0.5
_OF_A_LAND = ("land", "adjective")
_PLACES = ("place", "county", "demonym", "region", "body")


def by_names(text: Text, kinds: Sequence[str], federation: bool) -> frozenset[str]:
    """The Länder of the names of these kinds in kicker, title and teaser (of a text without
    teaser, in the body); with ``federation``, ``bund`` where a national body is named and no Land.

    Every name counts, whatever its part in the story: that is what a model has to beat.
    """
    fields = text.cleaned()
    if fields["teaser"]:
        fields = {**fields, "body": ""}
    mentions = find_mentions(fields, load_gazetteer(), text.publisher_land)
    found = {
        land
        for mention in mentions
        if mention.kind in kinds and mention.strength >= _SURE
        for land, likely in mention.lands.items()
        if likely > _SURE
    }
    national = any(mention.kind in ("bund", "bund_word") for mention in mentions)
    return frozenset(found or ({"bund"} if federation and national else ()))


BASELINES = {
    "names_of_lands": (_OF_A_LAND, False),
    "gazetteer": (_PLACES, False),
    "both": ((*_OF_A_LAND, *_PLACES), False),
    "both_and_national_bodies": ((*_OF_A_LAND, *_PLACES), True),
}


def of_example(example: Example) -> Gold:
    """A training text as a gold item."""
    nothing: frozenset[str] = frozenset()
    return Gold(example.id, example.text, example.topics, nothing, example.states, nothing)


def shown(found: Figures) -> dict[str, object]:
    """The figures to print."""
    return {
        "f1": found.f1, "f1_interval": found.f1_interval, "precision": found.precision,
        "recall": found.recall,
    }  # fmt: skip


def compare(
    gold: Sequence[Gold], model: Sequence[frozenset[str]], labels: bool
) -> dict[str, object]:
    """All answers to the same items; ``model`` has the model's, in order."""
    told: dict[str, object] = {"items": len(gold)}
    given = {
        name: [by_names(item.text, kinds, federation) for item in gold]
        for name, (kinds, federation) in BASELINES.items()
    }
    given["model"] = list(model)
    for name, found in given.items():
        counts = count(
            found,
            [item.states for item in gold],
            [item.states_optional for item in gold],
            tuple(STATES),
        )
        told[name] = shown(figures(counts.sum(axis=1)))
        if labels and name in ("both_and_national_bodies", "model"):
            sums = counts.sum(axis=0)
            told[f"{name}_labels"] = {
                label: {"wanted": int(w), "missed": int(w - r), "wrong": int(g - r)}
                for label, (r, g, w) in zip(STATES, sums, strict=True)
                if g or w
            }
    return told


def cross_validated(examples: Sequence[Example], labels: bool) -> dict[str, object]:
    """The comparison on the package's own texts: each asked of a model that had not seen it."""
    whole: list[frozenset[str]] = [frozenset()] * len(examples)
    heads = list(whole)
    for inside, outside in make_folds(answers(examples, load_topics()), seed=1):
        model = train([examples[at] for at in inside])
        for rows, texts in (
            (whole, [examples[at].text for at in outside]),
            (heads, [headline_only(examples[at]).text for at in outside]),
        ):
            for at, found in zip(outside, model.classify(texts), strict=True):
                rows[at] = frozenset(found.states)
    return {
        "whole": compare([of_example(one) for one in examples], whole, labels),
        "headlines": compare([of_example(headline_only(one)) for one in examples], heads, labels),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", type=Path, help="further gold items")
    parser.add_argument("--labels", action="store_true", help="each Land apart")
    parser.add_argument("--no-cv", action="store_true", help="leave cross-validation out")
    arguments = parser.parse_args()
    topic_ids = [topic.id for topic in load_topics()]
    examples = load_examples(topic_ids)
    told: dict[str, object] = {}
    if not arguments.no_cv:
        told["cross_validation"] = cross_validated(examples, arguments.labels)
    model = train()
    for path in (DATA / "evaluation.jsonl", *arguments.files):
        gold = read_gold(path.read_text(encoding="utf-8").splitlines(), topic_ids)
        answered = [frozenset(found.states) for found in model.classify([i.text for i in gold])]
        told[path.name] = compare(gold, answered, arguments.labels)
    sys.stdout.write(json.dumps(told, indent=1) + "\n")


if __name__ == "__main__":
    main()
