"""Keeps the crawler on the public internet: no loopback, private or metadata address.

A feed may name, or redirect to, an address inside the newsroom's own network (server-side
request forgery). Literal addresses are refused before the request, names after resolution,
so a name that resolves to 10.0.0.1 is refused too; redirects pass the same two doors.
With ``CONNECT_TO`` set no name is resolved: all traffic goes to that one address.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address, IPv6Network
from urllib.parse import urlsplit

from scrapy.exceptions import IgnoreRequest
from scrapy.http import Request
from scrapy.resolver import CachingThreadedResolver
from twisted.internet.defer import Deferred
from twisted.internet.error import DNSLookupError


class PrivateAddressError(IgnoreRequest):
    """A request to an address that is not public."""


#: IPv6 networks whose addresses end in an IPv4 address that somebody on the way will connect to:
#: NAT64 (RFC 6052), IPv4-compatible addresses and IPv4-mapped ones (RFC 4291, 2.5.5).
_ENDS_IN_IPV4 = tuple(map(IPv6Network, ("64:ff9b::/96", "::/96", "::ffff:0:0/96")))
#: Local by definition, though Python's tables call them global: NAT64 of one network (RFC 8215),
#: and site-local addresses (RFC 3879).
_LOCAL = tuple(map(IPv6Network, ("64:ff9b:1::/48", "fec0::/10")))


def is_public(address: str) -> bool:
    """Whether an IP address may be crawled; False for anything not globally routable.

    An IPv6 address that stands for an IPv4 address is as public as that one. Multicast reaches
    one's own network first. Raises ValueError for what is no address.
    """
    given = ipaddress.ip_address(address)
    if not given.is_global or given.is_multicast:
        return False
    if isinstance(given, IPv4Address):
        return True
    return not any(given in network for network in _LOCAL) and all(
        is_public(str(inner)) for inner in _inside(given)
    )


def _inside(given: IPv6Address) -> Iterator[IPv4Address]:
    """The IPv4 addresses that an IPv6 address leads to, or through."""
    if any(given in network for network in _ENDS_IN_IPV4):
        yield IPv4Address(int(given) & 0xFFFFFFFF)
    if given.sixtofour is not None:  # RFC 3056
        yield given.sixtofour
    yield from given.teredo or ()  # server and client (RFC 4380)


class PrivateAddressMiddleware:
    """Refuses URLs that are not http(s) or whose host is a literal private address."""

    def process_request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("http", "https"):
            raise PrivateAddressError(f"{request.url}: only http and https are crawled")
        host = parts.hostname or ""
        try:
            public = is_public(host)
        except ValueError:
            return  # a name: the resolver decides
        if not public:
            raise PrivateAddressError(f"{request.url}: {host} is not a public address")


class PublicOnlyResolver(CachingThreadedResolver):
    """Scrapy's caching resolver, answering names only with public addresses.

    Literal addresses pass: the middleware has judged them, or ``CONNECT_TO`` names them.
    """

    def getHostByName(self, name: str, timeout: object = ()) -> Deferred[str]:
        return super().getHostByName(name).addCallback(_checked, name)


def _checked(address: str, name: str) -> str:
    if name != address and not is_public(address):
        raise DNSLookupError(f"{name} resolves to {address}, which is not a public address")
    return address
