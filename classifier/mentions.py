"""How a name is meant where it stands: which Land, how surely, and in what part of the story."""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Mapping
from typing import NamedTuple

from classifier.gazetteer import Gazetteer, Span
from classifier.keeping import Kept
from classifier.names import Meaning
from classifier.places import PlaceRecord
from classifier.roles import WINDOW, is_near, role_of
from classifier.signs import any_of
from classifier.texts import FIELDS, Fields
from store.types import STATES

#: Letters of a body in which names are looked for: it is at the end that releases tell who
#: supplied what from where.
_BODY_LETTERS = 1500
#: What surrounds a name that is a whole entry of a kicker: "Köln / Bonn".
_KICKER_EDGES = ("", "/", ",", "|", ":", "–", "-")
#: Least inhabitants, and how surely a name without any sign beside it is a town of so many.
_LEAST = (0, 1_500, 5_000, 20_000, 100_000)
_BARE = (0.15, 0.4, 0.7, 0.9, 1.0)
#: How many times likelier a name means the place in its publisher's Land than one of the same size
#: elsewhere: so a village at home outweighs a town of fifty thousand, though no great city. Of the
#: 914 pairs of a name in several Länder and a publisher in one of them, 8 left a second Land beside
#: the publisher's in 144, 60 does in 14.
_AT_HOME = 60
#: Towns smaller than this share their names with districts, farms and families.
_SMALL = 20_000
_VILLAGE = 5_000
#: Small words that may stand between a role's word and the name.
_LINK = r"(?:\s+(?:von|des|der|in|im|Stadt|Gemeinde|(?:Land)?[Kk]reises|Lands?))*\s*[„\"(]?\s*\Z"
_AFTER_OFFICE = re.compile(rf"(?:\A|[^\w-]){any_of('office')}{_LINK}")
_AFTER_COUNTY = re.compile(rf"(?:\A|[^\w-]){any_of('county')}{_LINK}")
_OFFICE_WORD = re.compile(
    rf"{any_of('office')}|{any_of('county')}|Stadt|Gemeinde|(?:Land)?[Kk]reises|Lands?"
)
#: Last words before a place, by whether both expressions above are worth asking.
_MAY_BE_OFFICE = Kept(lambda word: _OFFICE_WORD.fullmatch(word) is not None)
_BEFORE_OFFICE = re.compile(rf"\s+{any_of('office_after')}\b")
#: "Leipziger Straße" lies anywhere.
_STREET = re.compile(
    r"\s+(?:Straße|Str\.|Platz|Allee|Tor|Turm|Park|Weg|Ring|Chaussee|Brücke|Damm|Ufer|Kreuz|Gasse|Landstraße)"
)
_LIST_GAP = re.compile(r"\s*(?:,|und|sowie|/|&|oder)\s*(?:der |den |die |dem )?\Z")
_PREPOSITION = re.compile(
    r"(?:\A|\W)(?:[Ii]n|[Aa]us|[Vv]on|[Ff]ür|[Nn]ach|[Bb]ei|[Bb]is|[Rr]und um|nahe)\s+\Z"
)
_ARTICLE = re.compile(
    r"(?:\A|\W)(?:[Dd](?:er|ie|as|en|em|es)|[Ee]in(?:e|en|em|er|es)?|[Ii]m|[Zz]u[mr]|[Bb]eim|[Vv]om"
    r"|[Aa]m|[Kk]eine?n?|[Ii]hr\w*|[Ss]ein\w*|[Uu]nser\w*|mehr|viel|neue\w*)\s+\Z"
)
_ONE = re.compile(r"(?:\A|\W)[Ee]in(?:en|em|es)?\s+\Z")
#: "Sparkassenverband Baden", "Region Franken"
_OF_REGION = re.compile(r"(?:Land|Region|[Vv]erband|Hochschule|Markgrafschaft)\s+\Z")
_PERSON = ("Herr", "Herrn", "Frau", "Dr.", "Prof.", "Professor", "Professorin")
_LAST_WORD = re.compile(r"[\w-]+\Z")


