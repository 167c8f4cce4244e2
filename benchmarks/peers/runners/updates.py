"""Updates of many feeds by others: plain feedparser, or lemon24's reader. Prints JSON.

updates.py feedparser|reader ADDRESS FOLDER N

Each call is one update; what is to be known of the last one is kept in FOLDER.
"""

# mypy: ignore-errors
# (it runs where the peer is installed, and we are not)
from __future__ import annotations

import json
import sys
from pathlib import Path


def plain(urls: list[str], folder: Path) -> int:
    """With what feedparser itself offers: conditional requests by ETag; ids seen are kept."""
    import feedparser

    kept = folder / "seen.json"
    known = json.loads(kept.read_text()) if kept.exists() else {}
    new = 0
    for url in urls:
        state = known.setdefault(url, {"etag": None, "seen": []})
        found = feedparser.parse(url, etag=state["etag"])
        state["etag"] = found.get("etag") or state["etag"]
        seen = set(state["seen"])
        fresh = [entry.id for entry in found.entries if entry.id not in seen]
        state["seen"] += fresh
        new += len(fresh)
    kept.write_text(json.dumps(known))
    return new


def reader(urls: list[str], folder: Path) -> int:
    from reader import make_reader

    book = make_reader(str(folder / "reader.db"))
    for url in urls:
        book.add_feed(url, exist_ok=True)
    before = book.get_entry_counts().total or 0
    book.update_feeds(scheduled=False)
    return (book.get_entry_counts().total or 0) - before


def main() -> None:
    name, address, folder, number = sys.argv[1:]
    urls = [f"http://{address}/updates/{n}.xml" for n in range(int(number))]
    found = {"feedparser": plain, "reader": reader}[name](urls, Path(folder))
    sys.stdout.write(json.dumps({"stored": found}) + "\n")


if __name__ == "__main__":
    main()
