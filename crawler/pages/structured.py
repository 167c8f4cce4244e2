"""What a page says of itself for machines: JSON-LD, microdata, OpenGraph, Dublin Core."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from crawler.pages.document import Document, line
from crawler.text import clean, html_to_text

#: schema.org types that are one text with a headline (schema.org/Article and its subtypes, and
#: names seen in the wild for press releases).
ARTICLES = frozenset(
    "article newsarticle reportagenewsarticle analysisnewsarticle backgroundnewsarticle "
    "opinionnewsarticle reviewnewsarticle blogposting liveblogposting report scholarlyarticle "
    "techarticle advertisercontentarticle satiricalarticle socialmediaposting "
    "pressrelease pressrelation specialannouncement".split()
)
VIDEOS = frozenset({"videoobject", "videoclip", "clip", "broadcastevent"})
EVENTS = frozenset(
    "event businessevent educationevent festival exhibitionevent socialevent publicationevent".split()
)
LISTS = frozenset({"collectionpage", "searchresultspage", "itemlist"})
#: Pages whose dates are those of the text when no article node says more (Yoast's WebPage).
_PAGES = frozenset({"webpage", "itempage", "newspage"})

Node = dict[str, Any]
_MAX_NODES = 2000
_MAX_SCRIPT = 2_000_000


@dataclass(frozen=True, slots=True)
class Fact:
    """One value and where it stood (``json-ld``, ``microdata``, ``meta`` …)."""

    value: str
    where: str


@dataclass(frozen=True, slots=True)
class Structured:
    """A page's own metadata. Each list holds candidates, the most trusted first."""

    #: lower-case schema.org types of the node that is the page's main thing
    types: frozenset[str] = frozenset()
    #: lower-case og:type
    og_type: str = ""
    site: str | None = None
    title: tuple[Fact, ...] = ()
    teaser: tuple[Fact, ...] = ()
    #: raw dates of first publication, unparsed
    published: tuple[Fact, ...] = ()
    #: raw dates that may be of the last change
    dated: tuple[Fact, ...] = ()
    author: tuple[Fact, ...] = ()
    section: tuple[Fact, ...] = ()
    image: tuple[Fact, ...] = ()
    language: str | None = None
    #: of a video: its whole description, its length and its views
    description: str | None = None
    duration_s: int | None = None
    views: int | None = None
    found: dict[str, str] = field(default_factory=dict)

    @property
    def is_article(self) -> bool:
        """The page says that it is one text."""
        return bool(self.types & ARTICLES) or self.og_type == "article"

    @property
    def is_video(self) -> bool:
        """The page says that it is one video."""
        if self.types & ARTICLES or self.og_type == "article":
            return False
        return bool(self.types & VIDEOS) or self.og_type.startswith("video")

    @property
    def is_event(self) -> bool:
        """The page says that it is one event."""
        return bool(self.types & EVENTS)

    @property
    def is_list(self) -> bool:
        """The page says that it lists others."""
        return bool(self.types & LISTS)


