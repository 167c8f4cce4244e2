"""Owns exports by year: Parquet files, a folder a year, with the views of archive.db for DuckDB."""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Callable, Collection, Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

from store.archive import ARCHIVE_VERSION, TABLES, columns
from store.disk import full_disk_told, nothing_half_done
from store.exports import PAGE, Exported, ExportError, Pages, alone_in, column_of, writer_of
from store.schema import connect
from store.views import VIEWS

#: What the command calls this format.
FORMAT = "parquet-by-year"
#: A finished folder, and one that is being written.
_NAME = "archive-{day}-years"
_FOLDERS = ("archive-*-years", ".archive-*-years")
#: The file that makes tables and views of the folder's files.
VIEWS_FILE = "views.sql"
#: An item's year in Berlin; where its day is unknown, that of its first sight.
_YEAR = "substr(coalesce({0}.published, {0}.first_seen), 1, 4)"


def export_by_year(archive: Path, folder: Path, *, day: date) -> Exported:
    """Write the public archive as ``folder/archive-2026-03-10-years/TABLE/year=2026/part.parquet``.

    All that hangs on an item lies in its year; tables without items are one file,
    ``TABLE.parquet``. ``duckdb -init views.sql``, called in that folder, shows tables and views
    under the names they have in archive.db. The folder appears when it is complete; one of the same
    day is replaced. Raises as ``exports.export`` does.
    """
    write = writer_of("parquet")
    if write is None or not archive.is_file():
        raise ExportError(f"{archive}: nothing is published yet; `radar publish` makes it.")
    place = folder / _NAME.format(day=day.isoformat())
    fresh = folder / f".{place.name}"
    files, rows = [], 0
    with (
        alone_in(folder),
        full_disk_told(folder),
        nothing_half_done(lambda: [fresh]),
        closing(connect(archive, read_only=True)) as connection,
    ):
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir()
        if connection.execute("PRAGMA user_version").fetchone()[0] != ARCHIVE_VERSION:
            raise ExportError(f"{archive} has another shape; `radar publish` makes it anew.")
        connection.execute("BEGIN")  # all tables as they were at the same moment
        for table in TABLES:
            for path, pages in _parts(connection, table):
                (fresh / path).parent.mkdir(parents=True, exist_ok=True)
                rows += write(fresh / path, table, pages)
                files.append(place / path)
        (fresh / VIEWS_FILE).write_text(views_sql(), encoding="utf-8")
        files.append(place / VIEWS_FILE)
        if place.exists():
            shutil.rmtree(place)
        fresh.replace(place)
    return Exported(tuple(files), rows)


def views_sql() -> str:
    """The statements by which DuckDB knows the files as tables, and the views of archive.db."""
    lines = ["-- duckdb -init views.sql, in this folder: the tables and views of archive.db"]
    for table in TABLES:
        names = ", ".join(columns(table))
        files = f"'{table}/*/*.parquet'" if _is_by_year(table) else f"'{table}.parquet'"
        lines.append(f"CREATE VIEW {table} AS SELECT {names} FROM read_parquet({files});")
    for view, (about, fields, query) in VIEWS.items():
        names = ", ".join(name for name, _ in fields)
        # DuckDB wants every column named that is no aggregate; SQLite takes any row's.
        portable = re.sub(r"GROUP BY [\w., ]+$", "GROUP BY ALL", query.strip())
        lines.append(f"-- {about}\nCREATE VIEW {view} ({names}) AS {portable};")
    return "\n".join(lines) + "\n"


def forget(folder: Path, item_ids: Collection[int], is_erased: Callable[[str], bool]) -> list[Path]:
    """Delete every export by year that holds one of the items or names an erased address; the
    folders. What is half written or cannot be read is deleted too."""
    if not folder.is_dir():
        return []
    gone = []
    with alone_in(folder, wait=True):  # else what is being written would hold it
        for pattern in _FOLDERS:
            for place in sorted(folder.glob(pattern)):
                if place.name.startswith(".") or _names(place, item_ids, is_erased):
                    shutil.rmtree(place)
                    gone.append(place)
    return gone


def _names(place: Path, item_ids: Collection[int], is_erased: Callable[[str], bool]) -> bool:
    try:
        return any(
            int(value) in item_ids
            for path in place.glob("items/*/*.parquet")
            for value in column_of(path, "id")
        ) or any(
            is_erased(str(value))
            for table in ("items", "item_links")
            for path in place.glob(f"{table}/*/*.parquet")
            for value in column_of(path, "url")
        )
    except (ImportError, OSError, ValueError):
        return True


def _is_by_year(table: str) -> bool:
    return table == "items" or "item_id" in columns(table)


def _parts(connection: sqlite3.Connection, table: str) -> Iterator[tuple[Path, Pages]]:
    """Each file of a table with its rows, a year after the other."""
    names = ", ".join(f"t.{name}" for name in columns(table))
    if not _is_by_year(table):
        yield Path(f"{table}.parquet"), _pages(connection, f"SELECT {names} FROM {table} t")
        return
    source = f"{table} t" if table == "items" else f"{table} t JOIN items i ON i.id = t.item_id"
    year = _YEAR.format("t" if table == "items" else "i")
    years = [
        row[0] for row in connection.execute(f"SELECT DISTINCT {_YEAR.format('items')} FROM items")
    ]
    # an empty archive still has the files that the views read
    for value in sorted(years) or ["0000"]:
        statement = f"SELECT {names} FROM {source} WHERE {year} = ? ORDER BY 1, 2"
        yield Path(table, f"year={value}", "part.parquet"), _pages(connection, statement, value)


def _pages(connection: sqlite3.Connection, statement: str, *values: str) -> Pages:
    cursor = connection.execute(statement, values)
    while page := cursor.fetchmany(PAGE):
        yield [tuple(row) for row in page]
