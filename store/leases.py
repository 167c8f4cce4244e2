"""Owns leases: who may do something alone for a while, whichever process asks."""

from __future__ import annotations

from datetime import timedelta

from store.connection import NewsroomFile
from store.rows import stamp


class LeaseTables(NewsroomFile):
    """Reads and writes of leases. One who dies keeps a lease only until it runs out.

    Times are kept to the second; hold a lease for several.
    """

    def take_lease(self, name: str, owner: str, seconds: float) -> bool:
        """Whether ``name`` is now ``owner``'s alone for so many seconds.

        False while anyone holds it, the same owner too: two tasks of one process exclude each
        other as two processes do.
        """
        with self.batch() as connection:
            cursor = connection.execute(
                "INSERT INTO leases VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE "
                "SET owner = excluded.owner, expires_at = excluded.expires_at "
                "WHERE expires_at <= ?",
                (name, owner, stamp(self.now() + timedelta(seconds=seconds)), self.stamp()),
            )
        return cursor.rowcount == 1

    def renew_lease(self, name: str, owner: str, seconds: float) -> bool:
        """Hold it for so many seconds from now; False when it went to another or was released.

        One that ran out and that nobody took meanwhile is held on.
        """
        with self.batch() as connection:
            cursor = connection.execute(
                "UPDATE leases SET expires_at = ? WHERE name = ? AND owner = ?",
                (stamp(self.now() + timedelta(seconds=seconds)), name, owner),
            )
        return cursor.rowcount == 1

    def release_lease(self, name: str, owner: str) -> bool:
        """Give it up; False when it was not the owner's."""
        with self.batch() as connection:
            cursor = connection.execute(
                "DELETE FROM leases WHERE name = ? AND owner = ?", (name, owner)
            )
        return cursor.rowcount == 1

    def leases(self) -> dict[str, str]:
        """Who holds what at this moment: name → owner."""
        rows = self.connection.execute(
            "SELECT name, owner FROM leases WHERE expires_at > ? ORDER BY name", (self.stamp(),)
        )
        return {row["name"]: row["owner"] for row in rows}
