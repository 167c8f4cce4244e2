"""A town whose press is crawled, tagged and published by processes that tests break off."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from classifier.texts import Prediction, Text
from radar.config import Config
from radar.crawling import open_newsroom
from store.newsroom import Newsroom
from store.types import Article
from tests.store.desk import make_article, make_source
from tests.web import Answer, LocalWeb

ROOT = Path(__file__).resolve().parents[2]
SOURCE = make_source()
#: A paper that reprints every fifth release; of its text only a teaser may be shown.
PAPER = make_source("zeitung", display="teaser", licence="press", land=None)
_SPEECH = (
    "Stadt Dienst Antrag Verwaltung Bürger Portal online Termin Amt Rathaus digital Ausweis Haus "
    "Schule Netz Daten Sitzung Gebühr Unterlagen Frist Start Ausbau Plattform Beschluss Kreis Chat "
    "Register Umstellung Software Server Vertrag Projekt Förderung Bescheid Meldung Anmeldung"
)
_WORDS = _SPEECH.split()


def text_of(number: int, words: int) -> str:
    """A text that is the same for the same number and unlike that of any other."""
    chance = random.Random(number)
    return ". ".join(
        " ".join(chance.choices(_WORDS, k=12)).capitalize() for _ in range(max(1, words // 12))
    )


class WordModel:
    """Stands for the trained classifier, which takes seconds to train: topics by single words."""

    id = "words-1"
    topics: ClassVar = {"portal": "ozg", "schule": "bildung", "daten": "open-data", "chat": "ki"}

    def classify(self, texts: Sequence[Text]) -> list[Prediction]:
        return [
            Prediction(
                {topic: 0.9 for word, topic in self.topics.items() if word in start},
                {"DE-NW": 0.8},
                review=False,
                candidates={"topics": {}, "states": {}},
            )
            for start in ((text.body or "")[:60].lower() for text in texts)
        ]


def articles(numbers: Iterable[int], *, words: int = 240) -> list[Article]:
    """The town's items with a body of about so many words, and the paper's reprints."""
    found = []
    for number in numbers:
        body = text_of(number, words)
        found.append(make_article(number, body=body))
        if number % 5 == 0:
            found.append(make_article(number, PAPER.id, body=body))
    return found


def serve_press(web: LocalWeb, count: int, *, words: int = 240) -> None:
    """Put the town's feed and its pages on the web; of the paper there is no page."""
    rows = []
    for article in articles(range(count), words=words):
        if article.source_id != SOURCE.id:
            continue
        rows.append(f"<item><title>{article.title}</title><link>{article.url}</link></item>")
        web.answers[article.url] = Answer(
            f'<!DOCTYPE html><html lang="de"><head><title>{article.title}</title></head><body>'
            f"<main><article><h1>{article.title}</h1><p>{article.body}.</p></article></main>"
            "</body></html>".encode()
        )
    feed = f'<rss version="2.0"><channel><title>Presse</title>{"".join(rows)}</channel></rss>'
    web.answers[SOURCE.url] = Answer(feed.encode(), "application/rss+xml; charset=utf-8")


@dataclass(frozen=True)
class Town:
    """The data folder of one installation."""

    folder: Path

    @property
    def config(self) -> Config:
        return Config(paths_data=self.folder)

    @contextmanager
    def open(self) -> Iterator[Newsroom]:
        with open_newsroom(self.config) as newsroom:
            newsroom.set_sources([SOURCE, PAPER])
            yield newsroom


def faults(path: Path) -> list[str]:
    """What SQLite finds wrong with the file; empty if it is whole."""
    connection = sqlite3.connect(path)
    try:
        found = [row[0] for row in connection.execute("PRAGMA integrity_check")]
        found += [str(tuple(row)) for row in connection.execute("PRAGMA foreign_key_check")]
    finally:
        connection.close()
    return [line for line in found if line != "ok"]
