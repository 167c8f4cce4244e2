"""The sample press as one pure function from a request to a response."""

from __future__ import annotations

import email.utils
import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from radar.sample import notation
from radar.sample.content import STAGES, SampleItem, load_items
from radar.sample.sites import Document, Render, Site, environment
from store.types import Source

_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Response:
    """What the press answers: ``body`` is empty for 304."""

    status: int
    headers: dict[str, str]
    body: bytes


class SamplePress:
    """Sixteen invented sources around one moment; the same for a given ``now`` and stage.

    Stage 1 is the first crawl. In stage 2 corrections, one withdrawal, new items and a
    relaunched list have happened.
    """

    def __init__(self, now: datetime, directory: Path = _HERE / "items") -> None:
        """Loads all content.

        Raises:
            ValueError: ``now`` has no zone.
            SampleContentError: an item file breaks its format.
        """
        if now.tzinfo is None:
            raise ValueError("the sample press needs a `now` with a zone")
        self.now = now
        facts = tomllib.loads((_HERE / "sources.toml").read_text(encoding="utf-8"))
        self.items: dict[str, tuple[SampleItem, ...]] = load_items(directory, facts)
        templates = environment()
        self._sites: dict[str, Site] = {}
        for source_id, fact in facts.items():
            site = Site(
                _source(source_id, fact), Render(**fact["render"]), self.items[source_id], now,
                templates,
            )  # fmt: skip
            self._sites[site.host] = site

    @property
    def hosts(self) -> tuple[str, ...]:
        """Host names of all sources, in catalogue order."""
        return tuple(self._sites)

    def catalogue(self) -> list[Source]:
        """The sources as the crawler's catalogue holds them, sorted by id."""
        return sorted((site.source for site in self._sites.values()), key=lambda s: s.id)

    def site(self, source_id: str) -> Site:
        """The site of one source; raises KeyError for an unknown id."""
        sites = {site.source.id: site for site in self._sites.values()}
        return sites[source_id]

    def respond(self, host: str, path: str, headers: Mapping[str, str], stage: int) -> Response:
        """Answers GET of ``path`` (with query) on ``host``; 421 for a host not ours.

        Raises:
            ValueError: ``stage`` is neither 1 nor 2.
        """
        if stage not in STAGES:
            raise ValueError(f"stage {stage!r} is none of {STAGES}")
        site = self._sites.get(host.partition(":")[0].lower())
        if site is None:
            body = f"Kein Host der Beispielpresse: {host}\n".encode()
            return Response(421, {"Content-Type": "text/plain; charset=utf-8"}, body)
        document = site.document(path or "/", stage)
        answer = {
            "Content-Type": document.content_type,
            "X-Beispielpresse": "Beispieltext, erfunden",
            **document.headers,
        }
        if document.modified is None:
            return Response(document.status, answer, document.body)
        modified = document.modified
        if stage > 1 and document.body != site.document(path or "/", 1).body:
            # Related teasers or the correction itself have changed the page since stage 1.
            modified = self.now - timedelta(minutes=1)
        answer["ETag"] = f'"{hashlib.sha256(document.body).hexdigest()[:20]}"'
        answer["Last-Modified"] = notation.http_date(modified)
        if _not_modified(headers, answer["ETag"], modified):
            return Response(304, answer, b"")
        return Response(document.status, answer, document.body)


def _source(source_id: str, fact: dict[str, Any]) -> Source:
    known = {key: value for key, value in fact.items() if key != "render"}
    return Source(id=source_id, schedule="adaptive", reference=fact["homepage"], **known)


def _not_modified(headers: Mapping[str, str], etag: str, modified: datetime) -> bool:
    """RFC 9110, section 13.2.2: If-None-Match outranks If-Modified-Since."""
    asked = {name.lower(): value for name, value in headers.items()}
    if "if-none-match" in asked:
        tags = {tag.strip().removeprefix("W/") for tag in asked["if-none-match"].split(",")}
        return etag in tags or "*" in tags
    since = asked.get("if-modified-since")
    if since is None:
        return False
    try:
        limit = email.utils.parsedate_to_datetime(since)
    except ValueError:
        # RFC 9110, section 13.1.3: an invalid date is ignored.
        return False
    if limit.tzinfo is None:
        limit = limit.replace(tzinfo=UTC)
    return modified.replace(microsecond=0) <= limit


__all__ = ["Document", "Response", "SamplePress"]
