"""When a source is due."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from radar.scheduler import LONGEST, OUTAGE_PAUSE, SHORTEST, interval, next_run
from store.types import Run, RunResult, Source, SourceStatus

NOW = datetime(2026, 3, 12, 10, 0, tzinfo=UTC)
URL = "https://www.stadt.example/"


def status(
    schedule: str = "adaptive",
    ago: timedelta | None = timedelta(hours=1),
    result: str = "ok",
    streak: int = 0,
    items: int = 28,
    retry_after: datetime | None = None,
) -> SourceStatus:
    source = Source("stadt", "Stadt", "Stadt", URL, "feed", URL, "official", "full", "all",
                    schedule, URL)  # fmt: skip
    run = Run(1, "stadt", NOW - ago, NOW - ago, RunResult(result)) if ago is not None else None
    return SourceStatus(
        source=source, active=True, items=items, last_run=run, last_success=None,
        last_new_item=None, error_streak=streak, retry_after=retry_after, on_probation=False,
        items_28_days=items,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("items", "streak", "expected"),
    [
        (0, 0, LONGEST),
        (28, 0, timedelta(hours=12)),
        (112, 0, timedelta(hours=3)),
        (10_000, 0, SHORTEST),
        (112, 1, timedelta(hours=6)),
        (112, 2, timedelta(hours=12)),
        (112, 50, LONGEST),
    ],
)
def test_interval_follows_the_sources_own_rhythm(
    items: int, streak: int, expected: timedelta
) -> None:
    assert interval(items, streak) == expected


def test_new_source_is_due_at_once() -> None:
    assert next_run(status(ago=None), NOW) == NOW


def test_adaptive_source_is_due_after_its_interval() -> None:
    assert next_run(status(items=112), NOW) == NOW + timedelta(hours=2)


def test_after_our_own_outage_everything_is_asked_soon() -> None:
    offline = status(result="offline", ago=timedelta(minutes=1))
    assert next_run(offline, NOW) == NOW - timedelta(minutes=1) + OUTAGE_PAUSE


def test_pause_that_the_server_asked_for_is_kept() -> None:
    until = NOW + timedelta(hours=30)
    assert next_run(status(retry_after=until), NOW) == until
    over = NOW - timedelta(hours=30)
    assert next_run(status(items=112, retry_after=over), NOW) == NOW + timedelta(hours=2)


@pytest.mark.parametrize(
    ("last", "due"),
    [
        # seven in the morning in Berlin, before and after the clocks go forward
        (datetime(2026, 3, 27, 12, tzinfo=UTC), datetime(2026, 3, 28, 6, tzinfo=UTC)),
        (datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 3, 29, 5, tzinfo=UTC)),
    ],
)
def test_cron_is_read_in_berlin_time(last: datetime, due: datetime) -> None:
    given = status(schedule="0 7 * * *")
    assert given.last_run is not None
    given = replace(given, last_run=replace(given.last_run, started_at=last))
    assert next_run(given, last) == due
