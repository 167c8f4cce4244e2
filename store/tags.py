"""Owns what newsroom.db knows of tags: the model's answers, and what an item carries."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import astuple

from store.corrections import CorrectionTables
from store.types import EDITOR, Place, Tag, Tagging, Word


class TagTables(CorrectionTables):
    """Reads and writes of tags. An editor's word on a facet stands in place of the model's."""

    def set_taggings(self, taggings: Iterable[Tagging]) -> None:
        """Replace the model's answers for these items, in one transaction.

        An answer for a content that changed meanwhile is dropped: the item stays untagged.
        """
        now = self.stamp()
        with self.batch() as connection:
            for tagging in taggings:
                current = connection.execute(
                    "SELECT 1 FROM items WHERE id = ? AND content_hash = ?",
                    (tagging.item_id, tagging.content_hash),
                ).fetchone()
                if current is None:
                    continue
                before = self._tag_rows(tagging.item_id)
                connection.execute("DELETE FROM taggings WHERE item_id = ?", (tagging.item_id,))
                connection.execute(
                    "INSERT INTO taggings VALUES (?, ?, ?, ?, ?)",
                    (
                        tagging.item_id,
                        tagging.content_hash,
                        tagging.model_id,
                        int(tagging.review),
                        now,
                    ),
                )
                given = {(tag.facet, tag.value) for tag in tagging.tags}
                near = [tag for tag in tagging.candidates if (tag.facet, tag.value) not in given]
                connection.executemany(
                    "INSERT INTO tags VALUES (?, ?, ?, ?, ?, ?, ?)",
                    [
                        (
                            tagging.item_id,
                            tag.facet,
                            tag.value,
                            candidate,
                            tag.score,
                            tag.model_id,
                            json.dumps(tag.evidence, ensure_ascii=False),
                        )
                        for candidate, tags in ((0, tagging.tags), (1, near))
                        for tag in tags
                    ],
                )
                connection.executemany(
                    "INSERT INTO item_places VALUES (?, ?, ?, ?, ?, ?, ?)",
                    [
                        (tagging.item_id, at, *astuple(place))
                        for at, place in enumerate(tagging.places)
                    ],
                )
                if self._tag_rows(tagging.item_id) != before:
                    connection.execute(
                        "UPDATE items SET change_seq = ? WHERE id = ?",
                        (self.next_change(), tagging.item_id),
                    )

    def _tag_rows(self, item_id: int) -> list[tuple[object, ...]]:
        """What publishing shows of the item's tags and places, to see whether an answer differs."""
        rows = self.connection.execute(
            "SELECT facet, value, score, tags.model_id, evidence, review FROM taggings "
            "LEFT JOIN tags ON tags.item_id = taggings.item_id AND candidate = 0 "
            "WHERE taggings.item_id = ? ORDER BY facet, value",
            (item_id,),
        )
        places = self.connection.execute(
            "SELECT * FROM item_places WHERE item_id = ? ORDER BY position", (item_id,)
        )
        return [tuple(row) for table in (rows, places) for row in table]

    def places_of(self, item_ids: Sequence[int]) -> dict[int, list[Place]]:
        """The places of many items, in the order in which a reader meets them.

        Those in a Land that the item does not carry, because an editor said so, are left out.
        """
        found: dict[int, list[Place]] = {item_id: [] for item_id in item_ids}
        rows = self.connection.execute(
            "SELECT item_places.* FROM json_each(?) AS wanted CROSS JOIN item_places "
            "ON item_places.item_id = wanted.value ORDER BY item_places.item_id, position",
            (json.dumps(list(item_ids)),),
        ).fetchall()
        # The view given_tags would be made whole for each of them.
        given = self.tags_of(sorted({row["item_id"] for row in rows}))
        for row in rows:
            if any(tag.value == row["land"] for tag in given[row["item_id"]]):
                place = Place(row["ags"], row["name"], row["land"], row["lat"], row["lon"])
                found[row["item_id"]].append(place)
        return found

    def tags(self, item_id: int, *, candidates: bool = False) -> list[Tag]:
        """What the item carries, strongest first: the editors' labels, else the model's.

        ``candidates``: what came close instead, of facets that no editor has decided.
        """
        return self.tags_of([item_id], candidates=candidates)[item_id]

    def tags_of(self, item_ids: Sequence[int], *, candidates: bool = False) -> dict[int, list[Tag]]:
        """The tags of many items at once, as ``tags`` gives them."""
        found: dict[int, list[Tag]] = {item_id: [] for item_id in item_ids}
        decisions = self.decisions(item_ids)
        for row in self.connection.execute(
            "SELECT tags.* FROM json_each(?) AS wanted CROSS JOIN tags ON item_id = wanted.value "
            "WHERE candidate = ? ORDER BY item_id, score DESC, facet, value",
            (json.dumps(list(item_ids)), int(candidates)),
        ):
            if row["facet"] not in decisions.get(row["item_id"], ()):
                evidence = tuple(json.loads(row["evidence"]))
                found[row["item_id"]].append(
                    Tag(row["facet"], row["value"], row["score"], row["model_id"], evidence)
                )
        if not candidates:
            for item_id, decided in decisions.items():
                found[item_id] = [*_given(decided), *found[item_id]]
        return found

    def needs_review(self, item_id: int) -> bool:
        """Whether the model was unsure of the item and no editor has decided its topics yet."""
        return item_id in self.in_review([item_id])

    def in_review(self, item_ids: Iterable[int]) -> set[int]:
        """Those of the items that need a review."""
        rows = self.connection.execute(
            "SELECT item_id FROM json_each(?) AS wanted CROSS JOIN taggings "
            "ON item_id = wanted.value WHERE review AND NOT EXISTS (SELECT 1 FROM decisions "
            "WHERE decisions.item_id = taggings.item_id AND decisions.facet = 'topic')",
            (json.dumps(list(item_ids)),),
        )
        return {row["item_id"] for row in rows}


def _given(decided: dict[str, Word]) -> list[Tag]:
    """The tags that editors gave: certain, and without the model's reasons."""
    return [
        Tag(facet, value, 1.0, EDITOR)
        for facet in ("state", "topic")
        for value in _labels(decided.get(facet))
    ]


def _labels(word: Word) -> tuple[str, ...]:
    return word if isinstance(word, tuple) else ()
