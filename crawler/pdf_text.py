"""From a PDF's lines with their places to headline, date and paragraphs. Pure.

A PDF knows letters and places, no headings or paragraphs: those are told by size, weight and
gaps, as a reader tells them. What these do not tell stays unknown.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from crawler.dates import find_dates, parse_date
from crawler.pages.phrases import is_tail
from crawler.pdf_lines import ADDRESS, Line, join_lines, text_size, vocabulary
from crawler.text import clean, fold
from store.types import PublicationDate

#: A headline is set larger than the text by this factor, or bold.
_LARGER = 1.12

#: „Pressemitteilung Nr. 45/2025 vom 10.03.2025“: what the paper is, not what it says.
_LABEL = re.compile(
    r"(?:(?:presse|medien)(?:mitteilung|meldung|information|info|dienst|text|einladung)(?:en)?"
    r"|amtliche bekanntmachung|bekanntmachung|news ?letter|press release)\b",
    re.IGNORECASE,
)
#: Words beside a day that make it an event's, a deadline's or a revision's.
_OTHER_DAY = re.compile(
    r"\b(?:termin|sperrfrist|einladung|veranstaltung|bis|ab|seit|stand|gültig|beginn|uhr bis)\b",
    re.IGNORECASE,
)
_PLACE = r"[A-ZÄÖÜ][\w.()/ -]{1,40}?"
_PLACE_AND_DAY = re.compile(
    rf"(?P<place>{_PLACE}),?\s+(?:den\s+|am\s+|vom\s+)?(?P<day>\d.{{5,35}})$"
)
#: „Köln, 10. März 2025 – Die Stadt …“, „Köln, 10.03.2025. Die Stadt …“
_DATELINE = re.compile(
    rf"(?P<place>{_PLACE}),?\s+(?:den\s+)?(?P<day>\d{{1,2}}\.\s?(?:\d{{1,2}}\.|\w+)\s?\d{{4}})"
    r"(?:\)?\s*[–—:-]|\.)\s+"
)
#: Who answers for it and whom to call: after this the text is over.
_CONTACT = re.compile(
    r"(?:ihre?n? )?(?:ansprechpartner|ansprechperson|(?:presse|medien)?kontakt|(?:für )?rückfragen"
    r"|herausgeber|v\.? ?i\.? ?s\.? ?d\.? ?p|impressum|redaktion)\w*\b.{0,45}$",
    re.IGNORECASE,
)
#: Symbol fonts put their bullets where Unicode has no letters.
_PRIVATE_BULLET = re.compile(r"^[\uf020-\uf0ff]\s*")
_BULLET = re.compile(r"(?:[•▪■●◦‣\uf020-\uf0ff-]|\d{1,2}[.)])\s+")
_SENTENCE_END = re.compile(r"[.!?:…][“\"”»)]?$")


@dataclass(frozen=True, slots=True)
class Reading:
    """What the lines say; an unknown field is None."""

    title: str | None
    published: PublicationDate | None
    body: str | None
    teaser: str | None
    label: str | None
    #: „Köln“ of „Köln, 3. März 2025“
    place: str | None = None


def read_text(lines: Sequence[Line], named: str | None, *, now: datetime) -> Reading:
    """Headline, date and text of the lines; ``named`` is the title that the metadata give.

    The metadata's title is believed only where the first page prints it: templates keep the title
    of the release they were made for.
    """
    words = vocabulary(lines)
    span = _headline(lines, named, words)
    start, end = span or (_text_start(lines), _text_start(lines))
    title = join_lines(lines[start:end], words) if span else None
    head = [*lines[:start], *lines[end : end + 3]]
    paragraphs = list(_paragraphs(lines[end:], words))
    published, place = _stated_day(head, lines, now)
    teaser = None
    if span and paragraphs and _is_lead(lines[end:], paragraphs[0]):
        teaser = clean(paragraphs[0])
    body: list[str] = []
    for paragraph in paragraphs:
        if body and (is_tail(paragraph) or _CONTACT.match(paragraph)):
            break
        if not body and (_LABEL.match(paragraph) or _is_day_line(paragraph, now)):
            continue
        if not body and (dateline := _DATELINE.match(paragraph)):
            said = parse_date(dateline["day"], now=now)
            published = published or said
            place = place or (dateline["place"] if said else None)
            paragraph = paragraph[dateline.end() :] if said else paragraph
        body.append(paragraph)
    label = next((line.text for line in lines[:end] if _LABEL.match(line.text)), None)
    return Reading(title, published, "\n".join(body) or None, teaser, label, clean(place))


# --- headline ------------------------------------------------------------------------------


def _headline(
    lines: Sequence[Line], named: str | None, words: frozenset[str]
) -> tuple[int, int] | None:
    first = [line for line in lines if line.page == 0]
    if named and (span := _printed(first, named, words)):
        return span
    size = text_size(lines)
    label = next((i for i, line in enumerate(first) if _LABEL.match(line.text)), None)
    found = []
    for start, end in _groups(first):
        group = first[start:end]
        text = join_lines(group, words)
        larger = group[0].size >= size * _LARGER
        if not (larger or group[0].bold) or not _is_headline(text):
            continue
        # bold text of the usual size is a headline before the text, and a lead or heading in it
        if not larger and any(len(line.text) > 60 and not line.bold for line in first[:start]):
            continue
        below = label is not None and start > label
        found.append((below, round(group[0].size), -start, (start, end)))
    if found:
        return max(found)[-1]
    return _by_place(first, label, words) if label is not None else None


def _by_place(first: Sequence[Line], label: int, words: frozenset[str]) -> tuple[int, int] | None:
    """The short paragraph between „Pressemitteilung“ and the text, if it is set like the text."""
    spans = [(start, end) for start, end in _spans(first) if start > label]
    for (start, end), (_, after) in itertools.pairwise(spans):
        text = join_lines(first[start:end], words)
        if len(text) > 160 or _SENTENCE_END.search(text) or _OTHER_DAY.search(text):
            continue
        if _is_headline(text) and len(join_lines(first[end:after], words)) > 120:
            return start, end
    return None


def _is_headline(text: str) -> bool:
    if len(text) > 300 or (len(text.split()) < 3 and len(text) < 24):
        return False
    if _LABEL.match(text) or ADDRESS.search(text):
        return False
    if len(text) < 45 and _PLACE_AND_DAY.match(text):
        return False
    return any(letter.islower() for letter in text) or len(text.split()) >= 4


def _printed(first: Sequence[Line], named: str, words: frozenset[str]) -> tuple[int, int] | None:
    """Where the first page prints the title, as whole lines."""
    wanted = fold(named)
    for start in range(len(first)):
        for end in range(start + 1, min(start + 5, len(first)) + 1):
            text = fold(join_lines(first[start:end], words))
            if text == wanted:
                return start, end
            if not wanted.startswith(text):
                break
    return None


def _groups(lines: Sequence[Line]) -> Iterator[tuple[int, int]]:
    """Runs of lines of one size and weight that follow closely."""
    start = 0
    for number in range(1, len(lines) + 1):
        if number < len(lines):
            above, line = lines[number - 1], lines[number]
            alike = abs(above.size - line.size) < 0.6 and above.bold == line.bold
            if alike and 0 < above.base - line.base < 2 * line.size:
                continue
        yield start, number
        start = number


def _text_start(lines: Sequence[Line]) -> int:
    """Where the text begins if there is no headline: after labels and short lines."""
    for number, line in enumerate(lines):
        if len(line.text) > 50 and not _LABEL.match(line.text):
            return number
    return 0


# --- date and paragraphs ---------------------------------------------------------------------


def _stated_day(
    head: Sequence[Line], lines: Sequence[Line], now: datetime
) -> tuple[PublicationDate | None, str | None]:
    """The day that stands by itself over the text, else by itself at the very end; its place."""
    for line in head:
        days = list(find_dates(line.text, now=now)) if len(line.text) <= 90 else []
        if len(days) == 1 and not _OTHER_DAY.search(line.text):
            label = _LABEL.match(line.text)
            rest = line.text.replace(days[0].raw, " ")
            if label or len(fold(rest)) <= 45:
                match = None if label else _PLACE_AND_DAY.match(line.text)
                placed = match and parse_date(match["day"], now=now)
                return days[0], match["place"] if match and placed else None
    for line in lines[-3:]:
        if _is_day_line(line.text, now) and (match := _PLACE_AND_DAY.match(line.text)):
            return parse_date(match["day"], now=now), match["place"]
    return None, None


def _is_day_line(text: str, now: datetime) -> bool:
    match = _PLACE_AND_DAY.match(text)
    return bool(parse_date(text, now=now) or (match and parse_date(match["day"], now=now)))


def _paragraphs(lines: Sequence[Line], words: frozenset[str]) -> Iterator[str]:
    for start, end in _spans(lines):
        if text := clean(join_lines(lines[start:end], words)):
            yield _PRIVATE_BULLET.sub("• ", text)


def _spans(lines: Sequence[Line]) -> Iterator[tuple[int, int]]:
    """Where each paragraph begins and ends."""
    step, edges = _usual_step(lines), _edges(lines)
    start = 0
    for number in range(1, len(lines) + 1):
        if number == len(lines) or _breaks(lines[number - 1], lines[number], step, edges):
            yield start, number
            start = number


def _breaks(above: Line, line: Line, usual_step: float, edges: dict[int, float]) -> bool:
    """Whether a new paragraph begins between two lines."""
    if above.hyphenated:
        return False
    ended = bool(_SENTENCE_END.search(above.text))
    if _CONTACT.match(line.text) and ended:
        return True
    if _BULLET.match(line.text) or above.bold != line.bold or abs(above.size - line.size) > 0.6:
        return True
    # the line above ends well before its column does
    edge = edges[_column(above)]
    short = above.right < above.left + 0.9 * (edge - above.left)
    step = above.base - line.base
    if line.page != above.page or step < 0:  # a new page or column
        return ended and line.text[:1].isupper() and short
    return step > usual_step * 1.3 or (ended and short)


def _usual_step(lines: Sequence[Line]) -> float:
    """The distance between two lines of one paragraph: the smallest that is frequent."""
    steps = Counter(
        round(above.base - line.base, 0)
        for above, line in itertools.pairwise(lines)
        if above.page == line.page and 0 < above.base - line.base < 3 * line.size
    )
    most = max(steps.values(), default=0)
    frequent = [step for step, times in steps.items() if times * 4 >= most]
    return min(frequent, default=0.0) + 0.5


def _edges(lines: Sequence[Line]) -> dict[int, float]:
    """The right edge of each column, by where its lines begin."""
    edges: dict[int, float] = {}
    for line in lines:
        edges[_column(line)] = max(line.right, edges.get(_column(line), 0.0))
    return edges


def _column(line: Line) -> int:
    return round(line.left / 12)


def _is_lead(lines: Sequence[Line], paragraph: str) -> bool:
    first = lines[0]
    rest = [line for line in lines if not line.bold]
    return first.bold and 40 <= len(paragraph) <= 800 and sum(len(x.text) for x in rest) > 200
