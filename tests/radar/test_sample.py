"""The sample press is complete, marked as invented, well-formed, and answers like real sites."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from lxml import etree
from parsel import Selector

from crawler.settings import RECHECK_UNTIL_DAYS
from radar.sample import notation
from radar.sample.press import Response, SamplePress
from radar.sample.sites import MARKER, Site
from store.types import BERLIN, DISPLAYS, SOURCE_KINDS, STATES, Source

NOW = datetime(2026, 3, 9, 14, 5, tzinfo=BERLIN)
PRESS = SamplePress(NOW)
SOURCES = PRESS.catalogue()
ANSWERING = [source for source in SOURCES if source.id != "stadt_stuttgart_beispiel"]
TOPICS = {
    "ozg", "smart-city", "it-sicherheit", "ki", "e-akte", "it-infrastruktur", "breitband",
    "open-data", "finanzen", "bildung", "beteiligung", "strategie", "register", "soziales",
    "mobilitaet", "personal", "bauen",
}  # fmt: skip


def get(
    url: str, stage: int = 1, headers: dict[str, str] | None = None, press: SamplePress = PRESS
) -> Response:
    parts = urlsplit(url)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    return press.respond(parts.netloc, path, headers or {}, stage)


def by_id(source: Source) -> str:
    return source.id


def text_of(answer: Response) -> str:
    """The body as a reader's program decodes it: by header, XML declaration or meta element."""
    declared = re.search(rb'(?:charset|encoding)="?([\w-]+)', answer.body[:400])
    named = re.search(r"charset=([\w-]+)", answer.headers["Content-Type"])
    found = named[1] if named else declared[1].decode() if declared else "utf-8"
    # WHATWG Encoding: the label iso-8859-1 means windows-1252.
    return answer.body.decode("cp1252" if found.lower() == "iso-8859-1" else found)


def check_well_formed(answer: Response) -> None:
    kind = answer.headers["Content-Type"]
    if "json" in kind:
        json.loads(answer.body)
    elif "xml" in kind:
        etree.fromstring(answer.body, etree.XMLParser(resolve_entities=False))
    else:
        root = Selector(text_of(answer))
        assert root.xpath("//title")
        assert root.xpath("/html[starts-with(@lang, 'de')]")


# Content -------------------------------------------------------------------------------------


def test_sixteen_sources_of_every_kind() -> None:
    assert len(SOURCES) == 16
    # a mailbox is no site that could be served
    assert {source.kind for source in SOURCES} == set(SOURCE_KINDS) - {"mail"}
    assert {source.display for source in SOURCES} == set(DISPLAYS) - {"link"}
    assert all(urlsplit(source.url).netloc in PRESS.hosts for source in SOURCES)
    assert all(host.endswith(".example") for host in PRESS.hosts)
    assert all(source.land is None or source.land in STATES for source in SOURCES)


def test_items_cover_every_topic_and_every_land() -> None:
    items = [item for found in PRESS.items.values() for item in found]
    assert len(items) >= 160
    assert {topic for item in items for topic in item.topics} == TOPICS
    assert {state for item in items for state in item.states} == set(STATES)
    assert all(len(item.topics) <= 3 for item in items)
    assert any(not item.topics for item in items), "everyday news belongs to it"


def test_no_year_is_written_into_an_item() -> None:
    for path in (Path(notation.__file__).parent / "items").glob("*.jsonl"):
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.strip():
                raw = json.loads(line)
                words = " ".join([raw["title"], raw["teaser"], *raw["body"], str(raw["slug"])])
                assert not re.search(r"\b20[12]\d\b", words), f"{path.name}: {raw['slug']}"


def test_dates_are_never_in_the_future() -> None:
    for at in (NOW, NOW.replace(hour=0, minute=10), datetime(2026, 3, 29, 3, 30, tzinfo=BERLIN)):
        press = SamplePress(at)
        for source in SOURCES:
            for story in press.site(source.id).stories(2):
                assert story.at <= at
                assert story.revised is None or story.at <= story.revised <= at


# Every address -------------------------------------------------------------------------------


@pytest.mark.parametrize("source", ANSWERING, ids=by_id)
def test_list_pages_and_items_answer_marked_and_well_formed(source: Source) -> None:
    site = PRESS.site(source.id)
    stories = site.stories(1)
    assert len({story.url for story in stories}) == len(stories) >= 8
    urls = [source.url, source.homepage, f"{source.homepage}impressum/"]
    for url in [*urls, *(story.url for story in stories)]:
        answer = get(url)
        assert answer.status == 200, url
        check_well_formed(answer)
        assert MARKER in text_of(answer), url
    robots = get(f"{source.homepage}robots.txt")
    assert robots.status == 200
    assert b"Crawl-delay" not in robots.body