class Mention(NamedTuple):  # quicker to make than a dataclass
    """One name in one field of a text, weighed."""

    field: str
    start: int
    words: str
    kind: str
    #: Land → how likely it is the one meant, 0–1; empty for names of no Land
    lands: Mapping[str, float]
    #: how surely the words are this name at all, 0–1
    strength: float
    #: True: an office or "Stadt", "Landkreis" stands beside it
    office: bool
    #: "" | comparison | venue | vendor | dateline | quoted | near | school
    role: str
    place: PlaceRecord | None


def _stands_alone(text: str, span: Span, field: str) -> bool:
    """Whether the name is a kicker (or part of its list), or heads a title before a colon."""
    if field not in ("kicker", "title"):
        return False
    before, after = text[: span.start].rstrip(), text[span.end : span.end + 2].lstrip(") ")
    if field == "kicker":
        return before[-1:] in _KICKER_EDGES and after[:1] in _KICKER_EDGES
    return not before and after[:1] == ":"


def _is_meant(text: str, span: Span, field: str, kind: str) -> bool:
    """Whether a doubtful name of a Land or region is one: never "das Baden", "die MV des Vereins",
    "ein Hamburger mit Pommes", "500 Franken"."""
    before = text[max(0, span.start - 25) : span.start]
    if kind == "adjective":
        return text[span.end + 1 : span.end + 2].isupper() or not _ONE.search(before)
    if _ARTICLE.search(before):
        return False
    return kind == "land" or bool(
        _PREPOSITION.search(before) or _stands_alone(text, span, field) or _OF_REGION.search(before)
    )


def _strength(text: str, span: Span, field: str, meaning: Meaning, office: bool) -> float:
    """How surely the words are the place; 0 means they are not taken for one."""
    if meaning.doubtful and not _is_meant(text, span, field, meaning.kind):
        return 0.0
    if meaning.kind not in ("place", "county", "demonym"):
        return 0.8 if span.part else 1.0
    if office or meaning.full:
        return 1.0
    before = text[max(0, span.start - 25) : span.start]
    alone = _stands_alone(text, span, field)
    size = meaning.population
    if meaning.common_word:
        if _ARTICLE.search(before) or size < 15_000:
            return 0.0
        if size >= 40_000 and (alone or _PREPOSITION.search(before)):
            return 0.9
        return 0.5 if _PREPOSITION.search(before) else 0.0
    if meaning.kind == "demonym":
        if _STREET.match(text, span.end):
            return 0.0
        # "Kölner" needs the thing it belongs to: a noun, or an adjective before it.
        follows = text[span.end + 1 : span.end + 2]
        if follows.isupper():
            return 0.9 if size >= _SMALL or " " in span.name else 0.6
        return 0.9 if size >= 100_000 else 0.2
    strength = _BARE[bisect(_LEAST, size) - 1]
    if alone or _PREPOSITION.search(before):
        strength = min(1.0, strength + 0.3)
    return strength * 0.8 if span.part else strength


def _named_after(before: str, gazetteer: Gazetteer) -> bool:
    """Whether a title or a first name stands directly before: the name is a person's."""
    if not before[-1:].isspace():
        return False
    previous = before.rstrip()
    # From the last space on: a search of the whole would try every word.
    word = _LAST_WORD.search(previous, previous.rfind(" ") + 1)
    return previous.endswith(_PERSON) or (word is not None and word[0] in gazetteer.first_names)


def _certain_towns(spans: Mapping[str, list[Span]], fields: Mapping[str, str]) -> set[str]:
    """Common words that the text itself calls a town somewhere: "Norden … die Stadt Norden"."""
    return {
        span.name
        for field, found in spans.items()
        for span in found
        if span.meaning.common_word
        and _AFTER_OFFICE.search(fields[field][max(0, span.start - WINDOW) : span.start])
    }


