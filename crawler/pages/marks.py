"""Elements by the marks a site system gives them: ``.class``, ``#id``, ``@itemprop=name``.

A mark may be led by a tag (``h1.entry-title``). Looked up in the page's bytes first: most pages have
few of the names that are asked for, and a search through bytes costs a hundredth of one through a
tree.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from lxml import etree
from lxml.html import HtmlElement

from crawler.pages.document import Document

_MARK = re.compile(r"(?P<tag>[a-z0-9]*)(?P<kind>[.#]|@(?P<name>[a-z-]+)=)(?P<value>.+)")
_BY_CLASS = etree.XPath("//*[contains(@class, $value)]")
_BY_ID = etree.XPath("//*[@id = $value]")


def marked(doc: Document, mark: str) -> list[HtmlElement]:
    """All elements with a mark, in page order. Raises ValueError for what is no mark."""
    tag, name, value, raw, query = _compiled(mark)
    if raw not in doc.html:
        return []
    found = query(doc.root, value=value)
    if not isinstance(found, list):
        return []
    if name == "class":
        found = [element for element in found if value in element.get("class").split()]
    return [element for element in found if not tag or element.tag == tag]


def first_marked(doc: Document, marks: Iterable[str]) -> HtmlElement | None:
    """The first element with the first of the marks that the page has; None without any."""
    for mark in marks:
        found = marked(doc, mark)
        if found:
            return found[0]
    return None


def has_mark(doc: Document, *marks: str) -> bool:
    """The page has an element with one of the marks."""
    return first_marked(doc, marks) is not None


def carries(element: HtmlElement, names: frozenset[str]) -> bool:
    """One of the element's classes is one of ``names``."""
    classes = element.get("class")
    return classes is not None and not names.isdisjoint(classes.split())


@cache
def _compiled(mark: str) -> tuple[str, str, str, bytes, etree.XPath]:
    match = _MARK.fullmatch(mark)
    if match is None:
        raise ValueError(f"{mark!r} is no mark such as .class, #id or @itemprop=name")
    tag, kind, value = match["tag"], match["kind"], match["value"]
    if kind == ".":
        return tag, "class", value, value.encode(), _BY_CLASS
    if kind == "#":
        return tag, "id", value, value.encode(), _BY_ID
    query = etree.XPath(f"//*[@{match['name']} = $value]")
    return tag, match["name"], value, value.encode(), query
