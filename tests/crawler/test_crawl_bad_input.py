"""Bad input over real HTTP, many sources in one crawl: one bad entry is skipped, nothing else."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from radar.config import Config
from store.types import RunResult
from tests.press import feed, numbers, page, source
from tests.web import Answer, LocalWeb, newsroom_of

Run = Callable[..., dict[str, RunResult]]
RSS = "application/rss+xml; charset=utf-8"
Results = tuple[dict[str, RunResult], dict[str, list[str]], str]


def good(name: str) -> str:
    return f"https://www.{name}.example/1"


def item(title: str, link: str, guid: str = "") -> str:
    return f"<item><title>{title}</title><link>{link}</link><guid>{guid}</guid></item>"


def rss(*items: str) -> bytes:
    return f'<rss version="2.0"><channel><title>P</title>{"".join(items)}</channel></rss>'.encode()


def json_feed(version: str, url: str) -> Answer:
    feed = {
        "version": f"https://jsonfeed.org/version/{version}",
        "title": "P",
        "items": [{"id": "1", "url": url, "title": "Eins"}],
    }
    return Answer(json.dumps(feed).encode(), "application/feed+json")


#: name → (what its feed answers, status, new items, fewest skipped)
CASES: dict[str, tuple[Callable[[str], Answer], str, int, int]] = {
    "abgeschnitten": (
        lambda url: Answer(feed(("Eins", url), ("Zwei", f"{url}2"))[:-90], RSS), "ok", 1, 0),
    "html": (lambda url: Answer(b"<!DOCTYPE html><html><body>Hallo</body></html>", RSS),
             "failed", 0, 0),
    "leer": (lambda url: Answer(feed(), RSS), "failed", 0, 0),
    "nichts": (lambda url: Answer(b"", RSS), "failed", 0, 0),
    "zeichensatz": (
        lambda url: Answer(
            b'<?xml version="1.0" encoding="utf-8"?>' + rss(item("Bürgeramt öffnet", url)),
            "application/rss+xml; charset=iso-8859-15"), "ok", 1, 0),
    "nullen": (lambda url: Answer(rss(item("E\x00ins", url)), RSS), "ok", 1, 0),
    "riesentitel": (
        lambda url: Answer(rss(item("Wort " * 600_000, f"{url}2"), item("Eins", url)), RSS),
        "ok", 1, 1),
    "ohnelink": (lambda url: Answer(rss(item("Eins", url), "<item><title>x</title></item>"), RSS),
                 "ok", 1, 1),
    "relativ": (lambda url: Answer(rss(item("Eins", "/1")), RSS), "ok", 1, 0),
    "skript": (
        lambda url: Answer(rss(item("Eins", url), item("Zwei", "javascript:alert(1)"),
                               item("Drei", "file:///etc/passwd")), RSS), "ok", 1, 2),
    "doppelt": (
        lambda url: Answer(rss(item("Eins", url, "g"), item("Eins", url, "g")), RSS), "ok", 1, 0),
    "gleicheid": (
        lambda url: Answer(rss(item("Eins", url, "g"), item("Zwei", f"{url}2", "g")), RSS),
        "ok", 2, 0),
    "zukunft": (
        lambda url: Answer(rss(item("Eins", url).replace(
            "</item>", "<pubDate>Mon, 10 Mar 2098 10:00:00 +0100</pubDate></item>")), RSS),
        "ok", 1, 0),
    "allesschlecht": (
        lambda url: Answer(rss(item("Zwei", "javascript:1"), item("Drei", "mailto:a@b.de")), RSS),
        "failed", 0, 0),
    "bombe": (
        lambda url: Answer(
            b'<!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
            b'<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;">'
            b"]>" + rss(item("&d;&d;&d;&d;", url)), RSS), "any", -1, 0),
    "gepackt": (
        lambda url: Answer(gzip.compress(rss(item("Eins", url))), "application/x-gzip"),
        "ok", 1, 0),
    "rss091": (
        lambda url: Answer(rss(item("Eins", url)).replace(b'"2.0"', b'"0.91"'), RSS), "ok", 1, 0),
    "rdf": (
        lambda url: Answer(
            b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
            b'xmlns="http://purl.org/rss/1.0/"><channel><title>P</title></channel>'
            b"<item><title>Eins</title><link>%s</link></item></rdf:RDF>" % url.encode(), RSS),
        "ok", 1, 0),
    "atom03": (
        lambda url: Answer(
            b'<feed version="0.3" xmlns="http://purl.org/atom/ns#"><title>P</title><entry>'
            b'<title>Eins</title><link rel="alternate" href="%s"/></entry></feed>' % url.encode(),
            "application/x.atom+xml"), "ok", 1, 0),
    "json10": (lambda url: json_feed("1", url), "ok", 1, 0),
    "json11": (lambda url: json_feed("1.1", url), "ok", 1, 0),
    "kaputtgepackt": (
        lambda url: Answer(gzip.compress(rss(item("Eins", url)))[:40], RSS,
                           headers={"Content-Encoding": "gzip"}), "failed", 0, 0),
}  # fmt: skip


@pytest.fixture(scope="module")
def results(
    run: Run, tmp_path_factory: pytest.TempPathFactory
) -> tuple[dict[str, RunResult], dict[str, list[str]], str]:
    """One crawl of all cases: results and titles kept by name, and the log."""
    from tests.web import local_web

    with local_web() as web:
        config = Config(
            paths_data=tmp_path_factory.mktemp("bad"),
            crawl_connect_to=web.address,
            crawl_delay_s=0.0,
        )
        sources = [source(name) for name in CASES]
        for each in sources:
            web.answers[each.url] = CASES[each.id][0](good(each.id))
            for url in (good(each.id), f"{good(each.id)}2"):
                web.answers[url] = Answer(page(f"Meldung aus {each.id}"))
        with newsroom_of(config, sources) as newsroom:
            found = run(config, newsroom, *sources)
            titles: dict[str, list[str]] = {name: [] for name in CASES}
            for kept in newsroom.items():
                titles[kept.article.source_id].append(kept.article.title)
        log = config.crawl_log.read_text(encoding="utf-8")
    assert "Traceback" not in log
    return found, titles, log


@pytest.mark.parametrize("name", CASES)
def test_bad_feed(results: Results, name: str) -> None:
    _, status, new, skipped = CASES[name]
    result, titles = results[0][name], results[1][name]
    if status == "any":  # an expanded bomb may be cut short or refused; it must only end
        assert result.status in ("ok", "failed")
        return
    assert (result.status, result.new) == (status, new), result.message
    assert result.skipped >= skipped
    assert all(len(title) < 2000 for title in titles)
    if status == "failed":
        assert f"www.{name}.example" in (result.message or "")
        assert "\n" not in (result.message or "")


def test_each_bad_entry_has_its_reason_in_the_log_and_no_headline(results: Results) -> None:
    log = results[2]
    for said in (
        "ohnelink: skipped: entry 2: it has no link",
        "skript: skipped: entry 2: ",
        "riesentitel: skipped: entry 1 (https://www.riesentitel.example/12): its title has",
        "zukunft: entry 1 (https://www.zukunft.example/1): "
        "'Mon, 10 Mar 2098 10:00:00 +0100' was refused as a date",
    ):
        assert said in log
    assert "Zwei" not in log
    assert "Meldung aus" not in log


def test_a_sitemap_index_and_its_parts_may_be_packed(
    run: Run, config: Config, web: LocalWeb
) -> None:
    packed = source(kind="sitemap", url="https://www.stadt.example/sitemap.xml.gz")
    part = "https://www.stadt.example/news.xml.gz"
    index = f"<sitemapindex><sitemap><loc>{part}</loc></sitemap></sitemapindex>"
    listed = (
        '<urlset xmlns:n="http://www.google.com/schemas/sitemap-news/0.9"><url>'
        f"<loc>{good('stadt')}</loc><n:news><n:title>Eins</n:title>"
        "<n:publication_date>2026-03-10</n:publication_date></n:news></url></urlset>"
    )
    web.answers = {
        packed.url: Answer(gzip.compress(index.encode()), "application/gzip"),
        part: Answer(gzip.compress(listed.encode()), "application/gzip"),
        good("stadt"): Answer(page("Eins")),
    }
    with newsroom_of(config, [packed]) as newsroom:
        assert numbers(run(config, newsroom, packed)["stadt"]) == ("ok", 1, 0, 0, 0, 0)
        (kept,) = newsroom.items()
    assert kept.article.published is not None
    assert kept.article.published.iso() == "2026-03-10"


def test_long_feed_is_read_whole(run: Run, config: Config, web: LocalWeb) -> None:
    many = replace(source(), follow=False)
    rows = ((f"Meldung {n}", f"https://www.stadt.example/{n}") for n in range(2_000))
    web.answers[many.url] = Answer(feed(*rows), RSS)
    with newsroom_of(config, [many]) as newsroom:
        assert numbers(run(config, newsroom, many)["stadt"]) == ("ok", 2_000, 0, 0, 0, 0)


def test_silence_is_a_failure_that_names_the_usual_number(
    run: Run, config: Config, web: LocalWeb
) -> None:
    usual = replace(source(), min_items=3)
    web.answers[usual.url] = Answer(feed(("Eins", good("stadt"))), RSS)
    with newsroom_of(config, [usual]) as newsroom:
        result = run(config, newsroom, usual)["stadt"]
    assert result.status == "failed"
    assert "lists 1 items where at least 3 are usual" in (result.message or "")
