"""PDF press releases: bytes to `PageData`, or one clear line saying why not."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from crawler.entries import MAX_BODY
from crawler.pdf_lines import read_lines
from crawler.pdf_text import Reading, read_text
from crawler.reservations import Statement, of_pdf
from crawler.text import clean, fold
from crawler.types import PageData
from store.errors import RadarError

#: Bytes of the largest PDF that is read.
MAX_BYTES = 30 * 1024 * 1024
#: Seconds that one PDF may take; a release of two pages takes 0.12, most of it the process's start.
LIMIT_S = 20.0

#: A page with fewer letters is a picture with a stamp or a page number on it.
_FEWEST_LETTERS = 25
#: Where Word, scanners and web servers leave a file's name instead of a title.
_NO_TITLE = re.compile(
    r"\.(?:docx?|pdf|odt|indd|pub|rtf|pptx?|xlsx?|qxd|cdr|tmp)$|^(?:untitled|unbenannt"
    r"|dokument ?\d*|document ?\d*|ohne titel|layout ?\d*|scan\w*|pressemitteilung|pressemeldung"
    r"|presseinformation|medieninformation|folie ?\d*|powerpoint.*|vorlage.*|briefbogen.*)$",
    re.IGNORECASE,
)
#: Accounts, machines and programs that sign documents.
_NO_AUTHOR = re.compile(
    r"[@\\_\d]|^\(|anonym|admin|benutzer|user|unknown|unbekannt|microsoft|office|scanner|canon"
    r"|ricoh|konica|xerox|kyocera|\b(?:hp|pdf)\b",
    re.IGNORECASE,
)
_RELEASE = re.compile(r"(?:presse|medien)|press release", re.IGNORECASE)
_NOTICE = re.compile(r"(?:amtliche )?bekanntmachung", re.IGNORECASE)
_SCRIPT_TAG = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{2,8})*$", re.IGNORECASE)

#: The dictionary of a metadata stream, bytes that are read of one, and how many are looked at: a
#: release has one, and one more with each edit.
_XMP = re.compile(rb"/Subtype\s*/XML\b")
_MAX_XMP = 1_000_000
_MAX_PACKETS = 20


class DocumentError(RadarError):
    """A PDF that cannot be read; the message is one line naming the address and the reason."""


@dataclass(frozen=True, slots=True)
class PdfDocument:
    """What a PDF said, and what it says of mining its text."""

    page: PageData
    pages: int
    #: what its own metadata say of text and data mining; None: nothing valid
    statement: Statement | None = None


_REFUSALS = {
    "encrypted": "the PDF is encrypted and needs a password; left out",
    "damaged": "the PDF is damaged; look whether the address still gives the whole file",
}


def is_pdf(data: bytes) -> bool:
    """Whether the bytes are a PDF's, whatever their server calls them."""
    # PDF 1.7, Annex H, note 13: readers bear with junk before the header
    return b"%PDF-" in data[:1024]


def parse_pdf(data: bytes, url: str, *, now: datetime) -> PageData:
    """What the PDF at ``url`` says; an unknown field is None. ``now``: the fetch (aware).

    Raises DocumentError as `read_pdf` does.
    """
    return read_pdf(data, url, now=now).page


def read_pdf(data: bytes, url: str, *, now: datetime) -> PdfDocument:
    """What the PDF at ``url`` says, and what it says of mining it.

    Raises DocumentError for a file that is no PDF, too large, cut short, encrypted or damaged, has
    no text layer, or takes longer than `LIMIT_S` seconds or too much memory.
    """
    if len(data) > MAX_BYTES:
        raise DocumentError(
            f"{url}: the PDF has {len(data) / 1024**2:.0f} MB, more than "
            f"{MAX_BYTES // 1024**2}; left out"
        )
    if not is_pdf(data):
        raise DocumentError(f"{url}: not a PDF; look what the address gives")
    if b"%%EOF" not in data[-2048:]:
        raise DocumentError(
            f"{url}: the PDF is cut short (no end-of-file mark); fetch it again in full"
        )
    found = _read(data, url)
    if refusal := found.get("refusal"):
        raise DocumentError(f"{url}: {_REFUSALS[refusal]}")
    pages = found["pages"]
    letters = sum(len(line[0]) for page in pages for line in page["lines"])
    if letters < _FEWEST_LETTERS:
        scanned = any(page["images"] for page in pages) or letters
        reason = "scanned, no text layer" if scanned else "empty, no text at all"
        raise DocumentError(
            f"{url}: the PDF is {reason}; ask the publisher for the text or link to it by hand"
        )
    statement = of_pdf(b"".join(metadata_packets(data)))
    return PdfDocument(_page(found, url, now), pages=found["pages_in_all"], statement=statement)


