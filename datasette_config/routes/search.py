"""The search page: results, filters with counts, the months, and help when nothing is found."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from datasette_config.addresses import FILTERS, LAST_PAGE, PAGE_SIZE, Address, read_address
from datasette_config.formats import local
from datasette_config.histogram import bars
from datasette_config.listing import Found, find, query_of
from datasette_config.site import Site
from datasette_config.web import Ask, Page
from datasette_config.wording import TITLES, Chip, Names, chips, describe, names_in

#: Values of a filter shown at once; the rest folds away.
SHOWN = 8
#: Filters that the help for an empty result tries to do without: one search each.
MOST_ESCAPES = 6


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a filter, and where choosing (or dropping) it leads."""

    label: str
    count: int
    url: str
    active: bool


@dataclass(frozen=True, slots=True)
class Filter:
    """One filter with its values, the chosen first."""

    name: str
    title: str
    choices: tuple[Choice, ...]


def page(site: Site, ask: Ask) -> Page:
    """The search that the URL asks for."""
    archive = site.archive()
    names = names_in(archive)
    reading = read_address(ask.arguments, topics=names["topics"], sources=names["sources"])
    address = reading.address
    found = find(site, address)
    pages = min(-(-found.results.total // PAGE_SIZE), LAST_PAGE)
    if address.page > max(pages, 1):
        address = address.on_page(max(pages, 1))
        found = find(site, address)
    active = chips(address, names)
    return site.page(
        "search.html",
        here=ask.path,
        address=address,
        found=found,
        notes=[*reading.notes, *([found.results.note] if found.results.note else [])],
        filters=_filters(address, found, names),
        chips=active,
        title=describe(address, names),
        bars=bars(found.results.months),
        periods=_periods(site, address),
        pages=pages,
        page_numbers=_page_numbers(address.page, pages),
        escapes=_escapes(site, address, active) if not found.results.total else [],
        topics=archive.topics().values() if not found.results.total else [],
        feed=replace(address, page=1, order="date").url("/suche.atom"),
    )


def _filters(address: Address, found: Found, names: Names) -> tuple[Filter, ...]:
    facets = {"topics": "topic", "states": "state", "sources": "source", "kinds": "kind"}
    filters: list[Filter] = []
    for name, field in FILTERS.items():
        counts = dict(found.results.facets[facets[field]])
        active: tuple[str, ...] = getattr(address, field)
        ordered = sorted(
            {*(value for value, count in counts.items() if count), *active},
            key=lambda value: (value not in active, -counts.get(value, 0), value),
        )
        choices = tuple(
            Choice(
                label=names[field].get(value, value),
                count=counts.get(value, 0),
                url=address.toggled(field, value).url(),
                active=value in active,
            )
            for value in ordered
        )
        filters.append(Filter(name, TITLES[field], choices))
    return tuple(filters)


def _periods(site: Site, address: Address) -> list[Choice]:
    today = local(site.now())
    spans = (("letzte 7 Tage", 7), ("letzte 30 Tage", 30), ("letzte 12 Monate", 365))
    return [
        Choice(
            label=label,
            count=0,
            url=address.in_period(since := today - timedelta(days=days - 1), None).url(),
            active=address.since == since and address.until is None,
        )
        for label, days in spans
    ]


def _escapes(site: Site, address: Address, active: list[Chip]) -> list[tuple[str, str, int]]:
    """Ways out of an empty result that do find something: (what is left out, URL, entries)."""
    tried = [(f"{chip.kind} „{chip.label}“", chip.without) for chip in active[:MOST_ESCAPES]]
    if len(active) > 1:
        tried.append(("alle Filter", Address(text=address.text, order=address.order)))
    if address.filtered and address.text:
        tried.append((f"die Suchwörter „{address.text}“", address.with_text("")))
    found = [
        (label, way.url(), site.search.run(query_of(way, limit=1)).total) for label, way in tried
    ]
    return [(label, url, total) for label, url, total in found if total]


def _page_numbers(page: int, pages: int) -> list[int | None]:
    """The pages to offer, ``None`` for a gap: ``1 … 4 5 6 … 20``."""
    wanted = sorted({1, pages, *range(max(page - 1, 1), min(page + 1, pages) + 1)})
    numbers: list[int | None] = []
    for number in wanted:
        last = next((n for n in reversed(numbers) if n), number - 1)
        if number - last == 2:
            numbers.append(number - 1)
        elif number - last > 2:
            numbers.append(None)
        numbers.append(number)
    return numbers
