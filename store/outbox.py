"""Owns what is news in the public archive, and what of it waits to be sent to somebody."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from store.connection import NewsroomFile
from store.rows import maybe_moment, moment, stamp
from store.schema import connect

#: What is older than this when it first stands in the archive is no news: a new source brings
#: its past, and a retrained model lets old items in.
FRESH: Final = timedelta(days=14)

#: Seconds until the next attempt to deliver: 1, 4, 16 minutes … at most 6 hours.
_FIRST_S, _LONGEST_S = 60, 6 * 3600
#: Attempts until a letter or call is given up: a day and a half.
ATTEMPTS: Final = 10


@dataclass(frozen=True, slots=True)
class Publication:
    """An item that came to stand in the public archive."""

    number: int
    item_id: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Letter:
    """Something to be sent, by e-mail or to a hook; deleted as soon as it was taken."""

    id: int
    #: ``confirm``, ``digest``, ``alert`` or ``hook``
    kind: str
    subscription_id: int | None
    hook_id: int | None
    #: stays the same however often it is tried
    message_id: str
    content: dict[str, Any]
    made_at: datetime
    attempts: int
    next_at: datetime
    error: str | None
    given_up_at: datetime | None


class OutboxTables(NewsroomFile):
    """Reads and writes of publications and of what is to be sent."""

    # -- news ---------------------------------------------------------------------------------

    def note_public(self, archive: Path) -> int:
        """Number what stands in ``archive`` and did not before. Returns how many are news.

        What the very first look finds was there before anybody asked, and is no news.
        """
        now = self.now()
        known = {row[0] for row in self.connection.execute("SELECT item_id FROM publications")}
        with closing(connect(archive, read_only=True)) as public:
            rows = public.execute(
                "SELECT id, coalesce(published_at, first_seen) AS at FROM items "
                "WHERE withdrawn_at IS NULL ORDER BY at, id"
            ).fetchall()
        oldest = stamp(now - FRESH)
        added = [
            (row["id"], stamp(now), int(bool(known) and row["at"] >= oldest))
            for row in rows
            if row["id"] not in known
        ]
        if not added:
            return 0
        with self.batch() as connection:
            connection.executemany(
                # An item may have been erased between the two looks.
                "INSERT OR IGNORE INTO publications (item_id, at, fresh) "
                "SELECT ?1, ?2, ?3 WHERE EXISTS (SELECT 1 FROM items WHERE id = ?1)",
                added,
            )
        return sum(fresh for *_, fresh in added)

    def newest_publication(self) -> int:
        """The highest number given so far; 0 for none."""
        row = self.connection.execute("SELECT coalesce(max(number), 0) FROM publications")
        return int(row.fetchone()[0])

    def news_after(self, number: int) -> list[Publication]:
        """What came to stand in the archive after that number, as far as it is news."""
        rows = self.connection.execute(
            "SELECT number, item_id, at FROM publications WHERE number > ? AND fresh "
            "ORDER BY number",
            (number,),
        )
        return [Publication(row["number"], row["item_id"], moment(row["at"])) for row in rows]

    # -- outbox -------------------------------------------------------------------------------

    def queue(
        self,
        kind: str,
        content: Mapping[str, Any],
        *,
        subscription_id: int | None = None,
        hook_id: int | None = None,
    ) -> None:
        """Put something into the outbox, to be sent at once; joins an open transaction."""
        with self.batch() as connection:
            connection.execute(
                "INSERT INTO outbox "
                "(kind, subscription_id, hook_id, message_id, content, made_at, next_at) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    kind,
                    subscription_id,
                    hook_id,
                    secrets.token_hex(16),
                    json.dumps(content),
                    self.stamp(),
                    self.stamp(),
                ),
            )

    def letters_due(self) -> Iterator[Letter]:
        """What is to be sent now, the oldest first; each is read when its turn comes."""
        rows = self.connection.execute(
            "SELECT id FROM outbox WHERE given_up_at IS NULL AND next_at <= ? ORDER BY id",
            (self.stamp(),),
        ).fetchall()
        for (number,) in rows:
            row = self.connection.execute("SELECT * FROM outbox WHERE id = ?", (number,)).fetchone()
            if row is not None:  # else it was unsubscribed meanwhile
                yield _make_letter(row)

    def letters(self) -> list[Letter]:
        """All that was not taken yet, given up or not."""
        return [_make_letter(row) for row in self.connection.execute("SELECT * FROM outbox")]

    def letter_taken(self, letter: Letter) -> None:
        """It was sent (or there is nothing to send any more)."""
        with self.batch() as connection:
            connection.execute("DELETE FROM outbox WHERE id = ?", (letter.id,))

    def letter_failed(self, letter: Letter, error: str, *, for_good: bool = False) -> bool:
        """It was not taken: note why, and when to try again. Returns whether it is given up.

        A hook that is given up is stopped; what else waits for it goes with it.
        """
        attempts = letter.attempts + 1
        gave_up = for_good or attempts >= ATTEMPTS
        pause = timedelta(seconds=min(_FIRST_S * 4**letter.attempts, _LONGEST_S))
        with self.batch() as connection:
            connection.execute(
                "UPDATE outbox SET attempts = ?, error = ?, next_at = ?, given_up_at = ? "
                "WHERE id = ?",
                (
                    attempts,
                    error,
                    stamp(self.now() + pause),
                    self.stamp() if gave_up else None,
                    letter.id,
                ),
            )
            if gave_up and letter.hook_id is not None:
                connection.execute(
                    "UPDATE hooks SET stopped_at = ? WHERE id = ?", (self.stamp(), letter.hook_id)
                )
                connection.execute(
                    "DELETE FROM outbox WHERE hook_id = ? AND id <> ?", (letter.hook_id, letter.id)
                )
        return gave_up

    def forget_letters(self, older: timedelta) -> None:
        """Drop letters that were given up so long ago."""
        with self.batch() as connection:
            connection.execute(
                "DELETE FROM outbox WHERE given_up_at <= ?", (stamp(self.now() - older),)
            )


def _make_letter(row: Mapping[str, Any]) -> Letter:
    return Letter(
        **{
            name: row[name]
            for name in ("id", "kind", "subscription_id", "hook_id", "message_id", "error")
        },
        content=json.loads(row["content"]),
        made_at=moment(row["made_at"]),
        attempts=row["attempts"],
        next_at=moment(row["next_at"]),
        given_up_at=maybe_moment(row["given_up_at"]),
    )
