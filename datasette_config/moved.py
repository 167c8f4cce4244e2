"""What moved: the last seven days of each topic and Land against the mean of the four weeks before.

Whole days in Berlin, today included. Reprints count once, as everywhere on the site.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from math import sqrt
from typing import Final

from store.search import Query, Search

WEEK: Final = timedelta(days=7)
WEEKS: Final = 4
#: A change is told when it is so many standard deviations of a count (Poisson: the root of its
#: mean) and so many entries away from the usual; less is the ordinary up and down of small numbers.
NOTABLE: Final = 1.5
LEAST: Final = 2


@dataclass(frozen=True, slots=True)
class Move:
    """One topic or Land: entries of this week, and in a usual one."""

    id: str
    week: int
    usual: float

    @property
    def notable(self) -> bool:
        """Whether the week stands out."""
        apart = abs(self.week - self.usual)
        return apart >= LEAST and apart >= NOTABLE * sqrt(max(self.usual, 1.0))

    @property
    def up(self) -> bool:
        """Whether there were more than usual."""
        return self.week > self.usual


def moves(search: Search, today: date) -> dict[str, dict[str, Move]] | None:
    """Facet (``topic``, ``state``) → id → its move; None while the archive is younger than a month.

    Only what occurs in these five weeks has one.
    """
    whole = search.run(Query(limit=0))
    begun = today - WEEK * (WEEKS + 1)
    first = whole.months[0][0] if whole.months else ""
    if not first or first > begun.isoformat()[:7]:
        return None
    week = search.run(Query(since=today - WEEK + timedelta(days=1), until=today, limit=0))
    before = search.run(
        Query(since=begun + timedelta(days=1), until=today - WEEK, limit=0)
    )  # the four weeks before
    return {facet: _moves(week.facets[facet], before.facets[facet]) for facet in ("topic", "state")}


def notable(found: Iterable[Move], most: int) -> list[Move]:
    """The moves that stand out, the farthest from the usual first."""
    chosen = [move for move in found if move.notable]
    apart = sorted(chosen, key=lambda m: (-abs(m.week - m.usual) / sqrt(max(m.usual, 1.0)), m.id))
    return apart[:most]


def _moves(
    week: tuple[tuple[str, int], ...], before: tuple[tuple[str, int], ...]
) -> dict[str, Move]:
    now, then = dict(week), dict(before)
    return {id: Move(id, now.get(id, 0), then.get(id, 0) / WEEKS) for id in sorted({*now, *then})}
