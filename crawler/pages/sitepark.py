"""Sitepark: Infosite and its successor, the Information Enterprise Server (IES)."""

from __future__ import annotations

from crawler.pages.document import Document
from crawler.pages.structured import Structured
from crawler.pages.system import SystemPage


class SiteparkPage(SystemPage):
    """A page of a town on Sitepark. Its templates differ from town to town: HTML5 parts decide."""

    name = "sitepark"
    texts = ("@itemprop=articleBody",)
    places = ("article", "main", "#content", "#inhalt")
    dates = (".SP-Date", ".sp-date", ".date", ".datum", "time")
    leads = (".SP-Intro", ".sp-intro", ".intro", ".lead")
    outside = frozenset({
        "date", "datum", "breadcrumb", "SP-Breadcrumb", "SP-SocialMedia", "SP-Toolbar", "share",
        "social", "image-copyright", "copyright", "SP-Copyright", "SP-Caption", "caption",
    })  # fmt: skip

    def detects(self, doc: Document, facts: Structured) -> bool:
        """By generator."""
        named = doc.generator
        return (
            "sitepark" in named
            or named.startswith("infosite")
            or "information enterprise server" in named
        )
