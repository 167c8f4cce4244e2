"""When a page's text was published: from its metadata, its address, or beside its headline.

An unknown date is None. Never taken: the date a site's header shows of today, the dates of teasers,
events and footers, the last change, the day of the crawl.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from lxml.html import HtmlElement

from crawler.dates import better_date, parse_date
from crawler.dates import find_dates as find_all_dates
from crawler.pages.blocks import Block
from crawler.pages.changes import LINE, change_in
from crawler.pages.document import Document
from crawler.pages.headline import Headline
from crawler.pages.structured import Fact
from crawler.text import clean
from store.types import BERLIN, PublicationDate

logger = logging.getLogger(__name__)

#: So much of a refused date is told.
_MOST_QUOTED = 60
#: How far below the headline a date may stand, in blocks.
_REACH = 8
_LABEL = re.compile(
    r"\b(?:veröffentlicht|veröffentlichung|veröffentlichungsdatum|publiziert|erschienen|eingestellt"
    r"|erstellt(?: am)?|online seit|datum|pressemitteilung|pressemeldung|pressedienst|meldung"
    r"|medieninformation|pressebericht|published|posted|beitrag vom|artikel vom|nachricht vom"
    r"|geschrieben|gepostet|vom)\b",
    re.I,
)
_NOT_PUBLISHED = re.compile(
    r"\b(?:termin|wann|beginn|beginnt|uhrzeit|veranstaltung|bis zum|frist|ende der"
    r"|anmeldeschluss|gültig|bewerbungsschluss|aktualisiert|geändert|änderung|update[d]?|modified|stand|copyright|©|heute"
    r"|seit dem|sitzung\w*|nächste[nrs]?|abgerufen|geboren|läuft|ab dem"
    r"|registriert|mitglied seit|dabei seit|beigetreten)\b",
    re.I,
)
_YEAR = re.compile(r"\d\d")
_RANGE = re.compile(r"\d{1,2}\.\s*(?:\w+\s+)?(?:bis|und|–|-|/)\s*(?:zum\s+)?\d{1,2}\.")
_BRACKET = re.compile(r"^\s*[\[(]\s*(\d{1,2}\.\s*\d{1,2}\.\s*\d{4})\s*[\])]\s*")
_WEEKDAY = re.compile(
    r"^(?:heute(?:\s+ist)?[:,]?\s*)?(?:montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonnabend|sonntag)\b",
    re.I,
)
#: „Köln, 3. März 2025 –“ at the start of a release.
_PLACE_LINE = re.compile(
    r"^(?!(?:Am|Vom|Seit|Bis|Ab|Zum|Im|In|Der|Die|Das|Den|Mit|Nach|Bei)\b)"
    r"\(?(?:[A-ZÄÖÜ][\w./ ()\-]{1,40}?)[,:]?\s*(?:den\s+)?(?=\d{1,2}\.)"
)
_PLACE_LINE_ENDS = re.compile(r"\s*[)\]]?\s*[-–—:.|/(]")
#: A release that opens with its day: „27.1.2022 - Bei der …“, „01.02.2022 „Der …“.
_DAY_FIRST = re.compile(r"^\d{1,2}\.\s?(?:\d{1,2}\.|[A-ZÄ]\w+)\s?\d{4}\s*(?=[-–—:|„“»])")
#: A column with so many letters besides headings and links holds a text.
_TEXT = 400
_TOOL = re.compile(
    r"^(?:vorlesen|teilen|druck\w*|merken|anhören|trackback|pdf|senden|versenden|empfehlen"
    r"|kommentar\w*|(?:artikel|seite) \w+)\b.{0,20}$",
    re.I,
)
#: „von Erika Muster, 8.5.12“: only at the end of a byline is so little a date.
_SHORT_DAY = re.compile(r"(?<=[,|–·] )(\d{1,2}\.\s?\d{1,2}\.)\s?(\d\d)$")
#: What asks for an event's day in the line before.
_EVENT_LABEL = re.compile(
    r"\W*(?:beginn|start|ende|termin\w*|wann|zeit(?:raum)?|datum und (?:uhr)?zeit|von|bis)\W*", re.I
)
#: An event's hour: a system's stamp has minutes.
_EVENT_HOUR = re.compile(r"(?<![\d:.])\d{1,2}\s*Uhr\b")
_URL_DAY = re.compile(r"/(19\d\d|20\d\d)[/-](\d{1,2})[/-](\d{1,2})(?=[/-]|$)")
#: The federation's addresses begin a name with the day („/20220127-gedenkstunde.html“), others end
#: it so („/plan-20220127.html“) or write hyphens.
_NAMED_DAY = re.compile(
    r"(?<=[/_-])(19\d\d|20\d\d)([-_.]?)(0[1-9]|1[0-2])\2(0[1-9]|[12]\d|3[01])(?=[/_.-]|$)"
)
#: „/meldungen/29-10-2021“, „/03.06.2025-plan“
_DAY_NAMED = re.compile(
    r"(?<=[/_-])(0?[1-9]|[12]\d|3[01])([-_.])(0?[1-9]|1[0-2])\2(19\d\d|20\d\d)(?=[/_.-]|$)"
)
_DATE_NAME = re.compile(r"(?:^|[\s_-])(?:date|datum|pubdate|publish\w*)(?:$|[\s_-])", re.I)
_DATE_CLASS = re.compile(r"date|datum|time|publi|meta|byline|posted", re.I)


def dates_in(text: str, *, now: datetime) -> Iterator[PublicationDate]:
    """The dates of a text; one without a year in digits has none, which is asked first."""
    return find_all_dates(text, now=now) if _YEAR.search(text) else iter(())


def split_bracket_date(text: str, *, now: datetime) -> tuple[PublicationDate | None, str]:
    """``[30.03.2023] Der Freistaat …`` as its date and the rest; (None, text) without one."""
    match = _BRACKET.match(text)
    date = parse_date(match.group(1), now=now) if match else None
    return (date, text[match.end() :]) if match and date else (None, text)


def date_of_facts(facts: Sequence[Fact], *, now: datetime) -> tuple[PublicationDate | None, str]:
    """The first readable date of the page's metadata, told as exactly as any other of that day."""
    best: PublicationDate | None = None
    where = ""
    for fact in facts:
        date = parse_date(fact.value, now=now)
        if date is not None and best is None:
            best, where = date, fact.where
        elif date is not None:
            best = better_date(best, date)
        if best is not None and not best.day_only:
            break
    return best, where


