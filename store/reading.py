"""Owns reading a batch of documents for the index: the keys of their words, numbered for itself.

Nothing here knows the index: a process may read while another one writes what was read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from store.index import Document
from store.pieces import MOST_PIECES, KeysOf, Pieces

Numbers = NDArray[np.int64]
Few = NDArray[np.int32]

#: A document is read as three texts: its title, what is shown of it, what is hidden.
TEXTS = 3
HIDDEN = 2


@dataclass(frozen=True, slots=True)
class Read:
    """A batch of documents as keys, by the reader's own numbers.

    ``spelled``: the keys that were met first, numbered from ``first`` on; where that is 0, the
    numbers begin anew. ``keys`` are those of all texts one after the other, ``lengths`` how many
    each text has; ``joined`` and ``joined_lengths`` are those of words with hyphens as one.
    ``forms`` are written as the keys ``form_keys`` are, in texts that may be shown; each is told
    once.
    """

    first: int
    spelled: list[str]
    keys: Few
    lengths: Few
    joined: Few
    joined_lengths: Few
    forms: list[str]
    form_keys: Few


class Reader:
    """Reads documents batch by batch; each form is looked up once and analysed once ever."""

    def __init__(self, keys_of: KeysOf) -> None:
        self._keys_of = keys_of
        self._begin()

    def _begin(self) -> None:
        self._pieces = Pieces(self._keys_of)
        self._told = 0
        #: the pieces whose forms were told
        self._noted = np.zeros(0, dtype=bool)

    def tell_again(self) -> None:
        """Have forms told again that were told already."""
        self._noted[:] = False

    def read(self, documents: Sequence[Document]) -> Read:
        """The documents' keys."""
        if len(self._pieces) > MOST_PIECES:
            self._begin()
        texts, pieces = self._pieces.cut(
            text for one in documents for text in (one.title, one.shown, one.hidden)
        )
        count = TEXTS * len(documents)
        keys, lengths = self._pieces.keys(pieces)
        joined, joined_lengths = self._pieces.joined(pieces)
        first, self._told = self._told, len(self._pieces.spelled)
        forms, form_keys = self._pieces.forms(
            self._fresh(pieces[(np.arange(count) % TEXTS != HIDDEN)[texts]])
        )
        return Read(
            first,
            self._pieces.spelled[first:],
            keys,
            _sums(texts, lengths, count),
            joined,
            _sums(texts, joined_lengths, count),
            forms,
            form_keys,
        )

    def _fresh(self, pieces: Numbers) -> Numbers:
        """Those of these pieces whose forms are not yet told."""
        more = len(self._pieces) - len(self._noted)
        self._noted = np.concatenate((self._noted, np.zeros(more, dtype=bool)))
        fresh = np.unique(pieces[~self._noted[pieces]])
        self._noted[fresh] = True
        return fresh


def _sums(places: Numbers, lengths: Few, count: int) -> Few:
    """What belongs to each place, added up."""
    return np.bincount(places, weights=lengths, minlength=count).astype(np.int32)
