"""Whether the service is well (``/-/health``), and its measurements (``/-/metrics``).

Everybody may ask whether it is well and gets yes or no. Counts, ages and names are for the
addresses that the configuration allows (``site.monitors``); to others metrics are not there.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from datasette_config.measuring import CONTENT_TYPE, Gauge
from datasette_config.service import Asked, Service
from datasette_config.web import Page
from store.errors import RadarError
from store.search import Query

#: Every source is asked at least once a day: after so long without a round none runs.
LATE: Final = timedelta(hours=26)


def health(asked: Asked) -> Page:
    """200 where all is well, else 503; details only for monitors."""
    service = asked.service
    found: dict[str, dict[str, Any]] = {}
    for name, look in _LOOKS.items():
        try:
            found[name] = look(service)
        except (RadarError, sqlite3.Error, OSError) as error:
            found[name] = {"ok": False, "error": type(error).__name__}
    well = all(one["ok"] for one in found.values())
    said: dict[str, Any] = {"ok": well}
    if asked.from_monitor:
        said["checks"] = found
    body = json.dumps(said, ensure_ascii=False).encode()
    return Page(body, 200 if well else 503, "application/json; charset=utf-8")


def _archive(service: Service) -> dict[str, Any]:
    return {"ok": True, "published_at": service.site.archive().info().get("published_at")}


def _search(service: Service) -> dict[str, Any]:
    return {"ok": True, "items": service.site.search.run(Query(limit=1)).total}


def _newsroom(service: Service) -> dict[str, Any]:
    newsroom = service.newsroom()
    if newsroom is None:
        return {"ok": service.config.newsroom is None, "configured": False}
    return {"ok": True, "items": _count(service, "items")}


def _rounds(service: Service) -> dict[str, Any]:
    newsroom = service.newsroom()
    last = newsroom.last_finished() if newsroom is not None else None
    if last is None:  # none yet, or this host only shows the archive
        return {"ok": True, "last_at": None}
    age = service.site.now() - last[0]
    return {"ok": age < LATE, "last_at": last[0].isoformat(), "age_s": round(age.total_seconds())}


def _model(service: Service) -> dict[str, Any]:
    """The model in force, as its registry names it; none yet is no fault (it is trained)."""
    newsroom = service.newsroom()
    if newsroom is None:
        return {"ok": True, "id": None}
    row = newsroom.connection.execute(
        "SELECT model_id FROM taggings ORDER BY tagged_at DESC LIMIT 1"
    ).fetchone()
    return {"ok": True, "id": row["model_id"] if row else None}


_LOOKS: Final[Mapping[str, Callable[[Service], dict[str, Any]]]] = {
    "archive": _archive,
    "search": _search,
    "newsroom": _newsroom,
    "rounds": _rounds,
    "model": _model,
}


def metrics(asked: Asked) -> Page:
    """Measurements as text; to others than monitors there is no such page."""
    if not asked.from_monitor:
        return Page(b"", 404, "text/plain")
    service = asked.service
    return Page(service.measures.exposition(_gauges(service)), content_type=CONTENT_TYPE)


def _gauges(service: Service) -> list[Gauge]:
    archive = service.site.archive()
    sources = archive.sources().values()
    published = archive.info().get("published_at")
    gauges = [
        Gauge(
            "radar_public_items", "Items in the public archive",
            {(): service.site.search.run(Query(limit=1)).total},
        ),
        Gauge(
            "radar_sources", "Sources by the state the public sees",
            {(status,): count for status, count in Counter(s.status for s in sources).items()},
            ("status",),
        ),
        Gauge(
            "radar_published_timestamp_seconds", "When the archive was last published",
            {(): datetime.fromisoformat(published).timestamp()} if published else {},
        ),
    ]  # fmt: skip
    newsroom = service.newsroom()
    if newsroom is None:
        return gauges
    last = newsroom.last_finished()
    letters = newsroom.letters()
    waiting = Counter(one.kind for one in letters if one.given_up_at is None)
    given_up = Counter(one.kind for one in letters if one.given_up_at is not None)
    jobs = newsroom.connection.execute(
        "SELECT state, count(*) AS jobs FROM jobs WHERE state IN ('queued', 'running') "
        "GROUP BY state"
    )
    alerts = Counter(one.trouble.kind for one in newsroom.alerts(resolved=False))
    kinds = ("confirm", "digest", "alert", "hook")
    return [
        *gauges,
        Gauge("radar_newsroom_items", "Items in the newsroom", {(): _count(service, "items")}),
        Gauge("radar_review_queue", "Items waiting for an editor", {(): newsroom.review_count()}),
        Gauge(
            "radar_last_round_timestamp_seconds", "When the newest run of a source ended",
            {(): last[0].timestamp()} if last else {},
        ),
        Gauge(
            "radar_runs_last_hour", "Runs of the hour up to the newest, by how they ended",
            {(status,): count for status, count in (last[1] if last else {}).items()}, ("status",),
        ),
        Gauge(
            "radar_jobs", "Jobs of the desk that are not done",
            {("queued",): 0, ("running",): 0, **{(row["state"],): row["jobs"] for row in jobs}},
            ("state",),
        ),
        Gauge(
            "radar_outbox", "Letters and calls to be sent",
            {(kind,): waiting[kind] for kind in kinds}, ("kind",),
        ),
        Gauge(
            "radar_outbox_given_up", "Letters and calls that nobody took",
            {(kind,): given_up[kind] for kind in kinds}, ("kind",),
        ),
        Gauge(
            "radar_alerts", "Alerts of the editors that are in force",
            {(kind,): count for kind, count in alerts.items()}, ("kind",),
        ),
    ]  # fmt: skip


def _count(service: Service, table: str) -> int:
    newsroom = service.newsroom()
    assert newsroom is not None
    return int(newsroom.connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


#: Pattern of the path, and a view for each method.
ROUTES: Final = (
    (re.compile(r"/-/health"), {"GET": health}),
    (re.compile(r"/-/metrics"), {"GET": metrics}),
)
