"""The same training text as other publishers would show it: what the states model learns from."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace

from classifier.addresses import transliterated
from classifier.corpus import Example
from classifier.gazetteer import load_gazetteer
from classifier.state_columns import LANDS
from classifier.texts import FIELDS, Text

#: Of 256 texts about a Land so many stand in a paper of any Land, not of theirs.
_ELSEWHERE = 26
#: Of 256 texts so many are addressed at a paper of their Land, the others at no Land's.
_AT_HOME = 128
#: Of 256 addressed texts about one Land so many name it in their address alone.
_ONLY_ADDRESSED = 90
#: A host of no Land.
_NOWHERE = "example.org"


def _lot(example: Example, number: int) -> bytes:
    """Random bytes, the same for the same text."""
    return hashlib.sha256(f"{example.id}{number}".encode()).digest()


def _about(example: Example) -> list[str]:
    return sorted(example.states - {"bund"})


def _home_of(code: str) -> str:
    return load_gazetteer().addresses.a_home[code]


def with_other_publisher(example: Example) -> Text:
    """With the publisher hidden; an association's without a Land as of a body of the whole
    country."""
    national = example.register == "association" and example.text.publisher_land is None
    return replace(example.text, publisher_land="bund" if national else None)


def in_a_paper(example: Example) -> Text:
    """At the address of a local paper: nine times in ten one of the Land it is about, if there is
    one, else one of any."""
    about, lot = _about(example), _lot(example, 0)
    code = about[0] if about and lot[0] >= _ELSEWHERE else LANDS[lot[1] % len(LANDS)]
    return replace(example.text, publisher_land=None, url=f"https://www.{_home_of(code)}/")


def by_an_office(example: Example) -> Text:
    """As issued by an office of the Land it is about; as it is, if it is about none."""
    about = _about(example)
    if example.text.publisher_land is not None or not about:
        return example.text
    return replace(example.text, publisher_land=about[0], url=None)


def at_home(example: Example) -> Text:
    """In a paper of the Land it is about, for readers who know where they live: without the names
    of places, if it is about one Land alone. Else in a paper of any Land, as it is."""
    about, lot = _about(example), _lot(example, 2)
    text = unnamed(example.text) if example.states == set(about) and len(about) == 1 else (
        example.text
    )  # fmt: skip
    code = about[0] if about else LANDS[lot[0] % len(LANDS)]
    return replace(text, publisher_land=None, url=f"https://www.{_home_of(code)}/")


def addressed(example: Example) -> Text:
    """At an address that holds its headline, half of the time of a paper of its Land; of those
    about one Land alone a third names it only there."""
    about, lot = _about(example), _lot(example, 1)
    host = _home_of(about[0]) if about and lot[0] < _AT_HOME else _NOWHERE
    words = re.sub("[^a-z0-9]+", "-", transliterated(example.text.title or "")).strip("-")
    only_there = example.states == set(about) and len(about) == 1 and lot[2] < _ONLY_ADDRESSED
    text = unnamed(example.text) if only_there else example.text
    return replace(text, publisher_land=None, url=f"https://www.{host}/{words}")


def unnamed(text: Text) -> Text:
    """A text without its names of places and Länder."""
    gazetteer = load_gazetteer()
    fields: dict[str, str] = {}
    for name in FIELDS:
        value = getattr(text, name)
        if not value:
            continue
        kept, past = [], 0
        for span in gazetteer.find(value):
            if span.meaning.candidates:
                kept.append(value[past : span.start])
                past = span.end
        fields[name] = "".join((*kept, value[past:]))
    return replace(text, **fields)
