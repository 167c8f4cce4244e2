"""Owns how German words become index keys: the one analyser that index, query and marks share."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

import simplemma
from simplemma.strategies import RulesStrategy
from simplemma.strategies.dictionaries import DEFAULT_DICTIONARY_FACTORY


def _listed(text: str) -> frozenset[str]:
    return frozenset(text.split())


#: Raised whenever the same text would give other keys; publishing then rebuilds the index.
ANALYSER_VERSION = 2

#: A longer run of letters is no German word (the longest in official use have about 40): it is
#: indexed as it stands, and cut so that a page of base64 cannot swell the index.
LONGEST_WORD = 48

#: Words whose base form by the dictionary is another word to this archive's readers, and compounds
#: that end in them (Verkehrsdaten, but not Kandidaten) → the ending of that base form.
OWN_KEYS = {"daten": "datum", "medien": "medium"}

#: Nouns that look like a form of an adjective (hall, eben) and are more often themselves.
NO_ADJECTIVES = _listed("ebene halle kosten sie träger weiche")

#: Forms that the dictionary lacks or takes for forms of another word (Hall).
OWN_FORMS = {"cities": "city", "halle": "halle"}

#: Words too common to narrow a search; only ignored beside others, never inside a phrase.
STOP_WORDS = _listed(
    "ab als am an auch auf aus bei beim bis da das dass dem den der des die durch ein eine "
    "einem einen einer eines er es für hat haben ich im in ist ja kein mit nach nicht noch "
    "nur ob oder sein sich sie sind so über um und uns vom von vor war was wer werden wie "
    "wir wird zu zum zur"
)

#: Shortest word that also finds the compounds it ends: below it, endings are noise (Amt is the
#: end of insgesamt, Rat of Verrat).
COMPOUND_LETTERS = 4

#: Words that end others without being their head: suffixes, and the tails of place names.
NO_HEADS = _listed(
    "arm berg bund burg dorf feld furt haft heim lang lich land reich samt voll weise wert"
)

#: Heads of three letters; other endings as short are no sign of a compound.
SHORT_HEADS = _listed("amt bus hof ort rad rat tag tor uhr weg zug")

#: Beginnings that make a new word rather than a compound: Ausbildung is no kind of Bildung.
PREFIXES = _listed(
    "ab an auf aus be bei dar de durch ein ent er ex fort ge her hin in los mit nach re über "
    "um un unter ur ver vor weg wider zer zu zurück"
)

#: Those of them that keep their hold on the head inside a longer compound.
OWN_PREFIXES = _listed("ab aus be ein ent er ver zer miss un")

#: Beginnings of compounds with fewer letters than ``COMPOUND_LETTERS``; other words as short are
#: found in too many places (Beg-leiter).
SHORT_FIRSTS = _listed(
    "alt amt app arm art arzt bad bau bio bus ehe eil eis end erd fuß fuss gas geo hof it job kfz "
    "ki kur lok neu not öko öl ort pkw rad rat roh rot see süd tag tal tee tor tür uhr vhs weg web "
    "zug"
)

#: Beginnings of compounds that are no words of the dictionary.
FIRST_PARTS = _listed(
    "agrar bauleit bio cyber elektro geo giga gigabit giro hydro infra inter kita kommunal mega "
    "mikro mini multi öko sozio tele thermo"
)

#: One-letter beginnings that digital administration puts before nouns: E-Akte, eAkte, iKfz.
LETTER_PREFIXES = frozenset("ei")

#: Endings that inflect a word, tried from the longest where the dictionary lacks the form.
_ENDINGS = ("ern", "en", "er", "em", "es", "ns", "s", "n", "e")

#: Readings kept while texts are indexed. Words are drawn by Zipf's law: nearly every one is
#: found here, and starting anew now and then costs less than remembering all for ever.
MOST_READINGS = 400_000

#: What may stand between the parts of a compound: Digitalisierung-s-strategie.
_LINKS = ("", "s", "es", "n", "en", "e", "er")

#: A number with thousands marked, or letters and digits with inner hyphens and perhaps a gender
#: ending (Bürger:innen). No groups: ``findall`` is several times faster than reading matches.
_WORD = re.compile(
    r"\d{1,3}(?:\.\d{3})+(?![\w.,])|[^\W_]+(?:[-‐‑][^\W_]+)*(?:[:*_/](?:innen|in)\b)?"
)
_GENDER = re.compile(r"[:*_/](?:innen|in)$")
_HYPHEN = re.compile(r"[-‐‑]")
_DIGRAPHS = (("ae", "ä"), ("oe", "ö"), ("ue", "ü"))


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


def words(text: str) -> Iterator[Word]:
    """The words of a text that went through ``normal``, in order."""
    for match in written_words(text):
        keys, joined = read_word(match[0])
        yield Word(match.start(), match.end(), keys, joined)


def written_words(text: str) -> Iterator[re.Match[str]]:
    """The words as they stand in a text that went through ``normal``; ``read_word`` reads one."""
    return _WORD.finditer(text)


def all_keys(text: str) -> tuple[str, set[str]]:
    """What ``words`` finds, for indexing: the keys in order, and the distinct joined ones.

    The keys stand in one string with one or more blanks between.
    """
    pieces = normal(text).split()
    keys = " ".join(map(_READINGS.__getitem__, pieces))
    joined = {
        key for piece in _READINGS.joined.keys() & set(pieces) for key in _READINGS.joined[piece]
    }
    return keys, joined


def piece_keys(piece: str) -> list[str]:
    """The keys, joined ones too, of the words in a piece of text without blanks."""
    keys = _READINGS[piece].split(" ")
    return keys + _READINGS.joined[piece] if piece in _READINGS.joined else keys


class _Readings(dict[str, str]):
    """What stands between blanks → its keys; ``joined``: → the keys of its words as one.

    Cutting at blanks and looking up takes a third of the time of finding words by expression.
    """

    def __init__(self) -> None:
        self.joined: dict[str, list[str]] = {}

    def __missing__(self, piece: str) -> str:
        if len(self) >= MOST_READINGS:
            self.clear()
            self.joined.clear()
        read = [read_word(written) for written in _WORD.findall(piece)]
        joined = [whole for _, whole in read if whole is not None]
        if joined:
            self.joined[piece] = joined
        found = self[piece] = " ".join([key for keys, _ in read for key in keys])
        return found


_READINGS = _Readings()


@lru_cache(maxsize=1 << 16)
def read_word(written: str) -> tuple[tuple[str, ...], str | None]:
    """The keys of one written word, and its key written as one where it has several parts."""
    if written[0].isdigit() and "." in written:
        return (written.replace(".", ""),), None
    base = _GENDER.sub("", written)
    if base != written:
        # Bürger:innen is found as Bürger and as Bürgerinnen.
        keys, _ = read_word(base)
        return keys, key(_HYPHEN.split(base)[-1] + "innen")
    parts = _HYPHEN.split(written)
    if len(parts) == 1:
        return (key(written),), None
    keys = tuple(key(part) for part in parts)
    return keys, _fold("".join(parts[:-1]))[:LONGEST_WORD] + keys[-1]


@lru_cache(maxsize=1 << 18)
def key(word: str) -> str:
    """The index key of one word without hyphens: its base form, lower case, ß as ss.

    Case does not matter: readers type small letters. A form that is a known noun counts as one
    (``daten`` is Daten). Umlauts stay (Münster is not Munster); ``Koeln`` becomes Köln where
    only that is a word. Never empty for a word of at least one letter.
    """
    small = word.lower()
    if small in OWN_FORMS:
        return OWN_FORMS[small]
    if len(word) > LONGEST_WORD:
        return _fold(word)[:LONGEST_WORD]
    if small.isdigit():
        return small
    if word not in (small, small.capitalize(), word.upper()) and _is_known(word):
        return _fold(_base(word))  # KIs, PDFs
    for spelling in (small, _with_umlauts(small)):
        base = _known_base(spelling)
        if base is not None:
            return _fold(base)
    if small[0] in LETTER_PREFIXES and len(small) > COMPOUND_LETTERS and _is_word(small[1:]):
        return small[0] + key(small[1:])  # eAkten
    base = _inflected_base(small) or _compound_base(small) or _RULES.get_lemma(word, "de")
    return _fold(base or _headed_base(small) or small)


def load_dictionary() -> None:
    """Read the dictionary now (a second, 110 MB) rather than at the first word."""
    _dictionary()


@lru_cache(maxsize=1)
def _dictionary() -> Mapping[str, str]:
    """Simplemma's German forms → base forms, the one it looks words up in itself."""
    return DEFAULT_DICTIONARY_FACTORY.get_dictionary("de")


