"""Exports by year: every public row in its year, and the views of archive.db in DuckDB."""

from __future__ import annotations

import os
import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from store.archive import TABLES, columns
from store.copies import forget_copies
from store.erasure import erase
from store.exports import ExportError
from store.partitions import VIEWS_FILE, export_by_year, forget
from store.types import Link, PublicationDate
from store.views import VIEWS
from tests.store.desk import Desk, make_article, rows

DAY = date(2026, 3, 10)
DOCS = Path(__file__).resolve().parents[2] / "docs" / "growing.md"

duckdb = pytest.importorskip("duckdb", reason="needs duckdb, of the development extra")


def published(year: int, month: int) -> PublicationDate:
    return PublicationDate(datetime(year, month, 2, 9, tzinfo=UTC), False, "x")


@pytest.fixture
def filled(desk: Desk) -> Desk:
    ids = desk.save(
        make_article(1, published=published(2024, 2), links=(Link("https://a.example/", "Dort"),)),
        make_article(2, published=published(2024, 3)),
        make_article(3, "zeitung", published=published(2026, 1)),
        make_article(4, published=None),
    )
    desk.tag(ids[0], "ozg", "ki", states=["DE-NW"])
    desk.tag(ids[1], "ozg", states=["DE-NW"])
    desk.tag(ids[2], "ki", states=["DE-HE"])
    desk.publish()
    return desk


def database(place: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """DuckDB as its command line opens it in the folder."""
    monkeypatch.chdir(place)
    connection = duckdb.connect()
    connection.execute((place / VIEWS_FILE).read_text(encoding="utf-8"))
    return connection


def in_order(found: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return sorted((tuple(row) for row in found), key=repr)


def test_tables_and_views_are_those_of_the_archive(
    filled: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = export_by_year(filled.archive, tmp_path / "e", day=DAY)
    place = tmp_path / "e" / "archive-2026-03-10-years"
    years = sorted(path.name for path in (place / "items").iterdir())
    assert years[0] == "year=2024"
    assert "year=2026" in years
    duck = database(place, monkeypatch)
    for table in TABLES:
        names = ", ".join(columns(table))
        found = duck.execute(f"SELECT {names} FROM {table}").fetchall()
        assert in_order(found) == in_order(rows(filled.archive, table)), table
    for view in VIEWS:
        found = duck.execute(f"SELECT * FROM {view}").fetchall()
        assert in_order(found) == in_order(rows(filled.archive, view)), view
    assert done.rows == sum(len(rows(filled.archive, table)) for table in TABLES)
    assert all(path.is_file() for path in done.files)
    assert os.listdir(tmp_path / "e") == [place.name]


def test_what_hangs_on_an_item_lies_in_its_year(filled: Desk, tmp_path: Path) -> None:
    export_by_year(filled.archive, tmp_path, day=DAY)
    place = tmp_path / "archive-2026-03-10-years"
    found = duckdb.execute(
        f"SELECT year, count(*) FROM read_parquet('{place}/item_topics/*/*.parquet') GROUP BY 1"
    ).fetchall()
    assert dict(found) == {2024: 3, 2026: 1}


def test_the_export_of_a_day_is_replaced(filled: Desk, tmp_path: Path) -> None:
    place = tmp_path / "e" / "archive-2026-03-10-years"
    (place / "items" / "year=1999").mkdir(parents=True)
    (tmp_path / "e" / ".archive-2026-03-10-years").mkdir()
    export_by_year(filled.archive, tmp_path / "e", day=DAY)
    assert not (place / "items" / "year=1999").exists()
    assert os.listdir(tmp_path / "e") == [place.name]


def test_an_empty_archive_has_its_views(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.publish()
    export_by_year(desk.archive, tmp_path, day=DAY)
    duck = database(tmp_path / "archive-2026-03-10-years", monkeypatch)
    assert duck.execute("SELECT * FROM topic_by_month").fetchall() == []


def test_no_archive_is_said(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="nothing is published"):
        export_by_year(tmp_path / "archive.db", tmp_path, day=DAY)


def test_an_erasure_reaches_them(filled: Desk, tmp_path: Path) -> None:
    folder = tmp_path / "e"
    filled.newsroom.note_copies("exports", folder)
    export_by_year(filled.archive, folder, day=DAY)
    assert forget(folder, {999}, lambda _: False) == []
    (item, *_) = filled.newsroom.items()
    erase(filled.newsroom, item.id, reason="Antrag")
    forgotten = forget_copies(filled.newsroom, [1])
    assert [path.name for path in forgotten.exports] == ["archive-2026-03-10-years"]
    assert os.listdir(folder) == []


def test_the_examples_of_the_documentation_run(
    filled: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export_by_year(filled.archive, tmp_path, day=DAY)
    duck = database(tmp_path / "archive-2026-03-10-years", monkeypatch)
    examples = re.findall(r"```sql\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    assert len(examples) >= 3
    for example in examples:
        assert duck.execute(example).fetchall(), example
