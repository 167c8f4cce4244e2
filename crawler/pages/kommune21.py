"""kommune21.de, stadt-und-werk.de, move-online.de: one publisher's WordPress theme.

The order is what holds: kicker and headline, a lead that may open with ``[30.03.2023]``, the text,
then „Weitere Meldungen und Beiträge (aus dem Bereich: …)“ with teasers ``Kicker: Titel``,
``[Tag] Text mehr...``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from crawler.pages.base import Page
from crawler.pages.body import text_in_order, trim
from crawler.pages.document import Document, line
from crawler.pages.headline import Headline, read_headline
from crawler.pages.published import date_of_facts, split_bracket_date
from crawler.pages.reading import Reading
from crawler.pages.structured import Structured
from crawler.text import split_kicker
from store.types import Link, PublicationDate

_HOSTS = frozenset({"kommune21.de", "stadt-und-werk.de", "move-online.de"})
_SECTION = re.compile(r"^Weitere\b.* aus dem Bereich:?\s*(.+)$", re.I)


class Kommune21Page(Page):
    """An article or a topic page of the three magazines."""

    name = "kommune21"
    sets_kicker = True

    def detects(self, doc: Document, facts: Structured) -> bool:
        """By host, or by the address pattern of the theme."""
        return doc.host in _HOSTS or "/k21-meldungen/" in doc.path

    def headline(self, doc: Document, facts: Structured) -> Headline:
        """Kicker and headline; the house style of one line is ``Kicker: Titel``."""
        found = read_headline(doc, facts, structural_kicker=True)
        if found.kicker or not found.title:
            return found
        kicker, title = split_kicker(found.title)
        return replace(found, title=title, kicker=kicker)

    def body(self, reading: Reading) -> tuple[list[str], str]:
        """Lead and text up to the related teasers, without the lead's date."""
        lines = text_in_order(reading.page_blocks, reading.headline, reading.in_group)
        return self.without_bracket_date(reading, trim(lines, reading.headline)), "order"

    def published(self, reading: Reading) -> tuple[PublicationDate | None, str]:
        """The metadata's date, or the one in brackets before the lead; there is no other."""
        doc = reading.doc
        date, where = date_of_facts(reading.facts.published, now=doc.now)
        if date is not None:
            return date, where
        lines = text_in_order(reading.blocks, reading.headline, reading.in_group)
        date = split_bracket_date(lines[0], now=doc.now)[0] if lines else None
        return date, "lead" if date else ""

    def section(self, reading: Reading) -> str | None:
        """„… aus dem Bereich: Politik“."""
        for block in reading.page_blocks:
            if len(block.text) <= 160 and (match := _SECTION.search(block.text)):
                return line(match.group(1))
        return super().section(reading)

    def teaser(self, reading: Reading, lines: Sequence[str]) -> str | None:
        """The lead paragraph."""
        return lines[0] if lines else super().teaser(reading, lines)

    def related(self, reading: Reading, lines: Sequence[str]) -> tuple[Link, ...]:
        """The related teasers, their kickers apart."""
        return tuple(map(_with_kicker, super().related(reading, lines)))


def _with_kicker(link: Link) -> Link:
    if link.kicker:
        return link
    kicker, title = split_kicker(link.title)
    return replace(link, title=title, kicker=kicker)
