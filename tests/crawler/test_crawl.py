"""Real crawls over real HTTP: what is asked, what is kept, who is blamed."""

from __future__ import annotations

import gzip
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from crawler.source_files import write_source
from radar.config import Config
from radar.crawling import crawl
from store import responses
from store.types import SOURCE_KINDS, RunResult, Source
from tests.press import feed, numbers, page, source
from tests.web import Answer, LocalWeb, newsroom_of

ROOT = Path(__file__).resolve().parents[2]
Run = Callable[..., dict[str, RunResult]]


def test_second_crawl_of_the_same_press_changes_nothing(
    run: Run, config: Config, web: LocalWeb, stadt: Source
) -> None:
    with newsroom_of(config, [stadt]) as newsroom:
        assert numbers(run(config, newsroom, stadt)["stadt"]) == ("ok", 2, 0, 0, 0, 0)
        before = [(item.id, item.content_hash, item.change_seq) for item in newsroom.items()]
        assert numbers(run(config, newsroom, stadt)["stadt"]) == ("unchanged", 0, 0, 2, 0, 0)
        after = [(item.id, item.content_hash, item.change_seq) for item in newsroom.items()]
    assert before == after
    assert (stadt.url, 304) in web.asked
    assert ("https://www.stadt.example/1", 304) in web.asked


def test_correction_keeps_the_old_version(
    run: Run, config: Config, web: LocalWeb, stadt: Source
) -> None:
    with newsroom_of(config, [stadt]) as newsroom:
        run(config, newsroom, stadt)
        corrected = page("Neues Ratsinformationssystem", "Der Start ist um drei Monate verschoben.")
        web.answers["https://www.stadt.example/2"] = Answer(corrected)
        assert numbers(run(config, newsroom, stadt)["stadt"]) == ("unchanged", 0, 1, 1, 0, 0)
        item = newsroom.item_by_url("https://www.stadt.example/2")
        assert item is not None
        texts = [version.article.body or "" for version in newsroom.versions(item.id)]
    assert len(texts) == 2
    assert "ab sofort" in texts[0]
    assert "verschoben" in texts[1]


@pytest.mark.parametrize(
    ("genre", "kind"), [("Interview", "interview"), ("Studie", "study"), ("Termin", "event")]
)
def test_kind_that_only_the_list_told_survives_a_revisit(
    run: Run, config: Config, web: LocalWeb, stadt: Source, genre: str, kind: str
) -> None:
    url = "https://www.stadt.example/2"
    body = feed(("Neues Ratsinformationssystem", url)).replace(
        b"</guid>", f"</guid><category>{genre}</category>".encode()
    )
    web.answers[stadt.url] = Answer(body, "application/rss+xml")
    with newsroom_of(config, [stadt]) as newsroom:
        run(config, newsroom, stadt)
        assert numbers(run(config, newsroom, stadt)["stadt"]) == ("unchanged", 0, 0, 1, 0, 0)
        item = newsroom.item_by_url(url)
    assert item is not None
    assert item.article.kind == kind


@pytest.mark.parametrize("status", [404, 410])
def test_page_that_is_gone_is_withdrawn(
    run: Run, config: Config, web: LocalWeb, stadt: Source, status: int
) -> None:
    with newsroom_of(config, [stadt]) as newsroom:
        run(config, newsroom, stadt)
        web.answers["https://www.stadt.example/1"] = Answer(b"weg", status=status)
        assert numbers(run(config, newsroom, stadt)["stadt"]) == ("unchanged", 0, 0, 1, 1, 0)
        item = newsroom.item_by_url("https://www.stadt.example/1")
        assert item is not None
        assert (item.withdrawn_at is not None, item.withdrawn_reason) == (True, f"HTTP {status}")
        # withdrawn once, not asked for again
        assert numbers(run(config, newsroom, stadt)["stadt"]) == ("unchanged", 0, 0, 1, 0, 0)


def test_retry_after_is_honoured_until_it_is_over(
    run: Run, config: Config, web: LocalWeb, stadt: Source
) -> None:
    web.answers[stadt.url] = Answer(b"", status=503, headers={"Retry-After": "3600"})
    with newsroom_of(config, [stadt]) as newsroom:
        first = run(config, newsroom, stadt)["stadt"]
        second = run(config, newsroom, stadt)["stadt"]
        (status,) = newsroom.sources()
    assert (first.status, second.status) == ("postponed", "postponed")
    assert "503" in (first.message or "")
    assert web.times(stadt.url) == 1
    assert status.error_streak == 0


