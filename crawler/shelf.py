"""Keeps small files of hosts (robots.txt, tdmrep.json) from one crawl to the next, in one file."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

log = logging.getLogger(__name__)

#: A longer one is fetched again each time: a few of those must not make the file slow to read.
MAX_BODY = 64 * 1024


@dataclass(frozen=True, slots=True)
class Kept:
    """What a host answered for one of its files, and until when that is believed (aware UTC)."""

    status: int
    body: bytes
    until: datetime


class Shelf:
    """The files by address. ``path`` None: nothing outlives the crawl."""

    def __init__(self, path: Path | None, clock: Callable[[], datetime]) -> None:
        self._path = path
        self._clock = clock
        self._kept: dict[str, Kept] = {}
        self._changed = False
        if path is not None and path.is_file():
            self._load(path)

    def _load(self, path: Path) -> None:
        try:
            rows = json.loads(path.read_text(encoding="ascii"))
            for url, (status, body, until) in rows.items():
                kept = Kept(status, body.encode("latin-1"), datetime.fromisoformat(until))
                self._kept[url] = kept
        except (ValueError, TypeError, AttributeError) as error:
            # It can be had again at the price of a request a host.
            log.warning("%s is not readable (%s); it is written anew", path, error)
            self._kept.clear()

    def get(self, url: str) -> Kept | None:
        """What is believed of the address now."""
        kept = self._kept.get(url)
        return kept if kept and kept.until > self._clock() else None

    def put(self, url: str, kept: Kept) -> None:
        """Believe this of the address from now on."""
        if len(kept.body) <= MAX_BODY:
            self._kept[url] = kept
            self._changed = True

    def save(self) -> None:
        """Write what is still believed, so that a reader sees the old file or the new one whole."""
        if self._path is None or not self._changed:
            return
        now = self._clock()
        rows = {
            url: (kept.status, kept.body.decode("latin-1"), kept.until.isoformat())
            for url, kept in self._kept.items()
            if kept.until > now
        }
        self._path.parent.mkdir(parents=True, exist_ok=True)
        new = self._path.with_name(f"{self._path.name}.{os.getpid()}")
        new.write_text(json.dumps(rows), encoding="ascii")
        new.replace(self._path)
