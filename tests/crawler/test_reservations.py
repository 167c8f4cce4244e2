"""Reservations of mining: each technique, their order, and what robots.txt says of AI."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.reservations import (
    RobotsRules,
    Statement,
    evidence,
    of_file,
    of_headers,
    of_html,
    of_pdf,
    parse_tdm_file,
)

URL = "https://www.stadt.example/presse/2026/meldung.html"


def file_says(*rules: dict[str, object], url: str = URL) -> bool | None:
    said = of_file(parse_tdm_file(json.dumps(rules).encode()), url)
    return said.reserved if said else None


@pytest.mark.parametrize(
    ("location", "fits"),
    [
        ("/", True),
        ("/presse/", True),
        ("/presse/2026/meldung.html", True),
        ("/Presse/", False),
        ("/archiv/", False),
        ("/*.html", True),
        ("/*.html$", True),
        ("/*.htm$", False),
        ("/presse/*/meldung", True),
        ("/presse$", False),
        ("/pr%65sse/", True),
        ("/*/*/*/*/*", False),
        ("*", True),
    ],
)
def test_location_is_a_robots_pattern(location: str, fits: bool) -> None:
    assert file_says({"location": location, "tdm-reservation": 1}) is (True if fits else None)


def test_query_belongs_to_the_path_and_a_literal_dollar_is_escaped() -> None:
    url = "https://www.stadt.example/a$?id=7"
    assert file_says({"location": "/a%24?id=7$", "tdm-reservation": 1}, url=url) is True
    assert file_says({"location": "/a$", "tdm-reservation": 1}, url=url) is None


def test_first_rule_that_fits_counts() -> None:
    free, shut = (
        {"location": location, "tdm-reservation": value}
        for location, value in (("/presse/", 0), ("/", 1))
    )
    assert file_says(free, shut) is False
    assert file_says(shut, free) is True


@pytest.mark.parametrize(
    ("value", "reserved"),
    [(1, True), (0, False), ("1", True), (True, True), (2, None), ("ja", None), (None, None),
     ([1], None), (1.5, None)],
)  # fmt: skip
def test_values_other_than_0_and_1_count_as_unset(value: object, reserved: bool | None) -> None:
    assert file_says({"location": "/", "tdm-reservation": value}) is reserved


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b'{"location": "/", "tdm-reservation": 1}', b"[1, null, []]", b"\xff\xfe",
     b'[{"location": 7, "tdm-reservation": 1}]', b'[{"tdm-reservation": 1}]', b"[" * 100_000],
)  # fmt: skip
def test_file_that_is_none_says_nothing(body: bytes) -> None:
    assert parse_tdm_file(body) == ()


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_pattern_and_no_path_breaks_the_matching(location: str, path: str) -> None:
    rule = {"location": location, "tdm-reservation": 1}
    assert file_says(rule, url=f"https://stadt.example/{path.replace('[', '')}") in (True, None)


def test_pattern_of_many_stars_is_quick() -> None:
    rule = {"location": "/" + "*a" * 500 + "*b", "tdm-reservation": 1}
    assert file_says(rule, url="https://stadt.example/" + "a" * 3000) is None


def test_headers() -> None:
    assert of_headers(None, None) is None
    assert of_headers("maybe", None) is None
    assert of_headers(" 0 ", "https://stadt.example/tdm.json") == Statement(
        False, "header tdm-reservation: 0"
    )
    assert of_headers("1", "https://stadt.example/tdm.json") == Statement(
        True, "header tdm-reservation: 1, tdm-policy: https://stadt.example/tdm.json"
    )


@pytest.mark.parametrize(
    ("html", "reserved"),
    [
        ('<meta name="tdm-reservation" content="1">', True),
        ("<META CONTENT='1' NAME='TDM-Reservation' />", True),
        ("<meta name=tdm-reservation content=0>", False),
        (
            '<meta name="tdm-reservation" content="x"><meta name="tdm-reservation" content="1">',
            True,
        ),
        ('<!-- <meta name="tdm-reservation" content="1"> -->', None),
        ('<p>tdm-reservation</p><meta name="robots" content="index">', None),
        ("<p>Nichts</p>", None),
    ],
)
def test_html(html: str, reserved: bool | None) -> None:
    said = of_html(f"<html><head>{html}</head></html>".encode())
    assert (said.reserved if said else None) is reserved


@pytest.mark.parametrize(
    "body", [b"<meta " * 100_000, b"<!-- " * 100_000, b"<meta " + b"a" * 500_000 + b">"]
)
def test_a_page_made_to_be_slow_is_not(body: bytes) -> None:
    assert of_html(b"tdm-reservation" + body) is None


def test_html_policy_is_kept() -> None:
    said = of_html(
        b'<meta name="tdm-policy" content="https://stadt.example/p?a=1&amp;b=2">'
        b'<meta name="tdm-reservation" content="1">'
    )
    assert said is not None
    assert said.said == "meta tdm-reservation: 1, tdm-policy: https://stadt.example/p?a=1&b=2"


@pytest.mark.parametrize(
    ("xmp", "reserved"),
    [
        ("<tdm:reservation>1</tdm:reservation>", True),
        ("<tdm:reservation> 0 </tdm:reservation>", False),
        ('<rdf:Description tdm:reservation="1" tdm:policy="https://stadt.example/p"/>', True),
        ("<tdm:reservation>ja</tdm:reservation>", None),
        ("<dc:title>Ratsbeschluss</dc:title>", None),
    ],
)
def test_pdf(xmp: str, reserved: bool | None) -> None:
    said = of_pdf(b"%PDF-1.7\n\x80\xff stream\n" + xmp.encode() + b"\nendstream\n%%EOF")
    assert (said.reserved if said else None) is reserved


YES, NO = Statement(True, "eins"), Statement(False, "zwei")


@pytest.mark.parametrize(
    ("statements", "kept"),
    [
        ([None, None], None),
        ([YES, None], f"eins at {URL}"),
        ([YES, NO], None),
        ([NO, YES], f"eins at {URL}"),
        ([YES, NO, None, YES, None], f"eins at {URL}"),
    ],
)
def test_later_word_supersedes_and_silence_changes_nothing(
    statements: list[Statement | None], kept: str | None
) -> None:
    assert evidence(statements, URL) == kept


def robots_say(text: str, url: str = URL) -> bool | None:
    said = RobotsRules(text).of(url)
    return said.reserved if said else None


@pytest.mark.parametrize(
    ("text", "reserved"),
    [
        ("", None),
        ("User-agent: *\nDisallow: /intern/\n", None),
        # all crawlers alike are kept off: that is obeyed by not fetching, and is no word on mining
        ("User-agent: *\nDisallow: /\n", None),
        ("User-agent: GPTBot\nDisallow: /\n", True),
        ("User-agent: GPTBot\nUser-agent: CCBot\nDisallow: /presse/\n", True),
        ("User-agent: GPTBot\nDisallow: /bilder/\n", None),
        ("User-agent: GPTBot\nAllow: /\n", None),
        ("User-agent: ChatGPT-User\nDisallow: /\n", None),
        ("# User-agent: GPTBot\n# Disallow: /\n", None),
        ("User-agent: *\nContent-Signal: search=yes, ai-train=no\nAllow: /\n", False),
        ("User-agent: *\nContent-Signal: search=no, ai-train=no\nAllow: /\n", True),
        ("User-agent: *\nContent-Signal: ai-train=no\nAllow: /\n", None),
        ("User-agent: *\nContent-Usage: train-ai=n, search=n\nAllow: /\n", True),
        ("User-agent: *\nContent-Usage: search=n\nContent-Usage: /presse/ search=y\n", False),
        ("User-agent: Fremdbot\nContent-Signal: search=no\n", None),
        ("Content-Signal: search=no\n", True),
        ("User-agent: GPTBot\nDisallow: /\n\nUser-agent: *\nContent-Signal: search=yes\n", False),
    ],
)
def test_robots(text: str, reserved: bool | None) -> None:
    assert robots_say(text) is reserved


def test_robots_names_an_ai_crawler_with_its_version() -> None:
    assert robots_say("User-agent: GPTBot/1.0 (training)\nDisallow: /") is True


def test_robots_evidence_names_the_rule() -> None:
    said = RobotsRules("User-agent: CCBot\nUser-agent: GPTBot\nDisallow: /\n").of(URL)
    assert said == Statement(True, "robots.txt shuts out ccbot, gptbot")


@given(st.text())
def test_no_robots_file_breaks_the_reading(text: str) -> None:
    assert robots_say(text) in (None, True, False)
