"""Owns what newsroom.db knows of the desk's people: accounts, sessions, attempts to sign in."""

from __future__ import annotations

import hashlib
import re
import secrets
import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from store import passwords
from store.audit import AuditTables
from store.rows import maybe_moment, moment, stamp
from store.schema import StoreError
from store.types import ROLES

#: A session ends after so long without a page, and after so long in any case.
SESSION_IDLE, SESSION_LONGEST = timedelta(hours=10), timedelta(days=7)
#: A page view is written down only if the last one is older than this.
SEEN_EVERY = timedelta(minutes=5)
#: So many attempts in so long: of one name, and from one address (an office shares one).
ATTEMPTS_OF_NAME, ATTEMPTS_FROM_ADDRESS, ATTEMPTS_IN = 8, 40, timedelta(minutes=15)
#: An old attempt says nothing any more.
ATTEMPTS_KEPT = timedelta(days=1)

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}")


class AccountError(StoreError):
    """An account that cannot be made or changed so; the message says why."""


class SignInError(StoreError):
    """Name and password do not fit. Says no more: not which of them, nor whether it is there."""


class ThrottledError(SignInError):
    """Too many attempts. ``seconds``: when the next one is looked at."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"Too many attempts to sign in; try again in {seconds} seconds.")
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class Account:
    """Someone who may use the desk."""

    name: str
    #: one of ``ROLES``
    role: str
    #: the language of the desk's pages for this person (``de``, ``en``)
    language: str
    #: False: comes in by a reverse proxy only
    has_password: bool
    created_at: datetime
    disabled_at: datetime | None
    #: when a page was last seen, to five minutes
    seen_at: datetime | None

    def may(self, role: str) -> bool:
        """Whether the account may do what needs ``role``; a higher role may do all of a lower."""
        return self.disabled_at is None and ROLES.index(self.role) >= ROLES.index(role)


class AccountTables(AuditTables):
    """Reads and writes of accounts; every change is in the audit trail."""

    #: what a new hash costs; tests make it cheap
    password_cost = passwords.COST

    def add_account(
        self, name: str, role: str, password: str | None, *, by: str, language: str = "de"
    ) -> Account:
        """A new account; without a password it comes in by a reverse proxy only.

        Raises ``AccountError`` if there is one of that name, or name, role or password are none.
        """
        if not _NAME.fullmatch(name):
            raise AccountError(
                f"{name!r} is no account's name: 2 to 40 of a-z 0-9 . _ -, a letter or digit first"
            )
        _check_role(role)
        kept = None if password is None else self._kept(password, name)
        with self.batch() as connection:
            if self.account(name) is not None:
                raise AccountError(f"there is an account {name!r} already")
            connection.execute(
                "INSERT INTO accounts (name, role, language, password, created_at) "
                "VALUES (?, ?, ?, ?, ?)",
                (name, role, language, kept, self.stamp()),
            )
            self.record(by, "account.add", name, {"role": role})
        return self._known(name)

    def set_password(self, name: str, password: str, *, by: str) -> None:
        """Another password; every session of the account ends. Raises ``AccountError``."""
        kept = self._kept(password, name)
        with self.batch() as connection:
            self._known(name)
            connection.execute("UPDATE accounts SET password = ? WHERE name = ?", (kept, name))
            self._end_sessions(name)
            self.record(by, "account.password", name)

    def set_role(self, name: str, role: str, *, by: str) -> None:
        """Another role, which counts at once. Raises ``AccountError``."""
        _check_role(role)
        with self.batch() as connection:
            before = self._known(name)
            connection.execute("UPDATE accounts SET role = ? WHERE name = ?", (role, name))
            self._keep_an_admin(before)
            self.record(by, "account.role", name, {"before": before.role, "after": role})

    def set_language(self, name: str, language: str) -> None:
        """Another language of the desk's pages. Raises ``AccountError`` for an unknown account."""
        with self.batch() as connection:
            self._known(name)
            connection.execute("UPDATE accounts SET language = ? WHERE name = ?", (language, name))

    def disable_account(self, name: str, *, by: str) -> None:
        """Shut an account out; its sessions end at once. Raises ``AccountError``."""
        with self.batch() as connection:
            before = self._known(name)
            connection.execute(
                "UPDATE accounts SET disabled_at = coalesce(disabled_at, ?) WHERE name = ?",
                (self.stamp(), name),
            )
            self._keep_an_admin(before)
            self._end_sessions(name)
            self.record(by, "account.disable", name)

    def enable_account(self, name: str, *, by: str) -> None:
        """Let an account in again; it has to sign in anew. Raises ``AccountError``."""
        with self.batch() as connection:
            self._known(name)
            connection.execute("UPDATE accounts SET disabled_at = NULL WHERE name = ?", (name,))
            self.record(by, "account.enable", name)

    def account(self, name: str) -> Account | None:
        """The account of that name, or None."""
        row = self.connection.execute(f"{_ACCOUNT} WHERE name = ?", (name,)).fetchone()
        return None if row is None else _make_account(row)

    def accounts(self) -> list[Account]:
        """Every account by name, the disabled ones too."""
        return [_make_account(row) for row in self.connection.execute(f"{_ACCOUNT} ORDER BY name")]

    # -- signing in ---------------------------------------------------------------------------

    def sign_in(self, name: str, password: str, *, address: str) -> str:
        """A new session's token, for the cookie; only its hash is kept.

        Raises ``ThrottledError`` after too many attempts of the name or from the address, else
        ``SignInError``, after the same work for a name that is unknown.
        """
        name = name.strip().lower()
        attempt = self._attempt(name, address)
        row = self.connection.execute(
            "SELECT password FROM accounts WHERE name = ? AND disabled_at IS NULL", (name,)
        ).fetchone()
        kept = row["password"] if row is not None else None
        fits = passwords.is_password(password[: passwords.LONGEST + 1], kept or self._nobodys())
        if kept is None or not fits:
            raise SignInError("name and password do not fit")
        token = secrets.token_urlsafe(32)
        with self.batch() as connection:
            # The comparison took a while: a password that was changed meanwhile opens nothing.
            present = connection.execute(
                "SELECT 1 FROM accounts WHERE name = ? AND password = ? AND disabled_at IS NULL",
                (name, kept),
            ).fetchone()
            if present is None:
                raise SignInError("name and password do not fit")
            if passwords.is_cheaper(kept, self.password_cost):
                fresh = passwords.hash_password(password, self.password_cost)
                connection.execute("UPDATE accounts SET password = ? WHERE name = ?", (fresh, name))
            connection.execute(
                "DELETE FROM sign_ins WHERE name_hash = ? OR id = ?", (_hash(name), attempt)
            )
            connection.execute("DELETE FROM sessions WHERE expires_at <= ?", (self.stamp(),))
            connection.execute(
                "INSERT INTO sessions VALUES (?, ?, ?, ?, ?)",
                (
                    _hash(token),
                    name,
                    self.stamp(),
                    self.stamp(),
                    stamp(self.now() + SESSION_LONGEST),
                ),
            )
            self.record(name, "session.begin", name)
        return token

    def forget_attempts(self) -> int:
        """Delete the attempts to sign in, with their addresses, that are older than a day, and
        sessions that have ended; how many."""
        old = (stamp(self.now() - ATTEMPTS_KEPT), self.stamp())
        found = self.connection.execute(
            "SELECT (SELECT count(*) FROM sign_ins WHERE at < ?) + "
            "(SELECT count(*) FROM sessions WHERE expires_at <= ?)", old,
        ).fetchone()[0]  # fmt: skip
        if found:
            with self.batch() as connection:
                connection.execute("DELETE FROM sign_ins WHERE at < ?", old[:1])
                connection.execute("DELETE FROM sessions WHERE expires_at <= ?", old[1:])
        return int(found)

    def _attempt(self, name: str, address: str) -> int:
        """Write the attempt down before it is looked at: a burst at once is counted, too."""
        now = self.now()
        since = stamp(now - ATTEMPTS_IN)
        with self.batch() as connection:
            connection.execute("DELETE FROM sign_ins WHERE at < ?", (stamp(now - ATTEMPTS_KEPT),))
            for column, value, most in (
                # The name as a hash: people type their password there by mistake.
                ("name_hash", _hash(name), ATTEMPTS_OF_NAME),
                ("address", address, ATTEMPTS_FROM_ADDRESS),
            ):
                # the attempt that has to grow old before another is looked at
                row = connection.execute(
                    f"SELECT at FROM sign_ins WHERE {column} = ? AND at > ? "
                    "ORDER BY at DESC LIMIT 1 OFFSET ?",
                    (value, since, most - 1),
                ).fetchone()
                if row is not None:
                    left = moment(row["at"]) + ATTEMPTS_IN - now
                    raise ThrottledError(max(int(left.total_seconds()), 1))
            cursor = connection.execute(
                "INSERT INTO sign_ins (name_hash, address, at) VALUES (?, ?, ?)",
                (_hash(name), address, stamp(now)),
            )
        return int(cursor.lastrowid or 0)

    def _nobodys(self) -> str:
        """A hash that no password fits, at today's cost, so that an unknown name takes as long."""
        cost = self.password_cost
        return f"scrypt${cost.n}${cost.r}${cost.p}${'A' * 22}==${'A' * 43}="

    def session(self, token: str) -> Account | None:
        """Whose session it is; None if it is none, has ended, or the account is shut out."""
        now = self.now()
        row = self.connection.execute(
            "SELECT account, seen_at FROM sessions WHERE token_hash = ? AND expires_at > ? "
            "AND seen_at > ?",
            (_hash(token), stamp(now), stamp(now - SESSION_IDLE)),
        ).fetchone()
        account = None if row is None else self.account(row["account"])
        if row is None or account is None or account.disabled_at is not None:
            return None
        if moment(row["seen_at"]) < now - SEEN_EVERY:
            with self.batch() as connection:
                connection.execute(
                    "UPDATE sessions SET seen_at = ? WHERE token_hash = ?",
                    (stamp(now), _hash(token)),
                )
        return account

    def end_session(self, token: str) -> None:
        """Sign out: the token is worth nothing from now on."""
        with self.batch() as connection:
            row = connection.execute(
                "DELETE FROM sessions WHERE token_hash = ? RETURNING account", (_hash(token),)
            ).fetchone()
            if row is not None:
                self.record(row["account"], "session.end", row["account"])

    def _end_sessions(self, name: str) -> None:
        self.connection.execute("DELETE FROM sessions WHERE account = ?", (name,))

    def _kept(self, password: str, name: str) -> str:
        why = passwords.refusal(password, name)
        if why is not None:
            raise AccountError(why)
        return passwords.hash_password(password, self.password_cost)

    def _known(self, name: str) -> Account:
        account = self.account(name)
        if account is None:
            raise AccountError(f"there is no account {name!r}; `radar users list` names them all")
        return account

    def _keep_an_admin(self, before: Account) -> None:
        """Refuse to lose the last one who can mend accounts."""
        left = self.connection.execute(
            "SELECT count(*) FROM accounts WHERE role = 'admin' AND disabled_at IS NULL"
        ).fetchone()[0]
        if before.may("admin") and not left:
            raise AccountError(f"{before.name!r} is the last admin; make another one first")


_ACCOUNT = (
    "SELECT name, role, language, password IS NOT NULL AS has_password, created_at, disabled_at, "
    "(SELECT max(seen_at) FROM sessions WHERE account = name) AS seen_at FROM accounts"
)


def _make_account(row: sqlite3.Row) -> Account:
    return Account(
        name=row["name"],
        role=row["role"],
        language=row["language"],
        has_password=bool(row["has_password"]),
        created_at=moment(row["created_at"]),
        disabled_at=maybe_moment(row["disabled_at"]),
        seen_at=maybe_moment(row["seen_at"]),
    )


def _check_role(role: str) -> None:
    if role not in ROLES:
        raise AccountError(f"{role!r} is no role; there are {', '.join(ROLES)}")


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
