"""From what a list literally said of an item to an `Entry`: the one path that all formats share."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import astuple, dataclass, replace
from datetime import datetime
from itertools import chain

from bs4 import BeautifulSoup

from crawler.dates import parse_date
from crawler.durations import parse_duration
from crawler.items import fingerprint
from crawler.text import (
    clean,
    clean_lines,
    html_to_text,
    is_damaged,
    looks_like_html,
    repair_encoding,
)
from crawler.types import Entry, EntryList
from crawler.urls import UrlError, canonical_url

#: The longest headline among the sample of German press feeds has under 300 characters; a title
#: past this is a damaged export.
MAX_TITLE = 1000

#: A description longer than this, or of several paragraphs, is the item's text and no summary.
MAX_TEASER = 800

#: Past this no press text goes; it keeps one damaged entry from filling the newsroom.
MAX_BODY = 500_000

#: Categories that every item of a blog system has until somebody chooses one.
_NO_SECTIONS = {"uncategorized", "unkategorisiert", "allgemein", "allgemeines", "default", "blog"}
_NO_AUTHORS = {"admin", "administrator", "webmaster", "root", "noreply", "unknown"}

_IMG = re.compile(r"<img\b[^<>]*>", re.IGNORECASE)
_PIXEL = re.compile(r"\b(?:width|height)\s*=\s*[\"']?[01]\b|/(?:pixel|count|zaehl)", re.IGNORECASE)
#: What WordPress and others append to every summary: the way to the page, not the page's words.
_ORIGIN = re.compile(
    r"(?:Der Beitrag|The post|Dieser Beitrag)\b.{0,500}?\b(?:erschien (?:zuerst )?auf"
    r"|ist (?:zuerst )?auf|appeared first on)\b.{0,200}$",
    re.IGNORECASE,
)
_MORE = re.compile(
    r"(?<!\w)\[?\(?(?:weiterlesen|weiter lesen|mehr lesen|mehr erfahren|lesen sie mehr|read more"
    # the word alone ends many a sentence, too
    r"|(?<=[.!?…] )mehr|(?<=[\[(])mehr|mehr(?=\s*(?:…|\.\.\.|»|→|>))"
    r"|continue reading|zum artikel|zur meldung)\)?\]?\s*(?:…|\.\.\.|»|→|>)*\s*$",
    re.IGNORECASE,
)
#: The longest of those with its arrows: a whole paragraph need not be searched.
_MORE_LENGTH = 40
_CUT = re.compile(r"\s*\[\s*(?:…|\.\.\.)\s*\]\s*$")


@dataclass(frozen=True, slots=True)
class RawEntry:
    """One item as its list wrote it. Texts may be HTML; addresses may be relative or nonsense."""

    #: where the item is, the most trustworthy first
    links: tuple[str, ...] = ()
    title: str | None = None
    guid: str | None = None
    kicker: str | None = None
    summary: str | None = None
    content: str | None = None
    categories: tuple[str, ...] = ()
    author: str | None = None
    published: str | None = None
    #: the list says that its times are UTC without writing it behind each
    utc: bool = False
    date_source: str = "entry"
    modified: str | None = None
    genre: str | None = None
    images: tuple[str, ...] = ()
    duration: str | None = None
    views: str | None = None
    #: reason why the list itself shows this entry to be damaged
    damage: str | None = None
    #: hash of what the list wrote of it, where it is known before the rest; else it is made of that
    fingerprint: str | None = None


def make_entries(
    raws: Iterable[RawEntry],
    url: str,
    *,
    now: datetime,
    known: Mapping[str, str] | None = None,
    title: str | None = None,
    teaser: str | None = None,
    further: Iterable[str] = (),
) -> EntryList:
    """Tame every raw entry; what cannot be is left out with a line that names it and the reason.

    ``url`` is the list's own address, against which the others are made absolute; ``known`` the
    fingerprints of what need not be tamed again, with their addresses.
    """
    known = known or {}
    entries: dict[str, Entry] = {}
    unchanged: dict[str, str] = {}
    known_guids: list[str | None] = []
    skipped: list[str] = []
    notes: list[str] = []
    for number, raw in enumerate(raws, start=1):
        mark = raw.fingerprint or _fingerprint(raw)
        if mark in known and not raw.damage:
            if known[mark] not in entries:
                unchanged[known[mark]] = mark
                known_guids.append(raw.guid)
            continue
        try:
            address = _address(raw, url)
        except _DamagedError as error:
            skipped.append(f"{_name(number, raw)}: {error}")
            continue
        if address in entries or address in unchanged:
            name = _name(number, raw)
            skipped.append(f"{name}: {address} was already named by an entry above")
            continue
        entries[address] = entry = replace(_entry(raw, address, now=now), fingerprint=mark)
        if raw.published and entry.published is None:
            date = raw.published.strip()[:80]
            notes.append(f"{_name(number, raw)}: {date!r} was refused as a date")
        if any(text and is_damaged(text) for text in (entry.title, entry.teaser, entry.body)):
            name = _name(number, raw)
            notes.append(f"{name}: letters were lost or misread before the list was sent")
    return EntryList(
        title=_line(title),
        teaser=_line(teaser),
        entries=_without_repeated_guids(entries.values(), known_guids),
        skipped=tuple(skipped),
        further=tuple(_addresses(further, url)),
        notes=tuple(notes),
        unchanged=unchanged,
    )


class _DamagedError(ValueError):
    """The reason why an entry is left out."""


def _entry(raw: RawEntry, address: str, *, now: datetime) -> Entry:
    title = _line(raw.title)
    body = _without_tail(_text(raw.content))
    summary = _without_tail(_text(raw.summary))
    if summary and not body and (len(summary) > MAX_TEASER or summary.count("\n") >= 2):
        body, summary = summary, None
    if summary == body:
        summary = None
    teaser = clean(_CUT.sub(" …", summary)) if summary else None
    published = parse_date(raw.published, now=now) if raw.published else None
    if published and raw.utc and published.zone != "given":
        shifted = parse_date(f"{raw.published}Z", now=now)
        published = replace(shifted, raw=published.raw) if shifted else published
    return Entry(
        url=address,
        title=title,
        guid=clean(raw.guid),
        kicker=_line(raw.kicker),
        teaser=teaser if teaser != title else None,
        body=body[:MAX_BODY] if body else None,
        section=_section(raw.categories),
        author=_author(raw.author),
        published=published,
        genre=_line(raw.genre),
        image=_image(raw, address),
        duration_s=parse_duration(raw.duration),
        views=_count(raw.views),
        date_source=raw.date_source,
        modified=clean(raw.modified),
    )


def _fingerprint(raw: RawEntry) -> str:
    # images and views change without the item changing; of texts (CDATA) the markup does
    lasting = astuple(replace(raw, links=(), images=(), views=None, damage=None))
    return fingerprint(f"{raw.links}<![CDATA[{lasting}]]>")


def _name(number: int, raw: RawEntry) -> str:
    """Where an entry stands; never its title: such lines go into logs, which outlive erasures."""
    named = (*raw.links, raw.guid or "")
    address = next((link for link in named if link.startswith(("http://", "https://"))), None)
    return f"entry {number}" + (f" ({address[:200]})" if address else "")


def _address(raw: RawEntry, base: str) -> str:
    if raw.damage:
        raise _DamagedError(raw.damage)
    if raw.title and len(raw.title) > MAX_TITLE:
        size = f"{len(raw.title):,} characters, more than {MAX_TITLE:,}"
        raise _DamagedError(f"its title has {size}")
    reason = "it has no link"
    for link in raw.links:
        try:
            return canonical_url(link, base)
        except UrlError as error:
            reason = str(error)
    raise _DamagedError(reason)


def _addresses(links: Iterable[str], base: str) -> Iterable[str]:
    for link in dict.fromkeys(links):
        try:
            yield canonical_url(link, base)
        except UrlError:
            # a hint that leads nowhere costs nothing: the list itself was read
            continue


def _without_repeated_guids(
    entries: Iterable[Entry], others: Iterable[str | None]
) -> tuple[Entry, ...]:
    """Return the entries, without a guid where several share it: it then identifies none."""
    entries = tuple(entries)
    seen = Counter([*map(clean, others), *(entry.guid for entry in entries)])
    return tuple(replace(e, guid=None) if seen[e.guid] > 1 else e for e in entries)


def _line(text: str | None) -> str | None:
    text = _text(text)
    return clean(text.replace("\n", " ")) if text else None


def _text(text: str | None) -> str | None:
    if text is None:
        return None
    # before white space is levelled: a misread NBSP would lose its second half
    plain = html_to_text(repair_encoding(text))
    if plain and looks_like_html(plain):
        # Escaped once too often, as many feeds do ("&amp;amp;"). Tags that were escaped beside
        # real ones are a text about HTML and stay.
        plain = clean_lines(plain) if "<" in text else html_to_text(plain)
    return repair_encoding(plain) if plain else None


def _without_tail(text: str | None) -> str | None:
    if text is None:
        return None
    *lines, last = text.split("\n")
    if "eitrag" in last or "he post" in last:
        last = _ORIGIN.sub("", last).rstrip()
    if more := _MORE.search(last, max(0, len(last) - _MORE_LENGTH)):
        last = last[: more.start()]
    last = last.strip()
    return "\n".join([*lines, last] if last else lines) or None


def _section(categories: Iterable[str]) -> str | None:
    for category in categories:
        name = _line(category)
        # a category may be a keyword list's address or a whole sentence
        if name and len(name) <= 60 and "://" not in name and name.lower() not in _NO_SECTIONS:
            return name
    return None


def _author(author: str | None) -> str | None:
    name = _line(author)
    if name and "@" in name:
        # RSS 2.0 wants "mail@host (Name)"; an address alone names nobody
        inside = re.search(r"\(([^()@]+)\)", name)
        name = inside[1].strip() if inside else re.sub(r"\S*@\S*|[<>()]", "", name).strip()
    return name if name and name.lower() not in _NO_AUTHORS else None


def _image(raw: RawEntry, base: str) -> str | None:
    named = _addresses((link for link in raw.images if link.strip()), base)
    return next(chain(named, _shown_images(raw, base)), None)


def _shown_images(raw: RawEntry, base: str) -> Iterator[str]:
    for text in (raw.content, raw.summary):
        # the tags alone: parsing the whole text once more would cost more than reading the feed
        for tag in _IMG.findall(text or ""):
            image = BeautifulSoup(tag, "html.parser").find("img", src=True)
            if image and not _PIXEL.search(tag):
                yield from _addresses([str(image["src"])], base)


def _count(text: str | None) -> int | None:
    digits = re.sub(r"[.,\s]", "", text or "")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 13 else None
