"""Owns the crawl that goes on beside the site while its pages are timed, publishing as it goes.

A real crawl (``crawl_speed``: Scrapy, robots.txt, book, store) of hosts on loopback into a newsroom
of its own, and beside it what a round does after a crawl: ``publish`` every few seconds into the
very files the site serves. Its items take numbers that the invented ones do not have.
"""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.crawl_speed import web  # noqa: E402
from benchmarks.search_items import TOPICS  # noqa: E402
from store.newsroom import Newsroom  # noqa: E402
from store.publish import publish  # noqa: E402

#: One request a second to each host: fifteen pages a second, as three hundred polite hosts give.
HOSTS = 15
DELAY_S = 1.0
#: Pages of each host: more than are read while the site is asked.
PAGES = 400
PUBLISH_EVERY_S = 10.0
FIRST_ITEM = 2_000_000_000


@contextmanager
def crawl_beside(folder: Path, archive: Path, search: Path) -> Iterator[dict[str, Any]]:
    """While inside a crawl writes and publishes; the dictionary is filled when it has ended."""
    folder.mkdir()
    with Newsroom(folder / "newsroom.db", now=_now) as newsroom:
        newsroom.set_topics([(topic, topic, topic) for topic in TOPICS])
    with sqlite3.connect(folder / "newsroom.db") as numbers:
        numbers.execute("INSERT INTO sqlite_sequence VALUES ('items', ?)", (FIRST_ITEM,))
    numbers.close()
    told: dict[str, Any] = {}
    with web(PAGES, folder / "asked.json") as address:
        # It tells of every item; a pipe nobody reads would fill up and hold it.
        crawl = _start(
            subprocess.DEVNULL, "benchmarks/crawl_speed.py", "--crawl", "ours", address,
            str(folder), str(HOSTS), str(DELAY_S),
        )  # fmt: skip
        publisher = _start(
            subprocess.PIPE, __file__, str(folder / "newsroom.db"), str(archive), str(search)
        )
        try:
            time.sleep(PUBLISH_EVERY_S / 2)  # until pages come
            if crawl.poll() is not None or publisher.poll() is not None:
                raise SystemExit("the crawl or the publisher ended before the site was asked")
            yield told
            if crawl.poll() is not None:
                raise SystemExit("the crawl ended while the site was asked")
        finally:
            crawl.kill()  # a polite one would finish what it has begun
            crawl.wait()
            said, _ = publisher.communicate("stop\n")
    told |= json.loads(said)


def _start(output: int, *command: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, *command],
        stdin=subprocess.PIPE,
        stdout=output,
        text=True,
        cwd=ROOT,
    )


def _now() -> datetime:
    return datetime.now(UTC)


def publish_until_told(newsroom_path: Path, archive: Path, search: Path) -> dict[str, Any]:
    """Publish every few seconds until a line comes in; what that took."""
    import select

    taken: list[float] = []
    items = 0
    while not select.select([sys.stdin], [], [], PUBLISH_EVERY_S)[0]:
        begun = time.perf_counter()
        with Newsroom(newsroom_path, now=_now) as newsroom:
            items += publish(newsroom, archive, search).written
        taken.append(time.perf_counter() - begun)
    return {"published_items": items, "publish_s": [round(seconds, 2) for seconds in taken]}


if __name__ == "__main__":
    print(json.dumps(publish_until_told(*(Path(name) for name in sys.argv[1:]))))  # noqa: T201
