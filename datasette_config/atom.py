"""Atom 1.0 (RFC 4287) from a list of entries, in pages (RFC 5005)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from xml.etree import ElementTree

from datasette_config.archive import Row
from datasette_config.syndication import (
    FeedHead,
    authority,
    clean,
    entry_id,
    event,
    latest,
    stamp,
    summary,
    title,
    updated,
)
from datasette_config.web import safe_url

_NAMESPACE: Final = "http://www.w3.org/2005/Atom"
#: RFC 6721: what a reader should delete.
_TOMBSTONES: Final = "http://purl.org/atompub/tombstones/1.0"
#: Categories that say what happened to an entry, apart from those of its subject.
EVENTS: Final = "urn:kommunalradar:ereignis"


def feed(head: FeedHead, rows: Sequence[Row], *, origin: str, address: str | None) -> bytes:
    """The document. ``address`` gives the stable tag ids, ``origin`` the links that are shown."""
    spaces = {"xmlns": _NAMESPACE, "xml:lang": "de"}
    gone = [row for row in rows if row.withdrawn_at is not None]
    root = ElementTree.Element("feed", spaces | ({"xmlns:at": _TOMBSTONES} if gone else {}))
    _add(root, "id", authority(address) + head.path.lstrip("/"))
    _add(root, "title", head.title)
    _add(root, "subtitle", head.subtitle)
    _add(root, "updated", stamp(latest(head, rows)))
    _add(root, "link", rel="self", type="application/atom+xml", href=origin + head.at(head.number))
    _add(root, "link", rel="alternate", type="text/html", hreflang="de", href=origin + head.page)
    _pages(root, head, origin)
    _add(root, "generator", "Kommunalradar")
    for row in gone:
        _tombstone(root, row, address)
    for row in rows:
        _entry(root, row, origin, address)
    document: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return document


def _pages(root: ElementTree.Element, head: FeedHead, origin: str) -> None:
    others = [("first", 1)] if head.number > 1 or head.more else []
    others += [("previous", head.number - 1)] if head.number > 1 else []
    others += [("next", head.number + 1)] if head.more else []
    for rel, number in others:
        _add(root, "link", rel=rel, type="application/atom+xml", href=origin + head.at(number))


def _entry(root: ElementTree.Element, row: Row, origin: str, address: str | None) -> None:
    entry = _add(root, "entry")
    _add(entry, "id", entry_id(row, address))
    _add(entry, "title", title(row))
    _add(entry, "updated", stamp(updated(row)))
    if row.published_at:
        _add(entry, "published", stamp(row.published_at))
    _add(_add(entry, "author"), "name", row.source)
    _add(entry, "link", rel="alternate", type="text/html", href=f"{origin}/eintrag/{row.id}")
    original = safe_url(row.url)
    if original:
        _add(entry, "link", rel="via", href=original)
    for label in (*row.topics, *row.states):
        _add(entry, "category", term=label.id, label=label.label)
    happened = event(row)
    if happened:
        _add(entry, "category", term=happened, scheme=EVENTS, label=happened)
    told = summary(row)
    if told:
        _add(entry, "summary", told, type="html")


def _tombstone(root: ElementTree.Element, row: Row, address: str | None) -> None:
    """Says that an entry is gone; the entry beside it tells those who do not know tombstones.

    It counts, because it is not older than the entry (RFC 6721, section 3).
    """
    deleted = _add(root, "at:deleted-entry", ref=entry_id(row, address), when=stamp(updated(row)))
    _add(deleted, "at:comment", "Das Original wurde zurückgezogen.")


def _add(
    parent: ElementTree.Element, name: str, text: str | None = None, **attributes: str
) -> ElementTree.Element:
    cleaned = {key: clean(value) for key, value in attributes.items()}
    element = ElementTree.SubElement(parent, name, cleaned)
    element.text = clean(text) if text is not None else None
    return element
