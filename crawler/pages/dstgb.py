"""dstgb.de: positions and press releases of the Deutscher Städte- und Gemeindebund."""

from __future__ import annotations

from collections.abc import Sequence

from crawler.pages.base import Page
from crawler.pages.body import text_in_order, trim
from crawler.pages.document import Document
from crawler.pages.reading import Reading
from crawler.pages.structured import Structured


class DstgbPage(Page):
    """A page of the association: what it issues is about its own position."""

    name = "dstgb"
    kind = "press_release"
    sets_kicker = True

    def detects(self, doc: Document, facts: Structured) -> bool:
        """By host or by the site's name."""
        return doc.host == "dstgb.de" or facts.site == "DStGB"

    def body(self, reading: Reading) -> tuple[list[str], str]:
        """The text in page order up to „Weitere Informationen“ or the help on accessibility."""
        lines = text_in_order(reading.blocks, reading.headline, reading.in_group)
        lines = trim(lines, reading.headline)
        return (lines, "order") if lines else super().body(reading)

    def teaser(self, reading: Reading, lines: Sequence[str]) -> str | None:
        """The description, else the first paragraph."""
        return super().teaser(reading, lines) or (lines[0] if lines else None)
