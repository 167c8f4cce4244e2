"""OPML: what feed readers write is understood, and what we write comes back whole."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from lxml import etree

from crawler.catalogue import CatalogueError, load_catalogue, load_source
from crawler.opml import OpmlError, as_opml, read_opml
from crawler.source_files import as_toml, source_id, write_source
from tests.press import source

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def opml(body: str) -> bytes:
    return f'<?xml version="1.0"?><opml version="2.0"><head/><body>{body}</body></opml>'.encode()


def test_own_catalogue_comes_back_as_it_was() -> None:
    catalogue = load_catalogue()
    back = read_opml(as_opml(catalogue, now=NOW))
    assert back.skipped == ()
    assert sorted(back.sources, key=lambda s: s.id) == catalogue


def test_every_fact_comes_back() -> None:
    given = source(
        "nw_koeln", land="DE-NW", kind="listing", page="typo3", follow=False, min_items=4,
        checked="2026-02-01", schedule="15 6-20 * * *", name="Köln: „Presse“ & <mehr>",
    )  # fmt: skip
    assert read_opml(as_opml([given], now=NOW)).sources == (given,)


def test_feed_readers_see_feeds_and_categories() -> None:
    sources = [
        source("nw_koeln", land="DE-NW"),
        source("fachblatt"),
        source("th_amt", kind="listing", land="DE-TH"),
        source("post", kind="mail", url="imaps://presse@mail.example/INBOX"),
    ]
    root = etree.fromstring(as_opml(sources, now=NOW))
    assert root.get("version") == "2.0"
    categories = {outline.get("text"): outline for outline in root.find("body")}
    assert list(categories) == ["Fachpresse und Podcasts", "Nordrhein-Westfalen", "Thüringen"]
    [koeln] = categories["Nordrhein-Westfalen"]
    assert (koeln.get("type"), koeln.get("xmlUrl")) == ("rss", sources[0].url)
    [amt] = categories["Thüringen"]
    assert (amt.get("type"), amt.get("xmlUrl")) == ("link", None)


def test_export_of_miniflux() -> None:
    data = opml(
        '<outline text="Bayern"><outline title="Stadt München" text="Stadt München" '
        'xmlUrl="https://www.muenchen.example/rss" htmlUrl="https://www.muenchen.example/" '
        'description="" type="rss"/></outline>'
        '<outline text="All"><outline text="Blog" xmlUrl="https://blog.example/feed"/></outline>'
    )
    muenchen, blog = read_opml(data).sources
    assert (muenchen.id, muenchen.land) == ("by_muenchen_example", "DE-BY")
    assert muenchen.name == "Stadt München"
    assert muenchen.homepage == "https://www.muenchen.example/"
    assert (muenchen.licence, muenchen.display, muenchen.relevance) == (
        "press",
        "headline",
        "topic",
    )
    assert muenchen.checked is None
    assert (blog.land, blog.homepage) == (None, "https://blog.example/")


def test_export_of_freshrss_with_categories_as_attribute() -> None:
    data = opml(
        '<outline text="Amt" type="rss" xmlUrl="https://amt.example/feed" htmlUrl="" '
        'category="/Presse/Sachsen,DE-SN" xmlns:frss="https://freshrss.org/opml" '
        'frss:xPath="//x"/>'
    )
    [amt] = read_opml(data).sources
    assert amt.land == "DE-SN"


def test_known_and_repeated_and_bad_addresses_are_left_out_with_the_reason() -> None:
    data = opml(
        '<outline text="Alt" xmlUrl="http://stadt.example/feed.xml"/>'
        '<outline text="Neu" xmlUrl="https://neu.example/feed"/>'
        '<outline text="Neu 2" xmlUrl="https://www.neu.example/feed/"/>'
        '<outline text="Datei" xmlUrl="file:///etc/passwd"/>'
        '<outline text="Skript" xmlUrl="javascript:alert(1)"/>'
        '<outline text="Zweites Amt" xmlUrl="https://neu.example/zwei"/>'
        '<outline text="Ordner ohne Inhalt"/>'
    )
    found = read_opml(data, known=[source("stadt")])
    assert [s.id for s in found.sources] == ["neu_example", "neu_example_2"]
    assert len(found.skipped) == 4
    assert "“Alt”: stadt has this address already" in found.skipped
    assert any("file:" in reason for reason in found.skipped)


@pytest.mark.parametrize("name", ["../../evil", "a/b", "", "A B"])
def test_id_from_outside_cannot_leave_the_folder(name: str, tmp_path: Path) -> None:
    data = as_opml([replace(source("gut"), id=name)], now=NOW)
    [found] = read_opml(data).sources
    assert found.id == "gut_example"
    with pytest.raises(CatalogueError, match="is no id"):
        write_source(tmp_path, replace(found, id=name))


def test_facts_from_outside_cannot_add_keys(tmp_path: Path) -> None:
    evil = source("gut", checked='2026-01-01\ndisplay = "full"', name='a"\nfollow = false\n"')
    with pytest.raises(CatalogueError, match="checked"):
        write_source(tmp_path, evil)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "no OPML"),
        (b"<html><body>Anmeldung</body></html>", "no OPML"),
        (b"<opml version='2.0'/>", "no OPML"),
        (b'<!DOCTYPE x [<!ENTITY a "b">]><opml><body/></opml>', "entities"),
        (b"<opml>" + b" " * 15_000_001, "15 MB"),
    ],
)
def test_what_is_no_opml(data: bytes, reason: str) -> None:
    with pytest.raises(OpmlError, match=reason):
        read_opml(data)


def test_deep_nesting_ends() -> None:
    deep = "<outline text='x'>" * 200 + '<outline xmlUrl="https://a.example/f"/>'
    assert read_opml(opml(deep)).sources == ()


def test_file_is_what_the_catalogue_reads(tmp_path: Path) -> None:
    given = source("nw_koeln", land="DE-NW", min_items=3, follow=False, checked="2026-02-01")
    path = write_source(tmp_path, given, {"licence": "official or press"})
    assert load_source(path) == given
    assert 'licence = "official"  # official or press' in path.read_text()
    assert "page =" not in path.read_text().replace("homepage =", "")
    with pytest.raises(CatalogueError, match="exists already"):
        write_source(tmp_path, given)


def test_toml_leaves_out_defaults() -> None:
    assert "follow" not in as_toml(source())


@pytest.mark.parametrize(
    ("host", "land", "wanted"),
    [
        ("www.stadt-koeln.de", "DE-NW", "nw_koeln"),
        ("stadt-münster.de", None, "muenster"),
        ("presse.land.de", "DE-HE", "he_presse_land"),
        ("北京.example", None, "example"),
    ],
)
def test_ids_of_hosts(host: str, land: str | None, wanted: str) -> None:
    assert source_id(host, land=land) == wanted
