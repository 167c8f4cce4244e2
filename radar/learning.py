"""Trains on the project's texts and the editors' corrections, and promotes what is not worse."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from classifier.comparison import Comparison, compare
from classifier.corpus import EXAMPLES_DIR, Example
from classifier.evaluation import Gold, GoldError, Report, evaluate, read_gold
from classifier.identity import expected_id
from classifier.models import Model, ModelError, load, save
from classifier.registry import Promotion, Registry, active_model
from classifier.tagging import text_of
from classifier.texts import Text
from classifier.vocabulary import load_topics
from radar.config import Config
from radar.progress import say
from store.disk import full_disk_told
from store.errors import RadarError
from store.newsroom import Newsroom

#: Gold items that no model is ever trained on: own words, each labelled by two people.
FROZEN = EXAMPLES_DIR.parent / "evaluation.jsonl"
#: One corrected item in so many is never trained on, so that corrections can be measured too.
HELD_OUT = 5
#: Fewer corrected items than this say nothing of a model.
LEAST = 20

_IDS = [topic.id for topic in load_topics()]


class EvaluationError(RadarError):
    """A gold file that cannot be read; the message names it and the mend."""


class ExplainError(RadarError):
    """There is no such item; the message says how to name one."""


@dataclass(frozen=True, slots=True)
class Trained:
    """What a training came to."""

    model_id: str
    corrections: int
    held_out: int
    comparisons: tuple[Comparison, ...]
    #: None: the new model was worse and is kept aside, or is the one in force already
    promotion: Promotion | None
    #: one line: promoted or not, and why
    verdict: str


@dataclass(frozen=True, slots=True)
class _Corrected:
    item_id: int
    text: Text
    topics: frozenset[str]
    states: frozenset[str]

    @property
    def held_out(self) -> bool:
        digest = hashlib.sha256(str(self.item_id).encode()).digest()
        return digest[0] % HELD_OUT == 0


def _corrected(newsroom: Newsroom) -> Iterator[_Corrected]:
    """Items whose topics or Länder an editor decided. Who corrects one has seen the other."""
    for item_id, decided in sorted(newsroom.decisions().items()):
        if not decided.keys() & {"topic", "state"}:
            continue
        item = newsroom.item(item_id)
        if item is None or (item.article.body is None and item.article.teaser is None):
            continue
        topics = cast("tuple[str, ...]", newsroom.word(item_id, "topic"))
        yield _Corrected(
            item_id=item_id,
            text=text_of(item.article, item.publisher_land),
            topics=frozenset(topics) & set(_IDS),
            states=frozenset(cast("tuple[str, ...]", newsroom.word(item_id, "state"))),
        )


def examples_of(newsroom: Newsroom) -> list[Example]:
    """The editors' corrections as training texts, without those that are held out."""
    return [
        Example(
            id=f"item-{one.item_id}",
            text=one.text,
            topics=one.topics,
            states=one.states,
            register="correction",
            origin="newsroom",
        )
        for one in _corrected(newsroom)
        if not one.held_out
    ]


def held_out_of(newsroom: Newsroom) -> list[Gold]:
    """The corrected items that no model is trained on."""
    return [
        Gold(
            id=f"item-{one.item_id}",
            text=one.text,
            topics=one.topics,
            topics_optional=frozenset(),
            states=one.states,
            states_optional=frozenset(),
        )
        for one in _corrected(newsroom)
        if one.held_out
    ]


def model_in_force(
    config: Config,
    newsroom: Newsroom | None,
    now: Callable[[], datetime],
    tell: Callable[[str], None] = say,
) -> Model:
    """The model that answers; trained first if there is none for today's program and texts.

    ``tell`` is given one line before that, for whoever waits.
    """
    current = Registry(config.models).current()
    if current is None or current.program != expected_id():
        tell("Training the classifier first, about half a minute …")
    with full_disk_told(config.models):
        return active_model(
            config.models,
            now=now,
            corrections=lambda: examples_of(newsroom) if newsroom is not None else [],
        )


