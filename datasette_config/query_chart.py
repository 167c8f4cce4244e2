"""When a query's result is a list of bars, and how long they are."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

#: Cells come as Datasette shows them, numbers among them as their digits.
_NUMBER: Final = re.compile(r"-?[0-9]+(\.[0-9]+)?")
#: More bars are no picture any more; the table says it better.
MOST_BARS: Final = 40


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: where it begins and how long it is, in percent of the picture's width."""

    label: str
    value: float
    start: float
    width: float


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars, and what the columns are called that they were made of."""

    name: str
    measure: str
    bars: tuple[Bar, ...]


def numbers(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> tuple[int, ...]:
    """The places of the columns that hold numbers alone."""
    return tuple(
        place
        for place in range(len(columns))
        if rows and all(_NUMBER.fullmatch(str(row[place])) for row in rows)
    )


def chart(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> Chart | None:
    """The bars of a result whose rows are words and then numbers; None for any other.

    The first number is drawn. Negative ones lie to the left of where the others begin.
    """
    if not 2 <= len(rows) <= MOST_BARS:
        return None
    numeric = numbers(columns, rows)
    if not numeric or numeric[0] == 0 or numeric != tuple(range(numeric[0], len(columns))):
        return None
    first = numeric[0]
    values = [float(str(row[first])) for row in rows]
    lowest, highest = min(0.0, *values), max(0.0, *values)
    scale = 100 / ((highest - lowest) or 1.0)
    if not any(values):
        return None
    bars = tuple(
        Bar(
            _label(row[:first]),
            value,
            round((min(value, 0.0) - lowest) * scale, 1),
            round(abs(value) * scale, 1),
        )
        for row, value in zip(rows, values, strict=True)
    )
    return Chart(" und ".join(columns[:first]), columns[first], bars)


def _label(cells: Sequence[object]) -> str:
    return " · ".join(str(cell) for cell in cells if str(cell).strip())[:80]
