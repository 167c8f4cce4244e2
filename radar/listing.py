"""The catalogue with each source's health, as a table or as plain data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from store.types import SourceStatus


def as_dict(status: SourceStatus) -> dict[str, Any]:
    """One source's facts and health, times in ISO 8601 UTC."""
    result = status.last_run.result if status.last_run else None
    return {
        **asdict(status.source),
        "items": status.items,
        "last_status": result.status if result else None,
        "last_message": result.message if result else None,
        "last_success": _iso(status.last_success),
        "last_new_item": _iso(status.last_new_item),
        "error_streak": status.error_streak,
        "retry_after": _iso(status.retry_after),
        "on_probation": status.on_probation,
    }


def as_table(statuses: Sequence[SourceStatus]) -> str:
    """One line a source: id, kind, Land, items, how the last run went; then the sum."""
    width = max((len(status.source.id) for status in statuses), default=2)
    lines = []
    for status in statuses:
        source = status.source
        result = status.last_run.result if status.last_run else None
        health = result.status if result else "never asked"
        if result and result.message:
            health += f": {result.message}"
        lines.append(
            f"{source.id:<{width}}  {source.kind:<9}  {source.land or '–':<5}  "
            f"{status.items:>5}  {health}"
        )
    lines.append(f"{len(statuses)} sources")
    return "\n".join(lines)


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None
