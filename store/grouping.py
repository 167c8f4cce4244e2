"""Owns the editors' word on clusters: which items are one story, whatever their texts say."""

from __future__ import annotations

from collections.abc import Iterable

from store.duplicates import regroup
from store.newsroom import Newsroom
from store.schema import StoreError


def join(newsroom: Newsroom, item_id: int, other_id: int) -> None:
    """Put two items, with the groups they are in, into one. Raises ``StoreError`` if unknown."""
    if item_id == other_id:
        raise StoreError(f"Item {item_id} cannot be joined with itself.")
    with newsroom.batch():
        _say(newsroom, item_id, [other_id], together=True)
        regroup(newsroom, {item_id, other_id})


def part(newsroom: Newsroom, item_id: int) -> None:
    """Take an item out of its group for good. Raises ``StoreError`` for an unknown item."""
    with newsroom.batch():
        item = newsroom.item(item_id)
        if item is None:
            raise StoreError(f"Item {item_id} is not in the newsroom.")
        if item.cluster_id is None:
            return
        others = [one.id for one in newsroom.cluster_members(item.cluster_id) if one.id != item_id]
        _say(newsroom, item_id, others, together=False)
        regroup(newsroom, {item_id, *others})


def _say(newsroom: Newsroom, item_id: int, others: Iterable[int], *, together: bool) -> None:
    for other in others:
        if newsroom.item(item_id) is None or newsroom.item(other) is None:
            raise StoreError(f"Item {item_id} or {other} is not in the newsroom.")
        newsroom.connection.execute(
            "INSERT OR REPLACE INTO groupings VALUES (?, ?, ?)",
            (min(item_id, other), max(item_id, other), int(together)),
        )
