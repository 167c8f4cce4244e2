"""iKISS by Advantic: towns and counties whose addresses carry ``object=tx,…&ModID=7&FID=…``."""

from __future__ import annotations

import re

from crawler.pages.document import Document
from crawler.pages.structured import Structured
from crawler.pages.system import SystemPage

#: Object, module and file of one text: no other system writes these together.
_QUERY = re.compile(r"object=tx(?:,|%2c|\|)[\d.]+.*\bmodid=\d+", re.I)
_LINK = re.compile(rb"object=tx(?:,|%2C|\|)[\d.]+(?:&amp;|&)ModID=\d+")
#: A page's own menu stands in its first so many bytes.
_MENU = 50_000


class IkissPage(SystemPage):
    """A page of a town on iKISS."""

    name = "ikiss"
    places = (".artikel", ".mitteilung", "article", "#content", "main")
    dates = (".datum", ".artikel_datum", ".date", "time")
    leads = (".einleitung", ".teaser")
    outside = frozenset({
        "datum", "breadcrumb", "bildunterschrift", "bildnachweis", "zurueck", "drucken", "social",
        "share", "downloads", "kontaktbox", "toplink", "seitenfunktionen",
    })  # fmt: skip

    def detects(self, doc: Document, facts: Structured) -> bool:
        """By generator, by the address, or by the addresses that it links to."""
        return (
            "ikiss" in doc.generator
            or bool(_QUERY.search(doc.query))
            or (doc.html.find(b"ModID=", 0, _MENU) > 0 and bool(_LINK.search(doc.html)))
        )
