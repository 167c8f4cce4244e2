"""Carries out `radar sources discover`: the look, its result, and the file that is written."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crawler.source_files import write_source
from crawler.urls import UrlError, canonical_url
from radar import sources_found
from radar.config import Config
from radar.crawling import utc_now
from radar.probing import probe
from radar.sources_found import REMARKS, DiscoveryError


@dataclass(frozen=True, slots=True)
class Found:
    """What a homepage offers, the best first."""

    site: dict[str, Any]
    offers: list[dict[str, Any]]
    refused: list[dict[str, Any]]

    def as_text(self) -> str:
        """For people."""
        return sources_found.as_text(self.site, self.offers, self.refused)

    def as_dict(self) -> dict[str, Any]:
        """For programs."""
        return {
            "url": self.site["url"],
            "offers": [_without(offer) for offer in self.offers],
            "refused": [_without(row) for row in self.refused],
        }


def discover(config: Config, url: str) -> Found:
    """Look at a homepage. Raises DiscoveryError if it cannot be had; UrlError becomes one, too."""
    try:
        address = canonical_url(url if "://" in url else f"https://{url}")
    except UrlError as error:
        raise DiscoveryError(f"{error}; name a homepage such as https://www.stadt.de/") from error
    site, offers, refused = sources_found.split(probe(config, "discover", {"url": address}, {}))
    return Found(site, offers, refused)


def write(found: Found, folder: Path, source_id: str | None, pick: int) -> Path:
    """Write the picked offer as a source file. Raises DiscoveryError, CatalogueError."""
    if len(found.offers) < pick:
        raise DiscoveryError(
            f"{found.site['url']}: there is no offer {pick} to write, only {len(found.offers)}"
        )
    source = sources_found.draft(found.site, found.offers[pick - 1], source_id, utc_now())
    return write_source(folder, source, REMARKS)


def _without(row: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key != "what"}
