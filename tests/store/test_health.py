"""Silence is counted in working days of the Land: weekends and holidays are none."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from store.free_days import is_free, working_days
from store.health import silence


def at(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, 10, tzinfo=UTC)


def workdays_before(last: datetime, count: int) -> list[datetime]:
    days = [last - timedelta(days=back) for back in range(60)]
    return [day for day in days if not is_free(day.date(), "DE-NW")][:count]


def test_working_days_of_a_land() -> None:
    # Christmas of 2025: 25 and 26 December are a Thursday and a Friday.
    assert working_days(date(2025, 12, 19), date(2026, 1, 6), "DE-NW") == 9
    assert working_days(date(2025, 12, 19), date(2026, 1, 6), "DE-BY") == 8, "Epiphany"
    assert working_days(date(2026, 3, 6), date(2026, 3, 9), None) == 1, "over a weekend"


def test_holidays_are_no_silence_and_weeks_of_work_are() -> None:
    daily = workdays_before(at(2025, 12, 19), 21)
    assert silence(daily, "DE-NW", at(2026, 1, 6)) is None, "18 days, nine of them of work"
    found = silence(daily, "DE-NW", at(2026, 1, 12))
    assert found is not None
    assert (found.days, found.usual) == (24, 1)


def test_a_rare_source_is_measured_by_its_own_gaps() -> None:
    monthly = [at(2026, 3, 2) - timedelta(days=28 * back) for back in range(6)]
    assert silence(monthly, None, at(2026, 5, 20)) is None
    found = silence(monthly, None, at(2026, 7, 20))
    assert found is not None
    assert 17 <= found.usual <= 20
    assert silence(monthly[:3], None, at(2026, 7, 20)) is None, "three items tell no rhythm"
