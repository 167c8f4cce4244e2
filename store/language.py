"""Owns the query language: what a reader typed → what is asked for; total and pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from store.german import normal

#: Beyond these a query is cut, with a note: far more than a person types, and little to compute.
MOST_LETTERS = 400
MOST_TERMS = 24

#: Field names in German and English → the facet they filter.
FIELDS = {
    "thema": "topic",
    "topic": "topic",
    "land": "state",
    "state": "state",
    "quelle": "source",
    "source": "source",
    "art": "kind",
    "kind": "kind",
}

_QUOTES = '"„“”«»‟'
_TOKEN = re.compile(
    rf"(?P<minus>[-−–!](?=\S))?"
    rf"(?:(?P<field>{'|'.join(FIELDS)}):\s?(?:[{_QUOTES}](?P<quoted>[^{_QUOTES}]*)[{_QUOTES}]?"
    rf"|(?P<value>[^\s{_QUOTES}]+))"
    rf"|[{_QUOTES}](?P<phrase>[^{_QUOTES}]*)(?P<close>[{_QUOTES}])?"
    rf"|(?P<word>[^\s{_QUOTES}]+))",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Term:
    """A word, a phrase of several, or (``prefix``) the beginning of a word."""

    text: str
    phrase: bool = False
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Filter:
    """A field filter as typed: its facet and the value, not yet looked up."""

    facet: str
    value: str
    negative: bool


@dataclass(slots=True)
class Request:
    """A parsed query. Every group must match, by at least one of its terms."""

    groups: list[list[Term]] = field(default_factory=list)
    excluded: list[Term] = field(default_factory=list)
    filters: list[Filter] = field(default_factory=list)
    #: German sentences about what was not taken as typed
    notes: list[str] = field(default_factory=list)


def parse_query(text: str) -> Request:
    """What the reader asks for; never raises.

    Words (all must match), ``"phrases"``, ``-not``, ``a OR b`` / ``a ODER b``, ``begin*`` and
    ``thema:`` ``land:`` ``quelle:`` ``art:``. OR binds closer than the words beside it. What
    cannot be read that way is taken as words, with a note where a reader might wonder.
    """
    request = Request()
    text = normal(text).replace("\0", " ")
    if len(text) > MOST_LETTERS:
        text = text[:MOST_LETTERS]
        request.notes.append(f"Nur die ersten {MOST_LETTERS} Zeichen der Anfrage zählen.")
    either = negate = False
    count = 0
    for match in _TOKEN.finditer(text):
        word = match["word"]
        if word in ("OR", "ODER", "|"):
            either = bool(request.groups)
            continue
        if word in ("AND", "UND", "&", "+"):
            continue
        if word in ("NOT", "NICHT"):
            negate = True
            continue
        negative = bool(match["minus"]) or negate
        negate = False
        if match["field"]:
            value = match["quoted"] if match["quoted"] is not None else match["value"]
            request.filters.append(Filter(FIELDS[match["field"].lower()], value, negative))
            either = False
            continue
        if match["phrase"] is not None and not match["close"]:
            request.notes.append("Ein Anführungszeichen blieb offen; es gilt bis zum Ende.")
        terms = _terms(match, request)
        for term in terms:
            count += 1
            if count > MOST_TERMS:
                break
            if negative:
                request.excluded.append(term)
            elif either:
                request.groups[-1].append(term)
            else:
                request.groups.append([term])
            either = False
    if count > MOST_TERMS:
        request.notes.append(f"Nur die ersten {MOST_TERMS} Suchwörter zählen.")
    return request


def _terms(match: re.Match[str], request: Request) -> list[Term]:
    """The terms of one token: a phrase, or a word, which other signs may cut in several."""
    if match["phrase"] is not None:
        return [Term(match["phrase"], phrase=True)] if _has_letters(match["phrase"]) else []
    terms = []
    for piece in re.split(r"[()\[\]{},;|+]+", match["word"]):
        bare = piece.rstrip("*")
        if not _has_letters(bare):
            continue
        if bare != piece and len([sign for sign in bare if sign.isalnum()]) < 2:
            request.notes.append("Vor dem * müssen mindestens zwei Buchstaben stehen.")
            terms.append(Term(bare))
        else:
            terms.append(Term(bare, prefix=bare != piece))
    return terms


def _has_letters(text: str) -> bool:
    return any(sign.isalnum() for sign in text)
