"""The sixteen Länder as a map of equal tiles.

Tiles instead of outlines: on a true map Bremen, Hamburg, Berlin and the Saarland are a few pixels,
too small to hit and to carry a number. Each tile lies next to the neighbours it has on the ground
as far as a grid allows; hand-made, checked against the Länder's borders.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

_ROWS: Final = (
    "-- SH HH MV",
    "HB NI BE BB",
    "NW HE ST SN",
    "SL RP TH --",
    "-- BW BY --",
)
#: Shades of the tiles, from none to the most.
SHADES: Final = 4


@dataclass(frozen=True, slots=True)
class Tile:
    """One Land: column and row of the grid, its short name, entries, and how dark it is."""

    code: str
    short: str
    column: int
    row: int
    count: int
    #: 0 (nothing) to :data:`SHADES`
    shade: int


def tiles(counts: Mapping[str, int]) -> tuple[Tile, ...]:
    """Every Land in reading order. Shades go by rank: one large Land does not pale the others."""
    places = [
        (f"DE-{short}", short, column, row)
        for row, line in enumerate(_ROWS)
        for column, short in enumerate(line.split())
        if short != "--"
    ]
    ranks = sorted({counts.get(code, 0) for code, *_ in places} - {0})
    return tuple(
        Tile(code, short, column, row, count := counts.get(code, 0), _shade(count, ranks))
        for code, short, column, row in places
    )


def _shade(count: int, ranks: list[int]) -> int:
    return 1 + ranks.index(count) * SHADES // len(ranks) if count else 0
