"""The words of a text as numbers: stems, parts and ends of words, and keywords of topics."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np
import numpy.typing as npt

from classifier.keeping import MOST, Kept
from classifier.texts import FIELDS
from classifier.vocabulary import Topic

DATA = Path(__file__).with_name("data")

#: Words with their hyphens and inner dots: ``e-akte``, ``d.velop``, ``nis-2``, ``5g``.
WORD = re.compile(r"[^\W_]+(?:[-.@/’][^\W_]+)*")
#: How often a word counts for standing in this field.
FIELD_WEIGHT = {"kicker": 1.5, "title": 2.0, "teaser": 1.5, "body": 0.7}
#: Letters at either end of a word that stand for it: what compounds and inflections share. In
#: cross-validation they gain what all character n-grams do, with a third of the columns.
_ENDS = (5, 7)
#: Endings of German inflection, longest first; a stem keeps four letters.
_INFLECTION = re.compile(r"(?<=....)(?:ungen|innen|ern|em|en|er|es|e|n|s|in)\Z")
#: Letters that join the parts of a compound.
_JOINTS = ("", "s", "n", "en", "es", "er", "e")
_WORDS: dict[str, str] = tomllib.loads((DATA / "words.toml").read_text(encoding="utf-8"))
#: Words as frequent as these say nothing of a topic.
STOP_WORDS = frozenset(_WORDS["stop"].split())
#: Letters of each field by which the language is told.
_LANGUAGE_LETTERS = 600
#: Frequent small words by which German and English are told apart.
_GERMAN = frozenset(_WORDS["german"].split())
_ENGLISH = frozenset(_WORDS["english"].split())
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


#: What stands between two spaces → the words in it: quicker than to look for words in a text.
WORDS_IN = Kept(lambda piece: tuple(WORD.findall(piece)))


#: Three counts in one number, so that one sum adds all: words, English ones, German ones.
_BITS = 20
_COUNT = (1 << _BITS) - 1


def _language_of(piece: str) -> int:
    words = WORDS_IN[piece]
    return sum(
        (1 if word.isalpha() else 0)
        + ((word in _ENGLISH) << _BITS)
        + ((word in _GERMAN) << 2 * _BITS)
        for word in words
    )


_LANGUAGE_OF = Kept(_language_of)


def words_of(text: str) -> list[str]:
    """The words of a text in lower case."""
    return list(chain.from_iterable(WORDS_IN.of_all(text.lower().split())))


def is_readable(fields: Mapping[str, str]) -> bool:
    """Whether there are at least three words, and not English ones: else nobody should guess."""
    text = " ".join(fields[name][:_LANGUAGE_LETTERS] for name in FIELDS)
    told = sum(_LANGUAGE_OF.of_all(text.lower().split()))
    words, english, german = told & _COUNT, told >> _BITS & _COUNT, told >> 2 * _BITS
    return words >= 3 and (english < 2 or english <= german)


def stem(word: str) -> str:
    """The word without its ending; crude, but the same for all forms of most words."""
    return _INFLECTION.sub("", word)


class Lexicon:
    """The keywords and hints of all topics, found word by word."""

    def __init__(self, topics: Sequence[Topic]) -> None:
        #: column of a finding: 2 × topic for keywords, 2 × topic + 1 for hints
        self.width = 2 * len(topics)
        self._exact: dict[str, set[int]] = {}
        self._prefix: dict[str, list[tuple[str, int]]] = {}
        self._loose: list[tuple[re.Pattern[str], int]] = []
        self._phrases: dict[str, list[tuple[tuple[re.Pattern[str], ...], int]]] = {}
        #: words that a phrase may have after its first
        self._longest = 0
        #: the phrases that two neighbouring words may begin
        self._begun: dict[tuple[str, str], tuple[tuple[tuple[re.Pattern[str], ...], int], ...]] = {}
        for number, topic in enumerate(topics):
            for column, patterns in ((2 * number, topic.keywords), (2 * number + 1, topic.hints)):
                for pattern in patterns:
                    self._add(pattern, column)

    def _add(self, pattern: str, column: int) -> None:
        if " " in pattern:
            first, *rest = pattern.split(" ")
            compiled = tuple(_compile(word) for word in rest)
            self._longest = max(self._longest, len(rest))
            for form in (first, *(first + ending for ending in ("e", "en", "er", "es", "em"))):
                self._phrases.setdefault(form.rstrip("*"), []).append((compiled, column))
        elif pattern.startswith("*"):
            self._loose.append((_compile(pattern), column))
        elif pattern.endswith("*"):
            self._prefix.setdefault(pattern[:2], []).append((pattern[:-1], column))
        else:
            for ending in ("", "s", "es", "n", "en", "e", "er", "ern"):
                self._exact.setdefault(pattern + ending, set()).add(column)

    def of_word(self, word: str) -> tuple[int, ...]:
        """The columns a single word speaks for."""
        columns = set(self._exact.get(word, ()))
        columns |= {
            column for start, column in self._prefix.get(word[:2], ()) if word.startswith(start)
        }
        columns |= {column for pattern, column in self._loose if pattern.fullmatch(word)}
        return tuple(sorted(columns))

    def begins_in(self, piece: str) -> bool:
        """Whether a phrase may begin in what stands between two spaces."""
        return not self._phrases.keys().isdisjoint(WORDS_IN[piece])

    def in_pieces(
        self, pieces: Sequence[str], begins: Iterable[int]
    ) -> Iterable[tuple[int, int, int, int]]:
        """``(piece, start, end, column)`` of the phrases in a text that was cut at its spaces,
        which begin in one of the pieces ``begins``; words are counted from that piece on."""
        for at in begins:
            words = list(WORDS_IN[pieces[at]])
            starts = range(len(words))
            for piece in pieces[at + 1 :]:
                if len(words) >= len(starts) + self._longest:
                    break
                words += WORDS_IN[piece]
            for start, end, column in self.of_phrases(words, starts):
                yield at, start, end, column

    def of_phrases(
        self, words: Sequence[str], starts: Iterable[int] | None = None
    ) -> Iterable[tuple[int, int, int]]:
        """``(start, end, column)`` of the phrases in a list of words that begin at ``starts``, by
        default anywhere."""
        for start in range(len(words)) if starts is None else starts:
            if words[start] not in self._phrases or start + 1 == len(words):
                continue
            for rest, column in self._beginning(words[start], words[start + 1]):
                end = start + 1 + len(rest)
                if end <= len(words) and all(
                    pattern.fullmatch(other)
                    for pattern, other in zip(rest[1:], words[start + 2 : end], strict=True)
                ):
                    yield start, end, column

    def _beginning(
        self, first: str, second: str
    ) -> tuple[tuple[tuple[re.Pattern[str], ...], int], ...]:
        known = self._begun.get((first, second))
        if known is None:
            known = tuple(found for found in self._phrases[first] if found[0][0].fullmatch(second))
            if len(self._begun) > MOST:
                self._begun.clear()
            self._begun[first, second] = known
        return known


def _compile(pattern: str) -> re.Pattern[str]:
    """A word pattern of topics.toml as an expression for the whole word."""
    body = re.escape(pattern.strip("*"))
    left = r".+" if pattern.startswith("*") else ""
    right = r".*" if pattern.endswith("*") else r"(?:e[nrsm]?|n|s|ern)?"
    return re.compile(left + body + right)


class WordFeatures:
    """Turns texts into rows over a vocabulary that it learnt from training texts.

    Columns: first the lexicon (keywords and hints of each topic, headline and rest apart), then
    the learnt terms, weighted by inverse document frequency, the row of terms of length one.
    """

    def __init__(
        self, topics: Sequence[Topic], terms: Sequence[str], idf: Floats, parts: Iterable[str]
    ) -> None:
        self.lexicon = Lexicon(topics)
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
