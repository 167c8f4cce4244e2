"""The feeds, read by a feed reader."""

from __future__ import annotations

from datetime import UTC, datetime
from xml.etree import ElementTree

import feedparser
import httpx
import pytest

from datasette_config.archive import Label, Row
from datasette_config.atom import feed
from datasette_config.syndication import FeedHead
from tests.datasette_config.test_pages import tree

ATOM = "{http://www.w3.org/2005/Atom}"
AT = datetime(2026, 3, 12, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "path",
    ["/suche.atom", "/suche.atom?q=Stadt&thema=ozg", "/thema/ozg.atom", "/land/DE-SN.atom",
     "/suche.atom?quelle=leipzig&art=press_release", "/suche.atom?q=gibtesnicht",
     "/quelle/leipzig.atom", "/suche.atom?seite=2"],
)  # fmt: skip
def test_feeds_are_valid(web: httpx.Client, address: str, path: str) -> None:
    answer = web.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
    found = feedparser.parse(answer.content)
    assert not found.bozo, found.get("bozo_exception")
    assert found.version == "atom10"
    root = ElementTree.fromstring(answer.content)
    for required in ("id", "title", "updated"):
        assert len(root.findall(ATOM + required)) == 1
    links = {link.get("rel"): link.get("href") for link in root.findall(ATOM + "link")}
    assert links["self"] == address + path
    for entry in root.findall(ATOM + "entry"):
        for required in ("id", "title", "updated", "author", "summary"):
            assert len(entry.findall(ATOM + required)) <= 1
        for required in ("id", "title", "updated", "author"):
            assert entry.find(ATOM + required) is not None
    ids = [entry.id for entry in found.entries]
    assert len(ids) == len(set(ids))
    assert all(id.startswith("tag:kommunalradar.example,2026:eintrag/") for id in ids)


def test_the_feed_of_a_search_holds_what_the_search_finds(web: httpx.Client) -> None:
    page = tree(web.get("/suche?q=Stadt&thema=ozg"))
    (path,) = page.xpath("//link[@type='application/atom+xml']/@href")
    found = feedparser.parse(web.get(path).content)
    shown = page.xpath("//li[@class='entry']//h3/a/@href")
    assert [entry.link.removeprefix(str(web.base_url).rstrip("/")) for entry in found.entries] == (
        shown
    )
    assert found.feed.title == "Kommunalradar: „Stadt“, OZG & Online-Dienste"


def test_entries_point_to_the_archive_and_to_the_original(
    web: httpx.Client, ids: dict[str, int]
) -> None:
    found = feedparser.parse(web.get("/suche.atom").content)
    entry = next(e for e in found.entries if e.id.endswith(f"/{ids['corrected']}"))
    via = next(link.href for link in entry.links if link.rel == "via")
    assert via.startswith("https://erfurt.example/")
    assert entry.updated > entry.published, "a correction moves the entry"
    assert entry.author == "Stadt Erfurt"
    assert "Zum Original bei erfurt.example" in entry.summary
    assert {tag.label for tag in entry.tags} >= {"Thüringen"}


def test_summaries_keep_to_the_policy(web: httpx.Client, ids: dict[str, int]) -> None:
    body = web.get("/suche.atom?quelle=behoerdenbrief").text
    assert "Drei Länder prüfen" not in body
    assert "Erste Register tauschen Nachweise" in body


def test_hostile_text_is_twice_escaped(web: httpx.Client, ids: dict[str, int]) -> None:
    found = feedparser.parse(web.get("/suche.atom?quelle=ulm").content, sanitize_html=False)
    entry = next(e for e in found.entries if e.id.endswith(f"/{ids['hostile']}"))
    assert '<script>alert("x")</script>' in entry.title, "a plain text title, shown as it is"
    assert "<a href=\"javascript:" not in entry.summary  # fmt: skip
    assert "&lt;a href=" in entry.summary


def test_every_page_with_a_feed_names_it(web: httpx.Client, page_types: dict[str, str]) -> None:
    for name in ("home", "search", "query", "topic", "state", "federation"):
        page = tree(web.get(page_types[name]))
        (link,) = page.xpath("//link[@rel='alternate'][@type='application/atom+xml']")
        assert link.get("title").startswith("Kommunalradar: ")
        assert not feedparser.parse(web.get(link.get("href")).content).bozo
        (other,) = page.xpath("//link[@rel='alternate'][@type='application/feed+json']")
        assert web.get(other.get("href")).json()["version"] == "https://jsonfeed.org/version/1.1"


def make_row(title: str) -> Row:
    return Row(
        id=7, url="https://a.example/?x=1&y=2", kind="article", kicker=None, title=title,
        teaser="Ein\x0bAnriss\ufffe", published_at=None, day_only=False, first_seen=AT,
        changed_at=AT, withdrawn_at=None, duration_s=None, source_id="a", source="A & B",
        topics=(Label("ki", "KI & mehr", 0.5),), states=(),
    )  # fmt: skip


def test_what_xml_cannot_hold_is_left_out() -> None:
    head = FeedHead("Titel", "Untertitel", "/suche.atom?q=a%26b", "/suche?q=a%26b", AT)
    document = feed(head, [make_row("A\x00B\x1b")], origin="http://localhost", address=None)
    found = feedparser.parse(document)
    assert not found.bozo
    assert found.entries[0].title == "AB"
    assert "EinAnriss" in found.entries[0].summary


def test_the_public_address_gives_the_ids() -> None:
    head = FeedHead("Titel", "Untertitel", "/suche.atom", "/", AT)
    document = feed(head, [], origin="https://radar.de", address="https://radar.de")
    found = feedparser.parse(document)
    assert found.feed.id == "tag:radar.de,2026:suche.atom"
    assert found.feed.updated == "2026-03-12T08:00:00Z"
