"""Tells our own outage from theirs: whether hosts that answered lately can still be reached."""

from __future__ import annotations

import socket
from collections.abc import Iterable
from datetime import UTC, datetime
from urllib.parse import urlsplit

from store.types import SourceStatus

#: Hosts that are tried, and seconds for each: one that answers is proof enough.
TRIED = 3
TIMEOUT_S = 5.0
_NEVER = datetime.min.replace(tzinfo=UTC)


def line_is_down(sources: Iterable[SourceStatus]) -> bool:
    """Whether none of the hosts that answered most lately takes a connection.

    A name may still resolve from a cache while nothing gets through, hence the connection.
    """
    newest_first = sorted(sources, key=lambda s: s.last_success or _NEVER, reverse=True)
    doors: dict[tuple[str, int], None] = {}
    for status in newest_first:
        parts = urlsplit(status.source.url)
        if parts.hostname:
            doors[parts.hostname, parts.port or (80 if parts.scheme == "http" else 443)] = None
    return not any(_opens(door) for door in list(doors)[:TRIED])


def _opens(door: tuple[str, int]) -> bool:
    try:
        socket.create_connection(door, timeout=TIMEOUT_S).close()
    except OSError:
        return False
    return True
