"""Owns the refusal of what was erased: tombstones are hashes of addresses and contents."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable
from dataclasses import replace

from store.schema import StoreError
from store.types import Article, Visit


class ErasedError(StoreError):
    """An article that was erased and is not taken in again."""


def url_hash(url: str | None) -> str | None:
    """SHA-256 of an address, as tombstones keep it; None for none."""
    return None if url is None else hashlib.sha256(url.encode()).hexdigest()


def without_erased(
    connection: sqlite3.Connection, article: Article, content_hash: str, visit: Visit | None
) -> Article:
    """The article without links to erased addresses.

    Raises ``ErasedError`` when its own address, the one it was listed under, or its content was
    erased.
    """
    if connection.execute("SELECT 1 FROM tombstones LIMIT 1").fetchone() is None:
        return article
    own = {url_hash(article.url), content_hash, url_hash(visit.url) if visit else None}
    if any(_erased(connection, value) for value in own):
        raise ErasedError(
            f"{article.source_id}: {article.url} was erased and is not stored again; nothing to "
            "mend."
        )
    kept = tuple(link for link in article.links if not _erased(connection, url_hash(link.url)))
    return replace(article, links=kept) if len(kept) < len(article.links) else article


def erased_addresses(connection: sqlite3.Connection, urls: Iterable[str]) -> set[str]:
    """Those of the addresses that were erased."""
    if connection.execute("SELECT 1 FROM tombstones LIMIT 1").fetchone() is None:
        return set()
    by_hash = {url_hash(url): url for url in urls}
    rows = connection.execute(
        "SELECT hash FROM json_each(?) AS wanted CROSS JOIN tombstones ON hash = wanted.value",
        (json.dumps(list(by_hash)),),
    )
    return {by_hash[row["hash"]] for row in rows}


def _erased(connection: sqlite3.Connection, value: str | None) -> bool:
    row = connection.execute("SELECT 1 FROM tombstones WHERE hash = ?", (value,)).fetchone()
    return row is not None
