"""Words of a text: how they are cut, their stems, and whether a text can be read at all."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from itertools import chain
from pathlib import Path

from classifier.keeping import Kept
from classifier.texts import FIELDS, Fields

_FILE = Path(__file__).with_name("data") / "words.toml"

#: Words with their hyphens and inner dots: ``e-akte``, ``d.velop``, ``nis-2``, ``5g``.
WORD = re.compile(r"[^\W_]+(?:[-.@/’][^\W_]+)*")
#: Endings of German inflection, longest first; a stem keeps four letters.
_INFLECTION = re.compile(r"(?<=....)(?:ungen|innen|ern|em|en|er|es|e|n|s|in)\Z")
#: What ``words.toml`` says.
WORD_LISTS = tomllib.loads(_FILE.read_text(encoding="utf-8"))
#: Words as frequent as these say nothing of a topic.
STOP_WORDS = frozenset(WORD_LISTS["stop"].split())
#: Letters of each field by which the language is told.
_LANGUAGE_LETTERS = 600
#: Frequent small words by which German and English are told apart.
_GERMAN = frozenset(WORD_LISTS["german"].split())
_ENGLISH = frozenset(WORD_LISTS["english"].split())

#: What stands between two spaces → the words in it: quicker than to look for words in a text.
WORDS_IN = Kept(lambda piece: tuple(WORD.findall(piece)))


#: Three counts in one number, so that one sum adds all: words, English ones, German ones.
_BITS = 20
_COUNT = (1 << _BITS) - 1


def _language_of(piece: str) -> int:
    words = WORDS_IN[piece.lower()]
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
    cut = Fields.of(fields)
    told = sum(sum(_LANGUAGE_OF.of_all(cut.opening(name, _LANGUAGE_LETTERS))) for name in FIELDS)
    words, english, german = told & _COUNT, told >> _BITS & _COUNT, told >> 2 * _BITS
    return words >= 3 and (english < 2 or english <= german)


def stem(word: str) -> str:
    """The word without its ending; crude, but the same for all forms of most words."""
    return _INFLECTION.sub("", word)
