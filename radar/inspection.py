"""What the extractor sees in a file, as plain data for ``radar parse``. Stores nothing."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from crawler.documents import is_pdf, read_pdf
from crawler.feeds import parse_feed
from crawler.mail import parse_message
from crawler.pages import PageError, parse_page
from crawler.reservations import evidence
from crawler.sitemaps import parse_sitemap
from crawler.types import Entry, EntryList, PageData
from crawler.urls import UrlError, canonical_url
from store.errors import RadarError
from store.types import Link, PublicationDate


class InspectionError(RadarError):
    """A file that cannot be read or parsed; the message is one line naming it."""


#: Stands for the address of what has none: a letter.
NO_ADDRESS = "mid:"

Parser = Callable[[bytes, str], dict[str, Any]]


def parser_for(what: str, *, now: datetime, page: str | None) -> Parser:
    """The function (bytes, URL) → plain data for ``page``, ``feed``, ``sitemap`` or ``mail``."""
    match what:
        case "page":
            return lambda body, url: _page(body, url, now=now, page=page)
        case "feed":
            return lambda body, url: list_dict(parse_feed(body, url, now=now))
        case "sitemap":
            return lambda body, url: list_dict(parse_sitemap(body, url, now=now))
        case "mail":
            return lambda body, url: _letter(body, now=now)
    raise InspectionError(f"{what!r} is none of page, feed, sitemap, mail")


def _page(body: bytes, url: str, *, now: datetime, page: str | None) -> dict[str, Any]:
    if is_pdf(body):
        document = read_pdf(body, url, now=now)
        return {
            **page_dict(document.page),
            "pages": document.pages,
            "reservation": evidence([document.statement], url),
        }
    return page_dict(parse_page(body, url, now=now, page=page))


def _letter(body: bytes, *, now: datetime) -> dict[str, Any]:
    letter = parse_message(body, now=now)
    return {
        "subject": letter.subject,
        "sender": letter.sender,
        "sent": _iso(letter.sent),
        "is_digest": letter.is_digest,
        "reason": letter.reason,
        **list_dict(letter.entries),
    }


def check_address(url: str) -> None:
    """Refuse what cannot be the address that a file came from. Raises `InspectionError`."""
    try:
        canonical_url(url)
    except UrlError as error:
        raise InspectionError(f"--url: {error}; name one such as https://www.stadt.de/1") from error


def inspect_file(path: Path, url: str, parse: Parser) -> dict[str, Any]:
    """What ``parse`` sees in one file, plain or gzipped. Raises `InspectionError`."""
    try:
        body = path.read_bytes()
        if body[:2] == b"\x1f\x8b":
            body = gzip.decompress(body)
    except (OSError, EOFError, zlib.error) as error:
        raise InspectionError(f"{path}: cannot be read: {_reason(error)}") from error
    try:
        return parse(body, url)
    except (RadarError, PageError) as error:
        raise InspectionError(f"{path}: {error}") from error


def inspect_list(listing: Path, parse: Parser) -> Iterator[dict[str, Any]]:
    """One result for each line ``{"file": …, "url": …}`` of a JSON Lines file, in its order.

    File names are relative to the list's own folder. A file that cannot be parsed gives
    ``{"file", "url", "error"}`` in its place. Raises `InspectionError` if a line of the list
    itself cannot be read.
    """
    try:
        opener = gzip.open if listing.suffix == ".gz" else open
        with opener(listing, "rt", encoding="utf-8") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    yield _inspect_line(line, f"{listing}:{number}", listing.parent, parse)
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise InspectionError(f"{listing}: cannot be read: {_reason(error)}") from error


def _reason(error: Exception) -> str:
    """Why a file cannot be read, without the system's number for it."""
    return (isinstance(error, OSError) and error.strerror) or str(error)


def _inspect_line(line: str, where: str, folder: Path, parse: Parser) -> dict[str, Any]:
    try:
        wanted = json.loads(line)
        file, url = wanted["file"], wanted["url"]
    except (json.JSONDecodeError, KeyError, TypeError) as error:
        raise InspectionError(
            f'{where}: not a line like {{"file": "page.html", "url": "https://…"}}'
        ) from error
    path = Path(file)
    try:
        return inspect_file(path if path.exists() else folder / path, url, parse)
    except InspectionError as error:
        return {"file": file, "url": url, "error": str(error)}


def page_dict(page: PageData) -> dict[str, Any]:
    """A page's fields under the names of the ``parse page`` interface; absent is null."""
    return {
        "url": page.url,
        "kind": page.kind,
        "kicker": page.kicker,
        "title": page.title,
        "teaser": page.teaser,
        "section": page.section,
        "published": _iso(page.published),
        "body": page.body,
        "author": page.author,
        "image": page.image,
        "image_credit": page.image_credit,
        "paywalled": page.paywalled,
        "place": page.place,
        "duration_s": page.duration_s,
        "views": page.views,
        "language": page.language,
        "links": [_link_dict(link) for link in page.links],
        "found": page.found,
    }


def list_dict(entries: EntryList) -> dict[str, Any]:
    """A list's heading and entries, and what had to be left out."""
    return {
        "title": entries.title,
        "teaser": entries.teaser,
        "entries": [_entry_dict(entry) for entry in entries.entries],
        "skipped": list(entries.skipped),
        "further": list(entries.further),
    }


def _entry_dict(entry: Entry) -> dict[str, Any]:
    return {
        "url": entry.url,
        "guid": entry.guid,
        "kicker": entry.kicker,
        "title": entry.title,
        "teaser": entry.teaser,
        "section": entry.section,
        "published": _iso(entry.published),
        "body": entry.body,
        "author": entry.author,
        "genre": entry.genre,
        "image": entry.image,
        "duration_s": entry.duration_s,
        "views": entry.views,
    }


def _link_dict(link: Link) -> dict[str, Any]:
    return {
        "kicker": link.kicker,
        "title": link.title,
        "date": _iso(link.date),
        "teaser": link.teaser,
        "genre": link.genre,
        "url": link.url,
    }


def _iso(date: PublicationDate | None) -> str | None:
    return date.iso() if date else None