def _read(data: bytes, url: str) -> dict[str, Any]:
    try:
        done = subprocess.run(
            [sys.executable, "-m", "crawler.pdf_reader"],
            input=data,
            capture_output=True,
            timeout=LIMIT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise DocumentError(f"{url}: the PDF was not read within {LIMIT_S:g} s; left out") from None
    if done.returncode < 0 or b"MemoryError" in done.stderr:
        raise DocumentError(f"{url}: reading the PDF took too much time or memory; left out")
    if done.returncode:
        raise RuntimeError(f"{url}: {done.stderr.decode('utf-8', 'replace')}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _page(found: dict[str, Any], url: str, now: datetime) -> PageData:
    info = {name: clean(text) for name, text in found["info"].items()}
    named = re.sub(r"^Microsoft \w+ - ", "", info.get("Title") or "")
    named = "" if _NO_TITLE.search(named) or " " not in named else named
    lines = read_lines(found["pages"])
    text = read_text(lines, named or None, now=now)
    author = _author(info.get("Author"), lines[0].text if lines else "")
    language = _language(found["language"])
    where = {
        "title": "pdf-text",
        "published": "pdf-text",
        "body": "pdf-text",
        "teaser": "pdf-text",
        "place": "pdf-text",
        "author": "pdf-info",
        "language": "pdf-catalogue",
    }
    page = PageData(
        url=url,
        kind=_kind(text),
        title=text.title,
        teaser=text.teaser,
        published=text.published,
        body=text.body[:MAX_BODY] if text.body else None,
        author=author,
        language=language,
        place=text.place,
    )
    for name, place in where.items():
        if getattr(page, name) is not None:
            page.found[name] = place
    if found["pages_in_all"] > len(found["pages"]):
        page.found["body"] += f", first {len(found['pages'])} of {found['pages_in_all']} pages"
    return page


def _kind(text: Reading) -> str:
    if text.label and _NOTICE.match(text.label):
        return "notice"
    return "press_release" if text.label and _RELEASE.match(text.label) else "article"


def _author(name: str | None, first_line: str) -> str | None:
    if not name or _NO_AUTHOR.search(name) or not 2 <= len(name.split()) <= 8:
        return None
    return None if fold(name) == fold(first_line) else name


def _language(name: str | None) -> str | None:
    """The catalogue's language; None for English, in which office programs are delivered."""
    if not name or not _SCRIPT_TAG.match(name) or name.lower().startswith("en"):
        return None
    return name.partition("-")[0].lower()


def metadata_packets(data: bytes) -> Iterator[bytes]:
    """The first XMP packets of a PDF, unpacked: what `crawler.reservations.of_pdf` reads.

    Their streams are never inside object streams (PDF 1.7, 7.5.7), so they are always in sight.
    """
    for match in islice(_XMP.finditer(data), _MAX_PACKETS):
        start = data.find(b"stream", match.end(), match.end() + 500)
        end = data.find(b"endstream", start) if start >= 0 else -1
        if end < 0:
            continue
        opening = data.rfind(b"<<", max(0, match.start() - 500), match.start())
        packet = data[start + len(b"stream") : end].lstrip(b"\r\n")
        if b"FlateDecode" in data[opening:start]:
            try:
                packet = zlib.decompressobj().decompress(packet, _MAX_XMP)
            except zlib.error:
                continue
        yield packet[:_MAX_XMP]
