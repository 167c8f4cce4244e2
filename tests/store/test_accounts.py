"""Accounts, sessions and the throttle, over a real file and a clock that can be set."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from store import passwords
from store.accounts import (
    ATTEMPTS_FROM_ADDRESS,
    ATTEMPTS_IN,
    ATTEMPTS_OF_NAME,
    SESSION_IDLE,
    SESSION_LONGEST,
    AccountError,
    SignInError,
    ThrottledError,
)
from store.newsroom import Newsroom
from store.passwords import Cost, hash_password, is_cheaper, is_password, refusal
from store.types import ROLES

CHEAP = Cost(2**4, 8, 1)
PASSWORD = "Glasfaser im Rathaus"
NOW = datetime(2026, 3, 12, 9, 0, tzinfo=UTC)


class Clock:
    now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def newsroom(tmp_path: Path, clock: Clock) -> Iterator[Newsroom]:
    with Newsroom(tmp_path / "newsroom.db", now=clock) as opened:
        opened.password_cost = CHEAP
        opened.add_account("leitung", "admin", PASSWORD, by="command")
        opened.add_account("redaktion", "editor", PASSWORD, by="command")
        yield opened


def test_a_password_fits_its_own_hash_alone() -> None:
    kept = hash_password(PASSWORD, CHEAP)
    assert kept != hash_password(PASSWORD, CHEAP), "salted"
    assert PASSWORD not in kept
    assert is_password(PASSWORD, kept)
    assert not is_password(PASSWORD + " ", kept)
    assert is_password("Mu\u0308ller am Markt", hash_password("Müller am Markt", CHEAP))
    assert is_cheaper(kept)
    assert not is_cheaper(kept, CHEAP)


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("kurz", "12 characters"),
        ("x" * 201, "200 characters"),
        ("aaaaaaaaaaaabb", "repeats"),
        ("Redaktion-2026!", "account's name"),
        (PASSWORD, None),
    ],
)
def test_what_is_no_password(password: str, why: str | None) -> None:
    told = refusal(password, "redaktion")
    assert told is None if why is None else why in (told or "")


def test_the_cost_is_what_owasp_calls_for() -> None:
    assert (passwords.COST.n, passwords.COST.r, passwords.COST.p) == (2**14, 8, 5)


def test_who_signs_in_has_a_session_of_which_only_a_hash_is_kept(newsroom: Newsroom) -> None:
    token = newsroom.sign_in(" Redaktion ", PASSWORD, address="192.0.2.1")
    account = newsroom.session(token)
    assert account is not None
    assert (account.name, account.role) == ("redaktion", "editor")
    assert newsroom.session(token[:-1]) is None
    dump = "\n".join(newsroom.connection.iterdump())
    assert token not in dump
    assert PASSWORD not in dump


def test_signing_out_ends_the_session_for_good(newsroom: Newsroom) -> None:
    token = newsroom.sign_in("redaktion", PASSWORD, address="192.0.2.1")
    newsroom.end_session(token)
    assert newsroom.session(token) is None
    newsroom.end_session(token)
    assert [entry.action for entry in newsroom.audit(actor="redaktion")] == [
        "session.end",
        "session.begin",
    ]


def test_a_session_ends_when_unused_and_after_a_week(newsroom: Newsroom, clock: Clock) -> None:
    token = newsroom.sign_in("redaktion", PASSWORD, address="192.0.2.1")
    while clock.now < NOW + SESSION_LONGEST - SESSION_IDLE:
        clock.now += SESSION_IDLE - timedelta(minutes=1)
        assert newsroom.session(token) is not None
    clock.now = NOW + SESSION_LONGEST
    assert newsroom.session(token) is None
    token = newsroom.sign_in("redaktion", PASSWORD, address="192.0.2.1")
    clock.now += SESSION_IDLE
    assert newsroom.session(token) is None


@pytest.mark.parametrize("what", ["disable", "password"])
def test_who_is_shut_out_loses_every_session_at_once(newsroom: Newsroom, what: str) -> None:
    tokens = [newsroom.sign_in("redaktion", PASSWORD, address="192.0.2.1") for _ in range(2)]
    if what == "disable":
        newsroom.disable_account("redaktion", by="leitung")
        with pytest.raises(SignInError):
            newsroom.sign_in("redaktion", PASSWORD, address="192.0.2.1")
    else:
        newsroom.set_password("redaktion", "Ein neues Wort 7", by="leitung")
    assert [newsroom.session(token) for token in tokens] == [None, None]
    newsroom.enable_account("redaktion", by="leitung")
    assert [newsroom.session(token) for token in tokens] == [None, None]


def test_unknown_disabled_and_wrong_say_the_same(newsroom: Newsroom) -> None:
    newsroom.add_account("weg", "reader", PASSWORD, by="command")
    newsroom.add_account("kopf", "reader", None, by="command")
    newsroom.disable_account("weg", by="command")
    said = set()
    for name in ("redaktion", "niemand", "weg", "kopf", "x' or 1=1 --", ""):
        with pytest.raises(SignInError) as raised:
            newsroom.sign_in(name, "nicht das Wort 1", address="192.0.2.1")
        said.add(str(raised.value))
    assert len(said) == 1


def test_an_unknown_name_takes_the_same_work(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Cost] = []
    derive = passwords._derive

    def counted(password: str, salt: bytes, cost: Cost) -> bytes:
        asked.append(cost)
        return derive(password, salt, cost)

    monkeypatch.setattr(passwords, "_derive", counted)
    for name in ("redaktion", "niemand"):
        with pytest.raises(SignInError):
            newsroom.sign_in(name, "nicht das Wort 1", address="192.0.2.1")
    assert asked == [CHEAP, CHEAP]


def test_a_name_is_throttled_even_with_the_right_password(newsroom: Newsroom, clock: Clock) -> None:
    for number in range(ATTEMPTS_OF_NAME):
        with pytest.raises(SignInError, match="do not fit"):
            newsroom.sign_in("redaktion", "falsch falsch", address=f"192.0.2.{number}")
    with pytest.raises(ThrottledError) as raised:
        newsroom.sign_in("redaktion", PASSWORD, address="198.51.100.7")
    assert raised.value.seconds == ATTEMPTS_IN.total_seconds()
    assert newsroom.sign_in("leitung", PASSWORD, address="198.51.100.7")
    clock.now += ATTEMPTS_IN
    assert newsroom.sign_in("redaktion", PASSWORD, address="198.51.100.7")


def test_an_address_is_throttled_whatever_names_it_tries(newsroom: Newsroom) -> None:
    for number in range(ATTEMPTS_FROM_ADDRESS):
        with pytest.raises(SignInError):
            newsroom.sign_in(f"name{number}", "falsch falsch", address="192.0.2.1")
    with pytest.raises(ThrottledError):
        newsroom.sign_in("leitung", PASSWORD, address="192.0.2.1")
    assert newsroom.sign_in("leitung", PASSWORD, address="192.0.2.2")


def test_of_attempts_nothing_is_kept_after_a_day(newsroom: Newsroom, clock: Clock) -> None:
    with pytest.raises(SignInError):
        newsroom.sign_in("anna", "falsch falsch", address="192.0.2.1")
    assert newsroom.forget_attempts() == 0
    clock.now += timedelta(days=1, seconds=1)
    assert newsroom.forget_attempts() == 1
    assert newsroom.connection.execute("SELECT * FROM sign_ins").fetchall() == []


def test_success_forgets_the_names_attempts(newsroom: Newsroom) -> None:
    for _ in range(3):
        for _ in range(ATTEMPTS_OF_NAME - 1):
            with pytest.raises(SignInError, match="do not fit"):
                newsroom.sign_in("redaktion", "falsch falsch", address="192.0.2.1")
        newsroom.sign_in("redaktion", PASSWORD, address="192.0.2.9")
        newsroom.connection.execute("DELETE FROM sign_ins WHERE address = '192.0.2.1'")


def test_a_burst_at_once_does_not_slip_through(newsroom: Newsroom, clock: Clock) -> None:
    def attempt(number: int) -> str:
        with Newsroom(newsroom.path, now=clock) as other:
            other.password_cost = CHEAP
            try:
                other.sign_in("redaktion", f"geraten {number}", address=f"192.0.2.{number}")
            except ThrottledError:
                return "throttled"
            except SignInError:
                return "looked at"
        return "in"

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(attempt, range(24)))
    assert outcomes.count("looked at") == ATTEMPTS_OF_NAME
    assert outcomes.count("throttled") == 24 - ATTEMPTS_OF_NAME


def test_what_was_typed_as_a_name_is_not_kept(newsroom: Newsroom) -> None:
    with pytest.raises(SignInError):
        newsroom.sign_in("mein geheimes wort", "x", address="192.0.2.1")
    assert "geheim" not in "\n".join(newsroom.connection.iterdump())


def test_a_password_changed_while_it_is_compared_opens_nothing(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(password: str, kept: str) -> bool:
        newsroom.set_password("redaktion", "Ein ganz anderes Wort", by="leitung")
        return is_password(password, kept)

    newsroom.password_cost = Cost(2**5, 8, 1)  # so that the old hash would be made anew, too
    monkeypatch.setattr(passwords, "is_password", slow)
    with pytest.raises(SignInError):
        newsroom.sign_in("redaktion", PASSWORD, address="192.0.2.1")
    monkeypatch.undo()
    assert newsroom.connection.execute("SELECT count(*) FROM sessions").fetchone()[0] == 0
    assert newsroom.sign_in("redaktion", "Ein ganz anderes Wort", address="192.0.2.1")


def test_a_hash_is_made_anew_when_the_cost_was_raised(newsroom: Newsroom) -> None:
    newsroom.password_cost = Cost(2**5, 8, 1)
    newsroom.sign_in("redaktion", PASSWORD, address="192.0.2.1")
    kept = newsroom.connection.execute(
        "SELECT password FROM accounts WHERE name = 'redaktion'"
    ).fetchone()[0]
    assert kept.startswith("scrypt$32$")
    assert newsroom.sign_in("redaktion", PASSWORD, address="192.0.2.1")


def test_each_role_may_what_those_before_it_may(newsroom: Newsroom) -> None:
    for place, role in enumerate(ROLES):
        account = newsroom.add_account(f"konto-{role}", role, None, by="command")
        assert [account.may(other) for other in ROLES] == [at <= place for at in range(len(ROLES))]
    newsroom.disable_account("konto-admin", by="command")
    gone = newsroom.account("konto-admin")
    assert gone is not None
    assert not any(gone.may(role) for role in ROLES)


@pytest.mark.parametrize(
    ("name", "role", "password", "why"),
    [
        ("Groß", "editor", PASSWORD, "no account's name"),
        ("a", "editor", PASSWORD, "no account's name"),
        ("../x", "editor", PASSWORD, "no account's name"),
        ("neu", "chef", PASSWORD, "reader, editor, chief, admin"),
        ("neu", "editor", "kurz", "12 characters"),
        ("redaktion", "editor", PASSWORD, "already"),
    ],
)
def test_what_is_no_account(
    newsroom: Newsroom, name: str, role: str, password: str, why: str
) -> None:
    with pytest.raises(AccountError, match=why):
        newsroom.add_account(name, role, password, by="command")


def test_the_last_admin_stays(newsroom: Newsroom) -> None:
    with pytest.raises(AccountError, match="last admin"):
        newsroom.disable_account("leitung", by="leitung")
    with pytest.raises(AccountError, match="last admin"):
        newsroom.set_role("leitung", "chief", by="leitung")
    newsroom.set_role("redaktion", "admin", by="leitung")
    newsroom.disable_account("leitung", by="redaktion")
    account = newsroom.account("leitung")
    assert account is not None
    assert account.disabled_at == NOW


def test_without_any_admin_others_can_be_disabled(tmp_path: Path, clock: Clock) -> None:
    with Newsroom(tmp_path / "other.db", now=clock) as other:
        other.add_account("leser", "reader", None, by="command")
        other.disable_account("leser", by="command")
        assert [account.name for account in other.accounts()] == ["leser"]


def test_unknown_accounts_are_named(newsroom: Newsroom) -> None:
    with pytest.raises(AccountError, match="niemand"):
        newsroom.set_role("niemand", "editor", by="leitung")


def test_every_change_is_in_the_trail_and_the_trail_stays(newsroom: Newsroom) -> None:
    newsroom.set_role("redaktion", "chief", by="leitung")
    newsroom.disable_account("redaktion", by="leitung")
    newsroom.enable_account("redaktion", by="leitung")
    newsroom.set_password("redaktion", "Ein neues Wort 7", by="leitung")
    trail = newsroom.audit(target="redaktion")
    assert [entry.action for entry in trail] == [
        "account.password",
        "account.enable",
        "account.disable",
        "account.role",
        "account.add",
    ]
    assert trail[3].detail == {"before": "editor", "after": "chief"}
    for statement in ("UPDATE audit SET actor = 'x'", "DELETE FROM audit"):
        with pytest.raises(sqlite3.IntegrityError, match="audit trail"):
            newsroom.connection.execute(statement)


def test_the_trail_is_read_by_filters(newsroom: Newsroom, clock: Clock) -> None:
    clock.now += timedelta(days=1)
    newsroom.record("redaktion", "item.correct", 12, {"facet": "topic"})
    newsroom.record("redaktion", "item.undo", 12)
    newsroom.record("redaktion", "itemised", 12)
    assert [one.action for one in newsroom.audit(action="item")] == ["item.undo", "item.correct"]
    assert [one.action for one in newsroom.audit(action="item.undo")] == ["item.undo"]
    assert len(newsroom.audit(target="12", since=clock.now)) == 3
    assert newsroom.audit(target="12", until=clock.now) == []
    newest = newsroom.audit(limit=2)
    assert [one.id for one in newsroom.audit(before=newest[-1].id, limit=1)] == [newest[-1].id - 1]
    assert newsroom.audit_actors() == ["command", "redaktion"]


def test_what_is_undone_leaves_no_trace(newsroom: Newsroom) -> None:
    def change_that_fails() -> None:
        with newsroom.batch():
            newsroom.record("redaktion", "item.correct", 12)
            raise AccountError("too late")

    with pytest.raises(AccountError, match="too late"):
        change_that_fails()
    assert newsroom.audit(target="12") == []
