"""The headline of a page apart from its kicker and from the site's name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from lxml.html import HtmlElement

from crawler.pages.blocks import HEADINGS, UNREAD, is_hidden, read_blocks, text_of
from crawler.pages.document import MAX_LINE, Document
from crawler.pages.structured import Structured
from crawler.text import MAX_KICKER, clean, fold
from crawler.urls import is_home

#: What German and English sites put between a page's title and their name.
_SEPARATOR = re.compile(r"\s+[|\-–—•·»«›‹/]+\s+|\s*(?:\|\|?|::|»|›|·|•)\s*|(?<=\w)\s*[–—]\s+|:\s+")
_STRONG = re.compile(r"\s+[|\-–—•·»«›‹]+\s+|\s*(?:\|\|?|::|»|›|·|•)\s*")
#: Headings that no text has: skip links and menus (Government Site Builder's first h1), and boxes.
_NOT_HEADLINES = frozenset({
    "navigation und service", "navigation", "hauptnavigation", "menü", "menu", "suche",
    "inhalt", "hauptinhalt", "servicenavigation", "sie sind hier", "sprunglinks", "cookies",
    "cookie einstellungen", "newsletter", "startseite", "home", "willkommen", "kontakt",
    "kommentare", "datenschutz", "teilen",
})  # fmt: skip
#: Class names for the line over a headline, as German and English theme authors call it.
_KICKER_CLASS = re.compile(
    r"kicker|dachzeile|topline|top-line|overline|roofline|spitzmarke|eyebrow|ortsmarke|headline-top"
    r"|pre-?headline|supertitle|over-?title|pre-?title|catchline",
    re.I,
)
_ADDED = re.compile(
    r"\W*(?:datum|stand|vom|veröffentlicht(?: am)?|erschienen(?: am)?)\b\W*\d", re.I
)
_INLINE = frozenset({"span", "small", "em", "strong", "b", "i", "mark", "sup", "font", "div", "p"})
_SHORTEST = 3
_MOST = 200
#: An h1 that reads as metadata calls the page; no other heading can agree better.
_SURE = 4


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
    named = [fact.value for fact in facts.title]
    site = facts.site or ""
    names = _Names.of(named, doc.title_tag or "", site)
    best: tuple[float, HtmlElement, str] | None = None
    headings: list[tuple[HtmlElement, str]] = []
    if preferred is not None and len(text := text_of(preferred)) in range(_SHORTEST, MAX_LINE):
        # where metadata call the page otherwise, another heading that agrees is better
        best = (_SURE if _agreement(text, names) or not named else 0.1, preferred, text)
    for element, text in _headings(doc) if best is None or best[0] < _SURE else ():
        headings.append((element, text))
        score = _agreement(text, names)
        if score and element.tag == "h1":
            score += 0.5
        if score and (best is None or score > best[0]):
            best = (score, element, text)
            if score > _SURE:
                break
    if best is None:
        firsts = [pair for pair in headings if pair[0].tag == "h1"]
        firsts = [pair for pair in firsts if not _is_site_name(pair[1], doc, site)]
        if len(firsts) > 1:
            firsts = [pair for pair in firsts if _in_text(pair[0])][:1]
        if len(firsts) == 1 and (not named or len(firsts[0][1]) > 12):
            best = (0.0, *firsts[0])
    if best is None:
        return _without_heading(doc, facts)
    _, element, text = best
    title, kicker = _split_heading(element, text, named, doc.title_tag or "", site, doc.host)
    if kicker is None:
        kicker = _kicker_above(element, structural_kicker)
    return Headline(title[:MAX_LINE], kicker, element, str(element.tag))


def strip_site(title: str, site: str | None, host: str) -> str:
    """A ``<title>`` without the site's name, which stands last, or first, behind a separator."""
    marks = [match.span() for match in _STRONG.finditer(title)]
    if not marks:
        return title
    known = {fold(name) for name in (site, host, host.rsplit(".", 1)[0]) if name}
    first, last = title[: marks[0][0]], title[marks[-1][1] :]
    if fold(first) in known:
        return title[marks[0][1] :].strip() or title
    for start, end in marks:
        if fold(title[end:]) in known:
            return title[:start].strip() or title
    core = fold(host.rsplit(".", 1)[0]).replace(" ", "")
    if core and core in fold(first).replace(" ", "") and len(first) < len(last):
        return last.strip()
    return title[: marks[-1][0]].strip() or title


def _without_heading(doc: Document, facts: Structured) -> Headline:
    host = doc.host
    title, where = None, ""
    for fact in facts.title:
        stripped = strip_site(fact.value, facts.site, host) if facts.site else fact.value
        if len(stripped) >= _SHORTEST and not _is_site_name(stripped, doc, facts.site or ""):
            title, where = stripped, fact.where
            break
    if title is None and doc.title_tag:
        title, where = strip_site(doc.title_tag, facts.site, host), "title"
    return Headline(title, None, _shown(doc, title) if title else None, where)


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


def _headings(doc: Document) -> Iterator[tuple[HtmlElement, str]]:
    for element in islice((one for one in doc.headings if one.tag != "h3"), _MOST):
        if is_hidden(element):
            continue
        text = text_of(element)
        named = _SHORTEST <= len(text) <= MAX_LINE and fold(text) not in _NOT_HEADLINES
        if named and not _leads_home(doc, element):
            yield element, text


def _in_text(heading: HtmlElement) -> bool:
    return any(above.tag in {"article", "main"} for above in heading.iterancestors())


def _leads_home(doc: Document, heading: HtmlElement) -> bool:
    """A heading that links to the front page is the site's name."""
    link = heading.find(".//a")
    if link is None:
        link = next(heading.iterancestors("a"), None)
    address = doc.link(link.get("href")) if link is not None else None
    return address is not None and is_home(address) and not is_home(doc.url)


