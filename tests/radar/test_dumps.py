"""The dated files are made, the oldest dropped, and made again only when they are due."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from radar import dumps, keeping
from radar.cli import radar
from radar.config import Config
from store.exports import ExportError
from tests.datasette_config import newsdesk


@pytest.fixture
def config(tmp_path: Path) -> Config:
    data = tmp_path / "data"
    data.mkdir()
    newsdesk.build(data)
    return Config(paths_data=data, dumps_days=7, dumps_keep=2)


def at(day: int) -> datetime:
    return datetime(2026, 4, day, 12, tzinfo=UTC)


def test_files_are_made_and_the_oldest_dropped(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dumps, "FORMATS", ("csv",))
    made = []
    for day in (1, 4, 8, 15, 22):
        monkeypatch.setattr(keeping, "utc_now", lambda day=day: at(day))
        if dumps.dump_if_due(config, at(day)):
            made.append(day)
    assert made == [1, 8, 15, 22]
    kept = {path.name[8:18] for path in config.dumps.iterdir()}
    assert kept == {"2026-04-15", "2026-04-22"}
    sums = (config.dumps / "archive-2026-04-22-csv.sha256").read_text().splitlines()
    for line in sums:
        checksum, name = line.split("  ")
        assert hashlib.sha256((config.dumps / name).read_bytes()).hexdigest() == checksum


def test_nothing_is_made_unasked(config: Config) -> None:
    assert dumps.dump_if_due(Config(paths_data=config.paths_data), at(1)) is None
    assert dumps.dump_if_due(Config(paths_data=Path("gibtesnicht"), dumps_days=1), at(1)) is None
    assert not config.dumps.exists()


def test_the_command_makes_every_format(config: Config) -> None:
    environment = {"RADAR_PATHS_DATA": str(config.paths_data)}
    answer = CliRunner().invoke(radar, ["dumps"], env=environment)
    assert answer.exit_code == 0, answer.output
    assert "rows as csv, parquet, sqlite" in answer.output
    today = date.fromisoformat(next(config.dumps.glob("*.sqlite")).name[8:18])
    assert (config.dumps / f"archive-{today}-items.parquet").is_file()


def test_without_an_archive_the_mend_is_said(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="radar publish"):
        dumps.dump(Config(paths_data=tmp_path))
