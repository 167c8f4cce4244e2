"""Owns the marking of matches in a text that may be shown: escaped HTML with <mark>; pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from store.german import normal, piece_keys, read_word, written_words

#: Words of an extract around the first match, and how many of them stand before it.
EXTRACT_WORDS = 36
EXTRACT_LEAD = 8


class Terms:
    """The keys to mark; one that ends in ``*`` marks every word whose key begins so."""

    def __init__(self, terms: Iterable[str]) -> None:
        terms = tuple(terms)
        self._keys = frozenset(term for term in terms if not term.endswith("*"))
        self._beginnings = tuple(term[:-1] for term in terms if term.endswith("*"))
        self._pieces: dict[str, bool] = {}

    def __bool__(self) -> bool:
        return bool(self._keys or self._beginnings)

    def match(self, written: str) -> bool:
        """Whether any key of a word, as it is written in a text, is one of these."""
        keys, joined = read_word(written)
        return self._hold((*keys, joined) if joined else keys)

    def in_piece(self, piece: str) -> bool:
        """Whether any word of a piece of text, what stands between two blanks, matches."""
        known = self._pieces.get(piece)
        if known is None:
            known = self._pieces[piece] = self._hold(piece_keys(piece))
        return known

    def _hold(self, keys: Sequence[str]) -> bool:
        return not self._keys.isdisjoint(keys) or (
            bool(self._beginnings) and any(key.startswith(self._beginnings) for key in keys)
        )


def mark(text: str, terms: Terms) -> str:
    """The text as escaped HTML, matching words in ``<mark>``."""
    text = normal(text)
    if not terms:
        return escape(text)  # a list without a query: nothing to look for in every word
    pieces = text.split(" ")
    if not any(map(terms.in_piece, pieces)):
        return escape(text)
    marked = " ".join(
        _mark_words(piece, terms) if terms.in_piece(piece) else escape(piece) for piece in pieces
    )
    return marked.replace("</mark> <mark>", " ")


def _mark_words(piece: str, terms: Terms) -> str:
    parts = []
    done = 0
    for word in written_words(piece):
        if terms.match(word[0]):
            parts.append(escape(piece[done : word.start()]))
            parts.append(f"<mark>{escape(word[0])}</mark>")
            done = word.end()
    parts.append(escape(piece[done:]))
    return "".join(parts)


def extract(text: str, terms: Terms) -> str | None:
    """A few words around the first match, folded to one line; None if nothing matches."""
    pieces = normal(text).split()
    found = next((place for place, piece in enumerate(pieces) if terms.in_piece(piece)), None)
    if found is None:
        return None
    start = max(0, found - EXTRACT_LEAD)
    end = start + EXTRACT_WORDS
    return (
        ("… " if start else "") + " ".join(pieces[start:end]) + (" …" if end < len(pieces) else "")
    )
