"""Kommunalradar itself: one source, or 300, crawled by its own command's code. Prints JSON.

ours.py pages ADDRESS FOLDER N         a feed of N pages, each fetched and stored
ours.py updates ADDRESS FOLDER N       N feeds of which only the lists are kept
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from radar import crawling
from radar.config import Config
from store.types import Source


def source(name: str, url: str, *, follow: bool) -> Source:
    home = url.rpartition("/")[0] + "/"
    return Source(
        id=name, name=name, publisher=name, homepage=home, kind="feed", url=url,
        licence="official", display="full", relevance="all", schedule="adaptive", reference=home,
        follow=follow,
    )  # fmt: skip


def main() -> None:
    what, address, folder, number = sys.argv[1:]
    if what == "pages":
        found = [source("presse", f"https://presse.example/feed/{number}.xml", follow=True)]
    else:
        found = [
            source(f"stadt{n}", f"https://stadt{n}.example/updates/{n}.xml", follow=False)
            for n in range(int(number))
        ]
    config = Config(paths_data=Path(folder), crawl_connect_to=address, crawl_delay_s=0.0)
    with crawling.open_newsroom(config) as newsroom:
        newsroom.set_sources(found)
        before = datetime.now(UTC)
        outcomes = crawling.crawl(config, [one.id for one in found], lambda *_: None)
        items = [
            item for item in newsroom.items() if item.first_seen >= before.replace(microsecond=0)
        ]
        told = {
            "stored": sum(one.result.new for one in outcomes),
            "with_text": sum(bool(item.article.body) for item in items),
            "failed": [one.result.message for one in outcomes if one.result.status == "failed"],
        }
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main()
