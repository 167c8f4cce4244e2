"""All sources with their health, filtered and sorted."""

from __future__ import annotations

from collections import Counter

from datasette_config.desk.listing import ORDERS, chosen, rows
from datasette_config.desk.request import Answer
from datasette_config.desk.visit import Visit
from store.types import STATES


def show(visit: Visit) -> Answer:
    """The list."""
    request = visit.request
    found = rows(visit)
    words, code = request.argument("q"), request.argument("zustand")
    land, order = request.argument("land"), request.argument("nach", "zustand")
    counts = Counter(row.condition.code for row in found)
    named = {row.condition.code: row.condition.word for row in found}
    return visit.page(
        "sources.html",
        rows=chosen(found, words, code, land, order),
        total=len(found),
        words=words,
        code=code,
        land=land if land in STATES else "",
        order=order if order in ORDERS else "zustand",
        codes=[(code, named[code], count) for code, count in counts.most_common()],
        reserved=sum(row.reservation is not None for row in found),
        states=[state for state in STATES if any(r.status.source.land == state for r in found)],
    )
