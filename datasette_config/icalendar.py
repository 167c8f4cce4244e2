"""iCalendar (RFC 5545) from events: folded, escaped, with stable UIDs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from datasette_config.archive import Row
from datasette_config.syndication import entry_id, event, title, updated
from datasette_config.web import safe_url

#: Octets of one line without its end (RFC 5545, section 3.1).
LONGEST_LINE: Final = 75
_PRODUCT: Final = "-//Kommunalradar//Veranstaltungen//DE"


@dataclass(frozen=True, slots=True)
class Event:
    """An item of kind event whose days are known."""

    row: Row
    first: date
    last: date


def calendar(name: str, events: Sequence[Event], *, origin: str, address: str | None) -> bytes:
    """The document; whole days, since the archive knows no hours."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:{_PRODUCT}",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"NAME:{escaped(name)}",
        f"X-WR-CALNAME:{escaped(name)}",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        *(line for one in events for line in _event(one, origin, address)),
        "END:VCALENDAR",
    ]
    return "".join(f"{folded(line)}\r\n" for line in lines).encode()


def escaped(text: str) -> str:
    """A value of type TEXT (section 3.3.11); control characters have no place in it."""
    one = "".join(sign for sign in text.replace("\r\n", "\n") if sign == "\n" or sign >= " ")
    one = one.replace("\x7f", "").replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return one.replace("\n", "\\n")


def folded(line: str) -> str:
    """The line in pieces of at most 75 octets, never within a character (section 3.1)."""
    pieces: list[str] = []
    piece, octets, room = "", 0, LONGEST_LINE
    for sign in line:
        size = len(sign.encode())
        if octets + size > room:
            pieces.append(piece)
            piece, octets, room = "", 0, LONGEST_LINE - 1  # the blank that marks a continuation
        piece += sign
        octets += size
    return "\r\n ".join([*pieces, piece])


def _event(one: Event, origin: str, address: str | None) -> Iterator[str]:
    row = one.row
    page = f"{origin}/eintrag/{row.id}"
    original = safe_url(row.url)
    told = [row.teaser or "", f"Original: {original}" if original else "", f"Archiv: {page}"]
    yield "BEGIN:VEVENT"
    yield f"UID:{escaped(entry_id(row, address))}"
    yield f"DTSTAMP:{_moment(updated(row))}"
    yield f"LAST-MODIFIED:{_moment(updated(row))}"
    yield f"CREATED:{_moment(row.first_seen)}"
    # A client takes a change only with a higher number (section 3.8.7.4).
    yield f"SEQUENCE:{1 if event(row) else 0}"
    yield f"DTSTART;VALUE=DATE:{one.first:%Y%m%d}"
    yield f"DTEND;VALUE=DATE:{one.last + timedelta(days=1):%Y%m%d}"
    yield f"SUMMARY:{escaped(title(row))}"
    description = "\n".join(part for part in told if part)
    yield f"DESCRIPTION:{escaped(description)}"
    yield f"URL:{page}"
    labels = ",".join(escaped(label.label) for label in (*row.topics, *row.states))
    if labels:
        yield f"CATEGORIES:{labels}"
    yield f"STATUS:{'CANCELLED' if row.withdrawn_at else 'CONFIRMED'}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
