"""One teaser of a list: where it leads, and what it says of the text there."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass

from lxml.html import HtmlElement

from crawler.dates import find_date, parse_date
from crawler.pages.blocks import HEADINGS, Block, read_blocks, text_of
from crawler.pages.document import MAX_LINE, Document, line
from crawler.pages.phrases import MORE, without_more
from crawler.pages.published import split_bracket_date
from crawler.text import MAX_KICKER, clean, fold
from store.types import Link, PublicationDate

#: What journals call the form of a text, as it stands on its own over a teaser.
GENRES = frozenset({
    "interview", "bericht", "kommentar", "studie", "pressemitteilung", "gastbeitrag",
    "hintergrund", "reportage", "kolumne", "porträt", "portrait", "video", "podcast",
    "analyse", "essay", "meinung", "leitartikel", "fachbeitrag", "advertorial",
    "praxisbericht", "im gespräch", "report", "titel", "spezial", "webinar", "veranstaltung",
    "bekanntmachung",
})  # fmt: skip
_KICKER_CLASS = re.compile(r"kicker|dachzeile|topline|overline|roofline|spitzmarke|eyebrow", re.I)
_DIGITS = re.compile(r"\d\d")
_PIECES = re.compile(r"\s*[|·•/]\s*")
_CAPTION = frozenset({"figure", "figcaption", "picture"})
#: „Veröffentlicht am … von der Pressestelle“: so many letters may stand beside a teaser's date.
_BESIDE_DATE = 50


@dataclass(frozen=True, slots=True)
class Teaser:
    """One teaser block: the elements it is made of and what it says."""

    parts: tuple[HtmlElement, ...]
    link: Link
    head: HtmlElement
    #: its kicker is called one by a class name, or stands in the headline
    names_kicker: bool = False


def target(doc: Document, heading: HtmlElement) -> str | None:
    """Where a heading leads: the link in it or around it."""
    for element in heading.iter("a"):
        if address := doc.link(element.get("href")):
            return address
    for above in heading.iterancestors("a"):
        return doc.link(above.get("href"))
    following = _more_link(heading)
    return doc.link(following.get("href")) if following is not None else None


def _more_link(heading: HtmlElement) -> HtmlElement | None:
    """The „mehr …“ link of a teaser whose headline is not linked."""
    node = heading
    for _ in range(3):
        parent = node.getparent()
        if parent is None or parent.tag in {"body", "main"}:
            return None
        if sum(1 for _ in parent.iter(*HEADINGS)) > 1:
            return None
        for element in parent.iter("a"):
            if MORE.search(clean(element.text_content()) or ""):
                return element
        node = parent
    return None


def read_teaser(doc: Document, head: HtmlElement, parts: Sequence[HtmlElement]) -> Teaser | None:
    address = doc.link(head.get("href")) if head.tag == "a" else target(doc, head)
    if address is None or address == doc.url:
        return None
    kicker, title = _head_text(head)
    if not title:
        return None
    inside = set(head.iter())
    around = {head, *head.iterancestors()}
    names_kicker = kicker is not None
    date: PublicationDate | None = None
    genre: str | None = None
    texts: list[str] = []
    before = True
    for block in _blocks(parts):
        if block.element in inside:
            before = False
            continue
        text = block.text
        if head.tag == "a" and (fold(text) == fold(title)):
            before = False
            continue
        bracket, rest = split_bracket_date(text, now=doc.now)
        if bracket is not None:
            date, text = date or bracket, rest
        stamp = _date_of(block, doc)
        if stamp is not None:
            date = date or stamp
            continue
        if head.tag == "a" and title in text:
            leading, _, text = text.partition(title)
            date = date or parse_date(leading, now=doc.now)
            before = False
        text = without_more(text)
        if not text:
            continue
        if text.casefold() in GENRES:
            genre = genre or text
        elif before:
            named = _is_named_kicker(block)
            if kicker is None and (named or _may_be_kicker(block, around)):
                kicker, names_kicker = text.rstrip(": "), named
        else:
            texts.append(text)
    link = Link(address, title, kicker, date, _teaser_text(texts), genre)
    return Teaser(tuple(parts), link, head, names_kicker)


def _blocks(parts: Sequence[HtmlElement]) -> Iterator[Block]:
    for part in parts:
        yield from read_blocks(part, set(part.iter(*_CAPTION)))


def _date_of(block: Block, doc: Document) -> PublicationDate | None:
    """The date of a block that is nothing but a date (and perhaps a place or a label)."""
    if len(block.text) > 80:
        return None
    for stamp in block.stamps:
        date = parse_date(stamp, now=doc.now)
        if date is not None:
            return date
    if not _DIGITS.search(block.text):
        return None
    for piece in (block.text, *_PIECES.split(block.text)):
        date = parse_date(piece, now=doc.now)
        if date is not None:
            return date
    inside = find_date(block.text, now=doc.now)
    if inside is not None and len(block.text) - len(inside.raw) <= _BESIDE_DATE:
        return inside
    return None


def _head_text(head: HtmlElement) -> tuple[str | None, str]:
    """Kicker and headline of a teaser's head, whose first span may be the kicker."""
    text = (line(text_of(head)) or "")[:MAX_LINE]
    if not len(head):
        return None, text
    for child in head.iter("span", "small", "em", "strong", "b"):
        above = clean(text_of(child)) or ""
        if not above or not text.startswith(above) or len(above) >= len(text):
            continue
        named = _KICKER_CLASS.search(child.get("class") or "")
        if (above.endswith(":") or named) and len(above) <= MAX_KICKER + 1:
            return above.rstrip(": "), text[len(above) :].lstrip(": ")
        break
    return None, text


def _is_named_kicker(block: Block) -> bool:
    """A class says so, of the block or of the inline element that is all of its text."""
    return bool(_KICKER_CLASS.search(block.element.get("class") or "")) or any(
        _KICKER_CLASS.search(inner.get("class") or "") and clean(inner.text_content()) == block.text
        for inner in block.element.iter("span", "small", "em", "strong", "b")
    )


def _may_be_kicker(block: Block, around: Container[HtmlElement]) -> bool:
    """A short line; in a link or list item only if that holds the headline too (``around``)."""
    text = block.text
    if len(text) > MAX_KICKER or block.element.tag == "figure":
        return False
    if block.element.tag in {"a", "li"} and block.element not in around:
        return False
    return not re.search(r"[.!?]$|\d{4}|©", text) and len(text.split()) <= 6


def _teaser_text(texts: Sequence[str]) -> str | None:
    """The paragraphs under a teaser's headline: those that are sentences, else the longest."""
    prose = [text for text in texts if len(text) >= 40]
    if prose:
        return " ".join(prose)
    return max(texts, key=len, default=None)
