"""Owns what every step of newsroom.db's shape is written with."""

from __future__ import annotations

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

newsroom_migrations = Migrations("newsroom")


def run_statements(database: Database, script: str) -> None:
    """Execute statements one by one: ``executescript`` would commit the migration half-way."""
    for statement in script.split(";\n"):
        if statement.strip():
            database.execute(statement)


def one_of(column: str, values: tuple[str, ...]) -> str:
    """The SQL check that ``column`` holds one of ``values``."""
    return f"CHECK ({column} IN ({', '.join(repr(value) for value in values)}))"
