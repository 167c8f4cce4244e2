"""The calendar of a search: its items of kind event whose day is known."""

from __future__ import annotations

from dataclasses import replace

from datasette_config.addresses import read_address
from datasette_config.event_days import event_days
from datasette_config.icalendar import Event, calendar
from datasette_config.language import SOURCE, language
from datasette_config.listing import query_of
from datasette_config.site import Site
from datasette_config.web import Ask, Page
from datasette_config.wording import describe, names_in

#: Items looked at, the newest first: what was announced before them is over.
MOST = 500
MAX_AGE = 900
CALENDAR = "text/calendar; charset=utf-8"


def page(site: Site, ask: Ask) -> Page:
    """Events of the search in the URL; an item whose text names no day is left out."""
    spoken = language(SOURCE)
    archive = site.archive()
    names = names_in(archive, spoken, ask.arguments.get("ort", ()))
    asked = replace(read_address(ask.arguments, names, spoken).address, order="date", page=1)
    words = describe(replace(asked, kinds=()), names, spoken)
    query = query_of(replace(asked, kinds=("event",)), archive, MOST)
    hits = site.search.run(query, counts=False).hits
    events: list[Event] = []
    for row in archive.rows([hit.item_id for hit in hits]):
        text = " \n ".join(part for part in (row.kicker, row.title, row.teaser) if part)
        days = event_days(text, row.day)
        if days:
            events.append(Event(row, *days))
    name = f"Kommunalradar: Veranstaltungen{', ' + words if words else ''}"
    body = calendar(name, events, origin=ask.origin, address=site.config.address)
    return Page(body, content_type=CALENDAR, max_age=MAX_AGE)
