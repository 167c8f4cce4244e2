"""The catalogue with each source's health, as a table or as plain data."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from store.types import BERLIN, SourceStatus


def as_dict(status: SourceStatus) -> dict[str, Any]:
    """One source's facts and health, times in ISO 8601 UTC."""
    result = status.last_run.result if status.last_run else None
    return {
        **asdict(status.source),
        "checked": checked(status),
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
    """One line a source: id, kind, Land, items, how the last run went, the day it last worked.

    Those on probation, which were never fetched with success, stand apart; then the sum.
    """
    width = max((len(status.source.id) for status in statuses), default=2)
    settled = [status for status in statuses if not status.on_probation]
    new = [status for status in statuses if status.on_probation]
    lines = [_line(status, width) for status in settled]
    if new:
        lines += ["", "On probation, never fetched with success yet:"]
        lines += [_line(status, width) for status in new]
    apart = f", {len(new)} of them on probation" if new else ""
    return "\n".join([*lines, f"{len(statuses)} sources{apart}"]).lstrip("\n")


def on_probation(statuses: Iterable[SourceStatus]) -> set[str]:
    """Ids of the sources that were never fetched with success: their failures alarm nobody."""
    return {status.source.id for status in statuses if status.on_probation}


def checked(status: SourceStatus) -> str | None:
    """The last day of a successful fetch, by a run or, before any, by a person."""
    if status.last_success:
        return status.last_success.astimezone(BERLIN).date().isoformat()
    return status.source.checked


def _line(status: SourceStatus, width: int) -> str:
    source = status.source
    result = status.last_run.result if status.last_run else None
    health = result.status if result else "never asked"
    if result and result.message:
        health += f": {result.message}"
    return (
        f"{source.id:<{width}}  {source.kind:<9}  {source.land or '–':<5}  {status.items:>5}  "
        f"{checked(status) or '–':<10}  {health}"
    )


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None
