"""Owns exports: the public archive as dated files that other programs read, one row at a time."""

from __future__ import annotations

import csv
import errno
import fcntl
import hashlib
import importlib
import json
import os
import re
import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from store.archive import ARCHIVE_VERSION, TABLES, columns
from store.disk import full_disk_told, nothing_half_done
from store.schema import StoreError, connect

FORMATS = ("csv", "ndjson", "parquet", "sqlite")

#: Rows held at a time.
PAGE = 500

#: Columns that hold JSON; NDJSON gives them as what they are.
JSON_COLUMNS = frozenset({"evidence", "changes"})

_PARTIAL = ".partial"
_FINISHED = re.compile(
    r"archive-(?P<day>\d{4}-\d\d-\d\d)(-(?P<table>\w+))?\.(?P<format>csv|ndjson|parquet|sqlite)"
)

#: The csv module refuses longer fields than it is told, at first 128 kB; bodies have no bound.
_LONGEST_FIELD = (1 << 31) - 1

Pages = Iterator[list[tuple[Any, ...]]]
#: Writes one table into a file; how many rows.
Writer = Callable[[Path, str, Pages], int]


class ExportError(StoreError):
    """An export that cannot be made; the message names what is missing."""


@dataclass(frozen=True, slots=True)
class Exported:
    """The finished files, the list of their checksums last, and the rows in them."""

    files: tuple[Path, ...]
    rows: int


def export(archive: Path, folder: Path, *, format: str, day: date) -> Exported:
    """Write the public archive as it is at one moment into ``folder``.

    ``csv`` (RFC 4180, UTF-8, an empty field is absent), ``ndjson`` (one object a line) and
    ``parquet`` give one file a table, ``archive-2026-03-10-items.csv``; ``sqlite`` gives one file
    that SQLite opens. ``archive-2026-03-10-csv.sha256`` lists their checksums for
    ``sha256sum --check``. Memory does not grow with the archive. A file appears when it is
    complete; an export of the same day is replaced.

    Raises ``ExportError`` when there is no archive, no pyarrow, or another export writes into
    the folder, ``DiskFullError`` when there is no room.
    """
    write = writer_of(format)
    if not archive.is_file():
        raise ExportError(f"{archive}: nothing is published yet; `radar publish` makes it.")
    stem = f"archive-{day.isoformat()}"
    with (
        alone_in(folder),
        full_disk_told(folder),
        nothing_half_done(lambda: _leftovers(folder)),
        closing(connect(archive, read_only=True)) as connection,
    ):
        for leftover in _leftovers(folder):
            leftover.unlink()
        if connection.execute("PRAGMA user_version").fetchone()[0] != ARCHIVE_VERSION:
            raise ExportError(f"{archive} has another shape; `radar publish` makes it anew.")
        if write is None:
            files = [folder / f"{stem}.sqlite"]
            rows = _dump(connection, files[0])
        else:
            files, rows = [], 0
            # One transaction: all tables as they were at the same moment.
            connection.execute("BEGIN")
            for table in TABLES:
                path = folder / f"{stem}-{table}.{format}"
                rows += write(_partial(path), table, _pages(connection, table))
                files.append(path)
        sums = folder / f"{stem}-{format}.sha256"
        lines = [f"{_sha256(_partial(path))}  {path.name}\n" for path in files]
        _partial(sums).write_text("".join(lines), encoding="utf-8")
        files.append(sums)
        for path in files:
            with _partial(path).open("rb") as file:
                os.fsync(file.fileno())
            _partial(path).replace(path)
    return Exported(tuple(files), rows)


