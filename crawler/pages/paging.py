"""How a list goes over several pages: the way to its next one, and whether it has more than one."""

from __future__ import annotations

import re

from lxml.html import HtmlElement

from crawler.pages.document import Document
from crawler.text import clean

_NEXT = re.compile(
    r"^(?:zur )?(?:nächste[nr]?(?: seite)?|weiter|vor|vorwärts|next(?: page)?|seite vor"
    r"|ältere (?:beiträge|artikel|meldungen)|mehr (?:meldungen|beiträge|artikel|laden)"
    r"|older posts)\s*[»›→>]*$",
    re.I,
)
_PREVIOUS = re.compile(
    r"^[«‹←<]*\s*(?:(?:zur )?vorherige[nr]? seite|vorige seite|seite zurück|previous(?: page)?"
    r"|neuere (?:beiträge|artikel|meldungen)|newer posts|(?:seite )?1)$",
    re.I,
)
_COUNT = re.compile(r"\bseite \d+ (?:von|/) \d+\b", re.I)
#: Longer lines are text, not the label of a link to another page.
_LABEL = 30


def next_page(doc: Document) -> str | None:
    """The address of the list's next page; None on its last."""
    for element in doc.root.iter("link", "a"):
        rel = (element.get("rel") or "").lower().split()
        if "next" in rel:
            return _further(doc, element)
    for element in doc.root.iter("a"):
        label = clean(element.text_content()) or ""
        named = element.get("aria-label") or element.get("title") or ""
        if len(label) <= _LABEL and (_NEXT.match(label) or _NEXT.match(named.strip())):
            address = _further(doc, element)
            if address:
                return address
    return None


def is_paged(doc: Document) -> bool:
    """The page is one of a list's pages: it leads to an earlier one or counts them."""
    for element in doc.root.iter("link", "a"):
        label = clean(element.text_content()) or ""
        named = (element.get("aria-label") or element.get("title") or "").strip()
        back = "prev" in (element.get("rel") or "").lower().split() or (
            len(label) <= _LABEL and bool(_PREVIOUS.match(label) or _PREVIOUS.match(named))
        )
        if back and _further(doc, element):
            return True
    return any(_COUNT.search(text) for text in doc.root.itertext())


def _further(doc: Document, element: HtmlElement) -> str | None:
    address = doc.link(element.get("href"))
    return address if address and address != doc.url else None
