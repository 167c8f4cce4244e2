"""The address of a search: every state of ``/suche`` as URL parameters, and back."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final
from urllib.parse import urlencode

from datasette_config.language import Language

#: Entries on one page of results.
PAGE_SIZE: Final = 20
#: The last page that can be turned to; beyond it a narrower search is quicker for everybody.
LAST_PAGE: Final = 500
#: Characters of a query that are read; more is no query but a pasted text.
LONGEST_TEXT: Final = 300
#: Values of one filter that are read.
MOST_VALUES: Final = 30

#: URL parameter of each filter that takes several values, and the field it fills.
FILTERS: Final = {
    "thema": "topics",
    "land": "states",
    "ort": "towns",
    "quelle": "sources",
    "art": "kinds",
    "lizenz": "licences",
}

_IDENTIFIER = re.compile(r"[a-z0-9_-]{1,64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Address:
    """One state of the search page."""

    text: str = ""
    topics: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    #: official keys (AGS)
    towns: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    licences: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    order: str = "date"
    page: int = 1

    def url(self, path: str = "/suche") -> str:
        """``path`` with the parameters of this state, in a fixed order, defaults left out."""
        parameters: list[tuple[str, str]] = [("q", self.text)] if self.text else []
        for parameter, field in FILTERS.items():
            parameters += [(parameter, value) for value in getattr(self, field)]
        if self.since:
            parameters.append(("von", self.since.isoformat()))
        if self.until:
            parameters.append(("bis", self.until.isoformat()))
        if self.order == "relevance":
            parameters.append(("sortierung", "relevanz"))
        if self.page > 1:
            parameters.append(("seite", str(self.page)))
        return f"{path}?{urlencode(parameters)}" if parameters else path

    def toggled(self, field: str, value: str) -> Address:
        """The first page with ``value`` added to a filter, or taken out where it was set."""
        values: tuple[str, ...] = getattr(self, field)
        rest = tuple(v for v in values if v != value)
        chosen: dict[str, Any] = {field: rest if value in values else (*rest, value)}
        return replace(self, **chosen, page=1)

    def without(self, field: str) -> Address:
        """The first page without one filter."""
        empty: dict[str, Any] = {field: ()}
        return replace(self, **empty, page=1)

    def in_period(self, since: date | None, until: date | None) -> Address:
        """The first page of the same search in another period."""
        return replace(self, since=since, until=until, page=1)

    def ordered(self, order: str) -> Address:
        """The first page of the same search in another order."""
        return replace(self, order=order, page=1)

    def on_page(self, page: int) -> Address:
        """Another page of the same search."""
        return replace(self, page=page)

    def with_text(self, text: str) -> Address:
        """The first page of the same filters with other words."""
        return replace(self, text=text, page=1)

    @property
    def filtered(self) -> bool:
        """Whether anything beyond the words narrows the search."""
        values = any(getattr(self, field) for field in FILTERS.values())
        return bool(values or self.since or self.until)


@dataclass(frozen=True, slots=True)
class Reading:
    """What was understood of a URL, and a line for each part that was not."""

    address: Address
    notes: tuple[str, ...] = ()


def read_address(
    arguments: Mapping[str, Sequence[str]],
    known: Mapping[str, Container[str]],
    spoken: Language,
) -> Reading:
    """The search a URL asks for; ``known``: the values there are of each field of ``FILTERS``.

    Values that name nothing are left out, with a note. Takes any input: a hostile or mistyped
    parameter costs a note, never an error.
    """
    notes: list[str] = []
    fields: dict[str, tuple[str, ...]] = {}
    for parameter, field in FILTERS.items():
        given = [value for value in arguments.get(parameter, ()) if value][:MOST_VALUES]
        fields[field] = tuple(dict.fromkeys(v for v in given if v in known[field]))
        for value in given:
            if value not in known[field]:
                shown = f" „{value}“" if _IDENTIFIER.fullmatch(value) else ""
                notes.append(
                    spoken.gettext(
                        "Den Filter %(filter)s gibt es nicht; er wurde übergangen.",
                        filter=f"{parameter}{shown}",
                    )
                )
    since = _day(arguments, "von", notes, spoken)
    until = _day(arguments, "bis", notes, spoken)
    if since and until and since > until:
        since, until = until, since
        notes.append(spoken.gettext("Anfang und Ende des Zeitraums wurden vertauscht."))
    text = " ".join(_first(arguments, "q").replace("\x00", " ").split())
    if len(text) > LONGEST_TEXT:
        text = text[:LONGEST_TEXT].rsplit(" ", 1)[0]
        notes.append(
            spoken.gettext(
                "Von der Eingabe wurden die ersten %(number)s Zeichen gesucht.", number=LONGEST_TEXT
            )
        )
    address = Address(
        text=text,
        since=since,
        until=until,
        order="relevance" if _first(arguments, "sortierung") == "relevanz" else "date",
        page=_page(_first(arguments, "seite")),
        **fields,
    )
    return Reading(address, tuple(dict.fromkeys(notes)))


def _first(arguments: Mapping[str, Sequence[str]], name: str) -> str:
    return next(iter(arguments.get(name, ())), "")


def _page(raw: str) -> int:
    return min(max(int(raw), 1), LAST_PAGE) if re.fullmatch(r"[0-9]{1,6}", raw, re.ASCII) else 1


def _day(
    arguments: Mapping[str, Sequence[str]], name: str, notes: list[str], spoken: Language
) -> date | None:
    raw = _first(arguments, name).strip()
    if not raw:
        return None
    german = re.fullmatch(r"(\d{1,2})\.\s*(\d{1,2})\.\s*(\d{4})", raw, re.ASCII)
    iso = re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})", raw, re.ASCII)
    try:
        if german:
            return date(*(int(part) for part in reversed(german.groups())))
        if iso:
            return date(*(int(part) for part in iso.groups()))
    except ValueError:
        pass  # a 31 February is as little a date as a word: both get the note below
    notes.append(
        spoken.gettext(
            "Das Datum bei „%(name)s“ wurde nicht verstanden (zum Beispiel 31.12.2025).", name=name
        )
    )
    return None
