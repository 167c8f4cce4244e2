"""robots.txt as RFC 9309 reads it: names of crawlers, unknown lines, groups."""

from __future__ import annotations

import pytest

from crawler.robots_text import agent_token, parse_robots

URL = "https://www.stadt.example/presse/1"


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        ("User-agent: Kommunalradar\nDisallow: /presse/", False),
        ("User-agent: kommunalradar/0.1 (Archiv)\nDisallow: /presse/", False),
        ("User-agent: KOMMUNALRADAR Bot\nDisallow: /presse/", False),
        ("User-agent: * # alle\nDisallow: /presse/", False),
        ("User-agent: * alle\nDisallow: /presse/", False),
        ("User-agent: anderer Kommunalradar\nDisallow: /presse/", True),
        # a part of our name is another's (RFC 9309, 2.2.1)
        ("User-agent: Kommunal\nDisallow: /presse/", True),
        ("User-agent: radar\nDisallow: /presse/", True),
        ("User-agent: k\nDisallow: /presse/\nUser-agent: *\nAllow: /", True),
        ("User-agent: Kommunalradar-Test\nDisallow: /presse/", True),
        ("User-agent:\nDisallow: /presse/", True),
        # the group of two names goes on over what nobody knows
        ("User-agent: Kommunalradar\nUnbekannt: x\nUser-agent: x\nDisallow: /presse/", False),
        ("User-agent: *\nContent-Signal: search=no\nDisallow: /presse/", False),
        ("User-agent: Kommunalradar\nSitemap: /s.xml\nUser-agent: x\nDisallow: /presse/", False),
        ("User-agent: *\nDisallow: /presse/\nUser-agent: Kommunalradar\nAllow: /", True),
        # slips of the pen, and lines without a colon
        ("User agent: *\nDissallow: /presse/", False),
        ("Useragent: *\ndisalow: /presse/", False),
        ("User-agent: *\nDisallow /presse/", False),
        ("User-agent: *\nDisallow: /presse/ # nur intern", False),
        ("User-agent: *\nDisallow: /presse#anker", False),
        ("User-agent: *\nAllow: /presse/1\nDisallow: /", True),
        ("<html><body>Fehler: nichts</body></html>", True),
        ("", True),
    ],
)
def test_what_may_be_fetched(text: str, allowed: bool) -> None:
    assert parse_robots(text).can_fetch(URL, "Kommunalradar") is allowed


def test_delay_and_sitemaps_are_kept() -> None:
    found = parse_robots("User-agent: *\nCrawl-delay: 7\nSitemap: https://a.example/s.xml\nX: y")
    assert found.crawl_delay("Kommunalradar") == 7
    assert parse_robots("User-agent: radar\nCrawl-delay: 7").crawl_delay("Kommunalradar") is None
    assert list(found.sitemaps) == ["https://a.example/s.xml"]


@pytest.mark.parametrize(
    ("value", "token"),
    [
        (" GPTBot/1.1 ", "gptbot"),
        ("AI2Bot", "ai2bot"),
        ("Applebot-Extended", "applebot-extended"),
        ("*", "*"),
        ("* x", "*"),
        ("(nichts)", "(nichts)"),
        ("", ""),
    ],
)
def test_a_crawlers_name_is_the_first_word(value: str, token: str) -> None:
    assert agent_token(value) == token
