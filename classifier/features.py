"""The words of a text as numbers: stems, parts and ends of words, and keywords of topics."""

from __future__ import annotations

from bisect import bisect
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from classifier.keeping import Kept
from classifier.lexicon import DIGITAL, Lexicon
from classifier.texts import FIELDS, Fields
from classifier.vocabulary import Topic
from classifier.words import STOP_WORDS, WORDS_IN, stem, words_of

#: How often a word counts for standing in this field.
FIELD_WEIGHT = {"kicker": 1.5, "title": 2.0, "teaser": 1.5, "body": 0.7}
#: Letters at either end of a word that stand for it: what compounds and inflections share. In
#: cross-validation they gain what all character n-grams do, with a third of the columns.
_ENDS = (5, 7)
#: Letters that join the parts of a compound.
_JOINTS = ("", "s", "n", "en", "es", "er", "e")
#: Weight of the lexicon beside the terms, whose row has length one; chosen by cross-validation.
LEXICON_SCALE = 0.45

#: A column and the field that it stands in, as one number: these bits are the field's.
_FIELD_BITS = 2
_FIELD = (1 << _FIELD_BITS) - 1
_WEIGHTS = np.array([FIELD_WEIGHT[name] for name in FIELDS])
#: How much a word of the lexicon counts in each field.
_GAINS = np.array([0.3 if name == "body" else 1.0 for name in FIELDS])

Indices = npt.NDArray[np.int32]
_COLUMN_BYTES = 4
Floats = npt.NDArray[np.float32]


class Phrase(NamedTuple):
    """A keyword of several words in a text."""

    #: the piece in which it begins, counted through all fields
    piece: int
    #: its first word and the one behind its last, counted from that piece on
    start: int
    end: int
    #: of the lexicon
    column: int


@dataclass(frozen=True, slots=True)
class Reading:
    """What a vocabulary knows of a text, piece by piece."""

    fields: Fields
    #: what stands between two spaces, of all fields in a row
    pieces: list[str]
    #: which piece of these is the first of each of ``FIELDS``, and last their number
    begins: list[int]
    #: the columns of all pieces, those of the lexicon from the vocabulary's width on
    columns: Indices
    #: where each piece's columns end
    ends: npt.NDArray[np.intp]
    phrases: list[Phrase]

    def field_of(self, piece: int) -> int:
        """In which of ``FIELDS`` a piece stands."""
        return bisect(self.begins, piece) - 1


@dataclass(frozen=True, slots=True)
class Row:
    """One text as a sparse row: columns, their values, and the word that brought each in."""

    columns: Indices
    values: Floats


