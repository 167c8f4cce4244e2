"""The text of a page: which of its blocks belong to it, from the lead to the last paragraph."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Sequence

from lxml import etree
from lxml.html import HtmlElement
from trafilatura import bare_extraction

from crawler.pages.blocks import FRAME, MAX_BLOCKS, Block, read_blocks
from crawler.pages.document import MAX_LINE, Document, elements
from crawler.pages.headline import Headline
from crawler.pages.phrases import ASIDE, LEFTOVER, MAY_GO_ON, NO_LEAD, is_opening, is_tail
from crawler.text import clean, fold

#: Trees larger than this are read by their order alone: trafilatura has no time limit of its own.
MAX_ELEMENTS = 30_000
#: A line of links from this length on is prose that is linked as a whole.
_PARAGRAPH = 80
#: A part of the page with less text than this after the headline does not hold the text.
_LEAST = 200
#: Lines of this length on average are prose.
_PROSE = 200
#: A line above the headline that is longer than this is the lead, not a label.
_LEAD = 120
#: A lead is at least a short sentence, and stands close to the headline.
_LEAST_LEAD = 60
_LEAD_REACH = 10
#: A tail begins in this share of the text or later.
_TAIL_FROM = 0.4
#: Paragraphs are told apart by so many letters.
_KEY = 300
_ROLES = frozenset({"navigation", "complementary", "contentinfo", "banner", "search"})
_ROLED = etree.XPath("descendant-or-self::*/@role/..")
_OUT = FRAME | {"aside", "figure", "figcaption"}
_COUNT = etree.XPath("count(//*)")
#: What all of trafilatura's extractors leave out, but only after copying and weighing it (measured:
#: a fifth of its time); but not a menu that nothing ends, which holds the text as well.
_NO_TEXT = (
    "//nav[not(.//h1 or .//article)] | //footer[not(.//h1 or .//article)] | //link | //option"
)
_TRAFILATURA_FAULTS = (
    ValueError, TypeError, AttributeError, IndexError, KeyError, RecursionError, etree.LxmlError,
)  # fmt: skip

logger = logging.getLogger(__name__)


def region(doc: Document, headline: Headline) -> tuple[HtmlElement, list[Block]]:
    """The smallest article or main part around the headline that holds a text, else the body.

    With its blocks, without those that are outside a text.
    """
    body = doc.root.find("body")
    whole = doc.root if body is None else body
    outside = out_of_text(headline, whole)
    if headline.element is None:
        mains = whole.xpath(".//main | .//*[@role='main']")
        part = mains[0] if len(mains) == 1 else whole
        return part, read_blocks(part, outside)
    for above in headline.element.iterancestors():
        if above is whole:
            break
        if above.tag in {"article", "main"} or above.get("role") in {"main", "article"}:
            blocks = read_blocks(above, outside)
            letters = sum(
                len(block.text) for block in blocks if not block.is_linked and not block.is_heading
            )
            if letters >= _LEAST:
                return above, blocks
    blocks = read_blocks(whole, outside)
    if len(blocks) >= MAX_BLOCKS:
        logger.warning("%s: more than %d paragraphs; the rest is not read", doc.url, MAX_BLOCKS)
    return whole, blocks


def out_of_text(headline: Headline, part: HtmlElement) -> set[HtmlElement]:
    """Elements of ``part`` that by their meaning are outside a text.

    Such are menus, footers, asides, captions; nothing that holds the headline is.
    """
    out = set(part.iter(*_OUT))
    out.update(one for one in part.iter("header") if one.find(".//p") is None)
    out.update(one for one in elements(_ROLED, part) if one.get("role", "") in _ROLES)
    return out if headline.element is None else out.difference(headline.element.iterancestors())


def text_in_order(
    blocks: Iterable[Block], headline: Headline, stop: Callable[[HtmlElement], bool]
) -> list[str]:
    """The paragraphs after the headline up to the first thing that is about other texts."""
    inside = set() if headline.element is None else set(headline.element.iter())
    started = headline.element is None
    lines: list[str] = []
    letters = 0
    for block in blocks:
        if block.element in inside:
            started, lines, letters = True, [], 0
            continue
        if not started:
            continue
        if lines and stop(block.element):
            break
        if is_tail(block.text):
            # before the text stand share bars and boxes of the same words
            if letters >= (_LEAST_LEAD if block.is_heading else _LEAST):
                break
            continue
        if stop(block.element) or (block.is_linked and not lines):
            continue
        lines.append(block.text)
        letters += len(block.text)
    return lines


def text_of_container(
    blocks: Sequence[Block],
    container: HtmlElement,
    headline: Headline,
    stop: Callable[[HtmlElement], bool],
) -> list[str]:
    """The paragraphs of the element that a site system keeps its text in; empty if too few."""
    inside = set(container.iter())
    if headline.element is not None:
        inside -= set(headline.element.iter())
    lines = [
        block.text
        for block in blocks
        if block.element in inside
        and not (block.is_linked and len(block.text) < _PARAGRAPH)
        and not stop(block.element)
    ]
    return lines if sum(map(len, lines)) >= _LEAST else []


def text_by_trafilatura(doc: Document) -> list[str]:
    """trafilatura's answer as paragraphs; empty if it has none or the tree is too large."""
    if float(_COUNT(doc.root)) > MAX_ELEMENTS:  # type: ignore[arg-type]
        logger.warning("%s: more than %d elements; read without trafilatura", doc.url, MAX_ELEMENTS)
        return []
    # what it drops first thing anyway would be copied five times before (measured: 4 % of its time)
    for script in list(doc.root.iter("script")):
        if "ld+json" not in (script.get("type") or ""):
            script.drop_tree()
    etree.strip_elements(doc.root, "style", "svg", "template", "canvas", with_tail=False)
    try:
        found = bare_extraction(
            doc.root, include_comments=False, with_metadata=False, prune_xpath=_NO_TEXT
        )
    except _TRAFILATURA_FAULTS as fault:
        # It promises none of these and raises them on odd trees; the page is still read in order.
        logger.warning("%s: trafilatura failed (%s: %s)", doc.url, type(fault).__name__, fault)
        return []
    text = getattr(found, "text", None) or ""
    return [line for line in map(_plain, text.splitlines()) if line]


