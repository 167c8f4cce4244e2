"""Atom 1.0 (RFC 4287) from a list of entries."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit
from xml.etree import ElementTree

from markupsafe import escape

from datasette_config.archive import Row
from datasette_config.web import host_of, safe_url

_NAMESPACE: Final = "http://www.w3.org/2005/Atom"
#: Authority of tag ids where the site has no public address of its own (RFC 4151, RFC 2606).
_NO_ADDRESS: Final = "kommunalradar.example"
#: A year in which the authority was ours (RFC 4151); it must never change.
_YEAR: Final = 2026
#: Everything that XML 1.0 has no character for (production 2, Char).
_NO_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class FeedHead:
    """What a feed says of itself. Paths begin with a slash."""

    title: str
    subtitle: str
    #: the path of the feed, its parameters included
    path: str
    #: the path of the page it belongs to
    page: str
    #: when the archive was last published: the feed's date where it has no entries
    published: datetime


def feed(head: FeedHead, rows: Sequence[Row], *, origin: str, address: str | None) -> bytes:
    """The document. ``address`` gives the stable tag ids, ``origin`` the links that are shown."""
    authority = f"tag:{urlsplit(address).hostname if address else _NO_ADDRESS},{_YEAR}:"
    root = ElementTree.Element("feed", {"xmlns": _NAMESPACE, "xml:lang": "de"})
    _add(root, "id", authority + head.path.lstrip("/"))
    _add(root, "title", head.title)
    _add(root, "subtitle", head.subtitle)
    _add(root, "updated", _time(max([_updated(row) for row in rows], default=head.published)))
    _add(root, "link", rel="self", type="application/atom+xml", href=origin + head.path)
    _add(root, "link", rel="alternate", type="text/html", hreflang="de", href=origin + head.page)
    _add(root, "generator", "Kommunalradar")
    for row in rows:
        _entry(root, row, authority, origin)
    document: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return document


def _entry(root: ElementTree.Element, row: Row, authority: str, origin: str) -> None:
    entry = _add(root, "entry")
    _add(entry, "id", f"{authority}eintrag/{row.id}")
    title = f"{row.kicker}: {row.title}" if row.kicker else row.title
    _add(entry, "title", title if row.withdrawn_at is None else f"Zurückgezogen: {title}")
    _add(entry, "updated", _time(_updated(row)))
    if row.published_at:
        _add(entry, "published", _time(row.published_at))
    _add(_add(entry, "author"), "name", row.source)
    _add(entry, "link", rel="alternate", type="text/html", href=f"{origin}/eintrag/{row.id}")
    original = safe_url(row.url)
    if original:
        _add(entry, "link", rel="via", href=original)
    for label in (*row.topics, *row.states):
        _add(entry, "category", term=label.id, label=label.label)
    summary = f"<p>{escape(row.teaser)}</p>" if row.teaser else ""
    if original:
        host = escape(host_of(original))
        summary += f'<p><a href="{escape(original)}">Zum Original bei {host}</a></p>'
    if summary:
        _add(entry, "summary", summary, type="html")


def _add(
    parent: ElementTree.Element, name: str, text: str | None = None, **attributes: str
) -> ElementTree.Element:
    clean = {key: _NO_XML.sub("", value) for key, value in attributes.items()}
    element = ElementTree.SubElement(parent, name, clean)
    element.text = _NO_XML.sub("", text) if text is not None else None
    return element


def _updated(row: Row) -> datetime:
    moments = (row.published_at, row.first_seen, row.changed_at, row.withdrawn_at)
    return max(moment for moment in moments if moment)


def _time(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
