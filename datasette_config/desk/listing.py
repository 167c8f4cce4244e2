"""The sources as the desk lists them: each with its state, its weeks and its plan."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from datasette_config.desk import plans
from datasette_config.desk.charts import WEEKS, Bar, bars, weekly
from datasette_config.desk.condition import RANK, Condition, Known, condition
from datasette_config.desk.visit import Visit
from store.health import RHYTHM_ITEMS
from store.types import Plan, SourceStatus

#: Newest items whose fields are compared with those of so many before.
NEWEST, BEFORE = 10, 40


@dataclass(frozen=True, slots=True)
class Row:
    """One source of the list."""

    status: SourceStatus
    condition: Condition
    weeks: list[Bar]
    plan: Plan | None
    #: why then, one sentence a step
    why: list[str]
    reservation: str | None


def rows(visit: Visit, only: str | None = None) -> list[Row]:
    """Every source, or the one of that id, in the order of their ids."""
    newsroom, now = visit.newsroom, visit.now()
    statuses = [one for one in newsroom.sources() if only is None or one.source.id == only]
    arrivals = newsroom.arrivals(now - timedelta(weeks=WEEKS))
    planned = newsroom.plans()
    reserved = newsroom.reservations()
    ids = [one.source.id for one in statuses]
    filling = newsroom.filling_lately(ids, NEWEST, BEFORE)
    found = []
    for status in statuses:
        name = status.source.id
        plan = planned.get(name) if status.active and not status.source.paused else None
        known = Known(
            newsroom.publication_times(name, RHYTHM_ITEMS), filling[name], reserved.get(name)
        )
        found.append(
            Row(
                status,
                condition(status, known, now, visit.language),
                bars(weekly(arrivals.get(name, ()), now)),
                plan,
                plans.steps(plan, visit.language) if plan else [],
                reserved.get(name),
            )
        )
    return found


def _moment(at: datetime | None) -> float:
    return at.timestamp() if at else 0.0


#: How the list can be sorted: by what, each with the interesting end first.
ORDERS: Final[dict[str, Callable[[Row], Any]]] = {
    "zustand": lambda row: (RANK[row.condition.tone], row.status.source.name.casefold()),
    "name": lambda row: row.status.source.name.casefold(),
    "neu": lambda row: -_moment(row.status.last_new_item),
    "menge": lambda row: -row.status.items_28_days,
    "faellig": lambda row: row.plan.due.timestamp() if row.plan else float("inf"),
}


def chosen(found: Sequence[Row], words: str, code: str, land: str, order: str) -> list[Row]:
    """The rows that a filter keeps, sorted."""
    wanted = words.casefold().split()

    def keeps(row: Row) -> bool:
        source = row.status.source
        text = f"{source.id} {source.name} {source.publisher} {source.url}".casefold()
        return (
            all(word in text for word in wanted)
            and (not code or code in (row.condition.code, row.condition.tone)
                 or (code == "reserved" and row.reservation is not None))
            and (not land or source.land == land)
        )  # fmt: skip

    return sorted((row for row in found if keeps(row)), key=ORDERS.get(order, ORDERS["zustand"]))
