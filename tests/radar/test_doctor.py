"""An installation's faults are found and each says how it is mended; a sound one has none."""

from __future__ import annotations

import os
import shutil
import sqlite3
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from radar import doctor, rounds
from radar.config import Config
from radar.crawling import open_newsroom, utc_now
from radar.doctor import Finding, examine
from store.backup import back_up, backups
from store.migrations import newsroom_migrations
from store.schema import connect, migrate


@pytest.fixture
def config(tmp_path: Path) -> Config:
    config = Config(paths_data=tmp_path / "data", crawl_contact="redaktion@stadt.example")
    with open_newsroom(config) as newsroom:
        rounds.publish_all(config, newsroom)
    return config


@pytest.fixture(autouse=True)
def resolver(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor.socket, "getaddrinfo", lambda *_: [])


def found(config: Config, what: str) -> list[Finding]:
    return [finding for finding in examine(config, utc_now()) if finding.what == what]


def levels(config: Config) -> dict[str, str]:
    return {finding.what: finding.level for finding in examine(config, utc_now())}


def test_sound_installation_lacks_only_a_backup(config: Config) -> None:
    wrong = [finding for finding in examine(config, utc_now()) if finding.level != "ok"]
    assert [finding.what for finding in wrong] == ["backup"]
    rounds.back_up_if_due(config, utc_now())
    (first, disk) = found(config, "backup")
    assert (first.level, disk.level) == ("ok", "warn")
    assert "same disk" in disk.says


def test_every_fault_names_its_mend(config: Config) -> None:
    config.search.write_bytes(b"SQLite format 3\0" + b"broken" * 1000)
    config.newsroom.chmod(0o644)
    for finding in examine(Config(paths_data=config.paths_data), utc_now()):
        assert finding.level == "ok" or finding.mend, finding
    assert levels(config)["search.db"] == "fail"
    assert "--rebuild" in found(config, "search.db")[0].mend
    (readable, *_) = found(config, "permissions")
    assert readable.mend == f"chmod o-rwx {config.newsroom}"


def test_secrets_and_what_decides_are_nobody_elses(config: Config, tmp_path: Path) -> None:
    password = tmp_path / "password"
    password.write_text("geheim")
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    (secrets / "stadt").write_text("geheim")
    config.own_sources.mkdir()
    config.own_sources.chmod(0o777)
    backup = back_up(config.newsroom, config.backups, keep=3, now=utc_now).path
    for path in (password, secrets / "stadt", backup):
        path.chmod(0o644)
    with_secrets = replace(config, mail_smtp_password_file=password, mail_secrets=secrets)
    mends = {finding.mend for finding in found(with_secrets, "permissions")}
    assert mends == {
        *(f"chmod o-rwx {path}" for path in (password, secrets / "stadt", backup)),
        f"chmod o-w {config.own_sources}",
    }
    config.paths_data.chmod(0o700)
    hidden = {finding.mend for finding in found(with_secrets, "permissions")}
    assert f"chmod o-rwx {backup}" not in hidden, "nobody else gets there"


def test_newsroom_is_made_for_its_owner_alone(config: Config) -> None:
    assert config.newsroom.stat().st_mode & 0o077 == 0
    assert found(config, "permissions") == []


def test_clock_behind_what_was_stored(config: Config) -> None:
    with connect(config.newsroom) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        later = (utc_now() + timedelta(days=3)).isoformat(timespec="seconds")
        connection.execute("INSERT INTO runs (source_id, started_at) VALUES ('x', ?)", (later,))
        connection.commit()
    (clock,) = found(config, "clock")
    assert clock.level == "fail"
    assert "row of runs names one of sources" in found(config, "newsroom.db")[0].says


def test_no_resolver_and_a_full_disk(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object) -> None:
        raise OSError("no name")

    monkeypatch.setattr(doctor.socket, "getaddrinfo", unknown)
    usage = shutil.disk_usage(config.paths_data)
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda _: usage._replace(free=10))
    assert levels(config) | {"dns": "fail", "disk": "warn"} == levels(config)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_folder_of_another_user(config: Config) -> None:
    config.paths_data.chmod(0o500)
    try:
        assert levels(config)["data"] == "fail"
    finally:
        config.paths_data.chmod(0o700)


def test_damaged_model_is_told(config: Config) -> None:
    config.models.mkdir()
    (config.models / "promotions.jsonl").write_text("{}\n", "utf-8")
    (model,) = found(config, "model")
    assert model.level == "fail"
    assert "remove the line" in model.says


# -- backups that nobody has to think of ----------------------------------------------------------


def test_backups_are_made_when_due_and_the_newest_stay(config: Config) -> None:
    start = utc_now()
    made = [rounds.back_up_if_due(config, start + timedelta(hours=h)) for h in (0, 23, 24, 48)]
    assert [path is not None for path in made] == [True, False, True, True]
    few = Config(paths_data=config.paths_data, backup_keep=2)
    rounds.back_up_if_due(few, start + timedelta(hours=72))
    assert len(backups(config.backups)) == 2
    never = Config(paths_data=config.paths_data, backup_hours=0)
    assert rounds.back_up_if_due(never, start + timedelta(days=99)) is None


def test_newsroom_of_an_older_shape_is_backed_up_before_it_changes(tmp_path: Path) -> None:
    config = Config(paths_data=tmp_path)
    connection = connect(config.newsroom)
    migrate(connection, newsroom_migrations, stop_before="m005_erasures_and_retention")
    connection.close()
    with open_newsroom(config):
        pass
    (backup,) = backups(config.backups)
    tables = "SELECT count(*) FROM sqlite_master WHERE name = 'erasures'"
    assert sqlite3.connect(backup).execute(tables).fetchone() == (0,)
    assert sqlite3.connect(config.newsroom).execute(tables).fetchone() == (1,)
    with open_newsroom(config):
        pass
    assert backups(config.backups) == [backup]