@lru_cache(maxsize=1 << 17)
def _is_known(word: str) -> bool:
    return _dictionary().get(word) is not None


def _known_base(small: str) -> str | None:
    """The base form of a word in the dictionary, read as a noun first; None if it is not there."""
    noun = small.capitalize()
    if not _is_known(noun):
        return _base(small) if _is_known(small) else None
    base = _base(noun)
    return _adjective(small, base.lower()) or base


def _adjective(small: str, noun: str) -> str | None:
    """The adjective whose form a seeming noun is: digitalen is digital, not "der Digitale"."""
    if noun in NO_ADJECTIVES:
        return None
    for ending in ("en", "er", "es", "em", "e"):
        stem = small.removesuffix(ending)
        # Only adjectives and participles have a form in -em.
        if stem != small and noun in (stem + "e", stem + "er", small):
            base = _dictionary().get(stem + "em")
            if base is not None:
                return base
    return None


_RULES = RulesStrategy()


@lru_cache(maxsize=1 << 15)
def _base(word: str) -> str:
    base: str = simplemma.lemmatize(word, lang="de", greedy=True) or word
    for own, other in OWN_KEYS.items():
        if word.lower().endswith(own) and base.lower().endswith(other):
            return word
    return base


def _inflected_base(small: str) -> str | None:
    """The base form of a known word with an ending the dictionary lacks: Wismars."""
    for ending in _ENDINGS:
        stem = small.removesuffix(ending)
        if len(stem) >= COMPOUND_LETTERS and stem != small:
            base = _known_base(stem)
            if base is not None:
                return base
    return None


