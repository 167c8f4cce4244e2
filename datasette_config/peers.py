"""Who really asks, where a reverse proxy stands before us: only its own word about that counts."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from datasette_config.guard import Application, Message, Receive, Send

#: Where a proxy is believed unless the configuration says otherwise: on this machine.
LOOPBACK: Final = ("127.0.0.1", "::1")
#: Key of the ASGI scope with the address that opened the connection.
PEER: Final = "kommunalradar.peer"


def behind_proxies(app: Application, proxies: Collection[str]) -> Application:
    """The application, told by ``X-Forwarded-Proto`` and ``-For`` of these peers who asks and how.

    Of several addresses the last that is no proxy counts: what stands before it anyone can write.
    The peer itself stays known under :data:`PEER`.
    """

    async def wrapped(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            peer, port = scope.get("client") or ("", 0)
            scope = {**scope, PEER: peer}
            if peer in proxies:
                headers = {
                    name.lower(): value.decode("latin-1") for name, value in scope["headers"]
                }
                chain = [part.strip() for part in headers.get(b"x-forwarded-for", "").split(",")]
                asking = [part for part in chain if part and part not in proxies]
                if asking:
                    scope["client"] = (asking[-1], port)
                if headers.get(b"x-forwarded-proto", "") in ("http", "https"):
                    scope["scheme"] = headers[b"x-forwarded-proto"]
        await app(scope, receive, send)

    return wrapped
