"""Owns what newsroom.db knows of permanent redirects, which are believed only when they repeat."""

from __future__ import annotations

from store.connection import NewsroomFile


class RedirectTables(NewsroomFile):
    """Reads and writes of permanent redirects (301, 308) by source and address asked for."""

    def seen_redirect(self, source_id: str, from_url: str, to_url: str) -> int:
        """Remember that ``from_url`` led to ``to_url`` for good; how often in a row by now.

        Another target begins anew: a server that cannot make up its mind is not believed.
        """
        now = self.stamp()
        with self.batch() as connection:
            row = connection.execute(
                "INSERT INTO redirects VALUES (?1, ?2, ?3, 1, ?4, ?4) "
                "ON CONFLICT (source_id, from_url) DO UPDATE SET "
                "times = iif(to_url = excluded.to_url, times + 1, 1), "
                "first_seen = iif(to_url = excluded.to_url, first_seen, excluded.first_seen), "
                "to_url = excluded.to_url, last_seen = excluded.last_seen RETURNING times",
                (source_id, from_url, to_url, now),
            ).fetchone()
        return int(row["times"])

    def forget_redirect(self, source_id: str, from_url: str) -> bool:
        """The address answers by itself again; whether it was known to lead elsewhere."""
        # Asked after every fetch of a list: a look that needs no lock is enough most of the time.
        key = (source_id, from_url)
        where = "redirects WHERE source_id = ? AND from_url = ?"
        if self.connection.execute(f"SELECT 1 FROM {where}", key).fetchone() is None:
            return False
        with self.batch() as connection:
            return connection.execute(f"DELETE FROM {where}", key).rowcount == 1

    def redirects(self, source_id: str) -> dict[str, tuple[str, int]]:
        """Where the source's addresses lead, and how often in a row: from → (to, times)."""
        rows = self.connection.execute(
            "SELECT from_url, to_url, times FROM redirects WHERE source_id = ? ORDER BY from_url",
            (source_id,),
        )
        return {row["from_url"]: (row["to_url"], row["times"]) for row in rows}
