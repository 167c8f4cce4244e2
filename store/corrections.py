"""Owns what editors put right: an append-only record, and their word in force, which wins."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import cast

from store.connection import NewsroomFile
from store.rows import moment, stamp
from store.schema import StoreError
from store.types import (
    EDITOR,
    FACETS,
    KINDS,
    STATES,
    Article,
    Correction,
    PublicationDate,
    Word,
)


class StaleError(StoreError):
    """What an editor saw is not what is there any more: someone else was quicker."""


def corrected(article: Article, decided: Mapping[str, Word]) -> Article:
    """The article with the editors' word for kind and date in place of the source's; pure."""
    if "kind" in decided:
        article = replace(article, kind=cast(str, decided["kind"]))
    if "published" in decided:
        date = cast("PublicationDate | None", decided["published"])
        article = replace(article, published=date, date_source=EDITOR)
    return article


class CorrectionTables(NewsroomFile):
    """Reads and writes of corrections. Each names a facet as a whole: all its topics, its kind …"""

    def correct(
        self,
        item_id: int,
        facet: str,
        value: Word | Collection[str],
        *,
        editor: str,
        expected: Word | Collection[str],
        note: str | None = None,
    ) -> Correction:
        """Record an editor's word on one of ``types.FACETS``; it counts at once.

        ``value`` is the whole facet as it is to be: all topics, all states, the kind, the date (or
        None: unknown), hidden or not. The present value again is a confirmation. ``expected`` is
        what the editor saw (``word``): raises ``StaleError`` if it is not so any more, and
        ``StoreError`` for an unknown item, facet or label.
        """
        text = self._checked(facet, value)
        with self.batch():
            self._expect(item_id, facet, expected)
            return self._add(item_id, facet, text, True, editor, note, None)

    def undo_correction(
        self, correction_id: int, *, editor: str, note: str | None = None
    ) -> Correction:
        """Take a correction back by a new one: what stood before it counts again.

        Raises ``StaleError`` unless it is the newest of its item and facet that still counts.
        """
        with self.batch() as connection:
            row = connection.execute(
                "SELECT item_id, facet FROM corrections WHERE id = ?", (correction_id,)
            ).fetchone()
            if row is None:
                raise StoreError(f"Correction {correction_id} is not in the newsroom.")
            item_id, facet = row["item_id"], row["facet"]
            standing = connection.execute(
                "SELECT id, after FROM corrections AS one WHERE item_id = ? AND facet = ? "
                "AND undoes IS NULL AND NOT EXISTS (SELECT 1 FROM corrections AS other "
                "WHERE other.item_id = one.item_id AND other.undoes = one.id) "
                "ORDER BY id DESC LIMIT 2",
                (item_id, facet),
            ).fetchall()
            if not standing or standing[0]["id"] != correction_id:
                raise StaleError(
                    f"Correction {correction_id} of item {item_id} ({facet}) is not the last one "
                    "any more; look at the item again."
                )
            if before := standing[1:]:
                text, in_force = before[0]["after"], True
            else:
                text, in_force = _text(facet, self._own_word(item_id, facet)), False
            return self._add(item_id, facet, text, in_force, editor, note, correction_id)

    def _expect(self, item_id: int, facet: str, expected: Word | Collection[str]) -> None:
        present = self.word(item_id, facet)
        if _seen(facet, present) != _seen(facet, expected):
            raise StaleError(
                f"Item {item_id}: {facet} is {_told(present)} by now, not what was seen; look at "
                "it again and decide anew."
            )

    def _add(
        self,
        item_id: int,
        facet: str,
        text: str,
        in_force: bool,
        editor: str,
        note: str | None,
        undoes: int | None,
    ) -> Correction:
        row = self.connection.execute(
            "INSERT INTO corrections (item_id, facet, before, after, in_force, editor, at, note, "
            "undoes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING *",
            (
                item_id,
                facet,
                _text(facet, self.word(item_id, facet)),
                text,
                int(in_force),
                editor,
                self.stamp(),
                note,
                undoes,
            ),
        ).fetchone()
        self.connection.execute(
            "UPDATE items SET change_seq = ? WHERE id = ?", (self.next_change(), item_id)
        )
        return make_correction(row)

    def word(self, item_id: int, facet: str) -> Word:
        """What counts for the item: the editors' word, else the model's or the source's.

        ``hidden`` is None where no editor spoke: then the relevance rule decides. Raises
        ``StoreError`` for an unknown item or facet.
        """
        if facet not in FACETS:
            raise StoreError(f"{facet}: editors cannot change that; there are {', '.join(FACETS)}.")
        decided = self.decisions([item_id]).get(item_id, {})
        return decided[facet] if facet in decided else self._own_word(item_id, facet)

    def _own_word(self, item_id: int, facet: str) -> Word:
        row = self.connection.execute(
            "SELECT kind, published_at, published_raw, published_zone, day_only FROM items "
            "WHERE id = ?",
            (item_id,),
        ).fetchone()
        if row is None:
            raise StoreError(f"Item {item_id} is not in the newsroom.")
        if facet == "kind":
            return str(row["kind"])
        if facet == "published":
            at, raw, zone = row["published_at"], row["published_raw"], row["published_zone"]
            return PublicationDate(moment(at), bool(row["day_only"]), raw, zone) if at else None
        if facet == "hidden":
            return None
        rows = self.connection.execute(
            "SELECT value FROM tags WHERE item_id = ? AND facet = ? AND candidate = 0 "
            "ORDER BY value",
            (item_id, facet),
        )
        return tuple(row["value"] for row in rows)

    def _checked(self, facet: str, value: Word | Collection[str]) -> str:
        """The value as the table keeps it."""
        known: Collection[str] = ()
        if facet == "topic":
            known = [row[0] for row in self.connection.execute("SELECT id FROM topics")]
        elif facet == "state":
            known = STATES
        elif facet == "kind":
            known = KINDS
        named = [value] if facet == "kind" else value
        if facet in ("topic", "state", "kind"):
            unknown = sorted(set(map(str, cast("Iterable[str]", named))) - set(known))
            if unknown:
                raise StoreError(f"{', '.join(unknown)}: no {facet}; there are {', '.join(known)}.")
        return _text(facet, value)

    def decisions(self, item_ids: Iterable[int] | None = None) -> dict[int, dict[str, Word]]:
        """The editors' word in force by item and facet, of these items or of all."""
        if item_ids is None:
            rows = self.connection.execute("SELECT * FROM decisions")
        else:
            rows = self.connection.execute(
                "SELECT decisions.* FROM json_each(?) AS wanted CROSS JOIN decisions "
                "ON item_id = wanted.value",
                (json.dumps(list(item_ids)),),
            )
        found: dict[int, dict[str, Word]] = {}
        for row in rows:
            found.setdefault(row["item_id"], {})[row["facet"]] = _word(row["facet"], row["value"])
        return found

    def corrections(self, item_id: int | None = None) -> Iterator[Correction]:
        """Every correction in the order it was made, of one item or of all."""
        where, values = ("WHERE item_id = ?", [item_id]) if item_id is not None else ("", [])
        for row in self.connection.execute(
            f"SELECT * FROM corrections {where} ORDER BY id", values
        ):
            yield make_correction(row)


