"""The names of places, Länder and bodies, and finding them in a text."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from classifier.places import TOKEN, GazetteerError, PlaceRecord, demonyms, read_places, spellings

DATA = Path(__file__).with_name("data")

#: What may stand between the words of one name: ``Frankfurt (Oder)``, ``Neustadt a.d. Aisch``.
_GAP = re.compile(r"[ .(/,)-]{0,3}\Z")
_ENDING = re.compile(r"(?<=sch)e[mnrs]?\Z")
#: What offices put before or after their town's name in a host name.
_OFFICE_IN_HOST = re.compile(
    r"\A(?:stadt|gemeinde|landkreis|kreis|lk|lra|markt|samtgemeinde|rathaus|presse|digital|smart)-?|-(?:online|direkt)\Z"
)
_TRANSLITERATION = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
#: People of towns smaller than this are hardly ever meant by a word in -er.
_DEMONYM_POPULATION = 5_000
#: A part of a hyphenated word ("Köln-Mülheim") counts as a town only from this size on.
_PART_POPULATION = 10_000


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a name may mean."""

    #: land, adjective, region, body, place, county, demonym; bund, bund_word, bund_term, bund_weak
    #: (the federation: names.toml); abroad; trap
    kind: str
    #: Länder it may lie in, with the places meant (none for names of a Land)
    candidates: tuple[tuple[str, PlaceRecord | None], ...] = ()
    #: True: the Länder of all candidates are meant together
    shared: bool = False
    #: True: also a common word or surname
    common_word: bool = False
    #: True: the whole official name stood there, qualifier included
    full: bool = False

    @property
    def population(self) -> int:
        """Inhabitants of the largest candidate; 0 for what is no place."""
        return max((place.population for _, place in self.candidates if place), default=0)


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


