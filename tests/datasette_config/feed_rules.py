"""The rules by which the W3C feed validator and the JSON Feed specification judge a document."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

ATOM = "{http://www.w3.org/2005/Atom}"
TOMBSTONE = "{http://purl.org/atompub/tombstones/1.0}deleted-entry"
#: RFC 3339 as RFC 4287, section 3.3 narrows it: capital T and Z.
_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)")
#: RFC 4151: authority (host or mail address), a day, something specific.
_TAG = re.compile(r"tag:[a-z0-9.@-]+,\d{4}(?:-\d\d){0,2}:[^\s#]+")
_ONCE = {
    "feed": {"id", "title", "updated", "subtitle", "generator", "icon", "logo", "rights"},
    "entry": {"id", "title", "updated", "published", "summary", "content", "rights", "source"},
}
_MAY_REPEAT = {
    "feed": {"author", "category", "contributor", "link", "entry", TOMBSTONE},
    "entry": {"author", "category", "contributor", "link"},
}


def atom_faults(document: bytes, address: str) -> list[str]:
    """What is wrong with an Atom document that was fetched from ``address``; empty if nothing."""
    root = ElementTree.fromstring(document)
    faults = [] if root.tag == f"{ATOM}feed" else [f"the root is {root.tag}"]
    faults += _element(root, "feed")
    own = [link.get("href") for link in root.findall(f"{ATOM}link") if link.get("rel") == "self"]
    if own != [address]:
        faults.append(f"self link {own} is not {address}")
    entries = root.findall(f"{ATOM}entry")
    if root.find(f"{ATOM}author") is None:
        faults += ["no author" for entry in entries if entry.find(f"{ATOM}author") is None]
    ids = [entry.findtext(f"{ATOM}id") for entry in entries]
    faults += ["an id twice"] if len(ids) != len(set(ids)) else []
    faults += [fault for deleted in root.findall(TOMBSTONE) for fault in _tombstone(deleted)]
    for entry in entries:
        faults += _element(entry, "entry")
        if entry.find(f"{ATOM}content") is None and "alternate" not in _rels(entry):
            faults.append("an entry without content needs an alternate link")
    return faults


def _element(element: ElementTree.Element, kind: str) -> Iterator[str]:
    names = [child.tag.removeprefix(ATOM) for child in element]
    for name in ("id", "title", "updated"):
        if name not in names:
            yield f"{kind} without {name}"
    for name in _ONCE[kind]:
        if names.count(name) > 1:
            yield f"{kind}: {name} more than once"
    yield from (f"{kind}: unknown {name}" for name in set(names) - _ONCE[kind] - _MAY_REPEAT[kind])
    for child in element:
        name = child.tag.removeprefix(ATOM)
        text = child.text or ""
        if name in ("updated", "published"):
            if not _DATE.fullmatch(text):
                yield f"{name}: {text!r} is no date"
            elif datetime.fromisoformat(text).year < 1970:
                yield f"{name}: {text} is implausible"
        if name == "id" and not _TAG.fullmatch(text):
            yield f"id {text!r} is no tag URI"
        if name == "title" and not text.strip():
            yield "empty title"
        if name == "author" and not (child.findtext(f"{ATOM}name") or "").strip():
            yield "author without name"
        if name == "category" and not child.get("term"):
            yield "category without term"
        if name == "link":
            parts = urlsplit(child.get("href") or "")
            if parts.scheme not in ("http", "https") or not parts.hostname:
                yield f"link {child.get('href')!r} is not absolute"
        if name == "summary" and child.get("type", "text") not in ("text", "html", "xhtml"):
            yield f"summary of type {child.get('type')}"
    alternates = [
        (link.get("type"), link.get("hreflang"))
        for link in element.findall(f"{ATOM}link")
        if link.get("rel", "alternate") == "alternate"
    ]
    if len(alternates) != len(set(alternates)):
        yield f"{kind}: two alternate links of one type and language"


def _tombstone(deleted: ElementTree.Element) -> Iterator[str]:
    """RFC 6721, section 3: which entry, and when."""
    if not _TAG.fullmatch(deleted.get("ref") or ""):
        yield f"deleted-entry of {deleted.get('ref')!r}"
    if not _DATE.fullmatch(deleted.get("when") or ""):
        yield f"deleted-entry at {deleted.get('when')!r}"


def _rels(element: ElementTree.Element) -> list[str]:
    return [link.get("rel", "alternate") for link in element.findall(f"{ATOM}link")]


def json_faults(document: dict[str, Any], address: str) -> list[str]:
    """What is wrong with a JSON Feed that was fetched from ``address``; empty if nothing."""
    faults: list[str] = []
    top = {"version": str, "title": str, "home_page_url": str, "feed_url": str,
           "description": str, "next_url": str, "icon": str, "favicon": str, "authors": list,
           "language": str, "expired": bool, "items": list}  # fmt: skip
    of_item = {"id": str, "url": str, "external_url": str, "title": str, "content_html": str,
               "content_text": str, "summary": str, "image": str, "banner_image": str,
               "date_published": str, "date_modified": str, "authors": list, "tags": list,
               "language": str, "attachments": list}  # fmt: skip
    objects: list[tuple[dict[str, Any], dict[str, type], str]] = [(document, top, "feed")]
    objects += [(item, of_item, "item") for item in document["items"]]
    for found, known, what in objects:
        for name, value in found.items():
            if name.startswith("_"):
                faults += [] if isinstance(value, dict) else [f"{name} is no object"]
            elif not isinstance(value, known.get(name, type(None))):
                faults.append(f"{what}: {name}={value!r}")
            if name.endswith("url") and urlsplit(value).scheme not in ("http", "https"):
                faults.append(f"{what}: {name} {value!r} is not absolute")
            if name.startswith("date_") and not _DATE.fullmatch(value):
                faults.append(f"{what}: {name} {value!r} is no date")
    if document.get("version") != "https://jsonfeed.org/version/1.1":
        faults.append("version")
    faults += [] if document.get("title") else ["no title"]
    if document.get("feed_url") != address:
        faults.append(f"feed_url {document.get('feed_url')} is not {address}")
    for item in document["items"]:
        faults += [] if _TAG.fullmatch(item.get("id", "")) else ["item without id"]
        if "content_html" not in item and "content_text" not in item:
            faults.append("item without content")
    ids = [item["id"] for item in document["items"]]
    return [*faults, *(["an id twice"] if len(ids) != len(set(ids)) else [])]
