"""The teasers and the text of a letter's HTML or plain part, told by their structure. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import parse_qsl, unquote, urlsplit

from bs4 import BeautifulSoup, Tag

from crawler.dates import parse_date
from crawler.pages.phrases import is_tail, without_more
from crawler.text import MAX_KICKER, clean, clean_lines, html_to_text
from crawler.urls import UrlError, canonical_url, is_home

#: Letters of the shortest headline.
_HEADLINE = 12
_LONGEST_HEADLINE = 250
#: Any moment will do where it is only asked whether a line is a date.
_ANY = datetime(2100, 1, 1, tzinfo=UTC)

#: Parameters in which click counters carry the real address.
_CARRIERS = ("url", "u", "target", "redirect", "redirect_url", "link", "to", "dest", "href", "goto")
_CARRIED = re.compile(r"https?(?::|%3a)//?", re.IGNORECASE)
#: An address that says who clicked: an opaque path of a counter, or a long token.
_TOKEN = re.compile(r"(?=\w*\d)(?=\w*[A-Za-z])\w{20,}")
_COUNTER = re.compile(
    r"(?:^|[./])(?:click|clicks|clk|ct|cl|lnk|track|tracking|trk|wf|rdr|redir|redirect|r)(?:[./?-]|$)",
    re.IGNORECASE,
)
#: Addresses that must never be asked for (they may unsubscribe us), and those of networks.
_NO_ADDRESS = re.compile(
    r"abmeld|abbestell|austrag|unsub|opt-?out|signoff|//(?:www\.)?(?:facebook|twitter|x|instagram"
    r"|linkedin|xing|bsky|t)\.(?:com|me|app)|mastodon|whatsapp|youtube\.com/(?:user|c/|@|channel)",
    re.IGNORECASE,
)
#: Short links that lead to the letter's own business. „Auto online abmelden“ in a heading is news.
_BUSINESS = re.compile(
    r"abmeld|abbestell|austrag|unsubscribe|kündig|einstellungen|preferences|mein profil|weiterempf"
    r"|weiterleiten|forward|web-?(?:ansicht|version)|browser|online-?(?:ansicht|version)|impressum"
    r"|datenschutz|privacy|kontakt|(?:newsletter|archiv)\b|facebook|instagram|linkedin|mastodon",
    re.IGNORECASE,
)
_LONGEST_BUSINESS = 45
#: The end of a letter: how to get out of it, and who answers for it.
_WAY_OUT = re.compile(
    r"\babmelden\b|abbestell|austragen|unsubscribe|sie erhalten diese|im browser (?:an|öff|lesen)"
    r"|^impressum|newsletter (?:abonniert|nicht mehr)|weiterleiten an"
    r"|e-?mail nicht (?:richtig|mehr)",
    re.IGNORECASE,
)
_MORE = re.compile(
    r"^\W*(?:mehr|weiter(?:lesen)?|zum (?:artikel|beitrag)|zur (?:meldung|pressemitteilung"
    r"|veranstaltung)|details|lesen sie|hier (?:lesen|klicken)|jetzt lesen|ganze[rn]? (?:artikel"
    r"|text|beitrag)|read more|link)\b",
    re.IGNORECASE,
)
_HEADINGS = ("h1", "h2", "h3", "h4", "h5")
_BLOCKS = {
    "p", "td", "th", "li", "div", "section", "article", "table", "tr", "tbody", "body", "center",
    "blockquote", "dd", "dt", *_HEADINGS,
}  # fmt: skip
_HIDDEN = re.compile(r"display\s*:\s*none|max-height\s*:\s*0|font-size\s*:\s*0|mso-hide", re.I)
_URL = re.compile(r"https?://[^\s<>\"“”]+")
_RULE = re.compile(r"^[\s\-_=*#~+·•]{3,}$")


@dataclass(frozen=True, slots=True)
class Teaser:
    """A headline that leads to a page of its own, with what stands beside it."""

    url: str
    title: str
    text: str | None = None
    kicker: str | None = None
    date: str | None = None

    @property
    def letters(self) -> int:
        """How much of the letter it is."""
        return sum(len(piece or "") for piece in (self.title, self.text, self.kicker, self.date))


@dataclass(frozen=True, slots=True)
class Content:
    """What a letter's part holds: its teasers in their order, and its whole text."""

    teasers: tuple[Teaser, ...]
    text: str | None
    letters: int
    skipped: tuple[str, ...] = ()


