"""Addresses: one spelling for each, so that an item is known again.

Only differences that can never matter are levelled here (RFC 3986, section 6.2, and tracking
parameters). Scheme, ``www.`` and the trailing slash are kept: on some hosts they do matter, so
`crawler.identity` settles them host by host.
"""

from __future__ import annotations

import re
from urllib.parse import SplitResult, quote, urljoin, urlsplit, urlunsplit

import idna

from store.errors import RadarError

#: Twice what browsers and the sitemap protocol (2,048) take; longer is data, not an address.
MAX_URL = 4096

_DEFAULT_PORTS = {"http": 80, "https": 443}

#: Parameters that name the reader's way to a page and never the page: the campaign parameters of
#: Google, Meta, Microsoft, Matomo/Piwik, Mailchimp, HubSpot, Webtrekk, AT Internet and etracker.
_TRACKING = re.compile(
    r"^(?:utm_\w+|(?:fb|g|d|y|msc|tw)clid|gbraid|wbraid|mc_[ce]id|(?:pk|piwik|mtm|matomo)_\w+|_hs\w+"
    r"|hsctatracking|wt[._-]\w+|wtmc|xtor|at_(?:campaign|medium|custom\d*)|etcc_\w+|igshid|ref_src"
    r"|jsessionid|phpsessid)$",
    re.IGNORECASE,
)
_SESSION_PATH = re.compile(r";(?:jsessionid|phpsessid)=[^/;?]*", re.IGNORECASE)
_SCHEME = re.compile(r"^[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_ESCAPE = re.compile(r"%([0-9a-f]{2})", re.IGNORECASE)
#: What most addresses look like, and has but one spelling: name, plain path, nothing else.
_PLAIN = re.compile(
    r"https?://(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,8}[a-z]{2,24}"
    r"(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+/?"
)
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_HOST = re.compile(r"^(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?\.)*[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?$")
_IPV6 = re.compile(r"^[0-9a-f:.]+$")

#: The same publisher's same pages for another device.
_TWIN_HOST = re.compile(r"^(?:www|m|mobil|mobile|amp)\.")


class UrlError(RadarError):
    """An address that cannot be fetched: the message says why."""


def canonical_url(url: str, base: str | None = None) -> str:
    """Return the one spelling of an http(s) address, made absolute against ``base``.

    Fragment, user name, default port, session id and tracking parameters are dropped; the host is
    lower case and ASCII (IDNA 2008); white space and non-ASCII letters are percent-encoded,
    needless escapes undone. Raises ``UrlError`` unless the result is http or https with a host.
    """
    if len(url) < 500 and _PLAIN.fullmatch(url):
        return url
    # a browser drops these too (WHATWG URL standard, basic URL parser)
    text = re.sub(r"[\t\n\r\x00]", "", url).strip().strip("\x0b\x0c\xa0\u200b\ufeff ")
    if not text:
        raise UrlError("the address is empty")
    if len(text) > MAX_URL:
        raise UrlError(f"the address has {len(text):,} characters, more than {MAX_URL:,}")
    if "&amp;" in text:
        text = text.replace("&amp;", "&")
    if base is not None:
        # a server that is told nothing but "?page=2" or "/x" means its own page
        text = _joined(base, text)
    parts = _split(text)
    scheme = parts.scheme.lower()
    if scheme not in _DEFAULT_PORTS:
        kind = (
            f"the scheme {scheme}:"
            if _SCHEME.match(text)
            else "no scheme and no page to start from"
        )
        raise UrlError(f"{_short(url)} has {kind}; only http and https can be fetched")
    try:
        port = parts.port
    except ValueError:
        raise UrlError(f"{_short(url)} has an impossible port") from None
    host = _host(parts, url)
    if port is not None and port != _DEFAULT_PORTS[scheme]:
        host = f"{host}:{port}"
    path = _without_dots(parts.path.replace("\\", "/"))
    path = _escaped(_SESSION_PATH.sub("", path), safe="/:@!$&'()*+,;=")
    query = "&".join(
        piece
        for piece in parts.query.split("&")
        if piece and not _TRACKING.match(piece.partition("=")[0])
    )
    return urlunsplit((scheme, host, path or "/", _escaped(query, safe="/?:@!$&'()*+,;=[]"), ""))


def same_site(first: str, second: str) -> bool:
    """Return whether two addresses belong to one host, ``www.`` and device prefixes aside."""
    hosts = [_TWIN_HOST.sub("", (_split(url).hostname or "").lower()) for url in (first, second)]
    return bool(hosts[0]) and hosts[0] == hosts[1]


def is_home(url: str) -> bool:
    """Return whether an address is a site's front page, which is never an item."""
    parts = _split(url)
    return parts.path in ("", "/") and not parts.query


def _joined(base: str, url: str) -> str:
    try:
        return urljoin(base, url)
    except ValueError as error:
        raise UrlError(f"{_short(url)} is no address: {error}") from None


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError as error:
        raise UrlError(f"{_short(url)} is no address: {error}") from None


def _without_dots(path: str) -> str:
    """Return a path without ``.`` and ``..`` segments (RFC 3986, section 5.2.4)."""
    kept: list[str] = []
    segments = path.split("/")[1:]
    for number, segment in enumerate(segments, start=1):
        if segment not in (".", ".."):
            kept.append(segment)
            continue
        if segment == ".." and kept:
            kept.pop()
        if number == len(segments):
            kept.append("")
    return "/" + "/".join(kept)


def _host(parts: SplitResult, url: str) -> str:
    host = (parts.hostname or "").rstrip(".").lower()
    if ":" in host:
        if not _IPV6.match(host):
            raise UrlError(f"{_short(url)} has an impossible host")
        return f"[{host}]"
    if not host.isascii():
        try:
            host = idna.encode(host, uts46=True).decode("ascii")
        except idna.IDNAError:
            raise UrlError(f"{_short(url)} has an impossible host") from None
    if not _HOST.match(host):
        raise UrlError(f"{_short(url)} has {'an impossible' if host else 'no'} host")
    return host


def _escaped(text: str, *, safe: str) -> str:
    def settled(match: re.Match[str]) -> str:
        letter = chr(int(match[1], 16))
        return letter if letter in _UNRESERVED else match[0].upper()

    # a "%" that starts no escape is itself escaped; those that do are kept
    pieces = re.split(r"(%[0-9A-Fa-f]{2})", text)
    return "".join(
        _ESCAPE.sub(settled, piece) if index % 2 else quote(piece, safe=safe)
        for index, piece in enumerate(pieces)
    )


def _short(url: str) -> str:
    text = " ".join(url.split())
    return repr(text if len(text) <= 100 else text[:99] + "…")
