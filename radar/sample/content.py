"""Reads the sample press's invented items from ``items/*.jsonl`` and dates them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from datetime import time as clock_time
from pathlib import Path
from typing import Any

from store.errors import RadarError
from store.types import BERLIN, KINDS

#: the two states in which the press can be crawled: before and after corrections
STAGES = (1, 2)

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_REQUIRED = {"slug", "days_ago", "time", "kind", "title", "teaser", "body"}
_OPTIONAL = {
    "kicker", "section", "genre", "author", "topics", "states", "duration_s", "views", "revision",
    "withdrawn", "stage", "source",
}  # fmt: skip
_REVISABLE = {"title", "teaser", "body"}


class SampleContentError(RadarError):
    """An item file of the sample press breaks its format; the line names file and line."""


@dataclass(frozen=True, slots=True)
class SampleItem:
    """One invented item as its writer left it; dates are counted back from the day of use.

    ``topics`` and ``states`` are the writer's own tags by the codebook: never rendered, they
    are what the classifier's answer can be compared with.
    """

    source_id: str
    slug: str
    days_ago: float
    time: clock_time
    kind: str
    title: str
    teaser: str
    body: tuple[str, ...]
    kicker: str | None = None
    section: str | None = None
    genre: str | None = None
    author: str | None = None
    topics: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    duration_s: int | None = None
    views: int | None = None
    #: what the second crawl finds in place of title, teaser or body
    revision: tuple[tuple[str, str | tuple[str, ...]], ...] = ()
    withdrawn: bool = False
    #: the crawl that first finds the item
    stage: int = 1

    def published(self, now: datetime) -> datetime:
        """Berlin time of publication, counted back from ``now`` and never after it."""
        here = now.astimezone(BERLIN)
        day = (here - timedelta(days=self.days_ago)).date()
        at = datetime.combine(day, self.time, BERLIN)
        return at if at <= here else (here - timedelta(hours=1)).replace(second=0, microsecond=0)


def load_items(directory: Path, source_ids: Iterable[str]) -> dict[str, tuple[SampleItem, ...]]:
    """All items by source id, in file order; a source without any has an empty tuple.

    A file is named after its source; a line may name another one with ``source``.

    Raises:
        SampleContentError: a line breaks the format, or one source has a slug twice.
    """
    items: dict[str, list[SampleItem]] = {source_id: [] for source_id in source_ids}
    seen: dict[tuple[str, str], str] = {}
    for path in sorted(directory.glob("*.jsonl")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if not line.strip():
                continue
            where = f"{path.name}:{number}"
            item = _item(line, path.stem, where)
            if item.source_id not in items:
                raise SampleContentError(
                    f"{where}: no source {item.source_id!r} in sources.toml; "
                    "name the file or the key `source` after one"
                )
            first = seen.setdefault((item.source_id, item.slug), where)
            if first != where:
                raise SampleContentError(f"{where}: slug {item.slug!r} already stands in {first}")
            items[item.source_id].append(item)
    return {source_id: tuple(found) for source_id, found in items.items()}


def _item(line: str, stem: str, where: str) -> SampleItem:
    try:
        raw = json.loads(line)
    except json.JSONDecodeError as error:
        raise SampleContentError(f"{where}: not a JSON object: {error}") from error
    _check(raw, where)
    revision = raw.get("revision") or {}
    return SampleItem(
        source_id=raw.get("source") or stem,
        slug=raw["slug"],
        days_ago=float(raw["days_ago"]),
        time=clock_time.fromisoformat(raw["time"]),
        kind=raw["kind"],
        title=raw["title"],
        teaser=raw["teaser"],
        body=tuple(raw["body"]),
        kicker=raw.get("kicker"),
        section=raw.get("section"),
        genre=raw.get("genre"),
        author=raw.get("author"),
        topics=tuple(raw.get("topics") or ()),
        states=tuple(raw.get("states") or ()),
        duration_s=raw.get("duration_s"),
        views=raw.get("views"),
        revision=tuple(
            (key, tuple(value) if isinstance(value, list) else value)
            for key, value in revision.items()
        ),
        withdrawn=bool(raw.get("withdrawn")),
        stage=raw.get("stage", 1),
    )


def _check(raw: Any, where: str) -> None:
    if not isinstance(raw, dict):
        raise SampleContentError(f"{where}: not a JSON object")
    if missing := _REQUIRED - raw.keys():
        raise SampleContentError(f"{where}: missing {', '.join(sorted(missing))}")
    if unknown := raw.keys() - _REQUIRED - _OPTIONAL:
        raise SampleContentError(f"{where}: unknown {', '.join(sorted(unknown))}")
    if not _SLUG.fullmatch(raw["slug"]):
        raise SampleContentError(f"{where}: slug {raw['slug']!r} is not lower-case ASCII-kebab")
    if raw["kind"] not in KINDS:
        raise SampleContentError(f"{where}: kind {raw['kind']!r} is none of {', '.join(KINDS)}")
    if not raw["title"] or not raw["teaser"]:
        raise SampleContentError(f"{where}: title and teaser must not be empty")
    if not isinstance(raw["body"], list) or not all(isinstance(text, str) for text in raw["body"]):
        raise SampleContentError(f"{where}: body must be a list of paragraphs")
    if raw["kind"] == "video" and not (raw.get("duration_s") and raw.get("views")):
        raise SampleContentError(f"{where}: a video needs duration_s and views")
    if unknown := (raw.get("revision") or {}).keys() - _REVISABLE:
        raise SampleContentError(f"{where}: a revision cannot change {', '.join(sorted(unknown))}")
    if raw.get("stage", 1) not in STAGES:
        raise SampleContentError(f"{where}: stage must be 1 or 2")