@contextmanager
def alone_in(folder: Path, *, wait: bool = False) -> Iterator[None]:
    """Hold the folder, made if there is none, as long as an export is written or looked through.

    Who does not ``wait`` for another gets an ``ExportError``, as where it cannot be made. The lock
    ends with the process that holds it.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        opened = os.open(folder, os.O_RDONLY)
        if not os.access(folder, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except OSError as error:
        raise ExportError(f"{folder}: cannot be written: {error.strerror}.") from error
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        yield
    except BlockingIOError as error:
        raise ExportError(
            f"{folder}: another export into it is under way; try again when it is done."
        ) from error
    finally:
        os.close(opened)


def _leftovers(folder: Path) -> list[Path]:
    return list(folder.glob("archive-*" + _PARTIAL + "*"))


def _pages(connection: sqlite3.Connection, table: str) -> Pages:
    # The first two columns begin the key of every table: read along the index, never sorted.
    names = ", ".join(columns(table))
    cursor = connection.execute(f"SELECT {names} FROM {table} ORDER BY 1, 2")
    while page := cursor.fetchmany(PAGE):
        yield [tuple(row) for row in page]


def writer_of(format: str) -> Writer | None:
    """What writes one table in this format; None for a copy of the whole file."""
    if format == "parquet":
        return _parquet_writer()
    writers: dict[str, Writer | None] = {"csv": _write_csv, "ndjson": _write_ndjson, "sqlite": None}
    if format not in writers:
        raise ExportError(f"{format}: no such format; there are {', '.join(FORMATS)}.")
    return writers[format]


def _write_csv(path: Path, table: str, pages: Pages) -> int:
    rows = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns(table))
        for page in pages:
            writer.writerows(page)
            rows += len(page)
    return rows


def _write_ndjson(path: Path, table: str, pages: Pages) -> int:
    names = columns(table)
    rows = 0
    with path.open("w", encoding="utf-8") as file:
        for page in pages:
            for row in page:
                values = {
                    name: json.loads(value) if name in JSON_COLUMNS else value
                    for name, value in zip(names, row, strict=True)
                }
                file.write(json.dumps(values, ensure_ascii=False) + "\n")
            rows += len(page)
    return rows


def _parquet_writer() -> Writer:
    try:
        arrow = importlib.import_module("pyarrow")
        parquet = importlib.import_module("pyarrow.parquet")
    except ImportError as error:
        raise ExportError(
            "Parquet needs pyarrow, which is not installed: pip install 'kommunalradar[parquet]', "
            "or choose csv, ndjson or sqlite."
        ) from error
    types = {"TEXT": arrow.string(), "INTEGER": arrow.int64(), "REAL": arrow.float64()}

    def write(path: Path, table: str, pages: Pages) -> int:
        fields = TABLES[table][1]
        schema = arrow.schema([(name, types[sql.split()[0]]) for name, sql, _ in fields])
        rows = 0
        with parquet.ParquetWriter(path, schema, compression="zstd") as writer:
            for page in pages:
                arrays = [
                    arrow.array(column, type=field.type)
                    for column, field in zip(zip(*page, strict=True), schema, strict=True)
                ]
                writer.write_table(arrow.Table.from_arrays(arrays, schema=schema))
                rows += len(page)
        return rows

    return write


def _dump(connection: sqlite3.Connection, path: Path) -> int:
    """Copy the archive as one compact file, as it is at one moment."""
    connection.execute("VACUUM INTO ?", (str(_partial(path)),))
    with closing(sqlite3.connect(_partial(path))) as copy:
        return sum(
            int(copy.execute(f"SELECT count(*) FROM {table}").fetchone()[0]) for table in TABLES
        )


def forget(folder: Path, item_ids: Collection[int], is_erased: Callable[[str], bool]) -> list[Path]:
    """Delete every export that holds one of the items or names an erased address; its files.

    All tables of one day and format go together: they refer to each other, and a list of
    checksums would no longer fit. What cannot be read is deleted too.
    """
    if not folder.is_dir():
        return []
    with alone_in(folder, wait=True):  # else what is being written would hold it
        return _forget(folder, item_ids, is_erased)


def _forget(
    folder: Path, item_ids: Collection[int], is_erased: Callable[[str], bool]
) -> list[Path]:
    deleted = _leftovers(folder)
    sets: dict[tuple[str, str], dict[str, Path]] = {}
    for path in sorted(folder.glob("archive-*")):
        if found := _FINISHED.fullmatch(path.name):
            sets.setdefault((found["day"], found["format"]), {})[found["table"] or ""] = path
    for (day, format), tables in sets.items():
        if _names(tables, format, item_ids, is_erased):
            sums = folder / f"archive-{day}-{format}.sha256"
            deleted += [*tables.values(), *([sums] if sums.exists() else [])]
    for path in deleted:
        path.unlink()
    return deleted


def _names(
    tables: dict[str, Path],
    format: str,
    item_ids: Collection[int],
    is_erased: Callable[[str], bool],
) -> bool:
    try:
        return any(
            int(value) in item_ids for value in _values(tables, format, "items", "id")
        ) or any(
            is_erased(str(value))
            for table in ("items", "item_links")
            for value in _values(tables, format, table, "url")
        )
    except (ImportError, KeyError, OSError, ValueError, csv.Error, sqlite3.Error, StoreError):
        # Damaged, incomplete, or no pyarrow any more: what is unknown may hold it.
        return True


def _values(tables: dict[str, Path], format: str, table: str, column: str) -> Iterable[Any]:
    """One column of a finished export."""
    if format == "sqlite":
        with closing(connect(tables[""], read_only=True)) as connection:
            yield from (row[0] for row in connection.execute(f"SELECT {column} FROM {table}"))
    elif format == "parquet":
        yield from column_of(tables[table], column)
    else:
        with tables[table].open(encoding="utf-8", newline="") as lines:
            if format == "csv":
                csv.field_size_limit(_LONGEST_FIELD)
                yield from (row[column] for row in csv.DictReader(lines))
            else:
                yield from (json.loads(line)[column] for line in lines)


def column_of(path: Path, column: str) -> Iterator[Any]:
    """One column of a Parquet file. Raises ``ImportError`` without pyarrow, ``ValueError`` or
    ``OSError`` where the file is damaged."""
    parquet = importlib.import_module("pyarrow.parquet")
    with parquet.ParquetFile(path) as file:
        for batch in file.iter_batches(columns=[column]):
            yield from batch.column(0).to_pylist()


def _partial(path: Path) -> Path:
    return path.with_name(path.name + _PARTIAL)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
