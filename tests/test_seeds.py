"""The five real texts the project started from, crawled whole: every field, exactly."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from radar.config import Config
from radar.crawling import crawl, utc_now
from store.newsroom import Newsroom
from store.types import Link, Source, StoredItem
from tests.web import Answer, local_web, newsroom_of

SEEDS = Path(__file__).resolve().parents[2] / "shared" / "seeds"
pytestmark = pytest.mark.skipif(
    not SEEDS.is_dir(), reason="the seed texts (../shared/seeds) are not on this machine"
)

PRESS = {"licence": "press", "relevance": "all", "schedule": "adaptive", "display": "teaser"}
SOURCES = (
    Source(
        id="kommune21", name="Kommune21", publisher="K21 media AG", kind="feed",
        homepage="https://www.kommune21.de/", url="https://www.kommune21.de/k21-meldungen/feed/",
        reference="https://www.kommune21.de/", **PRESS,
    ),
    Source(
        id="derneuekaemmerer_ozg", name="Der Neue Kämmerer: OZG", publisher="Der Neue Kämmerer",
        kind="listing", homepage="https://www.derneuekaemmerer.de/",
        url="https://www.derneuekaemmerer.de/themen/ozg/", follow=False,
        reference="https://www.derneuekaemmerer.de/", **PRESS,
    ),
    Source(
        id="dstgb", name="DStGB", publisher="Deutscher Städte- und Gemeindebund", kind="sitemap",
        homepage="https://www.dstgb.de/", url="https://www.dstgb.de/sitemap.xml", land="bund",
        reference="https://www.dstgb.de/", **PRESS,
    ),
    Source(
        id="behoerdenspiegel_talks", name="Behörden Spiegel: Talks", publisher="Behörden Spiegel",
        kind="video", homepage="https://www.youtube.com/",
        url="https://www.youtube.com/feeds/videos.xml?channel_id=UCseed",
        reference="https://www.behoerden-spiegel.de/", **PRESS,
    ),
)  # fmt: skip


def expectations() -> dict[str, dict[str, Any]]:
    if not SEEDS.is_dir():
        return {}
    found: dict[str, dict[str, Any]] = json.loads((SEEDS / "expected.json").read_text("utf-8"))
    return found


EXPECTED = expectations()
ITEMS = [seed for seed in EXPECTED if EXPECTED[seed]["kind"] != "listing"]


def feed(*urls: str) -> bytes:
    items = "".join(f"<item><link>{url}</link></item>" for url in urls)
    return f'<rss version="2.0"><channel><title>Feed</title>{items}</channel></rss>'.encode()


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    config = Config(paths_data=tmp_path_factory.mktemp("seeds"), crawl_delay_s=0.0)
    with local_web() as web, newsroom_of(config, SOURCES) as newsroom:
        for seed in EXPECTED.values():
            web.answers[seed["url"]] = Answer((SEEDS / seed["html"]).read_bytes())
        web.answers[SOURCES[0].url] = Answer(
            feed(EXPECTED["002"]["url"], EXPECTED["004"]["url"]), "application/rss+xml"
        )
        web.answers[SOURCES[2].url] = Answer(
            b'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>'
            + EXPECTED["003"]["url"].encode()
            + b"</loc></url></urlset>",
            "application/xml",
        )
        web.answers[SOURCES[3].url] = Answer(
            b'<feed xmlns="http://www.w3.org/2005/Atom"><title>Talks</title><entry><link href="'
            + EXPECTED["001"]["url"].encode()
            + b'"/></entry></feed>',
            "application/atom+xml",
        )
        outcomes = crawl(
            replace(config, crawl_connect_to=web.address),
            [source.id for source in SOURCES],
            lambda *_: None,
        )
        assert {o.source_id: (o.result.status, o.result.skipped) for o in outcomes} == {
            source.id: ("ok", 0) for source in SOURCES
        }
        yield newsroom


def item(newsroom: Newsroom, seed: str) -> StoredItem:
    found = newsroom.item_by_url(EXPECTED[seed]["url"])
    assert found is not None
    return found


def as_expected(link: Link) -> dict[str, str | None]:
    return {
        "kicker": link.kicker,
        "title": link.title,
        "date": link.date.iso() if link.date else None,
        "teaser": link.teaser,
        "genre": link.genre,
    }


FIELDS = ("kind", "kicker", "title", "section", "duration_s", "views", "author")


@pytest.mark.parametrize(
    ("seed", "field"), [(s, f) for s in ITEMS for f in FIELDS if f in EXPECTED[s]]
)
def test_field(crawled: Newsroom, seed: str, field: str) -> None:
    assert getattr(item(crawled, seed).article, field) == EXPECTED[seed][field]


@pytest.mark.parametrize("seed", ITEMS)
def test_published(crawled: Newsroom, seed: str) -> None:
    published = item(crawled, seed).article.published
    assert (published.iso() if published else None) == EXPECTED[seed]["published"]


@pytest.mark.parametrize("seed", ITEMS)
def test_body_is_whole_and_nothing_else(crawled: Newsroom, seed: str) -> None:
    expected = EXPECTED[seed]
    body = item(crawled, seed).article.body or ""
    assert body.startswith(expected.get("body_starts") or expected["description_starts"])
    assert body.endswith(expected.get("body_ends") or expected["description_ends"])
    assert [part for part in expected.get("body_excludes", []) if part in body] == []


@pytest.mark.parametrize("seed", [seed for seed in ITEMS if "links" in EXPECTED[seed]])
def test_related_teasers(crawled: Newsroom, seed: str) -> None:
    links = [as_expected(link) for link in item(crawled, seed).article.links]
    assert links == EXPECTED[seed]["links"]


def test_topic_page_says_what_it_is_about(crawled: Newsroom) -> None:
    expected = EXPECTED["000"]
    pages = {page.url: page for page in crawled.listings()}
    page = pages[expected["url"]]
    assert (page.title, page.teaser) == (expected["title"], expected["teaser"])


def test_topic_page_gives_every_teaser(crawled: Newsroom) -> None:
    articles = [
        stored.article
        for stored in crawled.items()
        if stored.article.source_id == "derneuekaemmerer_ozg"
    ]
    assert [
        {
            "title": article.title,
            "teaser": article.teaser,
            "kicker": article.kicker,
            "date": article.published.iso() if article.published else None,
            "genre": None if article.kind == "article" else article.kind,
        }
        for article in articles
    ] == EXPECTED["000"]["links"]


@pytest.mark.parametrize("seed", EXPECTED)
def test_radar_parse_page_prints_the_same_fields(seed: str) -> None:
    expected = EXPECTED[seed]
    done = subprocess.run(
        [sys.executable, "-m", "radar", "parse", "page", str(SEEDS / expected["html"]),
         "--url", expected["url"], "--json"],
        capture_output=True, check=True, env={**os.environ, "LC_ALL": "C"}, timeout=60,
    )  # fmt: skip
    seen = json.loads(done.stdout.decode("utf-8"))
    assert {
        "kind", "kicker", "title", "teaser", "section", "published", "body", "author", "image",
        "duration_s", "views", "links",
    } <= seen.keys()  # fmt: skip
    named = seen.keys() & expected.keys() - {"links"}
    assert {name: seen[name] for name in named} == {name: expected[name] for name in named}
    if "links" in expected:
        assert all(link.pop("url").startswith("https://") for link in seen["links"])
        assert seen["links"] == expected["links"]


def test_nothing_was_dated_today(crawled: Newsroom) -> None:
    today = utc_now().date().isoformat()
    dates = [
        stored.article.published.iso()[:10]
        for stored in crawled.items()
        if stored.article.published
    ]
    assert today not in dates
