"""`radar users` over a real newsroom."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from radar.cli import radar
from radar.config import Config
from radar.crawling import open_newsroom
from store import passwords
from store.accounts import AccountError, AccountTables
from store.passwords import Cost

PASSWORD = "Glasfaser im Rathaus"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    """The command with a data folder of its own; passwords cost little here."""
    monkeypatch.setenv("RADAR_PATHS_DATA", str(tmp_path))
    monkeypatch.setattr(AccountTables, "password_cost", Cost(2**4, 8, 1))

    def run(*arguments: str, typed: str = "") -> str:
        done = CliRunner().invoke(radar, ["users", *arguments], input=typed, catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done.stdout

    return run


def test_an_account_from_beginning_to_end(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    assert run("list") == ""
    typed = f"{PASSWORD}\n"
    assert run("add", "leitung", "--role", "admin", "--password-stdin", typed=typed)
    assert run("add", "redaktion", "--password-stdin", "--language", "en", typed=typed)
    assert run("role", "redaktion", "chief") == "redaktion is chief\n"
    run("passwd", "redaktion", "--password-stdin", typed="Ein neues Wort 7\n")
    with open_newsroom(Config(paths_data=tmp_path)) as newsroom:
        assert newsroom.sign_in("redaktion", "Ein neues Wort 7", address="192.0.2.1")
    run("disable", "redaktion")
    told = json.loads(run("list", "--json"))
    assert [(one["name"], one["role"], one["disabled"]) for one in told] == [
        ("leitung", "admin", False),
        ("redaktion", "chief", True),
    ]
    assert "shut out" in run("list")
    run("disable", "redaktion", "--again")
    assert "redaktion  chief" in run("list")
    with open_newsroom(Config(paths_data=tmp_path)) as newsroom:
        assert {entry.actor for entry in newsroom.audit()} == {"command", "redaktion"}
        kept = "\n".join(newsroom.connection.iterdump())
    assert PASSWORD not in kept


def test_what_cannot_be_done_says_why(run) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(AccountError, match="12 characters"):
        run("add", "leitung", "--password-stdin", typed="kurz\n")
    with pytest.raises(AccountError, match="no account 'niemand'"):
        run("role", "niemand", "editor")
    asked = CliRunner().invoke(radar, ["users", "add", "leitung"])
    assert asked.exit_code == 2
    assert "--password-stdin" in asked.output


def test_an_account_for_the_proxy_has_no_password(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    run("add", "haus", "--no-password")
    assert "by the proxy only" in run("list")
    with open_newsroom(Config(paths_data=tmp_path)) as newsroom:
        account = newsroom.account("haus")
    assert account is not None
    assert not account.has_password
    assert passwords.COST.n > 2**4, "the cheap hash is the tests' alone"