def read_structured(doc: Document) -> Structured:
    """Everything machine-readable of the page; empty fields where it says nothing."""
    ld_nodes = list(_graph(_json_ld(doc.root)))
    md_nodes = _microdata(doc.root)
    main_ld, main_md = _main_node(ld_nodes, doc), _main_node(md_nodes, doc)
    pages = [node for node in ld_nodes if _types(node) & _PAGES]
    facts: dict[str, list[Fact]] = {}

    def add(name: str, value: str | None, where: str) -> None:
        if value:
            facts.setdefault(name, []).append(Fact(value, where))

    for node, where in ((main_ld, "json-ld"), (main_md, "microdata")):
        if node is None:
            continue
        add("title", line(_text(node.get("headline")) or _text(node.get("name"))), where)
        add("teaser", clean(html_to_text(_text(node.get("description")) or "")), where)
        for key in ("datepublished", "uploaddate", "datecreated"):
            add("published", _text(node.get(key)), where)
        add("author", line(_names(node.get("author") or node.get("creator"))), where)
        add("section", line(_text(node.get("articlesection"))), where)
        add("image", _address(node.get("image") or node.get("thumbnailurl")), where)
    for names in (
        ("article:published_time", "og:article:published_time", "article:published"),
        ("datepublished", "date.published", "publish-date", "publish_date", "pubdate"),
        ("dcterms.issued", "dc.date.issued", "dcterms.created", "dc.date.created"),
        ("sailthru.date", "parsely-pub-date", "cxenseparse:recs:publishtime"),
        ("citation_publication_date",),
    ):
        add("published", doc.meta(*names), "meta")
    for page in pages:
        add("published", _text(page.get("datepublished")), "json-ld")
    # TYPO3 and others write the last change here: believed only where nothing better is found
    for name in ("dc.date", "dcterms.date", "date"):
        add("dated", doc.meta(name), "meta")
    for title in ("og:title", "twitter:title", "dc.title", "dcterms.title"):
        add("title", line(doc.meta(title)), "meta")
    for teaser in ("og:description", "description", "twitter:description", "dc.description"):
        add("teaser", clean(html_to_text(doc.meta(teaser) or "")), "meta")
    add("author", line(doc.meta("author", "article:author", "dc.creator", "dcterms.creator")), "meta")
    add("section", line(doc.meta("article:section")), "meta")
    add("image", doc.meta("og:image", "og:image:url", "twitter:image"), "meta")

    node = next(
        (node for node in (main_ld, main_md) if node is not None and _types(node) & VIDEOS), None
    )
    node = node if node is not None else {}
    return Structured(
        types=(_types(main_ld) if main_ld else frozenset())
        | (_types(main_md) if main_md else frozenset())
        or frozenset().union(*(_types(page) for page in ld_nodes if _types(page) & LISTS)),
        og_type=(doc.meta("og:type") or "").lower(),
        site=line(doc.meta("og:site_name", "application-name")),
        description=html_to_text(_text(node.get("description")) or "") or None,
        duration_s=parse_duration(_text(node.get("duration")) or ""),
        views=_views(node),
        language=doc.language,
        **{name: tuple(facts.get(name, ())) for name in _FACTS},  # type: ignore[arg-type]
    )


_FACTS = ("title", "teaser", "published", "dated", "author", "section", "image")


# JSON-LD -----------------------------------------------------------------------------------


def _json_ld(root: HtmlElement) -> Iterator[Any]:
    for script in root.iter("script"):
        if "ld+json" in (script.get("type") or "").lower():
            yield from parse_json_ld(script.text or "")


def parse_json_ld(text: str) -> list[Any]:
    """The JSON values of one script: mended where it is broken in one of the known ways.

    Known: comment or CDATA wrapping, raw line ends in strings, trailing commas and semicolons,
    several values after one another. What stays unreadable gives its flat article fields only.
    """
    text = text[:_MAX_SCRIPT].strip()
    text = re.sub(r"^\s*(?:<!--|//\s*<!\[CDATA\[|/\*\s*<!\[CDATA\[\s*\*/|<!\[CDATA\[)", "", text)
    text = re.sub(r"(?:-->|//\s*\]\]>|/\*\s*\]\]>\s*\*/|\]\]>)\s*$", "", text).strip()
    for attempt in (text, re.sub(r",(\s*[}\]])", r"\1", text)):
        values, whole = _json_values(attempt)
        if whole:
            return values
    return values or _flat_fields(text)


def _json_values(text: str) -> tuple[list[Any], bool]:
    decoder = json.JSONDecoder(strict=False)
    values: list[Any] = []
    position = 0
    while position < len(text):
        if text[position] in " \t\r\n;,":
            position += 1
            continue
        try:
            value, position = decoder.raw_decode(text, position)
        except (json.JSONDecodeError, RecursionError):
            return values, False
        values.append(value)
    return values, True


