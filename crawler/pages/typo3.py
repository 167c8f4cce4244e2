"""TYPO3 sites, the most common system of German towns: lists and details of its news extension."""

from __future__ import annotations

from crawler.pages.base import Page
from crawler.pages.document import Document
from crawler.pages.structured import Structured


class Typo3Page(Page):
    """A page of a TYPO3 site."""

    name = "typo3"
    containers = (
        "//*[contains(concat(' ', normalize-space(@class), ' '), ' news-single ')]",
        "//*[@itemprop='articleBody']",
    )

    def detects(self, doc: Document, facts: Structured) -> bool:
        """By generator, or by the folders that every TYPO3 serves its files from."""
        if "typo3" in doc.generator:
            return True
        return any(
            "/typo3temp/" in (element.get("href") or "")
            or "/typo3conf/" in (element.get("href") or "")
            for element in doc.root.iter("link")
        )
