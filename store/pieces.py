"""Owns the pieces of texts between blanks: the numbers of their keys, found out once for each."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from typing import Any

import numpy as np
from numpy.typing import NDArray

from store.cutting import Cutter
from store.german import normal, parts_of, read_word, written_in
from store.lemmas import form_of

Numbers = NDArray[np.int64]
Few = NDArray[np.int32]

#: Forms of words without hyphens → the key of each, as ``lemmas.key`` gives it.
KeysOf = Callable[[Set[str]], dict[str, str]]

#: Pieces remembered while texts are read, 200 bytes each. Words are drawn by Zipf's law: nearly
#: every one is found here, and starting anew now and then costs less than remembering all for ever.
MOST_PIECES = 600_000


_BLANKS = b" " * 8

#: What one piece comes to: the numbers of its keys, of joined ones, and of its forms.
_Read = tuple[Sequence[int], Sequence[int], Sequence[int]]


class Pieces:
    """Pieces of text without blanks, and what was found out about each when it was first seen.

    Everything else works on whole arrays of their numbers: the second time a word costs hardly
    more than its letters.
    """

    def __init__(self, keys_of: KeysOf) -> None:
        self._keys_of = keys_of
        self._cutter = Cutter()
        #: the written forms by number, and back; the numbers of their keys. The first is none.
        self._written = [""]
        self._form_numbers = {"": 0}
        self._form_keys = array("i", [0])
        #: the keys by number
        self.spelled: list[str] = []
        self._numbers: dict[str, int] = {}
        self._plain = Lists("i")
        self._joined = Lists("i")
        self._forms = Lists("i")

    def __len__(self) -> int:
        return len(self._cutter)

    def _meet(self, pieces: Sequence[str]) -> None:
        """Read pieces that were not seen before; all their forms are looked up at once."""
        # Most pieces are one word, perhaps with a comma; ``odd`` are the others, by their place.
        plain: list[str] = []
        odd: dict[int, list[str]] = {}
        for place, piece in enumerate(pieces):
            words = [piece] if piece.isalpha() else written_in(piece)
            if len(words) == 1 and words[0].isalpha():
                plain.append(form_of(words[0]))
            else:
                plain.append("")
                odd[place] = words
        parts = (part for words in odd.values() for word in words for part in parts_of(word))
        forms = {*plain, *map(form_of, parts)}
        fresh = {form for form in forms if form not in self._form_numbers}
        for form, key in self._keys_of(fresh).items():
            self._form_numbers[form] = len(self._written)
            self._written.append(form)
            self._form_keys.append(self._number(key))
        numbers = np.fromiter(map(self._form_numbers.__getitem__, plain), np.int32, len(plain))
        keys = np.frombuffer(self._form_keys, dtype=np.int32)[numbers]
        read = {place: self._read(words) for place, words in odd.items()}
        self._plain.extend(keys, {place: one[0] for place, one in read.items()})
        self._joined.extend(keys[:0], {place: one[1] for place, one in read.items()}, len(plain))
        self._forms.extend(numbers, {place: one[2] for place, one in read.items()})

    def _read(self, words: list[str]) -> _Read:
        forms: list[int] = []

        def key_of(word: str) -> str:
            forms.append(self._form_numbers[form_of(word)])
            return self.spelled[self._form_keys[forms[-1]]]

        plain: list[int] = []
        joined: list[int] = []
        for written in words:
            keys, whole = read_word(written, key_of)
            plain += map(self._number, keys)
            if whole is not None:
                joined.append(self._number(whole))
        return plain, joined, forms

    def _number(self, key: str) -> int:
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = len(self.spelled)
            self.spelled.append(key)
        return number

    def cut(self, texts: Iterable[str]) -> tuple[Numbers, Numbers]:
        """For each piece of the texts the place of its text, and the piece's number."""
        places, pieces, fresh = self._cutter.cut(map(normal, texts))
        self._meet(fresh)
        return places, pieces

    def keys(self, pieces: Numbers) -> tuple[Few, Few]:
        """The keys of these pieces one after the other, and how many each piece has."""
        return self._plain.of(pieces)

    def joined(self, pieces: Numbers) -> tuple[Few, Few]:
        """The same of the keys of words with hyphens as one."""
        return self._joined.of(pieces)

    def forms(self, pieces: Numbers) -> tuple[list[str], Few]:
        """The written forms in these pieces, and of each the number of its key."""
        forms = np.unique(self._forms.of(pieces)[0])
        keys = np.frombuffer(self._form_keys, dtype=np.int32)[forms]
        return list(map(self._written.__getitem__, forms.tolist())), keys


class Lists:
    """Lists of numbers of one type (``array``'s code), all in two arrays."""

    def __init__(self, code: str) -> None:
        self._ends = array("i", [0])
        self._numbers = array(code)

    def extend(self, ones: Few, others: Mapping[int, Sequence[int]], empty: int = 0) -> None:
        """Add lists of one number each, or so many ``empty`` ones, at some places others."""
        lengths = np.repeat([1, 0], [len(ones), empty])
        for place, other in others.items():
            lengths[place] = len(other)
        ends = np.cumsum(lengths)
        numbers = np.repeat(ones, lengths) if not empty else np.empty(lengths.sum(), np.int32)
        for place, other in others.items():
            numbers[ends[place] - len(other) : ends[place]] = other
        self._add(ends, numbers.tobytes())

    def extend_words(self, texts: Sequence[str]) -> None:
        """Add each text in UTF-8 as numbers of eight bytes, one to eight blanks behind it."""
        lists = [text.encode() for text in texts]
        lists = [one + _BLANKS[len(one) % 8 :] for one in lists]
        lengths = np.fromiter(map(len, lists), np.int64, len(lists)) // 8
        self._add(np.cumsum(lengths), b"".join(lists))

    def _add(self, ends: Numbers, content: bytes) -> None:
        self._ends.frombytes((ends + self._ends[-1]).astype(np.int32).tobytes())
        self._numbers.frombytes(content)

    def of(self, lists: Numbers) -> tuple[NDArray[Any], Few]:
        """What these lists hold, one after the other, and the length of each."""
        ends = np.frombuffer(self._ends, dtype=np.int32)
        numbers = np.frombuffer(self._numbers, dtype=self._numbers.typecode)
        starts = ends[lists]
        lengths = ends[lists + 1] - starts
        total = np.cumsum(lengths)
        # For each number its place in its own list, from where that list starts.
        places = np.arange(total[-1] if len(total) else 0)
        places += np.repeat(starts - total + lengths, lengths)
        return numbers[places], lengths
