"""Repeated teaser blocks of a page, found by their structure.

A teaser is the largest element that holds one headline and no other; teasers of one list have the
same shape, that is the same tags from the root down. Class names are not needed.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice

from lxml.html import HtmlElement

from crawler.dates import find_date, parse_date
from crawler.pages.blocks import FRAME, HEADINGS, Block, is_hidden, read_blocks, text_of
from crawler.pages.document import MAX_LINE, Document, line
from crawler.pages.phrases import MORE, without_more
from crawler.pages.published import split_bracket_date
from crawler.text import MAX_KICKER, clean, fold
from crawler.urls import same_site
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
#: A bare link counts as a headline from this many letters on.
_SHORTEST_LINK = 20
_MOST = 500
#: So many teasers of one shape are a list; bare links are common, so it takes more of them.
_LEAST, _LEAST_PLAIN = 2, 3
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


@dataclass(frozen=True)
class Group:
    """Teasers of the same shape, in page order."""

    teasers: tuple[Teaser, ...]
    has_headings: bool

    @property
    def weight(self) -> int:
        """Letters of all headlines and teasers: the list a page is about has the most."""
        return sum(
            len(teaser.link.title) + len(teaser.link.teaser or "") for teaser in self.teasers
        )

    def holds(self, element: HtmlElement) -> bool:
        """The element is one of the blocks, or stands in one."""
        return element in self.elements

    def resembles(self, other: Group) -> bool:
        """Its teasers say as much as the other's: dates where those have dates, texts likewise."""
        return (self._mostly("date") or not other._mostly("date")) and (
            self._mostly("teaser") or not other._mostly("teaser")
        )

    def _mostly(self, name: str) -> bool:
        having = sum(getattr(teaser.link, name) is not None for teaser in self.teasers)
        return 2 * having > len(self.teasers)

    @cached_property
    def elements(self) -> frozenset[HtmlElement]:
        """The blocks' elements and all in them."""
        return frozenset(
            element for teaser in self.teasers for part in teaser.parts for element in part.iter()
        )


def find_groups(
    doc: Document,
    headline: HtmlElement | None = None,
    among: Iterable[HtmlElement] | None = None,
) -> list[Group]:
    """Lists of at least two teasers with headings, outside navigation and footer, in page order.

    ``headline`` is the page's own and never a teaser's. ``among`` are the headings to look at, all
    unless given.
    """
    return [group for group in _headed(doc, headline, among) if len(group.teasers) >= _LEAST]


def find_lone_groups(doc: Document, headline: HtmlElement | None = None) -> list[Group]:
    """Single teasers with heading, same site, and date or text, below the headline and no aside.

    One of them may be the last page of a list, where nothing is left to be repeated.
    """
    below = None if headline is None else set(headline.xpath("following::*"))
    return [
        group
        for group in _headed(doc, headline)
        for first in group.teasers[:1]
        if len(group.teasers) < _LEAST
        and (first.link.date or first.link.teaser)
        and same_site(first.link.url, doc.url)
        and (below is None or first.head in below)
        and not any(above.tag == "aside" for above in first.head.iterancestors())
    ]


def find_plain_groups(doc: Document, taken: Sequence[Group]) -> list[Group]:
    """Lists of at least three longish links without headings, outside the ``taken`` ones."""
    plain = [
        element
        for element in islice(doc.root.iter("a"), _MOST * 4)
        if len(clean(element.text_content()) or "") >= _SHORTEST_LINK
        and not _is_framed(element)
        and element.find(".//h2") is None
        and not any(above.tag in HEADINGS for above in element.iterancestors())
        and not any(group.holds(element) for group in taken)
    ]
    groups = _grouped(doc, plain, plain, headings=False)
    return [group for group in groups if len(group.teasers) >= _LEAST_PLAIN]


def _is_framed(element: HtmlElement) -> bool:
    return any(
        above.tag in FRAME or (above.tag == "header" and above.getparent() is not None
                               and above.getparent().tag == "body")
        for above in element.iterancestors()
    )  # fmt: skip


def _target(doc: Document, heading: HtmlElement) -> str | None:
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


def _headed(
    doc: Document, headline: HtmlElement | None, among: Iterable[HtmlElement] | None = None
) -> list[Group]:
    """Teasers with headings by their shape, even those that are alone."""
    marked = [
        element
        for element in islice(doc.root.iter(*HEADINGS) if among is None else among, _MOST * 4)
        if element is not headline and not _is_framed(element) and not is_hidden(element)
    ]
    heads = [element for element in marked[:_MOST] if _target(doc, element)]
    return _grouped(doc, heads, marked, headings=True)


def _grouped(
    doc: Document, heads: Sequence[HtmlElement], fences: Sequence[HtmlElement], *, headings: bool
) -> list[Group]:
    counts: dict[HtmlElement, int] = {}
    for element in fences:
        for above in element.iterancestors():
            counts[above] = counts.get(above, 0) + 1
    fence = set(fences)
    shapes: dict[tuple[str, ...], list[Teaser]] = {}
    for head in heads[:_MOST]:
        block = head
        parent = block.getparent()
        while (
            parent is not None and counts.get(parent, 0) == 1 and parent.tag not in {"body", "main"}
        ):
            block, parent = parent, parent.getparent()
        parts = tuple(_with_followers(block, counts, fence)) if headings else (block,)
        teaser = _teaser(doc, head, parts)
        if teaser is not None:
            shape = tuple(str(above.tag) for above in block.iterancestors())
            shapes.setdefault((str(block.tag), str(head.tag), *shape), []).append(teaser)
    groups = []
    for teasers in shapes.values():
        unique: dict[str, Teaser] = {}
        for teaser in teasers:
            unique.setdefault(teaser.link.url, teaser)
        groups.append(Group(_with_sure_kickers(tuple(unique.values())), headings))
    return groups


def _with_sure_kickers(teasers: tuple[Teaser, ...]) -> tuple[Teaser, ...]:
    """The teasers without kickers that no name tells, unless most have a line in that place."""
    having = sum(1 for teaser in teasers if teaser.link.kicker or teaser.link.genre)
    if 2 * having > len(teasers):
        return teasers
    return tuple(
        teaser if teaser.names_kicker else replace(teaser, link=replace(teaser.link, kicker=None))
        for teaser in teasers
    )


def _with_followers(
    block: HtmlElement, counts: dict[HtmlElement, int], fence: set[HtmlElement]
) -> Iterator[HtmlElement]:
    """A block and, where teasers lie flat beside one another, what follows up to the next one."""
    yield block
    if block.tag in {"article", "li", "section", "tr"}:
        return
    for element in block.itersiblings():
        if element in fence or counts.get(element, 0) or element.tag in {"hr", "nav", "footer"}:
            return
        if element.tag in {"article", "section", "aside", "header", "ul", "ol", "table"}:
            return
        if isinstance(element.tag, str):
            yield element


def _teaser(doc: Document, head: HtmlElement, parts: Sequence[HtmlElement]) -> Teaser | None:
    address = doc.link(head.get("href")) if head.tag == "a" else _target(doc, head)
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
