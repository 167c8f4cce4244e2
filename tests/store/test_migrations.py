"""Every earlier shape of newsroom.db, with a row in each of its tables: nothing of it is lost."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database

from store.migrations import newsroom_migrations
from store.newsroom import Newsroom
from store.schema import connect, migrate
from tests.store.desk import Clock

MIGRATIONS = [migration.name for migration in newsroom_migrations._migrations]
THEN = "2026-01-01T00:00:00+00:00"

#: What stands in a column; others hold their own name, 1, a half or a byte, as their type is.
COLUMNS: dict[str, Any] = {
    "ags": "05315000", "after": "[]", "article": "{}", "argument": "{}", "before": "[]",
    "content": "{}", "day_only": 0, "detail": "{}", "display": "full", "evidence": "[]",
    "facet": "topic", "finished_at": None, "fresh": 0, "hash": "f" * 64, "in_force": 1,
    "land": "DE-NW", "lat": 50.9, "lon": 7.0, "other_id": 2, "owner": None, "expires_at": None,
    "relevance": "all", "result": "{}", "rhythm": "daily", "role": "editor", "source_id": "alt",
    "state": "queued", "steps": "[]", "together": 0, "undoes": None, "value": "x", "wishes": "{}",
}  # fmt: skip
#: The same where a table has its own meaning of a column's name.
OF_TABLE: dict[str, dict[str, Any]] = {
    "copies": {"kind": "exports"},
    "counters": {"name": "further", "value": 7},
    "items": {"kind": "article"},
    "leases": {"owner": "o", "expires_at": THEN},
    "outbox": {"kind": "digest"},
    "runs": {"status": "ok", "finished_at": THEN},
    "sessions": {"account": "name", "expires_at": THEN},
    "sources": {"id": "alt", "kind": "feed"},
    "topics": {"id": "topic"},
}


def filled(connection: sqlite3.Connection) -> dict[str, list[dict[str, Any]]]:
    """Put a row into every table, two items; what was put there."""
    connection.execute("PRAGMA foreign_keys = OFF")
    tables = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '%sqlite_%'"
    ).fetchall()
    put: dict[str, list[dict[str, Any]]] = {}
    for (table,) in tables:
        row = {
            column["name"]: _value(table, column["name"], column["type"])
            for column in connection.execute(f"PRAGMA table_info({table})")
        }
        put[table] = [row]
        if table in ("items", "taggings", "signatures"):
            put[table].append({**row, **{name: 2 for name in ("id", "item_id") if name in row}})
        if table == "items":
            put[table][1] |= {"url": "https://a.example/2", "change_seq": 2}
        for one in put[table]:
            connection.execute(
                f"INSERT INTO {table} ({', '.join(one)}) VALUES ({', '.join('?' * len(one))})",
                list(one.values()),
            )
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    return put


def _value(table: str, column: str, kind: str) -> Any:
    for known in (OF_TABLE.get(table, {}), COLUMNS):
        if column in known:
            return known[column]
    if column.endswith(("_at", "_seen", "since")) or column == "at":
        return THEN
    return {"TEXT": column, "INTEGER": 1, "REAL": 0.5, "BLOB": b"x"}[kind]


@pytest.mark.parametrize("stop_before", MIGRATIONS[1:])
def test_no_row_of_an_earlier_shape_is_lost(tmp_path: Path, stop_before: str) -> None:
    path = tmp_path / "n.db"
    connection = connect(path)
    migrate(connection, newsroom_migrations, stop_before=stop_before)
    put = filled(connection)
    connection.close()
    with Newsroom(path, now=Clock()) as newsroom:
        connection = newsroom.connection
        assert not newsroom_migrations.pending(Database(connection))
        for table, rows in put.items():
            names = ", ".join(rows[0])
            found = [dict(row) for row in connection.execute(f"SELECT {names} FROM {table}")]
            assert all(row in found for row in rows), table
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"


def test_a_row_is_put_into_every_table(tmp_path: Path) -> None:
    with Newsroom(tmp_path / "n.db", now=Clock()) as newsroom:
        put = filled(newsroom.connection)
        for table, rows in put.items():
            held = newsroom.connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            assert held >= len(rows) >= 1
    assert len(put) > 35
