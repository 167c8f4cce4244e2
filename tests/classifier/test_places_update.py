"""A newer release of the register is read, and what it changes is told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from classifier.names import DATA
from classifier.places import GazetteerError, PlaceRecord, read_places
from classifier.places_update import as_csv, read_release, update

PLACES = list(read_places(DATA / "places.csv"))


def line(record: PlaceRecord, day: str = "20260331") -> str:
    """A record as the register writes it: fixed columns."""
    kind = "40" if record.kind == "county" else "60"
    head = f"{kind}{day}{record.ags:<12}{record.name:<50}{'Sitz':<50}64    "
    return f"{head:<128}{'1000':>11}{record.population:011d}{'0':>11}"


def release(records: list[PlaceRecord]) -> bytes:
    lands = "10" + "20260331" + f"{'01':<12}{'Schleswig-Holstein':<50}"
    return "\n".join([lands, *map(line, records)]).encode()


def test_the_same_register_changes_nothing() -> None:
    read = read_release(release(PLACES))
    assert read.day == "2026-03-31"
    found, changes = update(PLACES, read)
    assert not any((changes.renamed, changes.moved, changes.new, changes.gone, changes.population))
    assert [(r.ags, r.name, r.kind, r.population) for r in found] == [
        (r.ags, r.name, r.kind, r.population) for r in PLACES
    ]
    towns = [r for r in PLACES if r.kind != "county"]
    assert [r for r in found if r.kind != "county"] == towns
    counties = [(r, was) for r, was in zip(found, PLACES, strict=True) if r.kind == "county"]
    assert all(abs((r.lat or 0) - (was.lat or 0)) < 1e-4 for r, was in counties)


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "places.csv"
    path.write_text(as_csv(PLACES), encoding="utf-8")
    assert list(read_places(path)) == PLACES


def test_mergers_names_and_keys() -> None:
    by_key = {record.ags: record for record in PLACES}
    county = [r for r in PLACES if r.ags.startswith("16077") and r.kind != "county"]
    small, big = (
        sorted(county, key=lambda r: r.population)[:1],
        max(county, key=lambda r: r.population),
    )
    gone = small[0]
    grown = replace(big, population=big.population + gone.population)
    renamed = replace(by_key["05314000"], name="Bundesstadt Bonn")
    moved = replace(by_key["16077049"], ags="16077099")
    others = [r for r in PLACES if r.ags not in {gone.ags, big.ags, "05314000", "16077049"}]
    fresh = PlaceRecord("16077098", "Neuanfang", "DE-TH", "municipality", 7, None, None)
    records = [*others, grown, renamed, moved, fresh]
    found, changes = update(PLACES, read_release(release(records)))
    assert changes.renamed == (("05314000", by_key["05314000"].name, "Bundesstadt Bonn"),)
    assert changes.moved == (("16077049", "16077099", moved.name),)
    assert changes.new == (("16077098", "Neuanfang"),)
    assert changes.gone == ((gone.ags, gone.name, big.name),)
    assert changes.population == 1
    after = {record.ags: record for record in found}
    assert (after["16077099"].lat, after["16077099"].lon) == (moved.lat, moved.lon)
    assert after["16077098"].lat is None
    assert after["16077"].population == by_key["16077"].population + 7


def test_a_city_stands_for_its_county_and_empty_places_are_left_out() -> None:
    bonn = PlaceRecord("05314", "Bonn, Stadt", "DE-NW", "county", 0, None, None)
    forest = PlaceRecord("09180444", "Forst", "DE-BY", "municipality", 0, None, None)
    found, changes = update(PLACES, read_release(release([*PLACES, bonn, forest])))
    assert not changes.new
    assert len(found) == len(PLACES)


def test_older_releases_are_latin_1() -> None:
    content = release(PLACES).decode().encode("latin-1", errors="replace")
    assert any(r.name == "Köln, Stadt" for r in read_release(content).records)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "0 populated municipalities"),
        (b"ags,name\n1,A\n", "0 populated municipalities"),
        (release(PLACES[:50]), "populated municipalities, where Germany has more"),
        (b"60" + b"x" * 200, "line 1: not a record"),
        (release(PLACES).replace(b"20260331", b"2026033x"), "line 2: not a record"),
        (release(PLACES).replace(b"20260331", b"20260231"), "2026-02-31 is no day"),
    ],
)
def test_other_files_are_refused(content: bytes, told: str) -> None:
    with pytest.raises(GazetteerError, match=told):
        read_release(content)
