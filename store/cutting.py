"""Owns cutting texts at blanks and numbering each distinct piece, on whole arrays of bytes."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]
Hashes = NDArray[np.uint64]

#: Bytes read at once as one number, and how many of them a piece may have to be read so.
_WORD = 8
_MOST_WORDS = 8

#: What is left of eight bytes (little-endian) of which only so many belong to the piece.
_MASKS = np.array([(1 << 8 * kept) - 1 for kept in range(_WORD + 1)], dtype=np.uint64)

#: Odd, so that multiplying loses nothing: pieces of up to eight bytes never share a hash, longer
#: ones with the chance of any 64 bits. The first is 2⁶⁴ by the golden ratio, the other is from
#: MurmurHash3's mixing of 64 bits.
_SPREAD = np.uint64(0x9E3779B97F4A7C15)
_MIX = np.uint64(0xFF51AFD7ED558CCD)
_HALF = np.uint64(32)

#: Places of the table at first; it is doubled before half of them are taken.
_FEWEST_BITS = 14


class Cutter:
    """Gives each distinct piece of text a number, from 0 on, in the order they are met.

    A piece is what stands between blanks and control characters of ASCII. Doing that with strings
    and a dictionary takes five times as long: most of it is waiting for memory.
    """

    def __init__(self) -> None:
        self._count = 0
        self._make_table(_FEWEST_BITS)

    def __len__(self) -> int:
        return self._count

    def cut(self, texts: Iterable[str]) -> tuple[Numbers, Numbers, list[str]]:
        """For each piece of the texts the place of its text and its number; the pieces met first.

        Those have the highest numbers, in their order.
        """
        encoded = [text.encode() for text in texts]
        # Blanks around, so that every piece has both borders, and the last can be read by words.
        content = b" ".join([b"", *encoded, b" " * _WORD])
        signs = np.frombuffer(content, dtype=np.uint8)
        blank = signs <= ord(" ")
        borders = np.flatnonzero(blank[1:] != blank[:-1]) + 1
        starts, ends = borders[0::2], borders[1::2]
        hashes = _hashes(content, starts, ends - starts)
        numbers = self._find(hashes)
        fresh: list[str] = []
        unknown = np.flatnonzero(numbers < 0)
        if len(unknown):
            met, first, which = np.unique(hashes[unknown], return_index=True, return_inverse=True)
            begun = unknown[first]
            fresh = [
                content[start:end].decode()
                for start, end in zip(starts[begun].tolist(), ends[begun].tolist(), strict=True)
            ]
            numbers[unknown] = self._count + which
            self._add(met)
        text_ends = np.cumsum(np.fromiter(map(len, encoded), np.int64, len(encoded)) + 1)
        until = np.searchsorted(starts, text_ends)
        return np.repeat(np.arange(len(encoded)), np.diff(until, prepend=0)), numbers, fresh

    def _make_table(self, bits: int) -> None:
        self._bits = bits
        #: 0: the place is free
        self._hashes = np.zeros(1 << bits, dtype=np.uint64)
        self._numbers = np.zeros(1 << bits, dtype=np.int32)

    def _places(self, hashes: Hashes) -> Numbers:
        """Where each hash stands if that place is its own; else it is one of the next ones."""
        return (hashes * _SPREAD >> np.uint64(64 - self._bits)).astype(np.int64)

    def _find(self, hashes: Hashes) -> Numbers:
        """The numbers of these hashes; -1 where one is not known."""
        at = self._places(hashes)
        there = self._hashes[at]
        numbers = np.where(there == hashes, self._numbers[at], -1).astype(np.int64)
        left = np.flatnonzero((there != hashes) & (there != 0))
        while len(left):
            at[left] = at[left] + 1 & len(self._hashes) - 1
            there = self._hashes[at[left]]
            same = there == hashes[left]
            numbers[left[same]] = self._numbers[at[left[same]]]
            left = left[~same & (there != 0)]
        return numbers

    def _add(self, fresh: Hashes) -> None:
        """Take in these hashes, each once, with the next numbers."""
        first = self._count
        self._count += len(fresh)
        if 2 * self._count > len(self._hashes):
            taken = self._hashes != 0
            hashes, numbers = self._hashes[taken], self._numbers[taken]
            self._make_table((2 * self._count).bit_length())
            self._put(hashes, numbers)
        self._put(fresh, np.arange(first, self._count, dtype=np.int32))

    def _put(self, hashes: Hashes, numbers: NDArray[np.int32]) -> None:
        at = self._places(hashes)
        left = np.arange(len(hashes))
        while len(left):
            free = left[self._hashes[at[left]] == 0]
            # Several may want one place: one of them gets it, the others look on.
            self._hashes[at[free]] = hashes[free]
            won = self._hashes[at[left]] == hashes[left]
            self._numbers[at[left[won]]] = numbers[left[won]]
            left = left[~won]
            at[left] = at[left] + 1 & len(self._hashes) - 1


def _hashes(content: bytes, starts: Numbers, lengths: Numbers) -> Hashes:
    """64 bits for each piece of the content, never 0 for one of up to eight bytes."""
    words: Hashes = np.ndarray((len(content) - _WORD + 1,), "<u8", content, strides=(1,))
    hashes = (words[starts] & _MASKS[np.minimum(lengths, _WORD)]) * _MIX
    longer = np.flatnonzero(lengths > _WORD)
    for place in range(1, _MOST_WORDS):
        if not len(longer):
            return hashes
        word = words[starts[longer] + place * _WORD]
        word &= _MASKS[np.minimum(lengths[longer] - place * _WORD, _WORD)]
        before = hashes[longer]
        hashes[longer] = ((before ^ before >> _HALF) * _SPREAD ^ word) * _MIX
        longer = longer[lengths[longer] > (place + 1) * _WORD]
    for one in longer.tolist():  # an address or a run of base64
        hashes[one] = hash(content[starts[one] : starts[one] + lengths[one]]) & 0xFFFFFFFFFFFFFFFF
    return hashes
