"""When a source is due, and why."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radar.pace import (
    LONGEST,
    OUTAGE_PAUSE,
    SHORTEST,
    failure_weight,
    make_plan,
    next_by_rhythm,
    read_rhythm,
)
from store.free_days import free_days
from store.types import BERLIN, Plan, Run, RunResult, Source, SourceStatus, Wishes

#: a Thursday, 11:00 in Berlin
NOW = datetime(2026, 3, 12, 10, 0, tzinfo=UTC)
KNOWN = NOW - timedelta(days=90)
URL = "https://www.stadt.example/"


def status(
    schedule: str = "adaptive",
    ago: timedelta | None = timedelta(0),
    result: RunResult | None = None,
    streak: int = 0,
    retry_after: datetime | None = None,
    source_id: str = "stadt",
) -> SourceStatus:
    source = Source(source_id, "Stadt", "Stadt", URL, "feed", URL, "official", "full", "all",
                    schedule, URL)  # fmt: skip
    run = None
    if ago is not None:
        run = Run(1, source_id, NOW - ago, NOW - ago, result or RunResult("ok"))
    return SourceStatus(
        source=source, active=True, items=9, last_run=run, last_success=None, last_new_item=None,
        error_streak=streak, retry_after=retry_after, on_probation=False,
    )  # fmt: skip


def plan(known: SourceStatus, items: list[datetime] | None = None, **more: object) -> Plan:
    return make_plan(known, items or [], KNOWN, NOW, **more)  # type: ignore[arg-type]


def each_workday(at: datetime, items: int = 1) -> list[datetime]:
    """Items at that time of the workdays of the last four weeks."""
    days = [at - timedelta(days=back) for back in range(1, 29)]
    return sorted(
        day + timedelta(minutes=k)
        for day in days
        if day.astimezone(BERLIN).weekday() < 5
        for k in range(items)
    )


def wait(items: list[datetime], last: datetime) -> timedelta:
    return next_by_rhythm(read_rhythm(items, last, timedelta(days=90)), last, "DE-NW") - last


def test_new_source_is_due_at_once() -> None:
    assert plan(status(ago=None)) == Plan(NOW, (("first", {}),))


def test_who_publishes_more_is_asked_more_often() -> None:
    few, many = each_workday(NOW), each_workday(NOW, 20)
    assert SHORTEST <= wait(many, NOW) < wait(few, NOW) / 3
    assert timedelta(hours=20) < wait([], NOW) <= LONGEST


def test_asked_when_items_tend_to_come() -> None:
    """A press office of mornings: asked often then, hardly at night, rarely at weekends."""
    items = each_workday(NOW, 3)
    morning = NOW - timedelta(hours=1)
    evening = NOW + timedelta(hours=8)
    saturday = NOW + timedelta(days=2)
    assert wait(items, morning) < timedelta(hours=2)
    assert timedelta(hours=10) < wait(items, evening) < timedelta(hours=18)
    assert wait(items, saturday) > timedelta(hours=15)


def test_weekly_office_is_not_punished() -> None:
    """One item a week: asked in its working hours, where Miniflux looks once a day at any time."""
    weekly = [NOW - timedelta(days=days) for days in (28, 21, 14, 7)]
    assert wait(weekly, NOW - timedelta(hours=2)) < timedelta(hours=10)


def test_public_holiday_is_a_sunday() -> None:
    assert date(2026, 6, 4) in free_days("DE-NW", 2026)
    assert date(2026, 6, 4) not in free_days("DE-BE", 2026)
    assert date(2026, 10, 3) in free_days(None, 2026)
    holiday = datetime(2026, 6, 4, 7, 0, tzinfo=UTC)
    items = each_workday(holiday, 3)
    rhythm = read_rhythm(items, holiday, timedelta(days=90))
    there = next_by_rhythm(rhythm, holiday, "DE-NW") - holiday
    elsewhere = next_by_rhythm(rhythm, holiday, "DE-BE") - holiday
    assert there > 3 * elsewhere


def test_source_of_yesterday_is_not_taken_for_silent() -> None:
    young = read_rhythm([], NOW, timedelta(days=1))
    old = read_rhythm([], NOW, timedelta(days=90))
    assert sum(young.rates) > 2 * sum(old.rates) > 0


@given(
    items=st.lists(st.datetimes(datetime(2026, 1, 1), datetime(2026, 4, 1)), max_size=40),
    hours=st.integers(0, 24 * 400),
)
def test_interval_keeps_its_bounds(items: list[datetime], hours: int) -> None:
    last = NOW + timedelta(hours=hours)
    found = wait([at.replace(tzinfo=UTC) for at in items], last)
    assert SHORTEST <= found <= LONGEST


def test_sources_do_not_fire_together() -> None:
    items = each_workday(NOW)
    times = {plan(status(source_id=f"stadt{k}"), items).due for k in range(50)}
    assert len(times) > 45
    assert max(times) - min(times) > timedelta(minutes=5)
    assert plan(status(), items) == plan(status(), items)


def test_after_our_own_outage_everything_is_asked_soon() -> None:
    offline = status(ago=timedelta(minutes=1), result=RunResult("offline"))
    assert plan(offline).due == NOW - timedelta(minutes=1) + OUTAGE_PAUSE


@pytest.mark.parametrize(
    ("http_status", "message", "weight"),
    [
        (None, "the name is not known (DNS)", 0.25),
        (404, None, 0.5), (429, None, 0.5), (503, None, 0.5),
        (403, None, 1.0), (200, "the list cannot be read", 1.0), (None, "no answer", 1.0),
    ],
)  # fmt: skip
def test_failures_weigh_what_they_are(
    http_status: int | None, message: str | None, weight: float
) -> None:
    assert failure_weight(http_status, message) == weight


def test_failures_lengthen_but_never_give_up() -> None:
    items = each_workday(NOW, 4)
    failed = RunResult("failed", "broken", 200)
    waits = [plan(status(result=failed, streak=k), items).due - NOW for k in (1, 2, 4, 50, 5000)]
    assert waits == sorted(waits)
    assert waits[0] > plan(status(), items).due - NOW
    assert waits[-1] == LONGEST


def test_pause_that_the_server_asked_for_is_kept() -> None:
    until = NOW + timedelta(hours=30)
    assert plan(status(retry_after=until)).due == until
    over = plan(status(retry_after=NOW - timedelta(hours=1)))
    assert over.due == plan(status()).due


def test_wishes_of_the_server_lengthen_within_a_day() -> None:
    items = each_workday(NOW, 10)
    assert plan(status(), items, wishes=Wishes(at_least_s=6 * 3600)).due == NOW + timedelta(hours=6)
    assert plan(status(), items, wishes=Wishes(at_least_s=10**6)).due == NOW + LONGEST


def test_hours_and_days_to_skip_are_skipped() -> None:
    items = each_workday(NOW, 10)
    due = plan(status(), items, wishes=Wishes(skip_hours=tuple(range(9, 15)))).due
    assert due == NOW.replace(hour=15)
    friday = plan(status(), items, wishes=Wishes(skip_days=(3,))).due
    assert friday == NOW.replace(hour=0) + timedelta(days=1)
    always = plan(status(), items, wishes=Wishes(skip_hours=tuple(range(24)))).due
    assert always < NOW + LONGEST


@pytest.mark.parametrize(
    ("last", "due"),
    [
        # seven in the morning in Berlin, before and after the clocks go forward and back
        (datetime(2026, 3, 27, 12, tzinfo=UTC), datetime(2026, 3, 28, 6, tzinfo=UTC)),
        (datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 3, 29, 5, tzinfo=UTC)),
        (datetime(2026, 10, 24, 12, tzinfo=UTC), datetime(2026, 10, 25, 6, tzinfo=UTC)),
    ],
)
def test_cron_is_read_in_berlin_time(last: datetime, due: datetime) -> None:
    given_ = status(schedule="0 7 * * *")
    assert given_.last_run is not None
    given_ = replace(given_, last_run=replace(given_.last_run, started_at=last))
    assert make_plan(given_, [], KNOWN, last).due == due


def test_run_that_was_killed_is_repeated_soon_and_one_under_way_is_not() -> None:
    known = status(ago=timedelta(hours=1))
    assert known.last_run is not None
    killed = replace(known, last_run=replace(known.last_run, finished_at=None, result=None))
    assert make_plan(killed, [], KNOWN, NOW).due == known.last_run.started_at + OUTAGE_PAUSE
    assert make_plan(killed, [], KNOWN, NOW, held=True).due > NOW


def test_missed_turns_are_one() -> None:
    """After a week's sleep an hourly source is due once: the plan counts from the last run."""
    slept = status(schedule="0 * * * *", ago=timedelta(days=7))
    assert plan(slept).due < NOW
    assert plan(status(schedule="0 * * * *")).due == NOW + timedelta(hours=1)


def test_plan_says_why() -> None:
    known = status(result=RunResult("failed", "broken", 503), streak=2,
                   retry_after=NOW + timedelta(days=2))  # fmt: skip
    steps = dict(plan(known, each_workday(NOW, 2)).steps)
    assert steps["rhythm"]["items"] == 40
    assert (steps["streak"]["count"], steps["streak"]["weight"]) == (2, 0.5)
    assert steps["pause"]["at"] == (NOW + timedelta(days=2)).isoformat()
