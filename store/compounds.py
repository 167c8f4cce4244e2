"""Owns what a German compound is: which words end one, and what may stand before them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache

from store.dictionary import forms, is_noun, is_word


def listed(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


#: Shortest word that also finds the compounds it ends: below it, endings are noise (Amt is the
#: end of insgesamt, Rat of Verrat).
COMPOUND_LETTERS = 4

#: Words that end others without being their head: suffixes, and the tails of place names.
NO_HEADS = listed(
    "arm berg bund burg dorf feld furt haft heim lang lich land reich samt voll weise wert"
)

#: Heads of three letters; other endings as short are no sign of a compound.
SHORT_HEADS = listed("amt bus hof ort rad rat tag tor uhr weg zug")

#: Beginnings that make a new word rather than a compound: Ausbildung is no kind of Bildung.
PREFIXES = listed(
    "ab an auf aus be bei dar de durch ein ent er ex fort ge her hin in los mit nach re über "
    "um un unter ur ver vor weg wider zer zu zurück"
)

#: Those of them that keep their hold on the head inside a longer compound.
OWN_PREFIXES = ("ab", "aus", "be", "bei", "ein", "ent", "er", "miss", "un", "ver", "zer")

#: Beginnings of compounds with fewer letters than ``COMPOUND_LETTERS``; other words as short are
#: found in too many places (Beg-leiter).
SHORT_FIRSTS = listed(
    "alt amt app arm art arzt bad bau bio bus ehe eil eis end erd fuß fuss gas geo hof it job kfz "
    "ki kur lok neu not öko öl ort pkw rad rat roh rot see süd tag tal tee tor tür uhr vhs weg web "
    "zug"
)

#: Beginnings of compounds that are no words of the dictionary.
FIRST_PARTS = listed(
    "agrar bauleit bio cyber elektro geo giga gigabit giro hydro infra inter kita kommunal mega "
    "mikro mini multi öko sozio tele thermo"
)

#: One-letter beginnings that digital administration puts before nouns: E-Akte, eAkte, iKfz.
LETTER_PREFIXES = frozenset("ei")

_SHORT = SHORT_FIRSTS | LETTER_PREFIXES

#: What may stand between the parts of a compound: Digitalisierung-s-strategie.
_LINKS = ("s", "es", "n", "en", "e", "er")

#: Heads that ``seams`` can note, one bit for each length; longer ones are none.
_MOST_BITS = 62


def is_compound(whole: str, head: str, in_vocabulary: Callable[[str], bool]) -> bool:
    """Whether key ``whole`` is a compound that ends in key ``head``.

    What stands before the head must itself be a word, of the dictionary or of the archive, with
    or without a linking letter; a prefix is none.
    """
    if not whole.endswith(head) or len(whole) <= len(head):
        return False
    rest = whole[: -len(head)]
    if not may_begin(rest, head):
        return False
    return begins_compound(rest, head) or any(in_vocabulary(stem) for stem in stems(rest))


def may_begin(rest: str, head: str) -> bool:
    """Whether ``rest`` may stand before a head, if it turns out to be a word."""
    if head[0] in LETTER_PREFIXES and is_word(head[1:]) and not is_word(head):
        return False  # eAkte ends neither Hilfeakte nor Vergabeakte
    if rest in LETTER_PREFIXES or rest in FIRST_PARTS:
        return True
    if rest in PREFIXES or (len(rest) < COMPOUND_LETTERS and rest not in SHORT_FIRSTS):
        return False
    # A Grundausbildung is an Ausbildung.
    return not (
        rest.endswith(OWN_PREFIXES)
        and any(
            rest.endswith(prefix) and is_noun(prefix + head) and is_noun(rest.removesuffix(prefix))
            for prefix in OWN_PREFIXES
        )
    )


def begins_compound(rest: str, head: str) -> bool:
    """Whether the dictionary knows ``rest``, which may begin a compound, as words."""
    return rest in LETTER_PREFIXES or rest in FIRST_PARTS or begins_with_words(rest)


def stems(rest: str) -> Iterator[str]:
    """The words that the beginning of a compound may be: with its linking letters, or without."""
    yield rest
    for link in _LINKS:
        stem = rest.removesuffix(link)
        if stem != rest and len(stem) > 1 and stem not in PREFIXES:
            yield stem


def seams(key: str) -> int:
    """Where a key falls into a beginning and a head, as far as the dictionary can tell.

    Bit n: the last n letters are a word that ends this compound. Bit 0: the key itself is a
    word, so that what the dictionary does not have as its compounds are none by it.
    """
    found = int(is_word(key))
    if not key.isalpha():
        return found
    known = forms()
    # Too short to begin a compound are all but a few beginnings of fewer letters.
    firsts = [place for place in range(1, COMPOUND_LETTERS) if key[:place] in _SHORT]
    places = range(COMPOUND_LETTERS, len(key) - COMPOUND_LETTERS + 1)
    for place in (*firsts, *places):
        head = key[place:]
        if (
            (head.capitalize().encode() in known or head.encode() in known)
            and COMPOUND_LETTERS <= len(head) <= _MOST_BITS
            and may_begin(key[:place], head)
            and begins_compound(key[:place], head)
        ):
            found |= 1 << len(head)
    return found


@lru_cache(maxsize=1 << 16)
def begins_with_nouns(rest: str) -> bool:
    """Whether ``rest`` is one noun or several, with or without linking letters."""
    return _begins(rest, is_noun) or any(
        is_noun(rest[cut:]) and begins_with_nouns(rest[:cut]) for cut in range(3, len(rest) - 2)
    )


@lru_cache(maxsize=1 << 16)
def begins_with_words(rest: str) -> bool:
    """Whether ``rest`` is a prefix, a known beginning, or a word with perhaps a noun behind it."""
    return (
        rest in PREFIXES
        or rest in FIRST_PARTS
        or _begins(rest, is_word)
        or any(
            is_noun(rest[cut:]) and _begins(rest[:cut], is_word) for cut in range(3, len(rest) - 2)
        )
    )


def _begins(rest: str, is_one: Callable[[str], bool]) -> bool:
    """Whether ``rest`` is a word with a linking letter, without one, or without its last e."""
    if is_one(rest):
        return True
    for link in _LINKS:
        if rest.endswith(link):
            stem = rest[: -len(link)]
            if stem not in PREFIXES and is_one(stem):
                return True
    return len(rest) > 2 and is_noun(rest + "e")
