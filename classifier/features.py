"""The words of a text as numbers: stems, parts and ends of words, and keywords of topics."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from classifier.keeping import Kept
from classifier.lexicon import DIGITAL, Lexicon
from classifier.texts import FIELDS
from classifier.vocabulary import Topic
from classifier.words import STOP_WORDS, WORD, WORDS_IN, stem, words_of

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
        learnt: list[bytes] = []
        weights: list[float] = []
        lengths: list[int] = []
        found: list[Indices] = []
        gains: list[float] = []
        numbers: list[int] = []
        for name in FIELDS:
            if not fields[name]:
                continue
            pieces = fields[name].lower().split()
            # One join a field instead of a loop over its words.
            of_pieces = self._columns_of.of_all(pieces)
            columns = b"".join(of_pieces)
            learnt.append(columns)
            weights.append(FIELD_WEIGHT[name])
            lengths.append(len(columns) // _COLUMN_BYTES)
            beyond = np.frombuffer(columns, dtype=np.int32) - self.width
            begins = _pieces_of(of_pieces, np.flatnonzero(beyond == self.lexicon.width))
            phrases = [column for *_, column in self.lexicon.in_pieces(pieces, begins)]
            single = beyond[(beyond >= 0) & (beyond < self.lexicon.width)]
            here = np.concatenate([single, np.array(phrases, dtype=np.int32)])
            here += self._shift(name)
            found.append(here)
            gains.append(0.3 if name == "body" else 1.0)
            numbers.append(len(here))
        if not learnt:
            return Row(np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.float32))
        lexicon = np.bincount(np.concatenate(found), np.repeat(gains, numbers), self.offset)
        keywords = np.flatnonzero(lexicon)
        columns_found, at = np.unique(
            np.frombuffer(b"".join(learnt), dtype=np.int32), return_inverse=True
        )
        columns_found = columns_found[: np.searchsorted(columns_found, self.width)]
        counts = np.bincount(at, np.repeat(weights, lengths))[: len(columns_found)]
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

    def _shift(self, field: str) -> int:
        """Findings in the headline stand in the first half of the lexicon's columns."""
        return 0 if field in ("kicker", "title") else self.lexicon.width

    def words_behind(
        self, fields: Mapping[str, str], wanted: Collection[int]
    ) -> dict[int, tuple[str, ...]]:
        """For each wanted column the words of the text that brought it in, as they stand there."""
        behind: dict[int, dict[str, None]] = {}
        asked = np.zeros(self._mark + 1, dtype=bool)
        asked[[column for column in wanted if column >= self.offset]] = True
        asked[self._mark] = True
        for name in FIELDS:
            text = fields[name][:EVIDENCE_LETTERS]
            if not text:
                continue
            pieces, small = text.split(), text.lower().split()
            shift = self._shift(name)
            # The lexicon's columns stand behind the terms' here, and apart for headline and rest.
            here = {column - shift for column in wanted if 0 <= column - shift < self.lexicon.width}
            asked[self.width : self._mark] = False
            asked[[self.width + column for column in here]] = True
            of_pieces = self._columns_of.of_all(small)
            columns = np.frombuffer(b"".join(of_pieces), dtype=np.int32)
            hits = np.flatnonzero(asked[columns])
            begins = []
            for column, at in zip(columns[hits].tolist(), _pieces_of(of_pieces, hits), strict=True):
                if column == self._mark:
                    begins.append(at)
                    continue
                words = WORD.findall(pieces[at])
                if len(words) > 1:
                    words = [word for word in words if column in self._column_list(word)]
                real = column if column < self.width else shift + column - self.width
                behind.setdefault(real, {}).update(dict.fromkeys(words))
            for at, start, end, column in self.lexicon.in_pieces(small, begins):
                if column in here:
                    words = [word for piece in pieces[at:] for word in WORD.findall(piece)]
                    behind.setdefault(shift + column, {})[" ".join(words[start:end])] = None
        return {column: tuple(found) for column, found in behind.items()}

    def _column_list(self, word: str) -> list[int]:
        columns: list[int] = np.frombuffer(self._columns_of[word.lower()], dtype=np.int32).tolist()
        return columns


def _pieces_of(of_pieces: Sequence[bytes], positions: npt.NDArray[np.intp]) -> list[int]:
    """In which piece each of these columns stands, of the columns of all pieces in a row."""
    if not len(positions):
        return []
    ends = np.cumsum(np.fromiter(map(len, of_pieces), dtype=np.intp, count=len(of_pieces)))
    pieces: list[int] = np.searchsorted(ends // _COLUMN_BYTES, positions, side="right").tolist()
    return pieces
