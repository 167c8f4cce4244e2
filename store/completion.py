"""Owns completing a word that is being typed, from the words of texts that may be shown."""

from __future__ import annotations

import sqlite3

#: Letters it takes: of fewer nearly every word begins so.
LEAST = 2
#: Forms looked at, in the alphabet's order: a bound on the time, met by two letters at most.
LOOKED_AT = 20_000


def completions(index: sqlite3.Connection, beginning: str, limit: int) -> tuple[str, ...]:
    """Words that begin so, those in most documents first; of one word's forms the shortest.

    Only forms in texts that may be shown are ever named (table ``forms``).
    """
    small = beginning.lower()
    if len(small) < LEAST or not small.isalnum():
        return ()
    rows = index.execute(
        "SELECT min(form) FROM (SELECT form, number FROM forms WHERE form >= ? AND form < ? "
        "ORDER BY form LIMIT ?) JOIN vocabulary USING (number) "
        "GROUP BY number ORDER BY documents DESC, length(form), form LIMIT ?",
        (small, small + "\U0010ffff", LOOKED_AT, limit),
    )
    return tuple(str(row[0]) for row in rows)
