"""Owns what newsroom.db knows of items: contents, versions, links."""

from __future__ import annotations

import itertools
import json
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from store.rows import (
    ARTICLE_COLUMNS,
    BESIDE_COLUMNS,
    article_json,
    article_values,
    link_values,
    make_link,
    make_stored_item,
    make_version,
    make_visit,
    maybe_stamp,
)
from store.schema import StoreError
from store.tombstones import without_erased
from store.types import Article, Link, Saved, StoredItem, Version, Visit
from store.visits import VisitTables

#: Items read at a time where all are walked: few enough to hold, many enough to be quick.
PAGE = 200

_ITEM = "SELECT items.*, sources.land FROM items JOIN sources ON sources.id = items.source_id"
_SET_BESIDE = ", ".join(f"{name} = ?" for name in BESIDE_COLUMNS)
_SET_ARTICLE = ", ".join(f"{name} = ?" for name in ARTICLE_COLUMNS)
_INSERT_COLUMNS = (
    *ARTICLE_COLUMNS, "content_hash", "version", "first_seen", "last_seen", "changed_at",
    "run_id", "change_seq",
)  # fmt: skip
_INSERT_ITEM = (
    f"INSERT INTO items ({', '.join(_INSERT_COLUMNS)}) "
    f"VALUES ({', '.join('?' * len(_INSERT_COLUMNS))})"
)


@contextmanager
def _refused(article: Article) -> Iterator[None]:
    """Tell what the schema refuses in terms of the article."""
    try:
        yield
    except sqlite3.IntegrityError as error:
        raise StoreError(
            f"{article.source_id}: {article.url} cannot be stored ({error}). The source must "
            "be in the catalogue, the title not empty, kind one of the codebook's."
        ) from error


