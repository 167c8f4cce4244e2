"""A tree as its visible blocks in reading order: headings and paragraphs, each one clean line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree
from lxml.html import HtmlElement

from crawler.pages.document import elements
from crawler.text import clean

HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
#: Elements that never hold text for readers, or only labels of controls.
UNREAD = frozenset({
    "script", "style", "noscript", "template", "svg", "math", "iframe", "object", "embed",
    "canvas", "audio", "video", "map", "button", "select", "textarea", "option", "datalist",
    "label", "input", "head", "title", "dialog",
})  # fmt: skip
#: Parts of a page that are about the site, not about its text.
FRAME = frozenset({"nav", "footer", "menu"})
#: Inline elements that change nothing of the text they hold.
_RUNS_ON = frozenset({"a", "span", "strong", "em", "b", "i", "u", "small", "time", "mark", "font"})
_BLOCKS = HEADINGS | frozenset({
    "html", "body", "main", "article", "section", "aside", "header", "footer", "nav", "div",
    "p", "blockquote", "pre", "ul", "ol", "li", "dl", "dt", "dd", "table", "thead", "tbody",
    "tfoot", "tr", "td", "th", "caption", "figure", "figcaption", "form", "fieldset",
    "legend", "details", "summary", "address", "hr", "center", "menu", "hgroup", "search",
})  # fmt: skip
#: No text has more paragraphs; a page of 8 MB may, and would be read for seconds.
MAX_BLOCKS = 20_000
# By way of the attributes: that is three times as fast as asking each element for them.
_STYLED = etree.XPath("descendant-or-self::*/@style/.. | descendant-or-self::*/@hidden/..")
_HIDDEN = ("display:none", "visibility:hidden")


@dataclass(frozen=True, slots=True)
class Block:
    """One run of text: the block element it stands in, its text, and how much of it is links."""

    element: HtmlElement
    text: str
    linked: int

    @property
    def tag(self) -> str:
        """Tag of the block element."""
        return str(self.element.tag)

    @property
    def is_heading(self) -> bool:
        """It stands in h1 to h6."""
        return self.element.tag in HEADINGS

    @property
    def is_linked(self) -> bool:
        """More than two thirds of its letters are links."""
        return self.linked * 3 > len(self.text) * 2

    @property
    def stamps(self) -> tuple[str, ...]:
        """``datetime`` of each ``<time>`` that the text shows; the element may hold others."""
        return tuple(
            stamp.get("datetime") or ""
            for stamp in self.element.iter("time")
            if (clean(stamp.text_content()) or "") in self.text
        )


def is_hidden(element: HtmlElement) -> bool:
    """The page itself says that nobody sees it."""
    style = element.get("style")
    return bool(style and _hides(style)) or element.get("hidden") is not None


def _hides(style: str) -> bool:
    style = style.replace(" ", "").lower()
    return any(rule in style for rule in _HIDDEN)


def read_blocks(
    root: HtmlElement, skip: frozenset[HtmlElement] | set[HtmlElement] = frozenset()
) -> list[Block]:
    """The blocks below ``root`` in reading order.

    Left out: what no reader sees, elements of ``skip``, and what follows after
    ``MAX_BLOCKS``. Two ``<br>`` in a row separate paragraphs, one is a space.
    """
    blocks: list[Block] = []
    pieces: list[str] = []
    linked = breaks = anchors = 0
    current = root
    skip = skip.union(one for one in elements(_STYLED, root) if is_hidden(one))

    def flush() -> None:
        nonlocal linked, breaks
        if pieces:
            text = clean("".join(pieces))
            if text:
                blocks.append(Block(current, text, min(linked, len(text))))
            pieces.clear()
        linked = breaks = 0

    # A walk by hand: this is the inner loop of every page, and events cost twice as much.
    element = root
    stack: list[tuple[HtmlElement, Iterator[HtmlElement], HtmlElement]] = []
    children: Iterator[HtmlElement] = iter((root,))
    while len(blocks) < MAX_BLOCKS:
        child = next(children, None)
        if child is not None:
            tag = child.tag
            if tag in UNREAD or not isinstance(tag, str) or child in skip:
                text = child.tail if child is not root else None
            elif tag == "br":
                breaks += 1
                if breaks > 1:
                    flush()
                else:
                    pieces.append(" ")
                text = child.tail
            elif not len(child):
                # most elements hold no other: nothing of theirs need be remembered
                text = child.text
                if tag in _BLOCKS:
                    if pieces:
                        flush()
                    linked = breaks = 0
                    if text and not text.isspace():
                        line = clean(text)
                        if line:
                            blocks.append(Block(child, line, min(anchors and len(text), len(line))))
                elif text:
                    if text.isspace():
                        pieces.append(" ")
                    else:
                        pieces.append(text)
                        breaks = 0
                        if anchors or tag == "a":
                            linked += len(text)
                text = child.tail if child is not root else None
            else:
                stack.append((element, children, current))
                if tag in _BLOCKS:
                    flush()
                    current = child
                elif tag == "a":
                    anchors += 1
                element, children = child, iter(child)
                text = child.text
        elif stack:
            closed = element
            element, children, around = stack.pop()
            tag = closed.tag
            if tag == "a":
                anchors = max(0, anchors - 1)
            elif tag in _BLOCKS:
                flush()
                current = around
            text = closed.tail if closed is not root else None
        else:
            break
        if text:
            if text.isspace():
                pieces.append(" ")
            else:
                pieces.append(text)
                breaks = 0
                if anchors:
                    linked += len(text)
    flush()
    return blocks


def is_bold(block: Block) -> bool:
    """The whole block is set in bold."""
    bold = next(block.element.iter("strong", "b"), None)
    return bold is not None and clean(bold.text_content()) == block.text


def text_of(element: HtmlElement) -> str:
    """The visible text of one element as one line."""
    if not len(element):
        return clean(element.text) or ""
    if all(one.tag in _RUNS_ON and not is_hidden(one) for one in element.iterdescendants()):
        return clean(element.text_content()) or ""
    return " ".join(block.text for block in read_blocks(element))
