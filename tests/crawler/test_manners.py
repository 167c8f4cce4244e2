"""Manners over real HTTP: robots.txt, redirects, caps, logins, and what is never asked for."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from radar.config import Config
from store.types import RunResult, Source
from tests.press import feed, numbers, page
from tests.web import Answer, LocalWeb, newsroom_of

Run = Callable[..., dict[str, RunResult]]
ONE, TWO = (f"https://www.stadt.example/{number}" for number in (1, 2))
ROBOTS = "https://www.stadt.example/robots.txt"
MB = 1024 * 1024


def robots(text: str, **facts: object) -> Answer:
    return Answer(text.encode(), "text/plain", **facts)  # type: ignore[arg-type]


def moved(url: str, status: int = 302) -> Answer:
    return Answer(b"", status=status, headers={"Location": url})


# --- robots.txt ------------------------------------------------------------------------


def test_rules_are_obeyed_page_by_page(
    run: Run, config: Config, web: LocalWeb, stadt: Source
) -> None:
    web.answers[ROBOTS] = robots(
        "User-agent: Fremdbot\nDisallow: /\n\nUser-agent: kommunalradar\nDisallow: /1\n"
    )
    with newsroom_of(config, [stadt]) as newsroom:
        assert numbers(run(config, newsroom, stadt)["stadt"]) == ("ok", 1, 0, 0, 0, 1)
    assert (web.times(ONE), web.times(TWO), web.times(ROBOTS)) == (0, 1, 1)
    assert "robots.txt forbids it" in config.crawl_log.read_text(encoding="utf-8")


@pytest.mark.parametrize("status", [500, 503, 429])
def test_nothing_is_fetched_while_robots_txt_fails(
    run: Run, config: Config, web: LocalWeb, stadt: Source, status: int
) -> None:
    web.answers[ROBOTS] = robots("kaputt", status=status)
    with newsroom_of(config, [stadt]) as newsroom:
        result = run(config, newsroom, stadt)["stadt"]
    assert (result.status, web.times(stadt.url)) == ("failed" if status != 429 else "postponed", 0)
    assert str(status) in (result.message or "") or "wait" in (result.message or "")


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_refused_robots_txt_forbids_nothing(
    run: Run, config: Config, web: LocalWeb, stadt: Source, status: int
) -> None:
    # RFC 9309, section 2.3.1.3; the body of an error page is no rule
    web.answers[ROBOTS] = robots("User-agent: *\nDisallow: /\n", status=status)
    with newsroom_of(config, [stadt]) as newsroom:
        assert run(config, newsroom, stadt)["stadt"].new == 2


def test_pause_asked_for_by_robots_txt_is_a_postponement(
    run: Run, config: Config, web: LocalWeb, stadt: Source
) -> None:
    web.answers[ROBOTS] = robots("", status=503, headers={"Retry-After": "600"})
    with newsroom_of(config, [stadt]) as newsroom:
        assert run(config, newsroom, stadt)["stadt"].status == "postponed"
    assert (web.times(ROBOTS), web.times(stadt.url)) == (1, 0)


def test_crawl_delay_is_kept(run: Run, config: Config, web: LocalWeb, stadt: Source) -> None:
    web.answers[ROBOTS] = robots("User-agent: *\nCrawl-delay: 1\n")
    with newsroom_of(config, [stadt]) as newsroom:
        run(replace(config, crawl_delay_s=0.05), newsroom, stadt)
    at = {url: moment for moment, url in web.moments}
    assert at[TWO] - at[ONE] >= 0.9 or at[ONE] - at[TWO] >= 0.9


def test_rules_are_kept_for_a_day_and_an_error_is_not(
    run: Run, config: Config, web: LocalWeb, stadt: Source
) -> None:
    web.answers[ROBOTS] = robots("kaputt", status=500)
    with newsroom_of(config, [stadt]) as newsroom:
        assert run(config, newsroom, stadt)["stadt"].status == "failed"
        web.answers[ROBOTS] = robots("User-agent: *\nDisallow: /1\n")
        assert run(config, newsroom, stadt)["stadt"].new == 1
        asked = web.times(ROBOTS)
        web.answers[ROBOTS] = robots("User-agent: *\nDisallow: /\n")
        run(config, newsroom, stadt, later=timedelta(hours=23))
        assert (web.times(ROBOTS), web.times(ONE)) == (asked, 0)
        late = run(config, newsroom, stadt, later=timedelta(hours=25))["stadt"]
    assert (web.times(ROBOTS), late.status) == (asked + 1, "failed")


# --- redirects -------------------------------------------------------------------------


def test_each_step_of_a_redirect_asks_the_next_host_for_its_rules(
    run: Run, config: Config, web: LocalWeb, stadt: Source
) -> None:
    web.answers[ONE] = moved("https://intern.example/1")
    web.answers["https://intern.example/robots.txt"] = robots("User-agent: *\nDisallow: /\n")
    web.answers["https://intern.example/1"] = Answer(page("Geheim"))
    with newsroom_of(config, [stadt]) as newsroom:
        assert numbers(run(config, newsroom, stadt)["stadt"]) == ("ok", 1, 0, 0, 0, 1)
    assert web.times("https://intern.example/1") == 0


@pytest.mark.parametrize(
    "target", ["http://127.0.0.1/1", "http://169.254.169.254/latest/meta-data", "http://[::1]/",
               "http://10.0.0.1:8080/", "ftp://www.stadt.example/1", "file:///etc/passwd"],
)  # fmt: skip
def test_redirect_never_leads_inside(
    run: Run, config: Config, web: LocalWeb, stadt: Source, target: str
) -> None:
    web.answers[stadt.url] = moved(target)
    with newsroom_of(config, [stadt]) as newsroom:
        result = run(config, newsroom, stadt)["stadt"]
    assert (result.status, result.entries) == ("failed", 0)
    assert {url for url, _ in web.asked} == {ROBOTS, stadt.url}


def test_ten_redirects_and_no_more(run: Run, config: Config, web: LocalWeb, stadt: Source) -> None:
    for step in range(12):
        web.answers[f"https://www.stadt.example/s{step}"] = moved(f"/s{step + 1}")
    ten = replace(stadt, id="zehn", url="https://www.stadt.example/s0")
    for step, url in ((10, stadt.url), (12, stadt.url)):
        web.answers[f"https://www.stadt.example/s{step}"] = web.answers[url]
    with newsroom_of(config, [ten]) as newsroom:
        assert run(config, newsroom, ten)["zehn"].status == "ok"
        del web.answers["https://www.stadt.example/s10"]
        web.answers["https://www.stadt.example/s10"] = moved("/s11")
        result = run(config, newsroom, ten, later=timedelta(days=1))["zehn"]
    assert (result.status, web.times("https://www.stadt.example/s11")) == ("failed", 0)
    assert "more than 10 redirects" in (result.message or "")


def test_redirect_to_itself_is_told_at_once(
    run: Run, config: Config, web: LocalWeb, stadt: Source
) -> None:
    web.answers[stadt.url] = moved(stadt.url)
    with newsroom_of(config, [stadt]) as newsroom:
        result = run(config, newsroom, stadt)["stadt"]
    assert (result.status, web.times(stadt.url)) == ("failed", 1)
    assert "redirects to itself" in (result.message or "")


def test_permanent_redirect_is_believed_when_it_repeats_and_doubted_when_it_fails(
    run: Run, config: Config, web: LocalWeb, stadt: Source
) -> None:
    new = "https://www.neu.example/feed.xml"
    web.answers[new] = replace(web.answers[stadt.url], headers={})
    web.answers[stadt.url] = moved(new, 301)
    with newsroom_of(config, [stadt]) as newsroom:
        for _ in range(3):
            run(config, newsroom, stadt)
        assert web.times(stadt.url) == 3
        assert run(config, newsroom, stadt)["stadt"].status == "unchanged"
        assert (web.times(stadt.url), web.times(new)) == (3, 4)
        # now and then the address of the catalogue is asked, too
        run(config, newsroom, stadt, later=timedelta(days=1))
        assert web.times(stadt.url) == 4
        # the new address is gone: the old one is asked again
        web.answers[new] = Answer(b"weg", status=404)
        assert run(config, newsroom, stadt, later=timedelta(days=1))["stadt"].status == "failed"
        run(config, newsroom, stadt, later=timedelta(days=1))
    assert web.times(stadt.url) == 5


@pytest.mark.parametrize("status", [302, 303, 307])
def test_redirect_for_the_moment_is_never_believed(
    run: Run, config: Config, web: LocalWeb, stadt: Source, status: int
) -> None:
    web.answers["https://www.stadt.example/heute.xml"] = web.answers[stadt.url]
    web.answers[stadt.url] = moved("/heute.xml", status)
    web.answers[ONE + "-heute"] = web.answers[ONE]
    web.answers[ONE] = moved(ONE + "-heute", status)
    with newsroom_of(config, [stadt]) as newsroom:
        for _ in range(4):
            run(config, newsroom, stadt)
        assert {item.article.url for item in newsroom.items()} == {ONE, TWO}
    assert web.times(stadt.url) == 4


def test_moved_page_stays_one_item(run: Run, config: Config, web: LocalWeb, stadt: Source) -> None:
    with newsroom_of(config, [stadt]) as newsroom:
        run(config, newsroom, stadt)
        new = "https://www.stadt.example/archiv/1"
        web.answers[new] = Answer(page("Wohngeld online", "Der Text ist berichtigt worden."))
        web.answers[ONE] = moved(new, 301)
        assert numbers(run(config, newsroom, stadt)["stadt"]) == ("unchanged", 0, 1, 1, 0, 0)
        assert {item.article.url for item in newsroom.items()} == {ONE, TWO}


def test_page_that_leads_to_the_front_page_is_no_item(
    run: Run, config: Config, web: LocalWeb, stadt: Source
) -> None:
    web.answers["https://www.stadt.example/"] = Answer(page("Willkommen in der Stadt"))
    web.answers[ONE] = moved("/")
    with newsroom_of(config, [stadt]) as newsroom:
        assert numbers(run(config, newsroom, stadt)["stadt"]) == ("ok", 1, 0, 0, 0, 1)


LOGIN = (
    b"<html><head><title>Anmelden</title></head><body><form><input name=u>"
    b"<input type='password' name=p></form></body></html>"
)


@pytest.mark.parametrize("path", ["/login?next=/feed.xml", "/portal/anmelden/", "/konto"])
def test_feed_behind_a_login_fails_in_one_clear_line(
    run: Run, config: Config, web: LocalWeb, stadt: Source, path: str
) -> None:
    web.answers[stadt.url] = moved(path)
    web.answers[f"https://www.stadt.example{path}"] = Answer(LOGIN)
    with newsroom_of(config, [stadt]) as newsroom:
        result = run(config, newsroom, stadt)["stadt"]
    assert result.status == "failed"
    assert stadt.url in (result.message or "")
    assert "leads to a login page" in (result.message or "")
    assert "\n" not in (result.message or "")


def test_page_behind_a_login_is_no_item_and_a_login_form_beside_the_text_is_no_login(
    run: Run, config: Config, web: LocalWeb, stadt: Source
) -> None:
    web.answers[ONE] = moved("https://sso.example/oauth2/authorize?client=1")
    web.answers["https://sso.example/oauth2/authorize?client=1"] = Answer(LOGIN)
    with_form = web.answers[TWO].body.replace(b"</main>", b"</main><input type=password>")
    web.answers[TWO + "-neu"] = Answer(with_form)
    web.answers[TWO] = moved(TWO + "-neu", 301)
    with newsroom_of(config, [stadt]) as newsroom:
        assert numbers(run(config, newsroom, stadt)["stadt"]) == ("ok", 1, 0, 0, 0, 1)


# --- caps ------------------------------------------------------------------------------


def test_caps_are_by_kind_and_a_bomb_is_defused(
    run: Run, config: Config, web: LocalWeb, stadt: Source
) -> None:
    packed = {"Content-Encoding": "gzip"}
    whole = page("Lang", "Wort " * 10)
    bomb = gzip.compress(whole + b" " * (9 * MB))
    urls = [f"https://www.stadt.example/{n}" for n in range(1, 6)]
    web.answers |= {
        urls[0]: Answer(whole + b" " * (9 * MB)),
        urls[1]: Answer(bomb, headers=packed),
        urls[2]: Answer(whole + b" " * MB),
        urls[3]: Answer(b"x" * (9 * MB), "video/mp4"),
        urls[4]: Answer(b"%PDF-1.4 " + b"x" * (31 * MB), "application/pdf"),
    }
    web.answers[stadt.url] = Answer(
        feed(*((f"Meldung {n}", url) for n, url in enumerate(urls))), "application/rss+xml"
    )
    with newsroom_of(config, [stadt]) as newsroom:
        assert numbers(run(config, newsroom, stadt)["stadt"]) == ("ok", 1, 0, 0, 0, 4)
        assert [item.article.url for item in newsroom.items()] == [urls[2]]
    log = config.crawl_log.read_text(encoding="utf-8")
    assert log.count("larger than what we read of its kind") == 2
    assert "video/mp4 is not a page" in log


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_feed_of_16_mb_is_refused_packed_or_not(
    run: Run, config: Config, web: LocalWeb, stadt: Source, encoding: str
) -> None:
    body = web.answers[stadt.url].body + b" " * (16 * MB)
    packed = gzip.compress(body) if encoding == "gzip" else zlib.compress(body)
    plain = replace(stadt, id="offen", url="https://www.offen.example/feed.xml")
    web.answers[stadt.url] = Answer(
        packed, "application/rss+xml", headers={"Content-Encoding": encoding}
    )
    web.answers[plain.url] = Answer(body, "application/rss+xml")
    with newsroom_of(config, [stadt, plain]) as newsroom:
        results = run(config, newsroom, stadt, plain)
    for result in results.values():
        assert (result.status, result.entries) == ("failed", 0)
        assert "\n" not in (result.message or "")


# --- asking again ----------------------------------------------------------------------


def test_server_that_never_changes_its_tag_is_asked_in_full_now_and_then(
    run: Run, config: Config, web: LocalWeb, stadt: Source
) -> None:
    three = "https://www.stadt.example/3"
    with newsroom_of(config, [stadt]) as newsroom:
        run(config, newsroom, stadt)
        web.answers[three] = Answer(page("Neu im Rathaus"))
        body = feed(("Neu im Rathaus", three))
        web.answers[stadt.url] = replace(web.answers[stadt.url], body=body)
        hours = timedelta(hours=1)
        assert run(config, newsroom, stadt, later=6 * hours)["stadt"].status == "unchanged"
        assert run(config, newsroom, stadt, later=13 * hours)["stadt"].new == 1
        # the whole list was read at the thirteenth hour, so at the fifteenth a tag will do again
        run(config, newsroom, stadt, later=15 * hours)
    assert [status for url, status in web.asked if url == stadt.url] == [200, 304, 200, 304]


def test_whole_answer_with_nothing_new_counts_as_a_full_fetch(
    run: Run, config: Config, web: LocalWeb, stadt: Source
) -> None:
    with newsroom_of(config, [stadt]) as newsroom:
        for hours in (0, 13, 14):
            run(config, newsroom, stadt, later=timedelta(hours=hours))
    assert [status for url, status in web.asked if url == stadt.url] == [200, 200, 304]


def test_each_young_page_is_fetched_whole_every_third_day(
    run: Run, config: Config, web: LocalWeb, stadt: Source
) -> None:
    with newsroom_of(config, [stadt]) as newsroom:
        for days in range(4):
            run(config, newsroom, stadt, later=timedelta(days=days))
    statuses = [status for url, status in web.asked if url == ONE]
    assert statuses[0] == 200
    assert sorted(statuses[1:]) == [200, 304, 304]


def test_too_many_requests_without_a_time_holds_the_host_for_a_while(
    run: Run, config: Config, web: LocalWeb, stadt: Source
) -> None:
    web.answers[stadt.url] = Answer(b"", status=429)
    with newsroom_of(config, [stadt]) as newsroom:
        assert run(config, newsroom, stadt)["stadt"].status == "postponed"
        run(config, newsroom, stadt, later=timedelta(minutes=10))
        assert web.times(stadt.url) == 1
        run(config, newsroom, stadt, later=timedelta(minutes=20))
    assert web.times(stadt.url) == 2


def test_what_the_server_wishes_is_kept_for_the_schedule(
    run: Run, config: Config, web: LocalWeb, stadt: Source
) -> None:
    answer = web.answers[stadt.url]
    body = answer.body.replace(b"<channel>", b"<channel><ttl>90</ttl>")
    web.answers[stadt.url] = replace(answer, body=body, headers={"Cache-Control": "max-age=60"})
    with newsroom_of(config, [stadt]) as newsroom:
        run(config, newsroom, stadt)
        assert newsroom.wishes()["stadt"].at_least_s == 90 * 60


def test_pause_holds_every_source_of_the_host_in_later_crawls_too(
    run: Run, config: Config, web: LocalWeb, stadt: Source
) -> None:
    other = replace(stadt, id="amt", url="https://www.stadt.example/amt.xml")
    web.answers[other.url] = web.answers[stadt.url]
    web.answers[stadt.url] = Answer(b"", status=503, headers={"Retry-After": "3600"})
    with newsroom_of(config, [stadt, other]) as newsroom:
        run(config, newsroom, stadt)
        assert run(config, newsroom, other)["amt"].status == "postponed"
        assert web.times(other.url) == 0
        assert run(config, newsroom, other, later=timedelta(hours=2))["amt"].status == "ok"
