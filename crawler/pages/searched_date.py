"""The day that htmldate finds in a page's part, unless it is the last change's or today's."""

from __future__ import annotations

from copy import deepcopy
from datetime import datetime, timedelta

from htmldate import find_date as htmldate_find
from lxml import etree
from lxml.html import HtmlElement

from crawler.dates import parse_date
from crawler.pages.blocks import read_blocks
from crawler.pages.changes import change_in
from crawler.pages.document import Document
from crawler.pages.published import dates_in, is_today
from crawler.text import clean
from store.types import BERLIN, PublicationDate

#: Trees larger than this go without htmldate, whose patterns run over the whole text.
_MAX_ELEMENTS = 20_000


def date_by_htmldate(doc: Document, root: HtmlElement) -> PublicationDate | None:
    """htmldate's answer for the page's part with the text; its free-text guess is off.

    Never a day that a line such as „Stand: …“ or „Aktualisiert am …“ tells.
    """
    if sum(1 for _ in root.iter()) > _MAX_ELEMENTS:
        return None
    tree = deepcopy(root)
    tree.tail = None
    for element in list(tree.iter("nav", "footer", "aside", "script", "style", "form")):
        parent = element.getparent()
        if parent is not None:
            element.drop_tree()
    changes = _drop_changes(tree, doc.now)
    latest = (doc.now + timedelta(days=1)).astimezone(BERLIN)
    html = etree.tostring(tree, encoding="unicode", method="html")
    found = htmldate_find(
        f"<html><body>{html}</body></html>",
        extensive_search=False,
        original_date=True,
        max_date=latest.strftime("%Y-%m-%d"),
    )
    date = parse_date(found, now=doc.now) if found else None
    if date is None or date.iso()[:10] in changes:
        return None
    # of a whole page, header and all, today's day may be the site's own
    return None if root.tag in {"body", "html"} and is_today(date, doc.now) else date


def _drop_changes(tree: HtmlElement, now: datetime) -> set[str]:
    """The days (ISO) of last changes that the tree tells; lines of nothing else are taken out."""
    days: set[str] = set()
    blocks = list(read_blocks(tree))
    for index, block in enumerate(blocks):
        change = change_in(blocks, index)
        dates = list(dates_in(change, now=now))
        if change and next(dates_in(block.text.removesuffix(change), now=now), None) is None:
            dates += filter(None, (parse_date(stamp, now=now) for stamp in block.stamps))
            if block.element is not tree and clean(block.element.text_content()) == block.text:
                block.element.drop_tree()
        days |= {date.iso()[:10] for date in dates}
    return days
