"""A newer release of the official register: reading GV100AD, and what it changes in places.csv.

The record layout is that of the description that Destatis packs beside each release
("Datensatzbeschreibung GV100AD"). Six columns of two kinds of record are all that is needed, so no
library reads them for us.
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from classifier.places import GazetteerError, PlaceRecord

#: Columns, counted from 0: kind of record, day of the register, official key, name, inhabitants.
_KIND, _DAY, _KEY = slice(0, 2), slice(2, 10), slice(10, 18)
_NAME, _INHABITANTS = slice(22, 72), slice(139, 150)
_COUNTY, _MUNICIPALITY = "40", "60"
#: First two digits of every key → Land.
_LANDS = {
    "01": "DE-SH", "02": "DE-HH", "03": "DE-NI", "04": "DE-HB", "05": "DE-NW", "06": "DE-HE",
    "07": "DE-RP", "08": "DE-BW", "09": "DE-BY", "10": "DE-SL", "11": "DE-BE", "12": "DE-BB",
    "13": "DE-MV", "14": "DE-SN", "15": "DE-ST", "16": "DE-TH",
}  # fmt: skip
#: The register has had more populated municipalities than this for decades: less is a part of it.
LEAST = 9_000
#: Whoever took a neighbour up has grown by at least this share of its inhabitants.
_TAKEN_UP = 0.8


@dataclass(frozen=True, slots=True)
class Release:
    """One release: the populated municipalities and the counties, without coordinates."""

    #: day of the register, ISO 8601
    day: str
    records: tuple[PlaceRecord, ...]


@dataclass(frozen=True, slots=True)
class Changes:
    """What a release changed: pairs are (old name, new name), keys stand before names."""

    #: same key, another name
    renamed: tuple[tuple[str, str, str], ...]
    #: same name and Land, another key: (old key, new key, name)
    moved: tuple[tuple[str, str, str], ...]
    #: keys that are new, and names
    new: tuple[tuple[str, str], ...]
    #: keys that are gone, names, and who took them up as far as growth shows it ("" if not)
    gone: tuple[tuple[str, str, str], ...]
    #: municipalities whose number of inhabitants is another
    population: int
    #: inhabitants of all municipalities, before and after
    inhabitants: tuple[int, int]


def read_release(content: bytes) -> Release:
    """The release in the bytes of a ``GV100AD_*.txt`` (UTF-8; before 2019 Latin-1).

    Raises ``GazetteerError`` when it is something else, damaged, or only a part.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    day = ""
    places: list[PlaceRecord] = []
    for number, line in enumerate(text.splitlines(), start=1):
        kind, key = line[_KIND], line[_KEY].strip()
        if kind not in (_COUNTY, _MUNICIPALITY):
            continue
        name, land = line[_NAME].strip(), _LANDS.get(key[:2])
        digits = line[_INHABITANTS].strip() if kind == _MUNICIPALITY else "0"
        length = 5 if kind == _COUNTY else 8
        numbers = key.isdigit() and digits.isdigit() and line[_DAY].isdigit()
        if len(key) != length or not numbers or not land or not name:
            raise GazetteerError(
                f"line {number}: not a record of GV100AD; give the text file of the release as "
                "Destatis packs it"
            )
        day = f"{line[_DAY][:4]}-{line[_DAY][4:6]}-{line[_DAY][6:8]}"
        if kind == _COUNTY:
            places.append(PlaceRecord(key, name, land, "county", 0, None, None))
        elif int(digits):
            city = "city" if key.endswith("000") else "municipality"
            places.append(PlaceRecord(key, name, land, city, int(digits), None, None))
    found = sum(place.kind != "county" for place in places)
    if found < LEAST:
        raise GazetteerError(
            f"{found} populated municipalities, where Germany has more than {LEAST}; give the "
            "text file of a whole GV100AD release"
        )
    try:
        date.fromisoformat(day)
    except ValueError as error:
        raise GazetteerError(f"{day} is no day of a register; give the release as it is") from error
    return Release(day, tuple(places))


