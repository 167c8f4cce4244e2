"""Repeated teaser blocks of a page, found by their structure.

A teaser is the largest element that holds one headline and no other; teasers of one list have the
same shape, that is the same tags from the root down. Class names are not needed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice

from lxml.html import HtmlElement

from crawler.pages.blocks import FRAME, HEADINGS, is_hidden
from crawler.pages.document import Document
from crawler.pages.teasers import Teaser, read_teaser, target
from crawler.text import clean
from crawler.urls import same_site

#: A bare link counts as a headline from this many letters on.
_SHORTEST_LINK = 20
_MOST = 500
#: So many teasers of one shape are a list; bare links are common, so it takes more of them.
_LEAST, _LEAST_PLAIN = 2, 3


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
    groups = _headed(doc, headline, among, least=_LEAST)
    return [group for group in groups if len(group.teasers) >= _LEAST]


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
    groups = _grouped(doc, plain, plain, headings=False, least=_LEAST_PLAIN)
    return [group for group in groups if len(group.teasers) >= _LEAST_PLAIN]


def _is_framed(element: HtmlElement) -> bool:
    return any(
        above.tag in FRAME or (above.tag == "header" and above.getparent() is not None
                               and above.getparent().tag == "body")
        for above in element.iterancestors()
    )  # fmt: skip


def _headed(
    doc: Document,
    headline: HtmlElement | None,
    among: Iterable[HtmlElement] | None = None,
    least: int = 1,
) -> list[Group]:
    """Teasers with headings by their shape, where there may be ``least`` of it or more."""
    marked = [
        element
        for element in islice(doc.root.iter(*HEADINGS) if among is None else among, _MOST * 4)
        if element is not headline and not _is_framed(element) and not is_hidden(element)
    ]
    heads = [element for element in marked[:_MOST] if target(doc, element)]
    return _grouped(doc, heads, marked, headings=True, least=least)


def _grouped(
    doc: Document,
    heads: Sequence[HtmlElement],
    fences: Sequence[HtmlElement],
    *,
    headings: bool,
    least: int,
) -> list[Group]:
    """Shapes with fewer heads than ``least`` are left out unread."""
    counts: dict[HtmlElement, int] = {}
    for element in fences:
        for above in element.iterancestors():
            counts[above] = counts.get(above, 0) + 1
    fence = set(fences)
    shapes: dict[tuple[str, ...], list[tuple[HtmlElement, HtmlElement]]] = {}
    for head in heads[:_MOST]:
        block = head
        parent = block.getparent()
        while (
            parent is not None and counts.get(parent, 0) == 1 and parent.tag not in {"body", "main"}
        ):
            block, parent = parent, parent.getparent()
        shape = tuple(str(above.tag) for above in block.iterancestors())
        shapes.setdefault((str(block.tag), str(head.tag), *shape), []).append((head, block))
    groups = []
    for pairs in shapes.values():
        unique: dict[str, Teaser] = {}
        for head, block in pairs if len(pairs) >= least else ():
            parts = tuple(_with_followers(block, counts, fence)) if headings else (block,)
            teaser = read_teaser(doc, head, parts)
            if teaser is not None:
                unique.setdefault(teaser.link.url, teaser)
        if unique:
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
