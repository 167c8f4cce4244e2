"""Owns reading texts for the index: pieces between blanks → numbers of their keys, once each."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from store.german import normal, parts_of, read_word, written_in
from store.lemmas import form_of

Numbers = NDArray[np.int64]

#: Forms of words without hyphens → the key of each, as ``lemmas.key`` gives it.
KeysOf = Callable[[Collection[str]], dict[str, str]]

#: Pieces remembered while texts are read. Words are drawn by Zipf's law: nearly every one is
#: found here, and starting anew now and then costs less than remembering all for ever.
MOST_PIECES = 600_000


@dataclass(frozen=True, slots=True)
class Readings:
    """The keys of several texts one after the other: of each the text it stands in, and itself.

    ``joined`` are those of words with hyphens as one. ``pieces`` are what was read, each once.
    """

    texts: Numbers
    keys: Numbers
    joined_texts: Numbers
    joined: Numbers


class Pieces(dict[str, int]):
    """A piece of text without blanks → its number here, given when it is first seen.

    Cutting at blanks and looking up takes a third of the time of finding words by expression,
    and what follows works on whole arrays of numbers.
    """

    def __init__(self, keys_of: KeysOf) -> None:
        self._keys_of = keys_of
        #: written form → its key
        self._key_of: dict[str, str] = {}
        #: the keys by number
        self.spelled: list[str] = []
        self._numbers: dict[str, int] = {}
        self._plain = _Lists()
        self._joined = _Lists()
        #: for each piece its written forms and the numbers of their keys
        self._forms: list[tuple[tuple[str, int], ...]] = []

    def _meet(self, pieces: Iterable[str]) -> None:
        """Read pieces that were not seen before; all their forms are looked up at once."""
        plain: dict[str, str] = {}  # most pieces are one word, perhaps with a comma
        others: dict[str, list[str]] = {}
        for piece in pieces:
            words = [piece] if piece.isalpha() else written_in(piece)
            if len(words) == 1 and words[0].isalpha():
                plain[piece] = form_of(words[0])
            else:
                others[piece] = words
        forms = set(plain.values())
        forms.update(
            form_of(part) for words in others.values() for word in words for part in parts_of(word)
        )
        self._key_of |= self._keys_of(forms - self._key_of.keys())
        for piece, form in plain.items():
            number = self._number(self._key_of[form])
            self._add(piece, (number,), (), ((form, number),))
        for piece, words in others.items():
            self._read(piece, words)

    def _read(self, piece: str, words: list[str]) -> None:
        forms: dict[str, int] = {}

        def key_of(word: str) -> str:
            form = form_of(word)
            key = self._key_of[form]
            forms[form] = self._number(key)
            return key

        plain: list[int] = []
        joined: list[int] = []
        for written in words:
            keys, whole = read_word(written, key_of)
            plain += map(self._number, keys)
            if whole is not None:
                joined.append(self._number(whole))
        self._add(piece, plain, joined, tuple(forms.items()))

    def _add(
        self,
        piece: str,
        plain: Sequence[int],
        joined: Sequence[int],
        forms: tuple[tuple[str, int], ...],
    ) -> None:
        self._plain.append(plain)
        self._joined.append(joined)
        self._forms.append(forms)
        self[piece] = len(self)

    def _number(self, key: str) -> int:
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = len(self.spelled)
            self.spelled.append(key)
        return number

    def cut(self, texts: Iterable[str]) -> tuple[Numbers, Numbers]:
        """For each piece of the texts the place of its text, and the piece's number."""
        lengths: list[int] = []
        found: list[str] = []
        for text in texts:
            before = len(found)
            found += normal(text).split()
            lengths.append(len(found) - before)
        self._meet(set(found) - self.keys())
        numbers = np.fromiter(map(self.__getitem__, found), dtype=np.int64, count=len(found))
        return np.repeat(np.arange(len(lengths)), lengths), numbers

    def read(self, texts: Numbers, pieces: Numbers) -> Readings:
        """The keys of what ``cut`` found, in order."""
        return Readings(*self._plain.of(texts, pieces), *self._joined.of(texts, pieces))

    def forms(self, pieces: Iterable[int]) -> dict[str, int]:
        """The written forms in these pieces, and the numbers of their keys."""
        return dict(chain.from_iterable(map(self._forms.__getitem__, pieces)))


class _Lists:
    """A list of numbers for each piece, all in two arrays."""

    def __init__(self) -> None:
        self._ends = array("q", [0])
        self._numbers = array("q")

    def append(self, numbers: Sequence[int]) -> None:
        self._numbers.extend(numbers)
        self._ends.append(len(self._numbers))

    def of(self, texts: Numbers, pieces: Numbers) -> tuple[Numbers, Numbers]:
        ends = np.frombuffer(self._ends, dtype=np.int64)
        numbers = np.frombuffer(self._numbers, dtype=np.int64)
        starts = ends[pieces]
        lengths = ends[pieces + 1] - starts
        total = np.cumsum(lengths)
        # For each number its place in its own list, from where that list starts.
        places = np.arange(total[-1] if len(total) else 0)
        places += np.repeat(starts - total + lengths, lengths)
        return np.repeat(texts, lengths), numbers[places]
