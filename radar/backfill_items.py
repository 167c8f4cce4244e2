"""Items between a worker and the newsroom: one JSON line each, with the record it came from."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from store.provenance import Provenance
from store.types import Article, Link, PublicationDate


@dataclass(frozen=True, slots=True)
class ArchiveItem:
    """An article and the record of the archive that it was read from."""

    article: Article
    provenance: Provenance


def pack(items: Iterable[ArchiveItem]) -> bytes:
    """The items as gzipped NDJSON; the same bytes for the same items."""
    lines = (
        json.dumps(
            {"article": _fields(item.article), "provenance": _fields(item.provenance)},
            ensure_ascii=False,
            default=_as_json,
        )
        for item in items
    )
    return gzip.compress("".join(f"{line}\n" for line in lines).encode(), 6, mtime=0)


def _as_json(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else _fields(value)


def _fields(value: Any) -> dict[str, object]:
    """A dataclass by its fields, as ``asdict`` but for copying what cannot change."""
    return {name: getattr(value, name) for name in value.__dataclass_fields__}


def unpack(data: bytes) -> Iterator[ArchiveItem]:
    """What ``pack`` wrote."""
    for line in gzip.decompress(data).decode().splitlines():
        record = json.loads(line)
        found = record["provenance"]
        yield ArchiveItem(
            _article(record["article"]),
            Provenance(**found | {"captured_at": datetime.fromisoformat(found["captured_at"])}),
        )


def _article(values: dict[str, Any]) -> Article:
    links = tuple(Link(**link | {"date": _date(link["date"])}) for link in values["links"])
    return Article(
        **values
        | {
            "fetched_at": datetime.fromisoformat(values["fetched_at"]),
            "published": _date(values["published"]),
            "links": links,
        }
    )


def _date(values: dict[str, Any] | None) -> PublicationDate | None:
    if values is None:
        return None
    return PublicationDate(**values | {"at": datetime.fromisoformat(values["at"])})