@dataclass(frozen=True, slots=True)
class _Names:
    """What the page calls itself outside its headings, folded."""

    site: str
    names: tuple[str, ...]
    tag: str
    parts: frozenset[str]
    raw_tag: str

    @classmethod
    def of(cls, named: list[str], title_tag: str, site: str) -> _Names:
        parts = frozenset(fold(part) for part in _SEPARATOR.split(title_tag))
        return cls(fold(site), tuple(map(fold, named)), fold(title_tag), parts, title_tag)


def _agreement(text: str, page: _Names) -> float:
    """How well a heading agrees with what the page calls itself elsewhere: 0 is not at all."""
    key = fold(text)
    names, tag = page.names, page.tag
    if not key or key == page.site:
        return 0
    if key in names:
        return 4
    # a part of <title> that og:title does not have is the site's name
    if key == tag or (key in page.parts and (not names or any(key in name for name in names))):
        return 3.5 if len(key) > 8 else 2
    glued = key.replace(" ", "")
    for name in (*names, tag):
        if len(name) < 8 or len(key) < 8:
            continue
        if name.startswith(key) or key in name:
            return 3
        if name in key or glued.endswith(name.replace(" ", "")):
            return 2.5
    if len(glued) > 12 and any(glued in name.replace(" ", "") for name in (*names, tag)):
        return 2.2
    cut = re.sub(r"\s*(?:\.\.\.|…)$", "", page.raw_tag)
    if cut != page.raw_tag and len(cut) > 15 and key.startswith(fold(cut)):
        return 2
    return 0


def _is_site_name(text: str, doc: Document, site: str) -> bool:
    key = fold(text).replace(" ", "")
    if not key or key == fold(site).replace(" ", ""):
        return True
    return key in {
        fold(doc.host).replace(" ", ""),
        fold(doc.host.rsplit(".", 1)[0]).replace(" ", ""),
    }


def _split_heading(
    element: HtmlElement, text: str, named: list[str], title_tag: str, site: str, host: str
) -> tuple[str, str | None]:
    """Headline and kicker of one heading that may hold both."""
    first = next(
        (child for child in element.iter() if child is not element and _is_lead_in(child)), None
    )
    key = fold(text)
    whole = any(key in (fold(name), fold(strip_site(name, site, host))) for name in named)
    if first is not None:
        above = clean(text_of(first)) or ""
        rest = _after(text, above)
        # "Kicker: Titel" that metadata calls the headline is one; two lines without a colon are two
        if rest and _is_kicker(above.rstrip(":")) and not (whole and ":" in above[-1:] + rest[:1]):
            says_so = (
                above.endswith(":")
                or bool(_KICKER_CLASS.search(first.get("class") or ""))
                or any(fold(name) == fold(rest) for name in named)
                or _reads((*named, title_tag), above, rest)
            )
            if says_so:
                return rest.lstrip(":|–— -"), above.rstrip(": ")
    for name in named:
        above = text[: len(text) - len(name)].strip() if text.endswith(name) else ""
        if above and _is_kicker(above.rstrip(":")):
            return name, above.rstrip(": ")
    if whole:
        return text, None
    for name in (*named, *(strip_site(name, site, host) for name in named)):
        # what a heading says after its headline is for screen readers („: Datum 26.01.2022“)
        if text.startswith(name) and _ADDED.match(text, len(name)):
            return name, None
    head, colon, tail = title_tag.partition(": ")
    if colon and text.startswith(head) and not text.startswith(head + ":") and _is_kicker(head):
        rest = text[len(head) :].strip()
        if rest and fold(tail).startswith(fold(rest)):
            return rest, head
    return text, None


def _is_lead_in(element: HtmlElement) -> bool:
    """Nothing stands before this inline element in its heading."""
    if element.tag not in _INLINE:
        return False
    node = element
    while node.tag not in HEADINGS:
        parent = node.getparent()
        if parent is None or (parent.text or "").strip() or node.getprevious() is not None:
            return False
        node = parent
    return True


def _after(text: str, above: str) -> str:
    return text[len(above) :].strip() if above and text.startswith(above) else ""


def _reads(names: tuple[str, ...], kicker: str, rest: str) -> bool:
    """``<title>`` or og:title reads ``kicker: rest``."""
    stem = f"{fold(kicker)} {fold(rest)[:40]}"
    return any(
        fold(name).startswith(stem) and re.search(r"[:|\-–]", name[len(kicker) : len(kicker) + 3])
        for name in names
    )


def _is_kicker(text: str) -> bool:
    if not 1 < len(text) <= MAX_KICKER or fold(text) in _NOT_HEADLINES:
        return False
    letters = sum(character.isalpha() for character in text)
    return letters * 2 > len(text) and not re.search(r"[.!?]$|\d{4}|>|›|»|\|", text)


def _kicker_above(heading: HtmlElement, structural: bool) -> str | None:
    """The short line directly over the headline."""
    node = heading
    for _ in range(3):
        above = node.getprevious()
        while above is not None and (not isinstance(above.tag, str) or above.tag in UNREAD):
            above = above.getprevious()
        if above is not None:
            if above.tag not in {
                "p",
                "span",
                "div",
                "strong",
                "small",
                "h2",
                "h3",
                "h4",
                "h5",
                "em",
            }:
                return None
            named = _KICKER_CLASS.search(above.get("class") or "")
            if not named and (not structural or len(above) > 1 or above.find(".//a") is not None):
                return None
            text = (clean(text_of(above)) or "").rstrip(": ")
            return text if _is_kicker(text) else None
        parent = node.getparent()
        if parent is None or parent.tag not in {"header", "hgroup", "div"}:
            return None
        node = parent
    return None