def test_pause_asked_for_on_a_page_holds_the_whole_host(
    run: Run, config: Config, web: LocalWeb, stadt: Source
) -> None:
    # Scrapy counts requests to a host one by one only where there is a delay between them.
    config = replace(config, crawl_delay_s=0.1)
    good = web.answers["https://www.stadt.example/1"]
    for number in (1, 2):
        web.answers[f"https://www.stadt.example/{number}"] = Answer(
            b"", status=429, headers={"Retry-After": "3600"}
        )
    with newsroom_of(config, [stadt]) as newsroom:
        assert numbers(run(config, newsroom, stadt)["stadt"]) == ("postponed", 0, 0, 0, 0, 2)
        web.answers["https://www.stadt.example/1"] = good
        assert run(config, newsroom, stadt)["stadt"].status == "postponed"
    asked = sum(web.times(f"https://www.stadt.example/{number}") for number in (1, 2))
    assert (asked, web.times(stadt.url)) == (1, 1)


def test_list_whose_layout_broke_is_a_failure_that_says_so(
    run: Run, config: Config, web: LocalWeb, stadt: Source
) -> None:
    broken = replace(stadt, kind="listing", url="https://www.stadt.example/aktuelles")
    web.answers[broken.url] = Answer(b"<html><body><div id='app'></div></body></html>")
    with newsroom_of(config, [broken]) as newsroom:
        result = run(config, newsroom, broken)["stadt"]
    assert result.status == "failed"
    assert broken.url in (result.message or "")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Answer(b"<html><body>Anmelden</body></html>"), "www.stadt.example"),
        (Answer(b"", "text/xml"), "www.stadt.example"),
        (Answer(b"nicht da", status=404), "HTTP 404"),
        (Answer(b"kaputt", status=500), "HTTP 500"),
    ],
)
def test_unreadable_list_fails_in_one_line(
    run: Run, config: Config, web: LocalWeb, stadt: Source, answer: Answer, said: str
) -> None:
    web.answers[stadt.url] = answer
    with newsroom_of(config, [stadt]) as newsroom:
        result = run(config, newsroom, stadt)["stadt"]
    assert result.status == "failed"
    assert said in (result.message or "")
    assert "\n" not in (result.message or "")


def test_one_bad_item_is_skipped_and_the_rest_kept(
    run: Run, config: Config, web: LocalWeb, stadt: Source
) -> None:
    web.answers["https://www.stadt.example/1"] = Answer(b"PK", "application/zip")
    with newsroom_of(config, [stadt]) as newsroom:
        assert numbers(run(config, newsroom, stadt)["stadt"]) == ("ok", 1, 0, 0, 0, 1)
    assert "application/zip is not a page" in config.crawl_log.read_text(encoding="utf-8")


def test_failed_page_is_asked_again_next_time(
    run: Run, config: Config, web: LocalWeb, stadt: Source
) -> None:
    good = web.answers["https://www.stadt.example/1"]
    web.answers["https://www.stadt.example/1"] = Answer(b"", status=502)
    with newsroom_of(config, [stadt]) as newsroom:
        assert numbers(run(config, newsroom, stadt)["stadt"]) == ("ok", 1, 0, 0, 0, 1)
        web.answers["https://www.stadt.example/1"] = good
        result = run(config, newsroom, stadt)["stadt"]
    assert (result.new, result.skipped) == (1, 0)


def test_robots_txt_is_obeyed(run: Run, config: Config, web: LocalWeb, stadt: Source) -> None:
    web.answers["https://www.stadt.example/robots.txt"] = Answer(
        b"User-agent: *\nDisallow: /feed.xml\n", "text/plain"
    )
    with newsroom_of(config, [stadt]) as newsroom:
        result = run(config, newsroom, stadt)["stadt"]
    assert (result.status, web.times(stadt.url)) == ("failed", 0)
    assert "robots.txt" in (result.message or "")