class Gazetteer:
    """All names, ready to be found. Build it once (``load_gazetteer``); it never changes."""

    def __init__(self, places: Iterable[PlaceRecord], names: dict[str, dict[str, object]]) -> None:
        self.places = {record.ags: record for record in places}
        self._phrases: dict[tuple[str, ...], Meaning] = {}
        self._counties: dict[tuple[str, ...], Meaning] = {}
        self._prefixes: dict[str, list[tuple[str, Meaning]]] = {}
        #: first word of a name → lengths in words of the names that begin so, longest first
        self._lengths: dict[str, list[int]] = {}
        traps = names["traps"]
        self._common_words = frozenset(_strings(traps["common_words"]))
        self.first_names = frozenset(_strings(traps["first_names"]))
        self._hosts = {
            ending: code for code, endings in names["hosts"].items() for ending in _strings(endings)
        }
        self._no_demonyms = frozenset(_strings(traps["no_demonyms"]))
        # Later entries outrank earlier ones: a Land before a town of its name.
        self._add_places(names["demonyms"])
        self._add_names(names)
        for phrase in _strings(traps["phrases"]):
            self._add(phrase, Meaning("trap"))
        lengths: dict[str, set[int]] = {}
        for words in (*self._phrases, *self._counties):
            lengths.setdefault(words[0], set()).add(len(words))
        self._lengths = {word: sorted(found, reverse=True) for word, found in lengths.items()}
        self._addresses: dict[str, str] = {}
        #: words that are no name and begin none: most of every text
        self._nameless: set[str] = set()
        self._single: dict[str, tuple[Meaning | None, Meaning | None]] = {}

    # -- building ---------------------------------------------------------------------------------

    def _add(self, pattern: str, meaning: Meaning) -> None:
        words = tuple(TOKEN.findall(pattern))
        if not pattern.endswith("*"):
            self._phrases[words] = meaning
        elif len(words) == 1:
            stem = words[0] + ("-" if pattern.endswith("-*") else "")
            self._prefixes.setdefault(stem[:4].lower(), []).append((stem, meaning))
        else:
            for ending in ("", "s", "es", "e", "en", "n", "er", "in"):
                self._phrases[(*words[:-1], words[-1] + ending)] = meaning

    def _add_places(self, irregular: dict[str, object]) -> None:
        towns: dict[tuple[str, ...], list[PlaceRecord]] = {}
        people: dict[tuple[str, ...], list[PlaceRecord]] = {}
        counties: dict[tuple[str, ...], list[PlaceRecord]] = {}
        full: set[tuple[str, ...]] = set()
        for record in self.places.values():
            base = tuple(TOKEN.findall(record.base_name))
            target = counties if record.kind == "county" else towns
            forms = spellings(record)
            for form in forms | {base}:
                target.setdefault(form, []).append(record)
            full |= {form for form in forms if len(form) > len(base)}
            if (
                record.kind != "county"
                and record.population >= _DEMONYM_POPULATION
                and (
                    len(base) > 1 or base[0] not in self._common_words or record.population > 40_000
                )
            ):
                words = demonyms(base[-1]) - self._no_demonyms
                for word in words:
                    people.setdefault((*base[:-1], word), []).append(record)
                for word in _strings(irregular.get(record.plain_name, [])):
                    if word.endswith("*"):
                        self._add(word, Meaning("demonym", ((record.land, record),)))
                    else:
                        people.setdefault((word,), []).append(record)
        for phrases, kind in ((people, "demonym"), (towns, "place"), (counties, "county")):
            for phrase, records in phrases.items():
                meaning = Meaning(
                    kind,
                    tuple((record.land, record) for record in records),
                    common_word=phrase[-1] in self._common_words and len(phrase) == 1,
                    full=phrase in full,
                )
                if kind == "county":
                    self._counties[phrase] = meaning
                    self._phrases.setdefault(phrase, meaning)
                else:
                    self._phrases[phrase] = meaning

    def _add_names(self, names: dict[str, dict[str, object]]) -> None:
        for pattern in _strings(names["abroad"]["names"]):
            self._add(pattern, Meaning("abroad"))
        for key, kind in (
            ("weak", "bund_weak"), ("terms", "bund_term"), ("words", "bund_word"),
            ("bodies", "bund"),
        ):  # fmt: skip
            for pattern in _strings(names["bund"][key]):
                self._add(pattern, Meaning(kind))
        city_states = {
            record.plain_name: record
            for record in self.places.values()
            if record.plain_name in ("Berlin", "Hamburg", "Bremen") and record.kind == "city"
        }
        by_name = {record.plain_name: record for record in self.places.values()}
        for alias, official in names["aliases"].items():
            if official not in by_name:
                raise GazetteerError(f"names.toml: no place is named {official!r}; mend [aliases]")
            record = by_name[str(official)]
            kind = "demonym" if alias.endswith("er") else "place"
            self._add(alias, Meaning(kind, ((record.land, record),)))
        for code, entry in names["lands"].items():
            if not isinstance(entry, dict):
                raise GazetteerError(f"names.toml: [lands.{code}] must be a table; mend it")
            for key, kind in (
                ("regions", "region"), ("adjectives", "adjective"), ("bodies", "body"),
                ("names", "land"),
            ):  # fmt: skip
                for pattern in _strings(entry[key]):
                    place = city_states.get(pattern) if kind == "land" else None
                    self._add(pattern, Meaning(kind, ((code, place),)))
        for pattern, codes in names["shared"].items():
            lands = tuple((code, None) for code in _strings(codes))
            # "Freistaat" is one of three; a metropolitan region is all of its Länder.
            self._add(pattern, Meaning("region", lands, shared=pattern != "Freistaat"))

    # -- finding ----------------------------------------------------------------------------------

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
            if len(self._single) > 200_000:  # keeps memory flat over endless input
                self._single.clear()
            self._single[word] = known
        return known

    def find(self, text: str) -> list[Span]:
        """The names in ``text``, in its order, without overlaps; the longest name wins."""
        tokens = list(TOKEN.finditer(text))
        words = [match.group() for match in tokens]
        spans: list[Span] = []
        past = 0
        for index, word in enumerate(words):
            if word in self._nameless or index < past:
                continue
            start = tokens[index].start()
            length = self._phrase_at(text, tokens, words, index)
            if length:
                end, past = tokens[index + length - 1].end(), index + length
                last = next(
                    form
                    for form in (words[past - 1], *_without_genitive(words[past - 1]))
                    if (*words[index : past - 1], form) in self._phrases
                )
                phrase = (*words[index : past - 1], last)
                county = self._counties.get(phrase)
                spans.append(Span(start, end, text[start:end], self._phrases[phrase], county))
                continue
            found = list(self._in_word(word, start))
            if not found and word not in self._lengths:
                if len(self._nameless) > 200_000:  # keeps memory flat over endless input
                    self._nameless.clear()
                self._nameless.add(word)
            elif found and not _inside_address(text, start, tokens[index].end()):
                spans.extend(found)
        return spans

    def _phrase_at(
        self, text: str, tokens: list[re.Match[str]], words: list[str], index: int
    ) -> int:
        """How many words from ``index`` on are one name of several words; 0 if none."""
        for length in self._lengths.get(words[index], ()):
            until = index + length
            if length == 1 or until > len(words):
                continue
            known = any(
                (*words[index : until - 1], form) in self._phrases
                for form in (words[until - 1], *_without_genitive(words[until - 1]))
            )
            if known and all(
                _GAP.match(text, tokens[at].end(), tokens[at + 1].start())
                for at in range(index, until - 1)
            ):
                return length
        return 0

    def _address(self, words: str) -> str | None:
        """The Land of a name as it stands in web addresses: ``koeln``, ``frankfurt-oder``.

        Only Länder, and towns that are no common word and lie in one Land.
        """
        if not self._addresses:
            for phrase, meaning in self._phrases.items():
                lands = {land for land, _ in meaning.candidates}
                if len(lands) == 1 and (
                    meaning.kind in ("land", "county")
                    or (
                        meaning.kind == "place"
                        and not meaning.common_word
                        and meaning.population >= _PART_POPULATION
                    )
                ):
                    key = "-".join(phrase).lower().translate(_TRANSLITERATION)
                    self._addresses[key] = next(iter(lands))
        return self._addresses.get(words)

    def publisher_of(self, host: str) -> str | None:
        """The Land (or ``bund``) that the owner of a host name speaks for, where it shows."""
        labels = [label for label in host.lower().split(":")[0].split(".") if label]
        for at in range(len(labels)):
            if code := self._hosts.get(".".join(labels[at:])):
                return code
        for label in reversed(labels[:-1]):
            bare = _OFFICE_IN_HOST.sub("", label)
            if len(bare) > 2 and (code := self._address(bare)):
                return code
        return None

    def in_path(self, path: str) -> list[str]:
        """The Länder of names among the words of a web address's path, in its order."""
        found: list[str] = []
        for part in path.lower().split("/"):
            words = [word for word in re.split(r"[^a-z]+", part) if word]
            at = 0
            while at < len(words):
                for until in range(min(len(words), at + 4), at, -1):
                    name = "-".join(words[at:until])
                    if len(name) > 3 and (code := self._address(name)):
                        found.append(code)
                        at = until - 1
                        break
                at += 1
        return found

    def _in_word(self, word: str, start: int) -> Iterator[Span]:
        meaning, county = self._word(word)
        if meaning or county:
            yield Span(start, start + len(word), word, meaning or county, county)  # type: ignore[arg-type]
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
                yield Span(offset, offset + len(name), name, found, part=True)
            else:
                name, until = parts[at], at + 1
            offset += len(name) + 1
            at = until

    def _counts_as_part(self, meaning: Meaning, in_town: bool) -> bool:
        if meaning.kind == "place":
            return (
                not in_town and not meaning.common_word and meaning.population >= _PART_POPULATION
            )
        return meaning.kind in ("land", "body", "bund", "region")


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


def _strings(values: object) -> list[str]:
    if not isinstance(values, list):
        raise GazetteerError(f"names.toml: a list of strings is wanted, not {values!r}; mend it")
    return [str(value) for value in values]


@cache
def load_gazetteer() -> Gazetteer:
    """The gazetteer of ``data/``. Raises ``GazetteerError``."""
    names = tomllib.loads((DATA / "names.toml").read_text(encoding="utf-8"))
    return Gazetteer(read_places(DATA / "places.csv"), names)
