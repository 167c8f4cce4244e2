"""How often one address may ask what is dear to answer: SQL, tables, their JSON and CSV."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address
from math import ceil
from typing import Final

from datasette_config.api.problems import problem
from datasette_config.guard import Application, Message, Receive, Send
from datasette_config.web import Page

#: Questions at once, and how many a second grow back: one analyst clicking or paging never meets
#: this, a program that reads the archive page by page gets 3,600 an hour.
BURST: Final = 60.0
A_SECOND: Final = 1.0
#: What a whole table as CSV costs.
STREAM: Final = 15.0
#: Addresses remembered; those that asked longest ago are forgotten, which only favours them.
MOST_ADDRESSES: Final = 20_000


class Buckets:
    """A token bucket for each address."""

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.monotonic,
        burst: float = BURST,
        a_second: float = A_SECOND,
        most: int = MOST_ADDRESSES,
    ) -> None:
        self._clock = clock
        self._burst = burst
        self._a_second = a_second
        self._most = most
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, address: str, cost: float) -> int:
        """0 if the address may ask; else the whole seconds until it may, and nothing is taken."""
        now = self._clock()
        who = group(address)
        left, at = self._left.pop(who, (self._burst, now))
        left = min(self._burst, left + (now - at) * self._a_second)
        wait = 0 if left >= cost else max(1, ceil((cost - left) / self._a_second))
        self._left[who] = (left if wait else left - cost, now)
        if len(self._left) > self._most:
            self._left.popitem(last=False)
        return wait


def group(address: str) -> str:
    """Whom an address stands for: of IPv6 a whole /64, which is one line (RFC 6177)."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped:
            return str(found.ipv4_mapped)
        return str(IPv6Address(int(found) >> 64 << 64))
    return str(found)


def is_own(address: str) -> bool:
    """Whether the request comes from this machine itself: the operator, a check, a test."""
    try:
        found = ip_address(address)
    except ValueError:
        return False
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return (mapped or found).is_loopback


def cost_of(path: str, query: bytes, data_path: str) -> float:
    """What a request takes out of the bucket; 0 for the pages of the archive, which are cheap."""
    inside = path == data_path or path.startswith((f"{data_path}/", f"{data_path}."))
    if not inside and not path.startswith("/api/"):
        return 0.0
    return STREAM if b"_stream=" in query else 1.0


def limited(app: Application, buckets: Buckets, data_path: str) -> Application:
    """The application, answering 429 with ``Retry-After`` where an address asks too much.

    Stands behind ``peers.behind_proxies``, so that the address is the reader's, not the proxy's.
    """

    async def wrapped(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            cost = cost_of(scope["path"], scope.get("query_string", b""), data_path)
            address = str((scope.get("client") or ("", 0))[0])
            if cost and not is_own(address):
                wait = buckets.take(address, cost)
                if wait:
                    await _refuse(send, wait, scope["path"])
                    return
        await app(scope, receive, send)

    return wrapped


async def _refuse(send: Send, wait: int, path: str) -> None:
    text = (
        f"Zu viele Abfragen von dieser Adresse; bitte in {wait} Sekunden noch einmal. "
        "Für große Mengen gibt es die Daten als Dateien (/daten)."
    )
    page = Page(text.encode(), 429, "text/plain; charset=utf-8")
    if path.startswith("/api/"):
        page = problem(429, text)
    headers = [
        (b"content-type", page.content_type.encode()),
        (b"content-length", str(len(page.body)).encode()),
        (b"retry-after", str(wait).encode()),
        (b"cache-control", b"no-store"),
    ]
    await send({"type": "http.response.start", "status": 429, "headers": headers})
    await send({"type": "http.response.body", "body": page.body})
