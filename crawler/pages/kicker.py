"""One heading taken apart: its headline, the kicker with or above it, the day before it."""

from __future__ import annotations

import re

from lxml.html import HtmlElement

from crawler.pages.blocks import HEADINGS, UNREAD, text_of
from crawler.pages.naming import NOT_HEADLINES, strip_site
from crawler.text import MAX_KICKER, clean, fold

#: Class names for the line over a headline, as German and English theme authors call it.
_KICKER_CLASS = re.compile(
    r"kicker|dachzeile|topline|top-line|overline|roofline|spitzmarke|eyebrow|ortsmarke|headline-top"
    r"|pre-?headline|super-?title|over-?title|pre-?title|top-?title|catchline",
    re.I,
)
_ADDED = re.compile(
    r"\W*(?:datum|stand|vom|veröffentlicht(?: am)?|erschienen(?: am)?)\b\W*\d", re.I
)
#: „23.01.2022 - “ before a headline, „1. Februar 2022“ over it.
_DAY = r"(?:\w+,? )?\d{1,2}\.\s?(?:\d{1,2}\.|[A-Za-zä]{3,9}\.?)\s?\d{4}"
_DAY_ALONE = re.compile(rf"\W*{_DAY}\W*")
_DAY_FIRST = re.compile(rf"{_DAY}\s*(?:[-–—|:]\s*)(?=\w.{{7}}|[„“\"»])")
#: A sentence, a year, a way through the site.
_NO_KICKER = re.compile(r"[.!?]$|\d{4}|>|›|»|\|")
#: What ends a kicker, and what ends a quotation, which is a headline's own beginning.
_ENDS = ":|–— -/"
_QUOTED = ("“", "”", '"', "«")
_INLINE = frozenset({"span", "small", "em", "strong", "b", "i", "mark", "sup", "font", "div", "p"})
_ABOVE = frozenset({"p", "span", "div", "strong", "small", "h2", "h3", "h4", "h5", "em"})
#: Two lines are the same that begin with the same letters, so many.
_STEM = 40


def split_heading(
    element: HtmlElement, text: str, named: list[str], title_tag: str, site: str, host: str
) -> tuple[str, str | None]:
    """Headline and kicker of one heading that may hold both, without a day before them."""
    if day := _DAY_FIRST.match(text):
        text = text[day.end() :]
    first = next(
        (child for child in element.iter() if child is not element and _is_lead_in(child)), None
    )
    key = fold(text)
    bare = [strip_site(name, site, host) for name in named]
    whole = any(key == fold(name) for name in (*named, *bare))
    if first is not None:
        above = clean(text_of(first)) or ""
        rest = _after(text, above)
        if rest and _DAY_ALONE.fullmatch(above):
            return rest.lstrip(_ENDS), None
        # "Kicker: Titel" that metadata calls the headline is one; two lines without a colon are two
        if (
            rest
            and _is_kicker(above.rstrip(_ENDS))
            and not (whole and ":" in above[-1:] + rest[:1])
        ):
            says_so = (
                above.endswith(":")
                or bool(_KICKER_CLASS.search(first.get("class") or ""))
                or any(fold(name) == fold(rest) for name in named)
                or _reads((*bare, strip_site(title_tag, site, host)), above, rest)
            )
            if says_so:
                return rest.lstrip(_ENDS), above.rstrip(_ENDS)
    for name in (*named, *bare):
        above = text[: len(text) - len(name)].rstrip(_ENDS) if text.endswith(name) else ""
        if above and _DAY_ALONE.fullmatch(above):
            return name, None
        if above and _is_kicker(above) and not above.endswith(_QUOTED):
            return name, above
    if whole:
        return text, None
    for name in (*named, *bare):
        # what a heading says after its headline is for screen readers („: Datum 26.01.2022“), or
        # stands in an element of its own
        if text.startswith(name) and (
            _ADDED.match(text, len(name)) or text[len(name) :].strip() == _last_piece(element)
        ):
            return name, None
    head, colon, tail = title_tag.partition(": ")
    if colon and text.startswith(head) and not text.startswith(head + ":") and _is_kicker(head):
        rest = text[len(head) :].strip()
        if rest and fold(tail).startswith(fold(rest)):
            return rest, head
    return text, None


def _last_piece(heading: HtmlElement) -> str | None:
    """The text of the inline element that a heading ends with."""
    last = heading[-1] if len(heading) else None
    if last is None or last.tag not in _INLINE or (last.tail or "").strip():
        return None
    return clean(text_of(last))


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
    """What the page calls itself reads ``kicker: rest``, as far as the shorter of them goes."""
    for name in names:
        head, tail = name[: len(kicker)], name[len(kicker) :]
        if fold(head) == fold(kicker) and re.match(r"\s?[:|\-–]", tail):
            stem, key = fold(tail), fold(rest)
            if stem[:_STEM] and (key.startswith(stem[:_STEM]) or stem.startswith(key[:_STEM])):
                return True
    return False


def _is_kicker(text: str) -> bool:
    if not 1 < len(text) <= MAX_KICKER or fold(text) in NOT_HEADLINES:
        return False
    letters = sum(character.isalpha() for character in text)
    return letters * 2 > len(text) and not _NO_KICKER.search(text)


def kicker_above(heading: HtmlElement, structural: bool) -> str | None:
    """The short line directly over the headline."""
    node = heading
    for _ in range(3):
        above = node.getprevious()
        while above is not None and (not isinstance(above.tag, str) or above.tag in UNREAD):
            above = above.getprevious()
        if above is not None:
            if above.tag not in _ABOVE:
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
