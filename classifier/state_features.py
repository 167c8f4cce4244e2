"""What the names in a text say for each Land, and for the federation: rows of numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import exp

import numpy as np
import numpy.typing as npt

from classifier.gazetteer import Gazetteer
from classifier.mentions import Mention, find_mentions
from classifier.signs import signs_in
from classifier.state_columns import LAND_INDEX, LANDS, PART_WEIGHT, Counting, Numbers, StateRows
from classifier.texts import Text
from store.types import STATES

#: A body's first letters are its lead where there is no teaser.
_LEAD = 350
#: How surely a name in an address's path is what the item is about.
_FROM_PATH = 0.8
#: Names of a path that are heard; what stands behind them are a headline's further towns.
_PATH_NAMES = 4
#: From this probability of both on the federation stands beside a Land. In cross-validation half
#: of such pairs below it were wrong, on real items nearly all.
_PAIR = 0.8
#: A Land's columns of names in the headline.
_HEADLINE = frozenset(
    f"{sort}_{part}"
    for sort in ("land", "adjective", "place", "body", "hint")
    for part in ("kicker", "title")
)
#: The federation's columns of names: of its bodies, of the whole country, and words that hint.
_NATIONAL = tuple(f"national_{part}" for part in PART_WEIGHT)
_WHOLE = tuple(f"whole_{part}" for part in PART_WEIGHT)
_TERM = tuple(f"term_{part}" for part in PART_WEIGHT)
_WEAK = tuple(f"weak_{part}" for part in PART_WEIGHT)


def state_rows(text: Text, fields: Mapping[str, str], gazetteer: Gazetteer) -> StateRows:
    """The rows of one text. ``fields`` is ``text.cleaned()``."""
    told = gazetteer.addresses.read(text.url)
    publisher = text.publisher_land if text.publisher_land in STATES else told.publisher
    home = told.home if publisher is None else None
    mentions = find_mentions(fields, gazetteer, publisher or home)
    counting = Counting()
    no_teaser = not fields["teaser"]
    for mention in mentions:
        leads = no_teaser and mention.field == "body" and mention.start < _LEAD
        counting.count(mention, "teaser" if leads else mention.field)
    counting.dampen()
    bund, mass = counting.bund, counting.mass
    path = {LAND_INDEX[land] for land in told.path[:_PATH_NAMES]}
    alone = not any(mass.values())
    for at in path:
        row = counting.lands[at]
        row["path"] = 1.0 / len(path)
        row["path_home"] = float(told.home == LANDS[at])
        if alone:
            # An address often holds the whole headline where the title was shortened.
            row["path_alone"] = 1.0 / len(path)
            mass[at] = _FROM_PATH * PART_WEIGHT["title"]
    total = sum(mass.values())
    top = min(mass, key=lambda at: (-mass[at], at), default=0)
    present = len([value for value in mass.values() if value > 0.5])
    for at, value in mass.items():
        if not value:
            continue
        row = counting.lands[at]
        row["share"] = value / total
        row["any"] = float(value > 0.3)
        row["small"] = float(value < 0.15 * total)
        row["rivals"] = min(present - 1, 5) / 5
        row["crowd"] = float(present >= 4)
    if total > 0:
        counting.lands[top]["top"] = 1.0
        if counting.first is not None:
            counting.lands[counting.first]["first"] = 1.0
        if present == 1:
            counting.lands[top]["only"] = 1.0
    if publisher == "bund":
        bund["publisher"] = 1.0
        for at, value in mass.items():
            counting.lands[at]["publisher_other"] = float(value > 0)
    elif publisher is not None:
        bund["publisher_land"] = 1.0
        counting.publish(LAND_INDEX[publisher], "publisher")
        counting.lands[LAND_INDEX[publisher]]["publisher"] = 1.0
    if home is not None:
        bund["home"] = 1.0
        counting.publish(LAND_INDEX[home], "home")
    involved = [row for row in counting.lands.values() if row.get("any")]
    bund["path"] = float(bool(path))
    _relate(counting, mentions, fields, involved, LAND_INDEX[home] if home else None)
    national, whole, term, weak = (
        [bund.get(name, 0.0) for name in names] for names in (_NATIONAL, _WHOLE, _TERM, _WEAK)
    )
    for row in involved:
        row["national_title"], row["national_teaser"] = national[1:3]
        row["whole"], row["weak"] = max(whole), max(weak)
        row["abroad_title"] = bund["abroad_title"]
    nobody = present == 0
    bund["any_land"] = float(not nobody)
    bund["land_title"] = max(
        (row[name] for row in counting.lands.values() for name in row.keys() & _HEADLINE),
        default=0.0,
    )
    bund["land_mass"] = 1 - exp(-0.2 * total)
    bund["top_share"] = mass[top] / total if total else 0.0
    bund["lands"] = min(present, 6) / 6
    bund["office"] = 1 - exp(-0.5 * counting.offices)
    bund["national_unopposed"] = max(national) * nobody
    bund["whole_unopposed"] = max(whole[:3]) * nobody
    bund["term_unopposed"] = max(term[:3]) * nobody
    if total == 0 and not any((*national, *whole, *term, *weak)):
        for row in counting.lands.values():
            row["venue_only"] = row["role_venue"]
    bund["nothing"] = float(nobody and not any(national))
    bund["national_only_body"] = national[3] * (max(national[:3]) == 0)
    bund["berlin_only"] = max(national) * (present == 1 and LANDS[top] == "DE-BE")
    rows, federal = counting.arrays()
    return StateRows(rows, federal, tuple(mentions), not any(fields.values()))


def _relate(
    counting: Counting,
    mentions: Sequence[Mention],
    fields: Mapping[str, str],
    involved: Sequence[Numbers],
    home: int | None,
) -> None:
    """Fills the columns that say how the Länder of a text stand to each other."""
    bund = counting.bund
    titled: dict[int, float] = {}
    led: dict[int, float] = {}
    offices: set[int] = set()
    no_teaser = not fields["teaser"]
    for mention in mentions:
        for land, likely in mention.lands.items():
            if mention.role:
                bund["roles"] = 1.0
                continue
            at = LAND_INDEX[land]
            if mention.office:
                offices.add(at)
            if mention.field in ("kicker", "title"):
                titled[at] = max(titled.get(at, 0.0), mention.strength * likely)
            elif mention.field == "teaser" or (no_teaser and mention.start < _LEAD):
                led[at] = max(led.get(at, 0.0), mention.strength * likely)
    in_title = {at for at, value in titled.items() if value > 0.5}
    leading = in_title | {at for at, value in led.items() if value > 0.5}
    untitled = not in_title
    for at, value in titled.items():
        counting.lands[at]["titled"] = value
    for at, value in led.items():
        counting.lands[at]["led"] = value
    if len(in_title) > 1:
        for at in in_title:
            counting.lands[at]["titled_rivals"] = 1.0
    if len(leading) > 1:
        for at in leading:
            counting.lands[at]["joined"] = 1.0
    bund["titled"] = max(titled.values(), default=0.0)
    headline = max(bund["national_kicker"], bund["national_title"])
    bund["titled_unnational"] = bund["titled"] * (headline == 0)
    signs = signs_in(" ".join((fields["kicker"], fields["title"], fields["teaser"])))
    if not signs:
        return
    together, event = "together" in signs, "event" in signs
    survey, many, local, law = (sign in signs for sign in ("survey", "many", "local", "law"))
    generic = "generic" in signs and "generic" in signs_in(
        " ".join((fields["title"], fields["teaser"][:60]))
    )
    for at, row in counting.lands.items():
        if row["any"]:
            row["together"] = float(together and len(involved) > 1)
            row["event"] = float(event)
            row["event_office"] = float(event and at in offices)
            row["generic_untitled"] = float(generic and untitled)
            row["survey"] = float(survey)
            row["survey_untitled"] = float((survey or many) and untitled)
    if home is not None and (row := counting.lands[home])["home_alone"]:
        row["home_local"] = float(local)
        row["home_general"] = float(survey or many or law or generic)
        bund["home_local"] = float(local)
    for name, shown in (("survey", survey), ("many", many), ("local", local), ("law", law)):
        bund[name] = float(shown)
        bund[f"{name}_unopposed"] = float(shown and not involved)
    if "pilot" in signs:
        bund["pilot"] = max(bund[name] for name in (*_NATIONAL[:3], *_WHOLE[:3]))
    bund["generic"] = float(generic)
    bund["generic_untitled"] = float(generic and untitled)
    bund["event"] = float(event)
    bund["together"] = float(together)


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
