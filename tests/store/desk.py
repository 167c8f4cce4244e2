"""What the store's tests share: a clock, sources, articles, an open newsroom, file contents."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from store.index import FACTS, PLACES
from store.newsroom import Newsroom
from store.publish import Published, publish
from store.search import Query, Results, Search
from store.types import Article, PublicationDate, Source, Tag, Tagging

START = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
MODEL = "model-1"
TOPICS = [
    ("ozg", "OZG & Online-Dienste", "Online-Dienste der Verwaltung"),
    ("ki", "KI & Automatisierung", "Künstliche Intelligenz"),
    ("e-akte", "E-Akte & Prozesse", "Elektronische Akten"),
]


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self, at: datetime = START) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def move(self, **by: float) -> None:
        self.at += timedelta(**by)


def make_source(source_id: str = "stadt_a", **changes: Any) -> Source:
    """A town's press feed that may be shown in full, unless told otherwise."""
    source = Source(
        id=source_id,
        name=f"Quelle {source_id}",
        publisher="Stadt A",
        homepage=f"https://{source_id}.example/",
        kind="feed",
        url=f"https://{source_id}.example/feed",
        licence="official",
        display="full",
        relevance="all",
        schedule="adaptive",
        reference=f"https://{source_id}.example/presse",
        land="DE-NW",
        checked="2026-02-01",
    )
    return replace(source, **changes)


def make_article(number: int = 1, source_id: str = "stadt_a", **changes: Any) -> Article:
    """An article published ``number`` hours before the clock's start."""
    article = Article(
        source_id=source_id,
        url=f"https://{source_id}.example/{number}",
        kind="press_release",
        title=f"Meldung {number}",
        fetched_at=START,
        teaser=f"Vorspann der Meldung {number}.",
        body=f"Erster Absatz {number}.\nZweiter Absatz.",
        published=PublicationDate(START - timedelta(hours=number), False, "heute"),
    )
    return replace(article, **changes)


def topics_of(item_id: int, content_hash: str, *topics: str, states: Iterable[str] = ()) -> Tagging:
    """A sure answer of the model."""
    tags = [Tag("topic", topic, 0.9, MODEL, ("wort",)) for topic in topics]
    tags += [Tag("state", state, 0.8, MODEL) for state in states]
    return Tagging(item_id, content_hash, MODEL, tuple(tags), (), review=False)


@dataclass
class Desk:
    """An open newsroom with the files it publishes to."""

    newsroom: Newsroom
    clock: Clock
    folder: Path

    @property
    def archive(self) -> Path:
        return self.folder / "archive.db"

    @property
    def search(self) -> Path:
        return self.folder / "search.db"

    def save(self, *articles: Article) -> list[int]:
        """Save the articles; their numbers."""
        ids = []
        for article in articles:
            self.newsroom.save(article)
            row = self.newsroom.connection.execute(
                "SELECT id FROM items WHERE url = ? AND source_id = ?",
                (article.url, article.source_id),
            ).fetchone()
            ids.append(row["id"])
        return ids

    def tag(self, item_id: int, *topics: str, states: Iterable[str] = ()) -> None:
        item = self.newsroom.item(item_id)
        assert item is not None
        self.newsroom.set_taggings([topics_of(item_id, item.content_hash, *topics, states=states)])

    def publish(self, **options: Any) -> Published:
        return publish(self.newsroom, self.archive, self.search, **options)

    def find(self, text: str = "", **query: Any) -> Results:
        """The answer to a query after publishing what there is."""
        self.publish()
        with Search(self.search, self.archive) as search:
            return search.run(Query(text=text, **query))

    def titles(self, text: str = "", **query: Any) -> list[str]:
        return [hit.title for hit in self.find(text, **query).hits]


def rows(path: Path, table: str) -> list[tuple[Any, ...]]:
    """All rows of a table in a stable order."""
    connection = sqlite3.connect(path)
    try:
        found = connection.execute(f"SELECT * FROM {table}").fetchall()
    finally:
        connection.close()
    return sorted(found, key=repr)


def public_content(archive: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of archive.db but the notes of when it was written."""
    connection = sqlite3.connect(archive)
    tables = [
        row[0]
        for row in connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        )
    ]
    connection.close()
    content = {table: rows(archive, table) for table in tables}
    content["info"] = [row for row in content["info"] if row[0] not in ("published_at",)]
    return content


def index_content(search: Path) -> dict[str, Any]:
    """What decides the answers of search.db: order, labels by value, keys, vocabulary."""
    connection = sqlite3.connect(search)
    labels = {
        (facet, number): value
        for facet, number, value in connection.execute("SELECT facet, number, value FROM labels")
    }

    def names(facet: str, bits: int) -> list[str]:
        return sorted(
            value for (of, number), value in labels.items() if of == facet and bits >> number & 1
        )

    clusters = {
        item: tuple(place)
        for item, *place in connection.execute("SELECT item_id, cluster, is_primary FROM members")
    }
    documents = []
    for number, item_id, minute, packed in connection.execute(
        "SELECT * FROM documents ORDER BY id"
    ):
        facts = FACTS.unpack(packed)
        assert number >= minute * PLACES
        assert facts[0] == item_id
        documents.append(
            (
                item_id, minute, facts[4], labels["source", facts[3]], labels["kind", facts[5]],
                names("topic", facts[1]), names("state", facts[2]), clusters.pop(item_id, None),
            )
        )  # fmt: skip
    assert not clusters
    vocabulary = connection.execute(
        "SELECT reversed, documents FROM vocabulary ORDER BY reversed"
    ).fetchall()
    connection.execute("CREATE VIRTUAL TABLE temp.terms USING fts5vocab('main', 'keys', 'col')")
    terms = connection.execute(
        "SELECT term, col, doc, cnt FROM temp.terms WHERE term NOT LIKE '\\_%' ESCAPE '\\' "
        "ORDER BY term, col"
    ).fetchall()
    connection.close()
    return {"documents": documents, "vocabulary": vocabulary, "terms": terms}