@pytest.mark.parametrize("source", ANSWERING, ids=by_id)
def test_item_pages_show_their_item_and_the_marker_outside_of_it(source: Source) -> None:
    for story in PRESS.site(source.id).stories(1):
        root = Selector(text_of(get(story.url)))
        shown = " ".join("".join(root.xpath("//body//text()").getall()).split())
        assert root.xpath("//link[@rel='canonical']/@href").getall() == [story.url]
        assert story.title in shown
        for paragraph in story.text:
            assert paragraph in shown, f"{story.url}: {paragraph[:60]}"
        (notice,) = root.xpath("//*[@class='beispiel-hinweis']")
        assert MARKER in notice.get()
        frame = {"header", "footer", "kopf", "fuss", "fusszeile", "kopfzeile", "td-header-wrap"}
        above = notice.xpath("ancestor::*")
        names = [*above.xpath("name()"), *above.xpath("@id | @class")]
        assert frame & {name.get() for name in names}, story.url


@pytest.mark.parametrize("source", [s for s in ANSWERING if s.kind != "listing"], ids=by_id)
def test_every_entry_of_a_feed_is_marked(source: Source) -> None:
    entries = len(PRESS.site(source.id).stories(1))
    assert text_of(get(f"{source.url}{'?per_page=100' * (source.kind == 'wordpress')}")).count(
        MARKER
    ) in (entries, entries + 1)


@pytest.mark.parametrize("source", ANSWERING, ids=by_id)
def test_conditional_requests(source: Source) -> None:
    for url in (source.url, PRESS.site(source.id).stories(1)[0].url):
        first = get(url)
        etag, date = first.headers["ETag"], first.headers["Last-Modified"]
        again = get(url, headers={"If-None-Match": f'"other", W/{etag}'})
        assert (again.status, again.body) == (304, b"")
        assert again.headers["ETag"] == etag
        assert get(url, headers={"if-modified-since": date}).status == 304
        early = notation.http_date(NOW - timedelta(days=400))
        assert get(url, headers={"If-Modified-Since": early}).status == 200
        assert get(url, headers={"If-Modified-Since": "gestern"}).status == 200
        # If-None-Match outranks the date.
        both = {"If-None-Match": '"other"', "If-Modified-Since": date}
        assert get(url, headers=both).status == 200


def test_unknown_addresses_and_hosts() -> None:
    missing = get("https://presse.koeln.example/gibt/es/nicht.html")
    assert missing.status == 404
    assert "Seite nicht gefunden" in text_of(missing)
    assert "ETag" not in missing.headers
    assert get("https://www.example.org/").status == 421


def test_a_tracking_parameter_changes_nothing() -> None:
    story = PRESS.site("regionalzeitung_nord").stories(1)[0]
    feed = text_of(get(PRESS.site("regionalzeitung_nord").list_url))
    assert f"{story.url}?utm_source=rss" in feed
    assert get(f"{story.url}?utm_source=rss&utm_medium=feed").body == get(story.url).body


# Encodings and notations ---------------------------------------------------------------------


def test_latin_1_is_real() -> None:
    koeln = PRESS.site("stadt_koeln_beispiel")
    for url in (koeln.list_url, koeln.stories(1)[0].url):
        answer = get(url)
        assert "charset=iso-8859-1" in answer.headers["Content-Type"]
        text = answer.body.decode("iso-8859-1")
        assert "Köln" in text
        assert not re.search(r"[\x80-\x9f]", text), "Latin-1 has control characters there"
        with pytest.raises(UnicodeDecodeError):
            answer.body.decode("utf-8")
    # „ is missing from Latin-1 and comes as a character reference.
    assert "&#8222;" in "".join(
        get(story.url).body.decode("iso-8859-1") for story in koeln.stories(1)
    )


def test_uckermark_means_the_windows_code_page() -> None:
    site = PRESS.site("kreis_uckermark_beispiel")
    answer = get(site.stories(1)[0].url)
    assert answer.headers["Content-Type"] == "text/html"
    assert b"charset=iso-8859-1" in answer.body
    assert "Bürgerservice A–Z" in answer.body.decode("cp1252")


# Between the two crawls ----------------------------------------------------------------------


def changes() -> dict[str, list[str]]:
    """URLs by what happens to them between the stages."""
    found: dict[str, list[str]] = {"new": [], "revised": [], "withdrawn": []}
    for source in ANSWERING:
        site: Site = PRESS.site(source.id)
        before = {story.url: story for story in site.stories(1)}
        after = {story.url: story for story in site.stories(2)}
        found["new"] += sorted(after.keys() - before.keys())
        found["withdrawn"] += sorted(before.keys() - after.keys())
        found["revised"] += [url for url in before if url in after and after[url].revised]
    return found


def test_three_corrections_one_withdrawal_some_news() -> None:
    happened = changes()
    assert len(happened["revised"]) == 3
    assert len(happened["withdrawn"]) == 1
    assert 4 <= len(happened["new"]) <= 6
    for url in happened["new"]:
        assert get(url, 1).status == 404
        assert get(url, 2).status == 200
    (gone,) = happened["withdrawn"]
    # The crawler looks again only at young items: an old one would never be seen to go.
    ages = {story.url: NOW - story.at for s in ANSWERING for story in PRESS.site(s.id).stories(1)}
    assert ages[gone] < timedelta(days=RECHECK_UNTIL_DAYS - 1)
    assert get(gone, 1).status == 200
    assert get(gone, 2).status == 410


