"""Finding the names of places, Länder and bodies in a text."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import accumulate, compress, count, islice, pairwise
from operator import not_
from typing import NamedTuple

from classifier.addresses import Addresses, transliterated
from classifier.keeping import MOST, Kept
from classifier.names import DATA, Meaning, Names, strings
from classifier.places import TOKEN, PlaceRecord, read_places

#: What may stand between the words of one name: ``Frankfurt (Oder)``, ``Neustadt a.d. Aisch``.
_GAP = re.compile(r"[ .(/,)-]{0,3}\Z")
_ENDING = re.compile(r"(?<=sch)e[mnrs]?\Z")
#: Small words that may stand between an office and its place.
_SMALL_WORDS = frozenset(("von", "des", "der", "in", "im"))
#: A part of a hyphenated word ("Köln-Mülheim") counts as a town only from this size on.
_PART_POPULATION = 10_000

#: A name in a word: letters before it, itself, what it means, what as a county, and whether it is
#: only a part of a hyphenated word.
_Part = tuple[int, str, Meaning, Meaning | None, bool]


class Span(NamedTuple):  # made a hundred times as often as anything else here, and quicker so
    """A name found in a text: ``text[start:end]``."""

    start: int
    end: int
    name: str
    meaning: Meaning
    #: which of the pieces between the text's spaces it begins in
    piece: int
    #: the same words as a county, where they name a county too
    county: Meaning | None = None
    #: True: only a part of a hyphenated word
    part: bool = False
    #: the nearest word before it that is not "von", "der", "in" and the like; "" if none
    lead: str = ""


class Gazetteer:
    """All names, ready to be found. Build it once (``load_gazetteer``); it never changes."""

    def __init__(self, places: Iterable[PlaceRecord], names: dict[str, dict[str, object]]) -> None:
        table = Names(places, names)
        self.places = table.places
        self._phrases, self._counties = table.phrases, table.counties
        self._prefixes = table.prefixes
        self.first_names = frozenset(strings(names["traps"]["first_names"]))
        self.addresses = Addresses(
            table.phrases, names["hosts"], names["homes"], names["associations"],
            _adjectives(table),
        )  # fmt: skip
        #: first word of a name → lengths in words of the names that begin so, longest first
        lengths: dict[str, set[int]] = {}
        #: first word of a name of several → second words, also in the genitive
        self._seconds: dict[str, set[str]] = {}
        for words in (*self._phrases, *self._counties):
            lengths.setdefault(words[0], set()).add(len(words))
            if len(words) > 1:
                forms = (words[1], *(f"{words[1]}{ending}" for ending in ("s", "es")))
                self._seconds.setdefault(words[0], set()).update(forms)
        self._lengths = {word: sorted(found, reverse=True) for word, found in lengths.items()}
        #: what stands between two spaces and holds no name and begins none: most of every text
        self._nameless: set[str] = set()
        self._names_in = Kept(self._in_word)
        self._single: dict[str, tuple[Meaning | None, Meaning | None]] = {}

    def _word(self, word: str) -> tuple[Meaning | None, Meaning | None]:
        """What a single word means, and what it means as a county; genitives included."""
        known = self._single.get(word)
        if known is None:
            known = (None, None)
            shouted = (word.title(),) if word.isupper() and len(word) > 3 else ()
            for form in (word, *_without_genitive(word), _ENDING.sub("", word), *shouted):
                meaning, county = self._phrases.get((form,)), self._counties.get((form,))
                if meaning or county:
                    known = (meaning, county)
                    break
                folded = form if form[:1].isupper() else form.lower()
                for stem, by_prefix in self._prefixes.get(form[:4].lower(), ()):
                    if folded.startswith(stem) or (
                        stem[:1].islower() and form.lower().startswith(stem)
                    ):
                        known = (by_prefix, None)
                        break
                if known[0]:
                    break
            if len(self._single) > MOST:
                self._single.clear()
            self._single[word] = known
        return known

    def find(self, text: str, pieces: Sequence[str] | None = None) -> list[Span]:
        """The names in ``text``, in its order, without overlaps; the longest name wins.

        ``pieces``: the text cut at its spaces, which stand singly, where that has been done."""
        if pieces is None:
            pieces = text.split(" ")
        nameless = self._nameless
        asked = list(compress(count(), map(not_, map(nameless.__contains__, pieces))))
        if not asked:
            return []
        ends = list(accumulate(map(len, pieces)))  # without the spaces: one before each piece
        spans: list[Span] = []
        past = 0
        for at in asked:
            bare = True
            for match in TOKEN.finditer(pieces[at]):
                word, inside = match[0], match.start()
                start = ends[at] - len(pieces[at]) + at + inside
                lengths = self._lengths.get(word, ())
                bare = bare and not lengths and start >= past
                if start < past:
                    continue
                if phrase := self._phrase_at(text, start, word, lengths):
                    words, past = phrase
                    meaning, county = self._phrases[words], self._counties.get(words)
                    lead = _lead(pieces, at, inside)
                    spans.append(
                        Span(start, past, text[start:past], meaning, at, county, False, lead)
                    )
                elif found := self._names_in[word]:
                    bare = False
                    if not _inside_address(text, start, start + len(word)):
                        lead = _lead(pieces, at, inside)
                        for offset, name, meaning, county, part in found:
                            begin = start + offset
                            spans.append(
                                Span(
                                    begin, begin + len(name), name, meaning, at, county, part, lead
                                )
                            )
            if bare:
                if len(nameless) > MOST:
                    nameless.clear()
                nameless.add(pieces[at])
        return spans

    def _phrase_at(
        self, text: str, start: int, word: str, lengths: Sequence[int]
    ) -> tuple[tuple[str, ...], int] | None:
        """The longest name of several words that begins at ``start``, as it is known, and where it
        ends; ``lengths``: how many words names have that begin with ``word``, which stands
        there."""
        if not lengths or lengths[0] == 1:
            return None
        second = TOKEN.search(text, start + len(word))
        if not second or second[0] not in self._seconds[word]:
            return None
        tokens = list(islice(TOKEN.finditer(text, start), lengths[0]))
        for length in lengths:
            if length == 1 or length > len(tokens):
                continue
            *first, last = (token[0] for token in tokens[:length])
            for form in (last, *_without_genitive(last)):
                if (words := (*first, form)) in self._phrases:
                    if all(
                        _GAP.match(text[one.end() : other.start()])
                        for one, other in pairwise(tokens[:length])
                    ):
                        return words, tokens[length - 1].end()
                    break
        return None

    def _in_word(self, word: str) -> tuple[_Part, ...]:
        meaning, county = self._word(word)
        if known := meaning or county:
            return ((0, word, known, county, False),)
        parts = word.split("-")
        names: list[_Part] = []
        at, offset, in_town = 0, 0, False
        while at < len(parts) and len(parts) > 1:
            # "Sachsen-Anhalt-Viewer" is about Sachsen-Anhalt: the longest run of parts wins.
            until, name = len(parts), ""
            found: Meaning | None = None
            while until > at:
                name = "-".join(parts[at:until])
                found, _ = self._word(name)
                if found and self._counts_as_part(found, in_town):
                    break
                until -= 1
            if found and until > at:
                in_town = True  # what follows a town is its district
                names.append((offset, name, found, None, True))
            else:
                name, until = parts[at], at + 1
            offset += len(name) + 1
            at = until
        return tuple(names)

    def _counts_as_part(self, meaning: Meaning, in_town: bool) -> bool:
        if meaning.kind == "place":
            return (
                not in_town and not meaning.common_word and meaning.population >= _PART_POPULATION
            )
        if meaning.kind == "county":  # "Heidekreis-Linien"
            return not in_town and not meaning.common_word
        return meaning.kind in ("land", "body", "bund", "region")


def _adjectives(table: Names) -> dict[str, str]:
    """The forms of the Länder's adjectives, as web addresses write them, and their Länder; without
    those in -er: addresses know no capitals, and "hamburger" is a dish."""
    found = {"thüringer": "DE-TH"}
    for stems in table.prefixes.values():
        for stem, meaning in stems:
            if meaning.kind == "adjective" and len(meaning.candidates) == 1:
                for ending in ("e", "er", "en", "es", "em"):
                    found[f"{stem}{ending}"] = meaning.candidates[0][0]
    return {transliterated(word): land for word, land in found.items()}


def _last_word(piece: str) -> str:
    """The last word of a piece that is no small one; "" if none."""
    words = (str(word) for word in reversed(TOKEN.findall(piece)) if word not in _SMALL_WORDS)
    return next(words, "")


_LAST_WORD = Kept(_last_word)


def _lead(pieces: Sequence[str], at: int, inside: int) -> str:
    """The nearest word that is no small one before the place ``inside`` a piece; "" if none."""
    word = _last_word(pieces[at][:inside]) if inside else ""
    while at and not word:
        at -= 1
        word = _LAST_WORD[pieces[at]]
    return word


def _inside_address(text: str, start: int, end: int) -> bool:
    """Whether a word is part of a web or mail address."""
    before, after = text[max(0, start - 1) : start], text[end : end + 3]
    if before in ("@", "/") and "." in after:
        return True
    return after[:1] in (".", "@") and after[1:].islower()


def _without_genitive(word: str) -> tuple[str, ...]:
    if word.endswith("es") and len(word) > 5:
        return (word[:-1], word[:-2])
    return (word[:-1],) if word.endswith("s") and len(word) > 3 else ()


@cache
def load_gazetteer() -> Gazetteer:
    """The gazetteer of ``data/``. Raises ``GazetteerError``."""
    names = tomllib.loads((DATA / "names.toml").read_text(encoding="utf-8"))
    return Gazetteer(read_places(DATA / "places.csv"), names)
