"""What programs read besides feeds: OPML, OpenSearch, calendar, sitemaps, robots.txt."""

from __future__ import annotations

import asyncio
import sqlite3
from datetime import UTC, date, datetime
from pathlib import Path
from xml.etree import ElementTree

import feedparser
import httpx
import pytest
from datasette.app import Datasette

from datasette_config.app import make_datasette
from datasette_config.archive import Label, Row
from datasette_config.event_days import event_days
from datasette_config.icalendar import Event, calendar, escaped, folded
from datasette_config.routes import sitemap
from datasette_config.site import SiteError

MAPS = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
ANNOUNCED = date(2026, 3, 2)


def test_opml_lists_every_feed_and_all_of_them_answer(web: httpx.Client, address: str) -> None:
    answer = web.get("/feeds.opml")
    assert answer.headers["content-type"].startswith("text/x-opml")
    root = ElementTree.fromstring(answer.content)
    assert (root.tag, root.get("version")) == ("opml", "2.0")
    assert root.findtext("head/title") == "Kommunalradar"
    outlines = list(root.iter("outline"))
    assert all(outline.get("text") for outline in outlines)
    feeds = [outline for outline in outlines if outline.get("xmlUrl")]
    assert {outline.get("type") for outline in feeds} == {"rss"}
    paths = [str(outline.get("xmlUrl")).removeprefix(address) for outline in feeds]
    assert len(paths) == len(set(paths))
    assert {"/suche.atom", "/thema/ozg.atom", "/land/DE-SN.atom", "/quelle/leipzig.atom"} <= {
        *paths
    }
    saxony = next(o for o in outlines if o.get("text") == "Sachsen" and not o.get("xmlUrl"))
    assert [line.get("text") for line in saxony] == ["Stadt Leipzig"]
    for path in paths[::5]:
        assert not feedparser.parse(web.get(path).content).bozo


def test_a_browser_can_add_the_archive(web: httpx.Client, address: str) -> None:
    root = ElementTree.fromstring(web.get("/opensearch.xml").content)
    space = "{http://a9.com/-/spec/opensearch/1.1/}"
    assert len(root.findtext(f"{space}ShortName") or "") <= 16
    urls = {url.get("type"): str(url.get("template")) for url in root.findall(f"{space}Url")}
    page = urls["text/html"].removeprefix(address)
    found = web.get(page.replace("{searchTerms}", "Stadt").replace("{startPage?}", ""))
    assert found.status_code == 200
    assert "zu „Stadt“" in found.text
    assert "opensearch.xml" in web.get("/").text
    assert "opensearch.xml" in web.get("/archive").text


def test_suggestions_come_from_the_archives_own_words(web: httpx.Client) -> None:
    answer = web.get("/vorschlaege.json?q=digitale+Glas")
    assert answer.headers["content-type"].startswith("application/x-suggestions+json")
    typed, found = answer.json()
    assert typed == "digitale Glas"
    assert "digitale glasfaser" in found
    assert web.get("/vorschlaege.json?q=OZG").json()[1][0] == "OZG & Online-Dienste"
    for nothing in ("", "x", "%00", "gibtesnicht", "%25", "a'b", "%F0%9F%98%80", "a" * 5000):
        assert web.get(f"/vorschlaege.json?q={nothing}").json()[1] == []


def test_suggestions_name_no_word_of_a_private_text(
    web: httpx.Client, files: tuple[Path, Path]
) -> None:
    """Of a source whose text is not shown the index knows words that must not be told."""
    with sqlite3.connect(files[1]) as index:
        private = [
            row[0][::-1]
            for row in index.execute(
                "select reversed from vocabulary where number not in (select number from forms) "
                "and length(reversed) > 4"
            )
        ]
    assert len(private) > 5
    for word in private:
        assert web.get("/vorschlaege.json", params={"q": word[:4]}).json()[1].count(word) == 0


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("Digitaltag am 12. Juni 2026", (2026, 6, 12), None),
        ("Am 24.06.2026 lädt die Stadt ein", (2026, 6, 24), None),
        ("Forum, 5. Mai, im Rathaus", (2026, 5, 5), None),
        ("Neujahrsempfang am 9. Januar", (2027, 1, 9), None),
        ("Messe vom 12. bis 14. Mai 2026", (2026, 5, 12), (2026, 5, 14)),
        ("Kongress 12.–14.05.2026", (2026, 5, 12), (2026, 5, 14)),
        ("12. und 13. März", (2026, 3, 12), (2026, 3, 13)),
        ("Rückblick auf den 3. Februar 2026; nächstes Treffen 4. April 2026", (2026, 4, 4), None),
        ("heute, 2.3.", (2026, 3, 2), None),
        ("Der 1. Mrz. 2027 ist der Stichtag", (2027, 3, 1), None),
    ],
)
def test_the_day_of_an_event_is_read(
    text: str, first: tuple[int, int, int], last: tuple[int, int, int] | None
) -> None:
    assert event_days(text, ANNOUNCED) == (date(*first), date(*(last or first)))


@pytest.mark.parametrize(
    "text",
    ["Bürgersprechstunde am Freitag", "30. Februar 2026", "um 18.30 Uhr", "Paragraf 3.2.1",
     "am 1. März 2026", "Platz 3. im Ranking", "vom 1. bis 30. Juni 2026", "12. Mai 2031", "1.500.",
     "Version 2.3.4 und 10.13.", ""],
)  # fmt: skip
def test_no_day_is_made_up(text: str) -> None:
    assert event_days(text, ANNOUNCED) is None


