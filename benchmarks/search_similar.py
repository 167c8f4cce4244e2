"""How well similar items are found, by the sample press's own tags: one JSON object.

    python benchmarks/search_similar.py

The sample press is saved in a newsroom, clustered and published. Of every item with topics the
first three similar ones are looked at: ``same_topic`` is the share that has one of its topics by
the writers' own tags, which the index never saw; ``by_chance`` what any other item would have.
``reprints_first``: of items with reprints, how many have one of them in first place.
"""

from __future__ import annotations

import json
import sqlite3
import sys
import tempfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from radar.sample.press import SamplePress  # noqa: E402
from store.duplicates import update_clusters  # noqa: E402
from store.newsroom import Newsroom  # noqa: E402
from store.publish import publish  # noqa: E402
from store.search import Search  # noqa: E402
from store.types import Article, PublicationDate, Source  # noqa: E402

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
FIRST = 3
SOURCE = Source(
    id="presse", name="Presse", publisher="Presse", homepage="https://presse.example/", kind="feed",
    url="https://presse.example/feed", licence="official", display="full", relevance="all",
    schedule="adaptive", reference="https://presse.example/", land=None, checked="2026-02-01",
)  # fmt: skip


def fill(folder: Path, press: SamplePress) -> None:
    """Save the press, cluster it and publish it."""
    with Newsroom(folder / "newsroom.db", now=lambda: NOW) as newsroom:
        newsroom.set_sources(
            [
                replace(SOURCE, id=name, publisher=name)
                for name, found in press.items.items()
                if found
            ]
        )
        with newsroom.batch():
            for name, stories in press.items.items():
                for story in stories:
                    newsroom.save(
                        Article(
                            source_id=name,
                            url=f"https://presse.example/{name}/{story.slug}",
                            kind=story.kind,
                            title=story.title,
                            fetched_at=NOW,
                            kicker=story.kicker,
                            teaser=story.teaser,
                            body="\n".join(story.body),
                            published=PublicationDate(story.published(NOW), False, "x"),
                        )
                    )
        update_clusters(newsroom)
        publish(newsroom, folder / "archive.db", folder / "search.db")


def measure(folder: Path, topics: dict[str, frozenset[str]]) -> dict[str, Any]:
    connection = sqlite3.connect(folder / "archive.db")
    rows = connection.execute("SELECT id, url, cluster_id FROM items").fetchall()
    connection.close()
    of = {item: topics[url] for item, url, _ in rows}
    cluster = {item: number for item, _, number in rows if number is not None}
    shown = right = firsts = empty = 0
    chances = []
    with Search(folder / "search.db", folder / "archive.db") as search:
        for item, own in of.items():
            found = [hit.item_id for hit in search.similar(item, FIRST)]
            if item in cluster:
                firsts += bool(found) and cluster.get(found[0]) == cluster[item]
            if not own:
                continue
            empty += not found
            shown += len(found)
            right += sum(bool(own & of[other]) for other in found)
            others = [other for other in of if other != item]
            chances.append(sum(bool(own & of[other]) for other in others) / len(others))
    return {
        "items": len(of),
        "with_topics": len(chances),
        "without_similar_ones": empty,
        "same_topic": round(right / max(1, shown), 3),
        "by_chance": round(sum(chances) / max(1, len(chances)), 3),
        "items_with_reprints": len(cluster),
        "reprints_first": firsts,
    }


def main() -> None:
    press = SamplePress(NOW)
    topics = {
        f"https://presse.example/{name}/{story.slug}": frozenset(story.topics)
        for name, stories in press.items.items()
        for story in stories
    }
    with tempfile.TemporaryDirectory() as name:
        fill(Path(name), press)
        report = measure(Path(name), topics)
    sys.stdout.write(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
