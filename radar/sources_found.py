"""What `radar sources discover` found, as text for people and as a source to write."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from crawler.discovery import Candidate, as_source
from crawler.source_files import source_id
from store.errors import RadarError
from store.types import BERLIN, Source

#: What a person has to decide, at the key where they do.
REMARKS = {
    "publisher": "who speaks; correct it",
    "licence": "official for an authority's own releases, else press; see CONTRIBUTING.md",
    "display": "link, headline, teaser or full: how much the public may see",
    "relevance": 'topic: only items with a topic are published; "all" for the trade press',
    "reference": "the public page that names the address",
}


class DiscoveryError(RadarError):
    """A homepage that could not be looked at, or offers nothing."""


def split(
    found: Iterable[dict[str, Any]],
) -> tuple[dict[str, Any], list[dict[str, Any]], list[Any]]:
    """What the homepage says of itself, the offers (best first), and what was refused.

    Raises DiscoveryError if the homepage itself could not be had.
    """
    rows = list(found)
    site = next((row for row in rows if row["what"] == "site"), None)
    if site is None:
        raise DiscoveryError("the homepage gave no answer; see the log of the crawl")
    if site["error"]:
        reason = str(site["error"])
        raise DiscoveryError(reason if site["url"] in reason else f"{site['url']}: {reason}")
    offers = [row for row in rows if row["what"] == "offer"]
    return site, offers, [row for row in rows if row["what"] == "refused"]


def as_text(site: dict[str, Any], offers: list[dict[str, Any]], refused: list[Any]) -> str:
    """The offers with their samples, the best first and why; then what could not be read."""
    lines = []
    for number, offer in enumerate(offers, start=1):
        best = " (best)" if number == 1 else ""
        lines.append(f"{number}. {offer['kind']}{best}: {offer['url']}")
        if offer["title"]:
            lines.append(f"   {offer['title']}")
        lines.append(f"   {offer['reason']}")
        for sample in offer["samples"]:
            lines.append(f"   - {(sample['date'] or 'no date')[:10]:<10}  {_headline(sample)}")
            if sample["teaser"]:
                lines.append(f"     {_shortened(sample['teaser'], 90)}")
        lines.append("")
    for row in refused:
        lines.append(f"not readable: {row['url']}: {row['error']}")
    if not offers:
        lines.append(f"{site['url']} offers nothing that can be read as a source.")
    return "\n".join(lines).rstrip()


def draft(
    site: dict[str, Any], offer: dict[str, Any], wanted_id: str | None, now: datetime
) -> Source:
    """The offer as a source; what nobody said is set so that least is shown."""
    host = urlsplit(site["url"]).hostname or ""
    publisher = site["site_name"] or _site_title(site["title"]) or host
    name = offer["title"] if offer["title"] and offer["kind"] != "listing" else None
    source = as_source(
        Candidate(offer["url"], offer["kind"], offer["why"], offer["named_by"]),
        id=wanted_id or source_id(host),
        name=name or f"{publisher}: Meldungen",
        publisher=publisher,
        homepage=site["url"],
        checked=now.astimezone(BERLIN).date().isoformat(),
    )
    return replace(source, min_items=max(1, offer["entries"] // 3)) if offer["entries"] else source


def _headline(sample: dict[str, Any]) -> str:
    return _shortened(sample["title"] or sample["url"], 90)


def _shortened(text: str, length: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def _site_title(title: str | None) -> str | None:
    """„Startseite | Stadt Musterhausen“ → „Stadt Musterhausen“."""
    parts = [part.strip() for part in re.split(r"\s[|–—-]\s|\s?\|\s?", title or "") if part.strip()]
    rest = [
        part for part in parts if not re.match(r"(?:start|home|willkommen|aktuell)", part, re.I)
    ]
    return (rest or parts or [None])[0]
