"""The audit trail: every change, filtered, and as a file."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import asdict
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from datasette_config.desk.acts import act_name, told
from datasette_config.desk.request import Answer, whole
from datasette_config.desk.visit import Visit, as_download
from store.types import BERLIN

SIZE = 100
#: Rows of a file; more than a year of a busy desk.
MOST = 200_000


def show(visit: Visit) -> Answer:
    """The newest changes first."""
    before = whole(visit.request.argument("vor"))
    found = visit.newsroom.audit(**_filter(visit), before=before, limit=SIZE + 1)
    topics = {id: label for id, label, _ in visit.newsroom.topics()}
    return visit.page(
        "audit.html",
        entries=[(one, act_name(one.action, visit.language), told(one, topics, visit.language))
                 for one in found[:SIZE]],
        more=found[SIZE - 1].id if len(found) > SIZE else None,
        actors=visit.newsroom.audit_actors(),
        asked={name: visit.request.argument(name)
               for name in ("wer", "was", "woran", "von", "bis")},
        query=visit.request.query,
    )  # fmt: skip


def as_csv(visit: Visit) -> Answer:
    """What the filter keeps, as a table; ``detail`` is JSON."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(("id", "at", "actor", "action", "target", "detail"))
    for one in visit.newsroom.audit(**_filter(visit), limit=MOST):
        detail = json.dumps(one.detail, ensure_ascii=False)
        writer.writerow((one.id, one.at.isoformat(), one.actor, one.action, one.target, detail))
    return Answer(
        text.getvalue().encode("utf-8-sig"),
        content_type="text/csv; charset=utf-8",
        headers=as_download("protokoll.csv"),
    )


def as_json(visit: Visit) -> Answer:
    """What the filter keeps, as a list."""
    rows = [
        {**asdict(one), "at": one.at.isoformat()}
        for one in visit.newsroom.audit(**_filter(visit), limit=MOST)
    ]
    return visit.json(rows, download="protokoll.json")


def _filter(visit: Visit) -> dict[str, Any]:
    asked = visit.request.argument
    return {
        "actor": asked("wer") or None,
        "action": asked("was") or None,
        "target": asked("woran") or None,
        "since": _midnight(asked("von")),
        "until": _midnight(asked("bis"), after=1),
    }


def _midnight(day: str, after: int = 0) -> datetime | None:
    """Where a day begins in Berlin; None for what is no day: the filter is then not set."""
    try:
        begin = date.fromisoformat(day) + timedelta(days=after)
        return datetime.combine(begin, time(), BERLIN).astimezone(UTC)
    except (ValueError, OverflowError):  # the first and last days of all have no neighbour
        return None
