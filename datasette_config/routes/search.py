"""The search page: results, filters with counts, the months, and help when nothing is found."""

from __future__ import annotations

from dataclasses import dataclass, replace

from datasette_config.addresses import LAST_PAGE, PAGE_SIZE, Address, read_address
from datasette_config.choices import filters, periods
from datasette_config.formats import local
from datasette_config.histogram import bars
from datasette_config.language import Language, language
from datasette_config.listing import Found, find, query_of
from datasette_config.sentences import in_their_tongue
from datasette_config.site import Site
from datasette_config.web import Ask, Page
from datasette_config.wording import Chip, Names, chips, describe, names_in

#: Filters that the help for an empty result tries to do without: one search each.
MOST_ESCAPES = 6
#: Topics that an empty result suggests.
SUGGESTED = 8


@dataclass(frozen=True, slots=True)
class Way:
    """A way out of an empty result that does find something."""

    label: str
    url: str
    total: int


def page(site: Site, ask: Ask) -> Page:
    """The search that the URL asks for."""
    archive = site.archive()
    spoken = language(ask.language)
    names = names_in(archive, spoken, ask.arguments.get("ort", ()))
    reading = read_address(ask.arguments, names, spoken)
    address = reading.address
    found = find(site, address, spoken)
    pages = min(-(-found.results.total // PAGE_SIZE), LAST_PAGE)
    if address.page > max(pages, 1):
        address = address.on_page(max(pages, 1))
        found = find(site, address, spoken)
    results = found.results
    active = chips(address, names, spoken)
    noted = [in_their_tongue(results.note, spoken)] if results.note and results.total else []
    notes = [*reading.notes, *noted]
    return site.page(
        "search.html",
        ask,
        address=address,
        found=found,
        notes=notes,
        filters=filters(site, address, results, names, spoken),
        chips=active,
        title=describe(address, names, spoken),
        bars=bars(_months(site, address, found), spoken),
        periods=periods(address, local(site.now()), spoken),
        first=(address.page - 1) * PAGE_SIZE + 1,
        pages=pages,
        page_numbers=_page_numbers(address.page, pages),
        meant=_meant(site, address, found),
        escapes=_escapes(site, address, active, spoken) if not results.total else [],
        suggested=_suggested(site, names) if not results.total else [],
        feed=replace(address, page=1, order="date").url("/suche.atom"),
    )


def _months(site: Site, address: Address, found: Found) -> tuple[tuple[str, int], ...]:
    """All months of the search, whatever period is chosen: the bars are there to choose another."""
    if not (address.since or address.until):
        return found.results.months
    whole = address.in_period(None, None)
    return site.search.run(query_of(whole, site.archive(), limit=0)).months


def _meant(site: Site, address: Address, found: Found) -> Way | None:
    """The search with its words put right, if that finds something here."""
    offered = found.results.meant
    if not offered:
        return None
    other = address.with_text(offered)
    total = site.search.run(query_of(other, site.archive(), limit=1)).total
    return Way(offered, other.url(), total) if total else None


def _escapes(site: Site, address: Address, active: list[Chip], spoken: Language) -> list[Way]:
    tried = [(f"{chip.kind} „{chip.label}“", chip.without) for chip in active[:MOST_ESCAPES]]
    if len(active) > 1:
        tried.append(
            (spoken.gettext("alle Filter"), Address(text=address.text, order=address.order))
        )
    if address.filtered and address.text:
        label = spoken.gettext("die Suchwörter „%(words)s“", words=address.text)
        tried.append((label, address.with_text("")))
    archive = site.archive()
    found = [
        Way(label, way.url(), site.search.run(query_of(way, archive, limit=1)).total)
        for label, way in tried
    ]
    return [way for way in found if way.total]


def _suggested(site: Site, names: Names) -> list[tuple[str, str, int]]:
    """The most frequent topics: (id, name, entries)."""
    counted = site.search.run(query_of(Address(), site.archive(), limit=0)).facets["topic"]
    return [
        (id, names["topics"][id], count)
        for id, count in counted[:SUGGESTED]
        if id in names["topics"]
    ]


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
