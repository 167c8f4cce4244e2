"""Owns the hooks: programs of others that are told of what a search finds anew."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from store.outbox import OutboxTables
from store.rows import maybe_moment, moment


@dataclass(frozen=True, slots=True)
class Hook:
    """A program of somebody else that is told of what a search finds anew."""

    id: int
    url: str
    query: str
    secret: str
    made_by: str
    made_at: datetime
    upto: int
    #: when it was given up, because it did not answer
    stopped_at: datetime | None


class HookTables(OutboxTables):
    """Reads and writes of hooks."""

    def add_hook(self, url: str, query: str, *, by: str) -> Hook:
        """A new hook with a secret of its own; it is told of what comes from now on."""
        with self.batch() as connection:
            row = connection.execute(
                "INSERT INTO hooks (url, query, secret, made_by, made_at, upto) "
                "VALUES (?, ?, ?, ?, ?, ?) RETURNING *",
                (url, query, secrets.token_hex(32), by, self.stamp(), self.newest_publication()),
            ).fetchone()
        return _make_hook(row)

    def hooks(self) -> list[Hook]:
        """Every hook, those that were given up too."""
        return [_make_hook(row) for row in self.connection.execute("SELECT * FROM hooks")]

    def remove_hook(self, number: int) -> bool:
        """Delete a hook and what was still to be sent to it; whether there was one."""
        with self.batch() as connection:
            return connection.execute("DELETE FROM hooks WHERE id = ?", (number,)).rowcount == 1

    def resume_hook(self, number: int) -> bool:
        """Tell a hook again that was given up, of what comes from now on."""
        with self.batch() as connection:
            connection.execute("DELETE FROM outbox WHERE hook_id = ?", (number,))
            return (
                connection.execute(
                    "UPDATE hooks SET stopped_at = NULL, upto = ? "
                    "WHERE id = ? AND stopped_at IS NOT NULL",
                    (self.newest_publication(), number),
                ).rowcount
                == 1
            )

    def tell_hook(self, hook: Hook, upto: int, items: Iterable[int]) -> None:
        """As ``tell_subscriber``."""
        chosen = list(items)
        with self.batch() as connection:
            moved = connection.execute(
                "UPDATE hooks SET upto = ? WHERE id = ? AND upto <= ? AND stopped_at IS NULL",
                (upto, hook.id, upto),
            ).rowcount
            if moved and chosen:
                self.queue("hook", {"items": chosen}, hook_id=hook.id)


def _make_hook(row: Mapping[str, Any]) -> Hook:
    return Hook(
        **{name: row[name] for name in ("id", "url", "query", "secret", "made_by", "upto")},
        made_at=moment(row["made_at"]),
        stopped_at=maybe_moment(row["stopped_at"]),
    )
