"""What a web address tells: for whom its host speaks, and which Länder its path names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from classifier.names import Meaning, strings
from classifier.places import TOKEN

#: A town's name counts in an address only from this size on: smaller ones are words and families.
_LEAST_POPULATION = 10_000
#: A name that is a common word, too, is a town's only as a whole host name, from this size on.
_GREAT = 100_000
#: Of towns of one name in several Länder the largest has the address if it outweighs the others
#: so many times.
_OUTWEIGHS = 4
#: What offices put before or after their town's name in a host name.
_OFFICE = re.compile(
    r"\A(?:stadt|gemeinde|landkreis|kreis|lk|lra|markt|samtgemeinde|sg|verbandsgemeinde|vg|amt|rathaus|presse"
    r"|digital|smart)-?|-(?:online|direkt)\Z"
)
#: What papers, parties and associations of a place put there.
_PRESS = re.compile(
    r"-?(?:zeitung|anzeiger|tageblatt|tagblatt|kreisblatt|wochenblatt|nachrichten|kurier|bote|rundschau|allgemeine|merkur|"
    r"presse|news|aktuell|lokal|online|live|heute|regional|fernsehen|tv|radio|magazin|blog|post|echo|journal|"
    r"stadtmagazin|heimatzeitung|land|blick|report|portal)(?=-|\Z)"
)
_TRANSLITERATION = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_NAMED = ("land", "county")
#: Short forms of Länder that addresses have.
_SHORT = ("nrw", "rlp")


@dataclass(frozen=True, slots=True)
class Told:
    """What one address tells."""

    #: Land (or ``bund``) that the owner of the host speaks for: an office, a body
    publisher: str | None = None
    #: Land of the host's readers or members: a local paper, a party in a town
    home: str | None = None
    #: Länder of names in the path, in its order
    path: tuple[str, ...] = ()


class Addresses:
    """The names as they stand in web addresses: ``koeln``, ``frankfurt-oder``."""

    def __init__(
        self,
        phrases: Mapping[tuple[str, ...], Meaning],
        hosts: Mapping[str, object],
        homes: Mapping[str, object],
        associations: Mapping[str, object],
        adjectives: Mapping[str, str],
    ) -> None:
        self._hosts = {end: code for code, ends in hosts.items() for end in strings(ends)}
        self._homes = {end: code for code, ends in homes.items() for end in strings(ends)}
        #: Land → a host at home there, for training
        self.a_home = {code: strings(ends)[0] for code, ends in homes.items()}
        #: Länder, and towns that are no common word and lie in one Land
        self._lands: dict[str, str] = {}
        #: associations of municipalities, named as nothing else is: only hosts of their offices
        self._associations: dict[str, str] = {}
        #: their people: only hosts of papers are called so
        self._people: dict[str, str] = {}
        #: great towns whose names are common words: only a host of theirs alone
        self._owners: dict[str, str] = {}
        #: towns of any size: only after an office's word, "gemeinde-", "vg-"
        self._offices: dict[str, str] = {}
        for phrase, meaning in phrases.items():
            key = transliterated("-".join(phrase))
            if not (land := _land_of(meaning)):
                continue
            if meaning.kind == "place":
                self._offices[key] = land
            if meaning.common_word:
                if meaning.kind == "place" and meaning.population >= _GREAT:
                    self._owners[key] = land
                continue
            if meaning.kind in _NAMED or (
                meaning.kind == "place" and meaning.population >= _LEAST_POPULATION
            ):
                self._lands[key] = land
            elif meaning.kind in ("demonym", "region", "adjective"):
                self._people[key] = land
        #: adjectives and people of Länder, as paths have them: "thueringer", "niedersaechsischer"
        self._spoken = {key: land for key, land in adjectives.items() if len(key) > 6}
        for code, entry in associations.items():
            for name in strings(entry["names"]):  # type: ignore[index]
                words = tuple(TOKEN.findall(name))
                if words not in phrases and len(name) > 4:
                    key = transliterated("-".join(words))
                    # One of two Länder of the same name is not told by the host.
                    self._associations[key] = code if key not in self._associations else ""

    def read(self, url: str | None) -> Told:
        """What an address tells; nothing where it is none."""
        try:
            split = urlsplit(url or "")
        except ValueError:
            return Told()
        if not split.netloc:
            return Told()
        publisher = self.publisher_of(split.netloc)
        home = None if publisher else self.home_of(split.netloc)
        return Told(publisher, home, tuple(self.in_path(split.path)))

    def publisher_of(self, host: str) -> str | None:
        """The Land (or ``bund``) that the owner of a host name speaks for, where it shows."""
        labels = _labels(host)
        if code := _ending(labels, self._hosts):
            return code
        if _ending(labels, self._homes):
            return None
        for label in reversed(labels[:-1]):
            bare = _OFFICE.sub("", label)
            if len(bare) > 2 and (code := self._lands.get(bare) or self._associations.get(bare)):
                return code
            if len(bare) > 2 and (code := (self._owners, self._offices)[bare != label].get(bare)):
                return code
        return None

    def home_of(self, host: str) -> str | None:
        """The Land of a host's readers or members, where its name shows it."""
        labels = _labels(host)
        if code := _ending(labels, self._homes):
            return code
        for label in reversed(labels[:-1]):
            bare = _PRESS.sub("", label).strip("-")
            if bare != label and (code := self._lands.get(bare) or self._people.get(bare)):
                return code
            if "-" in label and (found := list(self._in_words(label.split("-")))):
                return found[-1]
        return None

    def in_path(self, path: str) -> list[str]:
        """The Länder of names among the words of a web address's path, in its order."""
        return [
            code
            for part in path.lower().split("/")
            for code in self._in_words([word for word in re.split(r"[^a-z]+", part) if word], True)
        ]

    def _in_words(self, words: list[str], spoken: bool = False) -> Iterator[str]:
        at = 0
        while at < len(words):
            for until in range(min(len(words), at + 4), at, -1):
                name = "-".join(words[at:until])
                if (len(name) > 3 or name in _SHORT) and (code := self._lands.get(name)):
                    yield code
                    at = until - 1
                    break
            else:
                if spoken and (code := self._spoken.get(words[at])):
                    yield code
            at += 1


def transliterated(name: str) -> str:
    """A name as web addresses write it: ``Köln`` → ``koeln``."""
    return name.lower().translate(_TRANSLITERATION)


def _land_of(meaning: Meaning) -> str | None:
    """The one Land of a name; of a town's name in several that of the town that outweighs them."""
    largest: dict[str, int] = {}
    for land, place in meaning.candidates:
        largest[land] = max(largest.get(land, 0), place.population if place else 0)
    if len(largest) > 1:
        if meaning.kind != "place":
            return None
        first, second = sorted(largest.values(), reverse=True)[:2]
        if first < _OUTWEIGHS * second:
            return None
    return max(largest, key=lambda land: largest[land], default=None)


def _labels(host: str) -> list[str]:
    return [label for label in host.lower().split(":")[0].split(".") if label]


def _ending(labels: list[str], known: Mapping[str, str]) -> str | None:
    """What is known of the longest end of a host name."""
    for at in range(len(labels)):
        if code := known.get(".".join(labels[at:])):
            return code
    return None
