"""Keeps the crawler on the public internet: no loopback, private or metadata address.

A feed may name, or redirect to, an address inside the newsroom's own network (server-side
request forgery). Literal addresses are refused before the request, names after resolution,
so a name that resolves to 10.0.0.1 is refused too; redirects pass the same two doors.
With ``CONNECT_TO`` set no name is resolved: all traffic goes to that one address.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from scrapy.exceptions import IgnoreRequest
from scrapy.http import Request
from scrapy.resolver import CachingThreadedResolver
from twisted.internet.defer import Deferred
from twisted.internet.error import DNSLookupError

from crawler.addresses import is_public


class PrivateAddressError(IgnoreRequest):
    """A request to an address that is not public."""


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