def _compound_base(small: str) -> str | None:
    """The base form of a compound: its beginning as it stands, its head's base form.

    The longest head before which a word stands, nouns first: Stadträume are rooms, no dreams,
    and Einwohnerfragen questions, not something found out.
    """
    for begins, find in (
        (_begins_with_nouns, _noun_base),
        (_begins_with_words, _noun_base),
        (_begins_with_words, _known_base),
    ):
        if small[-3:] in SHORT_HEADS and begins(small[:-3]):
            return small
        for start in range(2, len(small) - COMPOUND_LETTERS + 1):
            head = find(small[start:])
            if head is not None and begins(small[:start]):
                return small[:start] + head.lower()
    return None


def _headed_base(small: str) -> str | None:
    """The same where what stands before the head is no word of the dictionary: Cyberschäden."""
    for start in range(2, len(small) - COMPOUND_LETTERS):
        head = _noun_base(small[start:])
        if head is not None:
            return small[:start] + head.lower()
    return None


def _noun_base(small: str) -> str | None:
    noun = small.capitalize()
    return _base(noun) if _is_known(noun) else None


@lru_cache(maxsize=1 << 16)
def _begins_with_nouns(rest: str) -> bool:
    return _begins(rest, _is_noun) or any(
        _is_noun(rest[cut:]) and _begins_with_nouns(rest[:cut]) for cut in range(3, len(rest) - 2)
    )


@lru_cache(maxsize=1 << 16)
def _begins_with_words(rest: str) -> bool:
    return (
        rest in PREFIXES
        or rest in FIRST_PARTS
        or _begins(rest, _is_word)
        or any(
            _is_noun(rest[cut:]) and _begins(rest[:cut], _is_word)
            for cut in range(3, len(rest) - 2)
        )
    )


def _begins(rest: str, is_word: Callable[[str], bool]) -> bool:
    """Whether ``rest`` is a word with a linking letter, without one, or without its last e."""
    return (
        is_word(rest)
        or any(
            rest.endswith(link)
            and rest[: -len(link)] not in PREFIXES
            and is_word(rest[: -len(link)])
            for link in _LINKS[1:]
        )
        or (len(rest) > 2 and _is_noun(rest + "e"))
    )


def _fold(word: str) -> str:
    """Lower case, ß as ss, nothing but letters and digits."""
    return "".join(filter(str.isalnum, word.lower().replace("ß", "ss"))) or word.lower()


def _with_umlauts(word: str) -> str:
    for plain, umlaut in _DIGRAPHS:
        word = word.replace(plain, umlaut)
    return word


def spellings(word: str) -> tuple[str, ...]:
    """Other ways to write a query word: ß for ss, ä for ae, and back; without the word itself."""
    small = word.lower()
    found = [small.replace("ss", "ß"), small.replace("ß", "ss"), _with_umlauts(small)]
    plain = small
    for digraph, umlaut in _DIGRAPHS:
        plain = plain.replace(umlaut, digraph)
    found += [plain, plain.replace("ß", "ss")]
    return tuple(dict.fromkeys(other for other in found if other != small))


def is_compound(whole: str, head: str, in_vocabulary: Callable[[str], bool]) -> bool:
    """Whether key ``whole`` is a compound that ends in key ``head``.

    What stands before the head must itself be a word, of the dictionary or of the archive, with
    or without a linking letter; a prefix is none.
    """
    if not whole.endswith(head) or len(whole) <= len(head):
        return False
    if head[0] in LETTER_PREFIXES and _is_word(head[1:]) and not _is_word(head):
        return False  # eAkte ends neither Hilfeakte nor Vergabeakte
    rest = whole[: -len(head)]
    if rest in LETTER_PREFIXES or rest in FIRST_PARTS:
        return True
    if rest in PREFIXES or (len(rest) < COMPOUND_LETTERS and rest not in SHORT_FIRSTS):
        return False
    if any(
        rest.endswith(prefix) and _is_noun(prefix + head) and _is_noun(rest.removesuffix(prefix))
        for prefix in OWN_PREFIXES
    ):
        return False  # a Grundausbildung is an Ausbildung
    stems = {rest, *(rest.removesuffix(link) for link in _LINKS[1:])} - PREFIXES
    return _begins_with_words(rest) or any(len(stem) > 1 and in_vocabulary(stem) for stem in stems)


def _is_noun(stem: str) -> bool:
    return len(stem) > 2 and _is_known(stem.capitalize())


@lru_cache(maxsize=1 << 16)
def _is_word(stem: str) -> bool:
    return len(stem) > 2 and (_is_known(stem) or _is_known(stem.capitalize()))
