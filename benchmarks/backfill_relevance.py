"""What a backfill's first look lets through, on texts its model has not seen: one JSON object.

    python benchmarks/backfill_relevance.py [--folds 5] [--general FILE.csv] [--data DIR]

``cross_validation``: over our training texts, each scored by a model that has not seen it. For each
fold the highest threshold with the wanted recall on the others' scores is chosen and tried on it:
``recall`` and ``irrelevant pass`` of that choice are held-out figures, ``chosen`` are the
thresholds, and ``at_likely`` is what the threshold in force does on the same scores.
``evaluation``: the frozen evaluation set, which no model is trained on, by title and teaser only,
as a page shows them first: the share of relevant texts that pass (recall, the bar is .97) and of
irrelevant ones that pass. ``general``: the share that passes of general news (10kGNAD: label;text),
which the model knows nothing of. ``milliseconds`` a page of DIR (``../shared/extraction/html``):
the look, the model, the language, and reading the page by its class.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
from numpy.typing import NDArray

from classifier.corpus import EXAMPLES_DIR, Example, load_examples
from classifier.evaluation import read_gold
from classifier.texts import Text
from classifier.thresholds import make_folds
from classifier.topics import answers
from classifier.training import train
from classifier.vocabulary import load_topics
from crawler.pages import PageError, parse_page
from radar.backfill_relevance import LIKELY, Relevance, glimpse

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"
#: The bar is .97; a little more, since what is chosen on some texts does less well on others.
WANTED = 0.98
Scores = NDArray[np.float64]
Truths = NDArray[np.bool_]
Places = list[int]


def first_look(text: Text) -> Text:
    """What of a text stands out on its page."""
    return replace(text, body=None) if text.teaser else text


def passing(model: Relevance, texts: Sequence[Text]) -> float:
    """Share of the texts that pass."""
    passed = [model.of_text(first_look(text)) >= LIKELY for text in texts]
    return round(sum(passed) / max(len(passed), 1), 3)


def held_out(examples: Sequence[Example], number: int) -> tuple[Scores, Truths, list[Places]]:
    """Probability of each text by a model that has not seen it, whether it has a topic, and the
    places of each fold."""
    truth = answers(examples, load_topics())
    scores = np.zeros(len(examples))
    folds: list[Places] = []
    for inside, outside in make_folds(truth, number):
        model = Relevance.of(train([examples[at] for at in inside]))
        for at in outside:
            scores[at] = model.of_text(first_look(examples[at].text))
        folds.append([int(at) for at in outside])
    return scores, np.array([bool(one.topics) for one in examples]), folds


def cross_validation(examples: Sequence[Example], number: int) -> dict[str, object]:
    """What a threshold does that was chosen without the texts it is tried on."""
    scores, relevant, folds = held_out(examples, number)
    passed = np.zeros(len(examples), dtype=bool)
    chosen = []
    for fold in folds:
        others = np.ones(len(examples), dtype=bool)
        others[fold] = False
        threshold = threshold_for(scores[others & relevant], WANTED)
        chosen.append(round(threshold, 3))
        passed[fold] = scores[fold] >= threshold
    likely = scores >= LIKELY
    return {
        "texts": len(examples),
        "relevant": int(relevant.sum()),
        "wanted recall": WANTED,
        "chosen": chosen,
        "recall": round(float(passed[relevant].mean()), 3),
        "irrelevant pass": round(float(passed[~relevant].mean()), 3),
        "at_likely": {
            "recall": round(float(likely[relevant].mean()), 3),
            "irrelevant pass": round(float(likely[~relevant].mean()), 3),
        },
        "on all folds": round(threshold_for(scores[relevant], WANTED), 3),
    }


def threshold_for(scores: Scores, recall: float) -> float:
    """The highest threshold that so large a share of the scores reaches."""
    ordered = np.sort(scores)
    return float(ordered[int((1 - recall) * len(ordered))])


def milliseconds(work: Callable[[bytes], object], pages: Sequence[bytes]) -> float:
    """Processor time a page, the less of two rounds."""
    times = []
    for _ in range(2):
        begun = time.process_time()
        for page in pages:
            work(page)
        times.append(time.process_time() - begun)
    return round(min(times) / len(pages) * 1000, 2)


def read(page: bytes) -> object:
    try:
        return parse_page(page, "https://a.example/x/y", now=datetime.now(UTC))
    except PageError:
        return None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--general", type=Path, default=SHARED / "labelled" / "gnad10k_test.csv")
    parser.add_argument("--data", type=Path, default=SHARED / "extraction" / "html")
    chosen = parser.parse_args()
    topics = [topic.id for topic in load_topics()]
    with (EXAMPLES_DIR.parent / "evaluation.jsonl").open(encoding="utf-8") as lines:
        gold = read_gold(lines, topics)
    model = Relevance.of(train())
    found: dict[str, object] = {
        "likely": LIKELY,
        "cross_validation": cross_validation(load_examples(topics), chosen.folds),
        "evaluation": {
            "relevant": sum(bool(one.topics) for one in gold),
            "recall": passing(model, [one.text for one in gold if one.topics]),
            "irrelevant pass": passing(model, [one.text for one in gold if not one.topics]),
        },
    }
    if chosen.general.exists():
        with chosen.general.open(encoding="utf-8") as file:
            rows = [row for row in csv.reader(file, delimiter=";", quotechar="'") if len(row) > 1]
        found["general pass"] = passing(model, [Text(body=row[1]) for row in rows])
    if chosen.data.exists():
        pages = [gzip.decompress(path.read_bytes()) for path in sorted(chosen.data.iterdir())[:120]]
        seen = {page: glimpse(page) for page in pages}
        found["milliseconds"] = {
            "look": milliseconds(glimpse, pages),
            "model": milliseconds(lambda page: model.may_have_topic(seen[page]), pages),
            "language": milliseconds(lambda page: seen[page].is_german, pages),
            "page class": milliseconds(read, pages),
        }
        found["german"] = round(sum(one.is_german for one in seen.values()) / len(seen), 3)
    sys.stdout.write(json.dumps(found, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
