"""The page of everything a program can take: dated files, the JSON interface, SQL, feeds."""

from __future__ import annotations

from itertools import groupby

from datasette_config.dumps import dumps
from datasette_config.site import Site
from datasette_config.web import Ask, Page
from store.archive import TABLES

#: What a format is called.
FORMATS = {"csv": "CSV", "ndjson": "NDJSON", "parquet": "Parquet", "sqlite": "SQLite"}


def page(site: Site, ask: Ask) -> Page:
    """The page; without dated files it tells of the rest."""
    found = dumps(site.config.dumps)
    days = [
        (day, [(FORMATS[name], list(files)) for name, files in groupby(group, lambda d: d.format)])
        for day, group in groupby(found, lambda dump: dump.day)
    ]
    return site.page(
        "data.html",
        ask,
        days=days,
        has_parquet=any(dump.format == "parquet" for dump in found),
        tables={table: about for table, (about, _, _) in TABLES.items()},
    )
