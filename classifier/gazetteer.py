"""Finding the names of places, Länder and bodies in a text."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import accumulate

from classifier.addresses import Addresses, transliterated
from classifier.keeping import MOST
from classifier.names import DATA, Meaning, Names, strings
from classifier.places import TOKEN, PlaceRecord, read_places

#: What may stand between the words of one name: ``Frankfurt (Oder)``, ``Neustadt a.d. Aisch``.
_GAP = re.compile(r"[ .(/,)-]{0,3}\Z")
_ENDING = re.compile(r"(?<=sch)e[mnrs]?\Z")
#: The same as ``TOKEN``, to cut a text into gaps and words in turns.
_TOKENS = re.compile(f"({TOKEN.pattern})")
#: Small words that may stand between an office and its place.
_SMALL_WORDS = frozenset(("von", "des", "der", "in", "im"))
#: A part of a hyphenated word ("Köln-Mülheim") counts as a town only from this size on.
_PART_POPULATION = 10_000


@dataclass(frozen=True, slots=True)
class Span:
    """A name found in a text: ``text[start:end]``, the first of ``tokens`` words from ``index``."""

    start: int
    end: int
    name: str
    meaning: Meaning
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
        for words in (*self._phrases, *self._counties):
            lengths.setdefault(words[0], set()).add(len(words))
        self._lengths = {word: sorted(found, reverse=True) for word, found in lengths.items()}
        #: words that are no name and begin none: most of every text
        self._nameless: set[str] = set()
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

    def find(self, text: str) -> list[Span]:
        """The names in ``text``, in its order, without overlaps; the longest name wins."""
        pieces = _TOKENS.split(text)  # gap, word, gap, word, …, gap
        words = pieces[1::2]
        nameless = self._nameless
        asked = [index for index, word in enumerate(words) if word not in nameless]
        if not asked:
            return []
        starts = list(accumulate(map(len, pieces)))[::2]
        spans: list[Span] = []
        past = 0
        for index in asked:
            if index < past:
                continue
            word, start = words[index], starts[index]
            length = self._phrase_at(pieces, words, index)
            if length:
                past = index + length
                end = starts[past - 1] + len(words[past - 1])
                last = next(
                    form
                    for form in (words[past - 1], *_without_genitive(words[past - 1]))
                    if (*words[index : past - 1], form) in self._phrases
                )
                phrase = (*words[index : past - 1], last)
                county = self._counties.get(phrase)
                meaning = self._phrases[phrase]
                lead = _lead(words, index)
                spans.append(Span(start, end, text[start:end], meaning, county, lead=lead))
                continue
            found = list(self._in_word(word, start, _lead(words, index)))
            if not found and word not in self._lengths:
                if len(nameless) > MOST:
                    nameless.clear()
                nameless.add(word)
            elif found and not _inside_address(text, start, start + len(word)):
                spans.extend(found)
        return spans

    def _phrase_at(self, pieces: list[str], words: list[str], index: int) -> int:
        """How many words from ``index`` on are one name of several words; 0 if none."""
        for length in self._lengths.get(words[index], ()):
            until = index + length
            if length == 1 or until > len(words):
                continue
            known = any(
                (*words[index : until - 1], form) in self._phrases
                for form in (words[until - 1], *_without_genitive(words[until - 1]))
            )
            if known and all(_GAP.match(gap) for gap in pieces[2 * index + 2 : 2 * until : 2]):
                return length
        return 0

    def _in_word(self, word: str, start: int, lead: str) -> Iterator[Span]:
        meaning, county = self._word(word)
        if meaning or county:
            known = meaning or county
            yield Span(start, start + len(word), word, known, county, lead=lead)  # type: ignore[arg-type]
            return
        parts = word.split("-")
        at, offset, in_town = 0, start, False
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
                yield Span(offset, offset + len(name), name, found, part=True, lead=lead)
            else:
                name, until = parts[at], at + 1
            offset += len(name) + 1
            at = until

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


def _lead(words: list[str], index: int) -> str:
    """The nearest word before ``index`` that is no small one."""
    while index and words[index - 1] in _SMALL_WORDS:
        index -= 1
    return words[index - 1] if index else ""


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
