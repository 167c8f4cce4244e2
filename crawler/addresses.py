"""Tells which IP addresses are of the public internet, whatever they are wrapped in; pure."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address, IPv6Network

#: IPv6 networks whose addresses end in an IPv4 address that somebody on the way will connect to:
#: NAT64 (RFC 6052), IPv4-compatible and IPv4-mapped ones (RFC 4291, 2.5.5), and IPv4-translated
#: ones (RFC 2765, 2.1).
_ENDS_IN_IPV4 = tuple(
    map(IPv6Network, ("64:ff9b::/96", "::/96", "::ffff:0:0/96", "::ffff:0:0:0/96"))
)
#: Local by definition, though Python's tables call them global: NAT64 of one network (RFC 8215),
#: and site-local addresses (RFC 3879).
_LOCAL = tuple(map(IPv6Network, ("64:ff9b:1::/48", "fec0::/10")))


def is_public(address: str) -> bool:
    """Whether an IP address may be asked or called; False for anything not globally routable.

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
