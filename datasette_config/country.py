"""Germany as a grid of dots, and where a town lies on it.

A dot stands where the register of municipalities (Destatis, GV100AD) has one; the lakes and woods
between are filled. A test draws it anew from the register's coordinates.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from math import cos, radians
from typing import Final

#: The grid's north-western corner and its cells' height, in degrees (WGS 84).
WEST: Final = 5.8
NORTH: Final = 55.1
CELL: Final = 0.17
#: A degree of longitude is so many degrees of latitude wide, in the middle of Germany (51° north).
SQUEEZE: Final = cos(radians(51))

ROWS: Final = (
    ".........#.........................",
    ".........#######...................",
    ".........#######...........##......",
    "..........#######..#.....#####.....",
    "..........##########...#######.....",
    ".......#...###################.....",
    "...........####################....",
    "......##..######################...",
    "...#############################...",
    "....############################...",
    ".....###########################...",
    ".....###########################...",
    ".....###########################...",
    ".....###########################...",
    "...##############################..",
    "...##############################..",
    "....#############################..",
    "....#############################..",
    "...##############################..",
    "#################################..",
    ".#################################.",
    ".#################################.",
    ".#################################.",
    "###################################",
    "##################################.",
    ".#############################...#.",
    ".############################......",
    ".##########################........",
    ".########################..........",
    ".########################..........",
    ".########################..........",
    "..#######################..........",
    "..########################.........",
    "..########################.........",
    "...#########################.......",
    ".....#######################.......",
    ".......#######################.....",
    ".......#######################.....",
    ".......#######################.....",
    ".......######################......",
    "......######################.......",
    "......#####################........",
    "......#####################........",
    "......#####################........",
    "......####...########..#..#........",
    "................#...#..............",
)
WIDTH: Final = len(ROWS[0])
HEIGHT: Final = len(ROWS)


def position(lat: float, lon: float) -> tuple[float, float]:
    """Where a place lies on the grid: columns from the west, rows from the north."""
    return round((lon - WEST) * SQUEEZE / CELL, 2), round((NORTH - lat) / CELL, 2)


def grid(places: Iterable[tuple[float, float]]) -> tuple[str, ...]:
    """The rows for places given as (latitude, longitude); gaps with three neighbours are filled."""
    filled = {(int(x), int(y)) for x, y in (position(*place) for place in places)}
    width, height = (max(axis) + 1 for axis in zip(*filled, strict=True))
    for _ in range(2):
        filled |= {
            (x, y)
            for x in range(width)
            for y in range(height)
            if sum(near in filled for near in ((x + 1, y), (x - 1, y), (x, y + 1), (x, y - 1))) > 2
        }
    return tuple(
        "".join("#" if (x, y) in filled else "." for x in range(width)) for y in range(height)
    )


@cache
def path() -> str:
    """The dots as an SVG path: a stroke for each run, to be drawn dashed with round ends."""
    return "".join(
        f"M{run.start()}.5 {row}.5h{len(run[0]) - 1}.01"
        for row, line in enumerate(ROWS)
        for run in re.finditer("#+", line)
    )
