"""A fetched page as one decoded, parsed tree: what every page class reads from."""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import cast
from urllib.parse import urljoin, urlsplit

from lxml import etree
from lxml.html import HtmlElement

from crawler.text import clean
from crawler.urls import UrlError, canonical_url

#: Bytes of one page at most (issue 4, "Manners and law"); the fetcher has the same limit.
MAX_BYTES = 8 * 1024 * 1024
#: Title, kicker and author are cut here: what is longer is an accident, not a headline.
MAX_LINE = 500

#: WHATWG Encoding Standard, section 4.2: what a page means when it says one of these.
_WHATWG = {
    "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "ascii": "cp1252",
    "us-ascii": "cp1252",
    "windows-1252": "cp1252",
    "x-cp1252": "cp1252",
    "iso-8859-9": "cp1254",
    "utf8": "utf-8",
}
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_META_CHARSET = re.compile(
    rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([a-zA-Z0-9_:.-]{2,40})""", re.I
)
#: Controls that no text has and that make libxml2 stop: all of C0 but tab and line ends, and DEL.
_CONTROLS = bytes(sorted({*range(0x20), 0x7F} - set(b"\t\n\r")))
_FILES = (b"%PDF-", b"PK\x03\x04", b"\x1f\x8b", b"\x89PNG", b"\xff\xd8\xff", b"GIF8")
#: Elements that hold texts or stand across them.
HOLDERS = frozenset({"div", "section", "article", "main", "body", "td"})
#: Under which name the elements of a tag are kept.
_PLACES = {
    **{tag: tag for tag in ("meta", "link", "script", "title", "base")},
    **dict.fromkeys(("h1", "h2", "h3"), "h"),
    **dict.fromkeys(sorted(HOLDERS), ""),
}
_WHOLE = re.compile(r"https?://\w")
_HTTP = frozenset({"http", "https"})


_PARSER = etree.HTMLParser(
    encoding="utf-8", remove_comments=True, remove_pis=True, collect_ids=False
)
# One class for all elements: lxml.html's own look-up asks Python for each element, which costs more
# than the parsing.
_PARSER.set_element_class_lookup(etree.ElementDefaultClassLookup(element=HtmlElement))


class PageError(ValueError):
    """A page that nothing can be read from; the message names its URL and the mend."""


@dataclass(frozen=True)
class Document:
    """One page: its tree (read only by convention), its address, and the reader's clock."""

    root: HtmlElement
    url: str
    now: datetime
    #: the page as UTF-8, where a name is looked for before the tree is searched for it
    html: bytes
    #: the list already told the day of publication
    dated: bool = False

    @cached_property
    def parts(self) -> Mapping[str, Sequence[HtmlElement]]:
        """The elements in page order by the names of ``_PLACES``: ``HOLDERS`` are under "".

        One walk for all: each costs 0.13 ms on a page of 100 kB, however few elements it finds.
        """
        found: dict[str, list[HtmlElement]] = {place: [] for place in _PLACES.values()}
        places = {tag: found[place].append for tag, place in _PLACES.items()}
        for element in self.root.iter(*_PLACES):
            places[element.tag](element)
        return found

    @property
    def holders(self) -> Sequence[HtmlElement]:
        """The elements that can hold a text, in page order."""
        return self.parts[""]

    @property
    def headings(self) -> Sequence[HtmlElement]:
        """All h1, h2 and h3, in page order."""
        return self.parts["h"]

    @cached_property
    def metas(self) -> dict[str, list[str]]:
        """Contents of ``<meta name|property|http-equiv>`` by lower-case name, in page order."""
        found: dict[str, list[str]] = {}
        for element in self.parts["meta"]:
            name = element.get("property") or element.get("name") or element.get("http-equiv")
            text = element.get("content")
            if name and text and not text.isspace():
                found.setdefault(name.strip().lower(), []).append(text)
        return found

    def meta(self, *names: str) -> str | None:
        """The first content of the first of these meta names that the page has."""
        for name in names:
            for content in self.metas.get(name, ()):
                if text := clean(content):
                    return text
        return None

    @cached_property
    def files(self) -> str:
        """Addresses of the style sheets, scripts and other files the page's ``<link>`` name, and
        of its scripts: site systems are known by their folders."""
        links = [element.get("href") or "" for element in self.parts["link"]]
        links += [element.get("src") or "" for element in self.parts["script"]]
        return "\n".join(links).lower()

    @cached_property
    def title_tag(self) -> str | None:
        """The text of the head's ``<title>`` (an SVG's title is not it)."""
        for element in self.parts["title"]:
            if not any(above.tag == "svg" for above in element.iterancestors()):
                return line(element.text_content())
        return None

    @cached_property
    def generator(self) -> str:
        """All generator metas, lower case; empty when the page names none."""
        return " ".join(self.metas.get("generator", ())).lower()

    @cached_property
    def body_classes(self) -> frozenset[str]:
        """Classes of ``<html>`` and ``<body>``, lower case."""
        body = self.root.find("body")
        named = self.root.get("class", "") + " " + ("" if body is None else body.get("class", ""))
        return frozenset(named.lower().split())

    @cached_property
    def _address(self) -> tuple[str, str, str]:
        parts = urlsplit(self.url) if _is_web(self.url) else urlsplit("")
        return parts.hostname or "", parts.path.lower(), parts.query.lower()

    @cached_property
    def host(self) -> str:
        """Host of the page's address without ``www.``; empty when the address is none."""
        return self._address[0].removeprefix("www.")

    @property
    def path(self) -> str:
        """Path of the page's address, lower case."""
        return self._address[1]

    @property
    def query(self) -> str:
        """Query of the page's address, lower case."""
        return self._address[2]

    @cached_property
    def base(self) -> str:
        """What relative links stand on: ``<base href>`` if it leads anywhere, else the address."""
        for element in self.parts["base"]:
            href = (element.get("href") or "").strip()
            if href:
                return self._joined(self.url, href) or self.url
        return self.url

    @cached_property
    def language(self) -> str | None:
        """Two or three letters of the page's language, from ``<html lang>`` or metadata."""
        named = str(
            self.root.get("lang")
            or self.root.get("{http://www.w3.org/XML/1998/namespace}lang")
            or self.root.get("xml:lang")
            or self.meta("og:locale", "content-language", "dc.language", "language")
            or ""
        )
        match = re.match(r"[a-zA-Z]{2,3}(?![a-zA-Z])", named.strip())
        return match.group(0).lower() if match else None

    def link(self, href: str | None) -> str | None:
        """The absolute canonical address of a link; None for anchors, ``mailto:`` and the like."""
        href = (href or "").strip()
        if not href or href.startswith("#"):
            return None
        if href not in self._links:
            self._links[href] = self._canonical(href)
        return self._links[href]

    def _canonical(self, href: str) -> str | None:
        # joining costs more than all the rest, and most addresses are whole
        joined = href if _WHOLE.match(href) else self._joined(self.base, href)
        try:
            return None if joined is None else canonical_url(joined)
        except UrlError:
            return None

    @cached_property
    def _links(self) -> dict[str, str | None]:
        return {}

    @staticmethod
    def _joined(base: str, href: str) -> str | None:
        try:
            joined = urljoin(base, href)
            return joined if _is_web(joined) else None
        except ValueError:  # e.g. an unclosed IPv6 bracket
            return None


def read_document(
    html: bytes | str,
    url: str,
    *,
    now: datetime,
    charset: str | None = None,
    dated: bool = False,
) -> Document:
    """Decode and parse a page.

    ``charset`` is what the HTTP header says. Raises PageError for a page that is empty,
    not HTML, or larger than ``MAX_BYTES``.
    """
    if len(html) > MAX_BYTES:
        raise PageError(f"{url}: page of {len(html)} bytes, limit {MAX_BYTES}; not read")
    if not isinstance(html, str) and html.lstrip()[:8].startswith(_FILES):
        raise PageError(f"{url}: not HTML but a file; link to its page instead")
    utf8 = _utf8(html, charset).translate(None, _CONTROLS)
    if utf8.isspace() or not utf8:
        raise PageError(f"{url}: empty page; check the address, or whether it needs JavaScript")
    try:
        root = etree.fromstring(utf8, _PARSER)
    except (etree.LxmlError, ValueError) as error:
        raise PageError(f"{url}: no HTML could be read ({error}); check the address") from error
    if root is None:
        raise PageError(f"{url}: no HTML could be read; check the address")
    return Document(root, url, now, utf8, dated)


def _utf8(html: bytes | str, charset: str | None) -> bytes:
    if isinstance(html, str):
        return html.encode("utf-8", "replace")
    if not html.startswith(tuple(bom for bom, _ in _BOMS)):
        try:
            html.decode("utf-8")
        except UnicodeDecodeError:
            pass
        else:
            return html
    return decode(html, charset).encode("utf-8", "replace")


def decode(body: bytes, charset: str | None = None) -> str:
    """The page's text: by BOM, as UTF-8 if it is that, as header or page say, else as cp1252.

    Valid UTF-8 with non-ASCII letters is UTF-8 whatever the header or the page say: a wrong
    declaration is common, an accident of that kind is not.
    """
    for bom, name in _BOMS:
        if body.startswith(bom):
            return body[len(bom) :].decode(name, "replace")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        pass
    text = body.decode("utf-8", "replace")
    high = len(text) - len(text.encode("ascii", "ignore"))
    # A UTF-8 page with a few damaged bytes stays UTF-8; a Latin-1 page is nothing but damage.
    if text.count("\ufffd") * 4 < high:
        return text
    match = _META_CHARSET.search(body[:4096])
    for said in (charset, match.group(1).decode("ascii") if match else None):
        codec = _codec(said)
        if codec and codec != "utf-8":
            return body.decode(codec, "replace")
    return body.decode("cp1252", "replace")


def _codec(name: str | None) -> str | None:
    if not name:
        return None
    name = _WHATWG.get(name.strip().lower(), name.strip())
    try:
        found = codecs.lookup(name)
    except LookupError:
        return None
    # Codecs such as "hex" or "zip" are known to Python and are no text encodings.
    return found.name if getattr(found, "_is_text_encoding", True) else None


def line(text: str | None) -> str | None:
    """One clean line of at most MAX_LINE characters; None if nothing is left."""
    cleaned = clean(text[: MAX_LINE * 20]) if text else None
    if cleaned is None or len(cleaned) <= MAX_LINE:
        return cleaned
    return cleaned[:MAX_LINE].rsplit(" ", 1)[0]


def elements(path: etree.XPath, part: HtmlElement) -> list[HtmlElement]:
    """The elements that a path finds from ``part``."""
    return cast(list[HtmlElement], path(part))


def _is_web(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme.lower() in _HTTP and bool(parts.hostname)
    except ValueError:
        return False
