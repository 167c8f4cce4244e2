"""Editors are told once of what broke, once more if it lasts, and once when it is over."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from datasette_config.desk.alert_words import told
from datasette_config.language import language
from radar import alerts
from radar.editors_alerts import of_backup, of_disk, of_drift, of_source, of_volume
from store.alerts import Trouble
from store.desk import FIELDS, Filling
from store.types import Run, RunResult, SourceStatus
from tests.radar.post import House, Post, house, post_office
from tests.store.desk import make_article, make_source

#: a Thursday
NOW = datetime(2026, 3, 12, 8, 0, tzinfo=UTC)
GERMAN, ENGLISH = language("de"), language("en")
LONG_AGO = NOW - timedelta(days=400)


def status(result: RunResult, *, streak: int = 0, success_days: float = 2.0) -> SourceStatus:
    return SourceStatus(
        source=make_source(),
        active=True,
        items=100,
        last_run=Run(1, "stadt_a", NOW, NOW, result),
        last_success=NOW - timedelta(days=success_days),
        last_new_item=NOW,
        error_streak=streak,
        retry_after=None,
        on_probation=False,
    )


def said(trouble: Trouble) -> str:
    line = told(trouble, GERMAN)[0]
    assert told(trouble, ENGLISH)[0] != line
    return line.replace("\N{NO-BREAK SPACE}%", " %")


def kinds(found: Iterator[Trouble]) -> list[str]:
    return [one.kind for one in found]


DAILY = [NOW - timedelta(days=days) for days in range(21)]


def filling(new: int, old: int) -> tuple[Filling, Filling]:
    full = dict.fromkeys(FIELDS, 10)
    return (
        Filling("stadt_a", "", 10, {**full, "body": new}),
        Filling("stadt_a", "", 10, {**full, "body": old}),
    )


def test_a_source_that_fails_alarms_after_a_day_and_three_failures() -> None:
    refused = RunResult("failed", "HTTP 500", 500)
    assert kinds(of_source(status(refused, streak=3), DAILY, None, NOW)) == ["failed"]
    assert kinds(of_source(status(refused, streak=2), DAILY, None, NOW)) == []
    assert kinds(of_source(status(refused, streak=9, success_days=0.5), DAILY, None, NOW)) == []


def test_a_broken_list_or_lost_fields_are_a_broken_layout() -> None:
    unreadable = RunResult("failed", "no entries", 200)
    assert kinds(of_source(status(unreadable, streak=1), DAILY, None, NOW)) == ["layout"]
    fine = status(RunResult("ok"))
    assert kinds(of_source(fine, DAILY, filling(1, 9), NOW)) == ["layout"]
    assert kinds(of_source(fine, DAILY, filling(9, 9), NOW)) == []


def test_silence_is_measured_by_the_sources_own_rhythm() -> None:
    fine = status(RunResult("ok"))
    quiet = [at - timedelta(days=16) for at in DAILY]
    assert kinds(of_source(fine, quiet, None, NOW)) == ["silent"]
    weekly = [NOW - timedelta(days=16 + 7 * week) for week in range(10)]
    assert kinds(of_source(fine, weekly, None, NOW)) == []


@pytest.mark.parametrize("change", ["probation", "paused", "retired"])
def test_what_nobody_expects_anything_of_alarms_nobody(change: str) -> None:
    failed = status(RunResult("failed", "x", 200), streak=9)
    quiet = {
        "probation": replace(failed, on_probation=True),
        "paused": replace(failed, source=replace(failed.source, paused=True)),
        "retired": replace(failed, active=False),
    }[change]
    assert kinds(of_source(quiet, DAILY, filling(0, 10), NOW)) == []


# -- volume -------------------------------------------------------------------------------------


def found(counts: dict[date, int], *, work: int, free: int, until: datetime) -> list[datetime]:
    """Items of forty days: so many on working days, so many on weekends, unless ``counts`` says."""
    times = []
    for back in range(40, 0, -1):
        day = (until - timedelta(days=back)).date()
        usual = free if day.weekday() >= 5 else work
        at = datetime.combine(day, datetime.min.time(), UTC) + timedelta(hours=10)
        times += [at] * counts.get(day, usual)
    return times


def volume(times: Sequence[datetime], now: datetime, days: int = 1) -> list[Trouble]:
    return list(of_volume("", "", times, None, LONG_AGO, now, days=days))


def test_the_usual_is_no_alarm_and_the_unusual_is() -> None:
    yesterday = date(2026, 3, 11)
    assert volume(found({}, work=100, free=10, until=NOW), NOW) == []
    for count, word in ((60, "wenige"), (160, "viele")):
        (trouble,) = volume(found({yesterday: count}, work=100, free=10, until=NOW), NOW)
        assert f"ungewöhnlich {word}" in said(trouble)
        assert f"gestern {count}, üblich an Werktagen 100 ± 20" in said(trouble)
    assert volume(found({yesterday: 85}, work=100, free=10, until=NOW), NOW) == []


def test_a_sunday_is_compared_with_free_days() -> None:
    monday = datetime(2026, 3, 9, 8, 0, tzinfo=UTC)
    assert volume(found({}, work=100, free=10, until=monday), monday) == []
    many = found({date(2026, 3, 8): 60}, work=100, free=10, until=monday)
    (trouble,) = volume(many, monday)
    assert "an freien Tagen 10" in said(trouble)


def test_a_holiday_is_no_working_day() -> None:
    """Good Friday of 2026 is 3 April; that hardly anybody publishes then is usual."""
    saturday = datetime(2026, 4, 4, 8, 0, tzinfo=UTC)
    quiet = found({date(2026, 4, 3): 10}, work=100, free=10, until=saturday)
    assert volume(quiet, saturday) == []


def test_one_source_must_be_out_on_two_days() -> None:
    one = found({date(2026, 3, 11): 0}, work=12, free=0, until=NOW)
    two = found({date(2026, 3, 11): 0, date(2026, 3, 10): 0}, work=12, free=0, until=NOW)
    assert volume(one, NOW, days=2) == []
    assert len(volume(two, NOW, days=2)) == 1
    few = found({date(2026, 3, 11): 0, date(2026, 3, 10): 0}, work=2, free=0, until=NOW)
    assert volume(few, NOW, days=2) == []


def test_a_new_source_brings_its_past_and_no_alarm() -> None:
    begun = NOW - timedelta(days=3)
    times = [begun + timedelta(hours=1)] * 500 + [NOW - timedelta(days=1)] * 2
    assert list(of_volume("s", "S", times, None, begun, NOW, days=1)) == []


# -- the house ------------------------------------------------------------------------------------


def test_drift_needs_a_difference_that_is_large_and_no_accident() -> None:
    before = (1000, 100, {"ki": 100, "ozg": 300})
    labels = {"ki": "KI"}
    assert list(of_drift((250, 25, {"ki": 27, "ozg": 70}), before, labels)) == []
    (doubt,) = of_drift((250, 80, {"ki": 27, "ozg": 70}), before, labels)
    assert "unsichere Einordnungen 32 % in dieser Woche, 10 %" in said(doubt)
    (topic,) = of_drift((250, 25, {"ki": 80, "ozg": 70}), before, labels)
    assert (topic.target, "Thema KI 32 %" in said(topic)) == ("ki", True)
    assert list(of_drift((50, 50, {}), before, labels)) == []


def test_disk_and_backup() -> None:
    assert list(of_disk(5 * 10**9, 2e9, 10**9)) == []
    assert "1,0\N{NO-BREAK SPACE}GB frei" in said(next(of_disk(10**9, 2e9, 10**8)))
    assert "6,0\N{NO-BREAK SPACE}GB" in told(next(of_disk(5 * 10**9, 2e9, 6 * 10**9)), GERMAN)[1]
    assert list(of_backup(NOW - timedelta(hours=47), 24, NOW)) == []
    assert "50 Stunden alt" in said(next(of_backup(NOW - timedelta(hours=50), 24, NOW)))
    assert "keine Sicherung" in said(next(of_backup(None, 24, NOW)))
    assert list(of_backup(None, 0, NOW)) == []


# -- once, once more, over ------------------------------------------------------------------------


@pytest.fixture
def post() -> Iterator[Post]:
    with post_office() as office:
        yield office


@pytest.fixture
def home(tmp_path: Path, post: Post) -> Iterator[House]:
    with house(
        tmp_path, post.port, alerts_to="redaktion@amt.example", backup_hours=0, alerts_disk_gb=0
    ) as found:
        yield found


def fails(home: House, *, status: str = "failed") -> None:
    http = 200 if status == "failed" else None
    number = home.newsroom.start_run("stadt_a")
    home.newsroom.finish_run(number, RunResult(status, "no entries", http))
    alerts.look(home.config, home.newsroom, home.clock())
    alerts.tend(home.config, home.newsroom, home.clock)


def test_told_once_then_once_more_then_when_it_is_over(home: House, post: Post) -> None:
    for _ in range(5):
        fails(home)
        home.clock.move(hours=1)
    assert [letter["Subject"].strip() for letter in post.letters] == [
        "Kommunalradar: Quelle stadt_a: Die Liste ist da, aber nicht mehr lesbar"
    ]
    home.clock.move(days=3)
    for _ in range(3):
        fails(home)
        home.clock.move(days=3)
    assert [letter["Subject"].strip() for letter in post.letters[1:]] == [
        "Kommunalradar: 1 weiterhin"
    ]
    for _ in range(2):
        fails(home, status="ok")
    assert [letter["Subject"].strip() for letter in post.letters[2:]] == [
        "Kommunalradar: 1 erledigt"
    ]
    (alert,) = home.newsroom.alerts()
    assert alert.resolved_at is not None
    assert post.recipients == [["redaktion@amt.example"]] * 3
    fails(home)
    assert len(post.letters) == 4


def test_our_own_outage_neither_alarms_nor_resolves(home: House, post: Post) -> None:
    fails(home)
    home.clock.move(hours=2)
    fails(home, status="offline")
    assert len(post.letters) == 1
    (alert,) = home.newsroom.alerts(resolved=False)
    assert alert.trouble.kind == "layout"


def test_what_is_over_before_the_letter_could_leave_is_not_told(home: House, post: Post) -> None:
    post.refuse_data = "451 later"
    fails(home)
    fails(home, status="ok")
    post.refuse_data = ""
    home.clock.move(hours=1)
    alerts.tend(home.config, home.newsroom, home.clock)
    assert post.letters == []
    assert home.newsroom.letters() == []


def test_without_an_address_the_desk_still_knows(tmp_path: Path) -> None:
    with house(tmp_path, backup_hours=24) as home:
        alerts.after_round(home.config, home.newsroom, home.clock())
        assert [alert.trouble.kind for alert in home.newsroom.alerts()] == ["backup"]
        assert home.newsroom.letters() == []
        home.newsroom.connection.execute("DELETE FROM alerts")
        alerts.after_round(home.config, home.newsroom, home.clock())
        assert home.newsroom.alerts() == []  # within the hour it is not looked again
        home.add(make_article(1))
        home.publish()
        home.clock.move(hours=1)
        alerts.after_round(home.config, home.newsroom, home.clock())
        assert len(home.newsroom.alerts()) == 1
