"""Counting by lists of holders and by texts gives what the index gives, whatever came and went."""

from __future__ import annotations

import random
import sqlite3
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from store.columns import Columns, Labels
from store.counting import Counting
from store.holders import CHUNK, read_holders
from store.index import FILTER_LETTERS, Document, create_index
from store.indexing import IndexWriter
from store.language import parse_query
from store.matching import Matcher
from store.paging import Paging
from store.schema import connect
from tests.store.desk import START

WORDS = [
    "Haus",
    "Akte",
    "Personalakte",
    "Köln",
    "E-Akte",
    "Strategie",
    "Digitalstrategie",
    "Bus",
    "Amt",
    "Wald",
    "See",
    "Netz",
]
QUERIES = (
    "", "Haus", "Haus Akte", "Haus ODER See", "Akte -Haus", "-Haus", "Strategie -Köln Wald",
    "Amt thema:ozg", "thema:ozg -land:nrw", "Bus land:by land:nrw", "quelle:b Netz ODER E-Akte",
    "thema:ki", "-thema:ki", "Haus Akte Köln Bus", "nirgends", "Haus nirgends", "Wald* See",
    '"Haus See" Amt', '"Haus See" Amt thema:ki', "Haus thema:ozg", "Haus -thema:ozg quelle:a",
    "Akte -Haus land:nrw", "Netz land:by", "Netz", "Netz land:by thema:ki",
)  # fmt: skip


@pytest.fixture
def archive() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    connection.executescript(
        "CREATE TABLE topics (id, label); CREATE TABLE sources (id, name);"
        "INSERT INTO topics VALUES ('ozg', 'OZG'), ('ki', 'KI');"
        "INSERT INTO sources VALUES ('a', 'A'), ('b', 'B');"
    )
    return connection


def made(chance: random.Random, item_id: int) -> Document:
    return Document(
        item_id=item_id,
        at=START - timedelta(minutes=chance.randrange(40)),
        month=24314,
        source=chance.choice("ab"),
        kind="article",
        topics=tuple(chance.sample(["ozg", "ki"], chance.randrange(3))),
        states=(chance.choice(["DE-NW", "DE-BY"]),),
        title=" ".join(chance.choices(WORDS, k=2)),
        shown=" ".join(chance.choices(WORDS[:8], k=chance.randrange(6))),
        hidden=" ".join(chance.choices(WORDS[4:], k=chance.randrange(4))),
    )


@pytest.mark.parametrize("few", [0, 12, 1000])
@pytest.mark.parametrize("bulk", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_sets_count_what_the_index_counts(
    tmp_path: Path,
    archive: sqlite3.Connection,
    monkeypatch: pytest.MonkeyPatch,
    seed: int,
    bulk: bool,
    few: int,
) -> None:
    monkeypatch.setattr("store.counting.FEW", few)
    monkeypatch.setattr("store.counting.NEWEST", few)
    monkeypatch.setattr("store.counting.FEWEST", 2)
    monkeypatch.setattr("store.paging._LEAST_TEXTS", 5)
    monkeypatch.setattr("store.paging._BLOCK", 16)
    monkeypatch.setattr("store.paging._TEXTS_A_WORD", few // 3)
    monkeypatch.setattr("store.holders.DUE", "documents >= 9 AND NOT counted")
    monkeypatch.setattr("store.counting.COMMON", 5)
    for module in ("holders", "counting"):
        monkeypatch.setattr(f"store.{module}.CHUNK", 32)
    chance = random.Random(seed)
    index = connect(tmp_path / "search.db")
    index.execute("BEGIN")
    create_index(index)
    writer = IndexWriter(index)
    if bulk:
        writer.begin_bulk()
    for _ in range(8):
        for item_id in chance.sample(range(1, 90), 25):
            if chance.random() < 0.2:
                writer.remove(item_id)
            else:
                writer.put(made(chance, item_id))
        writer.flush()
        if chance.random() < 0.3:
            writer = writer if bulk else IndexWriter(index)
    if bulk or seed == 3:
        writer.end_bulk()
    index.execute("COMMIT")
    counted = index.execute("SELECT count(*) FROM vocabulary WHERE counted").fetchone()[0]
    assert counted > 3
    labels = Labels(index)
    columns = Columns(index, labels)
    counting = Counting(index, columns)
    paging = Paging(index, columns, counting)
    matcher = Matcher(index, archive, labels)
    lowest, highest = columns.numbers(np.array([len(columns) // 5, len(columns) * 4 // 5]))
    by_sets = 0
    for text in QUERIES:
        match = matcher.match(parse_query(text), dict.fromkeys(FILTER_LETTERS, ()))
        for bounds in ((0, 2**62), (lowest, highest)):
            found = counting.places(match, *bounds)
            rows = index.execute(
                "SELECT rowid FROM keys WHERE keys MATCH ? AND rowid BETWEEN ? AND ?",
                (match.expression or '"_all"', *bounds),
            )
            numbers = [row[0] for row in rows]
            assert columns.numbers(found) == numbers, text
            newest = paging.newest(match, *bounds, 2, 7)
            assert newest == numbers[::-1][2:9], text
            by_sets += counting.by_sets(match)
    assert by_sets > len(QUERIES)
    index.close()


def test_nothing_of_removed_documents_stays_in_the_lists(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store.holders.DUE", "documents >= 9 AND NOT counted")
    chance = random.Random(1)
    index = connect(tmp_path / "search.db")
    create_index(index)
    writer = IndexWriter(index)
    for item_id in range(60):
        writer.put(made(chance, item_id))
    writer.flush()
    for item_id in range(20):
        writer.remove(item_id)
    writer.flush()
    number = index.execute(
        "SELECT number FROM vocabulary WHERE reversed = ?", ("haus"[::-1],)
    ).fetchone()[0]
    before = read_holders(index, [number], [0])
    writer.end_bulk()
    after = read_holders(index, [number], [0])
    assert before.min() < 20
    assert after.tolist() == [slot for slot in before.tolist() if slot >= 20]
    assert after.max() < CHUNK
    index.close()
