"""Owns the German dictionary: which written forms are words, and their base forms."""

from __future__ import annotations

from collections.abc import Container, Mapping
from functools import lru_cache
from threading import Lock

import simplemma
from simplemma.strategies import RulesStrategy
from simplemma.strategies.dictionaries import DEFAULT_DICTIONARY_FACTORY

#: Words whose base form by the dictionary is another word to this archive's readers, and compounds
#: that end in them (Verkehrsdaten, but not Kandidaten) → the ending of that base form.
OWN_BASES = {"daten": "datum", "medien": "medium"}

#: The dictionary takes these for forms of Strass, which is cut glass.
_STREETS = ("strasse", "strassen")

_RULES = RulesStrategy()
_reading = Lock()


def load_dictionary() -> None:
    """Read the dictionary now (a second, 110 MB) rather than at the first word.

    In whatever thread; who asks for a word meanwhile waits for the same reading.
    """
    forms()


@lru_cache(maxsize=1)
def dictionary() -> Mapping[str, str]:
    """Simplemma's German forms → base forms, the one it looks words up in itself."""
    with _reading:
        return DEFAULT_DICTIONARY_FACTORY.get_dictionary("de")


@lru_cache(maxsize=1)
def forms() -> Container[bytes]:
    """The written forms of the dictionary in UTF-8, to ask whether one is there.

    A new compound asks some thirty times. Simplemma holds a plain dictionary of bytes inside its
    mapping of text, and asking that takes a third of the time; should it be gone, the mapping does.
    """
    inside: Container[bytes] | None = getattr(dictionary(), "_dict", None)
    return _Encoded(dictionary()) if inside is None else inside


class _Encoded:
    def __init__(self, mapping: Mapping[str, str]) -> None:
        self._mapping = mapping

    def __contains__(self, form: object) -> bool:
        return isinstance(form, bytes) and self._mapping.get(form.decode()) is not None


def is_known(word: str) -> bool:
    """Whether the dictionary has the word as it is written here, with its large letters."""
    return word.encode() in forms()


def is_noun(stem: str) -> bool:
    """Whether the letters, a large one first, are in the dictionary; three at least."""
    return len(stem) > 2 and stem.capitalize().encode() in forms()


def is_word(stem: str) -> bool:
    """Whether the letters are a noun or any other word; three at least."""
    if len(stem) < 3:
        return False
    known = forms()
    return stem.capitalize().encode() in known or stem.encode() in known


@lru_cache(maxsize=1 << 15)
def base(word: str) -> str:
    """The base form of a word that the dictionary has."""
    if word.lower() in _STREETS:
        return "Straße"
    found: str = simplemma.lemmatize(word, lang="de", greedy=True) or word
    for own, other in OWN_BASES.items():
        if word.lower().endswith(own) and found.lower().endswith(other):
            return word
    return found


def noun_base(small: str) -> str | None:
    """The base form of small letters read as a noun; None if there is no such noun."""
    noun = small.capitalize()
    return base(noun) if is_known(noun) else None


def ruled_base(small: str) -> str | None:
    """The base form by its ending alone, read as a noun first; None if no rule fits."""
    found: str | None = _RULES.get_lemma(small.capitalize(), "de") or _RULES.get_lemma(small, "de")
    return found