class ItemTables(VisitTables):
    """Reads and writes of items and of everything that hangs on one."""

    def save(
        self, article: Article, *, visit: Visit | None = None, run_id: int | None = None
    ) -> Saved:
        """Keep an article, in one transaction.

        ``SAME``: its content hash is the kept one; only ``last_seen``, the visit, and what the
        article tells beside its content are written.
        ``CHANGED``: the earlier content becomes a version; or a withdrawn item is back.
        Raises ``StoreError`` when the source is unknown or a value is outside the schema, and
        ``ErasedError`` when the address or content was erased.
        """
        content_hash = article.content_hash()
        now = self.stamp()
        with _refused(article), self.batch() as connection:
            article = without_erased(connection, article, content_hash, visit)
            saved = self._save(connection, article, content_hash, now, run_id, self.next_change)
            if visit is not None:
                self._set_visit(connection, article.source_id, visit, now)
        return saved

    def save_all(self, articles: Sequence[Article]) -> list[Saved]:
        """Keep many articles in one transaction, all or none; what each did.

        Raises as ``save`` does. Others cannot write meanwhile: give it some hundreds at a time.
        """
        now = self.stamp()
        with self.batch() as connection:
            last = self.next_change(len(articles))
            numbers = itertools.count(last - len(articles) + 1)
            saved = []
            known = {
                tuple(row)
                for row in connection.execute(
                    "SELECT url, source_id FROM json_each(?) AS wanted CROSS JOIN items "
                    "ON url = wanted.value",
                    (json.dumps([article.url for article in articles]),),
                )
            }
            for article in articles:
                content_hash = article.content_hash()
                key = (article.url, article.source_id)
                with _refused(article):
                    kept = without_erased(connection, article, content_hash, None)
                    if key in known:
                        change = self._save(
                            connection, kept, content_hash, now, None, numbers.__next__
                        )
                    else:
                        change = self._insert(
                            connection, kept, content_hash, now, None, next(numbers)
                        )
                        known.add(key)
                saved.append(change)
        return saved

    def _save(
        self,
        connection: sqlite3.Connection,
        article: Article,
        content_hash: str,
        now: str,
        run_id: int | None,
        next_change: Callable[[], int],
    ) -> Saved:
        old = connection.execute(
            "SELECT id, content_hash, version, changed_at, withdrawn_at, pruned_at, "
            f"{', '.join(BESIDE_COLUMNS)} FROM items WHERE url = ? AND source_id = ?",
            (article.url, article.source_id),
        ).fetchone()
        if old is None:
            return self._insert(connection, article, content_hash, now, run_id, next_change())
        item_id = old["id"]
        if old["content_hash"] == content_hash:
            known = [old[name] for name in BESIDE_COLUMNS]
            # Of what was pruned nothing more is kept than its hash.
            beside = known if old["pruned_at"] else [getattr(article, n) for n in BESIDE_COLUMNS]
            if beside != known or old["withdrawn_at"] is not None:
                connection.execute(
                    f"UPDATE items SET {_SET_BESIDE}, last_seen = ?, withdrawn_at = NULL, "
                    "withdrawn_reason = NULL, change_seq = ? WHERE id = ?",
                    (*beside, now, next_change(), item_id),
                )
            else:
                connection.execute("UPDATE items SET last_seen = ? WHERE id = ?", (now, item_id))
            return Saved.SAME if old["withdrawn_at"] is None else Saved.CHANGED
        values = article_values(article)
        if old["pruned_at"] is None:  # else there is no earlier text to compare with
            row = connection.execute("SELECT * FROM items WHERE id = ?", (item_id,)).fetchone()
            connection.execute(
                "INSERT INTO versions VALUES (?, ?, ?, ?, ?)",
                (
                    item_id,
                    old["version"],
                    old["changed_at"],
                    old["content_hash"],
                    article_json(row),
                ),
            )
        connection.execute(
            f"UPDATE items SET {_SET_ARTICLE}, content_hash = ?, version = version + 1, "
            "last_seen = ?, changed_at = ?, withdrawn_at = NULL, withdrawn_reason = NULL, "
            "pruned_at = NULL, run_id = ?, change_seq = ? WHERE id = ?",
            (*values, content_hash, now, now, run_id, next_change(), item_id),
        )
        connection.execute("DELETE FROM links WHERE item_id = ?", (item_id,))
        self._set_links(connection, item_id, article)
        return Saved.CHANGED

    def _insert(
        self,
        connection: sqlite3.Connection,
        article: Article,
        content_hash: str,
        now: str,
        run_id: int | None,
        change: int,
    ) -> Saved:
        values = (*article_values(article), content_hash, 1, now, now, now, run_id, change)
        cursor = connection.execute(_INSERT_ITEM, values)
        self._set_links(connection, int(cursor.lastrowid or 0), article)
        return Saved.NEW

    @staticmethod
    def _set_links(connection: sqlite3.Connection, item_id: int, article: Article) -> None:
        if article.links:
            connection.executemany(
                "INSERT INTO links VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [(item_id, n, *link_values(link)) for n, link in enumerate(article.links)],
            )

    def revisits(
        self, source_id: str, *, published_after: datetime, visited_before: datetime
    ) -> list[tuple[Visit, StoredItem]]:
        """Items young enough to be corrected or taken back, not looked at since, by address.

        An item without a date counts as published when it was first seen.
        """
        rows = self.connection.execute(
            "SELECT visits.*, items.id AS item_id FROM visits JOIN items "
            "ON items.source_id = visits.source_id AND items.url = visits.item_url "
            "WHERE visits.source_id = ? AND NOT visits.withdrawn AND items.withdrawn_at IS NULL "
            "AND coalesce(items.published_at, items.first_seen) > ? "
            "AND visits.visited_at <= ? ORDER BY visits.url",
            (source_id, maybe_stamp(published_after), maybe_stamp(visited_before)),
        ).fetchall()
        found = [(make_visit(row), self.item(row["item_id"])) for row in rows]
        return [(visit, item) for visit, item in found if item is not None]

    def withdraw(self, source_id: str, url: str, *, reason: str) -> bool:
        """The publisher took an item back (404, 410). True if it was public until now.

        The text stays in the newsroom; the public page keeps the headline and says so.
        ``url`` is the address as the list names it, or the item's own.
        """
        with self.batch() as connection:
            item_url = self._item_url(source_id, url)
            connection.execute(
                "UPDATE visits SET withdrawn = 1 WHERE source_id = ? AND (url = ? OR item_url = ?)",
                (source_id, url, item_url),
            )
            item = connection.execute(
                "SELECT id FROM items WHERE url = ? AND source_id = ? AND withdrawn_at IS NULL",
                (item_url, source_id),
            ).fetchone()
            if item is None:
                return False
            connection.execute(
                "UPDATE items SET withdrawn_at = ?, withdrawn_reason = ?, change_seq = ? "
                "WHERE id = ?",
                (self.stamp(), reason, self.next_change(), item["id"]),
            )
            return True

    def item(self, item_id: int) -> StoredItem | None:
        """The item of that number, or None."""
        return next(self._load(f"{_ITEM} WHERE items.id = ?", (item_id,)), None)

    def item_by_url(self, url: str) -> StoredItem | None:
        """The item of that address, or None; the earliest where two sources list it."""
        return next(self._load(f"{_ITEM} WHERE items.url = ? ORDER BY items.id", (url,)), None)

    def items(self) -> Iterator[StoredItem]:
        """Every item by number, read in pages: others may write meanwhile."""
        last = 0
        while page := list(
            self._load(f"{_ITEM} WHERE items.id > ? ORDER BY items.id LIMIT ?", (last, PAGE))
        ):
            yield from page
            last = page[-1].id

    def changed_since(self, change_seq: int, limit: int) -> list[StoredItem]:
        """The next ``limit`` items whose last change has a higher number, in its order."""
        return list(
            self._load(
                f"{_ITEM} WHERE change_seq > ? ORDER BY change_seq LIMIT ?", (change_seq, limit)
            )
        )

    def changes_since(self, change_seq: int) -> int:
        """How many items ``changed_since`` still has to give."""
        row = self.connection.execute(
            "SELECT count(*) FROM items WHERE change_seq > ?", (change_seq,)
        ).fetchone()
        return int(row[0])

    def cluster_members(self, cluster_id: int) -> list[StoredItem]:
        """The items of a cluster of near-duplicates, by number."""
        return list(self._load(f"{_ITEM} WHERE cluster_id = ? ORDER BY items.id", (cluster_id,)))

    def _load(self, sql: str, values: tuple[object, ...]) -> Iterator[StoredItem]:
        rows = self.connection.execute(sql, values).fetchall()
        links: dict[int, list[Link]] = {}
        for row in self.connection.execute(
            "SELECT links.* FROM json_each(?) AS wanted CROSS JOIN links "
            "ON item_id = wanted.value ORDER BY item_id, position",
            (json.dumps([row["id"] for row in rows]),),
        ):
            links.setdefault(row["item_id"], []).append(make_link(row))
        for row in rows:
            yield make_stored_item(row, tuple(links.get(row["id"], ())))

    def versions(self, item_id: int) -> list[Version]:
        """Every content the item had, the earliest first, the present one last."""
        rows = self.connection.execute(
            "SELECT * FROM versions WHERE item_id = ? ORDER BY number", (item_id,)
        )
        versions = [make_version(row) for row in rows]
        item = self.item(item_id)
        if item is not None:
            versions.append(Version(item.version, item.changed_at, item.content_hash, item.article))
        return versions

    def untagged(self, model_id: str) -> Iterator[StoredItem]:
        """Items in force whose present content this model has not looked at, by number.

        Read in pages, so that ``set_taggings`` may be called between two of them.
        """
        last = 0
        while page := list(
            self._load(
                f"{_ITEM} LEFT JOIN taggings ON taggings.item_id = items.id "
                "WHERE items.id > ? AND withdrawn_at IS NULL AND pruned_at IS NULL "
                "AND (taggings.item_id IS NULL OR taggings.model_id <> ? "
                "OR taggings.content_hash <> items.content_hash) "
                "ORDER BY items.id LIMIT ?",
                (last, model_id, PAGE),
            )
        ):
            yield from page
            last = page[-1].id
