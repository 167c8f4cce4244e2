"""What the names in a text say for each Land, and for the federation: rows of numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from classifier.gazetteer import Gazetteer
from classifier.mentions import Mention, find_mentions, signs_in
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
#: Kinds of names that are counted apart.
_SORTS = ("land", "adjective", "place", "body", "hint")
_SORT_OF = {
    "land": "land", "region": "place", "adjective": "adjective", "demonym": "place",
    "place": "place", "county": "place", "body": "body", "hint": "hint",
}  # fmt: skip
_NATIONAL = {"bund": "national", "bund_word": "whole", "bund_term": "term", "bund_weak": "weak"}
_NATIONAL_WEIGHT = {"bund": 1.0, "bund_word": 0.8, "bund_term": 0.6, "bund_weak": 0.3}
_ROLES = ("comparison", "venue", "vendor", "dateline", "quoted")

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
    "generic_untitled",
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
)  # fmt: skip
_LC = {name: index for index, name in enumerate(LAND_COLUMNS)}
_BC = {name: index for index, name in enumerate(BUND_COLUMNS)}


def hear_words(bund: Floats, probability: float) -> None:
    """Writes the words model's probability of ``bund`` into the federation's row, as a number of
    the other columns' size: a third of its logit, cut at ±2."""
    likely = min(max(probability, 1e-4), 1 - 1e-4)
    sign = max(-2.0, min(2.0, float(np.log(likely / (1 - likely))) / 3))
    bund[_BC["words"]] = sign
    bund[_BC["words_alone"]] = sign * (bund[_BC["any_land"]] == 0)


@dataclass(frozen=True, slots=True)
class StateRows:
    """The features of one text and the names they come from."""

    lands: Floats  # len(LANDS) × len(LAND_COLUMNS)
    bund: Floats  # len(BUND_COLUMNS)
    mentions: tuple[Mention, ...]
    empty: bool


def _part(mention: Mention, has_teaser: bool) -> str:
    if mention.field == "body" and not has_teaser and mention.start < _LEAD:
        return "teaser"
    return mention.field


def state_rows(text: Text, fields: Mapping[str, str], gazetteer: Gazetteer) -> StateRows:
    """The rows of one text. ``fields`` is ``text.cleaned()``."""
    told = gazetteer.addresses.read(text.url)
    publisher = text.publisher_land if text.publisher_land in STATES else told.publisher
    home = told.home if publisher is None else None
    mentions = find_mentions(fields, gazetteer, publisher or home)
    rows = np.zeros((len(LANDS), len(LAND_COLUMNS)), dtype=np.float32)
    bund = np.zeros(len(BUND_COLUMNS), dtype=np.float32)
    mass = np.zeros(len(LANDS), dtype=np.float32)
    offices = 0.0
    first: str | None = None
    has_teaser = bool(fields["teaser"])
    for mention in mentions:
        part = _part(mention, has_teaser)
        if mention.kind in _NATIONAL:
            bund[_BC[f"{_NATIONAL[mention.kind]}_{part}"]] += 1
            continue
        if mention.kind == "abroad":
            bund[_BC["abroad_title" if part in ("kicker", "title") else "abroad_other"]] += 1
            continue
        for land, likely in mention.lands.items():
            at = _LAND_INDEX[land]
            counted = mention.strength * likely
            if mention.role:
                rows[at, _LC[f"role_{mention.role}"]] += counted
                continue
            rows[at, _LC[f"{_SORT_OF[mention.kind]}_{part}"]] += counted
            mass[at] += counted * _WEIGHT[part]
            if mention.office:
                rows[at, _LC[f"office_{part}"]] += likely
                offices += likely
            if first is None and counted > 0.5:
                first = land

    if not mass.any():
        # An address often holds the whole headline where the title was shortened.
        for land in told.path[:3]:
            rows[_LAND_INDEX[land], _LC["place_title"]] = _FROM_PATH
            mass[_LAND_INDEX[land]] = _FROM_PATH * _WEIGHT["title"]
    counts = len(_SORTS) * len(_PARTS) + len(_PARTS) + len(_ROLES)
    # The second mention says less than the first, the tenth nothing.
    rows[:, :counts] = 1 - np.exp(-1.2 * rows[:, :counts])
    total = float(mass.sum())
    top = int(mass.argmax())
    present = int((mass > 0.5).sum())
    if total > 0:
        rows[:, _LC["share"]] = mass / total
        rows[top, _LC["top"]] = 1.0
        if first is not None:
            rows[_LAND_INDEX[first], _LC["first"]] = 1.0
        rows[:, _LC["any"]] = mass > 0.3
        rows[:, _LC["small"]] = (mass > 0) & (mass < 0.15 * total)
        if present == 1:
            rows[top, _LC["only"]] = 1.0
        rows[:, _LC["rivals"]] = np.where(mass > 0, np.minimum(present - 1, 5) / 5, 0)
        rows[:, _LC["crowd"]] = (mass > 0) * (present >= 4)
    if publisher is not None:
        if publisher == "bund":
            bund[_BC["publisher"]] = 1.0
            rows[:, _LC["publisher_other"]] = mass > 0
        else:
            at = _LAND_INDEX[publisher]
            bund[_BC["publisher_land"]] = 1.0
            rows[:, _LC["publisher_other"]] = mass > 0
            rows[at, _LC["publisher_other"]] = 0.0
            rows[at, _LC["publisher"]] = 1.0
            rows[at, _LC["publisher_named" if mass[at] > 0.3 else "publisher_alone"]] = 1.0
    if home is not None:
        at = _LAND_INDEX[home]
        bund[_BC["home"]] = 1.0
        rows[:, _LC["home_other"]] = mass > 0
        rows[at, _LC["home_other"]] = 0.0
        rows[at, _LC["home_named" if mass[at] > 0.3 else "home_alone"]] = 1.0
    hints = len(_NATIONAL) * len(_PARTS)
    bund[: hints + 2] = 1 - np.exp(-0.8 * bund[: hints + 2])
    involved = rows[:, _LC["any"]] > 0
    _relate(rows, bund, mentions, fields, involved)
    rows[involved, _LC["national_title"]] = bund[_BC["national_title"]]
    rows[involved, _LC["national_teaser"]] = bund[_BC["national_teaser"]]
    for sort in ("whole", "weak"):
        rows[involved, _LC[sort]] = max(bund[_BC[f"{sort}_{part}"]] for part in _PARTS)
    rows[involved, _LC["abroad_title"]] = bund[_BC["abroad_title"]]
    bund[_BC["any_land"]] = present > 0
    headline = [_LC[f"{sort}_{part}"] for sort in _SORTS for part in ("kicker", "title")]
    bund[_BC["land_title"]] = rows[:, headline].max()
    bund[_BC["land_mass"]] = 1 - np.exp(-0.2 * total)
    bund[_BC["top_share"]] = float(mass[top]) / total if total else 0.0
    bund[_BC["lands"]] = min(present, 6) / 6
    bund[_BC["office"]] = 1 - np.exp(-0.5 * offices)
    strong = bund[_BC["national_kicker"] : _BC["national_body"] + 1]
    bund[_BC["national_unopposed"]] = float(strong.max()) * (present == 0)
    for sort in ("whole", "term"):
        leading = bund[_BC[f"{sort}_kicker"] : _BC[f"{sort}_teaser"] + 1]
        bund[_BC[f"{sort}_unopposed"]] = float(leading.max()) * (present == 0)
    if total == 0 and not bund[:hints].any():
        rows[:, _LC["venue_only"]] = rows[:, _LC["role_venue"]]
    bund[_BC["nothing"]] = present == 0 and not strong.any()
    bund[_BC["national_only_body"]] = float(strong[3]) * (strong[:3].max() == 0)
    bund[_BC["berlin_only"]] = float(strong.max()) * (present == 1 and LANDS[top] == "DE-BE")
    return StateRows(rows, bund, tuple(mentions), not any(fields.values()))


