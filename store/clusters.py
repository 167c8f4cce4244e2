"""Owns which item stands for a cluster of near-duplicates; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from store.types import Source


@dataclass(frozen=True, slots=True)
class Member:
    """What decides of an item of a cluster whether it stands for the others."""

    id: int
    source_id: str
    #: when it was published, or first seen, as the database writes it
    at: str
    withdrawn: bool


def choose_primary(members: Sequence[Member], sources: dict[str, Source]) -> Member:
    """The item that stands for the others: the issuing authority's, else the earliest.

    A source issues what it prints where it speaks for a Land, municipality or ministry: it has a
    ``land``, or its texts are official works. Withdrawn items come last.
    """

    def rank(member: Member) -> tuple[bool, bool, str, int]:
        source = sources[member.source_id]
        issues = source.land is not None or source.licence == "official"
        return member.withdrawn, not issues, member.at, member.id

    return min(members, key=rank)
