"""What a page is asked and what it answers, apart from the server that carries it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

HTML: Final = "text/html; charset=utf-8"
ATOM: Final = "application/atom+xml; charset=utf-8"


class MissingPageError(LookupError):
    """There is no such page; the message tells the reader so, in German."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One request of a reader."""

    path: str
    #: what the route's pattern captured
    parts: Mapping[str, str] = field(default_factory=dict)
    arguments: Mapping[str, Sequence[str]] = field(default_factory=dict)
    #: scheme and host as the reader sees them, without a slash at the end
    origin: str = "http://localhost"


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