@dataclass(slots=True)
class _Target:
    """All links of a letter that lead to one address."""

    links: list[Tag] = field(default_factory=list)


def free_link(link: str) -> str | None:
    """The address behind a click counter and without tracking; None if it is no web address."""
    try:
        for _ in range(3):
            carried = [
                value
                for key, value in parse_qsl(urlsplit(link).query)
                if key.lower() in _CARRIERS and _CARRIED.match(value)
            ]
            if not carried:
                break
            link = unquote(carried[0]) if "%2f" in carried[0].lower() else carried[0]
        return canonical_url(link)
    except (UrlError, ValueError):
        return None


def is_personal(url: str) -> bool:
    """Whether an address tells who clicked: it may be asked for, but never shown or kept."""
    parts = urlsplit(url)
    counted = bool(_COUNTER.search(f"{parts.hostname or ''}{parts.path}"))
    last = parts.path.rpartition("/")[2]
    return (counted and len(parts.path + parts.query) > 24) or bool(
        _TOKEN.fullmatch(last)
        or any(_TOKEN.fullmatch(value) for _, value in parse_qsl(parts.query))
    )


def read_html(html: str, unsubscribe: Iterable[str] = ()) -> Content:
    """The teasers and the text of an HTML part; ``unsubscribe``: addresses never to be used."""
    soup = BeautifulSoup(html, "lxml")
    for element in soup.find_all(["script", "style", "head", "title", "template"]):
        element.decompose()
    for element in soup.find_all(style=_HIDDEN):
        if not element.decomposed:
            element.decompose()
    refused = {link.strip() for link in unsubscribe}
    targets: dict[str, _Target] = {}
    for link in soup.find_all("a", href=True):
        in_heading = bool(link.find_parent(_HEADINGS) or link.find(_HEADINGS))
        url = _wanted(str(link["href"]), "" if in_heading else _line(link) or "", refused)
        if url and _stands_alone(link):
            targets.setdefault(url, _Target()).links.append(link)
    found = {url: _block(target, targets) for url, target in targets.items()}
    teasers = [
        teaser
        for url, block in found.items()
        if (teaser := _read_block(url, block, targets[url].links))
    ]
    text = _without_tail(html_to_text(str(soup)))
    return Content(tuple(teasers), text, len(text or ""))


def read_plain(text: str, unsubscribe: Iterable[str] = ()) -> Content:
    """The teasers and the text of a plain part: paragraphs that end in an address."""
    refused = {link.strip() for link in unsubscribe}
    teasers: dict[str, Teaser] = {}
    kept: list[str] = []
    block: list[str] = []
    for line in [*text.replace("\r", "").split("\n"), ""]:
        stripped = line.strip()
        if stripped == "--":
            break  # the signature (RFC 3676, section 4.3)
        links = _URL.findall(stripped)
        rest = clean(_URL.sub(" ", stripped).strip(" <>()[]")) or ""
        if links and (not rest or _MORE.match(rest) or rest.endswith(":")):
            url = _wanted(links[-1].rstrip(".,;)>]"), rest, refused)
            if url and block and url not in teasers:
                teasers[url] = _read_plain(url, block)
            block = []
        elif stripped and not _RULE.match(stripped):
            block.append(stripped)
            kept.append(stripped)
        elif block and not stripped:
            kept.append("")
            # a paragraph that is longer than a headline ends a teaser without an address
            block = block if sum(map(len, block)) <= _LONGEST_HEADLINE else []
    paragraphs = re.split(r"\n{2,}", "\n".join(kept))
    joined = _without_tail(clean_lines("\n".join(part.replace("\n", " ") for part in paragraphs)))
    good = tuple(teaser for teaser in teasers.values() if len(teaser.title) >= _HEADLINE)
    return Content(good, joined, len(joined or ""))


