"""Owns the marking of matches in a text that may be shown: escaped HTML with <mark>; pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape

from store.german import (
    GENDER_SIGNS,
    HYPHENS,
    KeyOf,
    normal,
    parts_of,
    read_word,
    written_words,
)
from store.lemmas import form_of, key

#: Words of an extract around the first match, and how many of them stand before it.
EXTRACT_WORDS = 36
EXTRACT_LEAD = 8

#: Signs within words whose keys are not those of their letters alone.
_SIGNS = (*HYPHENS, *GENDER_SIGNS)

#: More stems than these are no longer looked for one by one.
_MOST_STEMS = 80


class Terms:
    """The keys to mark; one that ends in ``*`` marks every word whose key begins so.

    ``forms``: how the words with these keys are written in the archive's public texts, if that is
    known; then only words that contain one of them need to be looked at, and no other is analysed.
    ``key_of`` gives the key of a word without hyphens.
    """

    def __init__(
        self,
        terms: Iterable[str],
        *,
        forms: Iterable[str] | None = None,
        key_of: KeyOf = key,
    ) -> None:
        terms = tuple(terms)
        self._keys = frozenset(term for term in terms if not term.endswith("*"))
        self._beginnings = tuple(term[:-1] for term in terms if term.endswith("*"))
        self._key_of = key_of
        self._forms = None
        if forms is not None and not self._beginnings:
            self._forms = frozenset([*forms, *map(_thousands, filter(str.isdigit, self._keys))])
        self._stems = None if self._forms is None else _shortest(self._forms)
        self._known: dict[str, bool] = {}

    def __bool__(self) -> bool:
        return bool(self._keys or self._beginnings)

    def match(self, written: str) -> bool:
        """Whether any key of a word, as it is written in a text, is one of these."""
        known = self._known.get(written)
        if known is None:
            known = self._known[written] = self._match(written)
        return known

    def _match(self, written: str) -> bool:
        if self._forms is not None:
            parts = parts_of(written)
            if any(form_of(part) in self._forms for part in parts):
                return True
            if parts == [written]:
                return False
        keys, joined = read_word(written, self._key_of)
        every = (*keys, joined) if joined else keys
        return not self._keys.isdisjoint(every) or any(
            one.startswith(self._beginnings) for one in every if self._beginnings
        )

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Where the matching words of a text that went through ``normal`` stand, in order."""
        small = text.lower()
        if self._stems is None or len(self._stems) > _MOST_STEMS or len(small) != len(text):
            pieces: Iterable[tuple[int, int]] = [(0, len(text))]
        else:
            pieces = sorted({piece for stem in self._stems for piece in _pieces(small, stem)})
        for start, end in pieces:
            for word in written_words(text[start:end]):
                if self.match(word[0]):
                    yield start + word.start(), start + word.end()


def _thousands(number: str) -> str:
    """The number with its thousands marked, as texts have it: 1.234."""
    return number if len(number) < 4 else _thousands(number[:-3]) + "." + number[-3:]


def _shortest(forms: Iterable[str]) -> tuple[str, ...]:
    """Letters of which every form holds some, and the signs of words with several parts."""
    found: list[str] = []
    for form in sorted({form.lower() for form in forms}, key=len):
        if not any(one in form for one in found):
            found.append(form)
    return (*found, *_SIGNS)


def _pieces(text: str, stem: str) -> Iterator[tuple[int, int]]:
    """From blank to blank, what holds the letters."""
    place = text.find(stem)
    while place >= 0:
        start = max(text.rfind(" ", 0, place), text.rfind("\n", 0, place)) + 1
        ends = (text.find(" ", place), text.find("\n", place))
        end = min((end for end in ends if end >= 0), default=len(text))
        yield start, end
        place = text.find(stem, end)


def mark(text: str, terms: Terms) -> str:
    """The text as escaped HTML, matching words in ``<mark>``."""
    text = normal(text)
    if not terms:
        return escape(text)  # a list without a query: nothing to look for in every word
    parts = []
    done = 0
    for start, end in terms.spans(text):
        parts.append(escape(text[done:start]))
        parts.append(f"<mark>{escape(text[start:end])}</mark>")
        done = end
    parts.append(escape(text[done:]))
    return "".join(parts).replace("</mark> <mark>", " ")


def extract(text: str, terms: Terms) -> str | None:
    """A few words around the first match, folded to one line; None if nothing matches."""
    text = normal(text)
    first = next(terms.spans(text), None)
    if first is None:
        return None
    start = max(text.rfind(" ", 0, first[0]), text.rfind("\n", 0, first[0])) + 1
    before = text[:start].rsplit(None, EXTRACT_LEAD)
    lead = before[-EXTRACT_LEAD:]
    after = text[start:].split(None, EXTRACT_WORDS - len(lead))
    words = [*lead, *after[: EXTRACT_WORDS - len(lead)]]
    return (
        ("… " if len(before) > EXTRACT_LEAD else "")
        + " ".join(words)
        + (" …" if len(after) > EXTRACT_WORDS - len(lead) else "")
    )
