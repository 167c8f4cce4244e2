"""Of a text that may not be shown a reader learns which words it holds, and nothing else."""

from __future__ import annotations

import html
import re
import sqlite3
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from store.newsroom import Newsroom
from store.publish import publish
from store.search import Query, Results, Search
from tests.store.desk import TOPICS, Clock, make_article, make_source, rows

#: Words of private texts: plain ones, compounds, forms of one word, hyphens, numbers.
WORDS = [
    "Glasfaser", "Rathaus", "Rathäuser", "Strategie", "Digitalstrategie", "E-Akte", "der", "kostet",
    "1.234", "Euro", "Bürger:innen", "Köln", "Datenschutz", "Amt", "und", "Wald",
]  # fmt: skip
PUBLIC = "Das Rathaus in Köln bleibt offen. Die Strategie der Stadt kostet Geld."


class Place:
    """A published archive in which one item's text is private."""

    def __init__(self, folder: Path, body: str, source_id: str) -> None:
        folder.mkdir()
        self.search, self.archive = folder / "search.db", folder / "archive.db"
        with Newsroom(folder / "newsroom.db", now=Clock()) as newsroom:
            newsroom.set_sources(
                [
                    make_source(),
                    make_source("zeitung", display="teaser", licence="press", land=None),
                    make_source("kurz", display="headline", licence="press", land=None),
                ]
            )
            newsroom.set_topics(TOPICS)
            newsroom.save(make_article(1, body=PUBLIC))
            newsroom.save(
                make_article(2, source_id, title="Offener Titel", teaser="Kurz gesagt.", body=body)
            )
            newsroom.save(make_article(3, body="Wald und Amt."))
            publish(newsroom, self.archive, self.search)


def everything_told(place: Place, questions: list[str]) -> list[Any]:
    """All that any answer holds."""
    told: list[Any] = []
    with Search(place.search, place.archive) as search:
        for text in questions:
            for order in ("date", "relevance"):
                told.append(search.run(Query(text, order=order)))
            told.append(search.run(Query(text), counts=False))
        told += [search.similar(item, 5) for item in (1, 2, 3)]
    return told


def questions_of(body: str) -> list[str]:
    """What a patient reader asks: every pair of neighbours in every way that joins words."""
    words = body.split()
    asked = [*words, *(f"{word[:3]}*" for word in words), body, f'"{body}"']
    for one, other in pairwise(words):
        asked += [
            f'"{one} {other}"', f"{one}-{other}", f"{one}/{other}", f"NEAR({one} {other}, 2)",
            f"{one} {other}", f'"{one}" "{other}"', f'-"{one} {other}" {one}', f"{one} + {other}",
            f'"{one} {other[:2]}"*', f"{one} ODER {other}", f"{{bag}}: {one}", f"^{one}",
        ]  # fmt: skip
    return list(dict.fromkeys(asked))


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.sampled_from(WORDS), min_size=2, max_size=6), st.randoms(), st.booleans())
def test_the_order_and_number_of_private_words_change_no_answer(
    tmp_path_factory: pytest.TempPathFactory, words: list[str], chance: Any, teaser: bool
) -> None:
    """Two archives that differ in the order of a private text, and in how often words stand in it.

    Whatever is asked, all hits, counts, orders, marks, extracts, notes and likenesses are equal:
    nothing that a reader can see depends on more than the set of its words.
    """
    folder = tmp_path_factory.mktemp("two")
    source = "zeitung" if teaser else "kurz"
    other = [*words, *chance.choices(words, k=3)]
    chance.shuffle(other)
    asked = list(dict.fromkeys(questions_of(" ".join(words)) + questions_of(" ".join(other))))
    one_place = Place(folder / "one", " ".join(words), source)
    other_place = Place(folder / "other", " ".join(other), source)
    assert everything_told(one_place, asked) == everything_told(other_place, asked)
    # Not even the index itself holds more.
    for table in ("texts", "vocabulary", "forms", "holders"):
        assert rows(one_place.search, table) == rows(other_place.search, table)


def shown_words(results: Results) -> set[str]:
    """All words of the hits' texts."""
    texts = [
        html.unescape(re.sub(r"</?mark>", "", text))
        for hit in results.hits
        for text in (hit.title_html, hit.kicker_html, hit.teaser_html)
        if text
    ]
    return {word for text in texts for word in text.replace("…", " ").split()}


@pytest.mark.parametrize("source_id", ["zeitung", "kurz"])
def test_marks_and_extracts_show_only_what_may_be_shown(tmp_path: Path, source_id: str) -> None:
    """Asked for any of its words, a hit shows words of the public row alone."""
    place = Place(tmp_path / "one", " ".join(WORDS), source_id)
    connection = sqlite3.connect(place.archive)
    connection.row_factory = sqlite3.Row
    public = {
        row["id"]: " ".join(filter(None, (row["title"], row["kicker"], row["teaser"], row["body"])))
        for row in connection.execute("SELECT * FROM items")
    }
    connection.close()
    with Search(place.search, place.archive) as search:
        for text in ["", *WORDS, "glas*", "OFFENER ODER " + " ODER ".join(WORDS)]:
            results = search.run(Query(text))
            for hit in results.hits:
                one = replace(results, hits=(hit,))
                assert shown_words(one) <= set(public[hit.item_id].split())
        (hit,) = search.run(Query("Glasfaser")).hits
        assert hit.title == "Offener Titel"
        assert "<mark>" not in hit.title_html + (hit.teaser_html or "")
