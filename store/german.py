"""Owns how a German text becomes words and their keys: what index, query and marks share."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from typing import NamedTuple

from store.compounds import listed
from store.lemmas import LONGEST_WORD, fold, key

#: Raised whenever the same text would give other keys; publishing then rebuilds the index.
ANALYSER_VERSION = 3

#: Words too common to narrow a search; only ignored beside others, never inside a phrase.
STOP_WORDS = listed(
    "ab als am an auch auf aus bei beim bis da das dass dem den der des die durch ein eine "
    "einem einen einer eines er es für hat haben ich im in ist ja kein mit nach nicht noch "
    "nur ob oder sein sich sie sind so über um und uns vom von vor war was wer werden wie "
    "wir wird zu zum zur"
)

#: A number with thousands marked, or letters and digits with inner hyphens and perhaps a gender
#: ending (Bürger:innen). No groups: ``findall`` is several times faster than reading matches.
_WORD = re.compile(
    r"\d{1,3}(?:\.\d{3})+(?![\w.,])|[^\W_]+(?:[-‐‑][^\W_]+)*(?:[:*_/](?:innen|in)\b)?"
)
_GENDER = re.compile(r"[:*_/](?:innen|in)$")
_HYPHEN = re.compile(r"[-‐‑]")
HYPHENS = "-‐‑"
#: How the ending of a gender form begins.
GENDER_SIGNS = (":in", "*in", "_in", "/in")

KeyOf = Callable[[str], str]


class Word(NamedTuple):
    """One written word: where it stands, its keys in order, and its key written as one.

    ``OZG-Umsetzung`` has the keys ``ozg`` and ``umsetzung`` and is joined ``ozgumsetzung``;
    a plain word has one key and nothing joined.
    """

    start: int
    end: int
    keys: tuple[str, ...]
    joined: str | None


def normal(text: str) -> str:
    """Composed letters without soft hyphens: what every offset of ``Word`` refers to."""
    return unicodedata.normalize("NFC", text).replace("\u00ad", "")


def words(text: str, key_of: KeyOf = key) -> Iterator[Word]:
    """The words of a text that went through ``normal``, in order."""
    for match in written_words(text):
        keys, joined = read_word(match[0], key_of)
        yield Word(match.start(), match.end(), keys, joined)


def written_words(text: str) -> Iterator[re.Match[str]]:
    """The words as they stand in a text that went through ``normal``; ``read_word`` reads one."""
    return _WORD.finditer(text)


def written_in(piece: str) -> list[str]:
    """The same as plain strings."""
    found: list[str] = _WORD.findall(piece)
    return found


def read_word(written: str, key_of: KeyOf = key) -> tuple[tuple[str, ...], str | None]:
    """The keys of one written word, and its key written as one where it has several parts.

    ``key_of`` gives the key of a word without hyphens, as ``lemmas.key`` does.
    """
    if written.isalpha():
        return (key_of(written),), None
    if written[0].isdigit() and "." in written:
        return (written.replace(".", ""),), None
    base = _GENDER.sub("", written)
    if base != written:
        # Bürger:innen is found as Bürger and as Bürgerinnen.
        keys, _ = read_word(base, key_of)
        return keys, key_of(_HYPHEN.split(base)[-1] + "innen")
    parts = _HYPHEN.split(written)
    if len(parts) == 1:
        return (key_of(written),), None
    keys = tuple(key_of(part) for part in parts)
    return keys, first_parts(parts)[:LONGEST_WORD] + keys[-1]


def parts_of(written: str) -> list[str]:
    """The words without hyphens whose keys ``read_word`` asks for."""
    asked: list[str] = []

    def ask(word: str) -> str:
        asked.append(word)
        return word

    read_word(written, ask)
    return asked


def first_parts(parts: list[str]) -> str:
    """What stands before the last part in the joined key of a word with hyphens."""
    return fold("".join(parts[:-1]))
