"""Every feed by the validators' rules: all kinds, both formats, pages, corrections, conditions."""

from __future__ import annotations

from xml.etree import ElementTree

import feedparser
import httpx
import pytest

from datasette_config.routes import feeds
from tests.datasette_config.feed_rules import ATOM, TOMBSTONE, atom_faults, json_faults

PATHS = [
    "/suche.{}", "/suche.{}?q=Stadt&thema=ozg", "/suche.{}?q=%22a+%26+b%22&land=DE-SN",
    "/suche.{}?q=gibtesnicht", "/suche.{}?art=event&lizenz=official", "/thema/ki.{}",
    "/land/DE-SN.{}", "/land/bund.{}", "/land/DE-HB.{}", "/quelle/ulm.{}", "/quelle/verband.{}",
    "/suche.{}?seite=2", "/quelle/leipzig.{}?seite=500",
]  # fmt: skip


@pytest.fixture(scope="module")
def towns(web: httpx.Client) -> list[str]:
    """Feeds of towns, if any item is set in one."""
    rows = web.get("/archive/item_places.json?_shape=array").json()
    return [f"/ort/{row['ags']}.{{}}" for row in rows[:2]]


def test_every_atom_feed_is_valid(web: httpx.Client, address: str, towns: list[str]) -> None:
    faults = {}
    for path in [*PATHS, *towns]:
        answer = web.get(path.format("atom"))
        assert answer.status_code == 200, path
        assert not feedparser.parse(answer.content).bozo
        found = atom_faults(answer.content, address + path.format("atom"))
        if found:
            faults[path] = found
    assert not faults


def test_every_json_feed_is_valid(web: httpx.Client, address: str, towns: list[str]) -> None:
    faults = {}
    for path in [*PATHS, *towns]:
        answer = web.get(path.format("json"))
        assert answer.status_code == 200, path
        assert answer.headers["content-type"] == "application/feed+json; charset=utf-8"
        found = json_faults(answer.json(), address + path.format("json"))
        if found:
            faults[path] = found
    assert not faults


def test_both_formats_say_the_same(web: httpx.Client) -> None:
    for path in PATHS:
        atom = feedparser.parse(web.get(path.format("atom")).content)
        items = web.get(path.format("json")).json()["items"]
        assert [(e.id, e.title) for e in atom.entries] == [(i["id"], i["title"]) for i in items]


def test_the_rules_find_faults(web: httpx.Client, address: str) -> None:
    good = web.get("/suche.atom").text
    for bad in (
        good.replace("<updated>", "<updated>am ", 1),
        good.replace('rel="self"', 'rel="related"', 1),
        good.replace("<id>tag:", "<id>urn ", 1),
        good.replace("<author>", "<contributor>", 1).replace("</author>", "</contributor>", 1),
    ):
        assert bad != good
        assert atom_faults(bad.encode(), f"{address}/suche.atom")
    document = web.get("/suche.json").json()
    del document["items"][0]["content_html"]
    assert json_faults(document, f"{address}/suche.json") == ["item without content"]


def test_pages_lead_through_the_whole_feed(
    web: httpx.Client, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeds, "ENTRIES", 7)
    monkeypatch.setattr(feeds, "_corrected", lambda *_: [])
    path: str | None = "/suche.json"
    seen: list[str] = []
    while path:
        document = web.get(path).json()
        seen += [item["id"] for item in document["items"]]
        path = document.get("next_url", "").removeprefix(address) or None
    found = web.get("/suche").text
    assert f"{len(seen)} Einträge" in found
    assert len(seen) == len(set(seen)) > 20
    middle = ElementTree.fromstring(web.get("/suche.atom?seite=2").content)
    links = {link.get("rel"): link.get("href") for link in middle.findall(f"{ATOM}link")}
    assert links["first"] == links["previous"] == f"{address}/suche.atom"
    assert links["next"] == f"{address}/suche.atom?seite=3"
    first = ElementTree.fromstring(web.get("/suche.atom").content)
    assert first.findtext(f"{ATOM}id") == middle.findtext(f"{ATOM}id"), "one feed, many pages"


def test_a_correction_comes_back_into_the_feed(
    web: httpx.Client, ids: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeds, "ENTRIES", 1)
    found = web.get("/suche.json?von=2020-01-01").json()["items"]
    events = {item["id"].rsplit("/", 1)[1]: item.get("_kommunalradar") for item in found}
    assert events[str(ids["corrected"])]["event"] == "korrigiert"
    assert events[str(ids["withdrawn"])]["event"] == "zurückgezogen"
    atom = feedparser.parse(web.get("/suche.atom?von=2020-01-01").content)
    entry = next(e for e in atom.entries if e.id.endswith(f"/{ids['corrected']}"))
    assert "Korrigiert am 11. März 2026." in entry.summary
    assert "korrigiert" in [tag.term for tag in entry.tags]
    elsewhere = web.get("/quelle/kiel.json?seite=1").json()["items"]
    assert str(ids["corrected"]) not in [item["id"].rsplit("/", 1)[1] for item in elsewhere]


def test_a_feed_that_did_not_change_is_not_sent_again(web: httpx.Client) -> None:
    for path in ("/suche.atom", "/suche.json", "/feeds.opml", "/sitemap.xml"):
        first = web.get(path)
        again = web.get(path, headers={"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
    first = web.get("/thema/ozg.atom")
    same = web.get("/thema/ozg.atom", headers={"If-Modified-Since": first.headers["last-modified"]})
    assert same.status_code == 304
    before = {"If-Modified-Since": "Mon, 05 Jan 2026 00:00:00 GMT"}
    assert web.get("/thema/ozg.atom", headers=before).status_code == 200
    told = {**before, "If-None-Match": first.headers["etag"]}
    assert web.get("/thema/ozg.atom", headers=told).status_code == 304, "the tag decides"
    wrong = {"If-Modified-Since": first.headers["last-modified"], "If-None-Match": '"anders"'}
    assert web.get("/thema/ozg.atom", headers=wrong).status_code == 200


def test_what_is_withdrawn_has_a_tombstone(web: httpx.Client, ids: dict[str, int]) -> None:
    source = web.get(f"/api/v1/items/{ids['withdrawn']}").json()["source"]["id"]
    root = ElementTree.fromstring(web.get(f"/quelle/{source}.atom").content)
    entries = {
        entry.findtext(f"{ATOM}id"): entry.findtext(f"{ATOM}updated")
        for entry in root.findall(f"{ATOM}entry")
    }
    [deleted] = root.findall(TOMBSTONE)
    assert str(deleted.get("ref")).endswith(f"/{ids['withdrawn']}")
    assert deleted.get("when") == entries[deleted.get("ref")], "an older one would not count"
    assert "tombstones" not in web.get("/quelle/ulm.atom").text
