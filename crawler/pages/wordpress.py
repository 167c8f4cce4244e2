"""WordPress sites: any theme that keeps its conventions, tagDiv's newspaper themes among them."""

from __future__ import annotations

from crawler.pages.base import Page
from crawler.pages.document import Document
from crawler.pages.reading import Reading
from crawler.pages.structured import Structured

#: Body classes that WordPress itself writes (body_class(), Theme Handbook).
_SINGLE = frozenset({"single", "single-post", "page-template-default", "singular"})
_LISTS = frozenset({"archive", "category", "tag", "blog", "search-results", "date", "tax"})


class WordPressPage(Page):
    """A post, page or archive of a WordPress site."""

    name = "wordpress"
    containers = (
        "//*[contains(concat(' ', normalize-space(@class), ' '), ' td-post-content ')]",
        "//article//*[contains(concat(' ', normalize-space(@class), ' '), ' entry-content ')]",
        "//*[contains(concat(' ', normalize-space(@class), ' '), ' entry-content ')]",
        "//*[contains(concat(' ', normalize-space(@class), ' '), ' wp-block-post-content ')]",
        "//*[contains(concat(' ', normalize-space(@class), ' '), ' post-content ')]",
        "//*[@itemprop='articleBody']",
    )

    def detects(self, doc: Document, facts: Structured) -> bool:
        """By generator, by the REST link that WordPress puts into every head, or by file paths."""
        if "wordpress" in doc.generator:
            return True
        for element in doc.root.iter("link"):
            href = element.get("href") or ""
            if element.get("rel") == "https://api.w.org/" or "/wp-content/themes/" in href:
                return True
        return False

    def is_known_list(self, reading: Reading) -> bool:
        """Archives say so in the body's classes."""
        return bool(reading.doc.body_classes & _LISTS) or super().is_known_list(reading)

    def is_list(self, reading: Reading) -> bool:
        """Archives say so in the body's classes."""
        classes = reading.doc.body_classes
        if classes & _SINGLE:
            return False
        if classes & _LISTS and self.main_group(reading, expected=True) is not None:
            return True
        return super().is_list(reading)
