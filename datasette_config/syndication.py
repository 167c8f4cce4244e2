"""What Atom and JSON Feed say alike: heads, ids, titles and texts of entries, corrections."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit

from markupsafe import escape

from datasette_config import formats
from datasette_config.archive import Row
from datasette_config.web import host_of, safe_url

#: Authority of tag ids where the site has no public address of its own (RFC 4151, RFC 2606).
_NO_ADDRESS: Final = "kommunalradar.example"
#: A year in which the authority was ours (RFC 4151); it must never change.
_YEAR: Final = 2026
#: Everything that XML 1.0 has no character for (production 2, Char); JSON readers choke on it too.
_NO_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

#: An entry's state in one word, for readers and for programs.
CORRECTED: Final = "korrigiert"
WITHDRAWN: Final = "zurückgezogen"


@dataclass(frozen=True, slots=True)
class FeedHead:
    """What a feed says of itself. Paths begin with a slash."""

    title: str
    subtitle: str
    #: the path of the whole feed, its parameters included, without the number of the page
    path: str
    #: the path of the page it belongs to
    page: str
    #: when the archive was last published: the feed's date where it has no entries
    published: datetime
    #: which piece of the feed this is, from 1; RFC 5005, section 3, calls it a page
    number: int = 1
    #: whether older entries follow on another page
    more: bool = False

    def at(self, number: int) -> str:
        """The path of a page of the feed."""
        if number == 1:
            return self.path
        return f"{self.path}{'&' if '?' in self.path else '?'}seite={number}"


def authority(address: str | None) -> str:
    """What all ids of a site begin with: a tag URI (RFC 4151) of its public address."""
    return f"tag:{urlsplit(address).hostname if address else _NO_ADDRESS},{_YEAR}:"


def entry_id(row: Row, address: str | None) -> str:
    """The id of an item in every feed, for ever."""
    return f"{authority(address)}eintrag/{row.id}"


def clean(text: str) -> str:
    """The text without the characters that no feed can hold."""
    return _NO_XML.sub("", text)


def title(row: Row) -> str:
    """Kicker and headline; a withdrawal stands before it, since it changes what the entry is."""
    whole = f"{row.kicker}: {row.title}" if row.kicker else row.title
    return clean(whole if row.withdrawn_at is None else f"Zurückgezogen: {whole}")


def event(row: Row) -> str | None:
    """What happened to the entry after it was first seen: :data:`CORRECTED`, :data:`WITHDRAWN`."""
    if row.withdrawn_at is not None:
        return WITHDRAWN
    return CORRECTED if row.changed_at > row.first_seen else None


def updated(row: Row) -> datetime:
    """When the entry last changed: a correction or a withdrawal moves it."""
    moments = (row.published_at, row.first_seen, row.changed_at, row.withdrawn_at)
    return max(moment for moment in moments if moment)


def summary(row: Row) -> str:
    """The entry as HTML: what happened to it, its teaser as far as shown, the original."""
    parts: list[str] = []
    if row.withdrawn_at is not None:
        on = formats.day(row.withdrawn_at)
        parts.append(f"<p><strong>Das Original wurde am {on} zurückgezogen.</strong></p>")
    elif event(row):
        on = formats.day(row.changed_at)
        parts.append(f"<p><strong>Korrigiert am {on}.</strong></p>")
    if row.teaser:
        parts.append(f"<p>{escape(row.teaser)}</p>")
    original = safe_url(row.url)
    if original:
        host = escape(host_of(original))
        parts.append(f'<p><a href="{escape(original)}">Zum Original bei {host}</a></p>')
    return clean("".join(parts))


def latest(head: FeedHead, rows: Sequence[Row]) -> datetime:
    """When the feed last changed."""
    return max([updated(row) for row in rows], default=head.published)


def stamp(at: datetime) -> str:
    """A moment as RFC 3339 writes it, in UTC."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
