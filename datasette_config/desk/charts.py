"""Small charts as plain numbers for inline SVG; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from store.types import BERLIN

#: Weeks a sparkline shows.
WEEKS: Final = 12


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar in a box of height 100: where it begins, how high it is, what it stands for."""

    x: int
    height: int
    value: int


def weekly(times: Sequence[datetime], now: datetime, weeks: int = WEEKS) -> list[int]:
    """How many fall into each of the last weeks (of seven days up to now), the oldest first."""
    counts = [0] * weeks
    for at in times:
        back = (now - at) // timedelta(days=7)
        if 0 <= back < weeks:
            counts[weeks - 1 - back] += 1
    return counts


def bars(values: Sequence[int]) -> list[Bar]:
    """Bars of which the highest is 100; a little is never nothing."""
    most = max(values, default=0) or 1
    return [
        Bar(place, max(round(100 * value / most), 6 if value else 0), value)
        for place, value in enumerate(values)
    ]


@dataclass(frozen=True, slots=True)
class Usual:
    """Today's number beside what is usual on such a day by now."""

    today: int
    #: least and most of the same weekday in the weeks before; None: not known yet
    least: int | None
    most: int | None


def against_usual(times: Sequence[datetime], now: datetime, weeks: int = 4) -> Usual:
    """How many came today, and on the same weekday up to the same hour in the weeks before."""
    local = now.astimezone(BERLIN)
    begin = local.replace(hour=0, minute=0, second=0, microsecond=0)
    known_since = min(times, default=now)

    def count(back: int) -> int:
        start, end = begin - timedelta(weeks=back), local - timedelta(weeks=back)
        return sum(start <= at <= end for at in times)

    before = [
        count(back) for back in range(1, weeks + 1) if begin - timedelta(weeks=back) >= known_since
    ]
    return Usual(count(0), min(before, default=None), max(before, default=None))


def line(values: Sequence[float], least: float, most: float) -> str:
    """The points of a polyline in a box of 100 by 100, for shares between two bounds."""
    span = (most - least) or 1.0
    step = 100 / max(len(values) - 1, 1)
    return " ".join(
        f"{place * step:.1f},{100 - 100 * (min(max(value, least), most) - least) / span:.1f}"
        for place, value in enumerate(values)
    )
