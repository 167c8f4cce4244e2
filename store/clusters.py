"""Owns which item stands for a cluster of near-duplicates; pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from store.types import Source, StoredItem


def choose_primary(members: Sequence[StoredItem], sources: dict[str, Source]) -> StoredItem:
    """The item that stands for the others: the issuing authority's, else the earliest.

    A source issues what it prints where it speaks for a Land, municipality or ministry: it has a
    ``land``, or its texts are official works. Withdrawn items come last.
    """

    def rank(item: StoredItem) -> tuple[bool, bool, datetime, int]:
        source = sources[item.article.source_id]
        issues = source.land is not None or source.licence == "official"
        date = item.article.published
        return (
            item.withdrawn_at is not None,
            not issues,
            date.at if date else item.first_seen,
            item.id,
        )

    return min(members, key=rank)