def below(blocks: Sequence[Block], headline: Headline) -> Sequence[Block]:
    """The few blocks that follow directly on the headline's; none if it is not among them."""
    if headline.element is None:
        return ()
    inside = set(headline.element.iter())
    last = -1
    for index, block in enumerate(blocks):
        if block.element in inside:
            last = index
        elif last >= 0 and not block.is_heading:
            break
    return blocks[last + 1 : last + 1 + _LEAD_REACH] if last >= 0 else ()


def with_lead(lines: Sequence[str], between: Sequence[Block]) -> list[str]:
    """The paragraphs with what stands between headline and first paragraph and reads like a lead.

    trafilatura loses leads that themes set apart from the text (measured: two thirds of what it
    misses of German texts).
    """
    if not lines or not between or between[0].text == lines[0]:
        return list(lines)
    stem = fold(lines[0][:_KEY])
    leads: list[str] = []
    known: set[str] = set()
    for block in between:
        key = fold(block.text[:_KEY])
        if key == stem:
            return leads + list(lines)
        reads = len(block.text) >= _LEAST_LEAD and block.tag in {"p", "div", "header", "strong"}
        if not reads or block.is_linked or is_opening(block.text):
            continue
        known = known or {fold(text[:_KEY]) for text in lines}
        if key not in known and not NO_LEAD.search(block.text):
            leads.append(block.text)
    return list(lines)


def without_opening(lines: Sequence[str], between: Sequence[Block]) -> list[str]:
    """The paragraphs without pieces of the lines of labels directly under the headline.

    trafilatura takes „21. November 2026 | Redaktion“ apart where markup does.
    """
    kept = list(lines)
    for block in between:
        if not is_opening(block.text):
            break
        while kept and f" {fold(kept[0])} " in f" {fold(block.text)} ":
            del kept[0]
    return kept


def without_teasers(
    lines: Sequence[str], blocks: Sequence[Block], stop: Callable[[HtmlElement], bool]
) -> list[str]:
    """The paragraphs without teasers that the page shows under a line like „Weitere Meldungen“.

    However short the text above it is: the teasers' structure tells what they are.
    """
    own: set[str] = set()
    others: set[str] = set()
    under = False
    for index, block in enumerate(blocks):
        key = fold(block.text[:_KEY])
        following = blocks[index + 1 : index + 2]
        if stop(block.element):
            (others if under else own).add(key)
        else:
            under = is_tail(block.text) and any(stop(after.element) for after in following)
            (others if under else own).add(key)
    return [text for text in lines if fold(text[:_KEY]) not in others - own]


def without_tail(lines: Sequence[str], blocks: Sequence[Block]) -> list[str]:
    """The paragraphs without those that the page shows under a heading that ends its text.

    trafilatura drops such headings („Pressekontakt“) more readily than what stands under them.
    """
    kept = list(lines)
    known = {fold(text[:_KEY]) for text in kept}
    keys = [fold(block.text[:_KEY]) for block in blocks]
    total = sum(map(len, kept))
    letters = 0
    for index, block in enumerate(blocks):
        if block.is_heading and letters >= total * _TAIL_FROM and is_tail(block.text):
            if not MAY_GO_ON.match(block.text):
                before, after = set(keys[:index]), set(keys[index:])
                while kept and fold(kept[-1][:_KEY]) in after - before:
                    del kept[-1]
                break
        elif keys[index] in known:
            letters += len(block.text)
    return kept


def trim(lines: Sequence[str], headline: Headline, extra: Iterable[str | None] = ()) -> list[str]:
    """The text without its headline, breadcrumbs and bylines above, and without its tail."""
    kept = list(lines)
    shown = [text for text in (headline.title, headline.kicker, *extra) if text]
    above = set(map(fold, shown))
    # the same letters take at most twice the room, and folding prose is dear
    longest = min(MAX_LINE, 2 * max(map(len, shown), default=0))
    for index in range(min(6, len(kept)) - 1, -1, -1):
        if len(kept[index]) <= longest and fold(kept[index]) in above:
            leads = [text for text in kept[:index] if len(text) > _LEAD]
            kept[: index + 1] = leads
            break
    while kept and (is_opening(kept[0]) or is_tail(kept[0])):
        del kept[0]
    kept = [text for text in kept if not ASIDE.match(text)]
    total = sum(map(len, kept))
    letters = 0
    for index, text in enumerate(kept):
        if index and letters >= total * _TAIL_FROM and is_tail(text):
            rest = kept[index + 1 :]
            if MAY_GO_ON.match(text) and rest and sum(map(len, rest)) / len(rest) > _PROSE:
                continue
            del kept[index:]
            break
        letters += len(text)
    while kept and (LEFTOVER.match(kept[-1]) or (len(kept) > 1 and is_tail(kept[-1]))):
        del kept[-1]
    return kept


def _plain(text: str) -> str | None:
    return clean(re.sub(r"^\s*(?:[-•]|\|)\s+", "", text).replace(" | ", " ").rstrip("| "))
