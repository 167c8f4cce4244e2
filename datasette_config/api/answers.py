"""What the interface tells of entries, in the names that the tables of archive.db use."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from datasette_config.archive import Item, Label, Row, Town
from datasette_config.web import Page, safe_url
from store.shown import Hit
from store.types import BERLIN

JSON: Final = "application/json; charset=utf-8"


def answer(told: Mapping[str, Any], *, max_age: int = 60, next: str | None = None) -> Page:
    """A page of JSON; ``next`` is the address of what follows, as a header too (RFC 8288)."""
    headers = {"Link": f'<{next}>; rel="next"'} if next else {}
    body = json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
    return Page(body, content_type=JSON, max_age=max_age, headers=headers)


def found(hit: Hit, row: Row, origin: str) -> dict[str, Any]:
    """One entry of a list: the row, and how its words answer the search (HTML, ``mark`` alone)."""
    return {
        **entry(row, origin),
        "also_at": list(hit.also_sources),
        "marked": {
            "kicker": hit.kicker_html,
            "title": hit.title_html,
            "teaser": hit.teaser_html,
        },
    }


def entry(row: Row, origin: str) -> dict[str, Any]:
    """What lists and the entry itself tell alike."""
    return {
        "id": row.id,
        "url": safe_url(row.url),
        "page": f"{origin}/eintrag/{row.id}",
        "source": {"id": row.source_id, "name": row.source},
        "kind": row.kind,
        "kicker": row.kicker,
        "title": row.title,
        "teaser": row.teaser,
        "published": _published(row),
        "day_only": row.day_only,
        "first_seen": _utc(row.first_seen),
        "changed_at": _utc(row.changed_at),
        "withdrawn_at": _utc(row.withdrawn_at),
        "duration_s": row.duration_s,
        "topics": _labels(row.topics),
        "states": _labels(row.states),
    }


def whole(item: Item, siblings: Iterable[Row], origin: str) -> dict[str, Any]:
    """Everything the archive may show of one entry."""
    return {
        **entry(item.row, origin),
        "body": item.body,
        "section": item.section,
        "author": item.author,
        "date_source": item.date_source,
        "views": item.views,
        "language": item.language,
        "publisher": item.publisher,
        "licence": item.licence,
        "display": item.display,
        "review": item.review,
        "evidence": _evidence((*item.row.topics, *item.row.states)),
        "places": [_town(town) for town in item.towns],
        "cluster": [
            {"id": one.id, "source": {"id": one.source_id, "name": one.source}} for one in siblings
        ],
        "versions": [
            {
                "number": version.number,
                "seen_at": _utc(version.seen_at),
                "changes": [
                    {"field": change.field, "before": change.before, "after": change.after}
                    for change in version.changes
                ],
            }
            for version in item.versions
        ],
        "links": [
            {"url": link.url, "title": link.title} for link in item.links if safe_url(link.url)
        ],
    }


def _labels(labels: Iterable[Label]) -> list[dict[str, Any]]:
    return [
        {"id": label.id, "label": label.label, "score": label.score, "edited": label.edited}
        for label in labels
    ]


def _evidence(labels: Iterable[Label]) -> dict[str, list[str]]:
    return {label.id: list(label.evidence) for label in labels if label.evidence}


def _town(town: Town) -> dict[str, Any]:
    return {
        "ags": town.ags, "name": town.name, "state": town.state, "lat": town.lat, "lon": town.lon,
    }  # fmt: skip


def _published(row: Row) -> str | None:
    """The plain day, or the Berlin time: as ``items.published`` has it."""
    if row.published_at is None:
        return None
    if row.day_only:
        return row.day.isoformat()
    return row.published_at.astimezone(BERLIN).isoformat()


def _utc(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z") if at else None
