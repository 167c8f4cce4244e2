"""schema.org statements of a page as plain nodes: JSON-LD (broken or not) and microdata."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from lxml import etree
from lxml.html import HtmlElement

from crawler.pages.document import elements
from crawler.text import clean

#: One schema.org node: property names in lower case, ``@type`` beside them.
Node = dict[str, Any]
_MAX_NODES = 2000
_MAX_SCRIPT = 2_000_000
_MAX_ITEMS = 200
#: Items in items are read so deep (an article's author's image).
_DEEPEST = 4
# By way of the attributes: that is three times as fast as asking each element for them.
_ITEMS = etree.XPath("//@itemtype/parent::*[@itemscope][not(@itemprop) or @itemprop='mainEntity']")
_PROPERTIES = etree.XPath("descendant::*/@itemprop/..")
#: How scripts are wrapped against old browsers; the end is no longer than the last so many letters.
_OPENED = re.compile(r"^\s*(?:<!--|//\s*<!\[CDATA\[|/\*\s*<!\[CDATA\[\s*\*/|<!\[CDATA\[)")
_CLOSED = re.compile(r"(?:-->|//\s*\]\]>|/\*\s*\]\]>\s*\*/|\]\]>)\s*$")
_CLOSING = 40


def json_ld_nodes(scripts: Iterable[HtmlElement]) -> list[Node]:
    """All JSON-LD nodes of these scripts that can be the page itself, in their order."""
    return list(_graph(_json_ld(scripts)))


# JSON-LD -----------------------------------------------------------------------------------


def _json_ld(scripts: Iterable[HtmlElement]) -> Iterator[Any]:
    for script in scripts:
        if "ld+json" in (script.get("type") or "").lower():
            yield from parse_json_ld(script.text or "")


def parse_json_ld(text: str) -> list[Any]:
    """The JSON values of one script: mended where it is broken in one of the known ways.

    Known: comment or CDATA wrapping, raw line ends in strings, trailing commas and semicolons,
    several values after one another. What stays unreadable gives its flat article fields only.
    """
    text = text[:_MAX_SCRIPT].strip()
    values, whole = _json_values(text)
    if whole:
        return values
    text = _OPENED.sub("", text)
    text = (text[:-_CLOSING] + _CLOSED.sub("", text[-_CLOSING:])).strip()
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
            if key != "@type" or match.lower().endswith(("article", "posting", "release")):
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


def types_of(node: Node) -> frozenset[str]:
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


# Microdata -----------------------------------------------------------------------------------


def microdata_nodes(root: HtmlElement, wanted: frozenset[str]) -> list[Node]:
    """Top-level items of the ``wanted`` types (lower case) as nodes like those of JSON-LD."""
    items = elements(_ITEMS, root)[:_MAX_ITEMS]
    return [_item(item) for item in items if _types_of_item(item) & wanted]


def _types_of_item(item: HtmlElement) -> frozenset[str]:
    return types_of({"@type": (item.get("itemtype") or "").split()})


def _item(item: HtmlElement, depth: int = 0) -> Node:
    node: Node = {"@type": (item.get("itemtype") or "").split()}
    for element in elements(_PROPERTIES, item):
        if _owner(element) is not item:
            continue
        names = (element.get("itemprop") or "").lower().split()
        # the text itself is read from its place, not from here
        if not names or names == ["articlebody"]:
            continue
        nested = element.get("itemscope") is not None and depth < _DEEPEST
        value: Any = _item(element, depth + 1) if nested else _value(element)
        for name in names:
            _append(node, name, value)
    return node


def _owner(element: HtmlElement) -> HtmlElement | None:
    """The item that a property belongs to: the nearest one around it."""
    return next(
        (above for above in element.iterancestors() if above.get("itemscope") is not None), None
    )


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


def text_of_value(value: Any) -> str | None:
    """The first plain text of a property that may be a text, a number, a list or a node."""
    if isinstance(value, list):
        return next((text for text in map(text_of_value, value) if text), None)
    if isinstance(value, dict):
        return text_of_value(value.get("@value"))
    if isinstance(value, bool) or value is None:
        return None
    return str(value).strip() or None


def names_of(value: Any) -> str | None:
    """Names of persons or bodies, in order, each once."""
    values = value if isinstance(value, list) else [value]
    names: list[str] = []
    for item in values[:20]:
        if isinstance(item, dict):
            item = item.get("name") or item.get("Name")
        name = clean(text_of_value(item) or "")
        if name and not _NO_NAME.search(name) and name not in names:
            names.append(name)
    return ", ".join(names) or None


def address_of(value: Any) -> str | None:
    if isinstance(value, list):
        return next((address for address in map(address_of, value) if address), None)
    if isinstance(value, dict):
        return text_of_value(value.get("url") or value.get("contentUrl") or value.get("@id"))
    return text_of_value(value)


#: Addresses of profiles, and the account that a system was set up with.
_NO_NAME = re.compile(r"://|^(?:admin|administrator|root|user|typo3)\d*$", re.I)


def views_of(node: Node) -> int | None:
    """schema.org ``interactionCount`` or the WatchAction of ``interactionStatistic``."""
    statistics = node.get("interactionstatistic")
    for item in statistics if isinstance(statistics, list) else [statistics]:
        if isinstance(item, dict):
            low = {key.lower(): value for key, value in item.items()}
            action = low.get("interactiontype")
            action = action.get("@type") if isinstance(action, dict) else action
            if action is None or "watch" in str(action).lower():
                return _count(text_of_value(low.get("userinteractioncount")))
    for value in _as_list(node.get("interactioncount")):
        text = text_of_value(value)
        if text and not re.search(r"like|comment|share", text, re.I):
            return _count(text)
    return None


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _count(text: str | None) -> int | None:
    match = re.search(r"\d[\d.,\s']*", text or "")
    digits = re.sub(r"\D", "", match.group(0)) if match else ""
    return int(digits) if 0 < len(digits) <= 15 else None