def test_a_correction_shows_on_page_and_list() -> None:
    for source in ANSWERING:
        site = PRESS.site(source.id)
        before = {story.slug: story for story in site.stories(1)}
        for story in site.stories(2):
            if story.revised is None:
                continue
            old = before[story.slug]
            assert (old.title, old.text) != (story.title, story.text)
            page = get(story.url, 2)
            assert page.body != get(story.url, 1).body
            validator = {"If-Modified-Since": get(story.url, 1).headers["Last-Modified"]}
            assert get(story.url, 2, validator).status == 200
            assert get(source.url, 2).body != get(source.url, 1).body


def test_a_stage_is_deterministic() -> None:
    twin = SamplePress(NOW)
    for source in ANSWERING:
        for stage in (1, 2):
            assert get(source.url, stage) == get(source.url, stage, press=twin)
    with pytest.raises(ValueError, match="stage 3"):
        get(SOURCES[0].url, 3)


def test_one_source_is_down() -> None:
    for stage in (1, 2):
        for path in ("presse/rss.xml", "", "presse/irgendwas.html"):
            answer = get(f"https://presse.stuttgart.example/{path}", stage)
            assert (answer.status, answer.headers["Retry-After"]) == (503, "3600")
            assert MARKER in text_of(answer)
    assert get("https://presse.stuttgart.example/robots.txt").status == 200


def test_one_source_has_gone_silent() -> None:
    ages = sorted((NOW - s.at).days for s in PRESS.site("it_verbund_saar_beispiel").stories(2))
    assert ages[0] >= 70
    assert {later - earlier for earlier, later in pairwise(ages)} <= {6, 7, 8}


def test_one_layout_breaks() -> None:
    site = PRESS.site("stadt_halle_beispiel")
    first, second = text_of(get(site.list_url, 1)), text_of(get(site.list_url, 2))
    assert all(story.title in first for story in site.stories(1))
    assert not any(story.title in second or story.path in second for story in site.stories(2))
    assert get(site.stories(2)[0].url, 2).status == 200


def test_one_release_is_reprinted_in_edited_form() -> None:
    release, *reprints = [
        next(s for s in PRESS.site(source_id).stories(1) if "8,6 Millionen Euro" in s.teaser)
        for source_id in (
            "land_sh_beispiel", "kommunalblatt", "kaemmerei_aktuell", "regionalzeitung_nord",
            "gemeindeverband",
        )
    ]  # fmt: skip

    def sentences(text: tuple[str, ...]) -> set[str]:
        return set(re.split(r"(?<=[.:])\s+(?=[A-ZÄÖÜ])", " ".join(text)))

    original = sentences(release.text)
    for copy in reprints:
        shared = len(sentences(copy.text) & original) / len(original)
        assert 0.6 <= shared <= 0.9, copy.url
        assert copy.title != release.title
        assert copy.at > release.at


# Interfaces ----------------------------------------------------------------------------------


def test_list_pages_follow_each_other() -> None:
    for source_id in ("kaemmerei_aktuell", "bund_digital_beispiel"):
        site = PRESS.site(source_id)
        url, found = site.list_url, Counter[str]()
        for _ in range(9):
            root = Selector(text_of(get(url)))
            links = set(root.xpath("//main//@href | //div[@id='maincontent']//@href").getall())
            found.update(story.path for story in site.stories(1) if story.path in links)
            following = root.xpath("//link[@rel='next']/@href").get()
            if following is None:
                break
            url = site.homepage.rstrip("/") + following
        assert found == Counter(story.path for story in site.stories(1))


def test_wordpress_pages_posts() -> None:
    site = PRESS.site("stadt_muenchen_beispiel")
    total = len(site.stories(1))
    seen: list[str] = []
    pages = int(get(f"{site.list_url}?per_page=5").headers["X-WP-TotalPages"])
    assert pages == -(-total // 5)
    for page in range(1, pages + 1):
        answer = get(f"{site.list_url}?per_page=5&page={page}&_embed=1")
        assert answer.headers["X-WP-Total"] == str(total)
        posts = json.loads(answer.body)
        assert all("_embedded" in post for post in posts)
        seen += [post["link"] for post in posts]
    assert seen == [story.url for story in site.stories(1)]
    beyond = get(f"{site.list_url}?per_page=5&page={pages + 1}")
    assert beyond.status == 400
    assert json.loads(beyond.body)["code"] == "rest_post_invalid_page_number"
    for nonsense in ("per_page=0", "per_page=101", "page=x", "page=0"):
        assert get(f"{site.list_url}?{nonsense}").status == 400, nonsense
    newest = site.stories(1)[0]
    post = json.loads(get(f"{site.list_url}/{newest.number}").body)
    assert post["link"] == newest.url
