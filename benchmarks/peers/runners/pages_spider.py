"""A plain Scrapy spider that reads each page with trafilatura and stores it in SQLite.

pages_spider.py ADDRESS FOLDER N
"""

# mypy: ignore-errors
# (it runs where the peer is installed, and we are not)
from __future__ import annotations

import json
import sqlite3
import sys
from pathlib import Path
from typing import Any

import scrapy
from scrapy.crawler import CrawlerProcess
from trafilatura import bare_extraction

ADDRESS, FOLDER, NUMBER = sys.argv[1:]


class Store:
    def open_spider(self) -> None:
        self.db = sqlite3.connect(Path(FOLDER, "items.db"))
        self.db.execute("CREATE TABLE items (url PRIMARY KEY, title, date, text)")

    def process_item(self, item: dict[str, Any]) -> dict[str, Any]:
        with self.db:
            self.db.execute("INSERT INTO items VALUES (:url, :title, :date, :text)", item)
        return item


class Pages(scrapy.Spider):
    name = "pages"

    async def start(self) -> Any:
        yield scrapy.Request(f"http://{ADDRESS}/feed/{NUMBER}.xml")

    def parse(self, response: Any) -> Any:
        for link in response.xpath("//item/link/text()").getall():
            path = link.partition("//")[2].partition("/")[2]
            yield scrapy.Request(f"http://{ADDRESS}/{path}", callback=self.parse_page)

    def parse_page(self, response: Any) -> Any:
        found = bare_extraction(response.body, url=response.url, with_metadata=True)
        if found is not None:
            yield {
                "url": response.url, "title": found.title, "date": found.date, "text": found.text,
            }  # fmt: skip


def main() -> None:
    process = CrawlerProcess(
        {
            "LOG_LEVEL": "INFO",
            "LOG_FILE": str(Path(FOLDER, "log")),
            "TELNETCONSOLE_ENABLED": False,
            "ITEM_PIPELINES": {Store: 300},
            "DOWNLOAD_DELAY": 0,
        }
    )
    process.crawl(Pages)
    process.start()
    db = sqlite3.connect(Path(FOLDER, "items.db"))
    stored, texts = db.execute("SELECT count(*), sum(text <> '') FROM items").fetchone()
    sys.stdout.write(json.dumps({"stored": stored, "with_text": texts}) + "\n")


if __name__ == "__main__":
    main()
