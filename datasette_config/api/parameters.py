"""The parameters of a search by JSON: read strictly, and described from the same table."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from urllib.parse import parse_qs

from datasette_config.addresses import (
    FILTERS,
    LAST_PAGE,
    LONGEST_TEXT,
    MOST_VALUES,
    PAGE_SIZE,
    Address,
)
from datasette_config.api.problems import Mistake

#: Entries of one answer at most.
MOST_ENTRIES: Final = 100
#: Years that a date may have: before the first no town had a press office, and what lies after
#: the last no calendar of ours can reckon with.
FIRST_DAY: Final = date(1900, 1, 1)
LAST_DAY: Final = date(2999, 12, 31)
#: More parameters than every filter can take are no search.
MOST_PARAMETERS: Final = 300

_AGS: Final = r"^([0-9]{5}|[0-9]{8})$"
_DAY: Final = r"^(19|2[0-9])[0-9]{2}-[0-9]{2}-[0-9]{2}$"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter: what it means, the JSON Schema of one value, whether it may be repeated."""

    name: str
    about: str
    schema: Mapping[str, Any]
    many: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that was understood."""

    address: Address
    limit: int = PAGE_SIZE


def filters(known: Mapping[str, Sequence[str]]) -> tuple[Parameter, ...]:
    """What narrows a search; ``known``: the values there are of topics, sources and so on."""

    def one_of(field: str) -> dict[str, Any]:
        return {"type": "string", "enum": list(known[field])}

    day = {"type": "string", "format": "date", "pattern": _DAY}
    words = {"type": "string", "maxLength": LONGEST_TEXT}
    return (
        Parameter("q", "Suchwörter, Wendungen und Zeichen wie im Suchfeld der Seite.", words),
        Parameter("thema", "Kürzel eines Themas; mehrere: eines davon.", one_of("topics"), True),
        Parameter("land", "ISO 3166-2 eines Landes, oder bund.", one_of("states"), True),
        Parameter(
            "ort",
            "Amtlicher Gemeindeschlüssel, bei Kreisen fünf Stellen.",
            {"type": "string", "pattern": _AGS},
            True,
        ),
        Parameter("quelle", "Kürzel einer Quelle.", one_of("sources"), True),
        Parameter("art", "Was ein Eintrag ist.", one_of("kinds"), True),
        Parameter("lizenz", "Rechtlicher Stand der Quelle.", one_of("licences"), True),
        Parameter("von", "Erster Tag, in Berliner Zeit.", day),
        Parameter("bis", "Letzter Tag, in Berliner Zeit; liegt er vor dem ersten: umgekehrt.", day),
    )


#: What decides which of the entries found are told.
PAGING: Final = (
    Parameter(
        "sortierung",
        "Neueste zuerst (datum), oder was am besten passt (relevanz).",
        {"type": "string", "enum": ["datum", "relevanz"], "default": "datum"},
    ),
    Parameter(
        "seite",
        "Die wievielte Seite der Antwort.",
        {"type": "integer", "minimum": 1, "maximum": LAST_PAGE, "default": 1},
    ),
    Parameter(
        "anzahl",
        "Einträge auf einer Seite.",
        {"type": "integer", "minimum": 1, "maximum": MOST_ENTRIES, "default": PAGE_SIZE},
    ),
)


def read(query: str, parameters: Sequence[Parameter]) -> tuple[Asked, list[Mistake]]:
    """The request in a query string, and everything that is wrong with it.

    Unlike the site's own pages this guesses nothing: a program is told what it did wrong.
    """
    if query.count("&") >= MOST_PARAMETERS:
        return Asked(Address()), [Mistake("", f"Höchstens {MOST_PARAMETERS} Parameter.")]
    given = parse_qs(query, keep_blank_values=True, errors="replace")
    known = {parameter.name: parameter for parameter in parameters}
    mistakes = [
        Mistake(name[:64], f"Diesen Parameter gibt es nicht. Es gibt: {', '.join(known)}.")
        for name in given
        if name not in known
    ]
    values: dict[str, list[Any]] = {}
    for name, parameter in known.items():
        raw = given.get(name, [])
        values[name] = []
        most = MOST_VALUES if parameter.many else 1
        if len(raw) > most:
            often = f"Höchstens {most} Mal." if most > 1 else "Nur einmal."
            mistakes.append(Mistake(name, often))
            continue
        for value in raw:
            understood, wrong = _value(value, parameter.schema)
            if wrong:
                mistakes.append(Mistake(name, wrong))
            else:
                values[name].append(understood)
    return _asked(values), mistakes


def _asked(values: Mapping[str, Sequence[Any]]) -> Asked:
    def first(name: str, otherwise: Any) -> Any:
        return next(iter(values.get(name, ())), otherwise)

    chosen: dict[str, Any] = {
        field: tuple(dict.fromkeys(values[parameter])) for parameter, field in FILTERS.items()
    }
    order = "relevance" if first("sortierung", "datum") == "relevanz" else "date"
    since, until = first("von", None), first("bis", None)
    if since and until and since > until:
        since, until = until, since
    address = Address(
        text=" ".join(first("q", "").replace("\x00", " ").split()),
        since=since,
        until=until,
        order=order,
        page=first("seite", 1),
        **chosen,
    )
    return Asked(address, first("anzahl", PAGE_SIZE))


def _value(raw: str, schema: Mapping[str, Any]) -> tuple[Any, str]:
    """A value as it is meant, or what is wrong with it."""
    reading: Callable[[str, Mapping[str, Any]], tuple[Any, str]] = _text
    if schema["type"] == "integer":
        reading = _number
    elif "enum" in schema:
        reading = _choice
    elif schema.get("format") == "date":
        reading = _day
    return reading(raw, schema)


def _text(raw: str, schema: Mapping[str, Any]) -> tuple[str, str]:
    longest, pattern = schema.get("maxLength"), schema.get("pattern")
    if longest is not None and len(raw) > longest:
        return "", f"Höchstens {longest} Zeichen."
    if pattern is not None and not re.fullmatch(pattern, raw):
        return "", "Das ist kein Gemeindeschlüssel: acht Ziffern, bei Kreisen fünf."
    return raw, ""


def _choice(raw: str, schema: Mapping[str, Any]) -> tuple[str, str]:
    if raw in schema["enum"]:
        return raw, ""
    values = ", ".join(schema["enum"][:20])
    further = " …" if len(schema["enum"]) > 20 else ""
    return "", f"Das gibt es nicht. Es gibt: {values}{further}."


def _number(raw: str, schema: Mapping[str, Any]) -> tuple[int, str]:
    low, high = schema["minimum"], schema["maximum"]
    if re.fullmatch(r"[0-9]{1,6}", raw, re.ASCII) and low <= int(raw) <= high:
        return int(raw), ""
    return 0, f"Eine ganze Zahl von {low} bis {high}."


def _day(raw: str, schema: Mapping[str, Any]) -> tuple[date | None, str]:
    wrong = f"Ein Tag wie 2026-03-12, von {FIRST_DAY} bis {LAST_DAY}."
    if not re.fullmatch(schema["pattern"], raw):
        return None, wrong
    try:
        found = date.fromisoformat(raw)
    except ValueError:  # the 31st of February
        return None, wrong
    return found, ""
