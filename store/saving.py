"""Owns how an article comes into newsroom.db: as new, as another version, or as it was."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from store.connection import NewsroomFile
from store.rows import (
    ARTICLE_COLUMNS,
    BESIDE_COLUMNS,
    article_values,
    link_values,
)
from store.schema import StoreError
from store.tombstones import without_erased
from store.types import Article, Saved, Visit
from store.visits import VisitTables

_SET_BESIDE = ", ".join(f"{name} = ?" for name in BESIDE_COLUMNS)
#: The columns by which an item is found stay as they are; naming them would rewrite two indexes.
_KEY_COLUMNS = ("source_id", "url")
_SET_ARTICLE = ", ".join(f"{name} = ?" for name in ARTICLE_COLUMNS[len(_KEY_COLUMNS) :])
_INSERT_COLUMNS = (
    *ARTICLE_COLUMNS, "content_hash", "version", "first_seen", "last_seen", "changed_at",
    "run_id", "change_seq",
)  # fmt: skip
_INSERT_ITEM = (
    f"INSERT INTO items ({', '.join(_INSERT_COLUMNS)}) "
    f"VALUES ({', '.join('?' * len(_INSERT_COLUMNS))})"
)
_NAMED = ", ".join(f"'{name}', {name}" for name in ARTICLE_COLUMNS)
_KEEP_VERSION = (
    "INSERT INTO versions SELECT id, version, changed_at, content_hash, "
    f"json_object({_NAMED}) FROM items WHERE id = ?"
)
_KEPT = (
    "SELECT id, content_hash, version, changed_at, withdrawn_at, pruned_at, "
    f"{', '.join(BESIDE_COLUMNS)} FROM items WHERE url = ? AND source_id = ?"
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


class SavingTables(VisitTables):
    """Writes of items and of everything that hangs on one."""

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
            saved = _Saving(self, now, run_id).save(article, content_hash)
            if visit is not None:
                self._set_visit(connection, article.source_id, visit, now)
        return saved

    def save_all(self, articles: Sequence[Article]) -> list[Saved]:
        """Keep many articles in one transaction, all or none; what each did.

        Raises as ``save`` does. Others cannot write meanwhile: give it some hundreds at a time.
        """
        hashes = [article.content_hash() for article in articles]
        with self.batch() as connection:
            known = {
                tuple(row)
                for row in connection.execute(
                    "SELECT url, source_id FROM json_each(?) AS wanted CROSS JOIN items "
                    "ON url = wanted.value",
                    (json.dumps([article.url for article in articles]),),
                )
            }
            some_erased = connection.execute("SELECT 1 FROM tombstones LIMIT 1").fetchone()
            saving = _Saving(self, self.stamp(), None)
            saved = []
            for article, content_hash in zip(articles, hashes, strict=True):
                kept = article
                if some_erased:
                    kept = without_erased(connection, article, content_hash, None)
                key = (article.url, article.source_id)
                if key in known:
                    saving.flush()
                    with _refused(article):
                        saved.append(saving.save(kept, content_hash))
                else:
                    known.add(key)
                    saving.add(kept, content_hash)
                    saved.append(Saved.NEW)
            saving.flush()
        return saved

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


class _Saving:
    """Writes articles within the caller's transaction; new ones that ``add`` took at ``flush``."""

    def __init__(self, newsroom: NewsroomFile, now: str, run_id: int | None) -> None:
        self._newsroom = newsroom
        self._connection = newsroom.connection
        self._now = now
        self._run_id = run_id
        self._waiting: list[tuple[Article, str]] = []

    def add(self, article: Article, content_hash: str) -> None:
        """Note a new article; it must not be held yet."""
        self._waiting.append((article, content_hash))

    def flush(self) -> None:
        """Write what waits. Raises ``StoreError`` for the first that the schema refuses."""
        if not self._waiting:
            return
        waiting, self._waiting = self._waiting, []
        first = self._newsroom.next_change(len(waiting)) - len(waiting) + 1
        now, written = self._now, self._connection.total_changes
        try:
            self._connection.executemany(
                _INSERT_ITEM,
                [
                    (*article_values(article), content_hash, 1, now, now, now, self._run_id, number)
                    for number, (article, content_hash) in enumerate(waiting, first)
                ],
            )
        except sqlite3.IntegrityError as error:
            with _refused(waiting[self._connection.total_changes - written][0]):
                raise error
        if any(article.links for article, _ in waiting):
            rows = self._connection.execute(
                "SELECT id FROM items WHERE change_seq >= ? ORDER BY change_seq", (first,)
            )
            for row, (article, _) in zip(rows.fetchall(), waiting, strict=True):
                self._set_links(row["id"], article)

    def save(self, article: Article, content_hash: str) -> Saved:
        """Write one article, whatever is held of it."""
        old = self._connection.execute(_KEPT, (article.url, article.source_id)).fetchone()
        if old is None:
            self.add(article, content_hash)
            self.flush()
            return Saved.NEW
        if old["content_hash"] == content_hash:
            self._see(article, old)
            return Saved.SAME if old["withdrawn_at"] is None else Saved.CHANGED
        self._change(article, content_hash, old)
        return Saved.CHANGED

    def _see(self, article: Article, old: sqlite3.Row) -> None:
        """The same content again; perhaps something beside it, or that it is back."""
        known = [old[name] for name in BESIDE_COLUMNS]
        # Of what was pruned nothing more is kept than its hash.
        beside = known if old["pruned_at"] else [getattr(article, n) for n in BESIDE_COLUMNS]
        if beside != known or old["withdrawn_at"] is not None:
            self._connection.execute(
                f"UPDATE items SET {_SET_BESIDE}, last_seen = ?, withdrawn_at = NULL, "
                "withdrawn_reason = NULL, change_seq = ? WHERE id = ?",
                (*beside, self._now, self._newsroom.next_change(), old["id"]),
            )
        else:
            self._connection.execute(
                "UPDATE items SET last_seen = ? WHERE id = ?", (self._now, old["id"])
            )

    def _change(self, article: Article, content_hash: str, old: sqlite3.Row) -> None:
        """Another content: what was there becomes a version."""
        connection, item_id = self._connection, old["id"]
        if old["pruned_at"] is None:  # else there is no earlier text to compare with
            connection.execute(_KEEP_VERSION, (item_id,))
        connection.execute(
            f"UPDATE items SET {_SET_ARTICLE}, content_hash = ?, version = version + 1, "
            "last_seen = ?, changed_at = ?, withdrawn_at = NULL, withdrawn_reason = NULL, "
            "pruned_at = NULL, run_id = ?, change_seq = ? WHERE id = ?",
            (
                *article_values(article)[len(_KEY_COLUMNS) :],
                content_hash,
                self._now,
                self._now,
                self._run_id,
                self._newsroom.next_change(),
                item_id,
            ),
        )
        connection.execute("DELETE FROM links WHERE item_id = ?", (item_id,))
        self._set_links(item_id, article)

    def _set_links(self, item_id: int, article: Article) -> None:
        self._connection.executemany(
            "INSERT INTO links VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [(item_id, n, *link_values(link)) for n, link in enumerate(article.links)],
        )