def _text(facet: str, value: Word | Collection[str]) -> str:
    if facet == "published":
        date = cast("PublicationDate | None", value)
        return json.dumps(date and [stamp(date.at), date.day_only, date.raw, date.zone])
    if facet in ("topic", "state"):
        return json.dumps(sorted(set(cast("Collection[str]", value))))
    return json.dumps(value)


def _word(facet: str, text: str) -> Word:
    value = json.loads(text)
    if facet == "published" and value is not None:
        at, day_only, raw, zone = value
        return PublicationDate(moment(at), day_only, raw, zone)
    return tuple(value) if facet in ("topic", "state") else cast(Word, value)


def _seen(facet: str, value: Word | Collection[str]) -> object:
    """What an editor sees of the value: of a date the day and the time, not how it was written."""
    return value.iso() if isinstance(value, PublicationDate) else _text(facet, value)


def _told(value: Word) -> str:
    if isinstance(value, PublicationDate):
        return value.iso()
    if isinstance(value, tuple):
        return ", ".join(value) or "nothing"
    return "unknown" if value is None else str(value)


def make_correction(row: sqlite3.Row) -> Correction:
    """The correction of a row of the table."""
    return Correction(
        id=row["id"],
        item_id=row["item_id"],
        facet=row["facet"],
        before=_word(row["facet"], row["before"]),
        after=_word(row["facet"], row["after"]),
        editor=row["editor"],
        at=moment(row["at"]),
        note=row["note"],
        undoes=row["undoes"],
        in_force=bool(row["in_force"]),
    )
