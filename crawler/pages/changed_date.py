"""The day of a text's last change, for pages that tell no other: better than none, and named so."""

from __future__ import annotations

from datetime import datetime

from crawler.dates import parse_date
from crawler.pages.blocks import Block
from crawler.pages.changes import change_in
from crawler.pages.published import column, dates_in, is_today
from crawler.pages.reading import Reading
from store.types import PublicationDate


def date_of_change(reading: Reading) -> PublicationDate | None:
    """The one day that lines such as „Stand: 3. Juni 2025“ tell in the text's part of the page.

    None if they tell several, and never today's, which systems print into every page. A footer's
    line is the site's: where no element says which part is the text's, the line has to stand in the
    column with headline and text.
    """
    doc, part = reading.doc, reading.region
    if part.tag in {"body", "html"}:
        around = column(doc, reading.headline, reading.blocks)
        if around is None:
            return None
        part = around
    inside = set(part.iter())
    found: PublicationDate | None = None
    for index, block in enumerate(reading.blocks):
        date = _changed(reading.blocks, index, doc.now) if block.element in inside else None
        if date is None:
            continue
        if found is not None and found.iso()[:10] != date.iso()[:10]:
            return None
        found = found or date
    return None if found is None or is_today(found, doc.now) else found


def _changed(blocks: tuple[Block, ...], index: int, now: datetime) -> PublicationDate | None:
    change = change_in(blocks, index)
    if not change:
        return None
    stamps = (parse_date(stamp, now=now) for stamp in blocks[index].stamps)
    return next(dates_in(change, now=now), None) or next(filter(None, stamps), None)
