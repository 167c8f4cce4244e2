"""A PDF's printed lines: what of them is text, and how broken words become whole. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from crawler.text import fold

#: Share of a page's height at its edges where page numbers, letterheads and addresses stand.
_EDGE = 0.12

_PAGE_NUMBER = re.compile(
    r"(?:[-–—]\s*)?(?:seite|s\.|page)?\s*\d{1,3}\s*(?:(?:/|von|of|\|)\s*\d{1,3})?(?:\s*[-–—])?$",
    re.IGNORECASE,
)
#: A line of an address or of how to reach somebody.
ADDRESS = re.compile(
    r"@|https?:|www\.|\b(?:telefon|telefax|tel|fax|iban|bic|e-?mail|internet|postfach|ust)\b"
    r"|\b\d{5} [A-ZÄÖÜ]",
    re.IGNORECASE,
)
#: Inside a chain of hyphens („Einer-für-Alle-Prinzip“).
_LINKS = (
    "für",
    "in",
    "im",
    "zu",
    "zum",
    "zur",
    "an",
    "am",
    "auf",
    "mit",
    "ohne",
    "von",
    "vor",
    "by",
)
#: After „Grundsteuer-“ these go on with the next word, and the hyphen stays.
_CONJUNCTIONS = ("und", "oder", "bzw", "sowie", "u", "and", "or", "wie", "bis", "als")


@dataclass(frozen=True, slots=True)
class Line:
    """One printed line; places in points from the page's lower left corner."""

    text: str
    left: float
    right: float
    base: float
    size: float
    bold: bool
    hyphenated: bool
    page: int
    #: height of its place, 0 at the lower edge, 1 at the upper
    height: float


def read_lines(pages: Sequence[dict[str, Any]]) -> list[Line]:
    """The lines in reading order without running headers, footers, page numbers and side notes."""
    lines = [
        _line(place, number, page["height"])
        for number, page in enumerate(pages)
        for place in page["lines"]
    ]
    running = _running(lines, len(pages))
    size = text_size(lines)
    kept = [
        line
        for line in lines
        if not (_at_edge(line) and (_shape(line.text) in running or _is_edge_text(line, size)))
    ]
    return _without_side_notes(kept, pages)


def _line(place: Sequence[Any], page: int, height: float) -> Line:
    text, left, right, base, size, bold, hyphenated = place
    return Line(text, left, right, base, size, bold, hyphenated, page, base / (height or 1))


def text_size(lines: Sequence[Line]) -> float:
    """The font size in which most letters stand, in points."""
    letters: Counter[float] = Counter()
    for line in lines:
        letters[round(line.size * 2) / 2] += len(line.text)
    return letters.most_common(1)[0][0] if letters else 0.0


def join_lines(lines: Sequence[Line], words: frozenset[str] = frozenset()) -> str:
    """One text of several lines, words that were broken at a line's end made whole.

    ``words`` are those that the document writes unbroken: they settle whether a hyphen is the
    word's own.
    """
    text = ""
    for number, line in enumerate(lines):
        piece = " ".join(line.text.split())
        after = lines[number - 1] if number else None
        if not text:
            text = piece
        elif after and (after.hyphenated or text[-1] in "-‐\u00ad"):
            text = _healed(text.rstrip("-‐\u00ad"), piece, words)
        else:
            text = f"{text} {piece}"
    return text


def _healed(before: str, after: str, words: frozenset[str]) -> str:
    first, last = re.search(r"[\w-]*$", before), re.match(r"[\w-]*", after)
    left, right = (first[0] if first else ""), (last[0] if last else "")
    if not left:
        return f"{before}- {after}"  # a dash, no hyphen
    if right.lower() in _CONJUNCTIONS:
        return f"{before}- {after}"
    if f"{left}{right}".casefold() in words:
        return before + after
    if f"{left}-{right}".casefold() in words or not right[:1].islower():
        return f"{before}-{after}"
    # „Einer-“ / „für-Alle-Prinzip“: a chain of hyphens goes on
    if right.partition("-")[0] in _LINKS and "-" in right:
        return f"{before}-{after}"
    return before + after


def vocabulary(lines: Sequence[Line]) -> frozenset[str]:
    """The words that stand unbroken within lines, folded."""
    found: set[str] = set()
    for line in lines:
        pieces = re.findall(r"\w[\w-]*\w", line.text)
        found.update(piece.casefold() for piece in pieces[1 : -1 if line.hyphenated else None])
    return frozenset(found)


# --- what is no text -----------------------------------------------------------------------


def _shape(text: str) -> str:
    return re.sub(r"\d+", "#", fold(text))


def _at_edge(line: Line) -> bool:
    return line.height < _EDGE or line.height > 1 - _EDGE


def _running(lines: Sequence[Line], pages: int) -> set[str]:
    """What stands at the edges of at least half of the pages, numbers aside."""
    seen: Counter[str] = Counter()
    for shape, _ in {(_shape(line.text), line.page) for line in lines if _at_edge(line)}:
        seen[shape] += 1
    return {shape for shape, times in seen.items() if times >= 2 and times * 2 >= pages}


def _is_edge_text(line: Line, size: float) -> bool:
    if _PAGE_NUMBER.match(line.text):
        return True
    small_print = line.height < _EDGE and line.size < size - 0.4
    return small_print or (line.height < _EDGE and bool(ADDRESS.search(line.text)))


def _without_side_notes(lines: list[Line], pages: Sequence[dict[str, Any]]) -> list[Line]:
    """The lines without a narrow column of addresses beside the text, as letter paper has it."""
    letters = sum(len(line.text) for line in lines) or 1

    def aside(line: Line) -> bool:
        return line.left > 0.62 * float(pages[line.page]["width"])

    notes = [line for line in lines if aside(line)]
    if sum(len(line.text) for line in notes) > letters / 4:
        return lines
    day_lines = [line for line in notes if re.search(r"\d{4}\s*$", line.text)]
    return [line for line in lines if not aside(line) or line in day_lines]
