"""One source: its state, runs, items and fields over time; its schedule and display."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from datasette_config.desk.asking import ask
from datasette_config.desk.crawl_log import read_log
from datasette_config.desk.deciding import FormError
from datasette_config.desk.listing import rows
from datasette_config.desk.request import Answer, whole
from datasette_config.desk.visit import Visit, as_download
from datasette_config.web import MissingPageError
from store.desk import FIELDS
from store.source_toml import as_toml
from store.types import DISPLAYS, SOURCE_KINDS, Source

RUNS, ITEMS, MONTHS = 30, 10, 12
#: Facts that the desk edits; the rest of a source is a new source.
EDITED: Final = (
    "name",
    "publisher",
    "url",
    "display",
    "relevance",
    "schedule",
    "kind",
    "min_items",
)
CHOICES: Final = {
    "display": DISPLAYS, "relevance": ("topic", "all"), "kind": SOURCE_KINDS,
}  # fmt: skip


def show(visit: Visit) -> Answer:
    """The page of one source."""
    source_id = visit.request.parts["id"]
    found = rows(visit, source_id)
    if not found:
        raise MissingPageError(visit.language.gettext("Diese Quelle gibt es nicht."))
    (row,) = found
    newsroom = visit.newsroom
    own = visit.desk.config.own_sources
    filling = newsroom.filling(source_id, visit.now() - timedelta(days=31 * MONTHS))
    total = sum(month.items for month in filling) or 1
    return visit.page(
        "source.html",
        row=row,
        source=row.status.source,
        state=newsroom.fetch_state(source_id),
        own_file=own is not None and (own / f"{source_id}.toml").is_file(),
        runs=newsroom.runs(source_id, RUNS),
        items=newsroom.lines(source=source_id, limit=ITEMS),
        filling=filling,
        usual={name: sum(month.filled[name] for month in filling) / total for name in FIELDS},
        fields=FIELDS,
        redirects=newsroom.redirects(source_id),
        choices=CHOICES,
        busy=f"source:{source_id}" in newsroom.leases(),
    )


def show_run(visit: Visit) -> Answer:
    """One run, with what the crawl's log says of the source at that time."""
    parts, _ = visit.request.parts, visit.language.gettext
    run = visit.newsroom.run(int(parts["run"]))
    if run is None or run.source_id != parts["id"]:
        raise MissingPageError(_("Diesen Abruf gibt es nicht (mehr)."))
    source = visit.newsroom.source(run.source_id)
    host = urlsplit(source.url).hostname or ""
    lines = read_log(
        visit.desk.config.crawl_log,
        (source.id, host),
        run.started_at,
        run.finished_at or visit.now(),
    )
    return visit.page("run.html", source=source, run=run, lines=lines)


def do(visit: Visit) -> Answer:
    """Change what the form changed: the scheduler writes the newsroom's own file."""
    source = visit.newsroom.source(visit.request.parts["id"])
    changes = _changes(visit, source)
    if not changes:
        return visit.done(visit.request.path, "saved")
    return ask(visit, "edit_source", {"source": source.id, "changes": changes}, source.id)


def _changes(visit: Visit, source: Source) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    for name in EDITED:
        if name not in visit.request.form:
            continue
        value: str | int = visit.request.value(name)
        if name == "min_items":
            value = whole(visit.request.value(name)) or 0
            if not value:
                raise FormError(visit.language.gettext("Mindestzahl der Einträge: eine Zahl ab 1."))
        if name in CHOICES and value not in CHOICES[name]:
            raise FormError(f"{name}: {', '.join(CHOICES[name])}")
        if value != getattr(source, name):
            changes[name] = value
    return changes


def act(visit: Visit) -> Answer:
    """Ask for what a button says: crawl it now, look at it, pause it or go on."""
    source = visit.newsroom.source(visit.request.parts["id"])
    what = visit.request.parts["what"]
    if what == "abrufen":
        return ask(visit, "crawl", {"source": source.id}, source.id)
    if what == "pruefen":
        return ask(visit, "check", {"source": source.id}, source.id)
    changes = {"paused": what == "anhalten"}
    return ask(visit, "edit_source", {"source": source.id, "changes": changes}, source.id)


def toml(visit: Visit) -> Answer:
    """The source as the catalogue's file, to propose it to the project."""
    source = visit.newsroom.source(visit.request.parts["id"])
    return Answer(
        as_toml(source).encode(),
        content_type="application/toml; charset=utf-8",
        headers=as_download(f"{source.id}.toml"),
    )
