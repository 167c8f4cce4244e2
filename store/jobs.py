"""Owns what newsroom.db knows of jobs: what the desk asked for, who does it, how it ended."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from store.connection import NewsroomFile
from store.rows import maybe_moment, moment, stamp
from store.schema import StoreError
from store.types import JOB_STATES, Job

_FREE = "(state = 'queued' OR (state = 'running' AND expires_at <= ?))"
#: How a job that has ended may have ended, and how its columns then stand.
_ENDED = "owner = NULL, expires_at = NULL, finished_at = ?, outcome = ?"


class JobTables(NewsroomFile):
    """Reads and writes of jobs. The desk asks; a worker claims, reports and finishes.

    A worker holds a job by a lease: who dies loses it, and another carries it out anew.
    """

    def ask_job(self, kind: str, argument: Mapping[str, Any], *, asked_by: str) -> int:
        """Queue a job; its number. ``argument`` is kept as a JSON object."""
        with self.batch() as connection:
            cursor = connection.execute(
                "INSERT INTO jobs (kind, argument, asked_by, asked_at, state) "
                "VALUES (?, ?, ?, ?, 'queued')",
                (kind, json.dumps(dict(argument), ensure_ascii=False), asked_by, self.stamp()),
            )
        return int(cursor.lastrowid or 0)

    def claim_job(
        self, owner: str, *, lease_seconds: float, kinds: Iterable[str] | None = None
    ) -> Job | None:
        """The oldest job that waits, now ``owner``'s for so many seconds; None if none waits.

        A job whose lease ran out waits again. ``kinds`` limits the choice.
        """
        free, values = _FREE, [self.stamp()]
        if kinds is not None:
            free += " AND kind IN (SELECT value FROM json_each(?))"
            values.append(json.dumps(list(kinds)))
        wanted = f"SELECT id FROM jobs WHERE {free} ORDER BY id LIMIT 1"
        # Most of the time nothing waits: a look that needs no lock tells.
        if self.connection.execute(wanted, values).fetchone() is None:
            return None
        with self.batch() as connection:
            row = connection.execute(
                "UPDATE jobs SET state = 'running', owner = ?, expires_at = ?, "
                "started_at = coalesce(started_at, ?), attempts = attempts + 1 "
                f"WHERE id = ({wanted}) RETURNING *",
                [owner, self._until(lease_seconds), self.stamp(), *values],
            ).fetchone()
        return None if row is None else _make_job(row)

    def progress_job(
        self,
        job_id: int,
        owner: str,
        *,
        lease_seconds: float,
        done: int = 0,
        total: int | None = None,
        line: str | None = None,
    ) -> bool:
        """Tell how far the job is and hold it for so many seconds more.

        False when it is no longer the owner's: cancelled, or taken over. Then stop the work.
        """
        with self.batch() as connection:
            cursor = connection.execute(
                "UPDATE jobs SET done = ?, total = ?, line = ?, expires_at = ? "
                "WHERE id = ? AND owner = ?",
                (done, total, line, self._until(lease_seconds), job_id, owner),
            )
        return cursor.rowcount == 1

    def renew_job(self, job_id: int, owner: str, *, lease_seconds: float) -> bool:
        """Hold the job for so many seconds more; False when it is no longer the owner's."""
        with self.batch() as connection:
            cursor = connection.execute(
                "UPDATE jobs SET expires_at = ? WHERE id = ? AND owner = ?",
                (self._until(lease_seconds), job_id, owner),
            )
        return cursor.rowcount == 1

    def return_job(self, job_id: int, owner: str) -> bool:
        """Let the job wait again, as if it had not been begun: its worker is told to stop.

        False when it is no longer the owner's.
        """
        with self.batch() as connection:
            cursor = connection.execute(
                "UPDATE jobs SET state = 'queued', owner = NULL, expires_at = NULL, "
                "attempts = attempts - 1 WHERE id = ? AND owner = ?",
                (job_id, owner),
            )
        return cursor.rowcount == 1

    def finish_job(
        self,
        job_id: int,
        owner: str,
        *,
        outcome: str,
        failed: bool = False,
        result: Mapping[str, Any] | None = None,
    ) -> bool:
        """Record how the job ended; False when it is no longer the owner's.

        ``outcome`` is for people; ``result``, kept as a JSON object, for the desk to show.
        """
        told = None if result is None else json.dumps(dict(result), ensure_ascii=False)
        with self.batch() as connection:
            cursor = connection.execute(
                f"UPDATE jobs SET state = ?, result = ?, {_ENDED} WHERE id = ? AND owner = ?",
                ("failed" if failed else "done", told, self.stamp(), outcome, job_id, owner),
            )
        return cursor.rowcount == 1

    def cancel_job(self, job_id: int, *, outcome: str = "cancelled") -> bool:
        """Take a job back; its worker learns it at its next ``progress_job``.

        False when it has ended already, or never was.
        """
        with self.batch() as connection:
            cursor = connection.execute(
                f"UPDATE jobs SET state = 'cancelled', {_ENDED} "
                "WHERE id = ? AND state IN ('queued', 'running')",
                (self.stamp(), outcome, job_id),
            )
        return cursor.rowcount == 1

    def job(self, job_id: int) -> Job | None:
        """The job of that number, or None."""
        row = self.connection.execute("SELECT * FROM jobs WHERE id = ?", (job_id,)).fetchone()
        return None if row is None else _make_job(row)

    def jobs(self, limit: int = 50, state: str | None = None) -> list[Job]:
        """The newest jobs first, of one state or of all; ``StoreError`` for an unknown state."""
        if state is not None and state not in JOB_STATES:
            raise StoreError(f"{state}: no state of a job; there are {', '.join(JOB_STATES)}.")
        where, values = ("WHERE state = ?", [state]) if state else ("", [])
        rows = self.connection.execute(
            f"SELECT * FROM jobs {where} ORDER BY id DESC LIMIT ?", [*values, limit]
        )
        return [_make_job(row) for row in rows]

    def _until(self, seconds: float) -> str:
        return stamp(self.now() + timedelta(seconds=seconds))


def _make_job(row: sqlite3.Row) -> Job:
    return Job(
        id=row["id"],
        kind=row["kind"],
        argument=json.loads(row["argument"]),
        asked_by=row["asked_by"],
        asked_at=moment(row["asked_at"]),
        state=row["state"],
        done=row["done"],
        total=row["total"],
        line=row["line"],
        owner=row["owner"],
        expires_at=maybe_moment(row["expires_at"]),
        started_at=maybe_moment(row["started_at"]),
        finished_at=maybe_moment(row["finished_at"]),
        outcome=row["outcome"],
        result=None if row["result"] is None else json.loads(row["result"]),
        attempts=row["attempts"],
    )
