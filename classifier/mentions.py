"""How a name is meant where it stands: which Land, how surely, and in what part of the story."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt

from classifier.gazetteer import Gazetteer, Meaning, PlaceRecord, Span
from classifier.texts import FIELDS

#: Letters before and after a name in which its role in the sentence is looked for.
_WINDOW = 70

_OFFICE = (
    r"(?:Ober|Erste[rn]? )?[Bb]ürgermeister(?:in|s)?|Stadt(?:verwaltung|rat|rats|werke|bibliothek|bücherei|spitze|teil)?"
    r"|Gemeinde(?:verwaltung|rat|rats)?|Markt(?:gemeinde)?|Samtgemeinde|Verbandsgemeinde|Verwaltungsgemeinschaft"
    r"|Einheitsgemeinde|Ortsgemeinde|Landeshauptstadt|Hauptstadt|Hansestadt|Universitätsstadt|Kreisstadt|Großstadt"
    r"|Kleinstadt|Rathaus|Rathauses|Städte|Gemeinden|Kommunen?|Amt|Bezirksregierung|Regierungspräsidium|Regierungsbezirk"
    r"|Hochschulstadt|Lutherstadt|Freie Hansestadt|Klinikum|Universität|Hochschule|Polizei(?:präsidium)?|Region|Ort"
)
_COUNTY = (
    r"(?:Land)?[Kk]reis(?:es|e|en)?|Landr(?:at|ats|ätin)|Landratsamt(?:es|s)?|Kreisverwaltung|Kreistag"
    r"|Kreisausschuss|Landkreisverwaltung|Städteregion|StädteRegion|Regionalverband"
)
_LINK = r"(?:\s+(?:von|des|der|in|im|Stadt|Gemeinde|(?:Land)?[Kk]reises))*\s*[„\"(]?\s*\Z"
_AFTER_OFFICE = re.compile(rf"(?:\A|[^\w-])(?:{_OFFICE}){_LINK}")
_AFTER_COUNTY = re.compile(rf"(?:\A|[^\w-])(?:{_COUNTY}){_LINK}")
_BEFORE_OFFICE = re.compile(
    r"\s+(?:(?:Ober)?[Bb]ürgermeister|Rathaus|Stadt|Rat\b|Verwaltung|Kreis|Landrat|Landrät|Bürgeramt|Bürgerämter|Bezirk"
    r"|Senat|Magistrat|Gemeinde|Behörde|Kämmer|Jugendamt|Ämter|Bürger)"
)
_LIST_GAP = re.compile(r"\s*(?:,|und|sowie|/|&|oder)\s*(?:der |den |die |dem )?\Z")
_PREPOSITION = re.compile(r"(?:\A|\W)(?:[Ii]n|[Aa]us|[Vv]on|[Ff]ür|[Nn]ach|[Bb]ei|[Bb]is|[Rr]und um|nahe)\s+\Z")  # fmt: skip
_ARTICLE = re.compile(r"(?:\A|\W)(?:[Dd](?:er|ie|as|en|em|es)|[Ee]in(?:e|en|em|er|es)?|[Ii]m|[Zz]um|[Zz]ur|[Bb]eim|[Vv]om|[Aa]m|[Kk]eine?n?|[Ii]hr\w*|[Ss]ein\w*|[Uu]nser\w*|mehr|viel|neue\w*)\s+\Z")  # fmt: skip
_PERSON = re.compile(r"(?:Herrn?|Frau|Dr\.|Prof\.|Professor(?:in)?)\s+\Z")
_WORD_BEFORE = re.compile(r"([\w-]+)\s+\Z")

_COMPARISON_BEFORE = re.compile(
    r"(?:\b(?:wie(?: es)?(?: schon| bereits| etwa| zuvor| auch| zum Beispiel)?|anders als|ähnlich wie|[Vv]orbild(?:er|ern)?(?: (?:ist|sind|war|aus|in|von|der Stadt))*"
    r"|[Bb]lick (?:nach|auf)|[Vv]ergleich(?: zu| mit)?|vergleichbar(?:e[nrs]?)?(?: \w+)? (?:in|mit)|[Mm]odell(?:s)? (?:der Stadt|aus|von)|[Ee]rfahrungen (?:aus|von|in)"
    r"|gefolgt von|knapp vor|dicht hinter|noch vor|statt|[Bb]esuch(?:e|ten)? (?:in|nach)|abgeschaut(?: \w+)?)"
    r"(?: (?:in|im|aus|bei|der|den|die|dem|Stadt|Städte|Städten|Gemeinde|Kreis|Landkreis|Land))*\s+\Z)"
)
_COMPARISON_AFTER = re.compile(
    r"\A[^.!?]{0,40}(?:als Vorbild|zum Vorbild|nachempfunden|längst (?:üblich|vor|Alltag)|schon länger|bereits erprobt|vorgemacht|folgen? auf)"
)
_VENUE_BEFORE = re.compile(
    r"(?:[Mm]esse|[Kk]ongress|[Tt]agung|[Kk]onferenz|[Ff]orum|[Gg]ipfel|[Vv]eranstaltung|[Tt]reffen|[Ss]ymposium|[Ff]achtag|[Kk]lausur|[Pp]reisverleihung|[Ff]estakt"
    r"|[Ee]xpo|[Ss]ummit|Verleihung|[Ww]orkshop|[Jj]ahrestreffen|Mitgliederversammlung|Barcamp|Hackathon|trafen sich|traf sich|kamen|kommen|tagte[n]?|tagt|findet|fand|stattfindet|Gala)"
    r"[^.!?;:]{0,45}\b(?:in|nach|bei|im)(?: der| dem)?\s+\Z"
)
_VENUE_AFTER = re.compile(
    r"\A[^.!?;]{0,40}(?:statt(?:findet|fand|gefunden)?\b|ausgezeichnet|verliehen|zusammen(?:ge)?(?:kommen|trafen)|getagt|vorgestellt wird|tagte|überreicht|entgegen|Preisverleihung)"
)
_VENDOR_BEFORE = re.compile(
    r"(?:(?:[Ss]itz|ansässig|beheimatet|Firmensitz|Hauptsitz|Standort)\w*\s+(?:in|im)(?: \w+)?|(?:[Uu]nternehmen|[Ff]irma|[Aa]nbieter|[Hh]ersteller|[Ss]tart-?up|[Ss]oftwarehaus|[Ss]oftwareentwickler"
    r"|[Aa]gentur|[Dd]ienstleister|GmbH|AG|[Bb]üro|[Tt]ochter|SE|[Ss]pezialist|[Ee]ntwickler|[Bb]eratung)(?: mit)?(?: Sitz)? (?:aus|in|im)(?: dem| der)?)\s+\Z|GmbH,?\s+\Z"
)
_VENDOR_AFTER = re.compile(
    r"\A(?:er|-based|-basiert\w*)?\s+(?:IT-|Software-?|Beratungs-?|Internet-?|Cloud-?|Sicherheits-?|Technologie-?|Tech-)?(?:[Uu]nternehmen|[Ff]irma|[Aa]nbieter|[Hh]ersteller|[Ss]tart-?up|[Hh]aus|[Ss]oftwarehaus|[Ss]oftwarehersteller"
    r"|[Ss]oftwareentwickler|[Aa]gentur|[Gg]mbH|GmbH|AG\b|[Kk]onzern|[Bb]eratung|[Ss]oftwarefirma|[Ss]pezialist\w*|[Bb]eratungshaus|[Ss]oftwareunternehmen|Systemhaus|Digitalagentur)|\A(?: \w+)? (?:GmbH|AG|SE)\b"
)
_DATELINE = re.compile(r"\A\W{0,3}(?:\((?:dpa|ots|epd|afp|kna|red|pm|ddp|lhm?)\b|(?:\([^)]{2,20}\)\s*)?[–—-]\s|/[A-ZÄÖÜ]\w+\s*(?:\(|[–—-]\s)|,\s*(?:den\s*)?\d)")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mention:
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
    #: "" | comparison | venue | vendor | dateline
    role: str
    place: PlaceRecord | None


def _role(text: str, span: Span, field: str) -> str:
    before, after = text[max(0, span.start - _WINDOW) : span.start], text[span.end : span.end + _WINDOW]  # fmt: skip
    if field in ("teaser", "body") and span.start <= 2 and _DATELINE.match(after):
        return "dateline"
    if _VENDOR_BEFORE.search(before) or _VENDOR_AFTER.match(after):
        return "vendor"
    if _COMPARISON_BEFORE.search(before) or _COMPARISON_AFTER.match(after):
        return "comparison"
    if _VENUE_BEFORE.search(before) or (
        _VENUE_AFTER.match(after) and re.search(r"\b(?:in|im)\s+(?:der\s+)?\Z", before)
    ):
        return "venue"
    return ""


def _stands_alone(text: str, span: Span, field: str) -> bool:
    """Whether the name is a kicker (or part of its list), or heads a title before a colon."""
    before, after = text[: span.start].rstrip(), text[span.end : span.end + 2].lstrip(") ")
    if field == "kicker":
        return before[-1:] in ("", "/", ",", "|", "–", "-") and after[:1] in ("", "/", ",", "|", ":")
    return field == "title" and not before and after[:1] == ":"


def _strength(text: str, span: Span, field: str, meaning: Meaning, office: bool) -> float:
    """How surely the words are the place; 0 means they are not taken for one."""
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
        # "Kölner" needs the thing it belongs to: a noun, or an adjective before it.
        follows = text[span.end + 1 : span.end + 2]
        return 0.9 if follows.isupper() or size >= 100_000 else 0.3
    strength = next(
        (value for least, value in ((100_000, 1.0), (20_000, 0.9), (5_000, 0.7), (1_500, 0.4)) if size >= least),
        0.15,
    )  # fmt: skip
    if alone or _PREPOSITION.search(before):
        strength = min(1.0, strength + 0.3)
    return strength * 0.8 if span.part else strength


def find_mentions(
    fields: Mapping[str, str], gazetteer: Gazetteer, publisher_land: str | None = None
) -> list[Mention]:
    """The names of Länder, places, bodies and of the federation in a text, in reading order.

    ``fields`` is what ``Text.cleaned`` returns. A name that lies in several Länder is weighed by
    the size of the places and by what else the text and its publisher point to.
    """
    raw: list[tuple[str, str, Span, Meaning, float, bool, str]] = []
    for field in FIELDS:
        text = fields[field]
        office_until = -10
        for span in gazetteer.find(text):
            meaning = span.meaning
            if meaning.kind == "trap":
                continue
            office = False
            if meaning.candidates:
                before = text[max(0, span.start - _WINDOW) : span.start]
                if span.county and _AFTER_COUNTY.search(before):
                    meaning, office = span.county, True
                else:
                    office = bool(
                        _AFTER_OFFICE.search(before)
                        or _AFTER_COUNTY.search(before)
                        or (
                            meaning.kind in ("demonym", "adjective", "place", "land")
                            and _BEFORE_OFFICE.match(text, span.end)
                        )
                        or (office_until >= 0 and _LIST_GAP.match(text, office_until, span.start))
                    )
                if meaning.kind in ("place", "demonym", "county") and not span.part:
                    word = _WORD_BEFORE.search(before)
                    if _PERSON.search(before) or (word and word.group(1) in gazetteer.first_names):
                        continue
            strength = _strength(text, span, field, meaning, office)
            if not strength:
                continue
            office_until = span.end if office else -10
            role = _role(text, span, field) if meaning.candidates else ""
            raw.append((field, text, span, meaning, strength, office, role))

    support: dict[str, float] = {}
    for _, _, _, meaning, strength, _, role in raw:
        lands = {land for land, _ in meaning.candidates}
        if len(lands) == 1 and strength >= 0.6 and not role:
            land = next(iter(lands))
            support[land] = support.get(land, 0.0) + strength
    mentions = []
    for field, _, span, meaning, strength, office, role in raw:
        lands_of, place = _weigh(meaning, support, publisher_land)
        mentions.append(
            Mention(field, span.start, span.name, meaning.kind, lands_of, strength, office, role, place)
        )  # fmt: skip
    return mentions


def _weigh(
    meaning: Meaning, support: Mapping[str, float], publisher_land: str | None
) -> tuple[dict[str, float], PlaceRecord | None]:
    """The Länder a name may mean with their probabilities, and the likeliest place."""
    if meaning.shared:
        return {land: 0.7 for land, _ in meaning.candidates}, None
    weights: list[tuple[float, str, PlaceRecord | None]] = []
    for land, place in meaning.candidates:
        weight = sqrt(place.population + 100) if place else 1.0
        if meaning.kind == "land" or len(meaning.candidates) > 1:
            weight *= 1 + 3 * min(support.get(land, 0.0), 2.0) + 8 * (land == publisher_land)
        weights.append((weight, land, place))
    total = sum(weight for weight, _, _ in weights)
    lands: dict[str, float] = {}
    for weight, land, _ in weights:
        lands[land] = lands.get(land, 0.0) + weight / total
    best = max(weights, key=lambda entry: entry[0], default=None)
    return lands, best[2] if best else None
