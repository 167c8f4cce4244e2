"""Tells when a source is due and how that was computed, for `radar schedule --explain`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from datasette_config.desk.plans import steps
from datasette_config.language import language
from radar import crawling
from radar.config import Config
from radar.scheduler import plans
from store.errors import RadarError
from store.types import BERLIN, Plan, SourceStatus


class PlanError(RadarError):
    """A source that has no plan; the message says why."""


@dataclass(frozen=True, slots=True)
class Explained:
    """A source, its plan, and where its schedule stands."""

    status: SourceStatus
    plan: Plan
    now: datetime


def explain(config: Config, source_id: str) -> Explained:
    """When the source is due, and why. Raises `PlanError` if it is unknown, retired or paused."""
    now = crawling.utc_now()
    with crawling.open_newsroom(config) as newsroom:
        known = crawling.load_sources(config, newsroom)
        if source_id not in known:
            raise PlanError(f"no source {source_id!r}; `radar sources list` names them all")
        found = plans(newsroom, now).get(source_id)
        (status,) = (one for one in newsroom.sources() if one.source.id == source_id)
    if found is None:
        raise PlanError(f"{source_id} is paused: it is not asked until that is taken back")
    return Explained(status, found, now)


def as_dict(told: Explained) -> dict[str, Any]:
    """The same as plain data, times in ISO 8601 UTC."""
    return {
        "source": told.status.source.id,
        "schedule": told.status.source.schedule,
        "due": told.plan.due.isoformat(timespec="seconds"),
        "steps": [
            {"code": code, **facts, "text": text}
            for (code, facts), text in zip(told.plan.steps, _said(told), strict=True)
        ],
    }


def as_text(told: Explained) -> str:
    """The same in lines for a person."""
    run = told.status.last_run
    lines = [
        f"{told.status.source.id}: schedule {told.status.source.schedule}",
        f"  last run  {_moment(run.started_at) if run else 'never'}",
        *(
            f"  {code:<8}  {text}"
            for (code, _), text in zip(told.plan.steps, _said(told), strict=True)
        ),
        f"  due       {_moment(told.plan.due)}" + (" (now)" if told.plan.due <= told.now else ""),
    ]
    return "\n".join(lines)


def _said(told: Explained) -> list[str]:
    return steps(told.plan, language("en"))


def _moment(at: datetime) -> str:
    return f"{at.astimezone(BERLIN):%Y-%m-%d %H:%M %Z}"
