"""JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/) from a list of entries."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

from datasette_config.archive import Row
from datasette_config.syndication import (
    FeedHead,
    clean,
    entry_id,
    event,
    stamp,
    summary,
    title,
    updated,
)
from datasette_config.web import safe_url

VERSION: Final = "https://jsonfeed.org/version/1.1"
#: Name of our own member; the format asks for an underscore and for a word of explanation.
EXTENSION: Final = "_kommunalradar"


def feed(head: FeedHead, rows: Sequence[Row], *, origin: str, address: str | None) -> bytes:
    """The document. ``address`` gives the stable tag ids, ``origin`` the links that are shown."""
    document: dict[str, Any] = {
        "version": VERSION,
        "title": clean(head.title),
        "home_page_url": origin + head.page,
        "feed_url": origin + head.at(head.number),
        "description": head.subtitle,
        "language": "de",
    }
    if head.more:
        document["next_url"] = origin + head.at(head.number + 1)
    document["items"] = [_item(row, origin, address) for row in rows]
    return json.dumps(document, ensure_ascii=False).encode()


def _item(row: Row, origin: str, address: str | None) -> dict[str, Any]:
    item: dict[str, Any] = {
        "id": entry_id(row, address),
        "url": f"{origin}/eintrag/{row.id}",
        "title": title(row),
        # One of content_html and content_text must be there, even of an entry without a teaser.
        "content_html": summary(row),
        "date_modified": stamp(updated(row)),
        "authors": [{"name": clean(row.source), "url": f"{origin}/quelle/{row.source_id}"}],
        "tags": [clean(label.label) for label in (*row.topics, *row.states)],
    }
    original = safe_url(row.url)
    if original:
        item["external_url"] = clean(original)
    if row.published_at:
        item["date_published"] = stamp(row.published_at)
    happened = event(row)
    if happened:
        item[EXTENSION] = {"about": f"{origin}/ueber", "event": happened}
    return item
