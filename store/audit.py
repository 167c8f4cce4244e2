"""Owns the audit trail: who did what on the desk and when. Rows are only ever added."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from store.connection import NewsroomFile
from store.rows import moment, stamp


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One change. ``detail`` holds labels and settings, never a text of an item."""

    id: int
    at: datetime
    #: the account, or ``command`` for the command line
    actor: str
    #: what was done, such as ``item.correct``
    action: str
    #: what it was done to: an item's number, a source's id, an account, a job's number
    target: str
    detail: dict[str, Any]


class AuditTables(NewsroomFile):
    """Reads and writes of the audit trail."""

    def record(
        self, actor: str, action: str, target: str | int, detail: Mapping[str, Any] | None = None
    ) -> None:
        """Add one row; call it in the same ``batch`` as the change, so that both count or none."""
        with self.batch() as connection:
            connection.execute(
                "INSERT INTO audit (at, actor, action, target, detail) VALUES (?, ?, ?, ?, ?)",
                (
                    self.stamp(),
                    actor,
                    action,
                    str(target),
                    json.dumps(dict(detail or {}), ensure_ascii=False),
                ),
            )

    def audit(
        self,
        *,
        actor: str | None = None,
        action: str | None = None,
        target: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        before: int | None = None,
        limit: int = 100,
    ) -> list[AuditEntry]:
        """The newest rows first, of one account, action (or its part before the dot) or target.

        ``until`` is exclusive; ``before``: only rows with a lower number, to read on.
        """
        conditions: list[str] = []
        values: list[object] = []
        for condition, value in (
            ("actor = ?", actor),
            ("target = ?", target),
            ("at >= ?", stamp(since) if since else None),
            ("at < ?", stamp(until) if until else None),
            ("id < ?", before),
        ):
            if value is not None:
                conditions.append(condition)
                values.append(value)
        if action is not None:
            conditions.append("(action = ? OR substr(action, 1, length(?) + 1) = ? || '.')")
            values += [action, action, action]
        where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
        rows = self.connection.execute(
            f"SELECT * FROM audit {where} ORDER BY id DESC LIMIT ?", [*values, limit]
        )
        return [_make_entry(row) for row in rows]

    def audit_actors(self) -> list[str]:
        """Everyone who has a row, by name."""
        rows = self.connection.execute("SELECT DISTINCT actor FROM audit ORDER BY actor")
        return [row[0] for row in rows]


def _make_entry(row: sqlite3.Row) -> AuditEntry:
    return AuditEntry(
        id=row["id"],
        at=moment(row["at"]),
        actor=row["actor"],
        action=row["action"],
        target=row["target"],
        detail=json.loads(row["detail"]),
    )
