"""Owns what a batch of documents comes to in the index: their keys, packed texts, words held."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from store.index import Document
from store.packing import distinct, packed_rows
from store.pieces import MOST_PIECES, Pieces
from store.vocabulary import VocabularyWriter

Numbers = NDArray[np.int64]

#: A document is read as three texts: its title, what is shown of it, what is hidden.
_TEXTS = 3
_HIDDEN = 2

_LOW = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Analysed:
    """A batch of documents as the index holds them.

    ``columns``: of each the keys of title, shown text, hidden words and joined words, in UTF-8 with
    a blank behind each; ``packed``: the same as numbers. ``words`` and ``places``: which word is
    held by which document of the batch, each pair once.
    """

    columns: list[tuple[bytes, bytes, bytes, bytes]]
    packed: list[bytes]
    words: Numbers
    places: Numbers


class Analyser:
    """Reads texts batch by batch; each form is looked up once and analysed once ever."""

    def __init__(self, vocabulary: VocabularyWriter) -> None:
        self._vocabulary = vocabulary
        self._begin()

    def _begin(self) -> None:
        self._pieces = Pieces(self._vocabulary.keys_of)
        #: the pieces' numbers of keys → the vocabulary's numbers; 0: not yet known
        self._numbers = np.zeros(0, dtype=np.int64)
        #: the pieces whose forms are in the vocabulary
        self._noted = np.zeros(0, dtype=bool)
        self._vocabulary.forget()

    def forget(self, words: Sequence[int]) -> None:
        """These words are no longer in the vocabulary."""
        if words:
            self._numbers[np.isin(self._numbers, words)] = 0
            # Their forms went with them; which pieces hold them is not known here.
            self._noted[:] = False

    def analyse(self, documents: Sequence[Document]) -> Analysed:
        """The documents' keys; new words and forms are written to the vocabulary."""
        if len(self._pieces) > MOST_PIECES:
            self._begin()
        count = len(documents)
        texts, pieces = self._pieces.cut(
            text for one in documents for text in (one.title, one.shown, one.hidden)
        )
        read = self._pieces.read(texts, pieces)
        self._know(
            np.concatenate((read.texts, read.joined_texts)) // _TEXTS,
            np.concatenate((read.keys, read.joined)),
        )
        self._note(pieces[texts % _TEXTS != _HIDDEN])
        owners, columns = read.texts // _TEXTS, read.texts % _TEXTS
        shown = columns != _HIDDEN
        rows = owners[shown] * 2 + columns[shown]
        bag = _Sets(owners[~shown], self._numbers[read.keys[~shown]], read.keys[~shown])
        joined = _Sets(read.joined_texts // _TEXTS, self._numbers[read.joined], read.joined)
        shown_keys = read.keys[shown]
        written = self._pieces.rows(shown_keys, _lengths(rows, 2 * count))
        shown_packed = packed_rows(self._numbers[shown_keys], _lengths(rows, 2 * count))
        pairs = distinct(np.concatenate((owners << 32 | self._numbers[read.keys], joined.owned)))
        return Analysed(
            columns=list(
                zip(
                    written[::2],
                    written[1::2],
                    self._pieces.rows(bag.keys, bag.lengths(count)),
                    self._pieces.rows(joined.keys, joined.lengths(count)),
                    strict=True,
                )
            ),
            packed=[
                b"\0".join(row)
                for row in zip(
                    shown_packed[::2],
                    shown_packed[1::2],
                    packed_rows(bag.owned & _LOW, bag.lengths(count)),
                    packed_rows(joined.owned & _LOW, joined.lengths(count)),
                    strict=True,
                )
            ],
            words=pairs & _LOW,
            places=pairs >> 32,
        )

    def _spelled(self, keys: Numbers) -> list[str]:
        return list(map(self._pieces.spelled.__getitem__, keys.tolist()))

    def _know(self, owners: Numbers, keys: Numbers) -> None:
        """Look up or give the vocabulary's numbers of keys that have none here yet."""
        more = len(self._pieces.spelled) - len(self._numbers)
        self._numbers = np.concatenate((self._numbers, np.zeros(more, dtype=np.int64)))
        unknown = self._numbers[keys] == 0
        held = distinct(owners[unknown] << 32 | keys[unknown]) & _LOW
        fresh, often = np.unique(held, return_counts=True)
        words = zip(self._spelled(fresh), often.tolist(), strict=True)
        self._numbers[fresh] = self._vocabulary.numbers(dict(words))

    def _note(self, pieces: Numbers) -> None:
        """Write the forms of pieces that stand in texts that may be shown."""
        more = len(self._pieces) - len(self._noted)
        self._noted = np.concatenate((self._noted, np.zeros(more, dtype=bool)))
        fresh = np.unique(pieces[~self._noted[pieces]])
        self._noted[fresh] = True
        forms, keys = self._pieces.forms(fresh)
        self._vocabulary.add_forms(zip(forms, self._numbers[keys].tolist(), strict=True))


class _Sets:
    """The distinct words of each document, in the order of their numbers."""

    def __init__(self, owners: Numbers, words: Numbers, keys: Numbers) -> None:
        #: the document shifted by 32 bits, and the word
        self.owned, first = np.unique(owners << 32 | words, return_index=True)
        self.keys = keys[first]

    def lengths(self, count: int) -> Numbers:
        """How many words each of the documents has."""
        return _lengths(self.owned >> 32, count)


def _lengths(rows: Numbers, count: int) -> Numbers:
    return np.bincount(rows, minlength=count)