def make_event(title: str) -> Event:
    at = datetime(2026, 3, 2, 8, tzinfo=UTC)
    row = Row(
        id=7, url="https://a.example/", kind="event", kicker=None, title=title, teaser="A, b; c\\d",
        published_at=at, day_only=False, first_seen=at, changed_at=at, withdrawn_at=at,
        duration_s=None, source_id="a", source="A", topics=(Label("ki", "KI, mehr", 0.5),),
        states=(),
    )  # fmt: skip
    return Event(row, date(2026, 5, 12), date(2026, 5, 14))


def unfolded(body: bytes) -> list[str]:
    assert body.endswith(b"\r\n")
    lines = body.split(b"\r\n")
    assert all(len(line) <= 75 for line in lines)
    assert b"\n" not in body.replace(b"\r\n", b"")
    return body.decode().replace("\r\n ", "").splitlines()


def test_a_calendar_is_folded_and_escaped() -> None:
    title = "Über „Größe“, Öffnung; und\nmehr " * 9
    body = calendar("K", [make_event(title)], origin="http://localhost", address="https://r.de")
    lines = unfolded(body)
    assert lines[0] == "BEGIN:VCALENDAR"
    assert lines[-1] == "END:VCALENDAR"
    for line in (
        "UID:tag:r.de\\,2026:eintrag/7", "DTSTART;VALUE=DATE:20260512",
        "DTEND;VALUE=DATE:20260515", "STATUS:CANCELLED", "CATEGORIES:KI\\, mehr",
        "DTSTAMP:20260302T080000Z",
    ):  # fmt: skip
        assert line in lines
    told = next(line for line in lines if line.startswith("SUMMARY:"))
    assert told == "SUMMARY:" + escaped(f"Zurückgezogen: {title}")
    assert any(line.startswith("DESCRIPTION:A\\, b\\; c\\\\d\\nOriginal: ") for line in lines)


def test_folding_splits_no_character() -> None:
    for line in ("ä" * 200, "a" + "ä" * 200, "x" * 75, "😀" * 60, ""):
        pieces = folded(line).split("\r\n ")
        assert "".join(pieces) == line
        assert len(pieces[0].encode()) <= 75
        assert all(len(piece.encode()) <= 74 for piece in pieces[1:])


def test_only_events_with_a_day_are_in_the_calendar(web: httpx.Client) -> None:
    answer = web.get("/veranstaltungen.ics")
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    lines = unfolded(answer.content)
    events = web.get("/archive/items.json?_shape=array&kind=event").json()
    assert events
    shown = [line for line in lines if line.startswith("UID:")]
    assert len(shown) == len(set(shown))
    assert 0 < len(shown) <= len(events)
    assert "BEGIN:VEVENT" not in unfolded(web.get("/veranstaltungen.ics?q=gibtesnicht").content)


def test_sitemaps_name_every_public_item_once(
    web: httpx.Client, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sitemap, "SIZE", 25)
    root = ElementTree.fromstring(web.get("/sitemap.xml?2").content)
    assert root.tag == f"{MAPS}sitemapindex"
    parts = [str(place.text).removeprefix(address) for place in root.iter(f"{MAPS}loc")]
    assert len(parts) >= 3
    found: list[str] = []
    for part in parts:
        page = ElementTree.fromstring(web.get(part).content)
        assert page.tag == f"{MAPS}urlset"
        found += [str(place.text).removeprefix(address) for place in page.iter(f"{MAPS}loc")]
        if part != "/sitemap-seiten.xml":
            dates = [datetime.fromisoformat(str(d.text)) for d in page.iter(f"{MAPS}lastmod")]
            assert len(dates) == len(list(page))
    assert len(found) == len(set(found))
    public = web.get("/archive/items.json?_shape=array&_size=max&withdrawn_at__isnull=1").json()
    assert {path for path in found if path.startswith("/eintrag/")} == {
        f"/eintrag/{item['id']}" for item in public
    }
    for path in ("/", "/thema/ozg", "/land/bund", "/quelle/leipzig", "/ueber"):
        assert path in found
        assert web.get(path).status_code == 200
    assert web.get("/sitemap-999.xml").status_code == 404


def test_robots_are_kept_from_queries_and_the_desk(web: httpx.Client, address: str) -> None:
    answer = web.get("/robots.txt")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    lines = answer.text.splitlines()
    assert lines[0] == "User-agent: *"
    for path in ("/desk", "/archive", "/suche?", "/en/suche?", "/-/"):
        assert f"Disallow: {path}" in lines
    assert f"Sitemap: {address}/sitemap.xml" in lines


async def asked(datasette: Datasette, path: str) -> httpx.Response:
    answer: httpx.Response = await datasette.client.get(path)
    return answer


@pytest.mark.parametrize(
    ("tdm", "status", "reservation"), [(None, 404, None), ("reserved", 200, 1), ("allowed", 200, 0)]
)
def test_the_stance_on_mining_is_the_operators(
    files: tuple[Path, Path], tdm: str | None, status: int, reservation: int | None
) -> None:
    datasette = make_datasette(*files, tdm=tdm)

    async def both() -> tuple[httpx.Response, httpx.Response]:
        return await asked(datasette, "/.well-known/tdmrep.json"), await asked(datasette, "/")

    file, page = asyncio.run(both())
    assert file.status_code == status
    if tdm:
        assert file.json() == [{"location": "/*", "tdm-reservation": reservation}]
    header = page.headers.get("tdm-reservation")
    assert header == (None if reservation is None else str(reservation))


def test_another_stance_is_refused(files: tuple[Path, Path]) -> None:
    with pytest.raises(SiteError, match="reserved or allowed"):
        make_datasette(*files, tdm="vielleicht").app()
