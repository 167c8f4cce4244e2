"""Exports: every public row, readable by others, complete files only."""

from __future__ import annotations

import builtins
import csv
import hashlib
import importlib
import json
import sqlite3
import tracemalloc
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from store.archive import TABLES, columns
from store.exports import FORMATS, Exported, ExportError, alone_in, export, forget
from store.partitions import export_by_year
from store.schema import connect
from store.types import Link
from tests.store.desk import Desk, make_article, rows

DAY = date(2026, 3, 10)
BODY = 'Ein "Zitat", ein Komma;\nzweiter Absatz mit Straße, 日本 und = Zeichen.'


def fill(desk: Desk) -> None:
    ids = desk.save(
        make_article(1, body=BODY, links=(Link("https://a.example/", "Verweis"),)),
        make_article(2, "zeitung", body="Geheimer Text " * 60),
        make_article(3, teaser=None, published=None),
    )
    desk.save(make_article(1, body=BODY + " Berichtigt.", links=()))
    desk.tag(ids[0], "ozg", "ki", states=["DE-NW"])
    desk.publish()


def expected(desk: Desk) -> dict[str, list[tuple[Any, ...]]]:
    return {table: rows(desk.archive, table) for table in TABLES}


def in_order(found: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return sorted(found, key=repr)


def test_csv(desk: Desk, tmp_path: Path) -> None:
    fill(desk)
    done = export(desk.archive, tmp_path / "e", format="csv", day=DAY)
    for table, held in expected(desk).items():
        path = tmp_path / "e" / f"archive-2026-03-10-{table}.csv"
        with path.open(encoding="utf-8", newline="") as file:
            header, *found = list(csv.reader(file))
        assert tuple(header) == columns(table)
        as_text = [tuple("" if value is None else str(value) for value in row) for row in held]
        assert in_order([tuple(row) for row in found]) == in_order(as_text)
    assert done.rows == sum(len(held) for held in expected(desk).values())
    assert len(done.files) == len(TABLES) + 1


def test_ndjson(desk: Desk, tmp_path: Path) -> None:
    fill(desk)
    export(desk.archive, tmp_path / "e", format="ndjson", day=DAY)
    for table, held in expected(desk).items():
        path = tmp_path / "e" / f"archive-2026-03-10-{table}.ndjson"
        found = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        assert all(tuple(row) == columns(table) for row in found)
        for row in found:
            for name in {"evidence", "changes"} & set(row):
                assert isinstance(row[name], list)
                row[name] = json.dumps(row[name], ensure_ascii=False)
        assert in_order([tuple(row.values()) for row in found]) == held


def test_sqlite(desk: Desk, tmp_path: Path) -> None:
    fill(desk)
    done = export(desk.archive, tmp_path / "e", format="sqlite", day=DAY)
    path = tmp_path / "e" / "archive-2026-03-10.sqlite"
    assert {table: rows(path, table) for table in TABLES} == expected(desk)
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "delete"
    assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    assert connection.execute("PRAGMA freelist_count").fetchone()[0] == 0
    connection.close()
    assert done.rows == sum(len(held) for held in expected(desk).values())


def test_parquet(desk: Desk, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="the optional extra parquet is absent")
    fill(desk)
    done = export(desk.archive, tmp_path / "e", format="parquet", day=DAY)
    for table, held in expected(desk).items():
        found = parquet.read_table(tmp_path / "e" / f"archive-2026-03-10-{table}.parquet")
        assert tuple(found.column_names) == columns(table)
        assert in_order([tuple(row.values()) for row in found.to_pylist()]) == held
    assert done.rows == sum(len(held) for held in expected(desk).values())
    items = parquet.read_schema(tmp_path / "e" / "archive-2026-03-10-items.parquet")
    assert str(items.field("id").type) == "int64"


def test_parquet_without_pyarrow_says_what_to_install(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def absent(name: str, *rest: Any) -> Any:
        raise ImportError(name)

    monkeypatch.setattr(importlib, "import_module", absent)
    with pytest.raises(ExportError, match=r"pip install 'kommunalradar\[parquet\]'") as caught:
        export(desk.archive, tmp_path / "e", format="parquet", day=DAY)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "e").exists()


@pytest.mark.parametrize("format", [name for name in FORMATS if name != "parquet"])
def test_checksums_are_those_of_the_files(desk: Desk, tmp_path: Path, format: str) -> None:
    fill(desk)
    folder = tmp_path / "e"
    done = export(desk.archive, folder, format=format, day=DAY)
    *files, sums = done.files
    assert sums.name == f"archive-2026-03-10-{format}.sha256"
    listed = dict(reversed(line.split("  ")) for line in sums.read_text().splitlines())
    assert listed == {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
    assert sorted(path.name for path in folder.iterdir()) == sorted(p.name for p in done.files)


def test_private_text_is_in_no_export(desk: Desk, tmp_path: Path) -> None:
    fill(desk)
    secret = make_article(9, "kurz", body="Quastenflossersee")
    desk.save(secret)
    desk.publish()
    for format in ("csv", "ndjson", "sqlite"):
        export(desk.archive, tmp_path / "e", format=format, day=DAY)
    for path in (tmp_path / "e").iterdir():
        assert b"Quastenflossersee" not in path.read_bytes()


def test_the_same_day_replaces_and_another_day_adds(desk: Desk, tmp_path: Path) -> None:
    fill(desk)
    folder = tmp_path / "e"
    export(desk.archive, folder, format="ndjson", day=DAY)
    (folder / "archive-2026-03-10-items.csv.partial").write_text("von einem Abbruch")
    desk.save(make_article(20))
    desk.publish()
    export(desk.archive, folder, format="ndjson", day=DAY)
    items = (folder / "archive-2026-03-10-items.ndjson").read_text(encoding="utf-8")
    assert len(items.splitlines()) == 4
    assert list(folder.glob("*.partial")) == []
    export(desk.archive, folder, format="ndjson", day=date(2026, 3, 11))
    assert len(list(folder.iterdir())) == 2 * (len(TABLES) + 1)


def test_what_cannot_be_exported_is_said(desk: Desk, tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="nothing is published yet"):
        export(desk.archive, tmp_path / "e", format="csv", day=DAY)
    fill(desk)
    with pytest.raises(ExportError, match="there are csv, ndjson, parquet, sqlite"):
        export(desk.archive, tmp_path / "e", format="xls", day=DAY)
    (tmp_path / "datei").write_text("x")
    with pytest.raises(ExportError, match="cannot be written"):
        export(desk.archive, tmp_path / "datei", format="csv", day=DAY)
    connection = connect(desk.archive)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(ExportError, match="another shape"):
        export(desk.archive, tmp_path / "e", format="csv", day=DAY)


@pytest.mark.parametrize("format", [*FORMATS, "parquet-by-year"])
def test_two_at_once_into_one_folder_do_not_meet(desk: Desk, tmp_path: Path, format: str) -> None:
    fill(desk)

    def write() -> Exported:
        if format == "parquet-by-year":
            return export_by_year(desk.archive, tmp_path, day=DAY)
        return export(desk.archive, tmp_path, format=format, day=DAY)

    with (
        alone_in(tmp_path),
        pytest.raises(ExportError, match="another export into it is under way"),
    ):
        write()
    assert list(tmp_path.glob("archive-*")) == []
    assert write().rows > 0


def test_an_erasure_waits_for_the_export_that_may_hold_it(desk: Desk, tmp_path: Path) -> None:
    fill(desk)
    with ThreadPoolExecutor(1) as beside:
        with alone_in(tmp_path):
            export_in_place = tmp_path / "archive-2026-03-10-items.csv.partial"
            export_in_place.write_text("half")
            forgetting = beside.submit(forget, tmp_path, {1}, lambda url: False)
            assert not wait([forgetting], timeout=0.2).done
            assert export_in_place.exists()
        assert forgetting.result(20) == [export_in_place]


def test_a_row_written_meanwhile_is_in_all_tables_or_in_none(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(desk)
    opened = builtins.open

    def publish_in_between(self: Path, *rest: Any, **more: Any) -> Any:
        if self.name.endswith("-item_topics.ndjson.partial") and "w" in rest:
            (late,) = desk.save(make_article(30))
            desk.tag(late, "ozg")
            desk.publish()
        return opened(self, *rest, **more)

    monkeypatch.setattr(Path, "open", publish_in_between)
    monkeypatch.setattr("store.schema.BUSY_SECONDS", 0.1)
    export(desk.archive, tmp_path / "e", format="ndjson", day=DAY)
    monkeypatch.undo()
    assert len(rows(desk.archive, "items")) == 4
    for table in ("items", "item_topics"):
        path = tmp_path / "e" / f"archive-2026-03-10-{table}.ndjson"
        text = path.read_text(encoding="utf-8")
        assert "Meldung 30" not in text
        assert '"item_id": 4' not in text


def test_memory_does_not_grow_with_the_archive(desk: Desk, tmp_path: Path) -> None:
    desk.save(make_article(1))
    desk.publish()
    connection = connect(desk.archive)
    connection.execute("BEGIN")
    names = ", ".join(columns("items")[1:])
    for number in range(6_000):
        connection.execute(
            f"INSERT INTO items (id, {names}) SELECT ?, {names} FROM items WHERE id = 1",
            (number + 2,),
        )
    connection.execute("UPDATE items SET body = printf('%.*c', 3000, 'x')")
    connection.execute("COMMIT")
    connection.close()
    tracemalloc.start()
    export(desk.archive, tmp_path / "e", format="csv", day=DAY)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    size = (tmp_path / "e" / "archive-2026-03-10-items.csv").stat().st_size
    assert size > 18_000_000
    assert peak < size / 3
