"""Owns what newsroom.db knows of sources: the catalogue, runs, fetch states, list pages, topics."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

from store.connection import NewsroomFile
from store.rows import (
    RESULT_COLUMNS,
    SOURCE_COLUMNS,
    make_listing,
    make_run,
    make_source,
    make_wishes,
    maybe_moment,
    maybe_stamp,
    moment,
    stamp,
)
from store.schema import StoreError
from store.types import (
    FetchState,
    Listing,
    Plan,
    Run,
    RunResult,
    Source,
    SourceStatus,
    Wishes,
)

#: Facts of a source that decide what the public sees of its items.
POLICY_COLUMNS = ("display", "relevance", "land", "licence")


#: A source with how its runs ended. Each part is a look into an index, however long the past is.
_STATUS = """
    WITH ends AS MATERIALIZED (
        SELECT sources.*,
            (SELECT max(id) FROM runs WHERE source_id = sources.id) AS last_id,
            (SELECT id FROM runs WHERE source_id = sources.id AND status IN ('ok', 'unchanged')
                ORDER BY id DESC LIMIT 1) AS success_id
        FROM sources
    )
    SELECT ends.*, retry_after,
        (SELECT finished_at FROM runs WHERE id = success_id) AS success_at,
        (SELECT count(*) FROM runs WHERE source_id = ends.id AND status = 'failed'
            AND id > coalesce(success_id, 0)) AS streak,
        (SELECT count(*) FROM items WHERE source_id = ends.id
            AND coalesce(published_at, first_seen) > ?) AS recent
    FROM ends LEFT JOIN fetch_states ON fetch_states.source_id = ends.id ORDER BY ends.id
