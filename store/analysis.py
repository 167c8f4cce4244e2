"""Owns what a batch of documents comes to in the index: their keys, packed texts, words held."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from store.index import Document
from store.packing import distinct, distinct_pairs, packed_rows
from store.pieces import Lists
from store.reading import HIDDEN, TEXTS, Read, Reader
from store.vocabulary import VocabularyWriter

Numbers = NDArray[np.int64]

_LOW = 0xFFFFFFFF

#: Keys are copied by so many bytes at once.
_STEP = 8


@dataclass(frozen=True, slots=True)
class Analysed:
    """A batch of documents as the index holds them.

    ``columns``: of each the keys of title, shown text, hidden words and joined words, in UTF-8 with
    blanks behind each; ``packed``: the same as numbers. ``words`` and ``places``: which word is
    held by which document of the batch, each pair once.
    """

    columns: list[tuple[bytes, bytes, bytes, bytes]]
    packed: list[bytes]
    words: Numbers
    places: Numbers


class Analyser:
    """Gives keys their numbers in the vocabulary; new words and forms are written there."""

    def __init__(self, vocabulary: VocabularyWriter) -> None:
        self._vocabulary = vocabulary
        self._reader = Reader(vocabulary.keys_of)
        self._begin()

    def _begin(self) -> None:
        #: the reader's keys by its numbers; the letters of each, with blanks behind them
        self._spelled: list[str] = []
        self._letters = Lists("Q")
        #: the reader's numbers of keys → the vocabulary's numbers; 0: not yet known
        self._numbers = np.zeros(0, dtype=np.int64)
        self._vocabulary.forget()

    def forget(self, words: Sequence[int]) -> None:
        """These words are no longer in the vocabulary."""
        if words:
            self._numbers[np.isin(self._numbers, words)] = 0
            # Their forms went with them; which they were is not known here.
            self._reader.tell_again()

    def analyse(self, documents: Sequence[Document]) -> Analysed:
        """The documents as the index holds them."""
        return self.take(self._reader.read(documents))

    def take(self, read: Read) -> Analysed:
        """The same of documents that were read elsewhere: all of them, by one `Reader`."""
        if not read.first:
            self._begin()
        self._spelled += read.spelled
        self._letters.extend_words(read.spelled)
        lengths = read.lengths.astype(np.int64)
        count = len(lengths) // TEXTS
        texts = np.arange(len(lengths))
        owners = np.repeat(texts // TEXTS, lengths)
        hidden = np.repeat(texts % TEXTS == HIDDEN, lengths)
        joined_owners = np.repeat(texts // TEXTS, read.joined_lengths)
        keys, joined_keys = read.keys.astype(np.int64), read.joined.astype(np.int64)
        self._know(np.concatenate((owners, joined_owners)), np.concatenate((keys, joined_keys)))
        numbers = self._numbers[read.form_keys].tolist()
        self._vocabulary.add_forms(zip(read.forms, numbers, strict=True))
        bag = _Sets(owners[hidden], self._numbers[keys[hidden]], keys[hidden])
        joined = _Sets(joined_owners, self._numbers[joined_keys], joined_keys)
        shown_keys = keys[~hidden]
        shown_lengths = lengths.reshape(-1, TEXTS)[:, :HIDDEN].ravel()
        written = _rows(self._letters, shown_keys, shown_lengths)
        shown_packed = packed_rows(self._numbers[shown_keys], shown_lengths)
        places, words = distinct_pairs(
            np.concatenate((owners, joined_owners)),
            self._numbers[np.concatenate((keys, joined_keys))],
        )
        return Analysed(
            columns=list(
                zip(
                    written[::2],
                    written[1::2],
                    _rows(self._letters, bag.keys, bag.lengths(count)),
                    _rows(self._letters, joined.keys, joined.lengths(count)),
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
            words=words,
            places=places,
        )

    def _know(self, owners: Numbers, keys: Numbers) -> None:
        """Look up or give the vocabulary's numbers of keys that have none here yet."""
        more = len(self._spelled) - len(self._numbers)
        self._numbers = np.concatenate((self._numbers, np.zeros(more, dtype=np.int64)))
        unknown = self._numbers[keys] == 0
        held = distinct(owners[unknown] << 32 | keys[unknown]) & _LOW
        fresh, often = np.unique(held, return_counts=True)
        spelled = map(self._spelled.__getitem__, fresh.tolist())
        words = zip(spelled, often.tolist(), strict=True)
        self._numbers[fresh] = self._vocabulary.numbers(dict(words))

    def written(self, words: Numbers, lengths: Numbers) -> list[bytes]:
        """The keys of these numbers of the vocabulary, as `Analysed.columns`, in such rows."""
        distinct_words, places = np.unique(words, return_inverse=True)
        letters = Lists("Q")
        letters.extend_words(self._vocabulary.keys(distinct_words.tolist()))
        return _rows(letters, places, lengths)


def _rows(letters: Lists, keys: Numbers, lengths: Numbers) -> list[bytes]:
    """The keys of these numbers, cut into rows of these lengths, blanks between; in UTF-8."""
    found, sizes = letters.of(keys)
    whole = found.tobytes()
    ends = np.concatenate(([0], np.cumsum(sizes)))
    borders = (ends[np.concatenate(([0], np.cumsum(lengths)))] * _STEP).tolist()
    return [whole[start:end] for start, end in pairwise(borders)]


class _Sets:
    """The distinct words of each document, in the order of their numbers."""

    def __init__(self, owners: Numbers, words: Numbers, keys: Numbers) -> None:
        #: the document shifted by 32 bits, and the word
        self.owned, first = np.unique(owners << 32 | words, return_index=True)
        self.keys = keys[first]

    def lengths(self, count: int) -> Numbers:
        """How many words each of the documents has."""
        return np.bincount(self.owned >> 32, minlength=count)
