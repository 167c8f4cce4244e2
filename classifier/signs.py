"""Signs in the opening of an item: an occasion, a survey of many, a law, something of the place."""

from __future__ import annotations

import re
import tomllib

from classifier.keeping import Kept
from classifier.names import DATA

#: Words by the part they show a place to play, and by the sign they are: ``data/roles.toml``.
ROLES: dict[str, list[str]] = tomllib.loads((DATA / "roles.toml").read_text(encoding="utf-8"))
#: Where the first word of an expression ends.
FIRST_WORD = re.compile(r"\(\?: | ")


def any_of(key: str) -> str:
    """One expression for all entries of ``roles.toml`` under this key."""
    return "(?:" + "|".join(ROLES[key]) + ")"


#: Matches nothing.
_NEVER = r"(?!)"
#: By name: "event", an occasion with a venue or a comparison of many; "pilot", something is tried
#: out; "together", several act; "generic", many are meant; "survey", many were asked or compared;
#: "local", what every place has and a paper at home need not name; "law", a federal law or
#: ordinance, by its name or as jurists shorten it.
_SIGNS = {
    **{
        key: re.compile(rf"(?<![\w-]){any_of(key)}(?![\w-])")
        for key in ("event", "pilot", "together", "generic", "survey", "local")
    },
    "law": re.compile(
        r"(?<!\w)(?!Landes)(?:[A-ZÄÖÜ][\wäöüß-]{3,}(?:gesetz|gesetzbuch|verordnung|novelle)(?:e?s)?"
        r"|[A-ZÄÖÜ][A-Za-zÄÖÜäöü0-9]+[a-zäöü][A-Za-z0-9]*(?:G|GB|VO))(?!\w)"
    ),
}
#: The same for the first words of entries of several words, and for the numbers of many.
_MAY_BEGIN = {
    key: re.compile(
        "|".join([_NEVER, *(FIRST_WORD.split(entry)[0] for entry in ROLES[key] if " " in entry)])
    )
    for key in _SIGNS
    if key in ROLES
}
#: "107 Städten", "1.047 Bürgermeister": so many are no list of places (from forty on).
_NUMBER = r"(?<![\d.,])(?:[4-9]\d|[1-9]\d{2}|[1-9]\.?\d{3}|1[01]\.?\d{3})"
_SIGNS["many"] = re.compile(rf"{_NUMBER} (?:[a-zäöüß]+ )?(?:{'|'.join(ROLES['many'])})(?!\w)")
_MAY_BEGIN["many"] = re.compile(rf"{_NUMBER}\Z")
_NOTHING: frozenset[str] = frozenset()


#: Stands before a sign that a word only may begin.
_PERHAPS = "?"


def _signs_of(word: str) -> frozenset[str]:
    """The signs that a word with its punctuation gives, and, marked, those it may begin."""
    given = {key for key, pattern in _SIGNS.items() if pattern.search(word)}
    begun = {key for key, pattern in _MAY_BEGIN.items() if pattern.search(word)}
    return frozenset(given | {_PERHAPS + key for key in begun - given})


_SIGNS_OF = Kept(_signs_of)


def signs_in(text: str) -> frozenset[str]:
    """Which of ``event pilot together generic survey local law many`` an item's opening shows."""
    likely = _NOTHING.union(*filter(None, _SIGNS_OF.of_all(text.split())))
    return frozenset(
        key
        for key in _SIGNS
        if key in likely or (_PERHAPS + key in likely and _SIGNS[key].search(text))
    )
