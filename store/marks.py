"""Owns the marking of matches in a text that may be shown: escaped HTML with <mark>; pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from itertools import accumulate

from store.german import (
    GENDER_SIGNS,
    HYPHENS,
    KeyOf,
    normal,
    parts_of,
    read_word,
    written_words,
)
from store.lemmas import fold, form_of, key

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
        self._pieces: dict[str, tuple[tuple[int, int], ...]] = {}

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
            # A number with thousands marked has no parts.
            if parts and (parts == [written] or not self._may_be_joined(written, fold(parts[0]))):
                return False
        keys, joined = read_word(written, self._key_of)
        every = (*keys, joined) if joined else keys
        return not self._keys.isdisjoint(every) or any(
            one.startswith(self._beginnings) for one in every if self._beginnings
        )

    def _may_be_joined(self, written: str, first: str) -> bool:
        """Whether a word with several parts may have one of the keys as a whole."""
        return any(sign in written for sign in GENDER_SIGNS) or any(
            one.startswith(first) for one in self._keys
        )

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Where the matching words of a text that went through ``normal`` stand, in order."""
        small = text.lower().replace("\n", " ")
        stems = self._to_look_for(small, text)
        if stems is None:
            return list(self._within(text))
        pieces: dict[int, int] = {}
        for stem in stems:
            pieces.update(_pieces(small, stem, len(small)))
        return [
            (start + first, start + last)
            for start, end in sorted(pieces.items())
            for first, last in self._in_piece(text[start:end])
        ]

    def first(self, text: str) -> tuple[int, int] | None:
        """Where the first of them stands."""
        small = text.lower().replace("\n", " ")
        stems = self._to_look_for(small, text)
        if stems is None:
            return next(self._within(text), None)
        found = None
        before = len(small)  # only there another stem may come first
        for stem in stems:
            for start, end in _pieces(small, stem, before):
                spans = self._in_piece(text[start:end])
                if spans:
                    found = start + spans[0][0], start + spans[0][1]
                    before = start
                    break
        return found

    def _to_look_for(self, small: str, text: str) -> tuple[str, ...] | None:
        """Letters of which every match holds some; None if each word must be looked at."""
        if self._stems is None or len(self._stems) > _MOST_STEMS or len(small) != len(text):
            return None
        return self._stems

    def _within(self, text: str) -> Iterator[tuple[int, int]]:
        for word in written_words(text):
            if self.match(word[0]):
                yield word.span()

    def _in_piece(self, piece: str) -> tuple[tuple[int, int], ...]:
        found = self._pieces.get(piece)
        if found is None:
            found = self._pieces[piece] = tuple(self._within(piece))
        return found


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


def _pieces(text: str, stem: str, end: int) -> Iterator[tuple[int, int]]:
    """From blank to blank, what holds the letters among the first ``end``."""
    place = text.find(stem, 0, end)
    while place >= 0:
        last = text.find(" ", place)
        if last < 0:
            last = len(text)
        yield text.rfind(" ", 0, place) + 1, last
        place = text.find(stem, last, end)


def mark(text: str, terms: Terms) -> str:
    """The text as escaped HTML, matching words in ``<mark>``."""
    return mark_all([text], terms)[0]


def mark_all(texts: Iterable[str], terms: Terms) -> list[str]:
    """The same of several texts, which are looked through as one."""
    texts = list(map(normal, texts))
    if not terms:
        return list(map(escape, texts))  # a list without a query: nothing to look for
    return [_marked(text, spans) for text, spans in zip(texts, _spans(texts, terms), strict=True)]


def _spans(texts: Sequence[str], terms: Terms) -> list[list[tuple[int, int]]]:
    """Where the matching words of each text stand, in order; no word goes beyond a line."""
    ends = list(accumulate(len(text) + 1 for text in texts))
    found: list[list[tuple[int, int]]] = [[] for _ in texts]
    for start, end in terms.spans("\n".join(texts)):
        place = bisect_right(ends, start)
        before = ends[place - 1] if place else 0
        found[place].append((start - before, end - before))
    return found


def _marked(text: str, spans: Iterable[tuple[int, int]]) -> str:
    parts = []
    done = 0
    for start, end in spans:
        parts.append(escape(text[done:start]))
        parts.append(f"<mark>{escape(text[start:end])}</mark>")
        done = end
    parts.append(escape(text[done:]))
    return "".join(parts).replace("</mark> <mark>", " ")


def extract(text: str, terms: Terms) -> str | None:
    """A few words around the first match, folded to one line; None if nothing matches."""
    text = normal(text)
    found = terms.first(text)
    if found is None:
        return None
    match = found[0]
    start = max(text.rfind(" ", 0, match), text.rfind("\n", 0, match)) + 1
    before = text[:start].rsplit(None, EXTRACT_LEAD)
    lead = before[-EXTRACT_LEAD:]
    after = text[start:].split(None, EXTRACT_WORDS - len(lead))
    words = [*lead, *after[: EXTRACT_WORDS - len(lead)]]
    return (
        ("… " if len(before) > EXTRACT_LEAD else "")
        + " ".join(words)
        + (" …" if len(after) > EXTRACT_WORDS - len(lead) else "")
    )