"""


class SourceTables(NewsroomFile):
    """Reads and writes of everything that belongs to a source rather than to an item."""

    def set_sources(self, sources: Iterable[Source]) -> None:
        """Make ``sources`` the whole catalogue.

        A source that is no longer named stays with its items, inactive. Where the display policy
        or another fact that the public rows depend on changed, the source's items are published
        again.
        """
        with self.batch() as connection:
            known = {row["id"]: row for row in connection.execute("SELECT * FROM sources")}
            named = set()
            for source in sources:
                named.add(source.id)
                row = known.get(source.id)
                if row is not None and row["active"] and make_source(row) == source:
                    continue
                names = (*SOURCE_COLUMNS, "active")
                # True and False are kept as 1 and 0
                facts = [getattr(source, name) for name in SOURCE_COLUMNS]
                values = [int(fact) if isinstance(fact, bool) else fact for fact in facts]
                updates = ", ".join(f"{name} = excluded.{name}" for name in names[1:])
                try:
                    connection.execute(
                        f"INSERT INTO sources ({', '.join(names)}) "
                        f"VALUES ({', '.join('?' * len(names))}) "
                        f"ON CONFLICT (id) DO UPDATE SET {updates}",
                        [*values, 1],
                    )
                except sqlite3.IntegrityError as error:
                    raise StoreError(
                        f"{source.id}: the source cannot be stored ({error}). Mend its file in "
                        "the catalogue."
                    ) from error
                if row is not None and any(
                    row[name] != getattr(source, name) for name in POLICY_COLUMNS
                ):
                    self._republish("source_id = ?", [source.id])
            for source_id in known.keys() - named:
                connection.execute("UPDATE sources SET active = 0 WHERE id = ?", (source_id,))

    def _republish(self, which: str, values: Sequence[str]) -> None:
        # Each item gets a number of its own, so that publishing can go on in small batches.
        rows = self.connection.execute(
            f"SELECT id FROM items WHERE {which} ORDER BY id", values
        ).fetchall()
        self.connection.executemany(
            "UPDATE items SET change_seq = ? WHERE id = ?",
            [(self.next_change(), row["id"]) for row in rows],
        )

    def set_topics(self, topics: Iterable[tuple[str, str, str]]) -> None:
        """Make ``(id, label, description)`` the whole vocabulary, in this order.

        Items tagged with a topic that came or went are published again.
        """
        wanted = list(topics)
        held = self.topics()
        if wanted == held:
            return
        with self.batch() as connection:
            connection.execute("DELETE FROM topics")
            connection.executemany(
                "INSERT INTO topics VALUES (?, ?, ?, ?)",
                [(*topic, position) for position, topic in enumerate(wanted)],
            )
            moved = {topic[0] for topic in wanted} ^ {topic[0] for topic in held}
            self._republish(
                "id IN (SELECT item_id FROM given_tags WHERE facet = 'topic' "
                f"AND value IN ({', '.join('?' * len(moved))}))",
                sorted(moved),
            )

    def topics(self) -> list[tuple[str, str, str]]:
        """``(id, label, description)`` of each topic in the vocabulary's order."""
        rows = self.connection.execute(
            "SELECT id, label, description FROM topics ORDER BY position"
        )
        return [tuple(row) for row in rows]

    def source(self, source_id: str) -> Source:
        """The source of that id; raises ``StoreError`` if the catalogue never named it."""
        row = self.connection.execute("SELECT * FROM sources WHERE id = ?", (source_id,)).fetchone()
        if row is None:
            raise StoreError(
                f"{source_id}: unknown source. Load the catalogue first (set_sources)."
            )
        return make_source(row)

    def sources(self) -> list[SourceStatus]:
        """Every source ever named with how its crawls have gone, by id."""
        connection = self.connection
        items = {
            row["source_id"]: row
            for row in connection.execute(
                "SELECT source_id, count(*) AS items, max(first_seen) AS newest "
                "FROM items GROUP BY source_id"
            )
        }
        rows = connection.execute(_STATUS, (stamp(self.now() - timedelta(days=28)),)).fetchall()
        runs = {
            row["id"]: make_run(row)
            for row in connection.execute(
                "SELECT * FROM runs WHERE id IN (SELECT value FROM json_each(?))",
                (json.dumps([row["last_id"] for row in rows]),),
            )
        }
        statuses = []
        for row in rows:
            source = make_source(row)
            held = items.get(source.id)
            statuses.append(
                SourceStatus(
                    source=source,
                    active=bool(row["active"]),
                    items=held["items"] if held else 0,
                    last_run=runs.get(row["last_id"]),
                    last_success=maybe_moment(row["success_at"]),
                    last_new_item=maybe_moment(held["newest"]) if held else None,
                    error_streak=row["streak"],
                    retry_after=maybe_moment(row["retry_after"]),
                    on_probation=source.checked is None and row["success_at"] is None,
                    items_28_days=row["recent"],
                )
            )
        return statuses

    def publication_times(self, source_id: str, limit: int) -> list[datetime]:
        """When the source's newest items were published (or first seen), newest first."""
        rows = self.connection.execute(
            "SELECT coalesce(published_at, first_seen) FROM items WHERE source_id = ? "
            "ORDER BY coalesce(published_at, first_seen) DESC LIMIT ?",
            (source_id, limit),
        )
        return [moment(row[0]) for row in rows]

    def arrivals(self, since: datetime) -> dict[str, list[datetime]]:
        """When each source's items appeared since then, in order, by source.

        The time of publication where it is known to the minute, else when we first saw it.
        """
        found: dict[str, list[datetime]] = {}
        for row in self.connection.execute(
            "SELECT source_id, CASE WHEN published_at IS NULL OR day_only THEN first_seen "
            "ELSE published_at END AS at FROM items WHERE first_seen >= ? ORDER BY at",
            (stamp(since),),
        ):
            found.setdefault(row["source_id"], []).append(moment(row["at"]))
        return found

    def first_runs(self) -> dict[str, datetime]:
        """When each source was first asked, by source."""
        rows = self.connection.execute("SELECT source_id, min(started_at) FROM runs GROUP BY 1")
        return {row[0]: moment(row[1]) for row in rows}

    def start_run(self, source_id: str) -> int:
        """Record that a crawl begins; its number. A run that never finishes keeps no status."""
        self.source(source_id)
        with self.batch() as connection:
            cursor = connection.execute(
                "INSERT INTO runs (source_id, started_at) VALUES (?, ?)", (source_id, self.stamp())
            )
        return int(cursor.lastrowid or 0)

    def finish_run(self, run_id: int, result: RunResult) -> None:
        """Record how a crawl ended; raises ``StoreError`` if it is unknown or already ended."""
        updates = ", ".join(f"{name} = ?" for name in RESULT_COLUMNS)
        values = [getattr(result, name) for name in RESULT_COLUMNS]
        with self.batch() as connection:
            cursor = connection.execute(
                f"UPDATE runs SET finished_at = ?, {updates} WHERE id = ? AND finished_at IS NULL",
                [self.stamp(), *values, run_id],
            )
            if cursor.rowcount != 1:
                raise StoreError(f"Run {run_id} is not under way; start_run gives the number.")

    def run(self, run_id: int) -> Run | None:
        """The run of that number, or None."""
        row = self.connection.execute("SELECT * FROM runs WHERE id = ?", (run_id,)).fetchone()
        return make_run(row) if row else None

    def runs(self, source_id: str | None = None, limit: int = 50) -> list[Run]:
        """The newest runs first, of one source or of all."""
        where, values = ("WHERE source_id = ?", [source_id]) if source_id else ("", [])
        rows = self.connection.execute(
            f"SELECT * FROM runs {where} ORDER BY id DESC LIMIT ?", [*values, limit]
        )
        return [make_run(row) for row in rows]

    def fetch_state(self, source_id: str) -> FetchState:
        """What the next request to the source's list must know; empty before the first."""
        row = self.connection.execute(
            "SELECT * FROM fetch_states WHERE source_id = ?", (source_id,)
        ).fetchone()
        if row is None:
            return FetchState()
        return FetchState(
            etag=row["etag"],
            last_modified=row["last_modified"],
            body_hash=row["body_hash"],
            full_fetch_at=maybe_moment(row["full_fetch_at"]),
            retry_after=maybe_moment(row["retry_after"]),
            wishes=make_wishes(row["wishes"]),
        )

    def set_fetch_state(self, source_id: str, state: FetchState) -> None:
        """Replace what is known for the next request to the source's list."""
        self.source(source_id)
        with self.batch() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO fetch_states VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    source_id,
                    state.etag,
                    state.last_modified,
                    state.body_hash,
                    maybe_stamp(state.full_fetch_at),
                    maybe_stamp(state.retry_after),
                    json.dumps(asdict(state.wishes)),
                ),
            )

    def wishes(self) -> dict[str, Wishes]:
        """What each source's server asks of us, by source."""
        rows = self.connection.execute("SELECT source_id, wishes FROM fetch_states")
        return {row["source_id"]: make_wishes(row["wishes"]) for row in rows}

    def set_plans(self, plans: Mapping[str, Plan]) -> None:
        """Keep when each source is due, and why, for the desk to show."""
        rows = [(name, stamp(plan.due), json.dumps(plan.steps)) for name, plan in plans.items()]
        if self.plans() == plans:
            return
        with self.batch() as connection:
            connection.execute("DELETE FROM plans")
            connection.executemany("INSERT INTO plans VALUES (?, ?, ?)", rows)

    def plans(self) -> dict[str, Plan]:
        """When each source was last planned to be due, and why."""
        rows = self.connection.execute("SELECT * FROM plans ORDER BY source_id")
        return {
            row["source_id"]: Plan(
                moment(row["due_at"]),
                # An older scheduler wrote sentences; it plans anew within a minute.
                tuple(
                    (code, facts)
                    for code, facts in json.loads(row["steps"])
                    if isinstance(facts, dict)
                ),
            )
            for row in rows
        }

    def save_listing(
        self, source_id: str, url: str, title: str | None, teaser: str | None, entries: int
    ) -> None:
        """Keep what a list page or feed says of itself."""
        self.source(source_id)
        with self.batch() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO listings VALUES (?, ?, ?, ?, ?, ?)",
                (source_id, url, title, teaser, entries, self.stamp()),
            )

    def listings(self) -> list[Listing]:
        """Every list page seen, by source and address."""
        rows = self.connection.execute("SELECT * FROM listings ORDER BY source_id, url")
        return [make_listing(row) for row in rows]
