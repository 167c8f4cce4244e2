"""news-please reads the pages of a feed, which are then stored in SQLite.

pages_newsplease.py ADDRESS FOLDER N
"""

# mypy: ignore-errors
# (it runs where the peer is installed, and we are not)
from __future__ import annotations

import json
import sqlite3
import sys
from pathlib import Path

import feedparser
from newsplease import NewsPlease


def main() -> None:
    address, folder, number = sys.argv[1:]
    db = sqlite3.connect(Path(folder, "items.db"))
    db.execute("CREATE TABLE items (url PRIMARY KEY, title, date, text)")
    entries = feedparser.parse(f"http://{address}/feed/{number}.xml").entries
    paths = [entry.link.partition("//")[2].partition("/")[2] for entry in entries]
    found = NewsPlease.from_urls(
        [f"http://{address}/{path}" for path in paths], request_args={}, fetch_images=False
    )
    for url, article in found.items():
        if article:
            date = article.date_publish and str(article.date_publish)
            with db:
                row = (url, article.title, date, article.maintext)
                db.execute("INSERT INTO items VALUES (?, ?, ?, ?)", row)
    stored, texts = db.execute("SELECT count(*), sum(text <> '') FROM items").fetchone()
    sys.stdout.write(json.dumps({"stored": stored, "with_text": texts or 0}) + "\n")


if __name__ == "__main__":
    main()
