"""A tree as its visible blocks in reading order: headings and paragraphs, each one clean line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from lxml import etree
from lxml.html import HtmlElement

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
_BLOCKS = HEADINGS | frozenset({
    "html", "body", "main", "article", "section", "aside", "header", "footer", "nav", "div",
    "p", "blockquote", "pre", "ul", "ol", "li", "dl", "dt", "dd", "table", "thead", "tbody",
    "tfoot", "tr", "td", "th", "caption", "figure", "figcaption", "form", "fieldset",
    "legend", "details", "summary", "address", "hr", "center", "menu", "hgroup", "search",
})  # fmt: skip
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
    if style and any(rule in style.replace(" ", "").lower() for rule in _HIDDEN):
        return True
    return element.get("hidden") is not None


def read_blocks(
    root: HtmlElement, skip: Callable[[HtmlElement], bool] | None = None
) -> Iterator[Block]:
    """The blocks below ``root`` in reading order.

    Left out: what no reader sees, and elements for which ``skip`` is true. Two ``<br>`` in a row
    separate paragraphs, one is a space.
    """
    pieces: list[str] = []
    linked = breaks = anchors = 0
    current = root
    walk = etree.iterwalk(root, events=("start", "end"))
    unread: HtmlElement | None = None

    def flush() -> Iterator[Block]:
        nonlocal linked, breaks
        text = clean("".join(pieces)) if pieces else None
        if text:
            yield Block(current, text, min(linked, len(text)))
        pieces.clear()
        linked = breaks = 0

    for event, element in walk:
        tag = element.tag
        if not isinstance(tag, str):
            text = element.tail if event == "end" else None
        elif event == "start":
            if tag in UNREAD or is_hidden(element) or (skip is not None and skip(element)):
                walk.skip_subtree()
                unread = element
                continue
            if tag == "br":
                breaks += 1
                if breaks > 1:
                    yield from flush()
                else:
                    pieces.append(" ")
                continue
            if tag in _BLOCKS:
                yield from flush()
                current = element
            elif tag == "a":
                anchors += 1
            text = element.text
        else:
            if tag == "a" and element is not unread:
                anchors = max(0, anchors - 1)
            if tag in _BLOCKS:
                yield from flush()
                if element is not root:
                    current = _block_around(element, root)
            unread = None
            text = element.tail if element is not root else None
        if text and not text.isspace():
            pieces.append(text)
            breaks = 0
            if anchors:
                linked += len(text)
        elif text:
            pieces.append(" ")
    yield from flush()


def _block_around(element: HtmlElement, root: HtmlElement) -> HtmlElement:
    """The block element that what follows ``element`` stands in."""
    for above in element.iterancestors():
        if above is root or above.tag in _BLOCKS:
            return above
    return root


def is_bold(block: Block) -> bool:
    """The whole block is set in bold."""
    bold = next(block.element.iter("strong", "b"), None)
    return bold is not None and clean(bold.text_content()) == block.text


def text_of(element: HtmlElement) -> str:
    """The visible text of one element as one line."""
    return " ".join(block.text for block in read_blocks(element))
