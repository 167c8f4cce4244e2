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
    """One bar; ``width`` in percent of the longest."""

    label: str
    value: float
    width: float


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars, and what the columns are called that they were made of."""

    name: str
    measure: str
    bars: tuple[Bar, ...]


def chart(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> Chart | None:
    """The bars of a result with one number a row, its words before it; None for any other."""
    if len(columns) < 2 or not 2 <= len(rows) <= MOST_BARS:
        return None
    last = len(columns) - 1
    numeric = [p for p in range(len(columns)) if all(_NUMBER.fullmatch(str(r[p])) for r in rows)]
    if numeric != [last]:
        return None
    values = [float(str(row[last])) for row in rows]
    longest = max(values)
    if min(values) < 0 or longest <= 0:
        return None
    bars = tuple(
        Bar(_label(row[:last]), value, round(100 * value / longest, 1))
        for row, value in zip(rows, values, strict=True)
    )
    return Chart(" und ".join(columns[:last]), columns[last], bars)


def _label(cells: Sequence[object]) -> str:
    return " · ".join(str(cell) for cell in cells if str(cell).strip())[:80]
