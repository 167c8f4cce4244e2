"""presseportal.de: the releases of offices (Blaulicht) and firms, each in ``article.story``."""

from __future__ import annotations

from crawler.pages.document import Document
from crawler.pages.reading import Reading
from crawler.pages.structured import Structured
from crawler.pages.system import SystemPage

_HOSTS = frozenset({"presseportal.de", "presseportal.ch", "polizeipresse.de"})


class PresseportalPage(SystemPage):
    """One release, or the list of an office."""

    name = "presseportal"
    kind = "press_release"
    texts = ("article.story", ".story")
    dates = ("p.date", ".date")
    issuers = (".customer",)
    outside = frozenset({
        "customer", "date", "contact-headline", "contact-text", "originator", "story-toolbar",
        "media-box", "story-media", "tags", "social", "no-print",
    })  # fmt: skip

    def detects(self, doc: Document, facts: Structured) -> bool:
        """By host."""
        return doc.host in _HOSTS

    def author(self, reading: Reading) -> tuple[str | None, str]:
        """The office: structured data name the portal's own desk."""
        office = self.marked_text(reading, self.issuers)
        return (office, "issuer") if office else super().author(reading)

    def section(self, reading: Reading) -> str | None:
        """„Blaulicht“ for police, fire brigades and the like."""
        return (
            "Blaulicht" if reading.doc.path.startswith("/blaulicht/") else super().section(reading)
        )