def _relate(
    rows: Floats,
    bund: Floats,
    mentions: Sequence[Mention],
    fields: Mapping[str, str],
    involved: npt.NDArray[np.bool_],
) -> None:
    """Fills the columns that say how the Länder of a text stand to each other."""
    titled = np.zeros(len(LANDS), dtype=np.float32)
    led = np.zeros(len(LANDS), dtype=np.float32)
    offices = np.zeros(len(LANDS), dtype=np.float32)
    for mention in mentions:
        for land, likely in mention.lands.items():
            at, counted = _LAND_INDEX[land], mention.strength * likely
            if mention.role:
                bund[_BC["roles"]] = 1.0
                continue
            if mention.office:
                offices[at] = 1.0
            if mention.field in ("kicker", "title"):
                titled[at] = max(titled[at], counted)
            elif mention.field == "teaser" or (not fields["teaser"] and mention.start < _LEAD):
                led[at] = max(led[at], counted)
    in_title = int((titled > 0.5).sum())
    rows[:, _LC["titled"]] = titled
    rows[:, _LC["led"]] = led
    rows[:, _LC["titled_rivals"]] = (titled > 0.5) * (in_title > 1)
    opening = " ".join((fields["kicker"], fields["title"], fields["teaser"]))
    signs = signs_in(opening)
    together, event = "together" in signs, "event" in signs
    several = int(((titled > 0.5) | (led > 0.5)).sum()) > 1
    rows[:, _LC["joined"]] = ((titled > 0.5) | (led > 0.5)) * several
    rows[:, _LC["together"]] = involved * together * (involved.sum() > 1)
    rows[:, _LC["event"]] = involved * event
    rows[:, _LC["event_office"]] = involved * event * offices
    named = max(
        bund[_BC[f"{sort}_{part}"]]
        for sort in ("national", "whole")
        for part in ("kicker", "title", "teaser")
    )
    bund[_BC["pilot"]] = named * ("pilot" in signs)
    untitled = float(titled.max()) <= 0.5
    generic = "generic" in signs_in(" ".join((fields["title"], fields["teaser"][:60])))
    rows[:, _LC["generic_untitled"]] = involved * generic * untitled
    bund[_BC["generic"]] = generic
    bund[_BC["generic_untitled"]] = generic * untitled
    bund[_BC["law"]] = "law" in signs
    bund[_BC["law_unopposed"]] = bund[_BC["law"]] * (not involved.any())
    bund[_BC["event"]] = event
    bund[_BC["together"]] = together
    bund[_BC["titled"]] = float(titled.max())


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
