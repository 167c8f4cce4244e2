"""Reservations over real HTTP: every technique, their order, and what becomes of the text."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from radar.config import Config
from store.types import RunResult, Source
from tests.crawler.pdfs import flow, make_pdf, xmp
from tests.press import feed, numbers, page
from tests.web import Answer, LocalWeb, newsroom_of

Run = Callable[..., dict[str, RunResult]]
ONE, TWO = (f"https://www.stadt.example/{number}" for number in (1, 2))
TDM_FILE = "https://www.stadt.example/.well-known/tdmrep.json"
ROBOTS = "https://www.stadt.example/robots.txt"


def tdm(*rules: dict[str, object], **facts: object) -> Answer:
    return Answer(json.dumps(rules).encode(), "application/json", **facts)  # type: ignore[arg-type]


def reservations(
    run: Run, config: Config, *sources: Source, later: timedelta = timedelta()
) -> dict[str, str | None]:
    with newsroom_of(config, sources) as newsroom:
        run(config, newsroom, *sources, later=later)
        return {item.article.url: item.article.reservation for item in newsroom.items()}


def test_nothing_said_is_nothing_reserved_and_the_file_is_asked_for_once(
    run: Run, config: Config, web: LocalWeb, stadt: Source
) -> None:
    assert reservations(run, config, stadt) == {ONE: None, TWO: None}
    asked = [url for url, _ in web.asked]
    assert asked.count(TDM_FILE) == 1
    assert asked.index(TDM_FILE) < min(asked.index(ONE), asked.index(TWO))


def test_file_of_the_host_decides_path_by_path(
    run: Run, config: Config, web: LocalWeb, stadt: Source
) -> None:
    policy = "https://www.stadt.example/tdm-policy.json"
    web.answers[TDM_FILE] = tdm({"location": "/1", "tdm-reservation": 1, "tdm-policy": policy})
    assert reservations(run, config, stadt) == {
        ONE: f"/.well-known/tdmrep.json /1 tdm-reservation: 1, tdm-policy: {policy} at {ONE}",
        TWO: None,
    }


def test_header_supersedes_the_file_and_the_page_the_header(
    run: Run, config: Config, web: LocalWeb, stadt: Source
) -> None:
    web.answers[TDM_FILE] = tdm({"location": "/", "tdm-reservation": 1})
    web.answers[ONE] = replace(web.answers[ONE], headers={"tdm-reservation": "0"})
    meta = web.answers[TWO].body.replace(
        b"<title>", b'<meta name="tdm-reservation" content="1"><title>'
    )
    web.answers[TWO] = Answer(meta, headers={"TDM-Reservation": "0"})
    assert reservations(run, config, stadt) == {
        ONE: None,
        TWO: f"meta tdm-reservation: 1 at {TWO}",
    }


def test_invalid_value_and_silence_leave_what_was_said(
    run: Run, config: Config, web: LocalWeb, stadt: Source
) -> None:
    web.answers[TDM_FILE] = tdm({"location": "/", "tdm-reservation": 1})
    web.answers[ONE] = replace(web.answers[ONE], headers={"tdm-reservation": "nein"})
    said = "/.well-known/tdmrep.json / tdm-reservation: 1"
    assert reservations(run, config, stadt) == {ONE: f"{said} at {ONE}", TWO: f"{said} at {TWO}"}


@pytest.mark.parametrize(
    "answer",
    [Answer(b"<html>nicht da</html>", status=404), Answer(b"<html>Startseite</html>"),
     Answer(b"[{", "application/json"), Answer(b"kaputt", status=500),
     Answer(b"", status=302, headers={"Location": "/.well-known/tdmrep.json"})],
)  # fmt: skip
def test_file_that_cannot_be_had_says_nothing(
    run: Run, config: Config, web: LocalWeb, stadt: Source, answer: Answer
) -> None:
    web.answers[TDM_FILE] = answer
    assert reservations(run, config, stadt) == {ONE: None, TWO: None}


def test_each_host_speaks_for_itself_even_after_a_redirect(
    run: Run, config: Config, web: LocalWeb, stadt: Source
) -> None:
    web.answers["https://verlag.example/1"] = web.answers[ONE]
    web.answers[ONE] = Answer(b"", status=301, headers={"Location": "https://verlag.example/1"})
    web.answers["https://verlag.example/.well-known/tdmrep.json"] = tdm(
        {"location": "/", "tdm-reservation": 1}
    )
    found = reservations(run, config, stadt)
    assert [bool(found[url]) for url in sorted(found)] == [True, False]


def test_ai_rules_of_robots_txt_reserve_and_tdmrep_outranks_them(
    run: Run, config: Config, web: LocalWeb, stadt: Source
) -> None:
    web.answers[ROBOTS] = Answer(b"User-agent: GPTBot\nDisallow: /\n", "text/plain")
    web.answers[TWO] = replace(web.answers[TWO], headers={"tdm-reservation": "0"})
    assert reservations(run, config, stadt) == {
        ONE: f"robots.txt shuts out gptbot at {ONE}",
        TWO: None,
    }


def test_pdf_is_an_item_and_its_own_metadata_count(
    run: Run, config: Config, web: LocalWeb, stadt: Source
) -> None:
    lines = flow(
        "Das Serviceportal der Stadt geht ans Netz und nimmt Anträge auf Wohngeld an.", top=700
    )
    free = make_pdf(lines, info={"Title": "Wohngeld kommt in das Serviceportal"})
    shut = make_pdf(
        lines,
        info={"Title": "Wohngeld kommt in das Serviceportal"},
        metadata=xmp("1"),
    )
    web.answers[ONE] = Answer(free, "application/pdf")
    web.answers[TWO] = Answer(shut, "application/octet-stream")
    with newsroom_of(config, [stadt]) as newsroom:
        assert numbers(run(config, newsroom, stadt)["stadt"]) == ("ok", 2, 0, 0, 0, 0)
        found = {item.article.url: item.article for item in newsroom.items()}
    assert "Serviceportal der Stadt" in (found[ONE].body or "")
    assert found[ONE].reservation is None
    assert found[TWO].reservation == f"PDF tdm:reservation: 1 at {TWO}"


def test_list_whose_pages_are_not_followed_is_asked_itself(
    run: Run, config: Config, web: LocalWeb, stadt: Source
) -> None:
    web.answers[stadt.url] = replace(web.answers[stadt.url], headers={"tdm-reservation": "1"})
    found = reservations(run, config, replace(stadt, follow=False))
    said = f"header tdm-reservation: 1 at {stadt.url}"
    assert found == {ONE: said, TWO: said}


def test_unchanged_list_of_followed_pages_costs_no_look_at_the_file(
    run: Run, config: Config, web: LocalWeb, stadt: Source
) -> None:
    config = replace(config, crawl_recheck_hours=24.0)
    with newsroom_of(config, [stadt]) as newsroom:
        run(config, newsroom, stadt)
        run(config, newsroom, stadt)
    assert web.times(TDM_FILE) == 1


def test_word_of_the_publisher_follows_the_item_when_it_changes(
    run: Run, config: Config, web: LocalWeb, stadt: Source
) -> None:
    with newsroom_of(config, [stadt]) as newsroom:
        run(config, newsroom, stadt)
        web.answers[ONE] = Answer(
            page("Wohngeld online", "Der Text ist berichtigt."), headers={"tdm-reservation": "1"}
        )
        web.answers[stadt.url] = Answer(feed(("Wohngeld ganz online", ONE)), "application/rss+xml")
        run(config, newsroom, stadt)
        item = newsroom.item_by_url(ONE)
    assert item is not None
    assert item.article.reservation == f"header tdm-reservation: 1 at {ONE}"
