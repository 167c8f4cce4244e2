"""How a page goes out: remembered while nothing changed, compressed, not sent where it is known."""

from __future__ import annotations

import gzip
import sqlite3
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Final

from datasette_config.web import Page

#: Bytes of all pages that are held, compressed or not: some thousand pages.
ROOM: Final = 64 * 1024 * 1024
#: A longer body is sent and forgotten; of our pages only sitemaps are.
LARGEST: Final = 1024 * 1024
#: A shorter body fits one packet as it is.
WORTH_PACKING: Final = 600
#: Twice the size at a tenth of the time lies at 1, nothing to gain at 9 (pages of 30 kB).
LEVEL: Final = 5
_PACKED_TYPES: Final = ("text/", "application/", "image/svg+xml")


#: What makes one answer another: path, query string, scheme and host.
Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Ready:
    """A page with everything that is computed of it once."""

    page: Page
    etag: str
    packed: bytes | None

    @property
    def size(self) -> int:
        """Bytes it takes."""
        return len(self.page.body) + len(self.packed or b"")


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent."""

    status: int
    headers: dict[str, str]
    body: bytes
    content_type: str


def ready(page: Page) -> Ready:
    """The page with its tag, and compressed where that is worth it."""
    packs = len(page.body) >= WORTH_PACKING and page.content_type.startswith(_PACKED_TYPES)
    packed = gzip.compress(page.body, LEVEL, mtime=0) if packs else None
    return Ready(page, page.etag, packed)


def answer(made: Ready, asked: Mapping[str, str]) -> Answer:
    """The answer to a request with these headers (names in small letters).

    What the reader already has is answered by a 304 (RFC 9110, section 13).
    """
    page = made.page
    sent = dict(page.headers)
    if made.packed:
        sent["Vary"] = "Accept-Encoding"
    if page.status == 200:
        sent.setdefault("Cache-Control", f"public, max-age={page.max_age}")
        sent["ETag"] = made.etag
        if _known(made, asked):
            return Answer(304, sent, b"", page.content_type)
    if made.packed and _takes_gzip(asked.get("accept-encoding", "")):
        sent["Content-Encoding"] = "gzip"
        return Answer(page.status, sent, made.packed, page.content_type)
    return Answer(page.status, sent, page.body, page.content_type)


def _known(made: Ready, asked: Mapping[str, str]) -> bool:
    tags = asked.get("if-none-match")
    if tags is not None:
        return tags.strip() == "*" or made.etag in (tag.strip() for tag in tags.split(","))
    since = moment(asked.get("if-modified-since"))
    changed = moment(made.page.headers.get("Last-Modified"))
    return since is not None and changed is not None and changed <= since


def moment(raw: str | None) -> datetime | None:
    """A date as HTTP writes it; None for none, and for what is none."""
    try:
        found = parsedate_to_datetime(raw) if raw else None
    except (ValueError, OverflowError):
        return None  # an invalid date is to be ignored (RFC 9110, section 13.1.3)
    return found if found and found.tzinfo else None


def _takes_gzip(accepted: str) -> bool:
    for part in accepted.lower().split(","):
        name, _, weight = part.partition(";")
        if name.strip() in ("gzip", "*"):
            return weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


class Versions:
    """The state of the published files as two numbers; asked from one thread at a time."""

    def __init__(self, *files: Path) -> None:
        self._open = [
            sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True, check_same_thread=False)
            for file in files
        ]

    def now(self) -> tuple[int, ...]:
        """Numbers that differ from before as soon as a file was written."""
        return tuple(int(one.execute("PRAGMA data_version").fetchone()[0]) for one in self._open)


class Pages:
    """Pages already made, as long as the files are what they were and ``max_age`` lasts.

    The age bounds what depends on the clock (“vor 5 Minuten”), as it does for shared caches.
    Used on the event loop alone.
    """

    def __init__(
        self,
        version: Callable[[], tuple[int, ...]],
        *,
        clock: Callable[[], float] = time.monotonic,
        room: int = ROOM,
    ) -> None:
        self._version = version
        self._clock = clock
        self._room = room
        self._held: OrderedDict[Key, tuple[Ready, float]] = OrderedDict()
        self._size = 0
        #: the files' version at the last look
        self.seen: tuple[int, ...] = ()

    def find(self, key: Key) -> Ready | None:
        """The page if it is held and still good."""
        version = self._version()
        if version != self.seen:
            self.clear()
            self.seen = version
        found = self._held.get(key)
        if found is None:
            return None
        if found[1] <= self._clock():
            self._drop(key)
            return None
        self._held.move_to_end(key)
        return found[0]

    def keep(self, key: Key, made: Ready, begun: tuple[int, ...]) -> None:
        """Hold a page, unless it is an error, is for one reader alone, or is too large.

        ``begun``: :attr:`seen` when it was begun. What was published meanwhile, an erasure perhaps,
        is not in it: such a page is not held.
        """
        page = made.page
        if begun != self.seen:
            return
        if page.status != 200 or page.max_age <= 0 or made.size > LARGEST:
            return
        if {name.lower() for name in page.headers} & {"set-cookie", "cache-control"}:
            return
        if key in self._held:
            self._drop(key)
        self._held[key] = (made, self._clock() + page.max_age)
        self._size += made.size
        while self._size > self._room:
            self._drop(next(iter(self._held)))

    def clear(self) -> None:
        """Forget all."""
        self._held.clear()
        self._size = 0

    def _drop(self, key: Key) -> None:
        made, _ = self._held.pop(key)
        self._size -= made.size
