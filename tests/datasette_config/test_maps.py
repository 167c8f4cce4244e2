"""The two maps: tiles of the Länder, and the dots of Germany drawn anew from the register."""

from __future__ import annotations

import csv
import re
from pathlib import Path

from datasette_config import country
from datasette_config.tiles import SHADES, tiles
from store.types import STATES

PLACES = Path(__file__).resolve().parents[2] / "classifier" / "data" / "places.csv"


def places() -> list[dict[str, str]]:
    with PLACES.open(encoding="utf-8") as file:
        return [row for row in csv.DictReader(file) if row["lat"] and row["kind"] != "county"]


def test_the_dots_are_those_of_the_register() -> None:
    drawn = country.grid((float(row["lat"]), float(row["lon"])) for row in places())
    assert drawn == country.ROWS


def test_every_place_lies_on_a_dot() -> None:
    for row in places():
        x, y = country.position(float(row["lat"]), float(row["lon"]))
        assert country.ROWS[int(y)][int(x)] == "#", row["name"]


def test_the_path_has_every_dot_once() -> None:
    runs = re.findall(r"M(\d+)\.5 (\d+)\.5h(\d+)\.01", country.path())
    dots = [(int(x) + step, int(y)) for x, y, more in runs for step in range(int(more) + 1)]
    wanted = {(x, y) for y, row in enumerate(country.ROWS) for x, at in enumerate(row) if at == "#"}
    assert set(dots) == wanted
    assert len(dots) == len(wanted)


def test_every_land_has_one_tile_near_its_neighbours() -> None:
    found = {tile.code: tile for tile in tiles({})}
    assert set(found) == set(STATES) - {"bund"}
    assert len({(tile.column, tile.row) for tile in found.values()}) == 16
    north_of = [("SH", "NI"), ("NI", "HE"), ("MV", "BB"), ("BB", "SN"), ("ST", "TH"), ("TH", "BY")]
    for upper, lower in north_of:
        above, below = found[f"DE-{upper}"], found[f"DE-{lower}"]
        assert above.row + 1 == below.row
        assert above.column == below.column


def test_shades_follow_the_rank() -> None:
    counts = {"DE-NW": 9000, "DE-BY": 30, "DE-HE": 20, "DE-SL": 1}
    shades = {tile.code: tile.shade for tile in tiles(counts)}
    assert [shades[code] for code in counts] == [SHADES, 3, 2, 1]
    assert shades["DE-BE"] == 0