def _read_plain(url: str, block: list[str]) -> Teaser:
    title = clean(block[0].strip("*#=• ")) or ""
    return Teaser(url, title[:_LONGEST_HEADLINE], clean(" ".join(block[1:])))


def _wanted(href: str, text: str, refused: set[str]) -> str | None:
    """The address a link really leads to, unless it is none that an item could have."""
    href = href.strip()
    if href in refused or _NO_ADDRESS.search(href):
        return None
    if len(text) <= _LONGEST_BUSINESS and _BUSINESS.search(text):
        return None
    url = free_link(href)
    if url is None or is_home(url) or url in refused or _NO_ADDRESS.search(url):
        return None
    return url


def _stands_alone(link: Tag) -> bool:
    """A headline or a „mehr“ by itself; not a word within a sentence."""
    text = _line(link)
    if link.find_parent(_HEADINGS) or link.find(_HEADINGS):
        return True
    if not text:  # around a picture
        return False
    if _MORE.match(text):
        return True
    parent = link.parent
    while parent is not None and parent.name not in _BLOCKS:
        parent = parent.parent
    if parent is None or len(text) < _HEADLINE:
        return False
    # alone on its line, whatever stands in the lines around it
    lines = [clean(line) for line in (html_to_text(str(parent)) or "").split("\n")]
    return text in lines


def _block(target: _Target, targets: dict[str, _Target]) -> Tag:
    """The largest element around the target's links that holds no other teaser's."""
    mine = {id(link) for link in target.links}
    others = {id(link) for other in targets.values() for link in other.links} - mine
    block = target.links[0]
    for parent in target.links[0].parents:
        if parent.name in ("body", "html", "[document]"):
            break
        if any(id(link) in others for link in parent.find_all("a")):
            break
        block = parent
    return block


def _read_block(url: str, block: Tag, links: list[Tag]) -> Teaser | None:
    lines = [line for line in (html_to_text(str(block)) or "").split("\n") if line]
    title = _title(block, links)
    if title is None or not _HEADLINE <= len(title) <= _LONGEST_HEADLINE:
        return None
    at = next((n for n, line in enumerate(lines) if title in line), 0)
    before, after = lines[:at], lines[at:]
    date = next((line for line in lines if len(line) < 40 and parse_date(line, now=_ANY)), None)
    kicker = next(
        (line for line in reversed(before) if line != date and len(line) <= MAX_KICKER), None
    )
    texts = [
        without_more(line)
        for line in after
        if line not in (date, title) and line not in title and not _MORE.match(line)
    ]
    text = clean(" ".join(line for line in texts if line))
    return Teaser(url, title, text if text != title else None, kicker, date)


def _title(block: Tag, links: list[Tag]) -> str | None:
    headings = [block] if block.name in _HEADINGS else block.find_all(_HEADINGS)
    for heading in headings:
        if (text := _line(heading)) and len(text) >= _HEADLINE:
            return text
    for link in links:
        if (text := _line(link)) and not _MORE.match(text) and len(text) >= _HEADLINE:
            return text
    for strong in block.find_all(["b", "strong"]):
        if (text := _line(strong)) and len(text) >= _HEADLINE:
            return text
    return None


def _line(element: Tag) -> str | None:
    return clean((html_to_text(str(element)) or "").replace("\n", " "))


def _without_tail(text: str | None) -> str | None:
    """The text up to its contact block, imprint or way out."""
    kept: list[str] = []
    for line in (text or "").split("\n"):
        if len(kept) > 1 and (is_tail(line) or (len(line) < 200 and _WAY_OUT.search(line))):
            break
        kept.append(line)
    return "\n".join(kept) or None
