"""Owns the readers' subscriptions: who wants to be told of which search, by their own consent."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from store.outbox import OutboxTables
from store.rows import maybe_moment, moment, stamp
from store.schema import StoreError

RHYTHMS: Final = ("instant", "daily", "weekly")

#: A request that is not confirmed by then is forgotten, with its address.
CONFIRM_IN: Final = timedelta(hours=48)
#: Letters asking one address to confirm, and requests from one client, in a day: whoever types in
#: another's address can send it so many letters and no more.
LETTERS_A_DAY, REQUESTS_A_DAY = 3, 20
#: Subscriptions one address may have.
MOST: Final = 30
#: Hashes of the tokens of ended subscriptions: a restored backup must not write to them again.
ENDED_LOG: Final = "unsubscribed.txt"


class ThrottledSignUpError(StoreError):
    """So many requests from one client that the next waits till tomorrow."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """A search that someone wants to be told of by e-mail. ``token`` is known to them alone."""

    id: int
    address: str
    #: the parameters of ``/suche``, as they stand in an address; may be empty
    query: str
    #: one of ``RHYTHMS``
    rhythm: str
    language: str
    token: str
    asked_at: datetime
    confirmed_at: datetime | None
    #: when it was last looked whether there is news
    looked_at: datetime | None
    #: number of the last publication that was looked at
    upto: int


class SubscriptionTables(OutboxTables):
    """Reads and writes of subscriptions."""

    def subscribe(
        self, address: str, query: str, rhythm: str, *, language: str, client: str
    ) -> None:
        """Ask ``address`` by a letter whether it wants to be told of what the search finds.

        Returns nothing, whether the address is known or not, has it already or was asked too
        often: who asks learns nothing of it. ``client``: who asks, such as an IP address; only a
        hash of it is kept, for a day. Raises ``ThrottledSignUpError`` by the client alone.
        """
        if rhythm not in RHYTHMS:
            raise StoreError(f"{rhythm!r} is no rhythm; there are {', '.join(RHYTHMS)}")
        since = stamp(self.now() - timedelta(days=1))
        asking, asked = self._hash(f"client {client}"), self._hash(f"address {address.lower()}")
        with self.batch() as connection:
            connection.execute("DELETE FROM sign_ups WHERE at <= ?", (since,))
            if self._often(asking) >= REQUESTS_A_DAY:
                raise ThrottledSignUpError("too many requests from one client within a day")
            self._count(asking)
            held = connection.execute(
                "SELECT * FROM subscriptions WHERE address = ? AND query = ? AND rhythm = ?",
                (address, query, rhythm),
            ).fetchone()
            many = connection.execute(
                "SELECT count(*) FROM subscriptions WHERE address = ?", (address,)
            ).fetchone()[0]
            if (held is not None and held["confirmed_at"]) or (held is None and many >= MOST):
                return
            if self._often(asked) >= LETTERS_A_DAY:
                return
            self._count(asked)
            row = connection.execute(
                "INSERT INTO subscriptions "
                "(address, query, rhythm, language, token, asked_at, upto) "
                "VALUES (?, ?, ?, ?, ?, ?, 0) ON CONFLICT (address, query, rhythm) DO UPDATE "
                "SET asked_at = excluded.asked_at, language = excluded.language RETURNING id",
                (address, query, rhythm, language, secrets.token_urlsafe(24), self.stamp()),
            ).fetchone()
            self.queue("confirm", {}, subscription_id=row["id"])

    def _hash(self, text: str) -> str:
        identity = self.connection.execute(
            "SELECT value FROM counters WHERE name = 'identity'"
        ).fetchone()[0]
        return hashlib.blake2b(text.encode(), key=str(identity).encode()).hexdigest()[:32]

    def _often(self, hashed: str) -> int:
        row = self.connection.execute("SELECT count(*) FROM sign_ups WHERE hash = ?", (hashed,))
        return int(row.fetchone()[0])

    def _count(self, hashed: str) -> None:
        self.connection.execute(
            "INSERT INTO sign_ups (hash, at) VALUES (?, ?)", (hashed, self.stamp())
        )

    def subscription(self, token: str) -> Subscription | None:
        """The subscription of that token; None if there is none or it came to be too late."""
        row = self.connection.execute(
            "SELECT * FROM subscriptions WHERE token = ? "
            "AND (confirmed_at IS NOT NULL OR asked_at > ?)",
            (token, stamp(self.now() - CONFIRM_IN)),
        ).fetchone()
        return None if row is None else _make_subscription(row)

    def confirm(self, token: str) -> Subscription | None:
        """Begin to tell; only what comes to stand in the archive from now on. None as above."""
        with self.batch() as connection:
            connection.execute(
                "UPDATE subscriptions SET confirmed_at = ?, looked_at = ?, upto = ? "
                "WHERE token = ? AND confirmed_at IS NULL AND asked_at > ?",
                (
                    self.stamp(),
                    self.stamp(),
                    self.newest_publication(),
                    token,
                    stamp(self.now() - CONFIRM_IN),
                ),
            )
        return self.subscription(token)

    def unsubscribe(self, token: str) -> bool:
        """Erase the subscription with its address and letters; whether there was one.

        Its token's hash is written beside the newsroom first, so that no backup brings it back.
        """
        row = self.connection.execute(
            "SELECT id FROM subscriptions WHERE token = ?", (token,)
        ).fetchone()
        if row is None:
            return False
        with self.path.with_name(ENDED_LOG).open("a", encoding="ascii") as log:
            log.write(f"{_token_hash(token)}\n")
            log.flush()
            os.fsync(log.fileno())
        with self.batch() as connection:
            connection.execute("DELETE FROM subscriptions WHERE id = ?", (row["id"],))
        return True

    def forget_ended(self) -> int:
        """Erase what a backup brought back after it was ended, and what nobody confirmed in time.

        Returns how many. Of who asked, nothing is kept after a day.
        """
        yesterday = (stamp(self.now() - timedelta(days=1)),)
        if self.connection.execute("SELECT 1 FROM sign_ups WHERE at <= ?", yesterday).fetchone():
            with self.batch() as connection:
                connection.execute("DELETE FROM sign_ups WHERE at <= ?", yesterday)
        log = self.path.with_name(ENDED_LOG)
        ended = set(log.read_text(encoding="ascii").split()) if log.exists() else set()
        rows = self.connection.execute(
            "SELECT id, token, asked_at, confirmed_at FROM subscriptions"
        )
        late = stamp(self.now() - CONFIRM_IN)
        gone = [
            (row["id"],)
            for row in rows
            if _token_hash(row["token"]) in ended
            or (row["confirmed_at"] is None and row["asked_at"] <= late)
        ]
        if gone:
            with self.batch() as connection:
                connection.executemany("DELETE FROM subscriptions WHERE id = ?", gone)
        return len(gone)

    def subscriptions(self) -> list[Subscription]:
        """Every confirmed subscription."""
        rows = self.connection.execute(
            "SELECT * FROM subscriptions WHERE confirmed_at IS NOT NULL ORDER BY id"
        )
        return [_make_subscription(row) for row in rows]

    def subscription_of(self, number: int) -> Subscription | None:
        """The subscription of that number, confirmed or not."""
        row = self.connection.execute(
            "SELECT * FROM subscriptions WHERE id = ?", (number,)
        ).fetchone()
        return None if row is None else _make_subscription(row)

    def tell_subscriber(self, subscription: Subscription, upto: int, items: Iterable[int]) -> None:
        """Note that news up to that number were looked at, and queue a digest of ``items``.

        One transaction: an item is in one digest, whatever is killed in between. Without items
        there is no digest.
        """
        chosen = list(items)
        with self.batch() as connection:
            moved = connection.execute(
                "UPDATE subscriptions SET looked_at = ?, upto = ? WHERE id = ? AND upto <= ?",
                (self.stamp(), upto, subscription.id, upto),
            ).rowcount
            if moved and chosen:
                self.queue("digest", {"items": chosen}, subscription_id=subscription.id)


def _token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _make_subscription(row: Mapping[str, Any]) -> Subscription:
    return Subscription(
        **{name: row[name] for name in ("id", "address", "query", "rhythm", "language", "token")},
        asked_at=moment(row["asked_at"]),
        confirmed_at=maybe_moment(row["confirmed_at"]),
        looked_at=maybe_moment(row["looked_at"]),
        upto=row["upto"],
    )