def _flat_fields(text: str) -> list[Any]:
    """The plain string fields of broken JSON-LD about exactly one article."""
    node: Node = {}
    for key in ("@type", "headline", "datePublished", "description"):
        matches = re.findall(rf'"{key}"\s*:\s*"((?:[^"\\\n]|\\.){{1,1000}})"\s*[,}}\n]', text)
        if key in {"headline", "datePublished"} and len(matches) > 1:
            return []
        for match in matches:
            if key != "@type" or match.lower() in ARTICLES:
                node.setdefault(key, match.replace('\\"', '"').replace("\\/", "/"))
    return [node] if "@type" in node else []


def _graph(values: Iterable[Any]) -> Iterator[Node]:
    """All nodes that can be the page itself, keys in lower case, depth first."""
    stack = list(reversed(list(values)))
    seen = 0
    while stack and seen < _MAX_NODES:
        value = stack.pop()
        seen += 1
        if isinstance(value, list):
            stack.extend(reversed(value))
        elif isinstance(value, dict):
            node = {str(key).lower().removeprefix("schema:"): item for key, item in value.items()}
            if "@type" in node:
                yield node
            for key in ("mainentityofpage", "mainentity", "video", "@graph"):
                if isinstance(node.get(key), dict | list):
                    stack.append(node[key])


def _types(node: Node) -> frozenset[str]:
    named = node.get("@type")
    if isinstance(named, str):
        named = [named]
    if not isinstance(named, list):
        return frozenset()
    return frozenset(
        re.split(r"[/#:]", item.strip().rstrip("/"))[-1].lower()
        for item in named
        if isinstance(item, str)
    )


def _main_node(nodes: list[Node], doc: Document) -> Node | None:
    """The node that is the page: one text, or one event, or one video; never one of many teasers."""
    for kinds in (ARTICLES, EVENTS, VIDEOS):
        found = [node for node in nodes if _types(node) & kinds]
        if len(found) > 1:
            found = [node for node in found if _is_this_page(node, doc)]
        if kinds is VIDEOS and nodes and found and not _is_this_page(found[0], doc):
            continue
        if found:
            return found[0]
    return None


def _is_this_page(node: Node, doc: Document) -> bool:
    """The node's address or headline is the page's."""
    addresses = [node.get("url"), node.get("@id"), node.get("mainentityofpage")]
    here = {_plain_address(doc.url), _plain_address(_canonical(doc))}
    for address in addresses:
        if isinstance(address, dict):
            address = address.get("@id")
        if isinstance(address, str) and _plain_address(doc.link(address) or "") in here:
            return True
    title = clean((_text(node.get("headline")) or _text(node.get("name")) or "")[:1000])
    page = " ".join(filter(None, (doc.title_tag, doc.meta("og:title"))))
    return bool(title) and len(title or "") > 5 and (title or "").casefold() in page.casefold()


def _canonical(doc: Document) -> str:
    for element in doc.root.iter("link"):
        if "canonical" in (element.get("rel") or "").lower().split():
            return doc.link(element.get("href")) or doc.url
    return doc.url


def _plain_address(url: str) -> tuple[str, str, str]:
    parts = urlsplit(url)
    return parts.netloc.removeprefix("www."), parts.path.rstrip("/"), parts.query


# Microdata -----------------------------------------------------------------------------------


def _microdata(root: HtmlElement) -> list[Node]:
    """Top-level items as nodes like those of JSON-LD."""
    items = root.xpath("//*[@itemscope][@itemtype][not(@itemprop) or @itemprop='mainEntity']")
    return [_item(item) for item in items[:200] if isinstance(item, HtmlElement)]


def _item(item: HtmlElement, depth: int = 0) -> Node:
    node: Node = {"@type": (item.get("itemtype") or "").split()}
    stack = list(reversed(item))
    while stack:
        element = stack.pop()
        if not isinstance(element.tag, str):
            continue
        names = (element.get("itemprop") or "").lower().split()
        nested = element.get("itemscope") is not None
        if names:
            value: Any = _item(element, depth + 1) if nested and depth < 4 else _value(element)
            for name in names:
                _append(node, name, value)
        if not nested:
            stack.extend(reversed(element))
    return node


