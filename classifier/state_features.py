"""What the names in a text say for each Land, and for the federation: rows of numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, log

import numpy as np
import numpy.typing as npt

from classifier.gazetteer import Gazetteer
from classifier.mentions import Mention, find_mentions
from classifier.signs import signs_in
from classifier.texts import Text
from store.types import STATES

#: The Länder in the order of all rows; the federation has a row of its own.
LANDS = tuple(code for code in STATES if code != "bund")
_LAND_INDEX = {code: index for index, code in enumerate(LANDS)}
Floats = npt.NDArray[np.float32]

#: A body's first letters are its lead where there is no teaser.
_LEAD = 350
#: Parts of an item, by how much a name there says of the whole.
_PARTS = ("kicker", "title", "teaser", "body")
_WEIGHT = {"kicker": 4.0, "title": 3.0, "teaser": 2.0, "body": 0.6}
#: How surely a name in an address's path is what the item is about.
_FROM_PATH = 0.8
#: Names of a path that are heard; what stands behind them are a headline's further towns.
_PATH_NAMES = 4
#: From this probability of both on the federation stands beside a Land. In cross-validation half
#: of such pairs below it were wrong, on real items nearly all.
_PAIR = 0.8
#: Kinds of names that are counted apart.
_SORTS = ("land", "adjective", "place", "body", "hint")
_SORT_OF = {
    "land": "land", "region": "place", "adjective": "adjective", "demonym": "place",
    "place": "place", "county": "place", "body": "body", "hint": "hint",
}  # fmt: skip
_NATIONAL = {"bund": "national", "bund_word": "whole", "bund_term": "term", "bund_weak": "weak"}
_NATIONAL_WEIGHT = {"bund": 1.0, "bund_word": 0.8, "bund_term": 0.6, "bund_weak": 0.3}
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
_LC = {name: index for index, name in enumerate(LAND_COLUMNS)}
_BC = {name: index for index, name in enumerate(BUND_COLUMNS)}
#: How many columns count names: the first ones of a Land's row, and of the federation's.
_COUNTS = len(_SORTS) * len(_PARTS) + len(_PARTS) + len(_ROLES)
_HINTS = len(_NATIONAL) * len(_PARTS)
_HEADLINE = tuple(_LC[f"{sort}_{part}"] for sort in _SORTS for part in ("kicker", "title"))


@dataclass(frozen=True, slots=True)
class StateRows:
    """The features of one text and the names they come from."""

    lands: Floats  # len(LANDS) × len(LAND_COLUMNS)
    bund: Floats  # len(BUND_COLUMNS)
    mentions: tuple[Mention, ...]
    empty: bool


def hear_words(rows: StateRows, probability: float) -> None:
    """Writes the words model's probability of ``bund`` into the rows, as a number of the other
    columns' size: a third of its logit, cut at ±2."""
    likely = min(max(probability, 1e-4), 1 - 1e-4)
    sign = max(-2.0, min(2.0, log(likely / (1 - likely)) / 3))
    rows.bund[_BC["words"]] = sign
    rows.bund[_BC["words_alone"]] = sign * (rows.bund[_BC["any_land"]] == 0)
    rows.lands[:, _LC["words"]] = sign * rows.lands[:, _LC["any"]]


def _part(mention: Mention, has_teaser: bool) -> str:
    if mention.field == "body" and not has_teaser and mention.start < _LEAD:
        return "teaser"
    return mention.field