def update(old: Iterable[PlaceRecord], release: Release) -> tuple[list[PlaceRecord], Changes]:
    """The places of the release, by key, and what became different.

    The register has no coordinates: a place keeps its own, one with a new key takes those of its
    old name, and what was formed of others lies where they lay. Counties get the sum and the mean
    of their municipalities; a county that is one city is left out, the city stands for it.
    """
    before = {record.ags: record for record in old}
    after = {record.ags: record for record in release.records}
    for ags in [ags for ags in after if f"{ags}000" in after]:
        del after[ags]
    added = [after[ags] for ags in sorted(after.keys() - before.keys())]
    removed = [before[ags] for ags in sorted(before.keys() - after.keys())]
    moved = _moved(removed, added)
    arrived = {new.ags for _, new in moved}
    left = {gone.ags for gone, _ in moved}
    kept = {ags: record for ags, record in after.items() if ags not in arrived}
    gone = [
        (record, _taken_up_by(record, before, kept)) for record in removed if record.ags not in left
    ]
    located: dict[str, list[PlaceRecord]] = defaultdict(list)
    for ags in after.keys() & before.keys():
        located[ags].append(before[ags])
    for was, now in moved:
        located[now.ags].append(was)
    for record, into in gone:
        if into is not None and into.ags not in before:
            located[into.ags].append(record)
    towns = [
        _at_the_mean(record, located[record.ags])
        for record in after.values()
        if record.kind != "county"
    ]
    parts: dict[str, list[PlaceRecord]] = defaultdict(list)
    for town in towns:
        parts[town.ags[:5]].append(town)
    counties = [
        replace(
            _at_the_mean(record, parts[record.ags]),
            population=sum(town.population for town in parts[record.ags]),
        )
        for record in after.values()
        if record.kind == "county"
    ]
    places = sorted([*towns, *counties], key=lambda record: record.ags)
    both = [(before[ags], after[ags]) for ags in sorted(before.keys() & after.keys())]
    return places, Changes(
        renamed=tuple((was.ags, was.name, now.name) for was, now in both if was.name != now.name),
        moved=tuple((was.ags, now.ags, now.name) for was, now in moved),
        new=tuple((record.ags, record.name) for record in added if record.ags not in arrived),
        gone=tuple(
            (record.ags, record.name, into.name if into is not None else "")
            for record, into in gone
        ),
        population=sum(
            was.kind != "county" and was.population != now.population for was, now in both
        ),
        inhabitants=(_inhabitants(before.values()), _inhabitants(towns)),
    )


def _moved(
    removed: Sequence[PlaceRecord], added: Sequence[PlaceRecord]
) -> list[tuple[PlaceRecord, PlaceRecord]]:
    """Places that have a new key and kept name and Land; where several could be meant, none."""
    by_name: dict[tuple[str, str, bool], list[PlaceRecord]] = defaultdict(list)
    for record in removed:
        by_name[record.plain_name, record.land, record.kind == "county"].append(record)
    pairs = []
    for record in added:
        same = by_name[record.plain_name, record.land, record.kind == "county"]
        if len(same) == 1:
            pairs.append((same[0], record))
    return pairs


def _taken_up_by(
    gone: PlaceRecord, before: Mapping[str, PlaceRecord], after: Mapping[str, PlaceRecord]
) -> PlaceRecord | None:
    """The one place of its county that grew by its inhabitants; None if none or several did."""
    if gone.kind == "county":
        return None
    grown = [
        record
        for record in after.values()
        if record.kind != "county"
        and record.ags[:5] == gone.ags[:5]
        and record.population - (before[record.ags].population if record.ags in before else 0)
        >= _TAKEN_UP * gone.population
    ]
    return grown[0] if len(grown) == 1 else None


def _at_the_mean(record: PlaceRecord, places: Sequence[PlaceRecord]) -> PlaceRecord:
    """The record where these places lie, weighted by their inhabitants."""
    known = [
        (place.lat, place.lon, max(place.population, 1))
        for place in places
        if place.lat is not None and place.lon is not None
    ]
    if len(known) == 1:
        return replace(record, lat=known[0][0], lon=known[0][1])
    total = sum(weight for _, _, weight in known)
    if not total:
        return record
    return replace(
        record,
        lat=round(sum(lat * weight for lat, _, weight in known) / total, 5),
        lon=round(sum(lon * weight for _, lon, weight in known) / total, 5),
    )


def _inhabitants(records: Iterable[PlaceRecord]) -> int:
    return sum(record.population for record in records if record.kind != "county")


def as_csv(places: Iterable[PlaceRecord]) -> str:
    """The content of ``places.csv``."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["ags", "name", "land", "kind", "population", "lat", "lon"])
    for place in places:
        at = (_degrees(place.lat), _degrees(place.lon))
        writer.writerow([place.ags, place.name, place.land, place.kind, place.population, *at])
    return out.getvalue()


def _degrees(value: float | None) -> str:
    return "" if value is None else f"{value:.6f}".rstrip("0").rstrip(".")