def test_the_contact_is_in_the_user_agent(
    run: Run, config: Config, web: LocalWeb, stadt: Source
) -> None:
    with newsroom_of(config, [stadt]) as newsroom:
        run(replace(config, crawl_contact="redaktion@stadt.example"), newsroom, stadt)
    assert len(web.user_agents) == 1
    assert "redaktion@stadt.example" in web.user_agents.pop()


def test_teasers_alone_are_kept_where_pages_are_not_followed(
    run: Run, config: Config, web: LocalWeb, stadt: Source
) -> None:
    with newsroom_of(config, [replace(stadt, follow=False)]) as newsroom:
        assert numbers(run(config, newsroom, stadt)["stadt"]) == ("ok", 2, 0, 0, 0, 0)
        assert numbers(run(config, newsroom, stadt)["stadt"]) == ("unchanged", 0, 0, 0, 0, 0)
    assert web.times("https://www.stadt.example/1") == 0


def test_no_network_blames_no_source(run: Run, config: Config) -> None:
    far = [
        source(name, homepage=f"https://{name}.invalid/", url=f"https://{name}.invalid/feed.xml")
        for name in ("eins", "zwei")
    ]
    with newsroom_of(config, far) as newsroom:
        results = run(replace(config, crawl_connect_to=""), newsroom, *far)
        streaks = [status.error_streak for status in newsroom.sources()]
    assert [results[name].status for name in ("eins", "zwei")] == ["offline", "offline"]
    assert streaks == [0, 0]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "169.254.169.254"])
def test_private_addresses_are_never_asked(
    run: Run, config: Config, web: LocalWeb, host: str
) -> None:
    port = web.address.partition(":")[2]
    inside = source(url=f"http://{host}:{port}/feed.xml")
    with newsroom_of(config, [inside]) as newsroom:
        result = run(replace(config, crawl_connect_to=""), newsroom, inside)["stadt"]
    assert (result.status, web.asked) == ("failed", [])
    assert "public address" in (result.message or "")


def test_killed_crawl_loses_nothing_and_is_finished_by_the_next(
    config: Config, web: LocalWeb
) -> None:
    many = source()
    urls = [f"https://www.stadt.example/{number}" for number in range(60)]
    web.answers[many.url] = Answer(
        feed(*((f"Meldung {n}", url) for n, url in enumerate(urls))), "application/rss+xml"
    )
    for number, url in enumerate(urls):
        web.answers[url] = Answer(page(f"Meldung {number}"))
    with newsroom_of(config, [many]) as newsroom:
        killed = subprocess.Popen(
            [sys.executable, "-m", "scrapy", "crawl", "sources", "-a", "source=stadt",
             "-s", f"NEWSROOM={config.newsroom}", "-s", "CATALOGUE=", "-s", "DOWNLOAD_DELAY=0.02",
             "-s", f"CONNECT_TO={web.address}", "-s", "AUTOTHROTTLE_ENABLED=False",
             "-s", "PROGRESS=-"],
            env={**os.environ, "SCRAPY_SETTINGS_MODULE": "crawler.settings"},
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        assert killed.stdout is not None
        for line in killed.stdout:
            if b'"new": 15' in line:
                break
        killed.send_signal(signal.SIGKILL)
        killed.communicate()
        kept = {item.article.url for item in newsroom.items()}
        assert 15 <= len(kept) < 60
        # by radar itself, as its command does
        (outcome,) = crawl(config, ["stadt"], lambda *_: None)
        assert {item.article.url for item in newsroom.items()} == set(urls)
        assert outcome.result.new == 60 - len(kept)


def test_scrapy_users_find_what_they_expect(config: Config, web: LocalWeb, stadt: Source) -> None:
    def scrapy(*arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "scrapy", *arguments],
            cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip

    with newsroom_of(config, [stadt]) as newsroom:
        settings = ["-s", f"NEWSROOM={config.newsroom}", "-s", f"CONNECT_TO={web.address}",
                    "-s", "DOWNLOAD_DELAY=0", "-s", "CATALOGUE="]  # fmt: skip
        listed = scrapy("list")
        done = scrapy("crawl", "feed", "-a", "source=stadt", *settings)
        wrong = scrapy("crawl", "sitemap", "-a", "source=stadt", *settings)
        said = [process.communicate(timeout=60)[0] for process in (listed, done, wrong)]
        assert {"sources", *SOURCE_KINDS} <= set(said[0].split())
        assert done.returncode == 0, said[1]
        assert newsroom.counts()["items"] == 2
        assert "spider 'sitemap' cannot crawl stadt" in said[2]


def test_sitemap_gives_only_the_part_of_the_site_that_is_wanted(
    run: Run, config: Config, web: LocalWeb
) -> None:
    host = "https://www.stadt.example"
    paths = ("/presse/1", "/presse/bilder/2", "/impressum", "/Presse/3", "/aktuelles/4?id=/presse/")
    rows = "".join(f"<url><loc>{host}{path}</loc></url>" for path in paths)
    part = source(
        kind="sitemap", url=f"{host}/sitemap.xml", paths="/presse/ /aktuelles/ -/presse/bilder/"
    )
    web.answers[part.url] = Answer(
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}</urlset>'.encode(),
        "application/xml",
    )
    web.answers |= {f"{host}{path}": Answer(page(f"Meldung {path}")) for path in paths}
    with newsroom_of(config, [part]) as newsroom:
        assert run(config, newsroom, part)["stadt"].entries == 2
        kept = {item.article.url for item in newsroom.items()}
    assert kept == {f"{host}/presse/1", f"{host}/aktuelles/4?id=/presse/"}