def tell_refused(doc: Document, facts: Sequence[Fact]) -> None:
    """Warn of metadata that name a day, and none of them one that can be: 1970, or next year."""
    values = [fact.value for fact in facts if _YEAR.search(fact.value)]
    if values and date_of_facts(facts, now=doc.now)[0] is None:
        logger.warning("%s: %r was refused as a date", doc.url, values[0][:_MOST_QUOTED])


def is_today(date: PublicationDate, now: datetime) -> bool:
    """It is the day of the fetch in Germany, which a site's header may show."""
    return date.at.astimezone(BERLIN).date() == now.astimezone(BERLIN).date()


def is_other_day(shown: PublicationDate, told: PublicationDate) -> bool:
    """The page shows its readers another day than its metadata tell.

    A day with day and month exchanged is the same one in English notation.
    """
    day, other = shown.at.astimezone(BERLIN).date(), told.at.astimezone(BERLIN).date()
    return day != other and (day.year, day.day, day.month) != (other.year, other.month, other.day)


def date_of_url(doc: Document) -> PublicationDate | None:
    """The day that the address names: ``/2022/01/24/slug/``, ``/20220124-slug.html``."""
    if match := _URL_DAY.search(doc.path):
        year, month, day = match.groups()
    elif match := _NAMED_DAY.search(doc.path):
        year, _, month, day = match.groups()
    elif match := _DAY_NAMED.search(doc.path):
        day, _, month, year = match.groups()
    else:
        return None
    return parse_date(f"{year}-{int(month):02}-{int(day):02}", now=doc.now)


def date_near_headline(
    doc: Document, headline: Headline, blocks: Sequence[Block]
) -> PublicationDate | None:
    """A date that stands with the headline: in a line of its own, in brackets, in a place line.

    ``blocks`` are those of the part of the page that holds headline and text, in order.
    """
    place = _position(headline, blocks)
    if place is None:
        return None
    letters = 0
    for index in range(place + 1, min(place + 1 + _REACH, len(blocks))):
        block = blocks[index]
        if block.is_heading and (block.is_linked or letters > 0):
            break
        date = _date_of_line(blocks, index, doc.now, below=True)
        if date is not None:
            return date
        letters += len(block.text)
        if letters > 900:
            break
    for index in range(place - 1, max(0, place - 3) - 1, -1):
        block = blocks[index]
        if _TOOL.match(block.text):
            continue
        if block.is_linked or len(block.text) > LINE:
            break
        date = _date_of_line(blocks, index, doc.now, below=False)
        if date is not None:
            return date
    return None


