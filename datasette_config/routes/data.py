"""The page of everything a program can take: dated files, the JSON interface, SQL, feeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from datasette_config.dumps import Dump, dumps
from datasette_config.site import Site
from datasette_config.web import Ask, Page
from store.archive import TABLES

#: What a format is called.
FORMATS = {"csv": "CSV", "ndjson": "NDJSON", "parquet": "Parquet", "sqlite": "SQLite"}


@dataclass(frozen=True, slots=True)
class Files:
    """The files of a day: by table (empty: all in one), then by what their format is called."""

    day: date
    formats: tuple[str, ...]
    tables: Mapping[str, Mapping[str, Dump]]


def page(site: Site, ask: Ask) -> Page:
    """The page; without dated files it tells of the rest."""
    found = dumps(site.config.dumps)
    return site.page(
        "data.html",
        ask,
        days=[_of_day(day, list(group)) for day, group in groupby(found, lambda dump: dump.day)],
        has_parquet=any(dump.format == "parquet" for dump in found),
        tables={table: about for table, (about, _, _) in TABLES.items()},
    )


def _of_day(day: date, found: Sequence[Dump]) -> Files:
    names = dict.fromkeys(FORMATS[dump.format] for dump in found)
    tables = dict.fromkeys(sorted(dump.table or "" for dump in found))
    return Files(
        day,
        tuple(names),
        {
            table: {FORMATS[dump.format]: dump for dump in found if (dump.table or "") == table}
            for table in tables
        },
    )
