"""The words of a text as numbers: stems, parts and ends of words, and keywords of topics."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
import numpy.typing as npt

from classifier.keeping import Kept
from classifier.lexicon import DIGITAL, Lexicon
from classifier.texts import FIELDS
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

#: Letters of a field in which the words behind an answer are looked for.
EVIDENCE_LETTERS = 800

#: A column and the field that it stands in, as one number: these bits are the field's.
_FIELD_BITS = 2
_FIELD = (1 << _FIELD_BITS) - 1
_WEIGHTS = np.array([FIELD_WEIGHT[name] for name in FIELDS])
#: How much a word of the lexicon counts in each field.
_GAINS = np.array([0.3 if name == "body" else 1.0 for name in FIELDS])

Indices = npt.NDArray[np.int32]
_COLUMN_BYTES = 4
Floats = npt.NDArray[np.float32]


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
        self._shifts = np.array(
            [0 if name in ("kicker", "title") else self.lexicon.width for name in FIELDS]
        )
        #: where a phrase may begin
        self._mark = self.width + self.lexicon.width
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
        words = WORDS_IN[piece]
        terms = (
            self._column[term]
            for word in words
            for term in self._terms_of_word(word)
            if term in self._column
        )
        lexicon = (self.width + column for word in words for column in self.lexicon.of_word(word))
        mark = (self._mark,) if self.lexicon.begins_in(piece) else ()
        return np.fromiter((*terms, *lexicon, *mark), dtype=np.int32).tobytes()

    def row(self, fields: Mapping[str, str]) -> Row:
        """The row of one text."""
        present = [at for at, name in enumerate(FIELDS) if fields[name]]
        if not present:
            return Row(np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.float32))
        pieces = [fields[FIELDS[at]].lower().split() for at in present]
        # Two joins instead of a loop over the words.
        of_pieces = [self._columns_of.of_all(here) for here in pieces]
        columns, lengths = _joined(of_pieces)
        keys = (columns << _FIELD_BITS) + np.repeat(np.array(present, dtype=np.int32), lengths)
        phrases = [
            ((self.width + column) << _FIELD_BITS) + present[group]
            for group, at in _pieces_of(of_pieces, np.flatnonzero(columns == self._mark))
            for *_, column in self.lexicon.in_pieces(pieces[group], (at,))
        ]
        # Sorted, what belongs together stands together, and a column's fields in their order.
        keys = np.concatenate([keys, np.array(phrases, dtype=np.int32)])
        keys.sort()
        terms_end, lexicon_end = keys.searchsorted(
            (self.width << _FIELD_BITS, self._mark << _FIELD_BITS)
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

    def words_behind(
        self, fields: Mapping[str, str], wanted: Collection[int]
    ) -> dict[int, tuple[str, ...]]:
        """For each wanted column the words of the text that brought it in, as they stand there."""
        present = [at for at, name in enumerate(FIELDS) if fields[name]]
        if not present or not wanted:
            return {}
        texts = [fields[FIELDS[at]][:EVIDENCE_LETTERS] for at in present]
        pieces, small = [text.split() for text in texts], [text.lower().split() for text in texts]
        of_pieces = [self._columns_of.of_all(here) for here in small]
        columns, lengths = _joined(of_pieces)
        shifts = self._shifts[present]
        # As in rows: the lexicon's columns stand before the terms', apart for headline and rest.
        single = (columns >= self.width) & (columns < self._mark)
        columns = np.where(single, columns + (np.repeat(shifts, lengths) - self.width), columns)
        asked = np.zeros(self._mark + 1, dtype=bool)
        asked[[*wanted, self._mark]] = True
        hits = np.flatnonzero(asked[columns])
        behind: dict[int, list[str]] = {}
        for column, (group, at) in zip(
            columns[hits].tolist(), _pieces_of(of_pieces, hits), strict=True
        ):
            if column != self._mark:
                words: Sequence[str] = WORDS_IN[pieces[group][at]]
                if len(words) > 1:
                    words = [word for word in words if self._brings(word, column, shifts[group])]
                behind.setdefault(column, []).extend(words)
                continue
            for _, start, end, phrase in self.lexicon.in_pieces(small[group], (at,)):
                if asked[real := phrase + int(shifts[group])]:
                    words = [word for piece in pieces[group][at:] for word in WORDS_IN[piece]]
                    behind.setdefault(real, []).append(" ".join(words[start:end]))
        return {column: tuple(dict.fromkeys(found)) for column, found in behind.items()}

    def _brings(self, word: str, column: int, shift: int) -> bool:
        """Whether a word brings in a column of a row."""
        if column < self.offset:
            column += self.width - shift
        return column in np.frombuffer(self._columns_of[word.lower()], dtype=np.int32)


def _joined(of_pieces: Sequence[Sequence[bytes]]) -> tuple[Indices, list[int]]:
    """The columns of all pieces of all fields in a row, and how many each field has."""
    fields = [b"".join(here) for here in of_pieces]
    columns = np.frombuffer(b"".join(fields), dtype=np.int32)
    return columns, [len(field) // _COLUMN_BYTES for field in fields]


def _pieces_of(
    of_pieces: Sequence[Sequence[bytes]], positions: npt.NDArray[np.intp]
) -> Iterator[tuple[int, int]]:
    """In which field's which piece each of these columns stands, of those of ``_joined``;
    ``positions`` ascend."""
    lengths = np.fromiter(map(len, chain.from_iterable(of_pieces)), dtype=np.intp)
    pieces = (np.cumsum(lengths) // _COLUMN_BYTES).searchsorted(positions, side="right")
    field, before, until = 0, 0, len(of_pieces[0])
    for piece in pieces.tolist():
        while piece >= until:
            field, before = field + 1, until
            until += len(of_pieces[field])
        yield field, piece - before
