"""Owns the marking of matches in a text that may be shown: escaped HTML with <mark>; pure."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from store.german import normal, read_word, written_words

#: Words of an extract around the first match, and how many of them stand before it.
EXTRACT_WORDS = 36
EXTRACT_LEAD = 8


class Terms:
    """The keys to mark; one that ends in ``*`` marks every word whose key begins so."""

    def __init__(self, terms: Iterable[str]) -> None:
        terms = tuple(terms)
        self._keys = frozenset(term for term in terms if not term.endswith("*"))
        self._beginnings = tuple(term[:-1] for term in terms if term.endswith("*"))
        self._known: dict[str, bool] = {}

    def __bool__(self) -> bool:
        return bool(self._keys or self._beginnings)

    def match(self, written: str) -> bool:
        """Whether any key of a word, as it is written in a text, is one of these."""
        known = self._known.get(written)
        if known is None:
            keys, joined = read_word(written)
            found = (*keys, joined) if joined else keys
            known = not self._keys.isdisjoint(found) or (
                bool(self._beginnings) and any(key.startswith(self._beginnings) for key in found)
            )
            self._known[written] = known
        return known


def mark(text: str, terms: Terms) -> str:
    """The text as escaped HTML, matching words in ``<mark>``."""
    text = normal(text)
    if not terms:
        return escape(text)  # a list without a query: nothing to look for in every word
    parts = []
    done = 0
    for word in written_words(text):
        if terms.match(word[0]):
            parts.append(escape(text[done : word.start()]))
            parts.append(f"<mark>{escape(word[0])}</mark>")
            done = word.end()
    parts.append(escape(text[done:]))
    return "".join(parts).replace("</mark> <mark>", " ")


def extract(text: str, terms: Terms) -> str | None:
    """A few words around the first match, folded to one line; None if nothing matches."""
    text = " ".join(normal(text).split())
    found = next((word for word in written_words(text) if terms.match(word[0])), None)
    if found is None:
        return None
    before = text[: found.start()].split(" ")
    lead = before[-EXTRACT_LEAD - 1 :]
    start = len(" ".join(before)) - len(" ".join(lead))
    pieces = text[start:].split(" ")
    cut = " ".join(pieces[:EXTRACT_WORDS])
    return ("… " if start else "") + cut.strip() + (" …" if len(pieces) > EXTRACT_WORDS else "")
