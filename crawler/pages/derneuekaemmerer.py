"""derneuekaemmerer.de: articles under /news/{ressort}/{slug}-{id}/, topics under /themen/."""

from __future__ import annotations

import re
from collections.abc import Sequence

from crawler.pages.base import Page
from crawler.pages.body import text_in_order, trim
from crawler.pages.document import Document
from crawler.pages.reading import Reading
from crawler.pages.structured import Structured

_RESSORT = re.compile(r"^/news/([\w-]+)/[\w-]+/?$")
#: The box and the toolbar that some pages open with.
_BOX = re.compile(
    r"registrier|einloggen|anmelden\b|newsletter|zur merkliste|merken|drucken|teilen|schriftgröße"
    r"|bereits abonnent|kostenlos testen|weiterlesen mit",
    re.I,
)


class DerNeueKaemmererPage(Page):
    """An article or a topic page of Der Neue Kämmerer."""

    name = "derneuekaemmerer"
    sets_kicker = True

    def detects(self, doc: Document, facts: Structured) -> bool:
        """By host."""
        return doc.host == "derneuekaemmerer.de"

    def is_list(self, reading: Reading) -> bool:
        """Topic pages are lists, whatever else stands on them."""
        group = self.main_group(reading)
        topic = reading.doc.path.startswith("/themen/") and group is not None
        return topic or super().is_list(reading)

    def body(self, reading: Reading) -> tuple[list[str], str]:
        """The text in page order, without registration box and toolbar."""
        lines = text_in_order(reading.blocks, reading.headline, reading.in_group)
        lines = [text for text in lines if len(text) > 160 or not _BOX.search(text)]
        lines = trim(lines, reading.headline)
        return (lines, "order") if sum(map(len, lines)) >= 200 else super().body(reading)

    def section(self, reading: Reading) -> str | None:
        """The metadata's section, or the ressort of the address."""
        match = _RESSORT.match(reading.doc.path)
        ressort = match.group(1).replace("-", " ").title() if match else None
        return super().section(reading) or ressort

    def teaser(self, reading: Reading, lines: Sequence[str]) -> str | None:
        """The description, else the lead."""
        return super().teaser(reading, lines) or (lines[0] if lines else None)