def train_again(
    config: Config, newsroom: Newsroom, *, by: str, now: Callable[[], datetime]
) -> Trained:
    """Train on all texts and corrections; put the model in force unless it is worse.

    Worse: its micro-F1 of topics or Länder falls by more than `classifier.comparison.TOLERANCE` on
    the frozen evaluation set, or on the corrections held out once there are `LEAST` of them. One
    that is damaged or gone is replaced by the new one without a comparison.
    """
    from classifier.training import train  # imports scikit-learn

    registry = Registry(config.models)
    registry.promotions()  # where these cannot be read, nothing could be put in force
    lost = ""
    try:
        old = model_in_force(config, newsroom, now)
    except ModelError as error:
        lost, old = str(error), None
    examples, held_out = examples_of(newsroom), held_out_of(newsroom)
    new = train(corrections=examples)
    with full_disk_told(config.models):
        card = save(new, config.models)
    new = load(card)
    if old is None:
        promotion = registry.promote(
            new.id, by=by, why="the one in force could not be used", now=now()
        )
        verdict = f"{new.id} is in force now, compared with none: {lost}"
        return Trained(new.id, len(examples), len(held_out), (), promotion, verdict)
    sets = [("frozen", read_file(FROZEN))]
    if len(held_out) >= LEAST:
        sets.append(("corrections", held_out))
    comparisons = tuple(compare(name, old, new, gold, _IDS) for name, gold in sets)
    with full_disk_told(config.models):
        for report in (comparisons[0].old, comparisons[0].new):
            _keep_measured(config.models / "measured" / f"{report.model_id}.json", report)
    put: Promotion | None = None
    worse = [f"{facet} on {one.name}" for one in comparisons for facet in one.worse]
    if new.id == old.id:
        verdict = f"nothing new to learn: {new.id} is in force already"
    elif worse:
        verdict = f"{new.id} is kept aside: worse at {', '.join(worse)}; {old.id} stays in force"
    else:
        put = registry.promote(
            new.id, by=by, why=f"trained with {len(examples)} corrections", now=now()
        )
        verdict = f"{new.id} is in force now, {old.id} can be rolled back to"
    return Trained(new.id, len(examples), len(held_out), comparisons, put, verdict)


def _keep_measured(path: Path, report: Report) -> None:
    """Beside the models: their figures on the frozen set, for the desk to show by label."""
    path.parent.mkdir(exist_ok=True)
    unfinished = path.with_suffix(".new")
    unfinished.write_text(json.dumps(asdict(report), ensure_ascii=False), encoding="utf-8")
    unfinished.replace(path)


def measure(model: Model, gold: Sequence[Gold]) -> Report:
    """The model's answers to gold items, measured."""
    return evaluate(model, gold, _IDS)


def read_file(file: Path) -> Sequence[Gold]:
    """The gold items of a file. Raises `EvaluationError`, naming file and line."""
    try:
        with file.open(encoding="utf-8") as lines:
            gold = read_gold(lines, _IDS)
    except GoldError as error:
        raise EvaluationError(f"{file}: {error}") from error
    except OSError as error:
        raise EvaluationError(f"{file}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise EvaluationError(f"{file}: not UTF-8 ({error.reason}): save it as UTF-8") from error
    if not gold:
        raise EvaluationError(f"{file}: holds no items; give one item of JSON a line")
    return gold


def explain(
    config: Config, newsroom: Newsroom, which: str, now: Callable[[], datetime]
) -> dict[str, Any]:
    """Why an item (by number or address) has its tags, as plain data for JSON.

    The model in force reads it anew; ``carries`` is what the item has, ``decided`` what editors
    said. Raises `ExplainError` when the newsroom does not have the item.
    """
    number = int(which) if which.isdecimal() and len(which) < 19 else None  # SQLite's integers
    item = newsroom.item_by_url(which) if number is None else newsroom.item(number)
    if item is None:
        raise ExplainError(
            f"{which}: no such item; name the original's address as it is stored, or the number at "
            "the end of its address on the site"
        )
    model = model_in_force(config, newsroom, now)
    found = model.classify([text_of(item.article, item.publisher_land)])[0]
    carried = newsroom.tags(item.id)
    decided = newsroom.decisions([item.id]).get(item.id, {})

    def rows(facet: str) -> list[dict[str, Any]]:
        given: dict[str, float] = getattr(found, facet)
        return [
            {
                "label": label,
                "score": score,
                "needed": round(model.threshold(facet, label), 3),
                "given": label in given,
                "words": list(found.evidence.get(label, ())),
            }
            for label, score in (*given.items(), *found.candidates[facet].items())
        ]

    names = {"topics": "topic", "states": "state"}
    return {
        "id": item.id,
        "url": item.article.url,
        "title": item.article.title,
        "model": model.id,
        "review": found.review,
        "carries": {
            name: [tag.value for tag in carried if tag.facet == facet]
            for name, facet in names.items()
        },
        "decided": {name: decided[facet] for name, facet in names.items() if facet in decided},
        "topics": rows("topics"),
        "states": rows("states"),
        "places": [
            {"ags": place.ags, "name": place.name, "land": place.land} for place in found.places
        ],
    }
