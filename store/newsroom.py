"""Owns newsroom.db, the private file, as one class; one module holds the tables of each noun."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from store.accounts import AccountTables
from store.alerts import AlertTables
from store.copies import CopyTables
from store.desk import DeskTables
from store.disk import full_disk_told
from store.erasure_log import log_beside, take_over
from store.hooks import HookTables
from store.items import ItemTables
from store.jobs import JobTables
from store.leases import LeaseTables
from store.migrations import newsroom_migrations
from store.redirects import RedirectTables
from store.saving import SavingTables
from store.schema import StoreError, migrate
from store.sources import SourceTables
from store.subscriptions import SubscriptionTables
from store.tags import TagTables

__all__ = ["Newsroom", "StoreError"]


class Newsroom(
    SourceTables,
    SavingTables,
    ItemTables,
    TagTables,
    JobTables,
    LeaseTables,
    RedirectTables,
    CopyTables,
    AccountTables,
    DeskTables,
    SubscriptionTables,
    HookTables,
    AlertTables,
):
    """The private store; a context manager over one open file.

    Several processes may hold one each and write at the same time. Times come from ``now``.
    """

    def __init__(self, path: Path, *, now: Callable[[], datetime]) -> None:
        """Open the file, made or brought to the newest shape where needed.

        A new one takes over the erasures that the log beside it tells of. Raises ``StoreError``
        when it cannot be opened, or such a log not be read.
        """
        if path.parent.is_dir() and not path.exists():
            path.touch(mode=0o600)  # private texts; what SQLite puts beside it gets the same mode
        super().__init__(path, now=now)
        with full_disk_told(self.path):
            migrate(self.connection, newsroom_migrations)
            take_over(self.connection, log_beside(self.path))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def identity(self) -> str:
        """A number drawn when the file was made: tells it from another, such as a fresh start."""
        row = self.connection.execute(
            "SELECT value FROM counters WHERE name = 'identity'"
        ).fetchone()
        return str(row[0])

    def counts(self) -> dict[str, int | dict[str, int]]:
        """Totals: sources, items, withdrawn, versions (beyond the first), clusters, tagged.

        ``topics`` and ``states`` count the items in force that carry each tag.
        """
        one = {
            "sources": "SELECT count(*) FROM sources WHERE active",
            "items": "SELECT count(*) FROM items",
            "withdrawn": "SELECT count(*) FROM items WHERE withdrawn_at IS NOT NULL",
            "versions": "SELECT count(*) FROM versions",
            "clusters": "SELECT count(*) FROM clusters",
            "tagged": "SELECT count(*) FROM taggings",
            "change": "SELECT value FROM counters WHERE name = 'change'",
        }
        counts: dict[str, int | dict[str, int]] = {
            name: self.connection.execute(sql).fetchone()[0] for name, sql in one.items()
        }
        for name, facet in (("topics", "topic"), ("states", "state")):
            rows = self.connection.execute(
                "SELECT value, count(*) FROM given_tags JOIN items ON items.id = item_id "
                "WHERE facet = ? AND withdrawn_at IS NULL "
                "GROUP BY value ORDER BY value",
                (facet,),
            )
            counts[name] = {row[0]: row[1] for row in rows}
        return counts
