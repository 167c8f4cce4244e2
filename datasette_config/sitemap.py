"""Sitemaps (https://www.sitemaps.org/protocol.html): the index, and its parts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from xml.etree import ElementTree

from datasette_config.syndication import stamp

NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"

#: Entries: an address and when it last changed, where that is known.
Addresses = Iterable[tuple[str, datetime | None]]


def index(parts: Addresses) -> bytes:
    """The sitemap of sitemaps."""
    return _document("sitemapindex", "sitemap", parts)


def part(pages: Addresses) -> bytes:
    """A sitemap; the caller keeps it under 50,000 pages and 50 MB."""
    return _document("urlset", "url", pages)


def _document(root_name: str, name: str, entries: Addresses) -> bytes:
    root = ElementTree.Element(root_name, {"xmlns": NAMESPACE})
    for address, changed in entries:
        element = ElementTree.SubElement(root, name)
        ElementTree.SubElement(element, "loc").text = address
        if changed:
            ElementTree.SubElement(element, "lastmod").text = stamp(changed)
    document: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return document