def test_too_many_new_pages_are_taken_in_turns_the_newest_first(
    run: Run, config: Config, web: LocalWeb
) -> None:
    host = "https://www.stadt.example"
    days = (3, 9, 1, 7, 5)
    rows = "".join(
        f"<item><title>Tag {day}</title><link>{host}/{day}</link>"
        f"<pubDate>Mon, {day:02} Mar 2026 09:00:00 +0100</pubDate></item>"
        for day in days
    )
    stadt = source()
    web.answers[stadt.url] = Answer(
        f"<rss version='2.0'><channel><title>P</title>{rows}</channel></rss>".encode(),
        "application/rss+xml",
        headers={"ETag": '"eins"'},
    )
    web.answers |= {f"{host}/{day}": Answer(page(f"Tag {day}")) for day in days}
    with newsroom_of(config, [stadt]) as newsroom:
        kept = []
        for _ in range(3):
            run(config, newsroom, stadt, MAX_PAGES=2)
            kept.append(sorted(int(item.article.url[-1]) for item in newsroom.items()))
        assert kept == [[7, 9], [3, 5, 7, 9], [1, 3, 5, 7, 9]]
        assert run(config, newsroom, stadt, MAX_PAGES=2)["stadt"].status == "unchanged"


def test_answers_are_kept_as_they_were_sent_if_that_is_wished_and_not_for_ever(
    run: Run, config: Config, web: LocalWeb, stadt: Source
) -> None:
    packed = gzip.compress(web.answers["https://www.stadt.example/1"].body)
    web.answers["https://www.stadt.example/1"] = Answer(
        packed, headers={"Content-Encoding": "gzip"}
    )
    kept = config.paths_data / "responses"
    with newsroom_of(config, [stadt]) as newsroom:
        run(config, newsroom, stadt)
        assert not kept.exists()
        keeping = replace(config, crawl_keep_responses_days=3)
        web.answers[stadt.url] = replace(web.answers[stadt.url], headers={})
        run(keeping, newsroom, stadt, later=timedelta(days=1))
        assert newsroom.copies("responses") == [kept]
        (first,) = responses.files(kept)
        stored = {response.url: response.body for response in responses.read(first)}
        assert stored == {
            stadt.url: web.answers[stadt.url].body,
            "https://www.stadt.example/1": gzip.decompress(packed),
            "https://www.stadt.example/2": web.answers["https://www.stadt.example/2"].body,
        }
        run(keeping, newsroom, stadt, later=timedelta(days=5))
        (second,) = responses.files(kept)
    assert second != first


def test_a_crawl_without_radar_knows_the_newsrooms_own_sources(
    run: Run, config: Config, stadt: Source, tmp_path: Path
) -> None:
    catalogue, own = tmp_path / "catalogue", tmp_path / "own"
    write_source(catalogue, source("dorf"))
    write_source(own, stadt)
    with newsroom_of(config, []) as newsroom:
        result = run(config, newsroom, stadt, CATALOGUE=catalogue, OWN_SOURCES=own)
        assert result["stadt"].new == 2
        assert all(status.active for status in newsroom.sources())
