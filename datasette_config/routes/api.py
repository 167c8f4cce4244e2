"""The archive as JSON: search, counts, one entry, and the description of all that."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from datasette_config.addresses import LAST_PAGE, PAGE_SIZE
from datasette_config.api import answers, parameters
from datasette_config.api.description import ROOT, describe
from datasette_config.api.problems import Mistake, problem
from datasette_config.language import SOURCE, language
from datasette_config.listing import query_of
from datasette_config.site import Site
from datasette_config.web import Ask, Page
from datasette_config.wording import Names, names_in

#: The search engine's facet behind each list of counts, and the field its names stand under.
_COUNTED: Final = {
    "topics": ("topic", "topics"),
    "states": ("state", "states"),
    "places": ("town", "towns"),
    "sources": ("source", "sources"),
    "kinds": ("kind", "kinds"),
}


def search(site: Site, ask: Ask) -> Page:
    """The entries of one page of a search."""
    known = {field: list(values) for field, values in _names(site).items()}
    asked, mistakes = parameters.read(
        ask.raw_query, (*parameters.filters(known), *parameters.PAGING)
    )
    if mistakes:
        return _refused(mistakes)
    archive, address = site.archive(), asked.address
    results = site.search.run(query_of(address, archive, asked.limit))
    rows = {row.id: row for row in archive.rows([hit.item_id for hit in results.hits])}
    pages = min(-(-results.total // asked.limit), LAST_PAGE)
    following = None
    if address.page < pages:
        size = "" if asked.limit == PAGE_SIZE else f"&anzahl={asked.limit}"
        path = replace(address, page=address.page + 1).url(f"{ROOT}/suche")
        following = f"{ask.origin}{path}{size}"
    told = {
        "total": results.total,
        "page": address.page,
        "pages": pages,
        "next": following,
        "note": results.note,
        "meant": results.meant,
        "items": [
            answers.found(hit, rows[hit.item_id], ask.origin)
            for hit in results.hits
            if hit.item_id in rows
        ],
    }
    return answers.answer(told, next=following)


def facets(site: Site, ask: Ask) -> Page:
    """How many entries a search finds, by every facet and by month."""
    names = _names(site)
    known = {field: list(values) for field, values in names.items()}
    asked, mistakes = parameters.read(ask.raw_query, parameters.filters(known))
    if mistakes:
        return _refused(mistakes)
    archive = site.archive()
    results = site.search.run(query_of(asked.address, archive, 0))
    towns = archive.towns([ags for ags, _ in results.facets["town"]])
    names = {**names, "towns": {ags: town.name for ags, town in towns.items()}}
    counted = {
        name: [
            {"id": value, "label": names[field].get(value, value), "count": count}
            for value, count in results.facets[facet]
        ]
        for name, (facet, field) in _COUNTED.items()
    }
    months = [{"month": month, "count": count} for month, count in results.months]
    return answers.answer(
        {"total": results.total, "note": results.note, **counted, "months": months}
    )


def item(site: Site, ask: Ask) -> Page:
    """One entry."""
    archive = site.archive()
    found = archive.item(int(ask.parts["id"]))
    if found is None:
        return problem(404, "Diesen Eintrag gibt es im Archiv nicht oder nicht mehr.")
    cluster = found.cluster_id
    siblings = [] if cluster is None else archive.siblings(cluster, found.row.id)
    return answers.answer(answers.whole(found, siblings, ask.origin))


def openapi(site: Site, ask: Ask) -> Page:
    """What there is to ask, for people and programs."""
    known = {field: list(values) for field, values in _names(site).items()}
    told = json.dumps(describe(known, ask.origin), ensure_ascii=False).encode()
    return Page(told, content_type=answers.JSON, max_age=300)


def missing(site: Site, ask: Ask) -> Page:
    """No address of ours, but asked by a program."""
    return problem(404, f"Die Beschreibung steht unter {ROOT}/openapi.json.")


def _names(site: Site) -> Names:
    return names_in(site.archive(), language(SOURCE))


def _refused(mistakes: Sequence[Mistake]) -> Page:
    return problem(
        400,
        f"Die Beschreibung aller Parameter steht unter {ROOT}/openapi.json.",
        mistakes=mistakes,
    )


ROUTES: Final = (
    (rf"{ROOT}/suche$", search),
    (rf"{ROOT}/facets$", facets),
    (rf"{ROOT}/items/(?P<id>[0-9]{{1,15}})$", item),
    (rf"{ROOT}/openapi\.json$", openapi),
    (r"/api(/.*)?$", missing),
)
