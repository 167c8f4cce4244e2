"""All items of the newsroom, filtered."""

from __future__ import annotations

from datasette_config.desk.request import Answer, redirect, whole
from datasette_config.desk.visit import Visit
from store.desk import SHOWN

SIZE = 50


def show(visit: Visit) -> Answer:
    """The list; a number or an address leads to the item itself."""
    request = visit.request
    words, source = request.argument("q"), request.argument("quelle")
    shown = request.argument("zeigen", "all")
    page = max(whole(request.argument("seite")) or 1, 1)
    number = whole(words)
    if number is not None and visit.newsroom.item(number):
        return redirect(f"/desk/eintraege/{number}")
    if words.startswith(("http://", "https://")):
        found = visit.newsroom.item_by_url(words)
        if found is not None:
            return redirect(f"/desk/eintraege/{found.id}")
    lines = visit.newsroom.lines(
        words=words,
        source=source or None,
        shown=shown if shown in SHOWN else "all",
        limit=SIZE + 1,
        offset=(page - 1) * SIZE,
    )
    return visit.page(
        "items.html",
        lines=lines[:SIZE],
        more=len(lines) > SIZE,
        number=page,
        words=words,
        source=source,
        shown=shown,
        kinds=SHOWN,
        sources={one.source.id: one.source.name for one in visit.newsroom.sources()},
    )