class _Counting:
    """The numbers of one text while they are gathered: plain ones, since a text names one or two
    Länder and arrays of sixteen cost more than they save."""

    def __init__(self) -> None:
        self.lands: dict[int, list[float]] = {}
        self.bund = [0.0] * len(BUND_COLUMNS)
        self.mass: dict[int, float] = {}
        self.offices = 0.0
        self.first: int | None = None

    def of_land(self, at: int) -> list[float]:
        """The row of a Land."""
        row = self.lands.get(at)
        if row is None:
            row = self.lands[at] = [0.0] * len(LAND_COLUMNS)
        return row

    def count(self, mention: Mention, part: str) -> None:
        """Adds one name, which stands in this part."""
        if mention.kind in _NATIONAL:
            self.bund[_BC[f"{_NATIONAL[mention.kind]}_{part}"]] += 1
            return
        if mention.kind == "abroad":
            headline = part in ("kicker", "title")
            self.bund[_BC["abroad_title" if headline else "abroad_other"]] += 1
            return
        for land, likely in mention.lands.items():
            at = _LAND_INDEX[land]
            row, counted = self.of_land(at), mention.strength * likely
            if mention.role:
                row[_LC[f"role_{mention.role}"]] += counted
                continue
            row[_LC[f"{_SORT_OF[mention.kind]}_{part}"]] += counted
            self.mass[at] = self.mass.get(at, 0.0) + counted * _WEIGHT[part]
            if mention.office:
                row[_LC[f"office_{part}"]] += likely
                self.offices += likely
            if self.first is None and counted > 0.5:
                self.first = at

    def publish(self, at: int, whose: str) -> None:
        """Marks the Land of the publisher, or of the host's readers (``home``)."""
        for other in self.mass:
            if other != at and self.mass[other] > 0:
                self.of_land(other)[_LC[f"{whose}_other"]] = 1.0
        row = self.of_land(at)
        named = self.mass.get(at, 0.0) > 0.3
        row[_LC[f"{whose}_named" if named else f"{whose}_alone"]] = 1.0

    def arrays(self) -> tuple[Floats, Floats]:
        """Rows of all Länder, and the federation's."""
        rows = np.zeros((len(LANDS), len(LAND_COLUMNS)), dtype=np.float32)
        for at, row in self.lands.items():
            rows[at] = row
        return rows, np.array(self.bund, dtype=np.float32)


