"""Fundus crawls a publisher of our own, which has the smallest parser its tools allow.

pages_fundus.py ADDRESS FOLDER N

Fundus knows publishers, not pages: any other site needs a parser like this first. All paragraphs of
the page are its text, title and date come from the page's metadata.
"""

# mypy: ignore-errors
# (it runs where the peer is installed, and we are not)
from __future__ import annotations

import json
import sqlite3
import sys
from datetime import datetime
from pathlib import Path

from fundus import Crawler
from fundus.parser import ArticleBody, BaseParser, ParserProxy, attribute
from fundus.parser.utility import extract_article_body_with_selector, generic_date_parsing
from fundus.publishers.base_objects import Publisher, PublisherGroup
from fundus.scraping.url import RSSFeed
from lxml.etree import XPath

ADDRESS, FOLDER, NUMBER = sys.argv[1:]


class PressParser(ParserProxy):
    class V1(BaseParser):
        _paragraphs = XPath("//p")

        @attribute
        def body(self) -> ArticleBody | None:
            return extract_article_body_with_selector(
                self.precomputed.doc, paragraph_selector=self._paragraphs
            )

        @attribute
        def title(self) -> str | None:
            return self.precomputed.meta.get("og:title") or self.precomputed.ld.bf_search(
                "headline"
            )

        @attribute
        def publishing_date(self) -> datetime | None:
            return generic_date_parsing(
                self.precomputed.ld.bf_search("datePublished")
                or self.precomputed.meta.get("article:published_time")
            )


class Press(metaclass=PublisherGroup):
    default_language = "de"
    Stadt = Publisher(
        name="Presse",
        domain=f"http://{ADDRESS}/",
        parser=PressParser,
        sources=[RSSFeed(f"http://{ADDRESS}/local/{NUMBER}.xml")],
    )


def main() -> None:
    db = sqlite3.connect(Path(FOLDER, "items.db"))
    db.execute("CREATE TABLE items (url PRIMARY KEY, title, date, text)")
    crawler = Crawler(Press, delay=0.0, ignore_robots=True)  # type: ignore[arg-type]
    for article in crawler.crawl(only_complete=False, only_unique=False):
        with db:
            db.execute(
                "INSERT OR IGNORE INTO items VALUES (?, ?, ?, ?)",
                (
                    article.html.requested_url,
                    article.title,
                    str(article.publishing_date),
                    str(article.body or ""),
                ),
            )
    stored, texts = db.execute("SELECT count(*), sum(text <> '') FROM items").fetchone()
    sys.stdout.write(json.dumps({"stored": stored, "with_text": texts or 0}) + "\n")


if __name__ == "__main__":
    main()
