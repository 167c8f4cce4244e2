"""The text of a robots.txt as RFC 9309 reads it, where protego would read it otherwise. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from protego import Protego

#: RFC 9309, section 2.2.1, has letters, "_" and "-"; crawlers' own names have digits, too.
_TOKEN = re.compile(r"[A-Za-z0-9_-]+|\*(?=\s|$)")
_AGENT = re.compile(r"\s*user.?agent\s*:", re.IGNORECASE)
#: Fields that protego knows, slips of the pen included.
_KNOWN = re.compile(
    r"user.?agent|allow|d[a-z]+w|site-?maps?|crawl.delay|request.rate|visit.time|host",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class RobotsText:
    """The rules of one robots.txt, for crawlers by their whole names."""

    _parsed: Protego

    def can_fetch(self, url: str, agent: str) -> bool:
        """The crawler may fetch the address."""
        return bool(self._parsed.can_fetch(url, _whole(agent)))

    def crawl_delay(self, agent: str) -> float | None:
        """Seconds that the crawler is asked to leave between two requests; None if not asked."""
        return self._parsed.crawl_delay(_whole(agent))

    @property
    def sitemaps(self) -> Iterator[str]:
        """Addresses of the sitemaps it names."""
        return iter(self._parsed.sitemaps)


def parse_robots(text: str) -> RobotsText:
    """The rules of a robots.txt.

    Of a ``User-agent`` line the first word counts, whole (section 2.2.1: protego compares the line
    and takes any part of our name for it), and an unknown line is as if it were not there (section
    2.2.4: it would end a group for protego).
    """
    return RobotsText(Protego.parse("\n".join(_tamed(line) for line in text.splitlines())))


def agent_token(value: str) -> str:
    """The name by which a ``User-agent`` line calls a crawler, in lower case."""
    named = _TOKEN.match(value.strip())
    return (named[0] if named else value.strip()).lower()


def _whole(value: str) -> str:
    """A crawler's name between marks that no name has: no part of it equals another name then."""
    token = agent_token(value)
    return token if token == "*" else f"={token}="


def _tamed(line: str) -> str:
    said = line.partition("#")[0]
    if agent := _AGENT.match(said):
        return f"{agent[0]} {_whole(said[agent.end() :])}"
    field, colon, value = said.partition(":")
    # a colon within a word may be part of an address: protego sees to a line that lacks one
    unknown = colon and (not value or value[0].isspace()) and not _KNOWN.fullmatch(field.strip())
    return "" if unknown else said
