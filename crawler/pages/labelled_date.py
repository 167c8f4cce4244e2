"""When a page's text was published, as a label before or around the day says („Datum: …“)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from lxml.html import HtmlElement

from crawler.dates import parse_date
from crawler.pages.blocks import Block
from crawler.pages.changes import LINE, PUBLISHED
from crawler.pages.document import Document
from crawler.pages.published import dates_in
from crawler.text import clean
from store.types import PublicationDate

#: A label that the next line answers; „Datum“ beside hour or place is an event's.
_ASKS = re.compile(
    r"\W*(?:datum|(?:erschein|veröffentlichungs|publikations)(?:ungs)?datum|veröffentlicht(?: am)?"
    r"|veröffentlichung|erschienen(?: am)?|publiziert(?: am)?|erstellt(?: am)?|online seit)\W*",
    re.I,
)
_EVENT_TERMS = re.compile(
    r"\b(?:uhrzeit|beginn|ende|einlass|ort|veranstaltungsort|zeit|wann|wo)\b", re.I
)
#: „Dieser Beitrag wurde am Samstag, 3. Juni 2025 um 9:12 Uhr veröffentlicht“ (WordPress' first
#: themes), „Erschienen am: 03.06.2025“.
_SENTENCE = re.compile(
    r"\bdiese[rs]? (?:beitrag|artikel|eintrag|text|meldung) wurde\b.{0,30}?\b(?:am|vom)\b"
    r"(?P<day>.{8,30}?)(?:\bum\b.{0,25}|\bvon\b.{0,40})?"
    r"\b(?:veröffentlicht|geschrieben|gepostet|publiziert|erstellt|verfasst)\b"
    r"|\b(?:veröffentlicht|erschienen|publiziert)(?: am)?:\s*(?P<after>.{8,30})",
    re.I,
)


def date_of_labels(doc: Document, blocks: Sequence[Block]) -> PublicationDate | None:
    """A line anywhere in the text's part of the page that says when it was published."""
    for block in blocks:
        if block.is_linked:
            continue
        label = PUBLISHED.search(block.text) if len(block.text) <= LINE else None
        if label and (date := next(dates_in(block.text[label.end() :], now=doc.now), None)):
            return date
        match = _SENTENCE.search(block.text)
        said = (match["day"] or match["after"]).strip() if match else ""
        if said and (date := next(dates_in(said, now=doc.now), None)) and said.startswith(date.raw):
            return date
    return None


def date_of_pairs(
    doc: Document, part: HtmlElement, blocks: Sequence[Block]
) -> PublicationDate | None:
    """The one day that stands alone under a label („Datum“) in the text's part, asides included.

    None if there are several, or for an event's, which stands beside an hour or a place.
    """
    found: PublicationDate | None = None
    for date in filter(None, (*_under(doc, blocks), *_of_terms(doc, part))):
        if found is not None and found.iso()[:10] != date.iso()[:10]:
            return None
        found = found or date
    return found


def _under(doc: Document, blocks: Sequence[Block]) -> Iterator[PublicationDate | None]:
    for index, block in enumerate(blocks[:-1]):
        if len(block.text) > LINE or not _ASKS.fullmatch(block.text):
            continue
        around = blocks[max(0, index - 4) : index + 6]
        if not any(_EVENT_TERMS.search(one.text[:20]) for one in around):
            yield parse_date(blocks[index + 1].text, now=doc.now)


def _of_terms(doc: Document, part: HtmlElement) -> Iterator[PublicationDate | None]:
    for term in part.iter("dt", "th"):
        answer = term.getnext()
        if answer is None or not _ASKS.fullmatch(clean(term.text_content()[:LINE]) or ""):
            continue
        terms = " ".join(one.text_content() for one in term.getparent().iter("dt", "th"))
        if not _EVENT_TERMS.search(terms):
            yield parse_date(clean(answer.text_content()[:LINE]) or "", now=doc.now)
