"""Lists of feeds as OPML 2.0 (opml.org/spec2.opml), as feed readers exchange them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlsplit

from lxml import etree

from crawler.source_files import is_id, source_id
from crawler.text import clean, fold
from crawler.urls import UrlError, canonical_url
from store.errors import RadarError
from store.types import STATES, Source

#: Of our own attributes: OPML 2.0 lets a program add what it needs in a namespace. Other programs
#: pass over them; with them our own catalogue comes back as it was.
NAMESPACE = "https://kommunalradar.example/ns/opml"
_OWN = (
    "id", "kind", "publisher", "land", "licence", "display", "relevance", "schedule", "reference",
    "page", "follow", "min_items", "checked",
)  # fmt: skip
#: Categories of sources without a Land, and what they say.
_PRESS = "Fachpresse und Podcasts"
_MAX_BYTES = 15_000_000
_MAX_DEPTH = 20


class OpmlError(RadarError):
    """A file in which no list of feeds is readable; the message says what it is instead."""


@dataclass(frozen=True, slots=True)
class Import:
    """The sources of an OPML file, and one line for each outline that had to be left out."""

    sources: tuple[Source, ...]
    skipped: tuple[str, ...]


def as_opml(sources: Iterable[Source], *, now: datetime) -> bytes:
    """The catalogue for feed readers: a category a Land, our own facts in a namespace.

    Mail sources have no address that another program could read, and are left out.
    """
    root = etree.Element("opml", nsmap={"radar": NAMESPACE}, version="2.0")
    head = etree.SubElement(root, "head")
    etree.SubElement(head, "title").text = "Kommunalradar"
    etree.SubElement(head, "dateCreated").text = format_datetime(now)
    body = etree.SubElement(root, "body")
    by_land: dict[str | None, list[Source]] = {}
    for source in sorted(sources, key=lambda source: source.id):
        if source.kind != "mail":
            by_land.setdefault(source.land, []).append(source)
    for land in [land for land in (None, *STATES) if land in by_land]:
        name = STATES[land] if land else _PRESS
        category = etree.SubElement(body, "outline", text=name, title=name)
        for source in by_land.pop(land):
            category.append(_outline(source))
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _outline(source: Source) -> etree._Element:
    outline = etree.Element(
        "outline",
        text=source.name,
        title=source.name,
        htmlUrl=source.homepage,
    )
    # what no feed reader could read is a link to them, and has no xmlUrl
    is_feed = source.kind in ("feed", "video")
    outline.set("type", "rss" if is_feed else "link")
    outline.set("xmlUrl" if is_feed else "url", source.url)
    defaults = {field.name: field.default for field in fields(Source)}
    for name in _OWN:
        value = getattr(source, name)
        if value is not None and value != defaults.get(name):
            outline.set(
                f"{{{NAMESPACE}}}{name}", str(value).lower() if value is False else str(value)
            )
    return outline


def read_opml(data: bytes, *, known: Sequence[Source] = ()) -> Import:
    """The feeds of an OPML file as sources that are new to ``known``.

    The category (an outline around the feed, or its ``category``) gives the Land where it names
    one. What OPML does not know is set so that least is shown: licence ``press``, display
    ``headline``, relevance ``topic``. Raises OpmlError if the file is no OPML.
    """
    found: list[Source] = []
    skipped: list[str] = []
    ids = {source.id for source in known}
    urls = {_key(source.url): source.id for source in known if source.kind != "mail"}
    for outline, categories in _outlines(_body(data), ()):
        name = clean(outline.get("title") or outline.get("text")) or ""
        url = _list_address(outline) or ""
        try:
            source = _source(outline, name, url, categories)
        except UrlError as error:
            skipped.append(f"“{name or url}”: {error}")
            continue
        if other := urls.get(_key(source.url)):
            skipped.append(f"“{name or url}”: {other} has this address already")
            continue
        source = replace(source, id=_free(source.id, ids))
        ids.add(source.id)
        urls[_key(source.url)] = source.id
        found.append(source)
    return Import(tuple(found), tuple(skipped))


def _body(data: bytes) -> etree._Element:
    if len(data) > _MAX_BYTES:
        raise OpmlError(f"the file has {len(data) / 1e6:.0f} MB, no list of feeds is that long")
    if b"<!ENTITY" in data:
        raise OpmlError("the file declares entities, which no list of feeds needs")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True)
    try:
        root = etree.fromstring(data.strip() or b"<none/>", parser)
    except etree.XMLSyntaxError as error:
        raise OpmlError(f"no XML: {error}") from error
    body = root.find("body") if root is not None and root.tag == "opml" else None
    if body is None:
        raise OpmlError("no OPML: an OPML file is <opml> with a <body> of <outline>")
    return body


def _outlines(
    parent: etree._Element, categories: tuple[str, ...]
) -> Iterable[tuple[etree._Element, tuple[str, ...]]]:
    for outline in parent.findall("outline"):
        if _list_address(outline):
            yield outline, categories
        elif len(categories) < _MAX_DEPTH:
            name = clean(outline.get("title") or outline.get("text"))
            yield from _outlines(outline, (*categories, name) if name else categories)


def _list_address(outline: etree._Element) -> str | None:
    """The feed's address, or that of a list which only we can read."""
    ours = outline.get("url") if outline.get(f"{{{NAMESPACE}}}kind") else None
    address = outline.get("xmlUrl") or outline.get("xmlurl") or ours or ""
    return address.strip() or None


def _source(outline: etree._Element, name: str, url: str, categories: tuple[str, ...]) -> Source:
    canonical_url(url)  # raises UrlError for what is no address of the web
    parts = urlsplit(url)
    homepage = (outline.get("htmlUrl") or "").strip()
    try:
        canonical_url(homepage)
    except UrlError:
        homepage = f"{parts.scheme}://{parts.netloc}/"
    own: dict[str, Any] = {key: outline.get(f"{{{NAMESPACE}}}{key}") for key in _OWN}
    own = {key: value for key, value in own.items() if value is not None}
    if not is_id(own.get("id", "-")):
        own.pop("id", None)
    if "follow" in own:
        own["follow"] = own["follow"] != "false"
    if "min_items" in own:
        digits = own.pop("min_items")
        own |= {"min_items": int(digits)} if digits.isdigit() else {}
    words = [*categories, *(outline.get("category") or "").replace(",", "/").split("/")]
    land = own.pop("land", None) or _land(words)
    host = parts.hostname or url
    facts: dict[str, Any] = {
        "id": source_id(host, land=land),
        "name": name or host,
        "publisher": name or host,
        "kind": "feed",
        "licence": "press",
        "display": "headline",
        "relevance": "topic",
        "schedule": "adaptive",
        "reference": homepage,
        **own,
    }
    return Source(homepage=homepage, url=url, land=land if land in STATES else None, **facts)


def _land(words: Iterable[str]) -> str | None:
    """The Land that a category names, by its name or its code."""
    for word in words:
        for code, name in STATES.items():
            if fold(word) in (fold(name), fold(code)):
                return code
    return None


def _key(url: str) -> str:
    """What two addresses of one list have in common."""
    return canonical_url(url).partition("://")[2].removeprefix("www.").rstrip("/")


def _free(wanted: str, taken: set[str]) -> str:
    name, number = wanted, 2
    while name in taken:
        name, number = f"{wanted}_{number}", number + 1
    return name