class WordFeatures:
    """Turns texts into rows over a vocabulary that it learnt from training texts.

    Columns: first the lexicon (keywords and hints of each topic, last the words of digital things
    and of their mere mention; headline and rest apart), then the learnt terms, weighted by inverse
    document frequency, the row of terms of length one.
    """

    def __init__(
        self, topics: Sequence[Topic], terms: Sequence[str], idf: Floats, parts: Iterable[str]
    ) -> None:
        self.lexicon = Lexicon((*topics, DIGITAL) if topics else ())
        self.terms = tuple(terms)
        self.idf = idf
        self.parts = frozenset(parts)
        self.offset = 2 * self.lexicon.width
        self.width = self.offset + len(self.terms)
        self._column = {term: self.offset + at for at, term in enumerate(self.terms)}
        #: Findings in the headline stand in the first half of the lexicon's columns: by field.
        self.shifts = tuple(
            0 if name in ("kicker", "title") else self.lexicon.width for name in FIELDS
        )
        self._shifts = np.array(self.shifts)
        #: where a phrase may begin
        self.mark = self.width + self.lexicon.width
        #: what stands between two spaces → the columns of its terms as bytes of int32, then those
        #: of the lexicon, which begin at ``width`` there, then perhaps the mark
        self._columns_of = Kept(self._columns_in)

    @classmethod
    def learn(
        cls, topics: Sequence[Topic], texts: Sequence[Mapping[str, str]], min_texts: int = 2
    ) -> WordFeatures:
        """The vocabulary of training texts: terms that occur in at least ``min_texts`` of them."""
        seen = Counter(
            word
            for fields in texts
            for word in {word for name in FIELDS for word in words_of(fields[name])}
        )
        stems: Counter[str] = Counter()
        for word, number in seen.items():
            if len(word) >= 4 and word.isalpha():
                stems[stem(word)] += number
        parts = {word for word, number in stems.items() if number >= 3 and len(word) >= 4}
        parts |= {
            stem(word)
            for topic in topics
            for pattern in topic.keywords
            if (word := pattern.strip("*")).isalpha() and len(word) >= 5
        }
        bare = cls(topics, (), np.zeros(0, dtype=np.float32), parts)
        frequency = Counter(term for fields in texts for term in set(bare.terms_of(fields)))
        terms = sorted(term for term, number in frequency.items() if number >= min_texts)
        idf = np.array(
            [np.log((1 + len(texts)) / (1 + frequency[term])) + 1 for term in terms],
            dtype=np.float32,
        )
        return cls(topics, terms, idf, parts)

    def _terms_of_word(self, word: str) -> tuple[str, ...]:
        """The terms of one word: its stem, the parts it is made of, and its two ends."""
        if word in STOP_WORDS or len(word) < 2:
            return ()
        found = {stem(word)}
        for piece in word.split("-"):
            if len(piece) < len(word) and len(piece) > 1 and piece not in STOP_WORDS:
                found.add(stem(piece))
            found.update(self._split(piece))
        for length in _ENDS:
            if len(word) > length:
                found.update((f"{word[:length]}~", f"~{word[-length:]}"))
        return tuple(sorted(found))

    def _split(self, word: str) -> set[str]:
        """The known parts of a compound: ``glasfaserausbau`` → ``glasfas``, ``ausbau``."""
        found: set[str] = set()
        if len(word) < 8:
            return found
        for cut in range(4, len(word) - 3):
            tail = stem(word[cut:])
            if tail not in self.parts:
                continue
            head = word[:cut]
            for joint in _JOINTS:
                if head.endswith(joint):
                    base = stem(head[: len(head) - len(joint)])
                    if base in self.parts:
                        found.update((base, tail))
                        break
            else:
                if len(tail) >= 5:
                    found.add(tail)
        return found

    def terms_of(self, fields: Mapping[str, str]) -> dict[str, float]:
        """Term → weighted count, for learning the vocabulary."""
        counts: dict[str, float] = {}
        for name in FIELDS:
            weight = FIELD_WEIGHT[name]
            for word in words_of(fields[name]):
                for term in self._terms_of_word(word):
                    counts[term] = counts.get(term, 0.0) + weight
        return counts

    def _columns_in(self, piece: str) -> bytes:
        piece = piece.lower()
        words = WORDS_IN[piece]
        terms = (
            self._column[term]
            for word in words
            for term in self._terms_of_word(word)
            if term in self._column
        )
        lexicon = (self.width + column for word in words for column in self.lexicon.of_word(word))
        mark = (self.mark,) if self.lexicon.begins_in(piece) else ()
        return np.fromiter((*terms, *lexicon, *mark), dtype=np.int32).tobytes()

    def read(self, fields: Mapping[str, str]) -> Reading:
        """The columns of a text's pieces, and the phrases among them."""
        cut = Fields.of(fields)
        pieces: list[str] = []
        begins = [0]
        for name in FIELDS:
            pieces += cut.pieces[name]
            begins.append(len(pieces))
        # Two passes without a line of Python each instead of a loop over the words.
        of_pieces = self._columns_of.of_all(pieces)
        columns = np.frombuffer(b"".join(of_pieces), dtype=np.int32)
        ends = np.fromiter(map(len, of_pieces), np.intp, len(of_pieces)).cumsum()
        ends //= _COLUMN_BYTES
        marked = ends.searchsorted(np.flatnonzero(columns == self.mark), side="right")
        phrases = [
            Phrase(at, *found)
            for at in marked.tolist()
            if self.lexicon.goes_on(pieces, at)
            for found in self.lexicon.in_pieces(pieces, at, begins[bisect(begins, at)])
        ]
        return Reading(cut, pieces, begins, columns, ends, phrases)

    def row(self, fields: Mapping[str, str]) -> Row:
        """The row of one text."""
        return self.row_of(self.read(fields))

    def row_of(self, text: Reading) -> Row:
        """The row of a text that was read."""
        # A column and the field that it stands in become one number. Sorted, what belongs
        # together stands together, and a column's fields in their order.
        keys = text.columns << _FIELD_BITS
        begun = 0
        for number, end in enumerate(text.begins[1:]):
            until = text.ends[end - 1] if end else 0
            keys[begun:until] += number
            begun = until
        if text.phrases:
            phrases = [
                ((self.width + found.column) << _FIELD_BITS) + text.field_of(found.piece)
                for found in text.phrases
            ]
            keys = np.concatenate([keys, np.array(phrases, dtype=np.int32)])
        keys.sort()
        terms_end, lexicon_end = keys.searchsorted(
            (self.width << _FIELD_BITS, self.mark << _FIELD_BITS)
        )
        single = keys[terms_end:lexicon_end]
        field = single & _FIELD
        lexicon = np.bincount(
            (single >> _FIELD_BITS) - self.width + self._shifts[field], _GAINS[field], self.offset
        )
        keywords = np.flatnonzero(lexicon)
        learnt = keys[:terms_end]
        stems = learnt >> _FIELD_BITS
        first = np.empty(len(stems), dtype=bool)
        first[:1] = True
        np.not_equal(stems[1:], stems[:-1], out=first[1:])
        columns_found = stems[first]
        counts = np.bincount(np.cumsum(first) - 1, _WEIGHTS[learnt & _FIELD])
        terms = np.log1p(counts) * self.idf[columns_found - self.offset]
        length = float(np.sqrt((terms**2).sum()))
        return Row(
            np.concatenate([keywords, columns_found]).astype(np.int32),
            np.concatenate(
                [
                    (1 - np.exp(-0.7 * lexicon[keywords])) * LEXICON_SCALE,
                    terms / length if length else terms,
                ]
            ).astype(np.float32),
        )

    def brings(self, word: str, column: int) -> bool:
        """Whether a word brings in a column of a reading."""
        return column in np.frombuffer(self._columns_of[word], dtype=np.int32)