def date_of_marks(
    doc: Document, part: HtmlElement, is_other: Callable[[HtmlElement], bool]
) -> PublicationDate | None:
    """The day that elements called „date“ in the text's part of the page agree on.

    None if they name several days, or if the part is the whole page: then one may be today's.
    """
    if part.tag in {"body", "html"}:
        return None
    found: PublicationDate | None = None
    for element in part.iter("time", "span", "p", "div", "li", "dd", "small", "em", "strong"):
        names = f"{element.get('class') or ''} {element.get('data-testid') or ''}"
        named = element.tag == "time" or _DATE_NAME.search(names)
        if not named or len(element) > 3 or is_other(element):
            continue
        text = clean(element.text_content()[:200]) or ""
        if len(text) > LINE or _NOT_PUBLISHED.search(text) or _RANGE.search(text):
            continue
        date = parse_date(text, now=doc.now)
        if date is None or _tells_change(element):
            continue
        if found is not None and found.iso()[:10] != date.iso()[:10]:
            return None
        found = better_date(found, date)
    return found


def _tells_change(element: HtmlElement) -> bool:
    """What stands before the element says that its day is the last change's, or an event's."""
    around = element.getparent()
    if around is None:
        return False
    before = " ".join(element.xpath("preceding-sibling::node()/descendant-or-self::text()"))
    before = (around.text or "") + before
    if not before.strip() and around.getprevious() is not None:
        before = around.getprevious().text_content()
    return bool(_NOT_PUBLISHED.search(before[-LINE:]))


def column(doc: Document, headline: Headline, blocks: Sequence[Block]) -> HtmlElement | None:
    """The smallest element around the headline with a text in it; None if that is the page."""
    if headline.element is None:
        return None
    for above in headline.element.iterancestors():
        if above.tag in {"body", "html"}:
            return None
        inside = set(above.iter())
        letters = sum(
            len(block.text)
            for block in blocks
            if block.element in inside and not block.is_linked and not block.is_heading
        )
        if letters >= _TEXT:
            return above
    return None


def _position(headline: Headline, blocks: Sequence[Block]) -> int | None:
    if headline.element is None:
        return None
    inside = set(headline.element.iter())
    inside.add(headline.element)
    places = [i for i, block in enumerate(blocks) if block.element in inside]
    return places[-1] if places else None


def _date_of_line(
    blocks: Sequence[Block], index: int, now: datetime, *, below: bool
) -> PublicationDate | None:
    """The date of one line, told as exactly as the ``datetime`` of its ``<time>`` tells it."""
    block = blocks[index]
    stamps = block.stamps if len(block.text) <= LINE else ()
    if not stamps and not _YEAR.search(block.text):
        return None
    change = change_in(blocks, index)
    if change == block.text or (index and _EVENT_LABEL.fullmatch(blocks[index - 1].text)):
        return None
    date = _date_of_text(block, block.text.removesuffix(change), now, below=below)
    for stamp in stamps:
        exact = parse_date(stamp, now=now)
        if date is not None:
            date = better_date(date, exact)
        elif not change and not _NOT_PUBLISHED.search(block.text):
            date = exact
    return date


def _date_of_text(block: Block, text: str, now: datetime, *, below: bool) -> PublicationDate | None:
    date, _ = split_bracket_date(text, now=now)
    if date is not None and below:
        return date
    if len(text) <= LINE:
        if _NOT_PUBLISHED.search(block.text) and not _LABEL.search(text):
            return None
        if _RANGE.search(text) or _EVENT_HOUR.search(text):
            return None
        date = next(_lines_dates(text, now), None)
        if date is None:
            return None
        # "Samstag, 24. Mai 2025" over a headline is the header's date of today.
        sites_own = is_today(date, now) or not _is_marked(block.element)
        if not below and sites_own and _WEEKDAY.match(text):
            return None
        rest = len(text) - len(date.raw)
        if rest <= 60 or _LABEL.search(text) or _is_marked(block.element):
            return date
        return None
    if below and (opening := _DAY_FIRST.match(text)):
        return parse_date(opening.group(0), now=now)
    place = _PLACE_LINE.match(text) if below else None
    if place is not None:
        date = next(dates_in(text[place.end() : place.end() + 40], now=now), None)
        after = text[place.end() :]
        if (
            date is not None
            and after.startswith(date.raw)
            and _PLACE_LINE_ENDS.match(after[len(date.raw) :])
        ):
            return date
    return None


def _lines_dates(text: str, now: datetime) -> Iterator[PublicationDate]:
    whole = parse_date(text, now=now)
    if whole is not None:
        yield whole
        return
    if (short := _SHORT_DAY.search(text)) and (
        date := parse_date(f"{short[1]}20{short[2]}", now=now)
    ):
        yield date
    for date in dates_in(text, now=now):
        before = text[: text.find(date.raw)]
        if not _NOT_PUBLISHED.search(before[-30:]):
            yield date


def _is_marked(element: HtmlElement) -> bool:
    """The page marks this line as a date."""
    if element.tag == "time" or element.find(".//time") is not None:
        return True
    return bool(_DATE_CLASS.search(element.get("class") or ""))
