"""Elements by the marks a site system gives them: ``.class``, ``#id``, ``@itemprop=name``.

A mark may be led by a tag (``h1.entry-title``). Looked up in the page's bytes first, then all at
once in the tree: a search through bytes costs a hundredth of one through a tree.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from lxml import etree
from lxml.html import HtmlElement

from crawler.pages.document import Document

#: Elements by mark, each list in page order; marks that the page does not have are absent.
Marked = Mapping[str, Sequence[HtmlElement]]

_MARK = re.compile(
    r"(?P<tag>[a-z0-9]*)(?:\.(?P<class>[\w:-]+)|#(?P<id>[\w:-]+)|@(?P<name>[a-z-]+)=(?P<value>\w+))"
)


@dataclass(frozen=True, slots=True)
class _Mark:
    tag: str
    attribute: str
    value: str
    raw: bytes

    def fits(self, element: HtmlElement, values: Sequence[str]) -> bool:
        return self.value in values and (not self.tag or element.tag == self.tag)


def find_marks(doc: Document, marks: Iterable[str]) -> Marked:
    """The elements of each mark. Raises ValueError for what is no mark."""
    html = doc.html
    present = tuple(mark for mark in marks if _compiled(mark).raw in html)
    if not present:
        return {}
    elements = _query(present)(doc.root)
    found: dict[str, list[HtmlElement]] = {}
    wanted = [(mark, _compiled(mark)) for mark in present]
    for element in elements if isinstance(elements, list) else ():
        if not isinstance(element, HtmlElement):
            continue
        values: dict[str, Sequence[str]] = {}
        for mark, one in wanted:
            name = one.attribute
            if name not in values:
                values[name] = (element.get(name) or "").split()
            if one.fits(element, values[name]):
                found.setdefault(mark, []).append(element)
    return found


def first_of(marked: Marked, marks: Iterable[str]) -> HtmlElement | None:
    """The first element with the first of the marks that is there."""
    return next((marked[mark][0] for mark in marks if mark in marked), None)


def has_mark(doc: Document, *marks: str) -> bool:
    """The page has an element with one of the marks."""
    return bool(find_marks(doc, marks))


def carries(element: HtmlElement, names: frozenset[str]) -> bool:
    """One of the element's classes is one of ``names``."""
    classes = element.get("class")
    return classes is not None and not names.isdisjoint(classes.split())


@cache
def _compiled(mark: str) -> _Mark:
    match = _MARK.fullmatch(mark)
    if match is None:
        raise ValueError(f"{mark!r} is no mark such as .class, #id or @itemprop=name")
    for attribute in ("class", "id"):
        if match[attribute]:
            return _Mark(match["tag"], attribute, match[attribute], match[attribute].encode())
    return _Mark(match["tag"], match["name"], match["value"], match["value"].encode())


@lru_cache(maxsize=1000)
def _query(marks: tuple[str, ...]) -> etree.XPath:
    tests: dict[str, list[str]] = {}
    for one in map(_compiled, marks):
        tests.setdefault(one.attribute, []).append(f"contains(., '{one.value}')")
    wanted = " or ".join(f"@{name}[{' or '.join(parts)}]" for name, parts in tests.items())
    return etree.XPath(f"//*[{wanted}]")