def _append(node: Node, name: str, value: Any) -> None:
    if name not in node:
        node[name] = value
    elif isinstance(node[name], list):
        node[name].append(value)
    else:
        node[name] = [node[name], value]


def _value(element: HtmlElement) -> str:
    for attribute in ("content", "datetime"):
        if element.get(attribute) is not None:
            return str(element.get(attribute))
    if element.tag in {"a", "link"} and element.get("href") is not None:
        return str(element.get("href"))
    if element.tag in {"img", "video", "source", "iframe"} and element.get("src") is not None:
        return str(element.get("src"))
    return str(element.text_content())


# Values -----------------------------------------------------------------------------------


def _text(value: Any) -> str | None:
    """The first plain text of a property that may be a text, a number, a list or a node."""
    if isinstance(value, list):
        return next((text for text in map(_text, value) if text), None)
    if isinstance(value, dict):
        return _text(value.get("@value"))
    if isinstance(value, bool) or value is None:
        return None
    return str(value).strip() or None


def _names(value: Any) -> str | None:
    """Names of persons or bodies, in order, each once."""
    values = value if isinstance(value, list) else [value]
    names: list[str] = []
    for item in values[:20]:
        if isinstance(item, dict):
            item = item.get("name") or item.get("Name")
        name = clean(_text(item) or "")
        if name and "://" not in name and name not in names:
            names.append(name)
    return ", ".join(names) or None


def _address(value: Any) -> str | None:
    if isinstance(value, list):
        return next((address for address in map(_address, value) if address), None)
    if isinstance(value, dict):
        return _text(value.get("url") or value.get("contentUrl") or value.get("@id"))
    return _text(value)


_DURATION = re.compile(
    r"P?(?:(\d+)\s*D)?T?(?:(\d+)\s*H)?(?:(\d+)\s*M(?:IN)?)?(?:(\d+)(?:[.,]\d+)?\s*S?(?:EC)?)?$"
)


def parse_duration(raw: str) -> int | None:
    """Whole seconds of ISO 8601 (``PT1H32M20S``), of ``1:32:20``, or of a plain number.

    Also the malformed ones that sites write: ``PT156S``, ``PT00H02M22S``, ``T2M22S``, ``PT2M22``.
    None for anything else and for nothing (``PT0S`` is how players say that they do not know).
    """
    text = re.sub(r"\s+", "", raw[:40]).upper()
    if clock := re.fullmatch(r"(?:PT?)?(?:(\d{1,2}):)?(\d{1,3}):(\d{2})(?:\.\d+)?", text):
        hours, minutes, seconds = (int(part or 0) for part in clock.groups())
        return hours * 3600 + minutes * 60 + seconds or None
    if not any(character.isdigit() for character in text):
        return None
    match = _DURATION.fullmatch(text)
    if match is None:
        return None
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return ((days * 24 + hours) * 60 + minutes) * 60 + seconds or None


def _views(node: Node) -> int | None:
    """schema.org ``interactionCount`` or the WatchAction of ``interactionStatistic``."""
    statistics = node.get("interactionstatistic")
    for item in statistics if isinstance(statistics, list) else [statistics]:
        if isinstance(item, dict):
            low = {key.lower(): value for key, value in item.items()}
            action = low.get("interactiontype")
            action = action.get("@type") if isinstance(action, dict) else action
            if action is None or "watch" in str(action).lower():
                return _count(_text(low.get("userinteractioncount")))
    for value in _as_list(node.get("interactioncount")):
        text = _text(value)
        if text and not re.search(r"like|comment|share", text, re.I):
            return _count(text)
    return None


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _count(text: str | None) -> int | None:
    match = re.search(r"\d[\d.,\s']*", text or "")
    digits = re.sub(r"\D", "", match.group(0)) if match else ""
    return int(digits) if 0 < len(digits) <= 15 else None
