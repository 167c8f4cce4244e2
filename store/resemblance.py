"""Owns when two texts are the same text: word pairs, the bands that find them, exact similarity."""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence

import numpy as np
import rensa
from numpy.typing import NDArray

from store.german import normal

#: Bands of 4 values each: 1 − (1 − J⁴)³⁶. Two texts that share half of their word pairs are found
#: with 90 %, those with one word in ten replaced with 99.9 % (J = .68), and with 97 % where another
#: office put its own press contact below (J = .56). More would take more than 700 bytes an item.
BANDS = 36
BAND_VALUES = 4
SEED = 42

#: Changes whenever the same text would give other signatures: made of rensa's own algorithm number
#: (it moves between releases), ours for the shingles, and the numbers above.
SIGNATURE_VERSION = zlib.crc32(
    f"rensa{rensa.RMinHash.ALGORITHM_VERSION} pairs2 {BANDS}x{BAND_VALUES} {SEED}".encode()
)

#: Fewer word pairs are too little to tell a reprint from a form letter.
LEAST_PAIRS = 20

#: Share of common word pairs (Jaccard) from which two sources carry the same text. In the sample
#: press edited reprints of one release share .51–.75, other items on the same subject below .04.
SAME_TEXT = 0.45

#: A shortened reprint shares less of the union but lies mostly within the longer text.
EXCERPT = 0.3
EXCERPT_WITHIN = 0.8

#: One source prints many texts of the same mould (closures, sittings); only a near-identical one
#: is a repetition.
SAME_SOURCE = 0.85

#: Words whose numbers are remembered; a German press archive uses about as many forms.
MOST_WORDS = 500_000

#: A word without the signs around it.
_BARE = re.compile(r"\w(?:.*\w)?", re.DOTALL)

#: The 64-bit numbers of a text's word pairs in ascending order, each once.
Numbers = NDArray[np.uint64]
Keys = NDArray[np.int32]


class _WordNumbers(dict[str, int]):
    """A word as it stands between two spaces → 32 bits of the bare word; 0: there is none.

    Of a million words each shares its number with another by a chance of 1 in 4,000.
    """

    def __missing__(self, word: str) -> int:
        if len(self) >= MOST_WORDS:
            self.clear()
        bare = _BARE.search(word)
        number = self[word] = zlib.crc32(bare[0].encode("utf-8", "replace")) or 1 if bare else 0
        return number


_numbers = _WordNumbers()


def word_pairs(text: str) -> Numbers:
    """The neighbouring word pairs of a text, small letters; the shingles of the comparison."""
    words = normal(text).lower().split()
    numbers = np.fromiter(map(_numbers.__getitem__, words), np.uint64, len(words))
    numbers = numbers[numbers != 0]
    pairs = _mixed(numbers[:-1] << np.uint64(32) | numbers[1:])
    pairs.sort()
    return pairs[np.append(True, pairs[1:] != pairs[:-1])] if pairs.size else pairs


def compared_text(teaser: str | None, body: str | None) -> str:
    """What of an item is compared: never its title, since half of them say "Bekanntmachung"."""
    if teaser and body and body.startswith(teaser):
        return body
    return "\n".join(filter(None, (teaser, body)))


def same_text(one: Numbers, other: Numbers, *, same_source: bool) -> float | None:
    """The similarity (Jaccard, 0–1) of two texts if it makes them near-duplicates, else None."""
    fewer = min(len(one), len(other))
    if fewer < LEAST_PAIRS:
        return None
    together = np.concatenate((one, other))
    together.sort(kind="stable")
    common = int(np.count_nonzero(together[1:] == together[:-1]))
    similarity = common / (len(together) - common)
    if same_source:
        return similarity if similarity >= SAME_SOURCE else None
    if similarity >= SAME_TEXT or (similarity >= EXCERPT and common / fewer >= EXCERPT_WITHIN):
        return similarity
    return None


def band_keys(texts: Sequence[Numbers]) -> Keys:
    """For each text one number a band; texts with an equal number may be near-duplicates.

    32 bits keep the table small; among a million items one query meets by chance a quarter of
    one that has nothing in common.
    """
    ends = np.cumsum([0, *map(len, texts)], dtype=np.uint64)
    signatures = rensa.RMinHash.digest_matrix_from_flat_token_hashes(
        np.concatenate(texts), ends, BANDS * BAND_VALUES, SEED
    )
    rows = np.array(signatures.to_rows(), dtype=np.uint64).reshape(-1, BANDS, BAND_VALUES)
    keys = np.broadcast_to(np.arange(BANDS, dtype=np.uint64), rows.shape[:2]).copy()
    for position in range(BAND_VALUES):
        keys = _mixed(keys ^ rows[:, :, position])
    return (keys >> np.uint64(32)).astype(np.uint32).view(np.int32)


def _mixed(values: Numbers) -> Numbers:
    """The finaliser of SplitMix64 (Steele, Lea and Flood 2014): every bit depends on every bit."""
    values = values + np.uint64(0x9E3779B97F4A7C15)
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))
