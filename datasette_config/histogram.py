"""Bars over time: months counted together so that every bar is wide enough to hit."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from datasette_config.language import Language

#: With 13 bars each stays 24 CSS pixels wide on a 390 px screen (WCAG 2.2, 2.5.8 target size).
MOST_BARS: Final = 13
#: Months in a bar, narrowest first: month, quarter, year, five years, and so on; the widest hold
#: all the years that a date can have.
STEPS: Final = (1, 3, 12, 60, 240, 1200, 12_000)


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its days (inclusive), count, height in per cent of the tallest, and its names."""

    since: date
    until: date
    count: int
    height: float
    label: str
    short: str
    #: the year, where a new one begins
    year: str


def bars(months: Sequence[tuple[str, int]], spoken: Language) -> tuple[Bar, ...]:
    """Bars from ``("2026-03", 12)`` pairs, oldest first, gaps as empty bars; none for no months."""
    counts = {_index(month): count for month, count in months if count}
    if not counts:
        return ()
    first, last = min(counts), max(counts)
    step = next(s for s in STEPS if last // s - first // s < MOST_BARS)
    starts = range(first // step * step, last + 1, step)
    totals = [sum(counts.get(month, 0) for month in range(s, s + step)) for s in starts]
    tallest = max(totals)
    made: list[Bar] = []
    for start, total in zip(starts, totals, strict=True):
        end = start + step - 1
        years = start // 12 != (start - step) // 12 or not made
        # A bar that is there at all is at least visible.
        height = max(round(total / tallest * 100, 1), 3.0) if total else 0.0
        made.append(
            Bar(
                since=date(max(start // 12, 1), start % 12 + 1, 1),
                until=date(end // 12, end % 12 + 1, monthrange(end // 12, end % 12 + 1)[1]),
                count=total,
                height=height,
                label=_label(start, step, spoken),
                short=_short(start, step, spoken),
                year=str(start // 12) if years and step < 12 else "",
            )
        )
    return tuple(made)


def _index(month: str) -> int:
    year, number = month.split("-")
    return int(year) * 12 + int(number) - 1


def _label(start: int, step: int, spoken: Language) -> str:
    year, month = divmod(start, 12)
    if step == 1:
        return spoken.month(date(year, month + 1, 1))
    if step == 3:
        return spoken.gettext("%(number)s. Quartal %(year)s", number=month // 3 + 1, year=year)
    if step == 12:
        return str(year)
    return spoken.gettext("%(since)s bis %(until)s", since=year, until=year + step // 12 - 1)


def _short(start: int, step: int, spoken: Language) -> str:
    year, month = divmod(start, 12)
    if step == 1:
        return spoken.short_month(date(year, month + 1, 1))
    if step == 3:
        return spoken.gettext("%(number)s. Q.", number=month // 3 + 1)
    return str(year)
