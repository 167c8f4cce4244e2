"""Owns the index key of one German word: its base form, small letters, ß as ss."""

from __future__ import annotations

from functools import lru_cache

from store.compounds import (
    COMPOUND_LETTERS,
    LETTER_PREFIXES,
    SHORT_HEADS,
    begins_with_nouns,
    begins_with_words,
    listed,
)
from store.dictionary import base, dictionary, forms, is_known, is_word, noun_base, ruled_base

#: A longer run of letters is no German word (the longest in official use have about 40): it is
#: indexed as it stands, and cut so that a page of base64 cannot swell the index.
LONGEST_WORD = 48

#: Nouns that look like a form of an adjective (hall, eben) and are more often themselves.
NO_ADJECTIVES = listed("ebene halle kosten sie träger weiche")

#: Forms that the dictionary lacks or takes for forms of another word (Hall).
OWN_FORMS = {"cities": "city", "halle": "halle"}

#: Endings that inflect a word, tried from the longest where the dictionary lacks the form.
_ENDINGS = ("ern", "en", "er", "em", "es", "ns", "s", "n", "e")

_DIGRAPHS = (("ae", "ä"), ("oe", "ö"), ("ue", "ü"))


def form_of(word: str) -> str:
    """What decides a word's key: its small letters, but BundID and KIs as they are written."""
    small = word.lower()
    # Nearly every word is one of the first two.
    if word == small or word == small.capitalize() or word == word.upper():
        return small
    return word


@lru_cache(maxsize=1 << 17)
def key(word: str) -> str:
    """The index key of one word without hyphens: its base form, lower case, ß as ss.

    Case does not matter: readers type small letters. A form that is a known noun counts as one
    (``daten`` is Daten). Umlauts stay (Münster is not Munster); ``Koeln`` becomes Köln and
    ``Fussball`` Fußball where only that is a word. Never empty for a word of at least one letter.
    """
    small = word.lower()
    if small in OWN_FORMS:
        return OWN_FORMS[small]
    if len(word) > LONGEST_WORD:
        return fold(word)[:LONGEST_WORD]
    if small.isdigit():
        return small
    if form_of(word) == word != small and is_known(word):
        return fold(base(word))  # KIs, PDFs
    for spelling in dict.fromkeys((small, with_umlauts(small), small.replace("ss", "ß"))):
        found = _known_base(spelling)
        if found is not None:
            return fold(found)
    if small[0] in LETTER_PREFIXES and len(small) > COMPOUND_LETTERS and is_word(small[1:]):
        return small[0] + key(small[1:])  # eAkten
    found = _inflected_base(small)
    if found is None:
        heads = _noun_heads(small)
        found = _compound_base(small, heads) or ruled_base(small) or _headed_base(small, heads)
    return fold(found or small)


def _known_base(small: str) -> str | None:
    """The base form of a word in the dictionary, read as a noun first; None if it is not there."""
    noun = small.capitalize()
    if not is_known(noun):
        return base(small) if is_known(small) else None
    found = base(noun)
    return _adjective(small, found.lower()) or found


def _adjective(small: str, noun: str) -> str | None:
    """The adjective whose form a seeming noun is: digitalen is digital, not "der Digitale"."""
    if noun in NO_ADJECTIVES:
        return None
    for ending in ("en", "er", "es", "em", "e"):
        stem = small.removesuffix(ending)
        # Only adjectives and participles have a form in -em.
        if stem != small and noun in (stem + "e", stem + "er", small):
            found = dictionary().get(stem + "em")
            if found is not None:
                return found
    return None


def _inflected_base(small: str) -> str | None:
    """The base form of a known word with an ending the dictionary lacks: Wismars."""
    for ending in _ENDINGS:
        if small.endswith(ending) and len(small) - len(ending) >= COMPOUND_LETTERS:
            found = _known_base(small.removesuffix(ending))
            if found is not None:
                return found
    return None


def _noun_heads(small: str) -> list[int]:
    """The places from which on the letters are a noun, the longest first."""
    known = forms()
    return [
        start
        for start in range(2, len(small) - COMPOUND_LETTERS + 1)
        if small[start:].capitalize().encode() in known
    ]


def _compound_base(small: str, heads: list[int]) -> str | None:
    """The base form of a compound: its beginning as it stands, its head's base form.

    The longest head before which a word stands, nouns first: Stadträume are rooms, no dreams,
    and Einwohnerfragen questions, not something found out.
    """
    for begins in (begins_with_nouns, begins_with_words):
        if small[-3:] in SHORT_HEADS and begins(small[:-3]):
            return small
        for start in heads:
            if begins(small[:start]):
                return small[:start] + str(noun_base(small[start:])).lower()
    for start in range(2, len(small) - COMPOUND_LETTERS + 1):
        head = _known_base(small[start:])
        if head is not None and begins_with_words(small[:start]):
            return small[:start] + head.lower()
    return None


def _headed_base(small: str, heads: list[int]) -> str | None:
    """The same where what stands before the head is no word of the dictionary: Cyberschäden."""
    for start in heads:
        if start < len(small) - COMPOUND_LETTERS:
            return small[:start] + str(noun_base(small[start:])).lower()
    return None


def fold(word: str) -> str:
    """Lower case, ß as ss, nothing but letters and digits."""
    small = word.lower().replace("ß", "ss")
    return small if small.isalnum() else "".join(filter(str.isalnum, small)) or word.lower()


def with_umlauts(word: str) -> str:
    """The small letters with ä for ae, ö for oe and ü for ue."""
    for plain, umlaut in _DIGRAPHS:
        word = word.replace(plain, umlaut)
    return word


def spellings(key: str) -> tuple[str, ...]:
    """Other keys that the same word may have: with ä for ae, or the other way round.

    ``key`` settles it for words of the dictionary; this is for names.
    """
    plain = key
    for digraph, umlaut in _DIGRAPHS:
        plain = plain.replace(umlaut, digraph)
    return tuple(other for other in dict.fromkeys((with_umlauts(key), plain)) if other != key)