def find_mentions(
    fields: Mapping[str, str], gazetteer: Gazetteer, publisher_land: str | None = None
) -> list[Mention]:
    """The names of Länder, places, bodies and of the federation in a text, in reading order.

    ``fields`` is what ``Text.cleaned`` returns. A name that lies in several Länder is weighed by
    the size of the places and by what else the text and its publisher point to.
    """
    raw: list[tuple[str, Span, Meaning, float, bool, str]] = []
    cut = Fields.of(fields)
    fields = {**fields, "body": fields["body"][:_BODY_LETTERS]}
    pieces = {**cut.pieces, "body": cut.opening("body", _BODY_LETTERS)}
    spans = {field: gazetteer.find(fields[field], pieces[field]) for field in FIELDS}
    certain = _certain_towns(spans, fields)
    for field in FIELDS:
        text = fields[field]
        #: where the last name of an office or county ended: "Landkreise Bautzen und Görlitz"
        office_until, as_county, body_end, place_end = -1, False, -1, -1
        for span in spans[field]:
            meaning = span.meaning
            if meaning.kind == "trap":
                continue
            office = False
            before = text[max(0, span.start - WINDOW) : span.start]
            if meaning.candidates:
                may_be = _MAY_BE_OFFICE[span.lead]
                listed = office_until >= 0 and bool(_LIST_GAP.match(text, office_until, span.start))
                if (may_be and _AFTER_COUNTY.search(before)) or (listed and as_county):
                    meaning, office, as_county = span.county or meaning, True, True
                else:
                    as_county = False
                    office = bool(
                        listed
                        or (may_be and _AFTER_OFFICE.search(before))
                        or (
                            meaning.kind in ("demonym", "adjective", "place", "land")
                            and _BEFORE_OFFICE.match(text, span.end)
                        )
                    )
                if (
                    meaning.kind in ("place", "demonym", "county")
                    and not span.part
                    and _named_after(before, gazetteer)
                ):
                    continue
            strength = _strength(text, span, field, meaning, office)
            if not strength and span.name in certain and not _ARTICLE.search(before):
                strength = 0.8
            if (
                strength < 1
                and 0 < meaning.population < _SMALL
                and publisher_land in STATES
                and all(land != publisher_land for land, _ in meaning.candidates)
            ):
                # A small place far away is likelier a district or village at home.
                strength *= 0.4 if meaning.population >= _VILLAGE else 0.0
            if not strength:
                continue
            office_until = span.end if office else -1
            role = ""
            if meaning.candidates:
                role = role_of(text, pieces[field], span, before, field, body_end)
            if not role and place_end >= 0 and is_near(text, place_end, span.start):
                role = "near"
            place_end = span.end if meaning.kind == "place" else -1
            if office and role != "quoted":
                role = ""
            body_end = span.end if meaning.kind == "bund" else -1
            raw.append((field, span, meaning, strength, office, role))

    support: dict[str, float] = {}
    for _, _, meaning, strength, _, role in raw:
        if (land := meaning.only_land) and strength >= 0.6 and not role:
            support[land] = support.get(land, 0.0) + strength
    mentions = []
    for field, span, meaning, strength, office, role in raw:
        lands_of, place = _weigh(meaning, support, publisher_land)
        mentions.append(
            Mention(
                field, span.start, span.name, meaning.kind, lands_of, strength, office, role, place
            )
        )
    return mentions


def _weigh(
    meaning: Meaning, support: Mapping[str, float], publisher_land: str | None
) -> tuple[dict[str, float], PlaceRecord | None]:
    """The Länder a name may mean with their probabilities, and the likeliest place."""
    if meaning.shared:
        named = any(land in support for land, _ in meaning.candidates)
        return {
            land: 0.7 if land in support or not named else 0.3 for land, _ in meaning.candidates
        }, None
    if len(meaning.candidates) == 1:
        ((land, only),) = meaning.candidates
        return {land: 1.0}, only
    weights: list[tuple[float, str, PlaceRecord | None]] = []
    for land, place in meaning.candidates:
        weight = (place.population + 100) ** 0.75 if place else 1.0
        weight *= 1 + 3 * min(support.get(land, 0.0), 2.0) + _AT_HOME * (land == publisher_land)
        weights.append((weight, land, place))
    total = sum(weight for weight, _, _ in weights)
    lands: dict[str, float] = {}
    for weight, land, _ in weights:
        lands[land] = lands.get(land, 0.0) + weight / total
    best = max(weights, key=lambda entry: entry[0], default=None)
    return lands, best[2] if best else None
