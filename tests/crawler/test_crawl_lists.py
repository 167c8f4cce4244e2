"""Lists of lists over real HTTP: sitemap indexes and older pages of a feed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from crawler.lists import feed_instead
from radar.config import Config
from store.types import RunResult, Source
from tests.press import feed, numbers, page, source
from tests.web import Answer, LocalWeb, newsroom_of

Run = Callable[..., dict[str, RunResult]]
HOST = "https://www.stadt.example"


def index(*names: str) -> Answer:
    rows = "".join(f"<sitemap><loc>{HOST}/{name}</loc></sitemap>" for name in names)
    return Answer(f"<sitemapindex>{rows}</sitemapindex>".encode(), "application/xml")


def part(*paths: str) -> Answer:
    rows = "".join(f"<url><loc>{HOST}{path}</loc></url>" for path in paths)
    return Answer(f"<urlset>{rows}</urlset>".encode(), "application/xml")


@pytest.fixture
def karte(web: LocalWeb) -> Source:
    """A sitemap index of fourteen parts, of which two hold news."""
    names = [f"seiten-{n}.xml" for n in range(12)]
    web.answers = {f"{HOST}/{name}": part(f"/{name}/a") for name in names}
    web.answers |= {
        f"{HOST}/sitemap.xml": index("presse-2025.xml", "presse-2026.xml", *names),
        f"{HOST}/presse-2025.xml": part("/presse/1"),
        f"{HOST}/presse-2026.xml": part("/presse/2", "/presse/3"),
    }
    web.answers |= {f"{HOST}/presse/{n}": Answer(page(f"Meldung {n}")) for n in range(1, 9)}
    return source(kind="sitemap", url=f"{HOST}/sitemap.xml", paths="/presse/")


def test_parts_of_an_index_are_read_those_with_news_first_and_not_all(
    run: Run, config: Config, web: LocalWeb, karte: Source
) -> None:
    with newsroom_of(config, [karte]) as newsroom:
        assert numbers(run(config, newsroom, karte)["stadt"]) == ("ok", 3, 0, 0, 0, 0)
        asked = [url for url, _ in web.asked if url.endswith(".xml")]
        assert len(asked) == 5
        assert asked[0] == karte.url
        assert set(asked[1:3]) == {f"{HOST}/presse-2025.xml", f"{HOST}/presse-2026.xml"}
        # the index stays as it is, a part does not
        web.answers[f"{HOST}/presse-2026.xml"] = part("/presse/2", "/presse/3", "/presse/4")
        assert run(config, newsroom, karte)["stadt"].new == 1


def test_few_entries_in_all_parts_together_are_a_failure(
    run: Run, config: Config, web: LocalWeb, karte: Source
) -> None:
    enough, more = replace(karte, min_items=3), replace(karte, min_items=4)
    with newsroom_of(config, [enough]) as newsroom:
        assert run(config, newsroom, enough)["stadt"].status == "ok"
        newsroom.set_sources([more])
        result = run(config, newsroom, more)["stadt"]
    assert result.status == "failed"
    assert "lists 3 items where at least 4 are usual" in (result.message or "")


def test_part_that_is_gone_fails_the_run(
    run: Run, config: Config, web: LocalWeb, karte: Source
) -> None:
    del web.answers[f"{HOST}/presse-2025.xml"]
    with newsroom_of(config, [karte]) as newsroom:
        result = run(config, newsroom, karte)["stadt"]
    assert (result.status, result.new) == ("failed", 2)
    assert f"HTTP 404 for {HOST}/presse-2025.xml" in (result.message or "")


def test_an_older_page_may_be_short(run: Run, config: Config, web: LocalWeb) -> None:
    def atom(numbers: range, more: str = "") -> Answer:
        entries = "".join(
            f'<entry><title>M {n}</title><link href="{HOST}/presse/{n}"/></entry>' for n in numbers
        )
        feed = f'<feed xmlns="http://www.w3.org/2005/Atom"><title>P</title>{more}{entries}</feed>'
        return Answer(feed.encode(), "application/atom+xml")

    paged = source(min_items=3)
    web.answers = {
        paged.url: atom(range(4, 8), f'<link rel="next" href="{HOST}/alt.xml"/>'),
        f"{HOST}/alt.xml": atom(range(1, 2)),
    }
    web.answers |= {f"{HOST}/presse/{n}": Answer(page(f"Meldung {n}")) for n in range(1, 9)}
    with newsroom_of(config, [paged]) as newsroom:
        assert numbers(run(config, newsroom, paged)["stadt"]) == ("ok", 5, 0, 0, 0, 0)


REST = f"{HOST}/wp-json/wp/v2/posts"
CLOSED = [
    Answer(b'{"code": "rest_forbidden"}', "application/json", status=401),
    Answer(b"nicht da", status=404),
    Answer(b"<html><body>Startseite</body></html>"),
    Answer(b'{"code": "rest_no_route"}', "application/json"),
]


@pytest.fixture
def blog(web: LocalWeb) -> Source:
    web.answers = {
        f"{HOST}/feed/": Answer(feed(("Eins", f"{HOST}/1")), headers={"ETag": '"f"'}),
        f"{HOST}/1": Answer(page("Eins")),
    }
    return source(kind="wordpress", url=REST)


@pytest.mark.parametrize("closed", CLOSED, ids=["401", "404", "page", "error"])
def test_closed_wordpress_interface_gives_way_to_the_feed(
    run: Run, config: Config, web: LocalWeb, blog: Source, closed: Answer
) -> None:
    web.answers[f"{REST}?per_page=50&_embed=1"] = closed
    with newsroom_of(config, [blog]) as newsroom:
        assert numbers(run(config, newsroom, blog)["stadt"]) == ("ok", 1, 0, 0, 0, 0)
        assert run(config, newsroom, blog)["stadt"].status == "unchanged"
    assert web.asked.count((f"{HOST}/feed/", 304)) == 1
    log = config.crawl_log.read_text(encoding="utf-8")
    assert f"its feed {HOST}/feed/ is read instead" in log


def test_wordpress_without_interface_and_feed_fails_and_an_error_of_the_server_is_its_own(
    run: Run, config: Config, web: LocalWeb, blog: Source
) -> None:
    with newsroom_of(config, [blog]) as newsroom:
        web.answers[f"{REST}?per_page=50&_embed=1"] = Answer(b"kaputt", status=500)
        result = run(config, newsroom, blog)["stadt"]
        assert result.status == "failed"
        assert f"HTTP 500 for {REST}" in (result.message or "")
        assert web.times(f"{HOST}/feed/") == 0
        web.answers = {}
        result = run(config, newsroom, blog)["stadt"]
    assert f"HTTP 404 for {HOST}/feed/" in (result.message or "")


@pytest.mark.parametrize(
    ("interface", "instead"),
    [
        (REST, f"{HOST}/feed/"),
        (f"{HOST}/blog/wp-json/wp/v2/posts?categories=7", f"{HOST}/blog/feed/"),
        (f"{HOST}/?rest_route=/wp/v2/posts", f"{HOST}/?feed=rss2"),
        (f"{HOST}/index.php?rest_route=/wp/v2/posts", f"{HOST}/index.php?feed=rss2"),
    ],
)
def test_where_the_feed_of_a_wordpress_site_lies(interface: str, instead: str) -> None:
    assert feed_instead(source(kind="wordpress", url=interface)).url == instead


def test_older_pages_of_an_html_list_are_read_until_all_is_known(
    run: Run, config: Config, web: LocalWeb
) -> None:
    def listed(numbers: range, older: str | None) -> Answer:
        teasers = "".join(
            f'<article><h2><a href="{HOST}/presse/{n}">Meldung {n} aus dem Rathaus</a></h2>'
            f'<time datetime="2026-03-0{n}">{n}.3.2026</time><p>Die Stadt teilt mit, was sich im '
            "Rathaus in dieser Woche ändert.</p></article>"
            for n in numbers
        )
        link = f'<a rel="next" href="{older}">Weiter</a>' if older else ""
        more = f'<nav class="pagination">{link}</nav>'
        return Answer(f"<!doctype html><html><body><main>{teasers}</main>{more}".encode())

    paged = source(kind="listing", url=f"{HOST}/presse/", min_items=3)
    web.answers = {
        paged.url: listed(range(7, 3, -1), "?seite=2"),
        f"{HOST}/presse/?seite=2": listed(range(3, 0, -1), None),
    }
    web.answers |= {f"{HOST}/presse/{n}": Answer(page(f"Meldung {n}")) for n in range(1, 9)}
    with newsroom_of(config, [paged]) as newsroom:
        assert numbers(run(config, newsroom, paged)["stadt"]) == ("ok", 7, 0, 0, 0, 0)
        # the older page has something new, the newest one has nothing
        web.answers[f"{HOST}/presse/?seite=2"] = listed(range(8, 0, -1), None)
        web.answers[paged.url] = listed(range(7, 4, -1), "?seite=2")
        assert run(config, newsroom, paged)["stadt"].new == 0
        web.answers[paged.url] = listed(range(8, 4, -1), "?seite=2")
        assert run(config, newsroom, paged)["stadt"].new == 1
    assert web.times(f"{HOST}/presse/?seite=2") == 2
