"""The headline of a page apart from its kicker and from the site's name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from lxml.html import HtmlElement

from crawler.pages.blocks import is_hidden, read_blocks, text_of
from crawler.pages.document import MAX_LINE, Document
from crawler.pages.kicker import kicker_above, split_heading
from crawler.pages.naming import (
    NOT_HEADLINES,
    Names,
    agreement,
    is_site_name,
    parts_of,
    shares_words,
    strip_site,
)
from crawler.pages.structured import Structured
from crawler.text import fold
from crawler.urls import is_home

#: An h1 that reads as metadata calls the page; no other heading can agree better.
_SURE = 4
#: … or as the longest part of ``<title>``.
_PART = 3.5
_SHORTEST = 3
#: A headline under a kicker has more letters.
_LEAST = 12
_MOST = 200
#: How style sheets call what only screen readers read.
_UNSEEN = re.compile(
    r"(?:^|[\s_-])(?:sr-only|visually-?hidden|text-hide|screen-?reader\w*|versteckt|hidden|invisible"
    r"|off-?screen|aural)(?:$|[\s_-])",
    re.I,
)
_MARGINS = frozenset({"nav", "aside", "footer", "form", "dialog", "li"})
_MARGIN = re.compile(
    r"(?:^|[\s_-])(?:side\w*|nav\w*|menu\w*|foot\w*|widget\w*|cookie\w*|consent\w*|search\w*|login"
    r"|modal|popup|newsletter)(?:$|[\s_-])",
    re.I,
)
_GAP = re.compile(r"\s:(?=\s)")
#: How theme authors call the heading that is the site's name.
_SITES = re.compile(r"(?:^|[\s_-])(?:logo|site[_-]?(?:title|name|branding))(?:$|[\s_-])", re.I)


@dataclass(frozen=True, slots=True)
class Headline:
    """A page's headline, the short line that stood with it, and the element it was read from."""

    title: str | None
    kicker: str | None = None
    element: HtmlElement | None = None
    where: str = ""


def read_headline(
    doc: Document,
    facts: Structured,
    *,
    structural_kicker: bool = False,
    preferred: HtmlElement | None = None,
) -> Headline:
    """The headline as the page shows it.

    The h1 or h2 that agrees with ``<title>``, og:title or JSON-LD wins; a heading alone counts if
    it is the only h1. ``structural_kicker`` takes a short line directly over the headline for its
    kicker even if no class name says so: for site systems that are known to set one.
    ``preferred`` is where the site system keeps its headline.
    """
    named = list(dict.fromkeys(fact.value for fact in facts.title))
    site = facts.site or ""
    names = Names.of(doc, named, site)
    best: tuple[float, HtmlElement, str] | None = None
    headings: list[tuple[HtmlElement, str]] = []
    if preferred is not None and len(text := text_of(preferred)) in range(_SHORTEST, MAX_LINE):
        # where metadata call the page otherwise, another heading that agrees is better
        best = (_SURE if agreement(text, names) or not named else 0.1, preferred, text)
    for element, text in _headings(doc) if best is None or best[0] < _SURE else ():
        headings.append((element, text))
        score = agreement(text, names)
        if score and element.tag == "h1":
            score += 0.5
        if score and (best is None or score > best[0]):
            best = (score, element, text)
            if score > _SURE:
                break
    if best is None or best[0] < _PART:
        best = _third(doc, names) or best
    if best is None:
        firsts = [pair for pair in headings if pair[0].tag == "h1"]
        firsts = [pair for pair in firsts if not is_site_name(pair[1], doc, site)]
        if len(firsts) > 1:
            inside = [pair for pair in firsts if _in_text(pair[0])][:1]
            firsts = inside or [pair for pair in firsts if shares_words(pair[1], names)][:1]
        if len(firsts) == 1 and (not named or len(firsts[0][1]) > 12):
            best = (0.0, *firsts[0])
    if best is None:
        told = _without_heading(doc, facts)
        best = None if named or told.element is not None else _first_over_text(headings)
    if best is None:
        return told
    _, element, text = best
    names_of_page = (*named, strip_site(doc.title_tag or "", site, doc.host))
    if below := _second_line(doc, element, text, names_of_page):
        return Headline(below[1], text, below[0], str(below[0].tag))
    title, kicker = split_heading(element, text, named, doc.title_tag or "", site, doc.host)
    if kicker is None:
        kicker = kicker_above(element, structural_kicker)
    # markup between kicker and headline leaves a gap that German does not set, but French does
    if doc.language == "de":
        title = _GAP.sub(":", title)
    return Headline(title[:MAX_LINE], kicker, element, str(element.tag))


