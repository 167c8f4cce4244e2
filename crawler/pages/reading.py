"""One page taken apart: what every step of reading it may look at."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from lxml.html import HtmlElement

from crawler.pages import listing
from crawler.pages.blocks import Block, read_blocks
from crawler.pages.body import out_of_text, region, text_in_order
from crawler.pages.document import Document
from crawler.pages.headline import Headline
from crawler.pages.phrases import is_tail
from crawler.pages.published import date_near_headline
from crawler.pages.structured import Structured

#: A text has a paragraph of at least so many letters.
_PARAGRAPH = 80


@dataclass(frozen=True)
class Reading:
    """What every step of one page's reading may look at; each part is read when first asked for."""

    doc: Document
    facts: Structured
    headline: Headline

    @cached_property
    def region(self) -> HtmlElement:
        """The part of the page with headline and text."""
        return self._part[0]

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        """The blocks of ``region`` in order, without those that are outside a text."""
        return tuple(self._part[1])

    @cached_property
    def _part(self) -> tuple[HtmlElement, list[Block]]:
        return region(self.doc, self.headline)

    @cached_property
    def groups(self) -> tuple[listing.Group, ...]:
        """Lists of teasers anywhere on the page."""
        return tuple(listing.find_groups(self.doc, self.headline.element))

    @cached_property
    def page_blocks(self) -> tuple[Block, ...]:
        """The blocks of the whole page; ``blocks`` are those of ``region``."""
        body = self.doc.root.find("body")
        if body is None or body is self.region:
            return self.blocks
        return tuple(read_blocks(body, out_of_text(self.headline, body)))

    @cached_property
    def plain_groups(self) -> tuple[listing.Group, ...]:
        """Lists of bare links, looked for only where a list is expected."""
        return tuple(listing.find_plain_groups(self.doc, self.groups))

    @cached_property
    def lone_groups(self) -> tuple[listing.Group, ...]:
        """Single teasers, looked for only where a list is expected."""
        return tuple(listing.find_lone_groups(self.doc, self.headline.element))

    def is_dated_text(self, group: listing.Group) -> bool:
        """A dated headline has a text of its own, and ``group`` stands apart from that text.

        Apart is under a line such as „Weitere Meldungen“, or outside the part with the text.
        """
        own: list[Block] = []
        for block in self.blocks:
            if group.holds(block.element):
                break
            own.append(block)
        apart = len(own) == len(self.blocks) or (bool(own) and is_tail(own[-1].text))
        lines = text_in_order(own, self.headline, self.in_group)
        if not apart or max(map(len, lines), default=0) < _PARAGRAPH:
            return False
        if any(block.is_heading and block.is_linked for block in own):
            return False
        return date_near_headline(self.doc, self.headline, own) is not None

    def in_group(self, element: HtmlElement) -> bool:
        """The element belongs to a list of teasers."""
        return element in self._in_groups

    @cached_property
    def _in_groups(self) -> frozenset[HtmlElement]:
        return frozenset().union(*(group.elements for group in self.groups))
