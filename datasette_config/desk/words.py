"""What counts for an item as plain data: what a form sends back as what the editor saw; pure."""

from __future__ import annotations

from store.types import PublicationDate, Word


def plain(word: Word) -> object:
    """A word as plain data: what a form sends back as what the editor saw."""
    if isinstance(word, PublicationDate):
        return word.iso()
    return list(word) if isinstance(word, tuple) else word
