"""Bad input over real HTTP, many sources in one crawl: one bad entry is skipped, nothing else."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import replace

import pytest

from radar.config import Config
from store.types import RunResult
from tests.press import feed, numbers, page, source
from tests.web import Answer, LocalWeb, newsroom_of

Run = Callable[..., dict[str, RunResult]]
RSS = "application/rss+xml; charset=utf-8"


def good(name: str) -> str:
    return f"https://www.{name}.example/1"


def item(title: str, link: str, guid: str = "") -> str:
    return f"<item><title>{title}</title><link>{link}</link><guid>{guid}</guid></item>"


def rss(*items: str) -> bytes:
    return f'<rss version="2.0"><channel><title>P</title>{"".join(items)}</channel></rss>'.encode()


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
    "kaputtgepackt": (
        lambda url: Answer(gzip.compress(rss(item("Eins", url)))[:40], RSS,
                           headers={"Content-Encoding": "gzip"}), "failed", 0, 0),
}  # fmt: skip


@pytest.fixture(scope="module")
def results(
    run: Run, tmp_path_factory: pytest.TempPathFactory
) -> tuple[dict[str, RunResult], dict[str, list[str]]]:
    """One crawl of all cases: results, and titles kept, by name."""
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
            web.answers[good(each.id)] = Answer(page(f"Meldung aus {each.id}"))
        with newsroom_of(config, sources) as newsroom:
            found = run(config, newsroom, *sources)
            titles: dict[str, list[str]] = {name: [] for name in CASES}
            for kept in newsroom.items():
                titles[kept.article.source_id].append(kept.article.title)
        log = config.crawl_log.read_text(encoding="utf-8")
    assert "Traceback" not in log
    return found, titles


@pytest.mark.parametrize("name", CASES)
def test_bad_feed(results: tuple[dict[str, RunResult], dict[str, list[str]]], name: str) -> None:
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
