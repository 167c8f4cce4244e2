"""The rows of numbers that the states model reads: their columns by name, and names counted."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from math import exp, log

import numpy as np
import numpy.typing as npt

from classifier.mentions import Mention
from store.types import STATES

#: The Länder in the order of all rows; the federation has a row of its own.
LANDS = tuple(code for code in STATES if code != "bund")
LAND_INDEX = {code: index for index, code in enumerate(LANDS)}
Floats = npt.NDArray[np.float32]

#: Parts of an item, by how much a name there says of the whole.
PART_WEIGHT = {"kicker": 4.0, "title": 3.0, "teaser": 2.0, "body": 0.6}
_PARTS = tuple(PART_WEIGHT)
#: Kinds of names that are counted apart.
_SORTS = ("land", "adjective", "place", "body", "hint")
_SORT_OF = {
    "land": "land", "region": "place", "adjective": "adjective", "demonym": "place",
    "place": "place", "county": "place", "body": "body", "hint": "hint",
}  # fmt: skip
_NATIONAL = {"bund": "national", "bund_word": "whole", "bund_term": "term", "bund_weak": "weak"}
_ROLES = ("comparison", "venue", "vendor", "dateline", "quoted", "near", "school")

#: Names of the columns of a Land's row.
LAND_COLUMNS = (
    *(f"{sort}_{part}" for sort in _SORTS for part in _PARTS),
    *(f"office_{part}" for part in _PARTS),
    *(f"role_{role}" for role in _ROLES),
    "share", "top", "first", "any", "only", "rivals",
    "venue_only", "titled", "led", "titled_rivals", "joined", "together", "event", "event_office",
    "publisher", "publisher_alone", "publisher_named", "publisher_other",
    "home_alone", "home_named", "home_other",
    "national_title", "national_teaser", "whole", "weak", "crowd", "abroad_title", "small",
    "generic_untitled", "words",
    "path", "path_alone", "path_home", "home_local", "home_general", "survey", "survey_untitled",
)  # fmt: skip
#: Names of the columns of the federation's row.
BUND_COLUMNS = (
    *(f"{sort}_{part}" for sort in _NATIONAL.values() for part in _PARTS),
    "abroad_title", "abroad_other", "any_land", "land_title", "land_mass", "top_share", "lands",
    "office", "publisher", "publisher_land", "home", "national_unopposed", "whole_unopposed",
    "term_unopposed", "nothing", "national_only_body",
    "berlin_only", "event", "together", "roles", "titled", "pilot",
    "generic", "generic_untitled", "law", "law_unopposed",
    "words", "words_alone",
    "survey", "survey_unopposed", "many", "many_unopposed", "local", "local_unopposed",
    "home_local", "path", "titled_unnational",
)  # fmt: skip
_LAND_COLUMN = {name: index for index, name in enumerate(LAND_COLUMNS)}
_BUND_COLUMN = {name: index for index, name in enumerate(BUND_COLUMNS)}
#: The columns that count names of a kind, by part.
_OF_SORT = {kind: {part: f"{sort}_{part}" for part in _PARTS} for kind, sort in _SORT_OF.items()}
_OF_NATIONAL = {
    kind: {part: f"{sort}_{part}" for part in _PARTS} for kind, sort in _NATIONAL.items()
}
_OF_ABROAD = {
    part: "abroad_title" if part in ("kicker", "title") else "abroad_other" for part in _PARTS
}
_OF_OFFICE = {part: f"office_{part}" for part in _PARTS}
_OF_ROLE = {role: f"role_{role}" for role in _ROLES}

#: A row while it is gathered: a text names one or two Länder, and few columns of each.
Numbers = defaultdict[str, float]


def _numbers() -> Numbers:
    return defaultdict(float)


@dataclass(frozen=True, slots=True)
class StateRows:
    """The features of one text and the names they come from."""

    lands: Floats  # len(LANDS) × len(LAND_COLUMNS)
    bund: Floats  # len(BUND_COLUMNS)
    mentions: tuple[Mention, ...]
    empty: bool


class Counting:
    """The numbers of one text while they are gathered, by the names of their columns."""

    def __init__(self) -> None:
        #: by the Land's place in ``LANDS``
        self.lands: defaultdict[int, Numbers] = defaultdict(_numbers)
        self.bund = _numbers()
        #: how much of the text each Land named has
        self.mass: defaultdict[int, float] = defaultdict(float)
        self.offices = 0.0
        #: the Land named first
        self.first: int | None = None

    def count(self, mention: Mention, part: str) -> None:
        """Adds one name, which stands in this part."""
        kind = mention.kind
        if kind in _OF_NATIONAL:
            self.bund[_OF_NATIONAL[kind][part]] += 1
            return
        if kind == "abroad":
            self.bund[_OF_ABROAD[part]] += 1
            return
        for land, likely in mention.lands.items():
            at = LAND_INDEX[land]
            row, counted = self.lands[at], mention.strength * likely
            if mention.role:
                row[_OF_ROLE[mention.role]] += counted
                continue
            row[_OF_SORT[kind][part]] += counted
            self.mass[at] += counted * PART_WEIGHT[part]
            if mention.office:
                row[_OF_OFFICE[part]] += likely
                self.offices += likely
            if self.first is None and counted > 0.5:
                self.first = at

    def dampen(self) -> None:
        """Makes the second name say less than the first, and the tenth nothing; to be called once,
        when all are counted."""
        for row in self.lands.values():
            for name, value in row.items():
                row[name] = 1 - exp(-1.2 * value)
        for name, value in self.bund.items():
            self.bund[name] = 1 - exp(-0.8 * value)

    def publish(self, at: int, whose: str) -> None:
        """Marks the Land of the publisher, or of the host's readers (``home``)."""
        for other, mass in self.mass.items():
            if other != at and mass > 0:
                self.lands[other][f"{whose}_other"] = 1.0
        named = self.mass.get(at, 0.0) > 0.3
        self.lands[at][f"{whose}_named" if named else f"{whose}_alone"] = 1.0

    def arrays(self) -> tuple[Floats, Floats]:
        """Rows of all Länder, and the federation's."""
        lands = np.zeros(len(LANDS) * len(LAND_COLUMNS), dtype=np.float32)
        places: list[int] = []
        values: list[float] = []
        for at, row in self.lands.items():
            start = at * len(LAND_COLUMNS)
            places += [start + _LAND_COLUMN[name] for name in row]
            values += row.values()
        lands[places] = values
        bund = np.zeros(len(BUND_COLUMNS), dtype=np.float32)
        bund[[_BUND_COLUMN[name] for name in self.bund]] = list(self.bund.values())
        return lands.reshape(len(LANDS), len(LAND_COLUMNS)), bund


def hear_words(rows: StateRows, probability: float) -> None:
    """Writes the words model's probability of ``bund`` into the rows, as a number of the other
    columns' size: a third of its logit, cut at ±2."""
    likely = min(max(probability, 1e-4), 1 - 1e-4)
    sign = max(-2.0, min(2.0, log(likely / (1 - likely)) / 3))
    rows.bund[_BUND_COLUMN["words"]] = sign
    rows.bund[_BUND_COLUMN["words_alone"]] = sign * (rows.bund[_BUND_COLUMN["any_land"]] == 0)
    rows.lands[:, _LAND_COLUMN["words"]] = sign * rows.lands[:, _LAND_COLUMN["any"]]
