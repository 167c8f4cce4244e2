"""What every name may mean: the tables of names, built from the register and ``names.toml``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from classifier.places import TOKEN, GazetteerError, PlaceRecord, demonyms, spellings

DATA = Path(__file__).with_name("data")

#: People of towns smaller than this are hardly ever meant by a word in -er.
_DEMONYM_POPULATION = 5_000
#: Länder whose districts have names, and people, of their own.
_CITY_STATES = ("DE-BE", "DE-HH", "DE-HB")


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a name may mean."""

    #: land, adjective, region, body, place, county, demonym, hint; bund, bund_word, bund_term,
    #: bund_weak (the federation: names.toml); abroad; trap
    kind: str
    #: Länder it may lie in, with the places meant (none for names of a Land)
    candidates: tuple[tuple[str, PlaceRecord | None], ...] = ()
    #: True: the Länder of all candidates are meant together
    shared: bool = False
    #: True: also a common word or surname
    common_word: bool = False
    #: True: the whole official name stood there, qualifier included
    full: bool = False
    #: True: of a Land or region, and also a noun or another abbreviation: "das Baden im See"
    doubtful: bool = False

    #: inhabitants of the largest candidate; 0 for what is no place
    population: int = field(init=False)
    #: the one Land of all candidates, if there is one
    only_land: str | None = field(init=False)

    def __post_init__(self) -> None:
        # Asked of every name of every text.
        largest = max((place.population for _, place in self.candidates if place), default=0)
        lands = {land for land, _ in self.candidates}
        object.__setattr__(self, "population", largest)
        object.__setattr__(self, "only_land", lands.pop() if len(lands) == 1 else None)


class Names:
    """All names: of one word or several, of counties, and beginnings of words."""

    def __init__(self, places: Iterable[PlaceRecord], names: dict[str, dict[str, object]]) -> None:
        self.places = {record.ags: record for record in places}
        self.phrases: dict[tuple[str, ...], Meaning] = {}
        self.counties: dict[tuple[str, ...], Meaning] = {}
        #: first four letters → beginnings of words and what they mean
        self.prefixes: dict[str, list[tuple[str, Meaning]]] = {}
        traps = names["traps"]
        self._common_words = frozenset(strings(traps["common_words"]))
        self._doubtful = frozenset(strings(traps["doubtful"]))
        self._no_demonyms = frozenset(strings(traps["no_demonyms"]))
        # Later entries outrank earlier ones: a Land before a town of its name.
        self._add_places(names["demonyms"])
        self._add_names(names)
        for phrase in strings(traps["phrases"]):
            self._add(phrase, Meaning("trap"))

    def _add(self, pattern: str, meaning: Meaning) -> None:
        words = tuple(TOKEN.findall(pattern))
        if not pattern.endswith("*"):
            self.phrases[words] = meaning
        elif len(words) == 1:
            stem = words[0] + ("-" if pattern.endswith("-*") else "")
            self.prefixes.setdefault(stem[:4].lower(), []).append((stem, meaning))
        else:
            for ending in ("", "s", "es", "e", "en", "n", "er", "in"):
                self.phrases[(*words[:-1], words[-1] + ending)] = meaning

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
                for word in strings(irregular.get(record.plain_name, [])):
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
                    self.counties[phrase] = meaning
                    self.phrases.setdefault(phrase, meaning)
                else:
                    self.phrases[phrase] = meaning

    def _add_names(self, names: dict[str, dict[str, object]]) -> None:
        for pattern in strings(names["abroad"]["names"]):
            self._add(pattern, Meaning("abroad"))
        for key, kind in (
            ("weak", "bund_weak"), ("terms", "bund_term"), ("words", "bund_word"),
            ("bodies", "bund"),
        ):  # fmt: skip
            for pattern in strings(names["bund"][key]):
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
                for pattern in strings(entry[key]):
                    place = city_states.get(pattern) if kind == "land" else None
                    doubtful = pattern in self._doubtful
                    self._add(pattern, Meaning(kind, ((code, place),), doubtful=doubtful))
                    if key == "regions" and code in _CITY_STATES and " " not in pattern:
                        for word in demonyms(pattern) - self._no_demonyms:
                            self.phrases.setdefault((word,), Meaning(kind, ((code, None),)))
        for code, entry in names["associations"].items():
            for word in strings(entry["words"]):  # type: ignore[index]
                for name in strings(entry["names"]):  # type: ignore[index]
                    self._add(f"{word} {name}", Meaning("county", ((code, None),), full=True))
        for pattern, tenths in names["hints"].items():
            likely = tuple((code, None) for code, times in tenths.items() for _ in range(times))  # type: ignore[attr-defined]
            self._add(pattern, Meaning("hint", likely))
        for pattern, codes in names["shared"].items():
            lands = tuple((code, None) for code in strings(codes))
            # "Freistaat" is one of three; a metropolitan region is all of its Länder.
            self._add(pattern, Meaning("region", lands, shared=pattern != "Freistaat"))


def strings(values: object) -> list[str]:
    """A list of strings of names.toml. Raises ``GazetteerError`` when it is anything else."""
    if not isinstance(values, list):
        raise GazetteerError(f"names.toml: a list of strings is wanted, not {values!r}; mend it")
    return [str(value) for value in values]