def _without_heading(doc: Document, facts: Structured) -> Headline:
    host = doc.host
    title, where = None, ""
    for fact in facts.title:
        stripped = strip_site(fact.value, facts.site, host) if facts.site else fact.value
        if len(stripped) >= _SHORTEST and not is_site_name(stripped, doc, facts.site or ""):
            title, where = stripped, fact.where
            break
    if title is None and doc.title_tag:
        title, where = strip_site(doc.title_tag, facts.site, host), "title"
        longest = max(parts_of(doc.title_tag), key=len, default=title)
        if (element := _shown(doc, longest)) is not None:
            return Headline(longest, None, element, where)
    return Headline(title, None, _shown(doc, title) if title else None, where)


def _second_line(
    doc: Document, first: HtmlElement, kicker: str, names: tuple[str, ...]
) -> tuple[HtmlElement, str] | None:
    """The next heading, where the first is its kicker, as the page's name „K: headline“ tells."""
    split = [name.partition(": ") for name in names if ": " in name]
    tails = [fold(tail) for head, _, tail in split if fold(head) == fold(kicker)]
    if not tails:
        return None
    place = next((i for i, one in enumerate(doc.headings) if one is first), len(doc.headings))
    for element in doc.headings[place + 1 : place + 2]:
        text = text_of(element)
        if len(text) > _LEAST and any(tail.startswith(fold(text)) for tail in tails):
            return element, text[:MAX_LINE]
    return None


def _shown(doc: Document, title: str) -> HtmlElement | None:
    """The element that shows the headline without being a heading."""
    key = fold(title)
    body = doc.root.find("body")
    if len(key) < 8 or body is None:
        return None
    for block in read_blocks(body):
        if not block.is_linked and fold(block.text) == key:
            return block.element
    return None


def _first_over_text(
    headings: list[tuple[HtmlElement, str]],
) -> tuple[float, HtmlElement, str] | None:
    """The first h2 that readers see outside menus and margins.

    A page whose metadata say nothing, and whose ``<title>`` none of its headings repeats, calls its
    site or its section there: on ten labelled pages of that kind, that h2 was the headline of seven
    and ``<title>`` of none.
    """
    for element, text in headings:
        if element.tag != "h2" or _UNSEEN.search(element.get("class") or ""):
            continue
        if element.find(".//a") is None and not any(map(_is_margin, element.iterancestors())):
            return 0.0, element, text
    return None


def _is_margin(element: HtmlElement) -> bool:
    names = f"{element.get('class') or ''} {element.get('id') or ''}"
    return element.tag in _MARGINS or bool(element.tag != "body" and _MARGIN.search(names))


def _third(doc: Document, names: Names) -> tuple[float, HtmlElement, str] | None:
    """The h3 that reads as the page calls itself, where no larger heading does (Blogger's)."""
    for element in islice((one for one in doc.headings if one.tag == "h3"), _MOST):
        text = text_of(element)
        if _is_named(doc, element, text) and agreement(text, names) >= _PART:
            return _PART, element, text
    return None


def _headings(doc: Document) -> Iterator[tuple[HtmlElement, str]]:
    for element in islice((one for one in doc.headings if one.tag != "h3"), _MOST):
        text = "" if is_hidden(element) else text_of(element)
        if _is_named(doc, element, text):
            yield element, text


def _is_named(doc: Document, heading: HtmlElement, text: str) -> bool:
    """The heading can be a text's: it is no menu's and not the site's own name."""
    if not _SHORTEST <= len(text) <= MAX_LINE or fold(text) in NOT_HEADLINES:
        return False
    if _SITES.search(f"{heading.get('class') or ''} {heading.get('id') or ''}"):
        return False
    return not _leads_home(doc, heading)


def _in_text(heading: HtmlElement) -> bool:
    return any(above.tag in {"article", "main"} for above in heading.iterancestors())


def _leads_home(doc: Document, heading: HtmlElement) -> bool:
    """A heading that links to the front page is the site's name."""
    link = heading.find(".//a")
    if link is None:
        link = next(heading.iterancestors("a"), None)
    address = doc.link(link.get("href")) if link is not None else None
    return address is not None and is_home(address) and not is_home(doc.url)
