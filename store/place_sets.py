"""Owns keeping a set of places small: as numbers where it is sparse, as bits where it is dense."""

from __future__ import annotations

import numpy as np

from store.columns import Places

#: Of so many documents fewer than one in the set: its numbers (4 bytes) take less room than a bit
#: for each document.
_SPARSE = 32


class PlaceSet:
    """Places in ascending order; of a million documents 125 KB at most, where numbers take 8 MB."""

    __slots__ = ("_bits", "_documents", "_numbers")

    def __init__(self, places: Places, documents: int) -> None:
        """Keep these places, which are ascending, among so many documents."""
        self._documents = documents
        self._numbers = self._bits = None
        if len(places) * _SPARSE < documents:
            self._numbers = places.astype(np.uint32)
        else:
            mask = np.zeros(documents, dtype=bool)
            mask[places] = True
            self._bits = np.packbits(mask)

    def places(self) -> Places:
        """The places, ascending."""
        if self._bits is None:
            assert self._numbers is not None
            return self._numbers.astype(np.intp)
        # As truth values, of which the places are found several times as fast.
        return np.flatnonzero(np.unpackbits(self._bits, count=self._documents).view(bool))
