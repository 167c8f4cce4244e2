"""The day an event takes place, where its own text says so."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Final

from datasette_config.formats import MONTHS

#: An announcement is seldom more than a year ahead (fairs); a date farther off is something else.
FARTHEST: Final = timedelta(days=400)
#: An event that lasts longer is a period (a call, an exhibition) and fills a calendar with nothing.
LONGEST: Final = timedelta(days=14)

_MONTH: Final = {name.lower(): number for number, name in enumerate(MONTHS, 1)} | {
    "jan": 1, "jänner": 1, "feb": 2, "mär": 3, "mrz": 3, "apr": 4, "jun": 6, "jul": 7, "aug": 8,
    "sep": 9, "sept": 9, "okt": 10, "nov": 11, "dez": 12,
}  # fmt: skip
_NAMES: Final = "|".join(sorted(_MONTH, key=len, reverse=True))
_REST: Final = rf"(?:\s*(?P<month>{_NAMES})\b\.?|(?P<number>\d{{1,2}})\.)(?:\s*(?P<year>20\d\d))?"
#: ``12. März 2026``, ``12.3.``, ``12. und 13. März``, ``vom 12. bis 14.03.2026``, ``12.–14. Mai``
_DAY: Final = re.compile(
    rf"(?<![\d.,])(?P<first>\d{{1,2}})\.(?:\s*(?:–|-|/|bis(?:\s+zum)?|und)\s*(?P<last>\d{{1,2}})\.)?"
    rf"{_REST}(?![\d])",
    re.IGNORECASE,
)


def event_days(text: str, announced: date) -> tuple[date, date] | None:
    """First and last day of the event a text announces; None if it names none.

    The first date that is not before the announcement counts; without a year it is the next such
    day. Dates of the calendar only: ``Freitag`` alone is not enough.
    """
    for found in _DAY.finditer(text):
        month = int(found["number"]) if found["number"] else _MONTH[found["month"].lower()]
        days = [int(found["first"]), int(found["last"] or found["first"])]
        years = [int(found["year"])] if found["year"] else [announced.year, announced.year + 1]
        for year in years:
            try:
                first, last = (date(year, month, day) for day in days)
            except ValueError:
                continue  # 30.2. is no day, and 12.45. an hour
            near = announced <= first <= announced + FARTHEST
            if near and first <= last <= first + LONGEST:
                return first, last
    return None
