"""What a page is asked and what it answers, apart from the server that carries it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlencode, urlsplit

HTML: Final = "text/html; charset=utf-8"
ATOM: Final = "application/atom+xml; charset=utf-8"


#: Beginning of the addresses of a page in each language; German, the texts' own, has none.
PREFIXES: Final = {"de": "", "en": "/en"}


def N_(text: str) -> str:
    """Marks a text that is translated where it is shown."""
    return text


class MissingPageError(LookupError):
    """There is no such page; the message tells the reader so, in German (marked by ``N_``)."""


def spoken_in(path: str) -> tuple[str, str]:
    """The language an address asks for, and the address without it: ``/en/suche`` → ``/suche``."""
    for code, prefix in PREFIXES.items():
        if prefix and (path == prefix or path.startswith(prefix + "/")):
            return code, path.removeprefix(prefix) or "/"
    return "de", path


@dataclass(frozen=True, slots=True)
class Ask:
    """One request of a reader."""

    #: without the language's prefix
    path: str
    #: what the route's pattern captured
    parts: Mapping[str, str] = field(default_factory=dict)
    arguments: Mapping[str, Sequence[str]] = field(default_factory=dict)
    #: the parameters as they came, empty ones among them
    raw_query: str = ""
    #: scheme and host as the reader sees them, without a slash at the end
    origin: str = "http://localhost"
    language: str = "de"

    @property
    def query(self) -> str:
        """The parameters as they stand in an address, with the question mark; empty for none."""
        return f"?{urlencode(self.arguments, doseq=True)}" if self.arguments else ""

    def to(self, path: str) -> str:
        """The address of a page of ours in this reader's language."""
        return in_language(self.language, path)


@dataclass(frozen=True, slots=True)
class Page:
    """One answer. ``etag`` follows from the body, so an unchanged page is sent only once."""

    body: bytes
    status: int = 200
    content_type: str = HTML
    #: seconds a shared cache may keep it
    max_age: int = 60
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def etag(self) -> str:
        """A weak validator: a proxy may compress the body."""
        return f'W/"{hashlib.blake2b(self.body, digest_size=10).hexdigest()}"'


def in_language(code: str, path: str) -> str:
    """The address of a page in a language: ``/suche`` → ``/en/suche``."""
    prefix = PREFIXES[code]
    return prefix if prefix and path == "/" else prefix + path


def safe_url(url: str | None) -> str | None:
    """The URL if it is one that a reader may be sent to (http or https with a host), else None."""
    if not url:
        return None
    try:
        parts = urlsplit(url)
        named = bool(parts.hostname)
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and named else None


def host_of(url: str) -> str:
    """``https://www.kommune21.de/a`` → ``kommune21.de``."""
    return (urlsplit(url).hostname or url).removeprefix("www.")
