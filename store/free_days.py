"""Owns which days are no working days in a Land: the only user of the library ``holidays``."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache

import holidays


@cache
def free_days(land: str | None, year: int) -> frozenset[date]:
    """Public holidays of a year: those of the Land (``DE-NW``), else those of all Germany."""
    part = land.removeprefix("DE-") if land and land.startswith("DE-") else None
    return frozenset(holidays.country_holidays("DE", subdiv=part, years=year))


def is_free(day: date, land: str | None) -> bool:
    """Whether offices are shut: at a weekend or on a public holiday."""
    return day.weekday() >= 5 or day in free_days(land, day.year)


def working_days(after: date, until: date, land: str | None) -> int:
    """How many working days there are after one day and up to another, that one included."""
    return sum(not is_free(day, land) for day in _days(after, until))


def _days(after: date, until: date) -> Iterator[date]:
    for number in range(1, (until - after).days + 1):
        yield after + timedelta(days=number)
