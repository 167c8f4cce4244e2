"""The keywords of the topics, and the words that tell of anything digital, found word by word."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import chain

from classifier.keeping import MOST
from classifier.vocabulary import Topic
from classifier.words import WORD_LISTS, WORDS_IN

#: Stands behind the topics as one more: its keywords tell that a text is about something digital,
#: its hints are what everyday news mention in passing.
DIGITAL = Topic(
    "digital",
    "Digitales",
    "Was einen Text vom Alltag eines Rathauses unterscheidet.",
    tuple(WORD_LISTS["digital"]),
    tuple(WORD_LISTS["mentioned"]),
)


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
        #: pieces that stand side by side → whether a phrase may stand there
        self._going_on: dict[tuple[str, ...], bool] = {}
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
        """Whether a phrase may begin in what stands between two spaces, in lower case."""
        return not self._phrases.keys().isdisjoint(WORDS_IN[piece])

    def in_pieces(
        self, pieces: Sequence[str], at: int, until: int
    ) -> Iterable[tuple[int, int, int]]:
        """``(start, end, column)`` of the phrases in a text that was cut at its spaces, which begin
        in the piece ``at`` and end before the piece ``until``; words are counted from ``at`` on."""
        words = list(WORDS_IN[pieces[at].lower()])
        starts = range(len(words))
        for behind in range(at + 1, until):
            if len(words) >= len(starts) + self._longest:
                break
            words += WORDS_IN[pieces[behind].lower()]
        yield from self.of_phrases(words, starts)

    def goes_on(self, pieces: Sequence[str], at: int) -> bool:
        """Whether the piece behind ``at`` may go on with a phrase begun there: most do not."""
        pair = tuple(pieces[at : at + 2])
        known = self._going_on.get(pair)
        if known is None:
            first, *rest = (WORDS_IN[piece.lower()] for piece in pair)
            words = [*first, *chain.from_iterable(rest)]
            starts = range(len(first))
            known = any(
                words[start] in self._phrases
                # The word behind may stand further on, beyond a dash.
                and (start + 1 == len(words) or self._beginning(words[start], words[start + 1]))
                for start in starts
            )
            if len(self._going_on) > MOST:
                self._going_on.clear()
            self._going_on[pair] = known
        return known

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