def state_rows(text: Text, fields: Mapping[str, str], gazetteer: Gazetteer) -> StateRows:
    """The rows of one text. ``fields`` is ``text.cleaned()``."""
    told = gazetteer.addresses.read(text.url)
    publisher = text.publisher_land if text.publisher_land in STATES else told.publisher
    home = told.home if publisher is None else None
    mentions = find_mentions(fields, gazetteer, publisher or home)
    counting = _Counting()
    has_teaser = bool(fields["teaser"])
    for mention in mentions:
        counting.count(mention, _part(mention, has_teaser))
    bund, mass = counting.bund, counting.mass
    path = {_LAND_INDEX[land] for land in told.path[:_PATH_NAMES]}
    alone = not any(mass.values())
    for at in path:
        row = counting.of_land(at)
        row[_LC["path"]] = 1.0 / len(path)
        row[_LC["path_home"]] = float(told.home == LANDS[at])
        if alone:
            # An address often holds the whole headline where the title was shortened.
            row[_LC["path_alone"]] = 1.0 / len(path)
            mass[at] = _FROM_PATH * _WEIGHT["title"]
    # The second mention says less than the first, the tenth nothing.
    for row in counting.lands.values():
        row[:_COUNTS] = [1 - exp(-1.2 * value) if value else 0.0 for value in row[:_COUNTS]]
    bund[: _HINTS + 2] = [1 - exp(-0.8 * value) if value else 0.0 for value in bund[: _HINTS + 2]]
    total = sum(mass.values())
    top = min(mass, key=lambda at: (-mass[at], at), default=0)
    present = sum(value > 0.5 for value in mass.values())
    for at, value in mass.items():
        if not value:
            continue
        row = counting.of_land(at)
        row[_LC["share"]] = value / total
        row[_LC["any"]] = float(value > 0.3)
        row[_LC["small"]] = float(value < 0.15 * total)
        row[_LC["rivals"]] = min(present - 1, 5) / 5
        row[_LC["crowd"]] = float(present >= 4)
    if total > 0:
        counting.of_land(top)[_LC["top"]] = 1.0
        if counting.first is not None:
            counting.of_land(counting.first)[_LC["first"]] = 1.0
        if present == 1:
            counting.of_land(top)[_LC["only"]] = 1.0
    if publisher == "bund":
        bund[_BC["publisher"]] = 1.0
        for at in mass:
            counting.of_land(at)[_LC["publisher_other"]] = float(mass[at] > 0)
    elif publisher is not None:
        bund[_BC["publisher_land"]] = 1.0
        counting.publish(_LAND_INDEX[publisher], "publisher")
        counting.of_land(_LAND_INDEX[publisher])[_LC["publisher"]] = 1.0
    if home is not None:
        bund[_BC["home"]] = 1.0
        counting.publish(_LAND_INDEX[home], "home")
    involved = [row for row in counting.lands.values() if row[_LC["any"]]]
    bund[_BC["path"]] = float(bool(path))
    _relate(counting, mentions, fields, involved, _LAND_INDEX[home] if home else None)
    for row in involved:
        row[_LC["national_title"]] = bund[_BC["national_title"]]
        row[_LC["national_teaser"]] = bund[_BC["national_teaser"]]
        for sort in ("whole", "weak"):
            row[_LC[sort]] = max(bund[_BC[f"{sort}_{part}"]] for part in _PARTS)
        row[_LC["abroad_title"]] = bund[_BC["abroad_title"]]
    bund[_BC["any_land"]] = float(present > 0)
    bund[_BC["land_title"]] = max(
        (row[column] for row in counting.lands.values() for column in _HEADLINE), default=0.0
    )
    bund[_BC["land_mass"]] = 1 - exp(-0.2 * total)
    bund[_BC["top_share"]] = mass[top] / total if total else 0.0
    bund[_BC["lands"]] = min(present, 6) / 6
    bund[_BC["office"]] = 1 - exp(-0.5 * counting.offices)
    strong = bund[_BC["national_kicker"] : _BC["national_body"] + 1]
    bund[_BC["national_unopposed"]] = max(strong) * (present == 0)
    for sort in ("whole", "term"):
        leading = bund[_BC[f"{sort}_kicker"] : _BC[f"{sort}_teaser"] + 1]
        bund[_BC[f"{sort}_unopposed"]] = max(leading) * (present == 0)
    if total == 0 and not any(bund[:_HINTS]):
        for row in counting.lands.values():
            row[_LC["venue_only"]] = row[_LC["role_venue"]]
    bund[_BC["nothing"]] = float(present == 0 and not any(strong))
    bund[_BC["national_only_body"]] = strong[3] * (max(strong[:3]) == 0)
    bund[_BC["berlin_only"]] = max(strong) * (present == 1 and LANDS[top] == "DE-BE")
    rows, federal = counting.arrays()
    return StateRows(rows, federal, tuple(mentions), not any(fields.values()))


