"""OPML 2.0 (http://opml.org/spec2.opml): our feeds as a tree that feed readers import."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from xml.etree import ElementTree

from datasette_config.syndication import clean


@dataclass(frozen=True, slots=True)
class Line:
    """A feed by its path and the path of its page; without them a folder of further lines."""

    text: str
    feed: str | None = None
    page: str | None = None
    lines: tuple[Line, ...] = ()


def opml(title: str, lines: Sequence[Line], *, origin: str, changed: datetime) -> bytes:
    """The document; ``origin`` stands before every path."""
    root = ElementTree.Element("opml", {"version": "2.0"})
    head = ElementTree.SubElement(root, "head")
    ElementTree.SubElement(head, "title").text = clean(title)
    ElementTree.SubElement(head, "dateModified").text = format_datetime(changed)
    body = ElementTree.SubElement(root, "body")
    for line in lines:
        _add(body, line, origin)
    document: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return document


def _add(parent: ElementTree.Element, line: Line, origin: str) -> None:
    text = clean(line.text)
    attributes = {"text": text, "title": text}
    if line.feed and line.page:
        # "rss" is what the specification calls a feed of any format.
        attributes |= {
            "type": "rss", "version": "ATOM", "language": "de",
            "xmlUrl": origin + line.feed, "htmlUrl": origin + line.page,
        }  # fmt: skip
    element = ElementTree.SubElement(parent, "outline", attributes)
    for further in line.lines:
        _add(element, further, origin)
