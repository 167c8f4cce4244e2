"""TYPO3 sites, the most common system of German towns: lists and details of its news extension."""

from __future__ import annotations

from crawler.pages.document import Document
from crawler.pages.structured import Structured
from crawler.pages.system import SystemPage


class Typo3Page(SystemPage):
    """A page of a TYPO3 site."""

    name = "typo3"
    # templates of the news extension (EXT:news, Resources/Private/Templates/News/Detail.html) and
    # of its predecessor tt_news
    texts = (".news-single", ".news-single-item", ".tx-news-single", "@itemprop=articleBody")
    titles = ("h1@itemprop=headline", "h2@itemprop=headline", "h3@itemprop=headline")
    dates = (".news-list-date", ".news-single-timedata", ".news-date", ".news-single-date")
    leads = (".teaser-text", ".news-single-subheader", ".news-teaser")
    authors = (".news-list-author", ".news-single-author")
    sections = (".news-list-category", ".news-category")
    outside = frozenset({
        "news-related-wrap", "news-backlink-wrap", "news-related", "news-single-backlink",
        "news-single-additional-info", "news-img-wrap", "news-img-caption", "news-list-date",
        "news-single-timedata", "news-list-category", "news-category", "news-list-author",
        "extra", "breadcrumb", "social-media", "shariff", "share-buttons",
    })  # fmt: skip

    def detects(self, doc: Document, facts: Structured) -> bool:
        """By generator, or by the folders that every TYPO3 serves its files from."""
        return "typo3" in doc.generator or "/typo3temp/" in doc.files or "/typo3conf/" in doc.files
