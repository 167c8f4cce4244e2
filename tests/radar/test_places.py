"""`radar places update` with files in the register's own format, over a copy of the real places."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from classifier.names import DATA
from classifier.places import PlaceRecord, read_places
from radar.cli import radar
from store.errors import RadarError
from tests.classifier.test_places_update import release

Run = Callable[..., Result]


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder of its own, so that the package's stays as it is."""
    for name in ("places.csv", "places.toml"):
        shutil.copy(DATA / name, tmp_path / name)
    monkeypatch.setattr("classifier.names.DATA", tmp_path)
    return tmp_path


@pytest.fixture
def run(data: Path) -> Run:
    """The command on a file of these bytes."""

    def run(content: bytes, *arguments: str) -> Result:
        file = data / "GV100AD_311226.txt"
        file.write_bytes(content)
        return CliRunner().invoke(radar, ["places", "update", str(file), *arguments])

    return run


def refusal(result: Result) -> str:
    """The one line that a refusal says; the program's entry prints it without a traceback."""
    assert isinstance(result.exception, RadarError)
    assert result.output == ""
    said = str(result.exception)
    assert "\n" not in said
    return said


def newer() -> list[PlaceRecord]:
    """Bonn has grown by a thousand, Jena has another name, a village is new."""
    places = []
    for place in read_places(DATA / "places.csv"):
        if place.ags == "05314000":
            place = replace(place, population=place.population + 1000)
        elif place.ags == "16053000":
            place = replace(place, name="Jena, Lichtstadt")
        places.append(place)
    return [*places, PlaceRecord("16077098", "Neuanfang", "DE-TH", "municipality", 7, None, None)]


def test_a_newer_release_is_taken_over_and_told(run: Run, data: Path) -> None:
    done = run(release(newer()))
    assert done.exit_code == 0, done.output
    assert "register of 2026-03-31" in done.output
    assert "renamed: 1\n  16053000 Jena, Stadt → Jena, Lichtstadt" in done.output
    assert "new: 1\n  16077098 Neuanfang" in done.output
    assert "gone: 0" in done.output
    assert "1 municipalities differ" in done.output
    assert (data / "places.toml").read_text().endswith("\nregister = 2026-03-31\n")
    after = {place.ags: place for place in read_places(data / "places.csv")}
    before = {place.ags: place for place in read_places(DATA / "places.csv")}
    assert after["05314000"].population == before["05314000"].population + 1000
    assert after["05314000"].lat == before["05314000"].lat
    assert after["16053000"].name == "Jena, Lichtstadt"


def test_a_dry_run_tells_the_same_and_writes_nothing(run: Run, data: Path) -> None:
    was = (data / "places.csv").read_bytes()
    told = json.loads(run(release(newer()), "--dry-run", "--json").output)
    assert told["renamed"] == [["16053000", "Jena, Stadt", "Jena, Lichtstadt"]]
    assert told["new"] == [["16077098", "Neuanfang"]]
    assert told["inhabitants"][1] - told["inhabitants"][0] == 1007
    assert (data / "places.csv").read_bytes() == was
    assert (data / "places.toml").read_text() == (DATA / "places.toml").read_text()


def test_an_older_release_is_refused_unless_asked_for(run: Run, data: Path) -> None:
    old = release(newer()).replace(b"20260331", b"20240131")
    assert "the register of 2024-01-31, where that of 2025-08-31 is in force" in refusal(run(old))
    assert (data / "places.csv").read_bytes() == (DATA / "places.csv").read_bytes()
    assert run(old, "--older").exit_code == 0
    assert (data / "places.toml").read_text().endswith("\nregister = 2024-01-31\n")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"%PDF-1.7 something else", "0 populated municipalities"),
        (b"PK\x03\x04\x00\xff", "0 populated municipalities"),
        (release(newer()[:400]), "give the text file of a whole GV100AD release"),
        (b"60" + b"x" * 200, "line 1: not a record of GV100AD"),
    ],
)
def test_other_files_are_refused_in_one_line(
    run: Run, data: Path, content: bytes, told: str
) -> None:
    assert told in refusal(run(content))
    assert (data / "places.csv").read_bytes() == (DATA / "places.csv").read_bytes()


def test_a_file_that_is_not_there(data: Path) -> None:
    refused = CliRunner().invoke(radar, ["places", "update", str(data / "none.txt")])
    assert "cannot be read: No such file" in refusal(refused)