def _relate(
    counting: _Counting,
    mentions: Sequence[Mention],
    fields: Mapping[str, str],
    involved: Sequence[list[float]],
    home: int | None,
) -> None:
    """Fills the columns that say how the Länder of a text stand to each other."""
    bund = counting.bund
    titled: dict[int, float] = {}
    led: dict[int, float] = {}
    offices: set[int] = set()
    for mention in mentions:
        for land, likely in mention.lands.items():
            at, counted = _LAND_INDEX[land], mention.strength * likely
            if mention.role:
                bund[_BC["roles"]] = 1.0
                continue
            if mention.office:
                offices.add(at)
            if mention.field in ("kicker", "title"):
                titled[at] = max(titled.get(at, 0.0), counted)
            elif mention.field == "teaser" or (not fields["teaser"] and mention.start < _LEAD):
                led[at] = max(led.get(at, 0.0), counted)
    in_title = {at for at, value in titled.items() if value > 0.5}
    leading = in_title | {at for at, value in led.items() if value > 0.5}
    signs = signs_in(" ".join((fields["kicker"], fields["title"], fields["teaser"])))
    together, event = "together" in signs, "event" in signs
    generic = "generic" in signs and "generic" in signs_in(
        " ".join((fields["title"], fields["teaser"][:60]))
    )
    untitled = not in_title
    for at, value in titled.items():
        counting.of_land(at)[_LC["titled"]] = value
    for at, value in led.items():
        counting.of_land(at)[_LC["led"]] = value
    if len(in_title) > 1:
        for at in in_title:
            counting.of_land(at)[_LC["titled_rivals"]] = 1.0
    if len(leading) > 1:
        for at in leading:
            counting.of_land(at)[_LC["joined"]] = 1.0
    for at, row in counting.lands.items():
        if row[_LC["any"]]:
            row[_LC["together"]] = float(together and len(involved) > 1)
            row[_LC["event"]] = float(event)
            row[_LC["event_office"]] = float(event and at in offices)
            row[_LC["generic_untitled"]] = float(generic and untitled)
    survey, many, local = "survey" in signs, "many" in signs, "local" in signs
    for row in involved:
        row[_LC["survey"]] = float(survey)
        row[_LC["survey_untitled"]] = float((survey or many) and untitled)
    if home is not None and (row := counting.of_land(home))[_LC["home_alone"]]:
        row[_LC["home_local"]] = float(local)
        row[_LC["home_general"]] = float(survey or many or "law" in signs or generic)
        bund[_BC["home_local"]] = float(local)
    for key, shown in (("survey", survey), ("many", many), ("local", local)):
        bund[_BC[key]] = float(shown)
        bund[_BC[f"{key}_unopposed"]] = float(shown and not involved)
    named = max(
        bund[_BC[f"{sort}_{part}"]]
        for sort in ("national", "whole")
        for part in ("kicker", "title", "teaser")
    )
    bund[_BC["pilot"]] = named * ("pilot" in signs)
    bund[_BC["generic"]] = float(generic)
    bund[_BC["generic_untitled"]] = float(generic and untitled)
    bund[_BC["law"]] = float("law" in signs)
    bund[_BC["law_unopposed"]] = float("law" in signs and not involved)
    bund[_BC["event"]] = float(event)
    bund[_BC["together"]] = float(together)
    bund[_BC["titled"]] = max(titled.values(), default=0.0)
    headline = max(bund[_BC["national_kicker"]], bund[_BC["national_title"]])
    bund[_BC["titled_unnational"]] = bund[_BC["titled"]] * (headline == 0)


def states_given(
    likely: npt.NDArray[np.float64], land: float, bund: float
) -> npt.NDArray[np.bool_]:
    """Texts × (Länder, bund): which are given, by probabilities and the two thresholds.

    The federation and a Land stand together only where both are likely by far: else what is
    likelier is given, and the other is a candidate for review.
    """
    given = likely >= np.array([land] * len(LANDS) + [bund])
    top, federal = likely[:, :-1].max(axis=1), likely[:, -1]
    doubtful = given[:, -1] & given[:, :-1].any(axis=1) & (np.minimum(top, federal) < _PAIR)
    given[doubtful & (federal > top), :-1] = False
    given[doubtful & (federal <= top), -1] = False
    return given


def evidence_of(label: str, mentions: Sequence[Mention], limit: int = 5) -> tuple[str, ...]:
    """The words that speak for a Land or the federation, strongest first, each once."""
    weights: dict[str, float] = {}
    for mention in mentions:
        if label == "bund":
            weight = _NATIONAL_WEIGHT.get(mention.kind, 0.0)
        else:
            weight = mention.lands.get(label, 0.0) * mention.strength
        weight *= _WEIGHT[mention.field] * (0.2 if mention.role else 1.0)
        if weight > 0.1:
            weights[mention.words] = weights.get(mention.words, 0.0) + weight
    return tuple(sorted(weights, key=lambda word: (-weights[word], word))[:limit])
